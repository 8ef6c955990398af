// rooms: drivers-scanner drivers-transport
// What only a kernel that the test plays can tell: how often the driver took, gave back, cleared.
#include <doctest/doctest.h>

#include "tests/integration/scanner/PlayedScanner.h"

using namespace souffleur;
using scanner::State;
using test::PlayedPrinter;
using test::scanReport;

TEST_CASE("taken once, given back once, and never reset") {
    test::UsbBed bed;
    test::Ear ear;
    const auto device = test::hidScanner();
    (void) bed.plug(device, 2);
    auto scanner = test::started("hid://0c2e:0b61", ear);
    (void) ear.told(State::listening);
    CHECK(device->seen().detached == 1);
    device->say(scanReport("]C0", "one"));
    CHECK(ear.codes(1).size() == 1);
    scanner.reset();
    CHECK(device->seen().attached == 1);
    CHECK(device->seen().resets == 0);
}

TEST_CASE("a halt is cleared, and nothing else is done about it") {
    test::UsbBed bed;
    test::Ear ear;
    const auto device = test::hidScanner();
    (void) bed.plug(device, 2);
    const auto scanner = test::started("hid://0c2e:0b61", ear);
    (void) ear.told(State::listening);
    device->with([](PlayedPrinter& self) { self.inHalted = true; });
    CHECK(device->waitUntil([](PlayedPrinter& self) { return self.seenNow().haltsCleared > 0; }));
    CHECK(device->seen().resets == 0);
    CHECK(device->seen().attached == 0);
}

TEST_CASE("a keyboard is not even asked for") {
    test::UsbBed bed;
    const auto keyboard = test::bootKeyboard();
    (void) bed.plug(keyboard, 2);
    test::Ear ear;
    const auto scanner = test::started("hid://05e0:1200", ear);
    (void) ear.told(State::absent, "in keyboard mode");
    CHECK(keyboard->seen().claims == 0);
    CHECK(keyboard->seen().detached == 0);
}
