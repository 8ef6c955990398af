// The udev rules of firmware-config/udev, as a real udevd applies them to real device nodes.
#include <grp.h>
#include <sys/stat.h>

#include "tests/integration/usb_printer/UsbTill.h"
#include "tests/support/Property.h"
#include "tests/support/ScannerReports.h"

using namespace souffleur;
using test::PlayedPrinter;

namespace {

/// "lp 660": who may open it.
std::string accessOf(const std::string& node) {
    struct stat its {};
    if (::stat(node.c_str(), &its) != 0) return "no such node";
    const group* const owner = ::getgrgid(its.st_gid);
    std::array<char, 8> mode{};
    (void) std::snprintf(mode.data(), mode.size(), " %o", its.st_mode & 0777U);
    return (owner != nullptr ? owner->gr_name : "?") + std::string(mode.data());
}

} // namespace

TEST_CASE("printers of both classes are for the group lp, other devices are not") {
    test::UsbBed bed;
    const auto printerClass = std::make_shared<PlayedPrinter>();
    printerClass->vendor = 0x20d1; // of no maker that a rule names
    const auto vendorClass = std::make_shared<PlayedPrinter>();
    vendorClass->interfaceClass = 0xFF;
    const auto other = std::make_shared<PlayedPrinter>();
    other->vendor = 0x20d1;
    other->interfaceClass = 0xFF;
    CHECK(accessOf(bed.plug(printerClass, 1).node) == "lp 660");
    CHECK(accessOf(bed.plug(vendorClass, 2).node) == "lp 660");
    CHECK(accessOf(bed.plug(other, 3).node) == "root 664");
}

TEST_CASE("scanners in HID-POS mode are for the group input, HID devices of others are not") {
    test::UsbBed bed;
    const auto scanner = std::make_shared<PlayedPrinter>();
    scanner->vendor = 0x0c2e;
    scanner->reportDescriptor = test::kScannerDescriptor;
    const auto other = std::make_shared<PlayedPrinter>();
    other->vendor = 0x20d1; // of no maker that a rule names
    other->interfaceClass = 3;
    other->reportDescriptor = test::kKeyboardDescriptor;
    CHECK(accessOf(bed.plug(scanner, 1).node) == "input 660");
    CHECK(accessOf(bed.plug(other, 2).node) == "root 664");
}

TEST_CASE("the keyboard that types on is for the group input") {
    CHECK(accessOf("/dev/uinput") == "input 660");
}
