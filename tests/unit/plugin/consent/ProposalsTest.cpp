// What a stranger may say at a kiosk, and whom it binds.
#include "plugin/consent/Proposals.h"

#include <algorithm>
#include <array>

#include "plugin/base/Random.h"
#include "plugin/consent/StateOf.h"
#include "tests/support/Property.h"

using namespace souffleur;
using namespace souffleur::consent;

namespace {

constexpr TimeMs kNoon = 1795521600000;

struct Tale {
    SeededRandom random{7};
    SubjectId subject = SubjectId::random(random);
    OriginId kiosk = OriginId::random(random);
    std::vector<Event> events;

    EventId say(Body body) {
        Event event;
        event.id = EventId::random(random);
        event.origin = kiosk;
        event.position = events.size() + 1;
        event.subject = subject;
        event.at = kNoon + static_cast<TimeMs>(events.size()) * kHourMs;
        event.unc = kSecondMs;
        event.body = std::move(body);
        events.push_back(event);
        return event.id;
    }
    EventId act(Method method, std::vector<std::pair<Choice, Token>> what) {
        Act act;
        act.controller = "house";
        act.method = method;
        act.place = "foyer";
        for (auto& [choice, purpose] : what) {
            ChoiceItem item;
            item.choice = choice;
            item.purpose = purpose;
            item.channel = purpose == kAny ? Token(kAny) : Token("email");
            item.confirm = choice == Choice::given;
            act.choices.push_back(std::move(item));
        }
        return say(act);
    }
    [[nodiscard]] State state(const std::vector<Event>& all, const Token& purpose) const {
        return History(all, {subject}, Clocks{}).state({"house", purpose, "email"}).state;
    }
    [[nodiscard]] State own(const Token& purpose = "newsletter") const {
        return state(events, purpose);
    }
    [[nodiscard]] State others(const Token& purpose = "newsletter") const {
        return state(binding(events, {subject}), purpose);
    }
};

} // namespace

TEST_CASE("a proposal and the noes by its slip are its subject's own, and nobody else's") {
    Tale bob;
    bob.act(Method::kiosk, {{Choice::given, "newsletter"}, {Choice::refused, "brochure"}});
    CHECK(bob.own("brochure") == State::refused);
    CHECK_FALSE(negative(bob.others("brochure")));
    SUBCASE("taken back at the kiosk") {
        bob.act(Method::kiosk,
                {{Choice::withdrawn, "newsletter"}, {Choice::withdrawn, "brochure"}});
        CHECK(bob.own() == State::withdrawn);
    }
    SUBCASE("taken back on the page") {
        bob.act(Method::web, {{Choice::withdrawn, "newsletter"}});
        CHECK(bob.own() == State::withdrawn);
    }
    SUBCASE("and all else with it") {
        bob.act(Method::web, {{Choice::objected, Token(kAny)}});
        CHECK(bob.own() == State::objected);
    }
    CHECK_FALSE(negative(bob.others()));
    CHECK_FALSE(negative(bob.others("brochure")));
    CHECK(onlyProposed(bob.events, {bob.subject}));
    // A link vouches for all of it.
    Tale linked;
    const SubjectId other = SubjectId::random(linked.random);
    CHECK_FALSE(onlyProposed(bob.events, {bob.subject, other}));
    CHECK(binding(bob.events, {bob.subject, other}) == bob.events);
}

TEST_CASE("a mail confirms the yes that it names, and no other word of that visitor's") {
    Tale bob;
    const EventId yes =
        bob.act(Method::kiosk, {{Choice::given, "newsletter"}, {Choice::refused, "brochure"}});
    bob.say(Confirmed{yes, "email", std::string(64, 'a')});
    CHECK(bob.own() == State::given);
    CHECK_FALSE(onlyProposed(bob.events, {bob.subject}));
    CHECK_FALSE(negative(bob.others("brochure")));
    bob.act(Method::kiosk, {{Choice::withdrawn, "newsletter"}, {Choice::withdrawn, "brochure"}});
    CHECK(bob.others() == State::withdrawn); // the slip of what was confirmed
    CHECK_FALSE(negative(bob.others("brochure")));
    bob.act(Method::web, {{Choice::objected, Token(kAny)}});
    CHECK(bob.others("brochure") == State::objected);
}

TEST_CASE("the slip of an act that no visitor typed binds everybody at the address") {
    Tale anna;
    anna.act(Method::spoken, {{Choice::given, "newsletter"}});
    anna.act(Method::kiosk, {{Choice::withdrawn, "newsletter"}});
    CHECK(anna.others() == State::withdrawn);
    CHECK_FALSE(onlyProposed(anna.events, {anna.subject}));
}

TEST_CASE("what is known of an address says nothing of who typed it") {
    Tale bob;
    CHECK_FALSE(onlyProposed(bob.events, {bob.subject})); // nobody typed anything
    bob.act(Method::kiosk, {{Choice::refused, "newsletter"}});
    bob.say(Contact{"email", std::string(64, 'a'), ContactStatus::bounced});
    CHECK(onlyProposed(bob.events, {bob.subject}));
}

TEST_CASE("a no that an unlink copied here binds, and one that it copied away leaves no doubt") {
    Tale bob;
    const EventId mine = bob.act(Method::kiosk, {{Choice::refused, "newsletter"}});
    Event theirs = bob.events.front();
    theirs.id = EventId::random(bob.random);
    theirs.subject = SubjectId::random(bob.random);
    std::get<Act>(theirs.body).choices.front().purpose = "brochure";
    bob.say(Unlink{EventId::random(bob.random), theirs.subject, {mine, theirs.id}});
    bob.events.push_back(theirs);
    CHECK_FALSE(negative(bob.others()));
    CHECK(bob.others("brochure") == State::refused);
}

PROPERTY("whatever somebody says at a kiosk and by its slips, nobody else hears a no", [] {
    Tale bob;
    const std::array<Token, 3> purposes{"newsletter", "brochure", Token(kAny)};
    for (int i = *rc::gen::inRange(1, 8); i > 0; --i) {
        const bool code = *rc::gen::arbitrary<bool>();
        std::vector<std::pair<Choice, Token>> what;
        for (int n = *rc::gen::inRange(1, 4); n > 0; --n) {
            const auto which = static_cast<std::size_t>(*rc::gen::inRange(0, code ? 3 : 2));
            const bool first = *rc::gen::arbitrary<bool>();
            what.emplace_back(code ? (first ? Choice::withdrawn : Choice::objected)
                                   : (first ? Choice::given : Choice::refused),
                              purposes.at(which));
        }
        const bool web = code && *rc::gen::arbitrary<bool>();
        bob.act(web ? Method::web : Method::kiosk, std::move(what));
        if (*rc::gen::arbitrary<bool>())
            bob.say(Contact{"email", std::string(64, 'a'), ContactStatus::bounced});
    }
    for (const char* purpose : {"newsletter", "brochure", "donations"})
        RC_ASSERT(!negative(bob.others(purpose)));
    RC_ASSERT(bob.events.size() == binding(bob.events, {bob.subject}).size());
})
