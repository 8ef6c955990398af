// What only a played kernel shows: how often the host did what, and moments that a real bus does
// not stop at.
#include "tests/integration/usb_printer/UsbTill.h"
#include "tests/support/Property.h"

using namespace souffleur;
using test::bytes;
using test::Bytes;
using test::kLong;
using test::kShort;
using test::PlayedPrinter;
using transport::Fault;
using Till = test::UsbTill;

TEST_CASE("claimed once, released once, and never reset: it would lose what it has not printed") {
    Till till;
    till.open();
    CHECK(till.printer->seen().detached == 1);
    CHECK(till.printer->seen().attached == 0);
    till.line->close();
    CHECK(till.printer->seen().releases == 1);
    CHECK(till.printer->seen().attached == 1);
    REQUIRE(till.line->open(kLong).has_value());
    till.line->close();
    CHECK(till.printer->seen().detached == 2);
    CHECK(till.printer->seen().attached == 2);
    CHECK(till.printer->seen().resets == 0);
}

TEST_CASE("each halt is cleared once") {
    Till till;
    till.printer->outHalted = true;
    till.printer->inHalted = true;
    till.printer->haltAfter = 40 * PlayedPrinter::kPacket;
    till.open();
    CHECK_FALSE(till.line->write(bytes(100), kLong).error.has_value());
    till.printer->say(Bytes{0x16});
    CHECK(till.readAll(1) == Bytes{0x16});
    CHECK(till.printer->seen().haltsCleared == 2);
    CHECK(till.line->write(bytes(50'000), kLong).error->fault == Fault::stalled);
    CHECK(till.printer->seen().haltsCleared == 3);
}

TEST_CASE("unplugged under the first packet: it may have arrived, so it counts") {
    Till till;
    till.printer->unplugAfter = 0;
    till.open();
    const auto written = till.line->write(bytes(100), kLong);
    REQUIRE(written.error);
    CHECK(written.error->fault == Fault::gone);
    CHECK(written.count == 1);
}

TEST_CASE("a printer that answers no question about itself is used all the same") {
    Till till;
    till.printer->mute = true;
    till.open();
    CHECK(till.line->printer().serial.empty());
    CHECK(till.line->write(bytes(100), kLong).count == 100);
    CHECK(till.line->portStatus(kShort).error().fault == Fault::timedOut);
}
