// rooms: sync-hub sync-agent kiosk-terminal
// A real hub behind real mutual TLS, real ledgers, real files.
#include "tests/integration/sync/Rig.h"

using namespace souffleur;
using namespace souffleur::test;

TEST_CASE("what one till heard, the hub and the other till know after a round") {
    HubRig rig;
    TillRig one(rig, "one");
    TillRig two(rig, "two");
    const SubjectId subject = SubjectId::random(rig.random);
    one.say(subject, consent::Choice::given, "anna@example.org");
    REQUIRE(one.loop->round().has_value());
    CHECK(hubState(rig, subject) == "given");
    REQUIRE(two.loop->round().has_value());
    CHECK(two.state(subject) == "given");
    const auto view = two.ledger->person(subject).value();
    CHECK(view.displayName == "Anna Vermeer-Puig");
    REQUIRE(view.contacts.size() == 1);
    CHECK(view.contacts[0].masked.find("anna@") == std::string::npos);
    CHECK(two.ledger->search("vermeer", 5)->hits.size() == 1);

    two.say(subject, consent::Choice::withdrawn);
    REQUIRE(two.loop->round().has_value());
    REQUIRE(one.loop->round().has_value());
    CHECK(one.state(subject) == "withdrawn");
    CHECK(hubState(rig, subject) == "withdrawn");
    CHECK(one.ledger->verify().has_value());
    CHECK(two.ledger->verify().has_value());
    CHECK(rig.home->store().verify().has_value());
}

TEST_CASE("two tills disagree while the network is away: no is safe everywhere") {
    HubRig rig;
    TillRig one(rig, "one");
    TillRig two(rig, "two");
    const SubjectId subject = SubjectId::random(rig.random);
    one.say(subject, consent::Choice::refused);
    two.say(subject, consent::Choice::given, "anna@example.org");
    for (int i = 0; i < 2; ++i) {
        REQUIRE(one.loop->round().has_value());
        REQUIRE(two.loop->round().has_value());
    }
    CHECK(one.state(subject) == "refused");
    CHECK(two.state(subject) == "refused");
    CHECK(hubState(rig, subject) == "refused");
}

TEST_CASE("a till in the year 2099 beats no refusal, at the hub and at every till") {
    HubRig rig;
    rig.clock.synced(50);
    TillRig one(rig, "one");
    TillRig wrong(rig, "wrong");
    const SubjectId subject = SubjectId::random(rig.random);
    one.say(subject, consent::Choice::refused);
    REQUIRE(one.loop->round().has_value());
    ledger::Draft draft;
    draft.subject = subject;
    const consent::Act act = newsletter(consent::Choice::given);
    draft.body = act;
    draft.when = Reading{4070908800000, 20, 0}; // sure of itself
    REQUIRE(wrong.ledger->append(draft).has_value());
    for (int i = 0; i < 2; ++i) {
        REQUIRE(wrong.loop->round().has_value());
        REQUIRE(one.loop->round().has_value());
    }
    CHECK(hubState(rig, subject) == "refused");
    CHECK(one.state(subject) == "refused");
    CHECK(wrong.state(subject) == "refused");
    CHECK(rig.home->store().clocks()->suspect(
        {EventId{}, wrong.device->origin, 1, subject, 1, 0, 0, act}));
    CHECK(rig.home->store().auditTrail(1)->front().action == "device.clock-judged");
    CHECK(rig.home->store().verify().has_value());
    CHECK(one.ledger->verify().has_value());
    CHECK(wrong.ledger->verify().has_value());
}

TEST_CASE("two that write to the hub's own chain at once do not fork it") {
    HubRig rig;
    const auto write = [&] {
        for (int i = 0; i < 40; ++i) {
            people::NewEvent event;
            event.subject = SubjectId::random(rig.random);
            event.body = consent::Fact{"language", "nl"};
            if (!rig.home->chain().append(std::vector{event})) return false;
        }
        return true;
    };
    auto other = std::async(std::launch::async, write);
    const bool mine = write();
    CHECK(mine);
    CHECK(other.get());
    const auto self = rig.home->store().origin(rig.home->origin());
    CHECK(self->status == store::OriginStatus::active);
    CHECK(self->seq == 80);
    CHECK(rig.home->store().verify().has_value());
}

TEST_CASE("an erasure of a time before what it should erase is refused, with the time it needs") {
    HubRig rig;
    TillRig one(rig, "one");
    const SubjectId subject = SubjectId::random(rig.random);
    one.say(subject, consent::Choice::given, "anna@example.org");
    REQUIRE(one.loop->round().has_value());
    people::NewEvent erase;
    erase.subject = subject;
    erase.body = consent::Erase{};
    erase.at = 1;
    const auto early = rig.home->chain().append(std::vector{erase});
    REQUIRE_FALSE(early.has_value());
    CHECK(early.error().code == Code::conflict);
    erase.at = std::stoll(early.error().where);
    CHECK(rig.home->chain().append(std::vector{erase}).has_value());
    CHECK(rig.home->store().maintain().value());
    CHECK(rig.home->store().people({"vermeer", "", {}, 10})->empty());
}

TEST_CASE("a no at the end of a long backlog is at the other till before the backlog is") {
    HubRig rig;
    TillRig one(rig, "one");
    TillRig two(rig, "two");
    const SubjectId subject = SubjectId::random(rig.random);
    for (int i = 0; i < 20; ++i) one.say(SubjectId::random(rig.random), consent::Choice::given);
    const EventId no = one.say(subject, consent::Choice::refused);
    auto runs = one.outbox->urgent(0, 10).value().runs;
    REQUIRE(runs.size() == 1);
    protocol::seal(runs[0], *one.signing);
    REQUIRE(one.remote->urgent(runs[0]).has_value());
    REQUIRE(two.loop->round().has_value());
    CHECK(two.state(subject) == "refused");
    CHECK(two.ledger->event(no)->event.position == 0);
    REQUIRE(one.loop->round().has_value());
    REQUIRE(two.loop->round().has_value());
    CHECK(two.ledger->event(no)->event.position == 21);
    CHECK(two.ledger->verify().has_value());
    CHECK(rig.home->store().counts(0)->events == 21);
    CHECK(rig.home->store().verify().has_value());
}

TEST_CASE("an answer given while the hub is away arrives once when it is back") {
    HubRig rig;
    TillRig one(rig, "one");
    const SubjectId subject = SubjectId::random(rig.random);
    rig.server->stop();
    one.say(subject, consent::Choice::given, "anna@example.org");
    CHECK_FALSE(one.loop->round().has_value());
    CHECK(one.loop->status().state == SyncStatus::State::offline);
    CHECK(one.loop->status().pending == 1);
    rig.restart();
    REQUIRE(one.loop->round().has_value());
    REQUIRE(one.loop->round().has_value());
    CHECK(rig.home->store().counts(0)->events == 1);
    CHECK(one.loop->status().pending == 0);
}

TEST_CASE(
    "nobody takes part before approval, after revocation, or with another device's certificate") {
    HubRig rig;
    TillRig waiting(rig, "waiting", false);
    waiting.say(SubjectId::random(rig.random), consent::Choice::given, "anna@example.org");
    CHECK(waiting.remote->welcome().error().code == Code::refused);
    CHECK(waiting.loop->round().error().code == Code::refused);
    REQUIRE(rig.home->store()
                .setStatus(waiting.device->origin, store::OriginStatus::active)
                .has_value());
    CHECK(waiting.remote->welcome().has_value());
    REQUIRE(waiting.loop->round().has_value());

    REQUIRE(rig.home->store()
                .setStatus(waiting.device->origin, store::OriginStatus::revoked)
                .has_value());
    waiting.say(SubjectId::random(rig.random), consent::Choice::given, "anna@example.org");
    CHECK(waiting.loop->round().error().code ==
          Code::refused); // on the very connection that was kept alive
    CHECK(waiting.loop->status().pending == 1);

    TillRig thief(rig, "thief");
    auto stolen = waiting.outbox->next(10, 100'000).value().value();
    protocol::seal(stolen, *waiting.signing);
    CHECK(thief.remote->push(stolen).error().code == Code::refused);
}

TEST_CASE("a batch that was changed on its way is not believed") {
    HubRig rig;
    TillRig one(rig, "one");
    one.say(SubjectId::random(rig.random), consent::Choice::refused);
    auto batch = one.outbox->next(10, 100'000).value().value();
    protocol::seal(batch, *one.signing);
    auto& header = batch.events[0].header;
    header.replace(header.find("refused"), 7, "given\":\"");
    CHECK_FALSE(one.remote->push(batch).has_value());
    CHECK(rig.home->store().counts(0)->events == 0);
    REQUIRE(one.loop->round().has_value());
}

TEST_CASE("an invitation works once, for ten minutes, at the hub it names") {
    HubRig rig;
    const auto invitation = rig.invite();
    REQUIRE(protocol::Device::enrol(rig.folder.path() / "a", invitation, rig.random).has_value());
    CHECK(protocol::Device::enrol(rig.folder.path() / "b", invitation, rig.random).error().code ==
          Code::refused);
    CHECK(
        protocol::Device::enrol(rig.folder.path() / "c", rig.invite(-1), rig.random).error().code ==
        Code::refused);
    auto elsewhere = rig.invite();
    elsewhere.pin[0] ^= 1U;
    CHECK_FALSE(
        protocol::Device::enrol(rig.folder.path() / "d", elsewhere, rig.random).has_value());
    CHECK_FALSE(std::filesystem::exists(rig.folder.path() / "d" / "device.json"));
}

TEST_CASE("an event that a till cannot read silences its subject there") {
    HubRig rig;
    TillRig till(rig, "till");
    const SubjectId anna = SubjectId::random(rig.random);
    till.say(anna, consent::Choice::given);
    protocol::PullPage page;
    page.events.push_back({OriginId::random(rig.random), 1, anna, R"({"v":9})"});
    page.cursor = "1";
    REQUIRE(till.replica->apply(page).has_value());
    consent::Policy policy;
    policy.controller.id = kController;
    CHECK(till.ledger->personFacts(anna, policy)->restricted);
}

TEST_CASE("a hub that answers garbage is not believed") {
    http::Router router;
    std::string answer;
    const auto reply = [&](const http::Request&) -> Result<http::Response> {
        return http::Response::text(answer);
    };
    router.get("/sync/v1/pull", reply);
    router.post("/sync/v1/push", reply, {limits::kBatchMaxBytes});
    router.get("/sync/v1/welcome", reply);
    auto server = http::Server::bind({});
    REQUIRE(server.has_value());
    (*server)->start(router);
    SystemClock clock;
    agent::HttpHub hub((*server)->origin(), http::ClientTls{}, clock, nullptr);
    for (const char* garbage :
         {"", "<html>please sign in to the guest network</html>", "{}", "{\"cursor\":\"x\"}",
          "\xff\xfe", "{\"seq\":18446744073709551615,\"head\":\"\"}"}) {
        answer = garbage;
        CAPTURE(garbage);
        CHECK_FALSE(hub.pull("", 10).has_value());
        CHECK_FALSE(hub.welcome().has_value());
        protocol::Batch batch;
        batch.events.push_back({});
        CHECK_FALSE(hub.push(batch).has_value());
    }
    (*server)->stop();
}
