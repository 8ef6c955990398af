#include "plugin/consent/Eligibility.h"

#include <algorithm>

#include "tests/support/ConsentGen.h"
#include "tests/support/Property.h"

using namespace souffleur;
using namespace souffleur::test;

namespace {

Policy house() {
    Policy policy;
    ChannelRule rule;
    rule.channel = "email";
    rule.basis = {Basis::consent, Basis::softOptIn};
    policy.rules.push_back(rule);
    return policy;
}

EligibilityInput reachable(State state = State::given) {
    EligibilityInput input;
    input.state.state = state;
    input.state.because = eventId(1);
    input.state.validUntil = kT0 + 10;
    input.state.basis = state == State::softOptIn ? Basis::softOptIn
                        : state == State::legacy  ? Basis::legacy
                                                  : Basis::consent;
    input.contactPresent = true;
    input.contactVerified = true;
    return input;
}

std::string asked(const EligibilityInput& input, const Policy& policy = house(), TimeMs now = kT0) {
    const Eligibility said = eligible(input, policy, "newsletter", "email", now);
    return (said.eligible ? "yes: " : "no: ") + said.reason;
}

} // namespace

TEST_CASE("eligible: a given consent at a confirmed address") {
    CHECK(asked(reachable()) == "yes: given");
    CHECK(asked(reachable(State::softOptIn)) == "yes: soft-opt-in");
}

TEST_CASE("eligible: every doubt is no") {
    const auto with = [](auto change) {
        EligibilityInput input = reachable();
        change(input);
        return asked(input);
    };
    using In = EligibilityInput;
    CHECK(with([](In& in) { in.erased = true; }) == "no: erased");
    CHECK(with([](In& in) { in.restricted = true; }) == "no: restricted");
    CHECK(with([](In& in) { in.suppressed = true; }) == "no: suppressed");
    CHECK(with([](In& in) { in.quarantinedNegative = true; }) == "no: quarantined");
    CHECK(with([](In& in) { in.minor = true; }) == "no: minor");
    CHECK(with([](In& in) { in.contactPresent = false; }) == "no: no-address");
    CHECK(with([](In& in) { in.contactBounced = true; }) == "no: bounced");
    CHECK(with([](In& in) { in.contactVerified = false; }) == "no: address-unconfirmed");
    CHECK(with([](In& in) { in.state.because = {}; }) == "no: basis-not-allowed");
    CHECK(with([](In& in) { in.state.basis = Basis::softOptIn; }) == "no: basis-not-allowed");
    CHECK(with([](In& in) { in.state.basis = Basis::legitimateInterest; }) ==
          "no: basis-not-allowed");
}

TEST_CASE("eligible: every verified negative of any subject holding that address applies") {
    for (const State other : {State::refused, State::withdrawn, State::objected}) {
        EligibilityInput input = reachable();
        input.othersAtAddress = {State::given, other};
        CHECK(asked(input) == "no: said-no-at-address");
    }
    EligibilityInput input = reachable();
    input.othersAtAddress = {State::given, State::unknown, State::deferred};
    CHECK(asked(input) == "yes: given");
}

TEST_CASE("eligible: the basis must be allowed by the rule valid now") {
    CHECK(asked(reachable(State::legacy)) == "no: basis-not-allowed");
    Policy policy = house();
    policy.rules[0].validTo = kT0;
    CHECK(asked(reachable(), policy) == "no: channel-not-allowed");
    CHECK(asked(reachable(), policy, kT0 - 1) == "yes: given");
    policy = house();
    policy.rules[0].channel = "post";
    CHECK(asked(reachable(), policy) == "no: channel-not-allowed");
    policy = house();
    policy.validFrom = kT0 + 1;
    CHECK(asked(reachable(), policy) == "no: pack-not-in-force");
    policy = house();
    policy.validTo = kT0;
    CHECK(asked(reachable(), policy) == "no: pack-not-in-force");
}

TEST_CASE("eligible: what has lapsed permits nothing") {
    CHECK(asked(reachable(), house(), kT0 + 9) == "yes: given");
    CHECK(asked(reachable(), house(), kT0 + 10) == "no: lapsed");
    EligibilityInput input = reachable();
    input.state.fallbacks[0] = {State::softOptIn, Method::import, eventId(2), kT0, kT0 + 20};
    CHECK(asked(input, house(), kT0 + 10) == "yes: soft-opt-in");
    CHECK(asked(input, house(), kT0 + 20) == "no: lapsed");
}

TEST_CASE("eligible: an objection ends every basis but a consent that has lifted it") {
    for (const auto& [state, said] :
         {std::pair{State::given, "yes: given"}, std::pair{State::softOptIn, "no: objected"}}) {
        EligibilityInput input = reachable(state);
        input.objected = true;
        CHECK(asked(input) == said);
    }
}

TEST_CASE("eligible: where a separate document is needed a spoken yes is no consent") {
    Policy policy = house();
    policy.rules[0].separateDocument = true;
    EligibilityInput input = reachable();
    for (const auto& [method, said] :
         {std::pair{Method::spoken, "no: no-document"},
          std::pair{Method::import, "no: no-document"}, std::pair{Method::paper, "yes: given"},
          std::pair{Method::screen, "yes: given"}}) {
        input.state.method = method;
        CHECK(asked(input, policy) == said);
    }
}

TEST_CASE("eligible: an address on paper needs no confirmation where the pack asks none") {
    Policy policy = house();
    policy.rules[0].confirmNewAddress = false;
    EligibilityInput input = reachable();
    input.contactVerified = false;
    CHECK(asked(input, policy) == "yes: given");
}

PROPERTY("eligible: implies that the state permits, that nothing blocks and the address works", [] {
    Digits d(*genSeed());
    EligibilityInput input = reachable(static_cast<State>(d.next(10)));
    input.state.basis = static_cast<Basis>(d.next(4));
    input.state.validUntil = kT0 + static_cast<TimeMs>(d.next(2)) * kDayMs;
    input.state.fallbacks[0].state = d.next(2) == 1 ? State::softOptIn : State::unknown;
    input.state.fallbacks[0].because = eventId(3);
    input.objected = d.next(5) == 1;
    input.restricted = d.next(9) == 1;
    input.erased = d.next(9) == 1;
    input.suppressed = d.next(9) == 1;
    input.quarantinedNegative = d.next(9) == 1;
    input.minor = d.next(9) == 1;
    input.contactPresent = d.next(9) != 1;
    input.contactVerified = d.next(9) != 1;
    input.contactBounced = d.next(9) == 1;
    if (d.next(4) == 1) {
        input.othersAtAddress.push_back(static_cast<State>(d.next(10)));
    }
    const Eligibility said = eligible(input, house(), "newsletter", "email", kT0);
    RC_ASSERT(!said.reason.empty());
    RC_CLASSIFY(said.eligible);
    if (!said.eligible) {
        return;
    }
    RC_ASSERT(permits(input.state, kT0));
    RC_ASSERT(!negative(input.state.state));
    RC_ASSERT(!(input.restricted || input.erased || input.suppressed || input.minor ||
                input.quarantinedNegative || input.contactBounced));
    RC_ASSERT(input.contactPresent);
    RC_ASSERT(input.contactVerified);
    RC_ASSERT(std::ranges::none_of(input.othersAtAddress, [](State s) { return negative(s); }));
    RC_ASSERT(!input.objected || stateAsOf(input.state, kT0) == State::given);
})

TEST_CASE("eligible: not without the consent that the law wants beside it") {
    Policy policy = house();
    policy.rules.front().needs = "personal-data";
    CHECK(asked(reachable(), policy) == "no: prerequisite-missing");
    Purpose processing;
    processing.id = "personal-data";
    processing.channels = {Token(kRecordChannel)};
    policy.purposes.push_back(processing);
    CHECK(policy.prerequisite("newsletter", "email", kT0) ==
          std::pair<Token, Token>{"personal-data", "record"});
    CHECK_FALSE(policy.prerequisite("newsletter", "fax", kT0));
    EligibilityInput input = reachable();
    for (const State state : {State::unknown, State::refused, State::withdrawn, State::objected,
                              State::requested, State::deferred, State::legacy, State::softOptIn}) {
        CAPTURE(name(state));
        input.prerequisite.state = state;
        CHECK(asked(input, policy) == "no: prerequisite-missing");
    }
    input.prerequisite.state = State::given;
    CHECK(asked(input, policy) == "yes: given");
    input.prerequisite.validUntil = kT0 - 1;
    CHECK(asked(input, policy) == "no: prerequisite-missing");
}

TEST_CASE("eligible: what uses the record needs no address") {
    Policy policy = house();
    policy.rules.front().channel = Token(kRecordChannel);
    EligibilityInput input = reachable();
    input.contactPresent = input.contactVerified = false;
    CHECK(eligible(input, policy, "profiling", Token(kRecordChannel), kT0).eligible);
}
