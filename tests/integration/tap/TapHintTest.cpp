// A line of ours before the cut, where the pack allows it: everything else of a receipt stays byte
// for byte, and whatever goes wrong, the receipt passes as it is.
#include <atomic>
#include <condition_variable>
#include <fcntl.h>
#include <mutex>
#include <unistd.h>

#include "drivers/escpos/Encoder.h"
#include "tests/integration/tap/NpmReceipts.h"
#include "tests/integration/tap/TapRig.h"
#include "tests/support/Folder.h"
#include "tests/support/Property.h"

using namespace souffleur;
using namespace souffleur::test;

namespace {

/// Has the line for everybody; or stalls, or throws, when asked for it.
class Hinting : public Heard {
public:
    enum class Manner { says, stalls, throws };
    explicit Hinting(Manner manner = Manner::says) : _manner(manner) {
        const auto drawn = escpos::pictureLine({}, "Vraag naar onze nieuwsbrief", "nl").value();
        line.assign(drawn.begin(), drawn.end());
    }
    ~Hinting() override { letGo(); }
    [[nodiscard]] bool hints() const noexcept override { return wanted; }
    std::vector<std::uint8_t> hint(const std::string&, const std::string& number) override {
        std::unique_lock lock(_mutex);
        asked.push_back(number);
        if (_manner == Manner::throws) throw std::runtime_error("no line");
        if (_manner == Manner::stalls) _change.wait(lock, [&] { return _go; });
        return {line.begin(), line.end()};
    }
    void letGo() {
        const std::lock_guard lock(_mutex);
        _go = true;
        _change.notify_all();
    }
    std::string line;
    std::vector<std::string> asked;
    std::atomic<bool> wanted{true};

private:
    Manner _manner;
    std::mutex _mutex;
    std::condition_variable _change;
    bool _go = false;
};

host::TapSettings hinting(int hintMs = kPatienceMs) {
    auto settings = tapSettings();
    settings.hintMs = hintMs;
    return settings;
}

/// A receipt with the line where it belongs.
std::string hinted(const std::string& bytes, const std::string& line) {
    std::string out = bytes;
    return out.insert(bytes.find(kCut), line);
}

} // namespace

TEST_CASE("the line stands before the cut, and the rest passes byte for byte") {
    Recorder printer;
    Hinting events;
    const auto tap = host::Tap::start(hinting(), printer.line(), events).value();
    auto till = connect(tap->port());
    std::string expected;
    std::size_t told = 0;
    for (const char* number : {"4711081", "4711082", "4711083"}) {
        send(till, receipt(number));
        expected += hinted(receipt(number), events.line);
        CHECK(events.waitFor(told++) == "boxoffice order:" + std::string(number));
        CHECK(printer.waitFor(0, expected.size()) == expected);
    }
    CHECK(tap->stats().hints == 3);
    // A byte at a time, the cut's own bytes too: it may be too slow for the line, never for itself.
    const std::string slow = receipt("4711084");
    for (const char byte : slow) send(till, std::string(1, byte));
    CHECK(events.waitFor(told++) == "boxoffice order:4711084");
    const std::string got = printer.waitFor(expected.size(), slow.size());
    CHECK((got == hinted(slow, events.line) || got == slow));
    // Its last byte may be a cut's first one; it is passed when no more comes.
    const std::size_t before = printer.bytes().size();
    send(till, "abc\x1D");
    CHECK(printer.waitFor(before, 4) == "abc\x1D");
}

TEST_CASE(
    "a line that a pack brings or takes back while the till is open counts from the next receipt") {
    Recorder printer;
    Hinting events;
    events.wanted = false;
    const auto tap = host::Tap::start(hinting(), printer.line(), events).value();
    auto till = connect(tap->port());
    std::string expected;
    std::size_t told = 0;
    const auto passes = [&](const std::string& sent, const std::string& wanted) {
        send(till, sent);
        expected += wanted;
        CHECK(printer.waitFor(0, expected.size()) == expected);
    };
    passes(receipt("4711081"), receipt("4711081"));
    CHECK(events.waitFor(told++) == "boxoffice order:4711081");
    CHECK(events.asked.empty());
    // Not a byte of it is held back, not even one that may begin a cut.
    passes("abc\x1D", "abc\x1D");
    passes("V0", "V0");
    till = connect(tap->port());
    events.wanted = true;
    passes(receipt("4711082"), hinted(receipt("4711082"), events.line));
    CHECK(events.waitFor(told++) == "boxoffice order:4711082");
    till = connect(tap->port());
    events.wanted = false;
    passes(receipt("4711083"), receipt("4711083"));
    CHECK(events.waitFor(told++) == "boxoffice order:4711083");
    CHECK(tap->stats().hints == 1);
}

TEST_CASE("fiscal receipts, card data, half lines and strangers are left as they are") {
    Recorder printer;
    Hinting events;
    const auto tap = host::Tap::start(hinting(), printer.line(), events).value();
    auto till = connect(tap->port());
    std::string expected;
    const auto with = [](const std::string& more) {
        std::string out = receipt("4711081");
        return out.insert(out.find(kCut), more);
    };
    for (const std::string& bytes :
         {with("TSE-Signatur 1234\n"), with("VISA 4111 1111 1111 1111\n"), with("half a line"),
          std::string("\x1B@Totaal 25,00\n") + kCut, with("\x1BL"), with("\x1C\x01\n"),
          with("**** **** **** 1234\n")}) {
        send(till, "\x1BS" + bytes);
        expected += "\x1BS" + bytes;
        CHECK(printer.waitFor(0, expected.size()) == expected);
    }
    CHECK(events.asked.empty());
    CHECK(tap->stats().hints == 0);
    send(till, "\x1BS" + receipt("4711082"));
    expected += "\x1BS" + hinted(receipt("4711082"), events.line);
    CHECK(printer.waitFor(0, expected.size()) == expected);
}

TEST_CASE("a line that comes too late or never leaves the receipt as it is") {
    for (const auto manner : {Hinting::Manner::stalls, Hinting::Manner::throws}) {
        CAPTURE(static_cast<int>(manner));
        Recorder printer;
        Hinting events(manner);
        const auto tap = host::Tap::start(hinting(50), printer.line(), events).value();
        auto till = connect(tap->port());
        const std::string both = receipt("4711081") + receipt("4711082");
        send(till, both);
        CHECK(printer.waitFor(0, both.size()) == both);
        events.letGo();
        CHECK(test::eventually([&] { return tap->stats().receipts == 2 || !tap->stats().alive; }));
        CHECK(tap->stats().hints == 0);
        // What came too late stays unused, whatever comes next.
        const bool alive = tap->stats().alive;
        CHECK(alive == (manner == Hinting::Manner::stalls));
        send(till, receipt("4711083"));
        const std::string plain = receipt("4711083");
        const std::string more = hinted(plain, events.line);
        CHECK((printer.waitFor(both.size(), plain.size()) == plain ||
               (alive && printer.waitFor(both.size(), more.size()) == more)));
    }
}

TEST_CASE("the line goes before the first cut of an npm encoder's receipt, and nowhere else") {
    if (npmReceipts().empty()) return;
    Recorder printer;
    Hinting events;
    const auto tap = host::Tap::start(hinting(), printer.line(), events).value();
    auto till = connect(tap->port());
    std::size_t told = 0;
    for (const NpmReceipt& made : npmReceipts()) {
        if (made.number.empty() || made.kind == "no cut") continue;
        CAPTURE(made.encoder);
        CAPTURE(made.kind);
        const std::size_t before = printer.bytes().size();
        send(till, made.bytes);
        CHECK(events.waitFor(told++) == "boxoffice order:" + made.number);
        std::string got = printer.waitFor(before, made.bytes.size());
        const auto at = got.find(events.line);
        if (at == std::string::npos) { // their own half commands are odd: left alone
            CHECK(made.kind == "drawer");
            CHECK(got == made.bytes);
            continue;
        }
        got = printer.waitFor(before, made.bytes.size() + events.line.size());
        CHECK(got.substr(at + events.line.size(), 2) == "\x1DV");
        CHECK(got.erase(at, events.line.size()) == made.bytes);
    }
    CHECK(told > 20);
    CHECK(tap->stats().hints + 1 >= told);
}

TEST_CASE("a receipt that stops for the card terminal is left as it is to its cut") {
    Recorder printer;
    Hinting events;
    auto settings = hinting();
    settings.receiptGapMs = 20;
    const auto tap = host::Tap::start(settings, printer.line(), events).value();
    auto till = connect(tap->port());
    const std::string head = "\x1B@TSE 0815\nTotaal 25,00\n";
    send(till, head);
    REQUIRE(test::eventually([&] { return tap->stats().receipts == 1; })); // the pause was seen
    const std::string rest = "Order no. 4711081\n" + kCut;
    send(till, rest);
    CHECK(printer.waitFor(0, head.size() + rest.size()) == head + rest);
    CHECK(events.waitFor(0) == "boxoffice order:4711081");
    CHECK(tap->stats().hints == 0);
}
