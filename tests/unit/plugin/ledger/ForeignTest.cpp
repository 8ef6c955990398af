// What others made: any order, any doubling, and what cannot be read.
#include <SQLiteCpp/SQLiteCpp.h>

#include "Fixture.h"
#include "plugin/crypto/Encoding.h"
#include "plugin/crypto/Hash.h"
#include "plugin/wire/Header.h"

using namespace souffleur;
using namespace souffleur::ledger;
using namespace souffleur::ledger::testing;
using consent::Choice;
using consent::State;

namespace {

wire::Card cardOf(SubjectId subject, const Ledger& ledger, std::uint64_t version = 1) {
    wire::Card out;
    out.subject = subject;
    out.version = version;
    out.displayName = "Wim Visser";
    out.language = "nl";
    out.contacts = {{"email", "w•••@example.org", ledger.contactKey("email:wim@example.org"),
                     consent::ContactStatus::verified}};
    out.externalKeys = {ledger.externalKey("pretix", "W1"), ledger.numberKey("W1")};
    out.orders = 4;
    out.customerSince = 1500000000000;
    return out;
}

Result<Applied> takeIn(Ledger& ledger, const std::vector<Foreign>& events,
                       const std::vector<wire::Card>& cards = {}, std::string_view cursor = {}) {
    return ledger.applyForeign(events, cards, cursor);
}

/// Two subjects, acts, a link and a retract, made on another till.
std::vector<Foreign> history(Rig& other) {
    const auto a = idOf<SubjectId>(1);
    const auto b = idOf<SubjectId>(2);
    other.add(a, act({choice("newsletter", "email", Choice::given)}));
    other.add(b, act({choice("newsletter", "email", Choice::refused),
                      choice("offers", "post", Choice::given)}));
    const Appended wrong = other.add(a, act({choice("*", "*", Choice::objected)}));
    other.add(a, consent::Retract{wrong.id, idOf<OperatorId>(50)});
    other.add(a, consent::Link{b, "operator"});
    other.add(b, consent::Fact{"minor", "yes"});
    return other.exported();
}

} // namespace

TEST_CASE("a card makes a person known, findable and masked") {
    Rig rig;
    const auto wim = idOf<SubjectId>(5);
    const std::vector<wire::Card> cards{cardOf(wim, *rig.ledger)};
    CHECK(takeIn(*rig.ledger, {}, cards, "cursor-1").value().cards == 1);
    CHECK(rig.ledger->cursor().value() == "cursor-1");
    const auto facts = rig.ledger->personFacts(wim, policy()).value();
    CHECK(facts.known);
    CHECK(facts.orders == 4);
    CHECK(facts.contacts.at("email").verified);
    CHECK(rig.ledger->search("wim vis", 5).value().hits.size() == 1);
    CHECK(rig.ledger->search("wim@example.org", 5).value().hits.size() == 1);
    CHECK(rig.ledger->findExternal("pretix", "W1").value() == std::vector{wim});
    CHECK(rig.ledger->verify().has_value());
    CHECK(takeIn(*rig.ledger, {}, cards).value().cards == 0);
    std::vector<wire::Card> old{cardOf(wim, *rig.ledger, 0)};
    old[0].displayName = "Older";
    CHECK(takeIn(*rig.ledger, {}, old).value().cards == 0);
    CHECK(rig.ledger->person(wim).value().displayName == "Wim Visser");
}

TEST_CASE("two tills converge, whatever the order and however often") {
    Rig other(2);
    std::vector<Foreign> events = history(other);
    SeededRandom shuffle(7);
    std::optional<crypto::Hash> first;
    for (int round = 0; round < 6; ++round) {
        Rig rig(3);
        for (std::size_t i = events.size(); i > 1; --i) {
            std::swap(events[i - 1], events[shuffle.below(i)]);
        }
        for (std::size_t i = 0; i < events.size(); ++i) {
            const std::vector<Foreign> one{events[i], events[i / 2]};
            REQUIRE(takeIn(*rig.ledger, one).has_value());
        }
        const auto report = rig.ledger->verify().value();
        CHECK(rig.ledger->stats().value().events == events.size());
        if (!first) first = report.projections;
        CHECK(report.projections == *first);
        CHECK(rig.state(idOf<SubjectId>(1), "newsletter", "email") == State::refused);
    }
    CHECK(other.ledger->verify().value().projections == *first);
}

TEST_CASE("rebuilding gives the same rows") {
    Rig rig(3);
    Rig other(2);
    REQUIRE(
        takeIn(*rig.ledger, history(other), {cardOf(idOf<SubjectId>(5), *rig.ledger)}).has_value());
    const auto before = rig.ledger->verify().value();
    CHECK(rig.ledger->rebuild().has_value());
    CHECK(rig.ledger->verify().value().projections == before.projections);
    CHECK(rig.ledger->search("visser", 5).value().hits.size() == 1);
}

TEST_CASE("an advance copy applies at once and the original takes its place") {
    Rig rig(3);
    Rig other(2);
    const auto anna = idOf<SubjectId>(1);
    other.add(anna, act({choice("newsletter", "email", Choice::refused)}));
    std::vector<Foreign> events = other.exported();
    events[0].seq = 0;
    CHECK(takeIn(*rig.ledger, events).value().placed == 1);
    CHECK(rig.state(anna, "newsletter", "email") == State::refused);
    events[0].seq = 1;
    CHECK(takeIn(*rig.ledger, events).value().duplicates == 1);
    CHECK(rig.ledger->events(anna, 10).value().at(0).event.position == 1);
    CHECK(rig.ledger->verify().has_value());
}

TEST_CASE("what cannot be read is kept, and a negative restricts its subject") {
    Rig rig(3);
    const auto anna = idOf<SubjectId>(1);
    rig.add(anna, act({choice("newsletter", "email", Choice::given)}));
    Foreign bad;
    bad.origin = idOf<OriginId>(2);
    bad.seq = 1;
    bad.header = R"({"v":9})";
    bad.subject = anna;
    bad.negative = true;
    CHECK(takeIn(*rig.ledger, {bad, bad}).value().quarantined == 2);
    CHECK(rig.ledger->stats().value().quarantined == 1);
    CHECK(rig.ledger->personFacts(anna, policy()).value().restricted);
    CHECK(rig.ledger->rebuild().has_value());
    CHECK(rig.ledger->personFacts(anna, policy()).value().restricted);
    CHECK(rig.ledger->verify().has_value());
}

TEST_CASE("what a newer version wrote is read by the build that knows it") {
    Rig rig(3);
    Rig other(2);
    const auto anna = idOf<SubjectId>(1);
    other.add(anna, act({choice("newsletter", "email", Choice::refused)}));
    Foreign newer = other.exported().at(0);
    const std::string known = newer.header;
    newer.header.replace(known.find("\"v\":1"), 5, "\"v\":9");
    newer.subject = anna;
    newer.negative = true;
    REQUIRE(takeIn(*rig.ledger, {newer}).value().quarantined == 1);
    rig.reopen();
    CHECK(rig.ledger->stats().value().quarantined == 1);
    rig.ledger.reset();
    {
        // The build that knows version 9: to it, these bytes are what version 1 is to us.
        SQLite::Database db((rig.folder.path / "ledger.db").string(), SQLite::OPEN_READWRITE);
        SQLite::Statement update(db, "UPDATE quarantine SET header = ?");
        update.bind(1, known.data(), static_cast<int>(known.size()));
        REQUIRE(update.exec() == 1);
    }
    rig.reopen();
    CHECK(rig.ledger->stats().value().quarantined == 0);
    CHECK(rig.state(anna, "newsletter", "email") == State::refused);
    CHECK_FALSE(rig.ledger->personFacts(anna, policy()).value().restricted);
    CHECK(rig.ledger->verify().has_value());
}

TEST_CASE("a wrong origin, a changed event and a payload that does not fit are not taken in") {
    Rig rig(3);
    Rig other(2);
    other.add(idOf<SubjectId>(1), act({choice("newsletter", "email", Choice::given)}));
    const Foreign good = other.exported().at(0);
    Foreign wrong = good;
    wrong.origin = idOf<OriginId>(8);
    Foreign payload = good;
    payload.payload = "not what was committed to";
    CHECK(takeIn(*rig.ledger, {wrong, payload}).value().quarantined == 2);
    CHECK(takeIn(*rig.ledger, {good}).value().placed == 1);
    Foreign changed = good;
    changed.header.insert(changed.header.size() - 1, ",\"x\":1");
    CHECK(takeIn(*rig.ledger, {changed}).value().quarantined == 1);
    CHECK(rig.ledger->stats().value().events == 1);
}

TEST_CASE("own events that come back are duplicates") {
    Rig rig;
    rig.add(idOf<SubjectId>(1), act({choice("newsletter", "email", Choice::given)}));
    CHECK(takeIn(*rig.ledger, rig.exported()).value().duplicates == 1);
}

TEST_CASE("a judged clock changes the states of those it touches") {
    Rig rig(3);
    Rig other(2);
    Rig third(4);
    const auto anna = idOf<SubjectId>(1);
    other.add(anna, act({choice("newsletter", "email", Choice::refused)}));
    third.clock.at = other.clock.at + kHourMs;
    third.add(anna, act({choice("newsletter", "email", Choice::given)}));
    REQUIRE(takeIn(*rig.ledger, other.exported()).has_value());
    REQUIRE(takeIn(*rig.ledger, third.exported()).has_value());
    CHECK(rig.state(anna, "newsletter", "email") == State::given);
    consent::ClockJudgement judgement;
    judgement.about = third.options.origin;
    judgement.suspect = true;
    consent::Event clock;
    clock.id = idOf<EventId>(60);
    clock.origin = idOf<OriginId>(61);
    clock.at = other.clock.at;
    clock.body = judgement;
    Foreign event;
    event.origin = clock.origin;
    event.seq = 1;
    event.header = wire::encodeHeader(clock, "").value();
    REQUIRE(takeIn(*rig.ledger, {event}).value().placed == 1);
    CHECK(rig.state(anna, "newsletter", "email") == State::refused);
    CHECK(rig.ledger->verify().has_value());
    rig.reopen();
    CHECK(rig.ledger->verify().has_value());
}

TEST_CASE("of facts and addresses the strictest of what may be the last word stands at a till") {
    Rig rig(3);
    const auto anna = idOf<SubjectId>(1);
    const std::string key = rig.ledger->contactKey("email:anna@example.org");
    const TimeMs now = rig.clock.at;
    const auto facts = [&] { return rig.ledger->personFacts(anna, policy()).value(); };
    REQUIRE(takeIn(*rig.ledger,
                   {foreign(7, 1, anna, consent::Fact{"restricted", "yes"}, now),
                    foreign(7, 2, anna, consent::Fact{"minor", "yes"}, now),
                    foreign(7, 3, anna,
                            consent::Contact{"email", key, consent::ContactStatus::bounced}, now)})
                .has_value());
    SUBCASE("a minute apart, whose clock is off?") {
        rig.clock.at += kMinuteMs;
        rig.add(anna, consent::Fact{"restricted", "no"});
        rig.add(anna, consent::Fact{"minor", "no"});
        rig.add(anna, consent::Contact{"email", key, consent::ContactStatus::verified});
    }
    SUBCASE("dated 2099 by a clock that the hub judges afterwards") {
        REQUIRE(takeIn(*rig.ledger,
                       {foreign(8, 1, anna, consent::Fact{"restricted", "no"}, 4070908800000),
                        foreign(8, 2, anna, consent::Fact{"minor", "no"}, 4070908800000),
                        foreign(8, 3, anna,
                                consent::Contact{"email", key, consent::ContactStatus::verified},
                                4070908800000)})
                    .has_value());
        CHECK_FALSE(facts().restricted);
        consent::ClockJudgement judgement{idOf<OriginId>(8), 1, 3, 0, true};
        REQUIRE(takeIn(*rig.ledger, {foreign(9, 1, SubjectId{}, judgement, now)}).has_value());
    }
    CHECK(facts().restricted);
    CHECK(facts().minor);
    CHECK(facts().contacts.at("email").bounced);
    CHECK(rig.ledger->verify().has_value());
    const auto before = rig.ledger->verify().value().projections;
    CHECK(rig.ledger->rebuild().has_value());
    CHECK(rig.ledger->verify().value().projections == before);
    SUBCASE("until it is certainly later") {
        rig.clock.at += kHourMs;
        rig.add(anna, consent::Fact{"restricted", "no"});
        rig.add(anna, consent::Fact{"minor", "no"});
        rig.add(anna, consent::Contact{"email", key, consent::ContactStatus::verified});
        CHECK_FALSE(facts().restricted);
        CHECK_FALSE(facts().minor);
        CHECK_FALSE(facts().contacts.at("email").bounced);
    }
}

TEST_CASE(
    "a ledger of an older build, in which the newest word won, is brought up to this one's rules") {
    Rig rig(3);
    const auto anna = idOf<SubjectId>(1);
    const TimeMs now = rig.clock.at;
    REQUIRE(takeIn(*rig.ledger,
                   {foreign(7, 1, anna, consent::Fact{"restricted", "yes"}, now),
                    foreign(8, 1, anna, consent::Fact{"restricted", "no"}, now + kMinuteMs)})
                .has_value());
    rig.ledger.reset();
    {
        SQLite::Database db((rig.folder.path / "ledger.db").string(), SQLite::OPEN_READWRITE);
        REQUIRE(db.exec("DELETE FROM meta WHERE name = 'words'") == 1);
        REQUIRE(db.exec("UPDATE people SET flags = flags & ~1") == 1);
    }
    rig.reopen();
    CHECK(rig.ledger->personFacts(anna, policy()).value().restricted);
    CHECK(rig.ledger->verify().has_value());
}

TEST_CASE("a restriction on the hub's card is not lifted by what the till knows") {
    Rig rig(3);
    const auto anna = idOf<SubjectId>(1);
    wire::Card card = cardOf(anna, *rig.ledger);
    card.restricted = true;
    card.minor = true;
    REQUIRE(takeIn(*rig.ledger, {}, {card}).has_value());
    rig.add(anna, consent::Fact{"restricted", "no"});
    rig.add(anna, consent::Fact{"minor", "no"});
    CHECK(rig.ledger->personFacts(anna, policy()).value().restricted);
    CHECK(rig.ledger->personFacts(anna, policy()).value().minor);
    card.version += 1;
    card.restricted = card.minor = false;
    REQUIRE(takeIn(*rig.ledger, {}, {card}).has_value());
    CHECK_FALSE(rig.ledger->personFacts(anna, policy()).value().restricted);
    CHECK_FALSE(rig.ledger->personFacts(anna, policy()).value().minor);
}

TEST_CASE("a bounce on the hub's card is not healed by what the till knows") {
    Rig rig(3);
    const auto anna = idOf<SubjectId>(1);
    wire::Card card = cardOf(anna, *rig.ledger);
    REQUIRE(card.contacts.size() == 1);
    card.contacts[0].status = consent::ContactStatus::bounced;
    REQUIRE(takeIn(*rig.ledger, {}, {card}).has_value());
    const auto email = [&] {
        return rig.ledger->personFacts(anna, policy()).value().contacts.at("email");
    };
    CHECK(email().bounced);
    rig.add(anna, consent::Contact{card.contacts[0].channel, card.contacts[0].key,
                                   consent::ContactStatus::verified});
    CHECK(email().bounced);
    CHECK_FALSE(email().verified);
    CHECK(rig.ledger->verify().has_value());
    card.version += 1;
    card.contacts[0].status = consent::ContactStatus::verified;
    REQUIRE(takeIn(*rig.ledger, {}, {card}).has_value());
    CHECK_FALSE(email().bounced);
    CHECK(email().verified);
}

TEST_CASE("a clock that is not believed brings nobody back whom a till erased") {
    Rig rig(3);
    const auto anna = idOf<SubjectId>(1);
    const std::string key = rig.ledger->contactKey("email:anna@example.org");
    const TimeMs now = rig.clock.at;
    REQUIRE(takeIn(*rig.ledger,
                   {foreign(7, 1, anna, consent::Erase{}, now),
                    foreign(8, 1, anna,
                            consent::Contact{"email", key, consent::ContactStatus::verified},
                            4070908800000)})
                .has_value());
    consent::ClockJudgement judgement{idOf<OriginId>(8), 1, 1, 0, true};
    REQUIRE(takeIn(*rig.ledger, {foreign(9, 1, SubjectId{}, judgement, now)}).has_value());
    CHECK(rig.ledger->findContact("email:anna@example.org").value().empty());
    CHECK(rig.ledger->personFacts(anna, policy()).value().contacts.empty());
    CHECK(rig.ledger->suppressed(key).value());
    CHECK(rig.ledger->verify().has_value());
}

TEST_CASE("a no that an unlink copied binds both sides at a till, and can be seen at both") {
    Rig rig(3);
    const auto one = idOf<SubjectId>(1);
    const auto other = idOf<SubjectId>(2);
    const TimeMs now = rig.clock.at;
    const Foreign no =
        foreign(7, 1, one, act({choice("newsletter", "email", Choice::refused)}), now);
    const Foreign yes =
        foreign(8, 1, other, act({choice("newsletter", "email", Choice::given)}), now + kDayMs);
    const Foreign link = foreign(9, 1, one, consent::Link{other, "operator"}, now);
    const EventId linked = wire::decodeHeader(link.header).value().event.id;
    const EventId refused = wire::decodeHeader(no.header).value().event.id;
    const Foreign unlink = foreign(9, 2, one, consent::Unlink{linked, other, {refused}}, now);
    std::vector<Foreign> all{no, yes, link, unlink};
    SUBCASE("in order") {}
    SUBCASE("the no comes last") {
        std::rotate(all.begin(), all.begin() + 1, all.end());
    }
    SUBCASE("the unlink comes first") {
        std::reverse(all.begin(), all.end());
    }
    for (const Foreign& each : all) REQUIRE(takeIn(*rig.ledger, {each}).has_value());
    CHECK(rig.state(one, "newsletter", "email") == State::refused);
    CHECK(rig.state(other, "newsletter", "email") == State::refused);
    CHECK(rig.ledger->verify().has_value());
    const std::vector<consent::Key> keys{{"house", "newsletter", "email"}};
    for (const SubjectId& each : {one, other})
        CHECK(rig.ledger->negatives(each, keys).value() == std::vector{refused});
    consent::Act again = act({choice("newsletter", "email", Choice::given)});
    again.seen = {refused};
    rig.add(other, again);
    CHECK(rig.state(other, "newsletter", "email") == State::given);
    CHECK(rig.state(one, "newsletter", "email") == State::refused);
    CHECK(rig.ledger->verify().has_value());
}

TEST_CASE("an unreadable no after a readable yes of a new subject holds, in one page or in two") {
    Rig other(2);
    const auto anna = idOf<SubjectId>(1);
    other.add(anna, act({choice("newsletter", "email", Choice::given)}));
    other.add(anna, act({choice("newsletter", "email", Choice::refused)}));
    std::vector<Foreign> events = other.exported();
    REQUIRE(events.size() == 2);
    events[1].header = R"({"v":99,"nonsense":true})";
    events[1].payload.clear();
    events[1].subject = anna;
    events[1].negative = true;
    Rig rig(3);
    SUBCASE("in one page") {
        CHECK(takeIn(*rig.ledger, events).value().quarantined == 1);
    }
    SUBCASE("in one page, with the card") {
        CHECK(takeIn(*rig.ledger, events, {cardOf(anna, *rig.ledger)}).value().quarantined == 1);
    }
    SUBCASE("in two pages") {
        CHECK(takeIn(*rig.ledger, {events[0]}).value().quarantined == 0);
        CHECK(takeIn(*rig.ledger, {events[1]}).value().quarantined == 1);
    }
    CHECK(rig.ledger->personFacts(anna, policy()).value().restricted);
    CHECK(rig.ledger->rebuild().has_value());
    CHECK(rig.ledger->personFacts(anna, policy()).value().restricted);
}

TEST_CASE("a no that a pull brings between a look and an answer counts at the answer") {
    Rig other(2);
    Rig rig;
    const auto wim = idOf<SubjectId>(1);
    rig.add(wim, act({choice("newsletter", "email", Choice::given)}));
    CHECK(rig.state(wim, "newsletter", "email") == State::given); // selected, shown
    other.clock.at = rig.clock.at + kDayMs;
    other.add(wim, act({choice("newsletter", "email", Choice::withdrawn)}));
    REQUIRE(takeIn(*rig.ledger, other.exported()).value().placed == 1);
    // The clock of the other till is ahead and its no was not shown here: the yes cannot beat it.
    rig.add(wim, act({choice("newsletter", "email", Choice::given)}));
    CHECK(rig.state(wim, "newsletter", "email") == State::withdrawn);
    CHECK(rig.ledger->verify().has_value());
}

TEST_CASE("who was only linked is on file once spoken of, also beside who stands for them") {
    Rig other(2);
    Rig rig;
    const auto wim = idOf<SubjectId>(1);
    const auto ada = idOf<SubjectId>(2);
    other.add(wim, consent::Link{ada, "operator"});
    auto page = other.exported();
    REQUIRE(takeIn(*rig.ledger, page).value().placed == 1);
    other.add(wim, act({choice("newsletter", "email", Choice::given)}));
    other.add(ada, act({choice("newsletter", "post", Choice::refused)}));
    page = other.exported();
    page.erase(page.begin());
    REQUIRE(takeIn(*rig.ledger, page).value().placed == 2); // in one transaction
    CHECK(rig.ledger->verify().has_value());
}

namespace {

consent::Body somethingSaid(SeededRandom& random, const std::vector<EventId>& said) {
    static constexpr std::array kChoices{Choice::given, Choice::refused, Choice::withdrawn,
                                         Choice::objected, Choice::deferred};
    if (!said.empty() && random.below(6) == 0) {
        return consent::Retract{said[random.below(said.size())], idOf<OperatorId>(50)};
    }
    if (random.below(8) == 0)
        return consent::Link{idOf<SubjectId>(1 + random.below(3)), "operator"};
    if (random.below(8) == 0) return consent::Fact{"minor", random.below(2) == 0 ? "yes" : "no"};
    if (random.below(20) == 0) return consent::Erase{};
    const Choice what = kChoices[random.below(kChoices.size())];
    const bool wide = consent::negative(what) && random.below(3) == 0;
    return act({choice(wide ? "*" : "newsletter", random.below(2) == 0 ? "email" : "post", what)});
}

/// One more event at a till, of one of three people, sometimes with what it writes of the person.
void speak(Rig& till, SeededRandom& random, std::vector<EventId>& said) {
    till.clock.at += static_cast<TimeMs>(random.below(kDayMs));
    const auto who = idOf<SubjectId>(1 + random.below(3));
    const auto body = somethingSaid(random, said);
    if (const auto* link = std::get_if<consent::Link>(&body); link && link->other == who) return;
    said.push_back(till.add(who, body).id);
}

} // namespace

PROPERTY("answers and pulls in any turn leave what a rebuild gives", [](std::uint64_t seed) {
    SeededRandom random(seed);
    Rig other(2);
    Rig rig;
    std::vector<EventId> theirs;
    std::vector<EventId> ours;
    std::size_t pulled = 0;
    for (int i = 0; i < 14; ++i) {
        speak(other, random, theirs);
        if (random.below(2) == 0) speak(rig, random, ours);
        if (random.below(3) == 0) {
            std::vector<Foreign> page = other.exported();
            page.erase(page.begin(), page.begin() + static_cast<std::ptrdiff_t>(pulled));
            pulled += page.size();
            if (random.below(3) == 0) { // what cannot be read suppresses its subject
                Foreign odd;
                odd.origin = other.options.origin;
                odd.seq = 1000 + static_cast<std::uint64_t>(i);
                odd.header = "{" + std::to_string(i);
                odd.subject = idOf<SubjectId>(1 + random.below(3));
                odd.negative = true;
                page.insert(
                    page.begin() + static_cast<std::ptrdiff_t>(random.below(page.size() + 1)), odd);
            }
            RC_ASSERT(takeIn(*rig.ledger, page).has_value());
        }
        const auto checked = rig.ledger->verify();
        RC_ASSERT(checked.has_value());
    }
});
