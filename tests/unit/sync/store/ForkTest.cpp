// A device whose chain forked (a copied disk, a restored backup): nothing is discarded, its noes
// suppress, and what it says again under a new id takes their place.
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/unit/sync/store/Hub.h"

using namespace souffleur;
using namespace souffleur::store;
using namespace souffleur::test;
using consent::Choice;

namespace {

consent::Policy pack() {
    consent::Policy policy;
    policy.controller.id = "house";
    consent::ChannelRule rule;
    rule.channel = "email";
    policy.rules.push_back(rule);
    return policy;
}

/// A hub with one person who said yes at a till, and that till's twin.
struct Rig {
    TemporaryFolder folder;
    std::unique_ptr<Store> hub = open(folder);
    TestOrigin till{1};
    TestOrigin twin{1}; ///< the same disk, copied before anything was said
    SubjectId anna = till.newSubject();
    wire::PersonData person = test::anna();
    std::string address = contactKey(StoreKeys{}, person.contacts[0].canonical);

    Rig() {
        REQUIRE(hub->enrol(till.enrolment()).has_value());
        till.add(anna, consent::Contact{"email", address, consent::ContactStatus::verified}, kNoon,
                 &person);
        till.add(anna, act(Choice::given), kNoon);
        REQUIRE(till.push(*hub, 1, 2).has_value());
        (void) twin.newSubject();
        REQUIRE(twin.id == till.id);
    }
    [[nodiscard]] std::string answer() const {
        return hub->eligibility({anna, "newsletter", "email", kNoon + kHourMs}, pack())
            ->front()
            .verdict.reason;
    }
    [[nodiscard]] std::uint64_t kept() const { return hub->counts(kNoon)->quarantined; }
};

/// What the till's agent makes of an event when it enrols anew: the same under its new id.
consent::Event again(TestOrigin& fresh, const consent::Event& said) {
    return fresh.addAs(said.id, said.subject, said.body, said.at);
}

} // namespace

TEST_CASE("a fork discards nothing, and its noes suppress") {
    Rig r;
    REQUIRE(r.answer() == "given");
    r.twin.add(r.twin.newSubject(), consent::Fact{"language", "nl"}, kNoon + 7);
    r.twin.add(r.anna, act(Choice::refused), kNoon + 50);
    r.twin.add(r.anna, act(Choice::withdrawn), kNoon + 60);
    const auto pushed = r.twin.push(*r.hub, 1, 3);
    REQUIRE_FALSE(pushed.has_value());
    CHECK(pushed.error().code == Code::conflict);
    CHECK(pushed.error().where == "fork");
    CHECK(r.hub->origin(r.till.id)->status == OriginStatus::frozen);
    CHECK(r.kept() == 3);
    CHECK(r.answer() != "given");
    const auto devices = r.hub->origins();
    REQUIRE(devices.has_value());
    CHECK(devices->front().kept == 3);
    CHECK(r.hub->verify().has_value());
    SUBCASE("sent again it is the same") {
        CHECK(r.twin.push(*r.hub, 1, 3).error().where == "fork");
        CHECK(r.kept() == 3);
    }
    SUBCASE("it outlives a restart") {
        r.hub.reset();
        r.hub = open(r.folder);
        CHECK(r.kept() == 3);
        CHECK(r.answer() != "given");
    }
    SUBCASE("other tills hear of it") {
        TestOrigin other(7);
        REQUIRE(r.hub->enrol(other.enrolment()).has_value());
        const auto page = r.hub->pull({}, 500, other.id);
        REQUIRE(page.has_value());
        const auto card = std::find_if(page->cards.begin(), page->cards.end(),
                                       [&](const wire::Card& c) { return c.subject == r.anna; });
        REQUIRE(card != page->cards.end());
        CHECK(card->restricted);
    }
}

TEST_CASE("a frozen device's later noes suppress as well, gaps and all") {
    Rig r;
    r.twin.add(r.twin.newSubject(), act(Choice::deferred), kNoon + 7);
    REQUIRE_FALSE(r.twin.push(*r.hub, 1, 1).has_value());
    REQUIRE(r.answer() == "given");
    r.twin.add(r.twin.newSubject(), act(Choice::deferred), kNoon + 8);
    r.twin.add(r.anna, act(Choice::refused), kNoon + 50);
    SUBCASE("as a push") {
        CHECK(r.twin.push(*r.hub, 3, 3).error().where == "fork");
    }
    SUBCASE("ahead of the rest") {
        CHECK(r.hub->keepForked(r.till.id, 3, std::span(r.twin.events).subspan(2), kNoon) == 1U);
        CHECK(r.hub->keepForked(r.till.id, 3, std::span(r.twin.events).subspan(2), kNoon) == 0U);
    }
    SUBCASE("of the branch that was first here") {
        r.till.add(r.anna, act(Choice::refused), kNoon + 50);
        CHECK(r.till.push(*r.hub, 1, 3).error().where == "fork");
        CHECK(r.kept() == 2); // the first two are in the chain
    }
    CHECK(r.answer() != "given");
    CHECK(r.hub->verify().has_value());
}

TEST_CASE("an answer said again under the new id counts, and is no doubt any more") {
    Rig r;
    TestOrigin fresh(44);
    REQUIRE(r.hub->enrol(fresh.enrolment()).has_value());
    const auto no = r.twin.add(r.anna, act(Choice::refused), kNoon + 50);
    REQUIRE_FALSE(r.twin.push(*r.hub, 1, 1).has_value());
    REQUIRE(r.kept() == 1);
    again(fresh, no);
    REQUIRE(fresh.push(*r.hub, 1, 1)->quarantined.empty());
    CHECK(r.kept() == 0);
    CHECK(r.answer() == "refused");
    CHECK(stateOf(*r.hub, r.anna) == "refused");
    SUBCASE("and can be lifted by who was shown it") {
        fresh.add(r.anna, act(Choice::given, {no.id}, consent::Method::screen), kNoon + 90);
        REQUIRE(fresh.push(*r.hub, 2, 2)->quarantined.empty());
        CHECK(r.answer() == "given");
    }
    SUBCASE("also when the old one comes once more") {
        CHECK(r.twin.push(*r.hub, 1, 1).error().where == "fork");
        CHECK(r.answer() == "refused");
        CHECK(r.kept() == 0);
    }
    CHECK(r.hub->verify().has_value());
}

TEST_CASE("what the chain holds already is a duplicate under the new id") {
    Rig r;
    TestOrigin fresh(44);
    REQUIRE(r.hub->enrol(fresh.enrolment()).has_value());
    const auto no = r.till.add(r.anna, act(Choice::refused), kNoon + 50);
    REQUIRE(r.till.push(*r.hub, 3, 3).has_value());
    SUBCASE("the same") {
        again(fresh, no);
        const auto placed = fresh.push(*r.hub, 1, 1);
        REQUIRE(placed.has_value());
        CHECK(placed->duplicates == 1);
        CHECK(r.kept() == 0);
    }
    SUBCASE("another one of the same id is not") {
        fresh.addAs(no.id, no.subject, act(Choice::given), no.at);
        const auto placed = fresh.push(*r.hub, 1, 1);
        REQUIRE(placed.has_value());
        CHECK(placed->quarantined.size() == 1);
    }
    CHECK(stateOf(*r.hub, r.anna) == "refused");
    CHECK(r.hub->verify().has_value());
}

TEST_CASE("an undo that was forked leaves a doubt, until it undoes something") {
    Rig r;
    TestOrigin fresh(44);
    REQUIRE(r.hub->enrol(fresh.enrolment()).has_value());
    SUBCASE("what it undid is in the log: said again it takes what was given there") {
        const auto yes = r.till.add(r.anna, act(Choice::given), kNoon + 10);
        REQUIRE(r.till.push(*r.hub, 3, 3).has_value());
        const auto undo = r.twin.add(r.anna, consent::Retract{yes.id, {}}, kNoon + 20);
        REQUIRE_FALSE(r.twin.push(*r.hub, 1, 1).has_value());
        CHECK(r.answer() != "given");
        again(fresh, undo);
        REQUIRE(fresh.push(*r.hub, 1, 1).has_value());
        CHECK(r.kept() == 0);
        // The yes of before it was never undone.
        CHECK(stateOf(*r.hub, r.anna) == "given");
    }
    SUBCASE("what it undid comes later than it") {
        const auto yes = r.twin.add(r.anna, act(Choice::given), kNoon + 10);
        const auto undo = r.twin.add(r.anna, consent::Retract{yes.id, {}}, kNoon + 20);
        REQUIRE_FALSE(r.twin.push(*r.hub, 1, 2).has_value());
        again(fresh, undo);
        REQUIRE(fresh.push(*r.hub, 1, 1).has_value());
        CHECK(r.kept() == 2);
        CHECK(r.answer() != "given");
    }
    SUBCASE("both are said again: it undoes") {
        const auto no = r.twin.add(r.anna, act(Choice::refused), kNoon + 10);
        const auto undo = r.twin.add(r.anna, consent::Retract{no.id, {}}, kNoon + 20);
        REQUIRE_FALSE(r.twin.push(*r.hub, 1, 2).has_value());
        again(fresh, no);
        again(fresh, undo);
        REQUIRE(fresh.push(*r.hub, 1, 2)->quarantined.empty());
        CHECK(r.answer() == "given");
    }
    CHECK(r.hub->verify().has_value());
}

TEST_CASE("a revoked device stays revoked when its fork arrives") {
    Rig r;
    REQUIRE(r.hub->setStatus(r.till.id, OriginStatus::revoked).has_value());
    r.twin.add(r.anna, act(Choice::refused), kNoon + 50);
    REQUIRE(r.hub->keepForked(r.till.id, 1, r.twin.events, kNoon) == 1U);
    CHECK(r.hub->origin(r.till.id)->status == OriginStatus::revoked);
    CHECK(r.answer() != "given");
}

TEST_CASE("an erasure reaches what a fork kept") {
    Rig r;
    TestOrigin office = headOffice(*r.hub);
    wire::PersonData late = test::anna();
    late.displayName = "Quirinus Zonderling";
    r.twin.add(r.anna, act(Choice::refused), kNoon + 50, &late);
    SUBCASE("before") {
        REQUIRE_FALSE(r.twin.push(*r.hub, 1, 1).has_value());
        office.add(r.anna, consent::Erase{}, kNoon + 100);
        REQUIRE(office.push(*r.hub, 1, 1).has_value());
    }
    SUBCASE("after") {
        office.add(r.anna, consent::Erase{}, kNoon + 100);
        REQUIRE(office.push(*r.hub, 1, 1).has_value());
        REQUIRE_FALSE(r.twin.push(*r.hub, 1, 1).has_value());
    }
    CHECK(r.kept() == 1);
    REQUIRE(r.hub->maintain().value());
    r.hub.reset();
    for (const auto& entry : std::filesystem::directory_iterator(r.folder.path())) {
        std::ifstream in(entry.path(), std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(in), {}};
        CHECK(bytes.find("Zonderling") == std::string::npos);
    }
}

TEST_CASE(
    "what is kept of a fork has a bound: the rest stays at its device, and a no still counts") {
    Rig r;
    // Every word as large as one may be.
    wire::PersonData large = test::anna();
    for (int n = 0; n < 31; ++n)
        large.externalIds.push_back({"boxoffice", std::string(700, 'x') + std::to_string(n)});
    const SubjectId other = r.twin.newSubject();
    const std::size_t bytes = [&] {
        r.twin.add(other, consent::Fact{"language", "nl"}, kNoon + 7, &large);
        return r.twin.events.back().header.size() + r.twin.events.back().payload.size();
    }();
    const std::size_t fit = kForkedBytesMax / bytes;
    for (std::size_t n = 1; n < fit + 3; ++n)
        r.twin.add(other, consent::Fact{"language", "nl"}, kNoon + 7, &large);
    const auto told = [&] {
        const auto rows = r.hub->auditTrail(1000).value();
        return std::count_if(rows.begin(), rows.end(), [&](const AuditRow& row) {
            return row.action == "device.fork-full" && row.about == r.till.id.text();
        });
    };
    const auto device = [&] { return r.hub->origins().value().front(); };
    REQUIRE_FALSE(r.twin.push(*r.hub, 1, fit - 1).has_value());
    CHECK(r.kept() == fit - 1);
    CHECK(told() == 0);
    CHECK(device().keptAll);
    const auto pushed = r.twin.push(*r.hub, 1, fit + 3);
    REQUIRE_FALSE(pushed.has_value());
    CHECK(pushed.error().code == Code::conflict);
    CHECK(pushed.error().where == "fork"); // the device goes on sending its noes
    CHECK(pushed.error().message.find("stays at the device") != std::string::npos);
    const std::uint64_t full = r.kept();
    CHECK(full <= fit + 1);
    CHECK(told() == 1);
    CHECK_FALSE(device().keptAll);

    SUBCASE("again and again, it is told once and grows no more") {
        for (int n = 0; n < 3; ++n) CHECK_FALSE(r.twin.push(*r.hub, 1, fit + 3).has_value());
        CHECK(r.kept() == full);
        CHECK(told() == 1);
    }
    SUBCASE("a no among what does not fit is kept, and suppresses") {
        REQUIRE(r.answer() == "given");
        r.twin.add(other, consent::Fact{"language", "nl"}, kNoon + 8, &large);
        r.twin.add(r.anna, act(Choice::refused), kNoon + 50);
        const std::size_t last = r.twin.events.size();
        CHECK(r.twin.push(*r.hub, last - 1, last).error().where == "fork");
        CHECK(r.kept() == full + 1);
        CHECK(r.answer() != "given");
        // Sent ahead alone it is no trouble.
        CHECK(r.hub->keepForked(r.till.id, last, std::span(r.twin.events).subspan(last - 1),
                                kNoon) == 0U);
    }
    SUBCASE("noes have a bound too, beyond which the device is told") {
        std::optional<Error> refused;
        const std::size_t most = kForkedNoesFactor * kForkedBytesMax / bytes + 2;
        for (std::size_t n = 0; n < most && !refused; ++n) {
            r.twin.add(other, act(Choice::refused), kNoon + 50, &large);
            const auto kept = r.hub->keepForked(
                r.till.id, r.twin.events.size(),
                std::span(r.twin.events).subspan(r.twin.events.size() - 1), kNoon);
            if (!kept) refused = kept.error();
        }
        REQUIRE(refused.has_value());
        CHECK(refused->where == "fork");
        CHECK(refused->message.find("stays at the device") != std::string::npos);
        CHECK(told() == 1);
        // One that finds no room takes none from those that do, beside it or later.
        REQUIRE(r.answer() == "given");
        const std::uint64_t before = r.kept();
        r.twin.add(r.anna, act(Choice::refused), kNoon + 60);
        const auto both = std::span(r.twin.events).last(2);
        CHECK(r.hub->keepForked(r.till.id, r.twin.events.size() - 1, both, kNoon).error().where ==
              "fork");
        CHECK(r.kept() == before + 1);
        CHECK(r.answer() != "given");
    }
    SUBCASE("all of it counts under the id that the device enrols anew with") {
        TestOrigin fresh(44);
        REQUIRE(r.hub->enrol(fresh.enrolment()).has_value());
        for (std::size_t n = 0; n < fit + 3; ++n)
            fresh.add(other, consent::Fact{"language", "nl"}, kNoon + 7, &large);
        CHECK(fresh.push(*r.hub, 1, fit + 3)->placed == fit + 3);
    }
    CHECK(r.hub->verify().has_value());
}

TEST_CASE("the bound of a fork goes by number as well") {
    Rig r;
    const SubjectId other = r.twin.newSubject();
    for (std::uint64_t n = 0; n <= kForkedEventsMax; ++n)
        r.twin.add(other, consent::Fact{"language", "nl"}, kNoon + 7);
    const auto kept = r.hub->keepForked(r.till.id, 1, r.twin.events, kNoon);
    REQUIRE_FALSE(kept.has_value());
    CHECK(kept.error().message.find("no more of it is kept") != std::string::npos);
    CHECK(r.kept() == kForkedEventsMax);
    CHECK(r.hub->keepForked(r.till.id, 1, std::span(r.twin.events).first(kForkedEventsMax),
                            kNoon) == 0U);
}
