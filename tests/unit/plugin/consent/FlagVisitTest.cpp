// What the flag says after an answer: in the same visit, at other tills, in the next sale.
#include "plugin/consent/Flag.h"

#include <algorithm>

#include "tests/support/Property.h"
#include "tests/unit/plugin/consent/FlagHouse.h"

using namespace souffleur;
using namespace souffleur::test;

namespace {

/// What one answer left behind, at `at`: act `act` decided `keys` as `state`.
struct Left {
    State state;
    std::vector<std::pair<Token, Token>> keys;
    std::uint64_t act = 7;
    TimeMs at = kNow;
};

PersonFacts after(const std::vector<Left>& answers, PersonFacts person = customer()) {
    for (const Left& left : answers) {
        for (const auto& key : left.keys) {
            StateView& view = person.states[key];
            view = viewOf(left.state, left.at);
            view.because = eventId(left.act);
            view.deferredAt = left.state == State::deferred ? left.at : 0;
        }
    }
    return person;
}

const std::pair<Token, Token> kMail{"newsletter", "email"};
const std::pair<Token, Token> kSms{"newsletter", "sms"};
const std::pair<Token, Token> kPost{"brochure", "post"};
const std::pair<Token, Token> kOffers{"offers", "email"};
constexpr TimeMs kLater = kNow + kMinuteMs; ///< the same visit, any till
constexpr TimeMs kNextSale = kNow + 14 * kDayMs;

} // namespace

TEST_CASE("flag: after any answer no till asks in that visit, and the headline is that answer") {
    struct Row {
        const char* what;
        PersonFacts person;
        FlagKind kind;
        Reasons reasons;
        FlagKind nextKind; ///< at the next sale
        std::size_t nextQuestions;
    };
    PersonFacts customerOf = customer();
    customerOf.states[kSms] = viewOf(State::softOptIn);
    customerOf.states[kSms].method = Method::import;
    PersonFacts lapsing = customer();
    lapsing.states[kMail] = viewOf(State::given, kNow - 900 * kDayMs, kNow + 10 * kDayMs);
    const Row rows[] = {
        {"yes to one of many", after({{State::given, {kMail}}}), FlagKind::consented,
         Reasons{"some-given"}, FlagKind::partial, 3},
        {"yes that waits for its mail", after({{State::requested, {kMail}}}), FlagKind::unconfirmed,
         Reasons{"mail-unanswered"}, FlagKind::partial, 4},
        {"yes and no in one breath", after({{State::given, {kMail}}, {State::refused, {kPost}}}),
         FlagKind::consented, Reasons{"said-no"}, FlagKind::partial, 2},
        {"no to one", after({{State::refused, {kMail}}}), FlagKind::resting, Reasons{"said-no"},
         FlagKind::partial, 3},
        {"no thanks to what was asked", after({{State::refused, {kMail, kSms, kPost}}}),
         FlagKind::resting, Reasons{"said-no"}, FlagKind::partial, 1},
        {"no thanks to everything", after({{State::refused, {kMail, kSms, kPost, kOffers}}}),
         FlagKind::resting, Reasons{"said-no"}, FlagKind::resting, 0},
        {"not now, or unclear", after({{State::deferred, {kMail, kSms}}}), FlagKind::resting,
         Reasons{"put-off"}, FlagKind::ask, 2},
        {"not now to everything", after({{State::deferred, {kMail, kSms, kPost, kOffers}}}),
         FlagKind::resting, Reasons{"put-off"}, FlagKind::resting, 0},
        {"took a yes back, others stand",
         after({{State::given, {kPost, kOffers, kSms}, 3, kNow - 100 * kDayMs},
                {State::withdrawn, {kMail}}}),
         FlagKind::resting, Reasons{"said-no"}, FlagKind::resting, 0},
        {"own customer says no to one", after({{State::refused, {kMail}}}, customerOf),
         FlagKind::resting, Reasons{"said-no"}, FlagKind::partial, 3},
        {"own customer takes one back", after({{State::withdrawn, {kMail}}}, customerOf),
         FlagKind::resting, Reasons{"said-no"}, FlagKind::partial, 3},
        {"a lapsing yes, and no to another", after({{State::refused, {kPost}}}, lapsing),
         FlagKind::consented, Reasons{"said-no"}, FlagKind::refresh, 3},
    };
    const Policy policy = house();
    for (const Row& row : rows) {
        CAPTURE(std::string(row.what));
        const Flag now = flag(row.person, policy, {}, Situation::counter, kLater);
        CHECK(now.kind == row.kind);
        CHECK(now.reasons == row.reasons);
        CHECK(now.questions.empty());
        CHECK(now.line == nullptr);
        const Flag next = flag(row.person, policy, {}, Situation::counter, kNextSale);
        CHECK(next.kind == row.nextKind);
        CHECK(next.questions.size() == row.nextQuestions);
    }
}

TEST_CASE("flag: a visit ends; what an import or an order says is no answer of a visit") {
    Policy policy = house();
    constexpr TimeMs kVisitMs = 12 * kHourMs; // where the pack says nothing else
    PersonFacts person = after({{State::given, {kMail}}});
    const auto at = [&](TimeMs now) {
        return flag(person, policy, {}, Situation::counter, now).questions.size();
    };
    CHECK(at(kNow + kVisitMs - 1) == 0);
    CHECK(at(kNow + kVisitMs) == 3);
    CHECK(at(kNow - kVisitMs + 1) == 0); // another till's clock is ahead
    CHECK(at(kNow - kVisitMs) == 3);
    policy.reask.visitHours = 2; // a cinema's
    CHECK(at(kNow + 2 * kHourMs - 1) == 0);
    CHECK(at(kNow + 2 * kHourMs) == 3);
    policy.reask.visitHours = 12;
    person.states[kMail].method = Method::import;
    CHECK(at(kLater) == 3);
    person.answeredAt = kNow; // an answer that moved no state
    CHECK(at(kLater) == 0);
}

TEST_CASE("flag: a partner in the next sale of the same evening waits for another day") {
    const Policy policy = house();
    const PersonFacts person = after({{State::given, {kMail, kSms, kPost, kOffers}}});
    const Basket basket{{"zuid"}, {}};
    CHECK(flag(person, policy, basket, Situation::counter, kLater).questions.empty());
    CHECK(flag(person, policy, basket, Situation::counter, kNextSale).questions.size() == 1);
}

TEST_CASE("flag: a withdrawal leads while it is the last word, a later yes takes over") {
    const Policy policy = house();
    PersonFacts person = after({{State::given, {kPost, kOffers, kSms}, 3, kNow - 100 * kDayMs},
                                {State::withdrawn, {kMail}, 4, kNow - 50 * kDayMs}});
    CHECK(flag(person, policy).kind == FlagKind::resting);
    person.states[kPost].at = kNow - 40 * kDayMs;
    const Flag seen = flag(person, policy);
    CHECK(seen.kind == FlagKind::consented);
    CHECK(seen.lastNo->state == State::withdrawn);
}

TEST_CASE("flag: what was said no to in one breath is told as one no") {
    const Policy policy = house();
    Flag seen = flag(after({{State::refused, {kMail, kSms, kPost}}}), policy);
    CHECK(seen.lastNo->purpose == kAny);
    CHECK(seen.lastNo->channel == kAny);
    seen = flag(after({{State::refused, {kMail, kSms}}}), policy);
    CHECK(seen.lastNo->purpose == "newsletter");
    CHECK(seen.lastNo->channel == kAny);
    seen = flag(after({{State::refused, {kMail}}, {State::refused, {kPost}, 3, kNow - kDayMs}}),
                policy);
    CHECK(seen.lastNo->purpose == "newsletter");
    CHECK(seen.lastNo->channel == "email");
}

TEST_CASE("flag: ask again speaks of the last no, and never beside an open question") {
    const Policy policy = house();
    const auto again = [&](const PersonFacts& person, TimeMs now = kLater) {
        return flag(person, policy, {}, Situation::counter, now).againAt;
    };
    const TimeMs year = kNow + 365 * kDayMs;
    CHECK(again(after({{State::refused, {kMail}}})) == year);
    CHECK(again(after({{State::requested, {kMail}}, {State::refused, {kPost}}})) == year);
    CHECK(again(after({{State::deferred, {kMail}}, {State::refused, {kPost}}})) == year);
    CHECK(again(after(
              {{State::withdrawn, {kMail}}, {State::refused, {kPost}, 3, kNow - kDayMs}})) == 0);
    CHECK(again(after({{State::deferred, {kMail}}})) == kNow + 30 * kDayMs);
    CHECK(again(after({{State::requested, {kMail}}})) == kNow + 14 * kDayMs);
    CHECK(again(after({{State::given, {kMail}}})) == 0);
    CHECK(again(after({{State::refused, {kMail}}}), kNextSale) == 0); // questions are open
}

TEST_CASE("flag: a yes that only their own hand can make count says so") {
    const Policy policy = house();
    PersonFacts person = all(State::objected, 0);
    person.objected = true;
    person.states[kMail].pending = true;
    CHECK(flag(person, policy).reasons == Reasons{"wants-nothing", "needs-own-hand"});
    person = after({{State::withdrawn, {kMail}, 3, kNow - kDayMs}});
    person.states[kMail].pending = true;
    person.answeredAt = kNow;
    const Flag seen = flag(person, policy, {}, Situation::counter, kLater);
    CHECK(seen.kind == FlagKind::unconfirmed);
    CHECK(seen.reasons == Reasons{"needs-own-hand"});
}

TEST_CASE("flag: where nobody is asked the headline asks nothing either") {
    const Policy policy = house();
    PersonFacts lapsing = customer();
    lapsing.states[kMail] = viewOf(State::given, kNow - 900 * kDayMs, kNow + 10 * kDayMs);
    PersonFacts lapsed = customer();
    lapsed.states[kMail] = viewOf(State::given, kNow - 900 * kDayMs, kNow - 10 * kDayMs);
    PersonFacts dead = all(State::given);
    dead.contacts["email"].bounced = true;
    PersonFacts refusedLongAgo = all(State::refused, kNow - 900 * kDayMs);
    for (const bool minor : {false, true}) {
        const auto here = [&](PersonFacts person) {
            person.minor = minor;
            return flag(person, policy, {}, minor ? Situation::counter : Situation::school);
        };
        const std::string why = minor ? "minor" : "not-asked-here";
        CHECK(here(customer()).kind == FlagKind::resting);
        CHECK(here(customer()).reasons == Reasons{"never-asked", why});
        CHECK(here(lapsing).kind == FlagKind::consented);
        CHECK(here(lapsing).reasons == Reasons{"some-given", why});
        CHECK(here(lapsed).kind == FlagKind::resting);
        CHECK(here(lapsed).reasons == Reasons{"lapsed", why});
        CHECK(here(dead).kind == FlagKind::consented);
        CHECK(here(refusedLongAgo).kind == FlagKind::resting);
        CHECK(here(refusedLongAgo).reasons == Reasons{"said-no", why});
        CHECK(here(refusedLongAgo).againAt == 0);
    }
}

PROPERTY("flag: within a visit nothing is asked, whatever the rest", [] {
    Digits d(*genSeed());
    Policy policy = house();
    PersonFacts person = customer();
    person.objected = d.next(4) == 1;
    for (const auto& key : {kMail, kSms, kPost, kOffers}) {
        const std::uint64_t state = d.next(11);
        if (state < 10) {
            person.states[key] = viewOf(static_cast<State>(state),
                                        kNow - static_cast<TimeMs>(d.next(3)) * 200 * kDayMs,
                                        d.next(2) == 1 ? kForever : kNow + kDayMs);
            person.states[key].pending = d.next(3) == 1;
            person.states[key].deferredAt = d.next(3) == 1 ? kNow - kDayMs : 0;
        }
    }
    person.answeredAt = kLater - static_cast<TimeMs>(d.next(100)) * kMinuteMs;
    const Flag seen = flag(person, policy, {{"zuid"}, {}}, Situation::counter, kLater);
    RC_ASSERT(seen.questions.empty());
    RC_ASSERT(seen.line == nullptr);
    RC_ASSERT(seen.kind != FlagKind::ask);
    RC_ASSERT(seen.kind != FlagKind::refresh);
    RC_ASSERT(seen.kind != FlagKind::partial);
    RC_ASSERT(!seen.reasons.empty());
})
