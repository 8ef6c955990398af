// What a till has told the printer about automatic status outlasts our slips.
#include "drivers/emulator/Server.h"
#include "drivers/printer/Printer.h"
#include "tests/integration/tap/TapRig.h"
#include "tests/support/Property.h"

using namespace souffleur;
using namespace souffleur::test;

TEST_CASE("a till that listens for automatic status hears it after our slip as before it") {
    for (const bool slips : {false, true}) {
        CAPTURE(slips);
        escpos::Profile profile;
        profile.processId = true;
        profile.status = true;
        emulator::VirtualPrinter device{profile};
        emulator::PrinterServer server(device, 0);
        Heard heard;
        const auto tap = host::Tap::start(tapSettings(), lineTo(server.port()), heard).value();
        Told told;
        printer::Printer ours(profile, tap->slipLine(), standingClock, told, patient());
        REQUIRE(eventually([&] { return ours.state() == printer::kReady; }));
        auto till = connect(tap->port());
        send(till, std::string("\x1D") + "a\x0F");
        REQUIRE(receive(till, 4).size() == 4); // the state now
        send(till, receipt("4711081"));
        REQUIRE(device.waitForReceipts(1, kPatienceMs));
        if (slips) {
            escpos::Document slip;
            slip.text("Souffleur slip");
            const auto report = told.waitFor(*ours.submit(slip));
            REQUIRE(report);
            CHECK(report->end == printer::JobEnd::printed);
            CHECK(report->evidence == printer::Evidence::processId);
        }
        emulator::Faults faults;
        faults.paperOut = true;
        device.setFaults(faults);
        // After a slip the till's setting is made again, and answered with the state then.
        std::string status = receive(till, 4);
        if (slips && (status[2] & 0x0C) == 0) status = receive(till, 4);
        CHECK((status.at(2) & 0x0C) != 0); // paper end
    }
}

TEST_CASE("a till that set its code page and size once prints on in them after our slip") {
    escpos::Profile profile;
    profile.codePages = {{0, escpos::CodePage::cp437}, {17, escpos::CodePage::cp866}};
    emulator::VirtualPrinter device{profile};
    emulator::PrinterServer server(device, 0);
    Heard heard;
    const auto tap = host::Tap::start(tapSettings(), lineTo(server.port()), heard).value();
    Told told;
    printer::Printer ours(profile, tap->slipLine(), standingClock, told, patient());
    REQUIRE(eventually([&] { return ours.state() == printer::kReady; }));
    auto till = connect(tap->port());
    const std::string russian = "\x92\xA5\xA0\xE2\xE0"; // in CP866
    send(till, "\x1B@\x1Bt\x11" + russian + " 1\nOrder no. 4711081\n" + kCut);
    REQUIRE(device.waitForReceipts(1, kPatienceMs));
    escpos::Document slip;
    slip.text("Souffleur slip");
    REQUIRE(told.waitFor(*ours.submit(slip)));
    send(till, russian + " 2\n" + kCut); // nothing set again by the till
    REQUIRE(device.waitForReceipts(3, kPatienceMs));
    const auto all = device.receipts(false);
    CHECK(all[0].text.find("Театр 1") != std::string::npos);
    CHECK(all[1].text.find("Souffleur slip") != std::string::npos);
    CHECK(all[2].text.find("Театр 2") != std::string::npos);
}
