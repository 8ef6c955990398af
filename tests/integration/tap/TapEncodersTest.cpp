// Receipts of three npm encoders, made now from the packages, through the tap: what the printer got
// is compared byte by byte at its own end of the line, and its paper shows receipt and slip.
#include <array>
#include <cstdio>
#include <map>
#include <sstream>

#include "Paths.h"
#include "drivers/printer/Printer.h"
#include "plugin/host/Tap.h"
#include "tests/integration/tap/TapRig.h"
#include "tests/support/Property.h"
#include "tests/support/Told.h"

using namespace souffleur;
using namespace souffleur::test;

namespace {

struct Made {
    std::string encoder;
    std::string kind;
    std::string number; ///< empty: there is none to be read
    std::string bytes;
};

std::string fromHex(const std::string& hex) {
    std::string out;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        out += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    }
    return out;
}

/// Empty where node or the packages are not there.
std::vector<Made> makeReceipts() {
    const std::string command = "cd '" + std::string(kSourceDir) +
                                "/tests/bench/peers' && node receipts.mjs 2>/dev/null </dev/null";
    std::vector<Made> out;
    FILE* const pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr) return out;
    std::string all;
    std::array<char, 65536> buffer{};
    for (std::size_t got = 0; (got = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
        all.append(buffer.data(), got);
    }
    if (::pclose(pipe) != 0) return out;
    std::istringstream lines(all);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream fields(line);
        Made made;
        std::string hex;
        std::getline(fields, made.encoder, '\t');
        std::getline(fields, made.kind, '\t');
        std::getline(fields, made.number, '\t');
        std::getline(fields, hex, '\t');
        made.bytes = fromHex(hex);
        out.push_back(std::move(made));
    }
    return out;
}

/// Made once; says once why there are none.
const std::vector<Made>& receipts() {
    static const std::vector<Made> all = [] {
        auto made = makeReceipts();
        if (made.empty()) {
            std::puts("SKIPPED: no npm encoders: their packages could not be installed "
                      "(npm ci in tests/bench/peers)");
        }
        return made;
    }();
    return all;
}

} // namespace

TEST_CASE("receipts of three npm encoders pass the tap unchanged, and tell their number") {
    if (receipts().empty()) return;
    std::map<std::string, int> kinds;
    Recorder printer;
    Heard heard;
    const auto tap = host::Tap::start(tapSettings(), printer.line(), heard).value();
    auto till = connect(tap->port());
    std::size_t told = 0;
    for (const Made& made : receipts()) {
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
    for (const Made& made : receipts()) all += made.bytes;
    CHECK(printer.bytes() == all); // not a byte more, before, between or after
    CHECK(tap->stats().blind == 0);
}

TEST_CASE("our slip follows such a receipt, and the paper shows both") {
    if (receipts().empty()) return;
    Recorder printer;
    Heard heard;
    const auto tap = host::Tap::start(tapSettings(), printer.line(), heard).value();
    Told told;
    printer::Options options;
    options.retryMs = 10;
    options.refreshMs = 0;
    options.confirmTimeoutMs = kPatienceMs;
    printer::Printer ours(
        escpos::Profile{}, tap->slipLine(), [] { return std::int64_t{1000}; }, told, options);
    auto till = connect(tap->port());
    std::size_t index = 0;
    for (const Made& made : receipts()) {
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
