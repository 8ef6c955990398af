// What is to be mailed, when, to whom, and what no longer is: the rules of plugin/doc/adr/0012.
#include <functional>

#include "tests/unit/sync/store/Hub.h"

using namespace souffleur;
using namespace souffleur::store;
using namespace souffleur::test;
using consent::Choice;
using consent::ContactStatus;
using consent::Method;

namespace {

constexpr TimeMs kReceived = TestOrigin::kPushedAt;

wire::PersonData somebody(const std::string& address) {
    wire::PersonData person;
    person.displayName = "Somebody";
    person.language = "ca";
    person.contacts.push_back({"email", address, contact::Email::parse(address)->canonicalKey()});
    return person;
}

consent::Act waiting(Method method = Method::spoken, const char* purpose = "newsletter") {
    consent::Act said = test::act(Choice::given, {}, method, purpose);
    said.choices.front().confirm = true;
    return said;
}

struct Rig {
    test::TemporaryFolder folder;
    std::unique_ptr<Store> hub = open(folder);
    TestOrigin till{1};
    TestOrigin office = headOffice(*hub);
    SubjectId anna = till.newSubject();
    MailRules rules;
    consent::Policy policy = pack();
    std::size_t pushed = 0;
    std::size_t told = 0;
    std::uint8_t drawn = 0;

    Rig() { REQUIRE(hub->enrol(till.enrolment()).has_value()); }

    consent::Event says(const SubjectId& who, consent::Act what, const std::string& address = "",
                        TimeMs at = kNoon) {
        const wire::PersonData person = address.empty() ? wire::PersonData{} : somebody(address);
        return till.add(who, std::move(what), at, address.empty() ? nullptr : &person);
    }
    /// Both chains, as far as they are.
    void push(TimeMs now = kReceived) {
        if (pushed < till.events.size())
            REQUIRE(till.push(*hub, pushed + 1, till.events.size(), now).has_value());
        pushed = till.events.size();
        if (told < office.events.size())
            REQUIRE(office.push(*hub, told + 1, office.events.size(), now).has_value());
        told = office.events.size();
    }
    void find(TimeMs now) {
        while (hub->findMails(policy, rules, now).value() > 0) {
        }
    }
    crypto::Hash token() {
        crypto::Hash hash{};
        hash.fill(++drawn);
        return hash;
    }
    std::optional<MailJob> claim(TimeMs now) {
        find(now);
        const auto job = hub->claimMail(policy, rules, token(), now);
        REQUIRE_MESSAGE(job.has_value(), (job ? "" : job.error().text()));
        return *job;
    }
    /// The addresses that are mailed at that moment, sent and all.
    std::vector<std::string> sent(TimeMs now) {
        std::vector<std::string> all;
        while (const auto job = claim(now)) {
            all.push_back(job->address);
            REQUIRE(hub->mailTried(*job, "sent", 0, now).has_value());
        }
        return all;
    }
    std::string outcome(const SubjectId& who) const {
        const auto rows = hub->mailsOf(who).value();
        return rows.empty() ? "none" : rows.front().outcome;
    }
};

constexpr TimeMs kSettled = kReceived + 5 * kMinuteMs;
using Addresses = std::vector<std::string>;

} // namespace

TEST_CASE("an answer that waits is mailed once, after the undo, in its language") {
    Rig rig;
    rig.says(rig.anna, waiting(), "Anna@Example.org");
    rig.push();
    CHECK_FALSE(rig.claim(kSettled - 1).has_value());
    const auto job = rig.claim(kSettled);
    REQUIRE(job.has_value());
    CHECK(job->kind == MailKind::confirm);
    CHECK(job->address == "Anna@Example.org");
    CHECK(job->language == "ca");
    CHECK(job->headers.size() == 1);
    CHECK(job->expires == kReceived + 14 * kDayMs);
    CHECK_FALSE(rig.claim(kSettled).has_value()); // claimed
    REQUIRE(rig.hub->mailTried(*job, "sent", 0, kSettled).has_value());
    CHECK_FALSE(rig.claim(kSettled + 20 * kDayMs).has_value());
    CHECK(rig.outcome(rig.anna) == "sent");
}

TEST_CASE("whoever claimed and did not come back is followed by another, with the same message") {
    Rig rig;
    rig.says(rig.anna, waiting(), "anna@example.org");
    rig.push();
    const auto first = rig.claim(kSettled);
    REQUIRE(first.has_value());
    CHECK_FALSE(rig.claim(kSettled + rig.rules.leaseMs - 1).has_value());
    const auto second = rig.claim(kSettled + rig.rules.leaseMs);
    REQUIRE(second.has_value());
    CHECK(second->message == first->message);
    CHECK(second->attempts == 2);
    // Both links work: nobody knows which of them arrived.
    crypto::Hash token{};
    token.fill(rig.drawn);
    CHECK(rig.hub->mailLink(token, kSettled).has_value());
    token.fill(1);
    while (!rig.hub->mailLink(token, kSettled)) token.fill(static_cast<std::uint8_t>(token[0] + 1));
    CHECK(token[0] < rig.drawn);
}

TEST_CASE("what one hub found and sent, another on the same store does not") {
    Rig rig;
    rig.says(rig.anna, waiting(), "anna@example.org");
    rig.push();
    rig.find(kSettled);
    rig.find(kSettled);
    CHECK(rig.sent(kSettled) == Addresses{"anna@example.org"});
    CHECK(rig.sent(kSettled + kDayMs).empty());
    rig.hub.reset(); // a restart finds nothing twice
    rig.hub = open(rig.folder);
    CHECK(rig.sent(kSettled + 2 * kDayMs).empty());
    CHECK(rig.hub->mailsOf(rig.anna)->size() == 1);
}

TEST_CASE("what does not count any more by its answer is not mailed") {
    Rig rig;
    const auto yes = rig.says(rig.anna, waiting(), "anna@example.org");
    std::string why = "settled";
    const std::string key =
        contactKey(StoreKeys{}, somebody("anna@example.org").contacts[0].canonical);
    SUBCASE("undone") {
        rig.till.add(rig.anna, consent::Retract{yes.id, {}}, kNoon + kMinuteMs);
    }
    SUBCASE("withdrawn later") {
        rig.says(rig.anna, test::act(Choice::withdrawn), "", kNoon + kHourMs / 2);
    }
    SUBCASE("objected later") {
        rig.says(rig.anna, test::act(Choice::objected), "", kNoon + kHourMs / 2);
        why = "objected";
    }
    SUBCASE("confirmed already") {
        rig.office.add(rig.anna, consent::Confirmed{yes.id, "email", key}, kNoon + kHourMs);
    }
    SUBCASE("erased") {
        rig.push();
        rig.find(kReceived);
        rig.office.add(rig.anna, consent::Erase{}, kReceived + 1);
        why = "erased";
    }
    SUBCASE("restricted") {
        rig.till.add(rig.anna, consent::Fact{"restricted", "yes"}, kNoon + kMinuteMs);
        why = "restricted";
    }
    SUBCASE("a minor") {
        rig.till.add(rig.anna, consent::Fact{"minor", "yes"}, kNoon + kMinuteMs);
        why = "minor";
    }
    SUBCASE("bounced") {
        rig.office.add(rig.anna, consent::Contact{"email", key, ContactStatus::bounced},
                       kNoon + kHourMs);
        why = "bounced";
    }
    SUBCASE("the address was removed") {
        rig.office.add(rig.anna, consent::Contact{"email", key, ContactStatus::removed},
                       kNoon + kHourMs);
        why = "no-address";
    }
    SUBCASE("somebody else at that address said no") {
        const SubjectId other = rig.till.newSubject();
        rig.says(other, test::act(Choice::refused), "anna@example.org");
    }
    rig.push(kReceived + 2);
    CHECK(rig.sent(kSettled + 2).empty());
    // Erased before it was ever looked at, it is not even noted.
    CHECK((rig.outcome(rig.anna) == why || rig.outcome(rig.anna) == "none"));
}

TEST_CASE("a suppressed address is never mailed, whoever brings it") {
    Rig rig;
    const SubjectId gone = rig.till.newSubject();
    rig.says(gone, test::act(Choice::refused), "anna@example.org");
    rig.push();
    rig.office.add(gone, consent::Erase{}, kReceived + 1);
    rig.push(kReceived + 1);
    rig.says(rig.anna, waiting(), "anna@example.org");
    rig.push(kReceived + 2);
    CHECK(rig.sent(kSettled + kMinuteMs).empty());
    CHECK(rig.outcome(rig.anna) == "suppressed");
}

TEST_CASE("an address is asked once a week, whoever names it; what waits does not get lost") {
    Rig rig;
    rig.says(rig.anna, waiting(), "anna@example.org");
    rig.push();
    CHECK(rig.sent(kSettled) == Addresses{"anna@example.org"});
    for (int i = 0; i < 5; ++i) rig.says(rig.till.newSubject(), waiting(), "anna@example.org");
    rig.push(kReceived + kHourMs);
    CHECK(rig.sent(kSettled + kDayMs).empty());
    CHECK(rig.sent(kSettled + 7 * kDayMs - 1).empty());
    CHECK(rig.sent(kSettled + 7 * kDayMs).size() == 1);
    CHECK(rig.sent(kSettled + 8 * kDayMs).empty());
}

TEST_CASE("all that one person said at an address goes into one message") {
    Rig rig;
    rig.says(rig.anna, waiting(), "anna@example.org");
    rig.says(rig.anna, waiting(Method::spoken, "brochure"), "", kNoon + kMinuteMs);
    rig.push();
    const auto job = rig.claim(kSettled);
    REQUIRE(job.has_value());
    CHECK(job->headers.size() == 2);
    CHECK_FALSE(rig.claim(kSettled).has_value());
}

TEST_CASE("an address that comes later is asked then") {
    Rig rig;
    rig.says(rig.anna, waiting());
    rig.push();
    CHECK(rig.sent(kSettled).empty());
    const wire::PersonData person = somebody("anna@example.org");
    rig.till.add(rig.anna,
                 consent::Contact{"email", contactKey(StoreKeys{}, person.contacts[0].canonical),
                                  ContactStatus::unverified},
                 kNoon + kHourMs / 2, &person);
    rig.push(kReceived + kHourMs);
    CHECK(rig.sent(kSettled + kHourMs) == Addresses{"anna@example.org"});
}

TEST_CASE("nobody is mailed about what is older than the pack waits, nor about an import") {
    Rig rig;
    rig.says(rig.anna, waiting(), "anna@example.org");
    rig.says(rig.till.newSubject(), waiting(Method::import), "berta@example.org");
    rig.push();
    rig.find(kReceived + 14 * kDayMs);
    CHECK(rig.sent(kReceived + 14 * kDayMs).empty());
    CHECK(rig.outcome(rig.anna) == "none");
}

TEST_CASE("a spoken yes that counts is told of, once a week") {
    Rig rig;
    rig.says(rig.anna, test::act(Choice::given), "anna@example.org");
    rig.says(rig.till.newSubject(), test::act(Choice::given, {}, Method::screen),
             "berta@example.org");
    rig.push();
    const auto job = rig.claim(kSettled);
    REQUIRE(job.has_value());
    CHECK(job->kind == MailKind::notice);
    CHECK(job->address == "anna@example.org");
    REQUIRE(rig.hub->mailTried(*job, "sent", 0, kSettled).has_value());
    CHECK(rig.sent(kSettled).empty()); // by their own hand: no notice
    rig.says(rig.anna, test::act(Choice::given, {}, Method::spoken, "brochure"), "",
             kNoon + kHourMs / 2);
    rig.push(kReceived + kHourMs);
    CHECK(rig.sent(kSettled + kDayMs).empty());
    CHECK(rig.sent(kSettled + 7 * kDayMs).size() == 1);
}

TEST_CASE("a stranger who takes back their own slip ends nobody else's mail") {
    Rig rig;
    TestOrigin kiosk{5};
    kiosk.kind = "kiosk";
    REQUIRE(rig.hub->enrol(kiosk.enrolment()).has_value());
    const SubjectId stranger = kiosk.newSubject();
    const wire::PersonData typed = somebody("anna@example.org");
    kiosk.add(stranger, waiting(Method::kiosk), kNoon, &typed);
    kiosk.add(stranger, test::act(Choice::withdrawn, {}, Method::kiosk), kNoon + 1);
    REQUIRE(kiosk.push(*rig.hub, 1, 2, kReceived).has_value());
    rig.says(rig.anna, waiting(), "anna@example.org");
    rig.push();
    CHECK(rig.sent(kSettled) == Addresses{"anna@example.org"});
    CHECK(rig.outcome(rig.anna) == "sent");
    CHECK(rig.outcome(stranger) == "settled");
}

TEST_CASE("a kiosk that a bored child plays with sends so much and no more") {
    Rig rig;
    rig.rules.kioskPerHour = 3;
    rig.rules.kioskPerDay = 5;
    for (int i = 0; i < 8; ++i) {
        consent::Act signUp = waiting(Method::kiosk);
        signUp.place = "foyer";
        rig.says(rig.till.newSubject(), signUp, "a" + std::to_string(i) + "@example.org");
    }
    consent::Act elsewhere = waiting(Method::kiosk);
    elsewhere.place = "balcony";
    rig.says(rig.till.newSubject(), elsewhere, "z@example.org");
    rig.push();
    CHECK(rig.sent(kSettled).size() == 4);
    CHECK(rig.sent(kSettled + kHourMs - 1).empty());
    CHECK(rig.sent(kSettled + kHourMs).size() == 2);
    CHECK(rig.sent(kSettled + 12 * kHourMs).empty());
    CHECK(rig.sent(kSettled + 25 * kHourMs).size() == 3);
}

TEST_CASE("a link answers once, and leads nowhere once it ran out or the person is erased") {
    Rig rig;
    rig.says(rig.anna, waiting(), "anna@example.org");
    rig.push();
    rig.find(kSettled);
    const crypto::Hash token = rig.token();
    REQUIRE(rig.hub->claimMail(rig.policy, rig.rules, token, kSettled)->has_value());
    const auto link = rig.hub->mailLink(token, kSettled);
    REQUIRE(link.has_value());
    CHECK(link->address == "anna@example.org");
    CHECK(link->subject == rig.anna);
    CHECK(rig.hub->mailLink(rig.token(), kSettled).error().code == Code::notFound);
    CHECK(rig.hub->mailLink(token, kReceived + 14 * kDayMs).error().code == Code::notFound);
    SUBCASE("answered") {
        CHECK(rig.hub->mailAnswered(token, "confirmed", kSettled).has_value());
        CHECK(rig.hub->mailAnswered(token, "not-me", kSettled).error().code == Code::notFound);
        CHECK(rig.outcome(rig.anna) == "confirmed");
    }
    SUBCASE("erased") {
        rig.office.add(rig.anna, consent::Erase{}, kSettled);
        rig.push(kSettled);
    }
    CHECK(rig.hub->mailLink(token, kSettled).error().code == Code::notFound);
}

TEST_CASE("an address that said 'not me' is not asked again for a year") {
    Rig rig;
    rig.says(rig.anna, waiting(), "anna@example.org");
    rig.push();
    rig.find(kSettled);
    const crypto::Hash token = rig.token();
    REQUIRE(rig.hub->claimMail(rig.policy, rig.rules, token, kSettled)->has_value());
    CHECK_FALSE(rig.hub->mailLink(token, kSettled)->notMe);
    REQUIRE(rig.hub->mailAnswered(token, "not-me", kSettled).has_value());
    // Until all of it is written down the link can say so again.
    CHECK(rig.hub->mailLink(token, kSettled)->notMe);
    CHECK(rig.hub->mailAnswered(token, "confirmed", kSettled).error().code == Code::notFound);
    const TimeMs later = kReceived + 300 * kDayMs;
    const SubjectId other = rig.till.newSubject();
    rig.says(other, waiting(), "anna@example.org", later - kHourMs);
    rig.push(later);
    CHECK(rig.sent(later + kDayMs).empty());
    CHECK(rig.outcome(other) == "stopped");
    const TimeMs afterwards = kSettled + 366 * kDayMs;
    rig.says(rig.till.newSubject(), waiting(), "anna@example.org", afterwards - kHourMs);
    rig.push(afterwards);
    CHECK(rig.sent(afterwards + kDayMs).size() == 1);
}

TEST_CASE("what could not be sent is tried when it is time, and keeps its place in the counts") {
    Rig rig;
    rig.says(rig.anna, waiting(), "anna@example.org");
    rig.push();
    const auto job = rig.claim(kSettled);
    REQUIRE(job.has_value());
    REQUIRE(rig.hub->mailTried(*job, "", kSettled + kHourMs, kSettled).has_value());
    CHECK_FALSE(rig.claim(kSettled + kHourMs - 1).has_value());
    CHECK(rig.claim(kSettled + kHourMs).has_value());
    const auto counts = rig.hub->mailCounts(0).value();
    REQUIRE(counts.size() == 1);
    CHECK(counts.front() == std::pair<std::string, std::uint64_t>("", 1));
}
