#include "drivers/printer/Printer.h"

#include <algorithm>
#include <atomic>

#include "drivers/escpos/Decoder.h"
#include "tests/support/FakeTransport.h"
#include "tests/support/HealthyPrinter.h"
#include "tests/support/Property.h"
#include "tests/support/Told.h"

using namespace souffleur;
using printer::JobEnd;

namespace {

using Bytes = std::vector<std::uint8_t>;

escpos::Document slip(const std::string& name = "Anna van der Meer") {
    escpos::Document document;
    document.text(name).text(std::string(3000, 'x'));
    return document;
}

using test::slipsIn;
using Healthy = test::HealthyPrinter;

struct Bench {
    std::shared_ptr<test::FakeLine> line = std::make_shared<test::FakeLine>();
    std::atomic<std::int64_t> now{1'000'000};
    test::Told told;
    escpos::Profile profile;
    printer::Options options;
    std::unique_ptr<printer::Printer> printer;

    Bench() {
        profile.processId = true;
        options.retryMs = 2;
        options.refreshMs = 0;
        options.confirmTimeoutMs = 60;
        line->answer = Healthy{};
    }
    void start() {
        printer = std::make_unique<printer::Printer>(
            profile, std::make_unique<test::FakeTransport>(line), [this] { return now.load(); },
            told, options);
    }
    /// Waits for the first look, so that the script that follows meets the job alone.
    void startLooked() {
        start();
        REQUIRE(told.waitForState([](printer::Reasons) { return true; }));
    }
    printer::JobReport end(printer::JobId id) {
        const auto report = told.waitFor(id);
        REQUIRE(report);
        return *report;
    }
};

} // namespace

TEST_CASE("a job is printed when its process id comes back") {
    Bench bench;
    bench.start();
    const auto report = bench.end(bench.printer->submit(slip()).value());
    CHECK(report.end == JobEnd::printed);
    CHECK(report.evidence == printer::Evidence::processId);
    CHECK(bench.printer->state() == printer::kReady);
}

TEST_CASE("a printer that was plugged in again is looked at when somebody says so") {
    Bench bench;
    bench.line->refuseOpen = true;
    bench.start(); // refreshMs = 0: it never looks by itself
    REQUIRE(bench.told.waitForState(
        [](printer::Reasons state) { return (state & printer::kUnreachable) != 0; }));
    bench.line->with([](test::FakeLine& line) { line.refuseOpen = false; });
    bench.printer->lookAgain();
    CHECK(bench.told.waitForState([](printer::Reasons state) { return state == printer::kReady; }));
}

TEST_CASE("an idle printer that got its paper back is soon seen to be fine, one that is off is not "
          "asked") {
    constexpr std::uint8_t kPaperOut = 0x72; // of every kind of status: its bits 5 and 6
    Bench bench;
    bench.options.refreshMs = 3'600'000;
    bench.options.troubledMs = 2;
    bench.line->answer = Healthy{.status = kPaperOut};
    bench.start();
    REQUIRE(bench.told.waitForState(
        [](printer::Reasons state) { return (state & printer::kPaperEnd) != 0; }));
    bench.line->with([](test::FakeLine& line) { line.answer = Healthy{}; });
    CHECK(bench.told.waitForState([](printer::Reasons state) { return state == printer::kReady; }));
}

TEST_CASE("without process id a status answered behind the job is the evidence") {
    Bench bench;
    bench.profile.processId = false;
    bench.start();
    const auto report = bench.end(bench.printer->submit(slip()).value());
    CHECK(report.end == JobEnd::printed);
    CHECK(report.evidence == printer::Evidence::status);
}

TEST_CASE("a one-way line can only say that it took every byte") {
    Bench bench;
    bench.line->readable = false;
    bench.start();
    const auto report = bench.end(bench.printer->submit(slip()).value());
    CHECK(report.end == JobEnd::printed);
    CHECK(report.evidence == printer::Evidence::written);
    CHECK(bench.printer->state() == printer::kUnknown);
}

TEST_CASE("a partial write is indeterminate and never sent again by itself") {
    for (const auto fault : {transport::Fault::gone, transport::Fault::timedOut}) {
        Bench bench;
        bench.startLooked();
        bench.line->with([&](test::FakeLine& line) {
            line.breakAfter = 12 + 500; // the status requests, then half a slip
            line.fault = fault;
        });
        const auto id = bench.printer->submit(slip("half")).value();
        const auto report = bench.end(id);
        CHECK(report.end == JobEnd::indeterminate);
        CHECK(report.message.find("half") == std::string::npos);
        bench.line->with([](test::FakeLine& line) {
            line.breakAfter = std::numeric_limits<std::size_t>::max();
        });
        const auto next = bench.printer->submit(slip("whole")).value();
        CHECK(bench.end(next).end == JobEnd::printed);
        CHECK(slipsIn(bench.line->taken()) == 1);
        CHECK(bench.told.reports().size() == 2);
    }
}

TEST_CASE("the cashier may reprint an indeterminate job, once") {
    Bench bench;
    bench.line->answer = Healthy{.confirm = false};
    bench.start();
    const auto id = bench.printer->submit(slip()).value();
    CHECK(bench.end(id).end == JobEnd::indeterminate);
    bench.line->with([](test::FakeLine& line) { line.answer = Healthy{}; });
    const auto again = bench.printer->reprint(id);
    REQUIRE(again);
    CHECK(bench.end(*again).end == JobEnd::printed);
    CHECK(bench.printer->reprint(id).error() == printer::Refusal::unknownJob);
    CHECK(bench.printer->reprint(*again).error() == printer::Refusal::unknownJob);
}

TEST_CASE("an indeterminate job that the cashier discards is forgotten") {
    Bench bench;
    bench.line->answer = Healthy{.confirm = false};
    bench.start();
    const auto id = bench.printer->submit(slip()).value();
    CHECK(bench.end(id).end == JobEnd::indeterminate);
    CHECK(bench.printer->discard(id).has_value());
    CHECK(bench.printer->reprint(id).error() == printer::Refusal::unknownJob);
}

TEST_CASE("the id of another job, stale replies and garbage confirm nothing") {
    for (const Bytes& noise :
         {Bytes{0x37, 0x22, 'Z', 'Z', 'Z', 'Z', 0}, Bytes{0x37, 0x22, 0, 0x5F, 0xFF, 0x80},
          Bytes(300, 0x5F), Bytes{0x10, 0x00, 0x00, 0x0F, 0x10, 0x10, 0x37}}) {
        Bench bench;
        Healthy healthy{.confirm = false};
        bench.line->answer = [healthy, noise](std::span<const std::uint8_t> piece) mutable {
            auto back = healthy(piece);
            if (piece.size() > 12) back.insert(back.end(), noise.begin(), noise.end());
            return back;
        };
        bench.start();
        CHECK(bench.end(bench.printer->submit(slip()).value()).end == JobEnd::indeterminate);
        CHECK(slipsIn(bench.line->taken()) == 1);
    }
}

TEST_CASE("a true id after garbage is still heard") {
    Bench bench;
    Healthy healthy;
    bench.line->answer = [healthy](std::span<const std::uint8_t> piece) mutable {
        auto back = healthy(piece);
        if (piece.size() > 12)
            back.insert(back.begin(), {0x5F, 0xFF, 0x37, 0x10, 0x00, 0x13, 0x37, 0x22, 'A'});
        return back;
    };
    bench.start();
    CHECK(bench.end(bench.printer->submit(slip()).value()).end == JobEnd::printed);
}

TEST_CASE("a slip that waited over two minutes is dropped, not printed for strangers") {
    Bench bench;
    bench.line->refuseOpen = true;
    bench.start();
    const auto old = bench.printer->submit(slip("old")).value();
    bench.now += 60'000;
    const auto young = bench.printer->submit(slip("young")).value();
    bench.now += 61'000;
    CHECK(bench.end(old).end == JobEnd::expired);
    CHECK(bench.printer->state() == printer::kUnreachable);
    bench.line->with([](test::FakeLine& line) { line.refuseOpen = false; });
    CHECK(bench.end(young).end == JobEnd::printed);
    CHECK(slipsIn(bench.line->taken()) == 1);
}

TEST_CASE("a slip of exactly two minutes still prints") {
    Bench bench;
    bench.line->refuseOpen = true;
    bench.start();
    const auto id = bench.printer->submit(slip()).value();
    bench.now += 120'000;
    bench.line->with([](test::FakeLine& line) { line.refuseOpen = false; });
    CHECK(bench.end(id).end == JobEnd::printed);
}

TEST_CASE("an offline printer gets no byte of the slip until it is back") {
    Bench bench;
    bench.line->answer = Healthy{.confirm = true, .status = 0x12 | 0x08 | 0x20};
    bench.start();
    const auto id = bench.printer->submit(slip()).value();
    REQUIRE(bench.told.waitForState(
        [](printer::Reasons reasons) { return (reasons & printer::kOffline) != 0; }));
    CHECK(slipsIn(bench.line->taken()) == 0);
    bench.line->with([](test::FakeLine& line) { line.answer = Healthy{}; });
    CHECK(bench.end(id).end == JobEnd::printed);
}

TEST_CASE("a write that takes nothing leaves the job waiting, for nothing is on paper") {
    Bench bench;
    bench.startLooked();
    bench.line->with([](test::FakeLine& line) {
        line.breakAfter = 12;
        line.fault = transport::Fault::timedOut;
    });
    const auto id = bench.printer->submit(slip()).value();
    REQUIRE(bench.told.waitForState(
        [](printer::Reasons reasons) { return (reasons & printer::kNotDraining) != 0; }));
    bench.line->with(
        [](test::FakeLine& line) { line.breakAfter = std::numeric_limits<std::size_t>::max(); });
    CHECK(bench.end(id).end == JobEnd::printed);
    CHECK(slipsIn(bench.line->taken()) == 1);
}

TEST_CASE("a document that cannot be encoded fails and says why") {
    Bench bench;
    bench.start();
    escpos::Document bad;
    bad.qr("line\nbreak");
    const auto report = bench.end(bench.printer->submit(bad).value());
    CHECK(report.end == JobEnd::failed);
    CHECK(report.message.find("QR") != std::string::npos);
}

TEST_CASE("the queue is bounded and says so at once") {
    Bench bench;
    bench.line->refuseOpen = true;
    bench.options.maxQueued = 3;
    bench.start();
    for (int i = 0; i < 3; ++i) CHECK(bench.printer->submit(slip()).has_value());
    CHECK(bench.printer->submit(slip()).error() == printer::Refusal::queueFull);
    CHECK(bench.printer->queued() == 3);
}

TEST_CASE("a waiting job can be taken back") {
    Bench bench;
    bench.line->refuseOpen = true;
    bench.start();
    const auto id = bench.printer->submit(slip()).value();
    CHECK(bench.printer->discard(id).has_value());
    CHECK(bench.end(id).end == JobEnd::failed);
    CHECK(bench.printer->discard(id).error() == printer::Refusal::unknownJob);
}

TEST_CASE("shutting down ends every job: the waiting failed, the one in progress indeterminate") {
    Bench bench;
    bench.options.confirmTimeoutMs = 60'000;
    bench.line->answer = Healthy{.confirm = false};
    bench.start();
    const auto first = bench.printer->submit(slip()).value();
    const auto second = bench.printer->submit(slip()).value();
    REQUIRE(test::eventually([&] { return slipsIn(bench.line->taken()) == 1; }));
    bench.printer.reset();
    CHECK(bench.end(first).end == JobEnd::indeterminate);
    CHECK(bench.end(second).end == JobEnd::failed);
}

TEST_CASE("what a printer holds of a slip that is given up for want of paper is cleared") {
    struct Case {
        bool processId;
        bool shared;
        bool alone;          ///< what came before the slip is on paper
        std::uint8_t status; ///< 0x72: no paper
        bool cleared;
    };
    const Bytes clear = {0x10, 0x14, 8, 1, 3, 0x14, 1, 6, 2, 8};
    for (const Case& one :
         {Case{true, false, true, 0x72, true},
          // A receipt that came before it may be what waits for paper.
          Case{true, false, false, 0x72, false}, Case{false, false, true, 0x72, false},
          // It prints still; and there a till's receipt may wait.
          Case{true, false, true, 0x12, false}, Case{true, true, false, 0x72, false}}) {
        CAPTURE(one.processId);
        CAPTURE(one.shared);
        CAPTURE(one.alone);
        Bench bench;
        bench.profile.processId = one.processId;
        bench.line->shared = one.shared;
        bench.options.confirmTimeoutMs = 60'000;
        bench.line->answer = Healthy{.confirm = false, .first = one.alone};
        bench.start();
        const auto id = bench.printer->submit(slip()).value();
        REQUIRE(test::eventually([&] { return slipsIn(bench.line->taken()) == 1; }));
        bench.line->with([&](test::FakeLine& line) {
            line.answer = Healthy{.confirm = false, .status = one.status};
        });
        if (one.status != 0x12) {
            REQUIRE(bench.told.waitForState(
                [](printer::Reasons now) { return (now & printer::kPaperEnd) != 0; }));
        }
        bench.printer.reset();
        CHECK(bench.end(id).end == JobEnd::indeterminate);
        const Bytes taken = bench.line->taken();
        const bool cleared =
            std::search(taken.begin(), taken.end(), clear.begin(), clear.end()) != taken.end();
        CHECK(cleared == one.cleared);
    }
}

TEST_CASE("a broken picture command is closed before the next slip") {
    Bench bench;
    bench.startLooked();
    escpos::Bitmap black{400, 100, Bytes(50 * 100, 0xFF)};
    escpos::Document picture;
    picture.image(black);
    bench.line->with([](test::FakeLine& line) { line.breakAfter = 12 + 300; });
    CHECK(bench.end(bench.printer->submit(picture).value()).end == JobEnd::indeterminate);
    bench.line->with(
        [](test::FakeLine& line) { line.breakAfter = std::numeric_limits<std::size_t>::max(); });
    CHECK(bench.end(bench.printer->submit(slip("whole")).value()).end == JobEnd::printed);
    bool whole = false;
    escpos::Decoder decoder([&](const escpos::Command& command) {
        whole = whole || std::string(command.bytes.begin(), command.bytes.end()) == "whole";
    });
    decoder.feed(bench.line->taken());
    CHECK(whole);
}

TEST_CASE(
    "automatic status is on while a job runs and off after it, where jobs are confirmed by id") {
    for (const bool processId : {true, false}) {
        Bench bench;
        bench.profile.processId = processId;
        bench.start();
        CHECK(bench.end(bench.printer->submit(slip()).value()).end == JobEnd::printed);
        std::vector<int> switched;
        std::string order;
        escpos::Decoder decoder([&](const escpos::Command& command) {
            if (command.is(0x1D, 'a')) switched.push_back(command.bytes[2]);
            if (command.is(0x1D, 'a') || command.is(0x1D, 'V') || command.is(0x1B, '@'))
                order += static_cast<char>(command.bytes[1]);
        });
        decoder.feed(bench.line->taken());
        CHECK(switched == (processId ? std::vector<int>{0x0F, 0} : std::vector<int>{}));
        CHECK(order == (processId ? "@aVa" : "@V"));
    }
}

TEST_CASE("an answer that was lost does not end the questions") {
    Bench bench;
    bench.options.confirmTimeoutMs = 60'000;
    int questions = 0;
    bench.line->answer = [questions](std::span<const std::uint8_t> piece) mutable {
        Bytes back;
        bool job = false;
        escpos::RealTimeScanner scanner;
        scanner.feed(piece, [&](std::uint8_t, std::uint8_t) { back.push_back(0x12); });
        for (std::size_t i = 0; i + 2 <= piece.size(); ++i) job |= piece[i] == 0x1D;
        if (job) return Bytes{};
        if (back.empty()) return back;
        ++questions;
        if (questions == 2) return Bytes{0x12, 0x12}; // two of four
        if (questions > 2) back.insert(back.end(), {0x37, 0x22, '1', '1', '1', '1', 0});
        return back;
    };
    bench.now = 0; // the first process id is 1111
    bench.start();
    CHECK(bench.end(bench.printer->submit(slip()).value()).end == JobEnd::printed);
}

TEST_CASE("a printer too busy printing to take a question is asked later, and is no doubtful job") {
    Bench bench;
    bench.options.confirmTimeoutMs = 60'000;
    test::FakeLine& line = *bench.line;
    line.fault = transport::Fault::timedOut;
    line.answer = [&line, refused = 0](std::span<const std::uint8_t> piece) mutable {
        Bytes back;
        if (piece.empty() && ++refused == 2) // its buffer has room again
            line.breakAfter = std::numeric_limits<std::size_t>::max();
        escpos::RealTimeScanner scanner;
        scanner.feed(piece, [&](std::uint8_t, std::uint8_t) { back.push_back(0x12); });
        const bool job = std::find(piece.begin(), piece.end(), 0x1D) != piece.end();
        if (job) line.breakAfter = 0;
        if (refused == 2 && !back.empty())
            back.insert(back.end(), {0x37, 0x22, '1', '1', '1', '1', 0});
        return job ? Bytes{} : back;
    };
    bench.now = 0; // the first process id is 1111
    bench.start();
    const auto report = bench.end(bench.printer->submit(slip()).value());
    CAPTURE(report.message);
    CHECK(report.end == JobEnd::printed);
    CHECK(slipsIn(bench.line->taken()) == 1);
}

TEST_CASE("a device that floods neither wedges the queue nor confirms anything") {
    Bench bench;
    Healthy healthy{.confirm = false};
    bench.line->answer = [healthy](std::span<const std::uint8_t> piece) mutable {
        auto back = healthy(piece);
        const Bytes noise{0x10, 0x00, 0x5F, 0x37, 0x22, 'x', 0x12, 0x00};
        for (int i = 0; i < 50'000; ++i) back.insert(back.end(), noise.begin(), noise.end());
        return back;
    };
    bench.start();
    CHECK(bench.end(bench.printer->submit(slip()).value()).end == JobEnd::indeterminate);
    bench.line->with([](test::FakeLine& line) { line.answer = Healthy{}; });
    CHECK(bench.end(bench.printer->submit(slip()).value()).end == JobEnd::printed);
}

TEST_CASE("reasons have stable words") {
    CHECK(printer::reasonsText(printer::kReady) == "ready");
    CHECK(printer::reasonsText(printer::kPaperEnd | printer::kOffline) == "offline,paper-end");
    CHECK(printer::jobEndName(JobEnd::indeterminate) == "indeterminate");
}
