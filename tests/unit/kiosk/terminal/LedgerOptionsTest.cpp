#include <doctest/doctest.h>

#include "kiosk/terminal/Terminal.h"
#include "plugin/ledger/Ledger.h"
#include "plugin/policy/PackLoader.h"
#include "sync/protocol/Device.h"

using namespace souffleur;
using consent::Method;

namespace {

bool same(const consent::StateRules& a, const consent::StateRules& b) {
    return a.liftEvidence == b.liftEvidence && a.liftEvidenceFor == b.liftEvidenceFor &&
           a.stoppedByObjection == b.stoppedByObjection;
}

} // namespace

TEST_CASE("a till computes states by the rules that its hub computes them by") {
    constexpr TimeMs kNoon = 1'790'000'000'000;
    consent::Policy policy;
    SUBCASE("a pack of the program") {
        policy::PackLoader loader(policy::sampleHouse("nl"));
        policy = loader.builtIn("nl").value();
    }
    SUBCASE("rules that differ by channel, a purpose that personalises, a rule that begins later") {
        policy.controller.id = "house";
        consent::ChannelRule email;
        email.channel = "email";
        email.validTo = kNoon + 100;
        consent::ChannelRule later = email;
        later.validFrom = kNoon + 100;
        later.validTo = consent::kForever;
        later.liftEvidence = {Method::paper};
        consent::ChannelRule sms;
        sms.channel = "sms";
        sms.liftEvidence.insert(Method::spoken);
        policy.rules = {email, later, sms};
        consent::Purpose offers;
        offers.id = "offers-for-you";
        offers.dpv = "dpv:PersonalisedAdvertising";
        policy.purposes.push_back(offers);
        const auto at = [&](TimeMs now) {
            return terminal::ledgerOptions({}, {}, policy, now).rules;
        };
        const std::pair<consent::Token, consent::Token> any{consent::kAny, "email"};
        CHECK(at(kNoon).liftEvidenceFor.at(any).contains(Method::screen));
        CHECK_FALSE(at(kNoon + 200).liftEvidenceFor.at(any).contains(Method::screen));
        CHECK(at(kNoon).stoppedByObjection.contains("offers-for-you"));
    }
    for (const TimeMs now : {kNoon, kNoon + 200}) {
        const auto options = terminal::ledgerOptions({}, {}, policy, now);
        CHECK(same(options.rules, policy.stateRules(now)));
    }
}
