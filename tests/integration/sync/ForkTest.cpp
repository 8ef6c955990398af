// rooms: sync-hub sync-agent kiosk-terminal
// A till whose history forked, and its way back.
#include "tests/integration/sync/Rig.h"

using namespace souffleur;
using namespace souffleur::test;

TEST_CASE("a till whose disk was cloned is frozen, and nothing is lost") {
    HubRig rig;
    TillRig one(rig, "one");
    one.say(SubjectId::random(rig.random), consent::Choice::refused);
    REQUIRE(one.loop->round().has_value());
    // The clone went on from the same point with another answer.
    auto mine = [&] {
        one.say(SubjectId::random(rig.random), consent::Choice::refused);
        auto batch = one.outbox->next(10, 100'000).value().value();
        protocol::seal(batch, *one.signing);
        return batch;
    }();
    auto clone = mine;
    clone.events[0].header.insert(clone.events[0].header.size() - 1, " ");
    protocol::seal(clone, *one.signing);
    REQUIRE(one.remote->push(clone).has_value());
    CHECK(one.remote->push(mine).error().where == "fork");
    CHECK(rig.home->store().origin(one.device->origin)->status == store::OriginStatus::frozen);
    CHECK(rig.home->store().counts(0)->events == 2);
    CHECK(one.ledger->stats()->pending == 1);
}

TEST_CASE("a till whose history forked enrols anew, and every answer arrives") {
    HubRig rig;
    const SubjectId anna = SubjectId::random(rig.random);
    const SubjectId wim = SubjectId::random(rig.random);
    std::optional<TillRig> till(std::in_place, rig, "till");
    till->say(anna, consent::Choice::given, "anna@example.org");
    REQUIRE(till->loop->round().has_value());
    // A copy of the disk from here on says something else.
    const auto copy = rig.folder.path() / "copy";
    REQUIRE(till->ledger->maintain().has_value());
    std::filesystem::copy(till->device->folder, copy, std::filesystem::copy_options::recursive);
    till->say(wim, consent::Choice::given, "wim@example.org");
    REQUIRE(till->loop->round().has_value());
    const OriginId former = till->device->origin;
    till.reset();

    TillRig twin(copy, rig);
    twin.say(anna, consent::Choice::refused);
    twin.say(wim, consent::Choice::given);
    CHECK_FALSE(twin.loop->round().has_value());
    CHECK(twin.loop->status().state == SyncStatus::State::forked);
    CHECK(rig.home->store().origin(former)->status == store::OriginStatus::frozen);
    CHECK(rig.home->store().counts(0)->quarantined == 2);
    consent::Policy policy;
    policy.controller.id = kController;
    consent::ChannelRule rule;
    rule.channel = "email";
    policy.rules.push_back(rule);
    CHECK_FALSE(rig.home->store()
                    .eligibility({anna, "newsletter", "email", 1}, policy)
                    ->front()
                    .verdict.eligible);

    twin.close();
    CHECK(protocol::Device::enrol(copy, rig.invite(), rig.random).error().code == Code::conflict);
    const auto again = protocol::Device::enrolAgain(copy, rig.invite(), rig.random);
    REQUIRE_MESSAGE(again.has_value(), (again ? "" : again.error().text()));
    CHECK(again->former == std::vector{former});
    CHECK(protocol::Device::load(copy)->origin == again->origin);
    REQUIRE(rig.home->store().setStatus(again->origin, store::OriginStatus::active).has_value());
    TillRig fresh(copy, rig);
    CHECK(fresh.ledger->stats()->pending == 3); // its whole chain
    REQUIRE(fresh.loop->round().has_value());
    REQUIRE(fresh.loop->round().has_value());
    CHECK(fresh.loop->status().state == SyncStatus::State::inStep);
    CHECK(rig.home->store().counts(0)->quarantined == 0);
    CHECK(hubState(rig, anna) == "refused");
    CHECK(hubState(rig, wim) == "given");
    CHECK(fresh.state(anna) == "refused");
    CHECK(fresh.ledger->stats()->quarantined == 0);
    CHECK(fresh.ledger->verify().has_value());
    CHECK(rig.home->store().verify().has_value());
}

TEST_CASE("a revoked till enrols anew: its undone yes does not stand at the hub") {
    HubRig rig;
    TillRig other(rig, "other");
    TillRig till(rig, "till");
    const SubjectId anna = SubjectId::random(rig.random);
    const SubjectId wim = SubjectId::random(rig.random);
    const EventId yes = till.say(anna, consent::Choice::given, "anna@example.org");
    SUBCASE("the hub had acknowledged it") {
        REQUIRE(till.loop->round().has_value());
    }
    SUBCASE("the hub has it, and its answer was lost") {
        auto batch = till.outbox->next(10, 100'000).value().value();
        protocol::seal(batch, *till.signing);
        REQUIRE(till.remote->push(batch).has_value());
    }
    SUBCASE("the hub never had it") {}
    till.say(wim, consent::Choice::refused);
    ledger::Draft undo;
    undo.subject = anna;
    undo.body = consent::Retract{yes, {}};
    REQUIRE(till.ledger->append(undo).has_value());
    const OriginId former = till.device->origin;
    REQUIRE(rig.home->store().setStatus(former, store::OriginStatus::revoked).has_value());
    till.close();
    const auto folder = till.device->folder;
    const auto again = protocol::Device::enrolAgain(folder, rig.invite(), rig.random);
    REQUIRE_MESSAGE(again.has_value(), (again ? "" : again.error().text()));
    REQUIRE(rig.home->store().setStatus(again->origin, store::OriginStatus::active).has_value());
    TillRig fresh(folder, rig);
    CHECK(fresh.ledger->stats()->pending == 3);
    REQUIRE(fresh.loop->round().has_value());
    REQUIRE(fresh.loop->round().has_value());
    REQUIRE(other.loop->round().has_value());
    CHECK(rig.home->store().counts(0)->events == 3);
    CHECK(rig.home->store().counts(0)->quarantined == 0);
    for (const TillRig* each : {&fresh, &other}) {
        CHECK(each->state(anna) != "given");
        CHECK(each->state(wim) == "refused");
        CHECK(each->ledger->stats()->quarantined == 0);
        CHECK(each->ledger->verify().has_value());
    }
    CHECK(hubState(rig, anna) != "given");
    CHECK(hubState(rig, wim) == "refused");
    CHECK(rig.home->store().origin(former)->status == store::OriginStatus::revoked);
    CHECK(rig.home->store().verify().has_value());
}

TEST_CASE("a till does not enrol anew with another house") {
    HubRig rig;
    HubRig other;
    TillRig till(rig, "till");
    const auto before = protocol::Device::load(till.device->folder)->origin;
    const auto again =
        protocol::Device::enrolAgain(till.device->folder, other.invite(), rig.random);
    REQUIRE_FALSE(again.has_value());
    CHECK(again.error().code == Code::conflict);
    CHECK(protocol::Device::load(till.device->folder)->origin == before);
}
