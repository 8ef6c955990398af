// From a recorded act to paper: the queue, the virtual printer, the code on the slip.
#include <SQLiteCpp/SQLiteCpp.h>

#include "drivers/emulator/Server.h"
#include "plugin/crypto/Handle.h"
#include "tests/integration/counter/House.h"
#include "tests/support/Told.h"

using namespace souffleur;
using namespace souffleur::test;
using consent::Choice;

namespace {

printer::Options quick() {
    printer::Options options;
    options.retryMs = 10;
    options.refreshMs = 20;
    options.confirmTimeoutMs = 60'000;
    options.writeTimeoutMs = 60'000;
    return options;
}

/// A house with a virtual printer on a socket.
struct Press {
    explicit Press(printer::Options options = quick())
        : device(escpos::Profile{}), server(device, 0),
          printer(
              escpos::Profile{},
              transport::fromAddress("tcp://127.0.0.1:" + std::to_string(server.port())).value(),
              [this] { return house.clock.mono.load(); }, *house.till, options) {
        house.till->attach(&printer, "Slip printer");
    }
    ~Press() { house.till->attach(nullptr); }

    EventId yes(const std::string& customer = "C-1") {
        const auto done = house.till->record(
            house.say(house.select(customer), "newsletter", "email", Choice::given), "en");
        REQUIRE(done);
        return done->act.id;
    }

    House house;
    emulator::VirtualPrinter device;
    emulator::PrinterServer server;
    printer::Printer printer;
};

} // namespace

TEST_CASE("what the printer is now is newer than any answer made before") {
    House house;
    const auto before = house.select().revision;
    house.till->stateChanged(printer::kPaperEnd);
    CHECK(house.desk().revision > before);
    REQUIRE_FALSE(house.heard.revisions.empty());
    CHECK(house.heard.revisions.back() == house.desk().revision);
}

TEST_CASE("a slip on request comes out with the code that withdraws its act") {
    Press press;
    const EventId act = press.yes();
    CHECK(press.house.desk().slipOffered);
    const auto job = press.house.till->printSlip(act);
    REQUIRE(job);
    CHECK(job->state == counter::JobState::queued);
    REQUIRE(press.house.heard.waitForJob(counter::JobState::printed));
    CHECK(press.house.desk().lastAct->slip == "printed");
    REQUIRE(press.device.waitForReceipts(1, 60'000));
    const std::string text = press.device.receipt(1)->text;
    CHECK(text.find("Anna") == std::string::npos); // nothing personal on paper
    CHECK(text.find("[qr ") != std::string::npos);
}

TEST_CASE("one slip job at a time, and none for an act that is undone or not the last") {
    Press press;
    press.device.setFaults({.paperOut = true});
    const EventId act = press.yes();
    const auto first = press.house.till->printSlip(act);
    REQUIRE(first);
    const auto second = press.house.till->printSlip(act);
    REQUIRE(second);
    CHECK(second->id == first->id);
    REQUIRE(press.house.till->undo(act));
    CHECK(press.house.till->printSlip(act).error().problem == "not-found");
    CHECK(press.house.till->decide(first->id, true).error().problem == "job-not-indeterminate");
    CHECK(press.house.till->decide(Uuid{}, true).error().problem == "not-found");
}

TEST_CASE("the slip of an undone answer does not come out, and one in print is told as that") {
    Press press;
    press.device.setFaults({.paperOut = true});
    REQUIRE(eventually([&] { return (press.printer.state() & printer::kPaperEnd) != 0; }));
    const EventId act = press.yes();
    REQUIRE(press.house.till->printSlip(act));
    REQUIRE(press.house.till->undo(act));
    REQUIRE(press.house.heard.waitForJob(counter::JobState::failed));
    press.device.setFaults({});
    const EventId again = press.yes();
    REQUIRE(press.house.till->printSlip(again));
    REQUIRE(press.house.heard.waitForJob(counter::JobState::printed));
    REQUIRE(press.device.waitForReceipts(1, 60'000));
    CHECK(press.device.printed() == 1); // of the second answer alone
    bool printing = false;
    for (const auto& job : press.house.heard.jobs) {
        printing = printing || (job.act == again && job.state == counter::JobState::printing);
        CHECK((job.act != act || job.state != counter::JobState::printed));
    }
    CHECK(printing);
}

TEST_CASE("\"not now\" leaves nothing that a code could take back") {
    Press press;
    const auto done = press.house.till->record(
        press.house.answer(press.house.select(), counter::ActOutcome::notNow), "en");
    REQUIRE(done);
    const auto event = press.house.ledger->event(done->act.id);
    REQUIRE(event);
    CHECK(std::get<consent::Act>(event->event.body).withdrawHandleHash.empty());
    REQUIRE(press.house.till->printSlip(done->act.id));
    REQUIRE(press.device.waitForReceipts(1, 60'000));
    CHECK(press.device.receipt(1)->text.find("[qr ") == std::string::npos);
}

TEST_CASE("a queued slip expires after two minutes instead of printing for a stranger") {
    Press press;
    press.device.setFaults({.paperOut = true});
    // The printer must know that it has no paper before the slip comes.
    const EventId act = press.yes();
    const auto job = press.house.till->printSlip(act);
    REQUIRE(job);
    CHECK(job->expiresAt == press.house.clock.at + counter::kSlipExpiresMs);
    press.house.clock.pass(counter::kSlipExpiresMs + 1);
    REQUIRE(press.house.heard.waitForJob(counter::JobState::expired));
    press.device.setFaults({});
    CHECK(press.house.desk().lastAct->slip == "expired");
    CHECK(press.device.printed() == 0);
}

TEST_CASE("a slip that waits for paper does not come out beside the next customer") {
    Press press;
    press.device.setFaults({.paperOut = true});
    REQUIRE(eventually([&] { return (press.printer.state() & printer::kPaperEnd) != 0; }));
    const EventId act = press.yes();
    REQUIRE(press.house.till->printSlip(act));
    REQUIRE(press.house.heard.waitForJob(counter::JobState::queued));
    // Whoever it is for may still stand there when the sale is closed, and comes back.
    press.house.till->hostCleared();
    press.house.select();
    CHECK(press.house.heard.jobs.back().state == counter::JobState::queued);
    press.house.till->hostCleared();
    counter::HostCustomer next = press.house.stranger("C-2");
    next.name = "Bea Smit";
    next.email = "bea@example.org";
    press.house.select(next);
    REQUIRE(press.house.heard.waitForJob(counter::JobState::failed));
    CHECK(press.house.heard.jobs.back().act == act);
    press.device.setFaults({});
    const EventId other = press.yes("C-3");
    REQUIRE(press.house.till->printSlip(other));
    REQUIRE(press.house.heard.waitForJob(counter::JobState::printed));
    CHECK(press.device.printed() == 1);
    CHECK(press.house.heard.jobs.back().act == other);
}

TEST_CASE(
    "a slip that was being sent when the till died is asked about after the restart, not doubled") {
    for (const bool cameOut : {true, false}) {
        CAPTURE(cameOut);
        House house;
        emulator::VirtualPrinter device{escpos::Profile{}};
        emulator::PrinterServer server(device, 0);
        const auto start = [&] {
            auto printer = std::make_unique<printer::Printer>(
                escpos::Profile{},
                transport::fromAddress("tcp://127.0.0.1:" + std::to_string(server.port())).value(),
                [&] { return house.clock.mono.load(); }, *house.till, quick(),
                std::make_unique<printer::FolderJobStore>(house.folder.path() / "print-queue",
                                                          [&] { return house.clock.at.load(); }));
            house.till->attach(printer.get(), "Slip printer");
            return printer;
        };
        auto printer = start();
        const EventId act =
            house.till
                ->record(house.say(house.select(), "newsletter", "email", Choice::given), "en")
                ->act.id;
        device.setFaults({.bytesPerSecond = 200}); // so that the end of the process falls into it
        const auto job = house.till->printSlip(act);
        REQUIRE(job);
        REQUIRE(eventually([&] { return device.received() >= 100; }));
        house.till->attach(nullptr);
        printer.reset();
        house.restart();
        house.heard.jobs.clear(); // what the page of before was told
        REQUIRE(house.till->signIn(house.noor, kPin));
        device.setFaults({});
        house.clock.pass(30 * kSecondMs);
        printer = start();
        REQUIRE(house.heard.waitForJob(counter::JobState::indeterminate));
        const auto asked = house.till->decide(job->id, !cameOut);
        REQUIRE(asked);
        CHECK(asked->act == act);
        CHECK(house.till->decide(job->id, true).error().problem == "job-not-indeterminate");
        if (!cameOut) {
            CHECK(asked->expiresAt == job->expiresAt); // the two minutes that it had
        }
        REQUIRE(house.heard.waitForJob(counter::JobState::printed));
        CHECK(device.printed() <= (cameOut ? 1U : 2U));
        house.till->attach(nullptr);
        printer.reset();
        CHECK(std::filesystem::is_empty(house.folder.path() / "print-queue"));
    }
}

TEST_CASE("nobody answers whether a slip came out: after two minutes it is gone for good") {
    auto options = quick();
    options.confirmTimeoutMs = 50;
    Press press(options);
    press.device.setFaults({.bytesPerSecond = 200});
    const EventId act = press.yes();
    const auto job = press.house.till->printSlip(act);
    REQUIRE(job);
    REQUIRE(press.house.heard.waitForJob(counter::JobState::indeterminate));
    CHECK(press.house.desk().lastAct->slip == "indeterminate");
    CHECK(press.house.till->printSlip(act)->id == job->id); // asking again prints nothing
    press.house.clock.pass(counter::kSlipExpiresMs + 1);
    REQUIRE(press.house.heard.waitForJob(counter::JobState::expired));
    CHECK(press.house.till->decide(job->id, true).error().problem == "job-not-indeterminate");
}

TEST_CASE("without a printer there is no slip to offer") {
    House house;
    const auto done =
        house.till->record(house.say(house.select(), "newsletter", "email", Choice::given), "en");
    REQUIRE(done);
    CHECK_FALSE(house.desk().slipOffered);
    CHECK(house.desk().printer.state == "none");
    CHECK(house.till->printSlip(done->act.id).error().problem == "printer-unavailable");
}

TEST_CASE(
    "the drawer opens for who is signed in where the house allows it, and each time is noted") {
    Press press;
    auto& till = *press.house.till;
    const auto problem = [&] {
        const auto done = till.openDrawer();
        return done ? std::string("done") : done.error().problem;
    };
    CHECK(problem() == "drawer-not-allowed");
    CHECK_FALSE(press.house.desk().drawerOffered);
    auto pack = std::make_shared<consent::Policy>(press.house.pack());
    pack->opensDrawer = true;
    REQUIRE(till.usePolicy(pack));
    REQUIRE(till.goUnidentified());
    CHECK(problem() == "sign-in-needed");
    CHECK_FALSE(press.house.desk().drawerOffered);
    REQUIRE(till.signIn(press.house.noor, kPin));
    CHECK(press.house.desk().drawerOffered); // nobody has to be on the desk

    press.device.setFaults({.paperOut = true});
    REQUIRE(eventually([&] { return (press.printer.state() & printer::kPaperEnd) != 0; }));
    CHECK(problem() == "printer-unavailable");
    press.device.setFaults({});
    REQUIRE(eventually([&] { return (press.printer.state() & printer::kBlocking) == 0; }));
    CHECK(problem() == "done");
    CHECK(eventually([&] { return press.device.faults().drawerOpen; }));
    CHECK(problem() == "too-many");
    press.house.clock.pass(counter::kDrawerEveryMs - 1);
    CHECK(problem() == "too-many");
    press.house.clock.pass(1);
    CHECK(problem() == "done");
    till.attach(nullptr);
    press.house.clock.pass(kMinuteMs);
    CHECK(problem() == "printer-unavailable");
    CHECK_FALSE(press.house.desk().drawerOffered);

    const SQLite::Database file((press.house.folder.path() / "ledger" / "ledger.db").string());
    const auto noted = [&](const std::string& action) {
        SQLite::Statement rows(file, "SELECT count(*) FROM audit WHERE action = ? AND who = ?");
        rows.bind(1, action);
        rows.bind(2, press.house.noor.text());
        REQUIRE(rows.executeStep());
        return rows.getColumn(0).getInt();
    };
    CHECK(noted("drawer") == 2);
    CHECK(noted("drawer-refused") == 1);
}

namespace {

/// The house lets its cashiers open the drawer; Noor is there, and the printer too.
void letOpenDrawer(Press& press) {
    auto pack = std::make_shared<consent::Policy>(press.house.pack());
    pack->opensDrawer = true;
    REQUIRE(press.house.till->usePolicy(pack));
    REQUIRE(press.house.till->signIn(press.house.noor, kPin));
    REQUIRE(eventually([&] { return (press.printer.state() & printer::kBlocking) == 0; }));
}

} // namespace

TEST_CASE("a drawer that was asked for and then stayed shut is told") {
    Press press;
    auto& till = *press.house.till;
    letOpenDrawer(press);
    // Behind a slip that takes its time.
    press.device.setFaults({.bytesPerSecond = 200});
    REQUIRE(till.printSlip(press.yes()));
    REQUIRE(press.house.heard.waitForJob(counter::JobState::printing));
    REQUIRE(till.openDrawer());
    press.house.clock.pass(kMinuteMs);
    press.device.setFaults({});
    CHECK(press.house.heard.waitForShutDrawer());
    CHECK_FALSE(press.device.faults().drawerOpen);
    CHECK(press.house.heard.drawersShut == 1);
    // Nobody has to wait for what did not open.
    CHECK(till.openDrawer().has_value());
    CHECK(eventually([&] { return press.device.faults().drawerOpen; }));
    const SQLite::Database file((press.house.folder.path() / "ledger" / "ledger.db").string());
    SQLite::Statement rows(file, "SELECT count(*) FROM audit WHERE action = 'drawer-failed'");
    REQUIRE(rows.executeStep());
    CHECK(rows.getColumn(0).getInt() == 1);
}

TEST_CASE("no drawer opens that nobody could be noted for") {
    Press press;
    auto& till = *press.house.till;
    letOpenDrawer(press);
    SQLite::Database file((press.house.folder.path() / "ledger" / "ledger.db").string(),
                          SQLite::OPEN_READWRITE);
    file.exec("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN "
              "SELECT RAISE(ABORT, 'disk full'); END");
    const auto refused = till.openDrawer();
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().problem != "too-many");
    file.exec("DROP TRIGGER full");
    // At once: what did not open counts for no waiting.
    CHECK(till.openDrawer().has_value());
    CHECK(eventually([&] { return press.device.faults().drawerOpen; }));
    SQLite::Statement rows(file, "SELECT count(*) FROM audit WHERE action = 'drawer'");
    REQUIRE(rows.executeStep());
    CHECK(rows.getColumn(0).getInt() == 1);
}
