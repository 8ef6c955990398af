// rooms: drivers-scanner drivers-transport
// Keyboard scanners: the real evdev and uinput code against nodes that the test plays (KeyBed). The
// suite on a real kernel is tests/vm.
#include <doctest/doctest.h>

#include "tests/integration/scanner/Ear.h"
#include "tests/integration/scanner/KeyBed.h"
#include "tests/integration/usb_printer/UsbBed.h"

using namespace souffleur;
using scanner::Scanner;
using scanner::State;
using test::keysOf;
using test::pressesOf;

namespace {

std::unique_ptr<Scanner> started(const std::string& address, test::Ear& ear) {
    return std::move(
        Scanner::start(
            address, [](std::string_view text) { return text.starts_with("OURS"); }, ear)
            .value());
}

std::string words(const std::string& address, const std::string& part) {
    test::Ear ear;
    const auto scanner = started(address, ear);
    return ear.told(State::absent, part);
}

} // namespace

TEST_CASE(
    "the scanner is taken, ours are heard, all else is typed on; at the end it is given back") {
    test::KeyBed bed;
    bed.plug(2, {3, 0x046d, 0xc31c, "", true, false}); // the cashier's own keyboard
    bed.plug(3, {});
    bed.plug(4, {3, 0x05e0, 0x1200, "", false, false}); // the scanner's buttons
    test::Ear ear;
    auto scanner = started("keyboard://05e0:1200", ear);
    REQUIRE(bed.waitGrabbed(3));
    CHECK(bed.typesOn());
    CHECK(ear.told(State::listening) == "keyboard 05e0:1200: codes are heard");
    CHECK_FALSE(bed.grabbed(2));
    CHECK_FALSE(bed.grabbed(4));

    bed.press(3, keysOf("OURS-4711\nTicket_0815\nOURS-12\n"));
    const auto codes = ear.codes(2);
    REQUIRE(codes.size() == 2);
    CHECK(codes[0].text == "OURS-4711");
    CHECK(codes[1].text == "OURS-12");
    const auto expected = pressesOf(keysOf("Ticket_0815\n"));
    CHECK(bed.typed(expected.size()) == expected);
    bed.press(3, keysOf("99")); // no Enter
    CHECK(bed.typed(4) == pressesOf(keysOf("99")));
    scanner.reset();
    CHECK_FALSE(bed.grabbed(3));
    CHECK_FALSE(bed.typesOn());
}

TEST_CASE("unplugged and plugged in again elsewhere") {
    test::KeyBed bed;
    bed.plug(3, {});
    test::Ear ear;
    const auto scanner = started("keyboard://05e0:1200", ear);
    REQUIRE(bed.waitGrabbed(3));
    bed.press(3, test::Keys{{1, test::kShiftKey, 1}, {0, 0, 0}});
    CHECK(bed.typed(1) == test::Keys{{1, test::kShiftKey, 1}}); // silence passed it
    bed.unplug(3);
    const std::string gone =
        ear.told(State::absent, "is it plugged in"); // left, or not found since
    CHECK(gone.find("is it plugged in") != std::string::npos);
    CHECK(bed.typed(1) == test::Keys{{1, test::kShiftKey, 0}}); // and it does not stay down
    CHECK(bed.typesOn());
    bed.plug(7, {});
    REQUIRE(bed.waitGrabbed(7));
    bed.press(7, keysOf("OURS-1\n"));
    CHECK(ear.codes(1).size() == 1);
}

TEST_CASE("events from before it was taken are not typed twice") {
    test::KeyBed bed;
    bed.plug(3, {});
    bed.setDown(3, true);
    test::Ear ear;
    const auto scanner = started("keyboard://05e0:1200", ear);
    bed.press(3, keysOf("OLD\n"), 60'000);
    bed.setDown(3, false);
    REQUIRE(bed.waitGrabbed(3));
    bed.press(3, keysOf("n\n"));
    const auto expected = pressesOf(keysOf("n\n"));
    CHECK(bed.typed(expected.size()) == expected);
}

TEST_CASE("twins, serial numbers and paths") {
    test::KeyBed bed;
    bed.plug(3, {3, 0x05e0, 0x1200, "A1", true, false});
    bed.plug(4, {3, 0x05e0, 0x1200, "B2", true, false});
    bed.plug(5, {6, 0x05e0, 0x1200, "C3", true, false}); // made by a program
    CHECK(words("keyboard://05e0:1200", "several fit").find("/dev/input/by-path") !=
          std::string::npos);
    test::Ear ear;
    const auto one = started("keyboard://05e0:1200?serial=B2", ear);
    CHECK(bed.waitGrabbed(4));
    const auto other = started("keyboard:///dev/input/event3?layout=de", ear);
    CHECK(bed.waitGrabbed(3));
    CHECK_FALSE(bed.grabbed(5));
    bed.press(3, keysOf("OURSy\n"));
    const auto codes = ear.codes(1);
    REQUIRE(codes.size() == 1);
    CHECK(codes[0].text == "OURSz");
}

TEST_CASE("what stands in the way is told, and nothing is taken") {
    {
        test::KeyBed bed(false);
        bed.plug(3, {});
        CHECK(words("keyboard://05e0:1200", "uinput").find("load the module uinput") !=
              std::string::npos);
        CHECK_FALSE(bed.grabbed(3));
    }
    test::KeyBed bed;
    CHECK(words("keyboard://05e0:1200", "not found").find("in keyboard mode?") !=
          std::string::npos);
    bed.plug(3, {3, 0x05e0, 0x1200, "", true, true});
    CHECK(words("keyboard://05e0:1200", "another program") ==
          "keyboard 05e0:1200: another program has taken it; stop that program");
    bed.plug(4, {3, 0x05e0, 0x0001, "", false, false});
    CHECK(words("keyboard:///dev/input/event4", "no keyboard") ==
          "keyboard /dev/input/event4: is no keyboard");
    CHECK(words("keyboard:///dev/input/event9", "not found") ==
          "keyboard /dev/input/event9: not found; is it plugged in?");
    bed.setMode(3, 0);
    const test::OrdinaryUser user; // threads made from here on are, too
    const std::string denied = words("keyboard://05e0:1200", "not permitted");
    CHECK(denied.find("/dev/input/event3") != std::string::npos);
    CHECK(denied.find("71-souffleur-scanners.rules") != std::string::npos);
}
