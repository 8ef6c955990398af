// Who may write to the printer when tills and slips take turns, over a scripted line.
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "drivers/printer/Printer.h"
#include "plugin/host/TapSession.h"
#include "tests/integration/tap/TapRig.h"
#include "tests/support/FakeTransport.h"
#include "tests/support/HealthyPrinter.h"
#include "tests/support/Property.h"

using namespace souffleur;
using namespace souffleur::test;
using host::TapLine;
using transport::Milliseconds;

namespace {

/// A session on one end of a socket pair; the test is the till at the other.
struct Till {
    explicit Till(TapLine& line, host::TapAnalyser& analyser) {
        int ends[2] = {};
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
        far = host::Descriptor(ends[1]);
        session = std::make_unique<host::TapSession>(
            host::Descriptor(ends[0]),
            host::TapSession::Manner{false, Milliseconds{kPatienceMs}, Milliseconds{0}}, line,
            analyser, stop);
        thread = std::thread([this] { session->run(); });
    }
    ~Till() { leave(); }
    void leave() {
        stop = true;
        if (thread.joinable()) thread.join();
    }
    void send(const std::string& bytes) {
        REQUIRE(::write(far.get(), bytes.data(), bytes.size()) ==
                static_cast<ssize_t>(bytes.size()));
    }
    host::Descriptor far;
    std::atomic<bool> stop{false}; ///< of this session alone: its patience is over
    std::unique_ptr<host::TapSession> session;
    std::thread thread;
};

} // namespace

TEST_CASE("a till that waited in vain for its turn lets go nothing that another one holds") {
    const auto far = std::make_shared<FakeLine>();
    TapLine line(std::make_unique<FakeTransport>(far));
    Heard heard;
    const auto patterns = host::TapPatterns::load("generic").value();
    host::TapAnalyser analyser(patterns, heard);
    const std::atomic<bool> never{false};
    Till till(line, analyser);
    till.send(receipt("4711081"));
    REQUIRE(eventually([&] { return far->taken().size() == receipt("4711081").size(); }));
    // It stands between two receipts and gives way; the slip keeps the line (paper is out).
    REQUIRE(line.acquire(TapLine::Who::slip, Milliseconds{kPatienceMs}, never));
    REQUIRE(eventually([&] { return line.wantedByTill(); }));
    till.leave();
    CHECK_FALSE(line.acquire(TapLine::Who::till, Milliseconds{50}, never));
    line.release();
    CHECK(line.acquire(TapLine::Who::till, Milliseconds{kPatienceMs}, never));
    line.release();
}

TEST_CASE("a slip that broke off in the middle of a picture eats nothing of the next receipts") {
    const auto far = std::make_shared<FakeLine>();
    far->answer = HealthyPrinter{};
    Heard heard;
    const auto tap =
        host::Tap::start(tapSettings(), std::make_unique<FakeTransport>(far), heard).value();
    Told told;
    printer::Printer ours(escpos::Profile{}, tap->slipLine(), standingClock, told, patient());
    REQUIRE(eventually([&] { return ours.state() == printer::kReady; }));
    auto till = connect(tap->port());
    far->with([](FakeLine& line) {
        line.breakAfter = 12 + 5000; // the questions, and most of the picture
        line.fault = transport::Fault::timedOut;
    });
    escpos::Document slip;
    slip.image(escpos::Bitmap{512, 120, std::vector<std::uint8_t>(std::size_t{64} * 120, 0x55)});
    const auto report = told.waitFor(*ours.submit(slip));
    REQUIRE(report);
    REQUIRE(report->end == printer::JobEnd::indeterminate);
    far->with([](FakeLine& line) { line.breakAfter = std::numeric_limits<std::size_t>::max(); });
    send(till, receipt("4711082") + receipt("4711083"));
    const auto printed = [&](const std::string& text) {
        emulator::VirtualPrinter device{escpos::Profile{}};
        device.feed(far->taken());
        const auto all = device.receipts(false);
        return std::ranges::any_of(
            all, [&](const auto& one) { return one.text.find(text) != std::string::npos; });
    };
    CHECK(eventually([&] { return printed("Order no. 4711083"); }));
    CHECK(printed("Order no. 4711082"));
}

TEST_CASE("a look at a silent printer gives way to a till's first byte, a slip does not") {
    for (const bool slip : {false, true}) {
        CAPTURE(slip);
        const auto far = std::make_shared<FakeLine>();
        Heard heard;
        const auto tap =
            host::Tap::start(tapSettings(), std::make_unique<FakeTransport>(far), heard).value();
        const auto ours = tap->slipLine();
        REQUIRE(ours->open(Milliseconds{kPatienceMs}));
        const std::vector<std::uint8_t> bytes = slip ? std::vector<std::uint8_t>{'h', 'i', '\n'}
                                                     : std::vector<std::uint8_t>{0x10, 4, 1};
        REQUIRE_FALSE(ours->write(bytes, Milliseconds{kPatienceMs}).error);
        auto till = connect(tap->port());
        send(till, receipt("4711081"));
        std::array<std::uint8_t, 16> into{};
        const auto got = ours->read(into, Milliseconds{kPatienceMs});
        REQUIRE_FALSE(got);
        CHECK(got.error().fault == (slip ? transport::Fault::gone : transport::Fault::busy));
        CHECK(eventually(
            [&] { return far->taken().size() == bytes.size() + receipt("4711081").size(); }));
    }
}

TEST_CASE("a look that gave way says nothing of the printer") {
    const auto far = std::make_shared<FakeLine>();
    far->answer = HealthyPrinter{};
    Heard heard;
    const auto tap =
        host::Tap::start(tapSettings(), std::make_unique<FakeTransport>(far), heard).value();
    Told told;
    printer::Options options;
    options.refreshMs = 0;
    printer::Printer ours(
        escpos::Profile{}, tap->slipLine(), [] { return std::int64_t{1000}; }, told, options);
    REQUIRE(eventually([&] { return ours.state() == printer::kReady; }));
    far->with([](FakeLine& line) { line.answer = nullptr; });
    const auto before = far->taken().size();
    ours.lookAgain();
    REQUIRE(eventually([&] { return far->taken().size() > before; })); // it has asked, in vain
    auto till = connect(tap->port());
    send(till, receipt("4711081"));
    CHECK(heard.waitFor(0) == "boxoffice order:4711081");
    CHECK(ours.state() == printer::kReady);
}

TEST_CASE("an answer that a till waits for reaches it before a slip takes the line") {
    Poco::Net::ServerSocket printer{Poco::Net::SocketAddress("127.0.0.1", 0)};
    Heard heard;
    const auto tap =
        host::Tap::start(tapSettings(), lineTo(printer.address().port()), heard).value();
    auto till = connect(tap->port());
    auto end = printer.acceptConnection();
    const std::string bytes = receipt("4711081") + std::string("\x1D(H\x06\0"
                                                               "00TILL",
                                                               11); // is it on paper?
    send(till, bytes);
    REQUIRE(receive(end, bytes.size()) == bytes);
    CHECK(heard.waitFor(0) == "boxoffice order:4711081"); // the cut was seen
    const auto ours = tap->slipLine();
    std::atomic<bool> open{false};
    std::thread slip([&] { open = ours->open(Milliseconds{kPatienceMs}).has_value(); });
    for (int i = 0; i < 40 && !open; ++i) (void) end.poll(Poco::Timespan(0, 10'000), 1);
    CHECK_FALSE(open); // far longer than a slip waits behind a cut
    const std::string answer("\x37\x22TILL\0", 7);
    send(end, answer);
    CHECK(receive(till, answer.size()) == answer);
    slip.join();
    CHECK(open);
}

TEST_CASE("a turn lets go once, and only what it took") {
    TapLine line(std::make_unique<FakeTransport>(std::make_shared<FakeLine>()));
    const std::atomic<bool> never{false};
    {
        host::TapTurn turn(line);
        turn.comes();
        REQUIRE(turn.acquire(Milliseconds{kPatienceMs}, never));
        host::TapTurn other(line);
        CHECK_FALSE(other.acquire(Milliseconds{10}, never));
    }
    host::TapTurn turn(line);
    REQUIRE(turn.acquire(Milliseconds{kPatienceMs}, never));
    turn.release();
    REQUIRE(line.acquire(TapLine::Who::slip, Milliseconds{kPatienceMs}, never));
    turn.release();
    CHECK_FALSE(turn.acquire(Milliseconds{10}, never));
    line.release();
}
