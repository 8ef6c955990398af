// HID-POS scanners: the real libusb against a kernel that the test plays (UsbBed); tests/vm runs
// the same on a real one.
#include <doctest/doctest.h>
#include <thread>

#include "tests/integration/scanner/PlayedScanner.h"
#include "tests/support/Eventually.h"

using namespace souffleur;
using scanner::State;
using test::hidScanner;
using test::PlayedPrinter;
using test::scanReport;
using test::started;

namespace {} // namespace

TEST_CASE("codes of a HID-POS scanner, with symbology, in as many reports as they take") {
    test::UsbBed bed;
    test::Ear ear;
    const auto device = hidScanner();
    (void) bed.plug(device, 2);
    CHECK(bed.driverOf(device) == "usbhid");
    auto scanner = started("hid://0c2e:0b61", ear);
    CHECK(ear.told(State::listening) == "hid 0c2e:0b61: codes are heard");
    CHECK(bed.driverOf(device) == "usbfs");
    device->say(scanReport("]E0", "4006381333931"));
    device->say(scanReport("]Q1", std::string(56, 'a'), true));
    device->say(scanReport("]Q1", std::string(56, 'b'), true));
    device->say(scanReport("]Q1", "c"));
    device->say(scanReport("]Q1", "")); // the trigger was let go
    device->say(scanReport("]C0", "LAST"));
    const auto codes = ear.codes(3);
    REQUIRE(codes.size() == 3);
    CHECK(codes[0].text == "4006381333931");
    CHECK(codes[0].symbology == "]E0");
    CHECK(codes[0].source == scanner::Source::hidPos);
    CHECK(codes[1].text == std::string(56, 'a') + std::string(56, 'b') + "c");
    CHECK(codes[1].symbology == "]Q1");
    CHECK(codes[2].text == "LAST");
    scanner.reset();
    CHECK(test::eventually([&] { return bed.driverOf(device) == "usbhid"; })); // it has it back
}

TEST_CASE("a code that never ends is none, and what follows is heard") {
    test::UsbBed bed;
    test::Ear ear;
    const auto device = hidScanner();
    (void) bed.plug(device, 2);
    const auto scanner = started("hid://0c2e:0b61", ear);
    (void) ear.told(State::listening);
    for (int i = 0; i < 40; ++i) device->say(scanReport("]Q1", std::string(56, 'x'), true));
    device->say(scanReport("]Q1", "end")); // 2,243 bytes: too long
    device->say(scanReport("]Q1", "next"));
    const auto codes = ear.codes(1);
    REQUIRE(codes.size() == 1);
    CHECK(codes[0].text == "next");
    CHECK(scanner->stats().broken == 1);
}

TEST_CASE("unplugged and plugged in again at another port; a twin is told by its serial number") {
    test::UsbBed bed;
    test::Ear ear;
    const auto device = hidScanner("S1");
    (void) bed.plug(device, 2);
    (void) bed.plug(hidScanner("S2"), 3);
    {
        test::Ear deaf;
        const auto either = started("hid://0c2e:0b61", deaf);
        CHECK(deaf.told(State::absent).find("several fit; add ?serial=") != std::string::npos);
    }
    const auto scanner = started("hid://0c2e:0b61?serial=S1", ear);
    (void) ear.told(State::listening);
    device->say(scanReport("]C0", "one"));
    CHECK(ear.codes(1).size() == 1);
    bed.unplug(device);
    CHECK(ear.told(State::absent).find("serial S1") != std::string::npos);
    (void) bed.plug(device, 4);
    (void) ear.told(State::listening);
    device->say(scanReport("]C0", "two"));
    const auto codes = ear.codes(2);
    REQUIRE(codes.size() == 2);
    CHECK(codes[1].text == "two");
}

TEST_CASE("a halted endpoint is cleared") {
    test::UsbBed bed;
    test::Ear ear;
    const auto device = hidScanner();
    (void) bed.plug(device, 2);
    const auto scanner = started("hid://0c2e:0b61", ear);
    (void) ear.told(State::listening);
    device->with([](PlayedPrinter& self) { self.inHalted = true; });
    device->say(scanReport("]C0", "after"));
    CHECK(ear.codes(1).size() == 1);
}

TEST_CASE("what is there, and is no HID-POS scanner, is told with what to do") {
    test::UsbBed bed;
    const auto keyboard = test::bootKeyboard();
    (void) bed.plug(keyboard, 2);
    const auto other = hidScanner();
    other->product = 0x0001;
    other->reportDescriptor = test::kKeyboardDescriptor;
    (void) bed.plug(other, 3);
    const auto held = hidScanner();
    held->product = 0x0002;
    (void) bed.plug(held, 4);
    bed.claimElsewhere(held, true);
    const auto words = [](const std::string& address, const std::string& part) {
        test::Ear ear;
        const auto scanner = started(address, ear);
        return ear.told(State::absent, part);
    };
    CHECK(words("hid://05e0:1200", "in keyboard mode").find("use keyboard://") !=
          std::string::npos);
    CHECK(words("hid://0c2e:0001", "no scanner") ==
          "hid 0c2e:0001: it is no scanner in HID-POS mode");
    CHECK(words("hid://0c2e:0002", "another program") ==
          "hid 0c2e:0002: another program holds it; stop that program");
    CHECK(words("hid://0c2e:0003", "not found") == "hid 0c2e:0003: not found; is it plugged in?");
    CHECK(test::eventually(
        [&] { return bed.driverOf(other) == "usbhid"; })); // it has the keyboard back
    CHECK(bed.driverOf(keyboard) == "usbhid");
}

TEST_CASE("permissions: the message names the node and the rule") {
    test::UsbBed bed;
    const auto device = hidScanner();
    const auto place = bed.plug(device, 2);
    bed.setMode(device, 0);
    const test::OrdinaryUser user; // threads made from here on are, too
    test::Ear ear;
    const auto scanner = started("hid://0c2e:0b61", ear);
    const std::string words = ear.told(State::absent, "not permitted");
    CHECK(words.find(place.node) != std::string::npos);
    CHECK(words.find("71-souffleur-scanners.rules") != std::string::npos);
}
