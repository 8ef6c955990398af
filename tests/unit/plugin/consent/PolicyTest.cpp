#include "plugin/consent/Policy.h"

#include <doctest/doctest.h>

#include "tests/support/ConsentGen.h"

using namespace souffleur;
using namespace souffleur::test;

namespace {

ChannelRule ruleOf(const Token& channel, const Token& purpose = Token(kAny)) {
    ChannelRule rule;
    rule.channel = channel;
    rule.purpose = purpose;
    return rule;
}

Policy house() {
    Policy policy;
    policy.languages = {"ca", "es"};
    Purpose news;
    news.id = "newsletter";
    news.channels = {"email"};
    for (const auto& [channel, language, text] :
         {std::tuple{"*", "ca", "any-ca"}, std::tuple{"email", "ca", "mail-ca"},
          std::tuple{"*", "es", "any-es"}, std::tuple{"sms", "en", "sms-en"}}) {
        Notice notice;
        notice.ref = {text, 3, language, std::string(64, 'b')};
        news.notices[channel][language] = notice;
    }
    policy.purposes.push_back(news);
    policy.rules.push_back(ruleOf("email"));
    return policy;
}

ChoiceItem yes(Basis basis = Basis::consent) {
    ChoiceItem item;
    item.purpose = "newsletter";
    item.channel = "email";
    item.choice = Choice::given;
    item.basis = basis;
    return item;
}

ChoiceItem frozen(const Policy& policy, Method method = Method::spoken, bool newAddress = false,
                  bool lifting = false, ChoiceItem item = yes()) {
    policy.freeze(item, method, kT0, newAddress, lifting, "ca");
    return item;
}

} // namespace

TEST_CASE("policy: the purpose's own rule goes before the channel's") {
    Policy policy;
    policy.rules = {ruleOf("email"), ruleOf("email", "donations"), ruleOf("*", "donations")};
    CHECK(policy.rule("newsletter", "email", 0) == &policy.rules[0]);
    CHECK(policy.rule("donations", "email", 0) == &policy.rules[1]);
    CHECK(policy.rule("donations", "post", 0) == &policy.rules[2]);
    CHECK(policy.rule("newsletter", "post", 0) == nullptr);
}

TEST_CASE("policy: a rule holds from validFrom until validTo, of two the younger") {
    Policy policy;
    policy.rules = {ruleOf("phone"), ruleOf("phone"), ruleOf("phone")};
    policy.rules[0].validTo = 100;
    policy.rules[1].validFrom = 100;
    policy.rules[2].validFrom = 200;
    CHECK(policy.rule("newsletter", "phone", 99) == &policy.rules[0]);
    CHECK(policy.rule("newsletter", "phone", 100) == &policy.rules[1]);
    CHECK(policy.rule("newsletter", "phone", 200) == &policy.rules[2]);
}

TEST_CASE("policy: wording by language, then channel, then the house's own language") {
    const Policy policy = house();
    CHECK(policy.notice("newsletter", "email", "ca")->ref.id == "mail-ca");
    CHECK(policy.notice("newsletter", "post", "ca")->ref.id == "any-ca");
    CHECK(policy.notice("newsletter", "email", "es-MX")->ref.id == "any-es");
    CHECK(policy.notice("newsletter", "email", "ru")->ref.id == "mail-ca");
    CHECK(policy.notice("newsletter", "sms", "en")->ref.id == "sms-en");
    CHECK(policy.notice("brochure", "email", "ca") == nullptr);
    CHECK(Policy{}.notice("newsletter", "email", "ca") == nullptr);
}

TEST_CASE("freeze: wording, confirmation and lapse are those of this moment") {
    Policy policy = house();
    policy.rules[0].expiryMonths = 12;
    const ChoiceItem item = frozen(policy);
    CHECK(item.notice.id == "mail-ca");
    CHECK(item.notice.version == 3);
    CHECK_FALSE(item.confirm);
    CHECK(item.validUntil == addMonths(kT0, 12));
}

TEST_CASE("freeze: when an opt-in must be confirmed") {
    const Policy policy = house();
    CHECK_FALSE(frozen(policy).confirm);
    CHECK(frozen(policy, Method::spoken, true).confirm);
    CHECK(frozen(policy, Method::spoken, false, true).confirm);
    CHECK_FALSE(frozen(policy, Method::screen, false, true).confirm);
    Policy strict = house();
    strict.rules[0].doubleOptIn = true;
    CHECK(frozen(strict, Method::screen).confirm);
    strict = house();
    strict.rules[0].separateDocument = true;
    CHECK(frozen(strict, Method::spoken).confirm);
    CHECK_FALSE(frozen(strict, Method::paper).confirm);
    strict = house();
    strict.rules[0].evidence = {Method::paper};
    CHECK(frozen(strict, Method::spoken).confirm);
    strict = house();
    strict.rules[0].confirmNewAddress = false;
    CHECK_FALSE(frozen(strict, Method::spoken, true).confirm);
}

TEST_CASE("freeze: a basis that the rule does not know becomes consent; each lapses its own way") {
    Policy policy = house();
    CHECK(frozen(policy, Method::spoken, false, false, yes(Basis::softOptIn)).basis ==
          Basis::consent);
    policy.rules[0].basis = {Basis::softOptIn, Basis::legacy};
    policy.rules[0].softMonths = 24;
    policy.rules[0].legacyMonths = 6;
    const auto until = [&](Basis basis) {
        return frozen(policy, Method::import, false, false, yes(basis)).validUntil;
    };
    CHECK(until(Basis::softOptIn) == addMonths(kT0, 24));
    CHECK(until(Basis::legacy) == addMonths(kT0, 6));
}

TEST_CASE("freeze: where no rule allows the channel a yes permits nothing") {
    Policy policy = house();
    policy.rules.clear();
    const ChoiceItem item = frozen(policy);
    CHECK(item.confirm);
    CHECK(item.validUntil == kT0);
}

TEST_CASE("freeze: a negative never waits and never lapses") {
    Policy policy = house();
    policy.rules[0].doubleOptIn = true;
    policy.rules[0].expiryMonths = 1;
    ChoiceItem no = yes();
    no.choice = Choice::refused;
    no.confirm = true;
    const ChoiceItem item = frozen(policy, Method::spoken, true, true, no);
    CHECK_FALSE(item.confirm);
    CHECK(item.validUntil == kForever);
    CHECK(item.notice.id == "mail-ca");
}

TEST_CASE("stateRules: lift evidence per channel and purpose, profiling by its class") {
    Policy policy = house();
    policy.rules[0].liftEvidence = {Method::paper};
    policy.rules.push_back(ruleOf("post"));
    policy.rules[1].validTo = kT0;
    policy.purposes[0].dpv = "dpv:PersonalisedAdvertising";
    const StateRules rules = policy.stateRules(kT0);
    CHECK(rules.liftEvidenceFor.size() == 1);
    CHECK(rules.liftEvidenceFor.at({Token(kAny), "email"}) == std::set{Method::paper});
    CHECK(rules.stoppedByObjection.contains("newsletter"));
    CHECK(rules.stoppedByObjection.contains("profiling"));
}
