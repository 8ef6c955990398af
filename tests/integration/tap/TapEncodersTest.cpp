// Receipts of three npm encoders, made now from the packages, through the tap: what the printer got
// is compared byte by byte at its own end of the line, and its paper shows receipt and slip.
#include <map>

#include "drivers/printer/Printer.h"
#include "plugin/host/Tap.h"
#include "tests/integration/tap/NpmReceipts.h"
#include "tests/integration/tap/TapRig.h"
#include "tests/support/Property.h"
#include "tests/support/Told.h"

using namespace souffleur;
using namespace souffleur::test;

TEST_CASE("receipts of three npm encoders pass the tap unchanged, and tell their number") {
    if (npmReceipts().empty()) return;
    std::map<std::string, int> kinds;
    Recorder printer;
    Heard heard;
    const auto tap = host::Tap::start(tapSettings(), printer.line(), heard).value();
    auto till = connect(tap->port());
    std::size_t told = 0;
    for (const NpmReceipt& made : npmReceipts()) {
        CAPTURE(made.encoder);
        CAPTURE(made.kind);
        ++kinds[made.encoder];
        const std::size_t before = printer.bytes().size();
        send(till, made.bytes);
        if (made.kind == "no cut") till.shutdownSend(); // the last one
        CHECK(printer.waitFor(before, made.bytes.size()) == made.bytes);
        if (!made.number.empty()) CHECK(heard.waitFor(told++) == "boxoffice order:" + made.number);
    }
    CHECK(heard.count() == told);
    CHECK(kinds.size() == 3);
    for (const auto& [encoder, count] : kinds) CHECK(count >= 8);
    (void) receive(till, 1'000'000); // answers of the printer, until the tap hangs up
    std::string all;
    for (const NpmReceipt& made : npmReceipts()) all += made.bytes;
    CHECK(printer.bytes() == all); // not a byte more, before, between or after
    CHECK(tap->stats().blind == 0);
}

TEST_CASE("our slip follows such a receipt, and the paper shows both") {
    if (npmReceipts().empty()) return;
    Recorder printer;
    Heard heard;
    const auto tap = host::Tap::start(tapSettings(), printer.line(), heard).value();
    Told told;
    printer::Printer ours(escpos::Profile{}, tap->slipLine(), standingClock, told, patient());
    auto till = connect(tap->port());
    std::size_t index = 0;
    for (const NpmReceipt& made : npmReceipts()) {
        if (made.number.empty() || made.kind == "no cut") continue;
        CAPTURE(made.encoder);
        CAPTURE(made.kind);
        const std::size_t papers = printer.device().receipts(false).size();
        const std::size_t before = printer.bytes().size();
        send(till, made.bytes);
        REQUIRE(heard.waitFor(index++) == "boxoffice order:" + made.number);
        escpos::Document slip;
        slip.text("Uw toestemming bij " + made.number);
        const auto job = ours.submit(slip);
        REQUIRE(job);
        const auto report = told.waitFor(*job);
        REQUIRE(report);
        CHECK(report->end == printer::JobEnd::printed);
        const std::string got = printer.bytes().substr(before);
        const auto at = got.find(made.bytes); // in one piece, whatever ours asked before and after
        REQUIRE(at != std::string::npos);
        CHECK(got.find("Uw toestemming bij") > at);
        std::string text;
        const auto all = printer.device().receipts(false);
        for (std::size_t i = papers; i < all.size(); ++i) text += all[i].text + "\n--\n";
        const auto order = text.find("Order no. " + made.number);
        const auto own = text.find("Uw toestemming bij " + made.number);
        CHECK(text.find("Garderobe") != std::string::npos);
        REQUIRE(order != std::string::npos);
        REQUIRE(own != std::string::npos);
        CHECK(text.substr(order, own - order).find("\n--\n") != std::string::npos); // a cut between
    }
    CHECK(index > 20);
}
