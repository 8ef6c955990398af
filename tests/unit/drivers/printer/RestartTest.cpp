// The queue over the end of the process, with a scripted line and a clock in hand.
#include <atomic>

#include "drivers/escpos/Decoder.h"
#include "drivers/printer/Printer.h"
#include "tests/support/FakeTransport.h"
#include "tests/support/HealthyPrinter.h"
#include "tests/support/Property.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/Told.h"

using namespace souffleur;
using printer::JobEnd;

namespace {

escpos::Document slip(const std::string& name) {
    escpos::Document document;
    document.text(name).text(std::string(3000, 'x'));
    return document;
}

/// One till: the folder stays, lines and printers come and go.
struct Till {
    test::TemporaryFolder folder;
    std::atomic<std::int64_t> now{1'000'000};
    std::atomic<std::int64_t> wall{1'790'000'000'000};
    escpos::Profile profile;
    printer::Options options;

    Till() {
        profile.processId = true;
        options.retryMs = 2;
        options.refreshMs = 0;
        options.confirmTimeoutMs = 60;
    }
    void pass(std::int64_t ms) {
        now += ms;
        wall += ms;
    }
    std::size_t files() const {
        const auto path = folder.path() / "queue";
        return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path),
                                                      std::filesystem::directory_iterator()));
    }

    struct Process {
        explicit Process(Till& till, bool reachable, bool confirms = true)
            : line(std::make_shared<test::FakeLine>()) {
            line->refuseOpen = !reachable;
            line->answer = test::HealthyPrinter{.confirm = confirms};
            printer = std::make_unique<printer::Printer>(
                till.profile, std::make_unique<test::FakeTransport>(line),
                [&till] { return till.now.load(); }, told, till.options,
                std::make_unique<printer::FolderJobStore>(till.folder.path() / "queue",
                                                          [&till] { return till.wall.load(); }));
            REQUIRE(told.waitForState([](printer::Reasons) { return true; }));
        }
        std::shared_ptr<test::FakeLine> line;
        test::Told told;
        std::unique_ptr<printer::Printer> printer;
    };
};

} // namespace

TEST_CASE("a slip that waited when the process ended prints after the restart, once") {
    Till till;
    {
        Till::Process first(till, false);
        const auto id = first.printer->submit(slip("waits"), "act-1").value();
        REQUIRE(test::eventually([&] { return till.files() == 1; }));
        first.printer.reset();
        CHECK(first.told.reports().empty()); // not failed: it waits on
        CHECK(id == 1);
    }
    till.pass(119'000);
    {
        Till::Process second(till, true);
        const auto restored = second.told.restored();
        REQUIRE(restored.size() == 1);
        CHECK(restored[0].tag == "act-1");
        CHECK(restored[0].ageMs == 119'000);
        CHECK_FALSE(restored[0].indeterminate);
        CHECK(second.told.waitFor(restored[0].id).value().end == JobEnd::printed);
        CHECK(test::slipsIn(second.line->taken()) == 1);
        const auto next = second.printer->submit(slip("next")).value();
        CHECK(next == 2);
        CHECK(second.told.waitFor(next).value().end == JobEnd::printed);
        REQUIRE(test::eventually([&] { return till.files() == 0; }));
    }
    Till::Process third(till, true);
    CHECK(third.told.restored().empty());
}

TEST_CASE("a slip that was being sent when the process died is asked about, not printed again") {
    Till till;
    {
        till.options.confirmTimeoutMs = 60'000;
        Till::Process dies(till, true, false);
        REQUIRE(dies.printer->submit(slip("half"), "act-2"));
        REQUIRE(test::eventually([&] { return test::slipsIn(dies.line->taken()) == 1; }));
    }
    Till::Process second(till, true);
    const auto restored = second.told.restored();
    REQUIRE(restored.size() == 1);
    CHECK(restored[0].indeterminate);
    const auto other = second.printer->submit(slip("other")).value();
    CHECK(second.told.waitFor(other).value().end == JobEnd::printed);
    CHECK(test::slipsIn(second.line->taken()) == 1); // the other one only
    const auto again = second.printer->reprint(restored[0].id);
    REQUIRE(again);
    CHECK(second.told.waitFor(*again).value().end == JobEnd::printed);
    CHECK(test::slipsIn(second.line->taken()) == 2);
    CHECK(second.printer->reprint(restored[0].id).error() == printer::Refusal::unknownJob);
    REQUIRE(test::eventually([&] { return till.files() == 0; }));
}

TEST_CASE("a slip of which nothing went out at first is asked about as well when the process dies "
          "in it") {
    Till till;
    const auto queue = till.folder.path() / "queue";
    const auto died = till.folder.path() / "died";
    {
        till.options.confirmTimeoutMs = 60'000;
        Till::Process dies(till, true, false);
        dies.line->with([](test::FakeLine& line) {
            line.breakAfter = 12; // the questions, and no byte of the slip
            line.fault = transport::Fault::timedOut;
        });
        REQUIRE(dies.printer->submit(slip("half"), "act-5"));
        REQUIRE(dies.told.waitForState(
            [](printer::Reasons reasons) { return (reasons & printer::kNotDraining) != 0; }));
        const auto waiting = [&] {
            for (const auto& entry : std::filesystem::directory_iterator(queue)) {
                if (entry.path().extension() == ".job") return true;
            }
            return false;
        };
        CHECK(test::eventually(waiting)); // as if it had not been tried
        dies.line->with([](test::FakeLine& line) {
            line.breakAfter = std::numeric_limits<std::size_t>::max();
        });
        REQUIRE(test::eventually([&] { return test::slipsIn(dies.line->taken()) == 1; }));
        std::filesystem::copy(queue, died); // as it would be found
    }
    std::filesystem::remove_all(queue);
    std::filesystem::rename(died, queue);
    Till::Process second(till, true);
    const auto restored = second.told.restored();
    REQUIRE(restored.size() == 1);
    CHECK(restored[0].tag == "act-5");
    CHECK(restored[0].indeterminate);
    CHECK(test::slipsIn(second.line->taken()) == 0);
}

TEST_CASE(
    "what is older than two minutes at the restart, or for another model, is erased unprinted") {
    for (const bool otherModel : {false, true}) {
        CAPTURE(otherModel);
        Till till;
        {
            Till::Process first(till, false);
            REQUIRE(first.printer->submit(slip("old"), "act-3"));
            REQUIRE(test::eventually([&] { return till.files() == 1; }));
        }
        if (otherModel) {
            till.profile.id = "another-model";
        } else {
            till.pass(120'001);
        }
        Till::Process second(till, true);
        CHECK(second.told.restored().empty());
        CHECK(till.files() == 0);
        CHECK(second.printer->queued() == 0);
    }
}

TEST_CASE("a slip in doubt is dropped and erased after two minutes, and cannot be printed again") {
    Till till;
    Till::Process process(till, true, false);
    const auto id = process.printer->submit(slip("doubt"), "act-4").value();
    REQUIRE(process.told.waitFor(id, JobEnd::indeterminate));
    CHECK(till.files() == 1);
    till.pass(120'001);
    CHECK(process.printer->reprint(id).error() == printer::Refusal::unknownJob);
    REQUIRE(process.told.waitFor(id, JobEnd::expired));
    REQUIRE(test::eventually([&] { return till.files() == 0; }));
    CHECK(test::slipsIn(process.line->taken()) == 1);
}

TEST_CASE("a reprint has no more time than the slip had left") {
    Till till;
    Till::Process process(till, true, false);
    const auto id = process.printer->submit(slip("doubt")).value();
    REQUIRE(process.told.waitFor(id, JobEnd::indeterminate));
    process.line->with([](test::FakeLine& line) { line.refuseOpen = true; });
    till.pass(100'000);
    const auto again = process.printer->reprint(id).value();
    till.pass(20'001);
    CHECK(process.told.waitFor(again).value().end == JobEnd::expired);
}

TEST_CASE("a drawer opens as a job, at once or not at all, and never again") {
    Till till;
    {
        Till::Process process(till, true);
        const auto id = process.printer->kickDrawer(5, 100, 200).value();
        const auto report = process.told.waitFor(id);
        REQUIRE(report);
        CHECK(report->end == JobEnd::printed);
        CHECK(report->evidence == printer::Evidence::processId);
        const auto bytes = process.line->taken();
        const escpos::Bytes kick{0x1B, 'p', 1, 50, 100};
        CHECK(std::search(bytes.begin(), bytes.end(), kick.begin(), kick.end()) != bytes.end());
    }
    Till::Process away(till, false);
    const auto late = away.printer->kickDrawer().value();
    till.pass(10'001);
    CHECK(away.told.waitFor(late).value().end == JobEnd::expired);
    CHECK(till.files() == 0);
}

TEST_CASE("a tag is one short line") {
    Till till;
    Till::Process process(till, true);
    CHECK(process.printer->submit(slip("x"), "a\nb").error() == printer::Refusal::badTag);
    CHECK(process.printer->submit(slip("x"), std::string(129, 'a')).error() ==
          printer::Refusal::badTag);
}
