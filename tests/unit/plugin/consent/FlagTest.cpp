#include "plugin/consent/Flag.h"

#include <algorithm>

#include "tests/support/Property.h"
#include "tests/unit/plugin/consent/FlagHouse.h"

using namespace souffleur;
using namespace souffleur::test;

TEST_CASE("flag: a customer who is not on file is unknown, and may be asked") {
    const Policy policy = house();
    const Flag seen = flag(PersonFacts{}, policy);
    CHECK(seen.kind == FlagKind::unknown);
    CHECK(seen.reasons == Reasons{"not-on-file"});
    CHECK(seen.questions.size() == 4);
    CHECK(seen.line == seen.questions.front().notice);
    CHECK(seen.questions.front().needsAddress);
}

TEST_CASE("flag: never asked is ask, purposes by priority with their channels together") {
    const Policy policy = house();
    const Flag seen = flag(customer(), policy);
    CHECK(seen.kind == FlagKind::ask);
    CHECK(seen.reasons == Reasons{"never-asked"});
    REQUIRE(seen.questions.size() == 4);
    CHECK(seen.questions[0].purpose == "newsletter");
    CHECK(seen.questions[0].channel == "email");
    CHECK(seen.questions[1].channel == "sms");
    CHECK(seen.questions[2].purpose == "brochure");
    CHECK(seen.questions[3].purpose == "offers");
    CHECK_FALSE(seen.questions[0].needsAddress);
    CHECK_FALSE(seen.lastNo.has_value());
}

TEST_CASE("flag: at most questionsPerSale purposes") {
    Policy policy = house();
    const Basket basket{{"zuid"}, {}};
    for (int most = 0; most <= 5; ++most) {
        policy.questionsPerSale = most;
        const Flag seen = flag(customer(), policy, basket);
        std::set<Token> purposes;
        for (const Question& question : seen.questions) {
            purposes.insert(question.purpose);
        }
        CHECK(static_cast<int>(purposes.size()) == std::min(most, 4));
        CHECK((seen.line == nullptr) == (most == 0));
    }
}

TEST_CASE("flag: a partner is asked for only if the basket holds that partner") {
    const Policy policy = house();
    PersonFacts person = all(State::given);
    CHECK(flag(person, policy).kind == FlagKind::consented);
    const Flag seen = flag(person, policy, {{"noord", "zuid"}, {}});
    CHECK(seen.kind == FlagKind::partial);
    REQUIRE(seen.questions.size() == 1);
    CHECK(seen.questions[0].purpose == "partner:zuid");
    CHECK(flag(person, policy, {{"noord"}, {}}).questions.empty());
}

TEST_CASE("flag: a purpose that is not for the counter is not asked there") {
    Policy policy = house();
    for (Purpose& purpose : policy.purposes) {
        purpose.askedAtCounter = false;
    }
    CHECK(flag(customer(), policy).questions.empty());
}

TEST_CASE("flag: a channel without a rule and a purpose without wording are not asked") {
    Policy policy = house();
    std::erase_if(policy.rules, [](const ChannelRule& rule) { return rule.channel == "sms"; });
    policy.purposes[2].notices.clear();
    const Flag seen = flag(customer(), policy);
    REQUIRE(seen.questions.size() == 2);
    CHECK(seen.questions[0].channel == "email");
    CHECK(seen.questions[1].purpose == "offers");
}

TEST_CASE("flag: the line is in the given language, else the person's, else the house's") {
    const Policy policy = house();
    PersonFacts person = customer();
    CHECK(flagOf(person, policy, {}, {}, "", kNow).line->line == "newsletter in nl");
    person.language = "en-GB";
    CHECK(flagOf(person, policy, {}, {}, "", kNow).line->line == "newsletter in en");
    CHECK(flagOf(person, policy, {}, {}, "nl", kNow).line->line == "newsletter in nl");
    CHECK(flagOf(person, policy, {}, {}, "ru", kNow).line->line == "newsletter in nl");
}

TEST_CASE("flag: restricted shows nothing at all") {
    PersonFacts person = all(State::refused);
    person.restricted = true;
    person.objected = true;
    const Flag seen = flag(person, house());
    CHECK(seen.kind == FlagKind::restricted);
    CHECK(seen.reasons.empty());
    CHECK(seen.questions.empty());
    CHECK(seen.line == nullptr);
    CHECK_FALSE(seen.lastNo.has_value());
}

TEST_CASE("flag: who wants nothing is never asked by us") {
    PersonFacts person = all(State::objected, 0);
    person.objected = true;
    const Flag seen = flag(person, house());
    CHECK(seen.kind == FlagKind::objected);
    CHECK(seen.reasons == Reasons{"wants-nothing"});
    CHECK(seen.questions.empty());
    REQUIRE(seen.lastNo.has_value());
    CHECK(seen.lastNo->state == State::objected);
    CHECK(seen.lastNo->place == "till-2");
    CHECK(seen.lastNo->purpose == kAny);
    CHECK(seen.lastNo->channel == kAny);
    CHECK(seen.againAt == 0);
}

TEST_CASE("flag: an objection to one thing names it") {
    PersonFacts person = all(State::refused, 0);
    person.objected = true;
    StateView objection = viewOf(State::objected);
    objection.at = kNow;
    person.states[{"offers", "email"}] = objection;
    const Flag seen = flag(person, house());
    REQUIRE(seen.lastNo.has_value());
    CHECK(seen.lastNo->purpose == "offers");
    CHECK(seen.lastNo->channel == "email");
}

TEST_CASE("flag: a yes whose address bounced asks for the address before anything else") {
    Policy policy = house();
    policy.questionsPerSale = 1;
    PersonFacts person = customer();
    person.states[{"offers", "email"}] = viewOf(State::given);
    person.contacts["email"].bounced = true;
    const Flag seen = flag(person, policy);
    CHECK(seen.kind == FlagKind::bounced);
    CHECK(seen.reasons == Reasons{"bounced"});
    REQUIRE(seen.questions.size() == 1);
    CHECK(seen.questions[0].purpose == "offers");
    CHECK(seen.questions[0].needsAddress);
    CHECK(seen.questions[0].state == State::given);
    CHECK(seen.line == nullptr); // the consent is there: only the address is asked for
}

TEST_CASE("flag: a yes with no address is no-address") {
    PersonFacts person = all(State::given);
    person.contacts.erase("sms");
    CHECK(flag(person, house()).kind == FlagKind::noAddress);
    person.states[{"newsletter", "sms"}] = viewOf(State::refused);
    CHECK(flag(person, house()).kind == FlagKind::consented);
}

TEST_CASE("flag: a yes whose only address waits for its confirmation is unconfirmed") {
    Policy policy = house();
    PersonFacts person = all(State::given);
    person.contacts["email"] = {.present = true, .waits = true};
    const Flag seen = flag(person, policy);
    CHECK(seen.kind == FlagKind::unconfirmed);
    CHECK(seen.reasons == Reasons{"mail-unanswered"});
    CHECK(seen.questions.empty());
    CHECK(awaitsAddress(person, policy, "offers", "email", kNow));
    CHECK_FALSE(awaitsAddress(person, policy, "newsletter", "sms", kNow));
    CHECK_FALSE(awaitsAddress(person, policy, "gone", "email", kNow));
    // In the visit in which it was typed as well, and only for who said yes.
    person.states[{"offers", "email"}].at = kNow - kMinuteMs;
    CHECK(flag(person, policy).kind == FlagKind::unconfirmed);
    CHECK_FALSE(awaitsAddress(all(State::refused), policy, "offers", "email", kNow));
    // Where the law lets a new address stand, and where it is known to be theirs, it counts.
    for (ChannelRule& rule : policy.rules) rule.confirmNewAddress = false;
    CHECK(flag(person, policy).kind == FlagKind::consented);
    for (ChannelRule& rule : policy.rules) rule.doubleOptIn = true;
    CHECK(flag(person, policy).kind == FlagKind::unconfirmed);
    person.contacts["email"].waits = false; // from the box office
    CHECK(flag(person, policy).kind == FlagKind::consented);
    person.contacts["email"] = {.present = true, .bounced = true};
    CHECK(flag(person, policy).kind == FlagKind::bounced);
}

TEST_CASE("flag: an older permission whose only address was just typed is not told as usable") {
    const Policy policy = house();
    for (const auto& [state, kind] : {std::pair{State::softOptIn, FlagKind::soft},
                                      std::pair{State::legacy, FlagKind::legacy}}) {
        PersonFacts person = all(State::refused);
        person.states[{"newsletter", "email"}] = all(state).states.at({"newsletter", "email"});
        person.contacts["email"] = {.present = true};
        CHECK(flag(person, policy).kind == kind);
        person.contacts["email"].waits = true;
        CHECK(awaitsAddress(person, policy, "newsletter", "email", kNow));
        CHECK(flag(person, policy).kind == FlagKind::unconfirmed);
        // Another one may be used all the same.
        person.states[{"newsletter", "sms"}] = all(state).states.at({"newsletter", "sms"});
        CHECK(flag(person, policy).kind == kind);
    }
}

TEST_CASE("flag: a yes that is about to lapse is due for refresh, a lapsed one too") {
    const Policy policy = house();
    PersonFacts person = all(State::given);
    StateView& view = person.states[{"offers", "email"}];
    view.validUntil = kNow + 60 * kDayMs + 1;
    CHECK(flag(person, policy).kind == FlagKind::consented);
    view.validUntil = kNow + 60 * kDayMs;
    Flag seen = flag(person, policy);
    CHECK(seen.kind == FlagKind::refresh);
    CHECK(seen.reasons == Reasons{"lapses-soon"});
    CHECK(seen.questions.size() == 1);
    view.validUntil = kNow;
    seen = flag(person, policy);
    CHECK(seen.kind == FlagKind::refresh);
    CHECK(seen.reasons == Reasons{"lapsed"});
    view.deferredAt = kNow - kDayMs; // "not now": rests
    CHECK(flag(person, policy).kind == FlagKind::consented);
    CHECK(flag(person, policy, {}, Situation::counter, kNow + 30 * kDayMs).kind ==
          FlagKind::refresh);
}

TEST_CASE("flag: yes to some and others never asked is partial") {
    PersonFacts person = customer();
    person.states[{"newsletter", "email"}] = viewOf(State::given);
    const Flag seen = flag(person, house());
    CHECK(seen.kind == FlagKind::partial);
    CHECK(seen.reasons == Reasons{"some-unasked"});
    CHECK(seen.questions.size() == 3);
}

TEST_CASE("flag: no to some and others never asked is partial, not never asked") {
    PersonFacts person = customer();
    person.states[{"newsletter", "email"}] = viewOf(State::refused);
    const Flag seen = flag(person, house());
    CHECK(seen.kind == FlagKind::partial);
    CHECK(seen.reasons == Reasons{"some-unasked"});
    CHECK(seen.lastNo.has_value());
}

TEST_CASE("flag: a refusal rests, and is asked again after its interval, never sooner") {
    const Policy policy = house();
    const PersonFacts person = all(State::refused, kNow);
    Flag seen = flag(person, policy, {}, Situation::counter, kNow + 365 * kDayMs - 1);
    CHECK(seen.kind == FlagKind::resting);
    CHECK(seen.reasons == Reasons{"said-no"});
    CHECK(seen.questions.empty());
    CHECK(seen.lastNo->at == kNow);
    CHECK(seen.againAt == kNow + 365 * kDayMs);
    seen = flag(person, policy, {}, Situation::counter, kNow + 365 * kDayMs);
    CHECK(seen.kind == FlagKind::ask);
    CHECK(seen.reasons == Reasons{"rest-is-over"});
}

TEST_CASE("flag: a withdrawal is never asked about by us, unless the pack says so") {
    Policy policy = house();
    const PersonFacts person = all(State::withdrawn, 0);
    CHECK(flag(person, policy).kind == FlagKind::resting);
    policy.reask.withdrawnDays = 0;
    CHECK(flag(person, policy).kind == FlagKind::ask);
}

TEST_CASE("flag: not now rests a month") {
    const Policy policy = house();
    PersonFacts person = all(State::deferred, kNow);
    for (auto& [key, view] : person.states) {
        view.deferredAt = kNow;
    }
    const Flag seen = flag(person, policy);
    CHECK(seen.kind == FlagKind::resting);
    CHECK(seen.reasons == Reasons{"put-off"});
    CHECK(flag(person, policy, {}, Situation::counter, kNow + 30 * kDayMs).kind == FlagKind::ask);
}

TEST_CASE("flag: a request whose mail was not answered is unconfirmed, then asked again") {
    const Policy policy = house();
    PersonFacts person = all(State::requested, kNow);
    Flag seen = flag(person, policy);
    CHECK(seen.kind == FlagKind::unconfirmed);
    CHECK(seen.reasons == Reasons{"mail-unanswered"});
    CHECK(flag(person, policy, {}, Situation::counter, kNow + 14 * kDayMs).kind == FlagKind::ask);
    person = all(State::withdrawn);
    person.states[{"offers", "email"}].pending = true;
    CHECK(flag(person, policy).kind == FlagKind::unconfirmed);
}

TEST_CASE("flag: the only permission is legacy or soft, questions to convert it are there") {
    const Policy policy = house();
    Flag seen = flag(all(State::legacy), policy);
    CHECK(seen.kind == FlagKind::legacy);
    CHECK(seen.reasons == Reasons{"old-permission"});
    CHECK(seen.questions.size() == 4);
    PersonFacts person = all(State::softOptIn);
    person.states[{"offers", "email"}] = viewOf(State::legacy);
    seen = flag(person, policy);
    CHECK(seen.kind == FlagKind::soft);
    CHECK(seen.reasons == Reasons{"customer"});
}

TEST_CASE("flag: own customers and old permissions are told before what was never asked") {
    const Policy policy = house();
    PersonFacts person = customer();
    person.states[{"newsletter", "email"}] = viewOf(State::softOptIn);
    Flag seen = flag(person, policy);
    CHECK(seen.kind == FlagKind::soft);
    CHECK(seen.reasons == Reasons{"customer"});
    CHECK(seen.questions.size() == 4);
    CHECK(seen.line != nullptr);
    person.states[{"newsletter", "email"}] = viewOf(State::legacy);
    CHECK(flag(person, policy).kind == FlagKind::legacy);
    person.states[{"newsletter", "sms"}] = viewOf(State::given);
    CHECK(flag(person, policy).kind == FlagKind::partial);
}

TEST_CASE("flag: yes to all is consented, yes to some and no to the rest as well") {
    const Policy policy = house();
    PersonFacts person = all(State::given);
    CHECK(flag(person, policy).reasons == Reasons{"all-given"});
    person.states[{"offers", "email"}] = viewOf(State::refused);
    const Flag seen = flag(person, policy);
    CHECK(seen.kind == FlagKind::consented);
    CHECK(seen.reasons == Reasons{"said-no"});
    CHECK(seen.lastNo->purpose == "offers");
    CHECK(seen.line == nullptr);
}

TEST_CASE("flag: minors are not asked, and where the situation forbids nobody is") {
    const Policy policy = house();
    PersonFacts person = customer();
    Flag seen = flag(person, policy, {}, Situation::school);
    CHECK(seen.questions.empty());
    CHECK(seen.line == nullptr);
    CHECK(seen.reasons == Reasons{"never-asked", "not-asked-here"});
    person.minor = true;
    seen = flag(person, policy);
    CHECK(seen.questions.empty());
    CHECK(seen.reasons == Reasons{"never-asked", "minor"});
}

TEST_CASE("flag: names are stable and inverse") {
    for (int i = 0; i <= static_cast<int>(FlagKind::unknown); ++i) {
        const auto kind = static_cast<FlagKind>(i);
        CHECK(flagKindFrom(name(kind)) == kind);
    }
    CHECK(name(FlagKind::noAddress) == "no-address");
    CHECK(name(FlagKind::unknown) == "unknown");
    CHECK_FALSE(flagKindFrom("").has_value());
}

PROPERTY("flag: total over all states, facts and situations, and never asks where it must not", [] {
    Digits d(*genSeed());
    Policy policy = house();
    policy.questionsPerSale = static_cast<int>(d.next(5));
    PersonFacts person;
    person.known = d.next(4) != 0;
    person.restricted = d.next(6) == 1;
    person.minor = d.next(6) == 1;
    person.objected = d.next(4) == 1;
    for (const char* channel : {"email", "sms", "post"}) {
        person.contacts[channel] = {d.next(2) == 1, d.next(2) == 1, d.next(3) == 1, d.next(3) == 1};
    }
    Digits s(*genSeed());
    for (const char* purpose : {"newsletter", "brochure", "offers", "partner:zuid", "gone"}) {
        for (const char* channel : {"email", "sms"}) {
            const std::uint64_t state = s.next(11);
            if (state < 10) {
                StateView& view = person.states[{purpose, channel}];
                view = viewOf(static_cast<State>(state),
                              kNow - static_cast<TimeMs>(s.next(3)) * 200 * kDayMs,
                              s.next(2) == 1 ? kForever : kNow + kDayMs);
                view.pending = s.next(3) == 1;
            }
        }
    }
    const auto situation = static_cast<Situation>(d.next(4));
    const Basket basket{d.next(2) == 1 ? std::vector<Token>{"zuid"} : std::vector<Token>{}, {}};
    const Flag seen = flag(person, policy, basket, situation);
    RC_ASSERT(flagKindFrom(name(seen.kind)) == seen.kind);
    std::set<Token> purposes;
    for (const Question& question : seen.questions) {
        purposes.insert(question.purpose);
        RC_ASSERT(question.notice != nullptr);
        RC_ASSERT(question.purpose != "gone");
        RC_ASSERT(question.purpose != "partner:zuid" || !basket.partners.empty());
        RC_ASSERT(question.state != State::objected);
        RC_ASSERT(question.state != State::withdrawn);
        RC_ASSERT(question.state != State::given || question.needsAddress ||
                  seen.kind == FlagKind::refresh || seen.kind == FlagKind::bounced ||
                  seen.kind == FlagKind::noAddress || seen.kind == FlagKind::unknown);
    }
    RC_ASSERT(static_cast<int>(purposes.size()) <= policy.questionsPerSale);
    const bool silent = person.minor || situation == Situation::school ||
                        (person.known && person.restricted) || person.objected;
    RC_ASSERT(!silent || seen.questions.empty());
    RC_ASSERT(seen.line == nullptr || !seen.questions.empty());
    RC_ASSERT((seen.kind == FlagKind::restricted) == (person.known && person.restricted));
    RC_ASSERT((seen.kind == FlagKind::unknown) == !person.known);
    RC_ASSERT(seen.kind != FlagKind::restricted || (seen.reasons.empty() && !seen.lastNo));
    RC_ASSERT(seen.kind == FlagKind::restricted || !seen.reasons.empty());
    RC_ASSERT(flag(person, policy, basket, situation).kind == seen.kind);
    // What head office does not write to is never told as settled.
    for (const auto& [key, view] : person.states) {
        RC_ASSERT(seen.kind != FlagKind::consented || view.state != State::given ||
                  !awaitsAddress(person, policy, key.first, key.second, kNow));
    }
})

namespace {

/// Advertising stands only beside the separate consent to processing, as in the RU pack.
Policy twoDocuments() {
    Policy policy = house();
    for (ChannelRule& rule : policy.rules) rule.needs = "personal-data";
    ChannelRule record;
    record.channel = Token(kRecordChannel);
    policy.rules.push_back(record);
    policy.purposes.insert(policy.purposes.begin(),
                           purposeOf("personal-data", {Token(kRecordChannel)}, 0));
    return policy;
}

const std::pair<Token, Token> kProcessing{"personal-data", Token(kRecordChannel)};

} // namespace

TEST_CASE("flag: a purpose without a contact point never lacks an address") {
    Policy policy = house();
    for (const std::string_view channel : {kRecordChannel, kSocialChannel}) {
        ChannelRule rule;
        rule.channel = Token(channel);
        policy.rules.push_back(rule);
        policy.purposes.push_back(purposeOf("use-" + Token(channel), {Token(channel)}, 0));
    }
    PersonFacts person = all(State::given);
    person.states[{"use-record", "record"}] = viewOf(State::given);
    person.states[{"use-social", "social"}] = viewOf(State::given);
    CHECK(flag(person, policy).kind == FlagKind::consented);
    const Flag asked = flag(customer(), policy);
    CHECK(std::ranges::none_of(asked.questions, &Question::needsAddress));
    for (const char* channel : {"email", "sms", "post", "phone", "messaging"}) {
        CHECK(addressed(channel));
    }
}

TEST_CASE("flag: the consent that others stand on is asked first, and they only with it") {
    const Policy policy = twoDocuments();
    // Never asked: both in one sale, the one they stand on first.
    Flag seen = flag(customer(), policy);
    REQUIRE(seen.questions.size() > 1);
    CHECK(seen.questions.front().purpose == "personal-data");
    CHECK(seen.kind == FlagKind::ask);
    // It was refused: nothing that stands on it is asked, and what was given before permits
    // nothing.
    PersonFacts person = all(State::given);
    person.states[kProcessing] = viewOf(State::refused);
    seen = flag(person, policy);
    CHECK(seen.kind == FlagKind::resting);
    CHECK(seen.questions.empty());
    // It was never asked of somebody who agreed to advertising: only it is missing.
    seen = flag(all(State::given), policy);
    CHECK(seen.kind == FlagKind::ask);
    REQUIRE(seen.questions.size() == 1);
    CHECK(seen.questions.front().purpose == "personal-data");
    // Both: a consent.
    person.states[kProcessing] = viewOf(State::given);
    CHECK(flag(person, policy).kind == FlagKind::consented);
    // It has lapsed: it is due again.
    person.states[kProcessing] = viewOf(State::given, kNow - 2 * kDayMs, kNow - kDayMs);
    CHECK(flag(person, policy).kind == FlagKind::refresh);
}
