// From an answer in the log to a link that was answered, over a real store and a maildir or a
// transport that fails on cue.
#include <doctest/doctest.h>

#include <deque>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "plugin/contact/Email.h"
#include "plugin/crypto/Encoding.h"
#include "plugin/crypto/Handle.h"
#include "sync/mail/Courier.h"
#include "sync/mail/Maildir.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestOrigin.h"

using namespace souffleur;
using namespace souffleur::mail;
using consent::Choice;

namespace {

constexpr TimeMs kNoon = 1795521600000;
constexpr TimeMs kReceived = test::TestOrigin::kPushedAt;
constexpr TimeMs kSettled = kReceived + 5 * kMinuteMs;

class HandClock final : public Clock {
public:
    TimeMs at = kSettled;
    [[nodiscard]] Reading now() const override { return {at, 0, 0}; }
    [[nodiscard]] TimeMs monotonicMs() const override { return at; }
};

/// Keeps what it was given; says what it is told to say, else that all is well.
class Scripted final : public Transport {
public:
    Delivery send(const Outgoing& message) override {
        sent.push_back(message);
        if (script.empty()) return {Delivery::Outcome::accepted, {}};
        const auto next = script.front();
        script.pop_front();
        return {next, "as told"};
    }
    std::vector<Outgoing> sent;
    std::deque<Delivery::Outcome> script;
};

/// Head office's own chain, as the hub has it.
class Chain final : public people::EventSink {
public:
    Chain(store::Store& store, const Clock& clock) : _store(store), _clock(clock) {
        _office.kind = "hub";
        REQUIRE(store.enrol(_office.enrolment()));
    }
    Result<std::vector<EventId>> append(std::span<const people::NewEvent> events) override {
        if (broken) return fail(Code::storage, "the disk is full");
        std::vector<EventId> ids;
        for (const people::NewEvent& one : events) {
            _office.unc = one.unc;
            ids.push_back(_office.add(one.subject, one.body, _clock.now().at).id);
            const std::size_t last = _office.events.size();
            if (auto placed = _office.push(_store, last, last, _clock.now().at); !placed)
                return passOn(placed);
        }
        return ids;
    }
    bool broken = false;

private:
    store::Store& _store;
    const Clock& _clock;
    test::TestOrigin _office{9000};
};

consent::Policy pack() {
    consent::Policy policy;
    policy.controller.id = "house";
    policy.controller.name = "Het Voorhuis";
    policy.languages = {"nl"};
    consent::ChannelRule rule;
    rule.channel = "email";
    policy.rules.push_back(rule);
    return policy;
}

Settings settings() {
    Settings out;
    out.from = "no-reply@example.org";
    out.publicUrl = "https://example.org";
    return out;
}

struct Rig {
    test::TemporaryFolder folder;
    HandClock clock;
    SeededRandom random{5};
    consent::Policy policy = pack();
    std::unique_ptr<store::Store> store = store::openSqlite(folder.text(), {}).value();
    Chain chain{*store, clock};
    House house{*store, chain, policy};
    Scripted transport;
    std::vector<std::string> said;
    Courier courier{house, transport, settings(),
                    clock, random,    [this](const std::string& line) { said.push_back(line); }};
    Answers answers{house, clock};
    test::TestOrigin till{1};
    std::size_t pushed = 0;
    SubjectId anna = till.newSubject();

    Rig() { REQUIRE(store->enrol(till.enrolment())); }

    consent::Event says(const SubjectId& who, consent::Act what, const std::string& address) {
        wire::PersonData person;
        person.displayName = "Anna";
        person.language = "ca";
        person.contacts.push_back(
            {"email", address, contact::Email::parse(address)->canonicalKey()});
        const auto event = till.add(who, std::move(what), kNoon, &person);
        REQUIRE(till.push(*store, pushed + 1, till.events.size(), clock.at - 6 * kMinuteMs));
        pushed = till.events.size();
        return event;
    }
    /// The same without an address.
    consent::Event says(const SubjectId& who, consent::Body what) {
        const auto event = till.add(who, std::move(what), kNoon + static_cast<TimeMs>(pushed));
        REQUIRE(till.push(*store, pushed + 1, till.events.size(), clock.at));
        pushed = till.events.size();
        return event;
    }
    consent::Event waits(const std::string& address = "anna@example.org") {
        consent::Act act = test::act(Choice::given);
        act.choices.front().confirm = true;
        return says(anna, act, address);
    }
    /// What stands behind the # in the message's link.
    std::string token(std::size_t n = 0) {
        const std::string& text = transport.sent.at(n).text;
        const auto begin = text.find("base64\r\n\r\n") + 10;
        std::string base = text.substr(begin, text.find("--=_", begin) - begin);
        std::erase_if(base, [](char c) { return c == '\r' || c == '\n'; });
        const std::string body = crypto::fromBase64(base).value();
        const auto at = body.find("/c#") + 3;
        return body.substr(at, body.find_first_of("\r\n", at) - at);
    }
    std::string state() {
        return std::string(
            consent::name(store->state(anna, {"house", "newsletter", "email"})->state));
    }
    std::string outcome() {
        const auto rows = store->mailsOf(anna).value();
        return rows.empty() ? "none" : rows.front().outcome;
    }
    std::string status() { return store->person(anna)->contacts.front().status; }
};

} // namespace

TEST_CASE("an answer is mailed, looked at as often as one likes, and confirmed once") {
    Rig rig;
    rig.waits("Anna@Example.org");
    CHECK(rig.state() == "requested");
    CHECK(rig.courier.pass().value() == 1);
    CHECK(rig.courier.pass().value() == 0);
    CHECK(rig.transport.sent.front().to == "anna@example.org");
    const std::string token = rig.token();
    CHECK(token.size() >= 22); // 128 bits at least
    for (int i = 0; i < 3; ++i) {
        const auto seen = rig.answers.look(token);
        REQUIRE(seen.has_value());
        CHECK(seen->what.confirm);
        CHECK(seen->what.language == "ca");
        CHECK(seen->what.house == "Het Voorhuis");
        CHECK(seen->what.place == "Till");
        CHECK(seen->maskedAddress.find("nna") == std::string::npos);
    }
    CHECK(rig.state() == "requested"); // looking changed nothing
    CHECK(rig.answers.confirm(token).has_value());
    CHECK(rig.state() == "given");
    CHECK(rig.outcome() == "confirmed");
    for (const auto& again :
         {rig.answers.confirm(token), rig.answers.notMe(token), rig.answers.confirm("forged"),
          rig.answers.notMe(std::string(999, 'x'))})
        CHECK(again.error().code == Code::notFound);
    CHECK(rig.answers.look(token).error().message == rig.answers.look("forged").error().message);
    CHECK(rig.state() == "given");
}

TEST_CASE("'this was not me' withdraws, takes the address off, and asks it no more") {
    Rig rig;
    SUBCASE("of an answer that waits") {
        rig.waits();
    }
    SUBCASE("of one that counts") {
        rig.says(rig.anna, test::act(Choice::given), "anna@example.org");
        CHECK(rig.state() == "given");
    }
    CHECK(rig.courier.pass().value() == 1);
    CHECK(rig.answers.notMe(rig.token()).has_value());
    CHECK(rig.state() == "withdrawn");
    CHECK(rig.status() == "removed");
    rig.clock.at += 100 * kDayMs;
    const SubjectId other = rig.till.newSubject();
    consent::Act act = test::act(Choice::given);
    act.choices.front().confirm = true;
    rig.says(other, act, "anna@example.org");
    CHECK(rig.courier.pass().value() == 0);
}

TEST_CASE(
    "power goes within 'this was not me': the silence is kept, and pressed again it is whole") {
    Rig rig;
    rig.waits();
    CHECK(rig.courier.pass().value() == 1);
    const std::string token = rig.token();
    rig.chain.broken = true;
    CHECK(rig.answers.notMe(token).error().code == Code::storage);
    rig.chain.broken = false;
    SUBCASE("the link says that and nothing else") {
        CHECK(rig.answers.look(token).error().code == Code::notFound);
        CHECK(rig.answers.confirm(token).error().code == Code::notFound);
        CHECK(rig.state() == "requested");
        for (int i = 0; i < 3; ++i) {
            CHECK(rig.answers.notMe(token).has_value());
            CHECK(rig.state() == "withdrawn");
            CHECK(rig.status() == "removed");
            CHECK(rig.store->proof(rig.anna)->size() == 3); // the yes, the no, the address
        }
    }
    SUBCASE("and if nobody comes back, nothing is asked of that address all the same") {}
    CHECK(rig.outcome() == "not-me");
    const SubjectId other = rig.till.newSubject();
    rig.clock.at += 8 * kDayMs;
    consent::Act act = test::act(Choice::given);
    act.choices.front().confirm = true;
    rig.says(other, act, "anna@example.org");
    CHECK(rig.courier.pass().value() == 0);
}

TEST_CASE("a notice cannot confirm anything") {
    Rig rig;
    rig.says(rig.anna, test::act(Choice::given), "anna@example.org");
    CHECK(rig.courier.pass().value() == 1);
    CHECK_FALSE(rig.answers.look(rig.token())->what.confirm);
    CHECK(rig.answers.confirm(rig.token()).error().code == Code::notFound);
}

TEST_CASE("a yes that could not be written down can be said again") {
    Rig rig;
    rig.waits();
    CHECK(rig.courier.pass().value() == 1);
    rig.chain.broken = true;
    CHECK(rig.answers.confirm(rig.token()).error().code == Code::storage);
    rig.chain.broken = false;
    CHECK(rig.answers.confirm(rig.token()).has_value());
    CHECK(rig.state() == "given");
}

TEST_CASE("an address that the server does not know bounces at every till") {
    Rig rig;
    SUBCASE("refused") {
        rig.waits();
        rig.transport.script = {Delivery::Outcome::noSuchAddress};
        CHECK(rig.courier.pass().value() == 0);
        CHECK(rig.outcome() == "bounced");
    }
    SUBCASE("a mailbox for an hour is not even tried") {
        rig.waits("anna@mailinator.com");
        CHECK(rig.courier.pass().value() == 0);
        CHECK(rig.transport.sent.empty());
        CHECK(rig.outcome() == "disposable");
    }
    CHECK(rig.status() == "bounced");
    CHECK(rig.state() == "requested");
}

TEST_CASE("what is refused for now is tried again, later and later, and given up after five days") {
    Rig rig;
    rig.waits();
    rig.transport.script.assign(1000, Delivery::Outcome::later);
    const TimeMs begin = rig.clock.at;
    while (rig.clock.at < begin + 6 * kDayMs && rig.outcome() != "gave-up") {
        REQUIRE(rig.courier.pass().has_value());
        rig.clock.at += 10 * kMinuteMs;
    }
    const std::size_t tried = rig.transport.sent.size();
    CHECK(rig.outcome() == "gave-up");
    CHECK(rig.clock.at > begin + 4 * kDayMs);
    CHECK(tried > 5);
    CHECK(tried < 300);
    CHECK(rig.status() != "bounced");
}

TEST_CASE("a server that is away is asked more and more seldom, said once, and loses nobody") {
    Rig rig;
    rig.waits();
    rig.transport.script.assign(3, Delivery::Outcome::unreachable);
    for (int i = 0; i < 400 && rig.outcome() != "sent"; ++i, rig.clock.at += kMinuteMs)
        REQUIRE(rig.courier.pass().has_value());
    CHECK(rig.outcome() == "sent");
    CHECK(rig.transport.sent.size() == 4);
    CHECK(rig.said.size() == 2); // away; back again
    for (const std::string& line : rig.said) CHECK(line.find('@') == std::string::npos);
}

TEST_CASE("what may have arrived is sent once more at most, and every link in it works") {
    Rig rig;
    rig.waits();
    rig.transport.script.assign(1000, Delivery::Outcome::maybe);
    const TimeMs begin = rig.clock.at;
    while (rig.clock.at < begin + 6 * kDayMs) {
        REQUIRE(rig.courier.pass().has_value());
        rig.clock.at += 10 * kMinuteMs;
        if (rig.transport.sent.size() == 1) CHECK(rig.clock.at < begin + 3 * kHourMs);
    }
    CHECK(rig.transport.sent.size() == 2);
    CHECK(rig.outcome() == "sent");
    // The same message to whoever compares.
    CHECK(rig.transport.sent[0].id == rig.transport.sent[1].id);
    for (const std::size_t copy : {0U, 1U}) CHECK(rig.answers.look(rig.token(copy)).has_value());
    CHECK(rig.answers.confirm(rig.token(1)).has_value());
    CHECK(rig.state() == "given");
    CHECK(rig.answers.confirm(rig.token(0)).error().code == Code::notFound);
}

TEST_CASE("a server that takes messages and never says so gets no second one for a while") {
    Rig rig;
    rig.waits();
    const SubjectId other = rig.till.newSubject();
    consent::Act act = test::act(Choice::given);
    act.choices.front().confirm = true;
    rig.says(other, act, "cato@example.org");
    rig.transport.script.assign(1, Delivery::Outcome::maybe);
    CHECK(rig.courier.pass().value() == 0);
    CHECK(rig.transport.sent.size() == 1);
    rig.clock.at += 16 * kMinuteMs;
    CHECK(rig.courier.pass().value() == 1); // the other one: the first waits for longer
    CHECK(rig.transport.sent[0].to != rig.transport.sent[1].to);
}

TEST_CASE("a link works until its day however its message ended, unless it was answered") {
    using Ends = std::pair<const char*, std::deque<Delivery::Outcome>>;
    const Ends gaveUp{"gave-up",
                      std::deque<Delivery::Outcome>(1000, Delivery::Outcome::unreachable)};
    const Ends refused{"refused", {Delivery::Outcome::maybe, Delivery::Outcome::refused}};
    for (const Ends& ends : {gaveUp, refused}) {
        for (const bool confirms : {true, false}) {
            CAPTURE(ends.first);
            CAPTURE(confirms);
            Rig rig;
            rig.waits();
            rig.transport.script = ends.second;
            for (int i = 0; i < 1000 && rig.outcome() != ends.first; ++i) {
                REQUIRE(rig.courier.pass().has_value());
                rig.clock.at += 30 * kMinuteMs;
            }
            REQUIRE(rig.outcome() == ends.first);
            REQUIRE(rig.answers.look(rig.token()).has_value());
            const auto answered =
                confirms ? rig.answers.confirm(rig.token()) : rig.answers.notMe(rig.token());
            CHECK(answered.has_value());
            CHECK(rig.outcome() == (confirms ? "confirmed" : "not-me"));
            if (confirms) CHECK(rig.state() == "given");
            CHECK(rig.answers.confirm(rig.token()).error().code == Code::notFound);
        }
    }
}

TEST_CASE(
    "between a send and its note the power goes: at most one more mail, and both links work") {
    Rig rig;
    rig.waits();
    const std::string token = newToken(rig.random);
    store::MailRules rules;
    REQUIRE(rig.store->findMails(rig.policy, rules, rig.clock.at).has_value());
    REQUIRE(rig.store->claimMail(rig.policy, rules, tokenHash(token), rig.clock.at)->has_value());
    rig.store.reset();
    rig.store = store::openSqlite(rig.folder.text(), {}).value();
    CHECK(rig.store->mailLink(tokenHash(token), rig.clock.at).has_value());
    CHECK_FALSE(
        rig.store->claimMail(rig.policy, rules, tokenHash("another"), rig.clock.at)->has_value());
    const auto again =
        rig.store->claimMail(rig.policy, rules, tokenHash("another"), rig.clock.at + rules.leaseMs);
    REQUIRE(again->has_value());
    CHECK((*again)->attempts == 2);
    CHECK(rig.store->mailLink(tokenHash("another"), rig.clock.at).has_value());
}

TEST_CASE("a slip takes back what it says, or everything, and says so no more often than once") {
    Rig rig;
    const crypto::Handle handle = crypto::randomHandle(rig.random);
    consent::Act act = test::act(Choice::given);
    act.withdrawHandleHash = crypto::toHex(crypto::bytesOf(crypto::handleHash(handle)));
    rig.says(rig.anna, act, "anna@example.org");
    const std::string code = crypto::slipCode(handle);
    CHECK(rig.state() == "given");
    CHECK(rig.answers.takeBack(code, false).has_value());
    CHECK(rig.state() == "withdrawn");
    const auto events = rig.store->proof(rig.anna)->size();
    CHECK(rig.answers.takeBack(code, false).has_value());
    CHECK(rig.store->proof(rig.anna)->size() == events);
    CHECK(rig.answers.takeBack(code, true).has_value());
    CHECK(rig.state() == "objected");
    CHECK(rig.answers.takeBack(code, true).has_value());
    CHECK(rig.store->proof(rig.anna)->size() == events + 1);
    std::string mistyped = code;
    mistyped[0] = mistyped[0] == '7' ? '6' : '7';
    CHECK(rig.answers.takeBack(mistyped, false).error().code == Code::invalid);
    CHECK(rig.answers.takeBack(crypto::slipCode(crypto::randomHandle(rig.random)), false)
              .error()
              .code == Code::notFound);
    CHECK(rig.answers.takeBack("hello", true).error().code == Code::notFound);
}

TEST_CASE("what a slip takes back stays taken back, whatever other no is on file") {
    Rig rig;
    const crypto::Handle handle = crypto::randomHandle(rig.random);
    const std::string code = crypto::slipCode(handle);
    consent::Act act = test::act(Choice::given);
    act.withdrawHandleHash = crypto::toHex(crypto::bytesOf(crypto::handleHash(handle)));
    rig.says(rig.anna, act, "anna@example.org");
    const auto no = rig.says(rig.anna, test::act(Choice::refused));
    CHECK(rig.state() == "refused");
    CHECK(rig.answers.takeBack(code, false).has_value());
    CHECK(rig.state() == "withdrawn");
    SUBCASE("the other no is undone") {
        rig.says(rig.anna, consent::Retract{no.id, {}});
        CHECK(rig.state() == "withdrawn");
    }
    SUBCASE("a spoken yes that saw every no waits for its mail") {
        consent::Act yes = test::act(Choice::given, {no.id});
        const auto withdrawn =
            rig.store->state(rig.anna, {"house", "newsletter", "email"})->because;
        const auto page = rig.store->pull({}, 500, rig.till.id).value();
        REQUIRE(rig.store->served(rig.till.id, {}, page.next, rig.clock.at).has_value());
        yes.seen.push_back(withdrawn);
        rig.says(rig.anna, yes);
        const auto view = rig.store->state(rig.anna, {"house", "newsletter", "email"}).value();
        CHECK(view.state == consent::State::withdrawn);
        CHECK(view.pending);
        // The code once more: that yes will not do any more, mail or none.
        CHECK(rig.answers.takeBack(code, false).has_value());
        CHECK_FALSE(rig.store->state(rig.anna, {"house", "newsletter", "email"})->pending);
    }
    SUBCASE("pressed again at once it is said once, and an hour later anew") {
        const auto events = rig.store->proof(rig.anna)->size();
        CHECK(rig.answers.takeBack(code, false).has_value());
        CHECK(rig.store->proof(rig.anna)->size() == events);
        rig.clock.at += kHourMs;
        CHECK(rig.answers.takeBack(code, false).has_value());
        CHECK(rig.store->proof(rig.anna)->size() == events + 1);
    }
    SUBCASE("an objection at the counter can be undone, one by the code cannot") {
        const auto all =
            rig.says(rig.anna, test::act(Choice::objected, {}, consent::Method::spoken, "*", "*"));
        CHECK(rig.answers.takeBack(code, true).has_value());
        rig.says(rig.anna, consent::Retract{all.id, {}});
        CHECK(rig.state() == "objected");
    }
}

TEST_CASE("a maildir holds whole messages, one file each, for nobody else") {
    const test::TemporaryFolder folder;
    const std::filesystem::path place = std::filesystem::path(folder.text()) / "mail";
    const auto maildir = Maildir::open(place);
    REQUIRE(maildir.has_value());
    for (int i = 0; i < 2; ++i) // the same again replaces it
        CHECK((*maildir)->send({"a@example.org", "b@example.org", "one", "text\r\n"}).outcome ==
              Delivery::Outcome::accepted);
    std::size_t files = 0;
    for (const auto& each : std::filesystem::directory_iterator(place / "new")) {
        ++files;
        std::ifstream in(each.path(), std::ios::binary);
        CHECK(std::string{std::istreambuf_iterator<char>(in), {}} == "text\r\n");
        CHECK((each.status().permissions() & std::filesystem::perms::others_all) ==
              std::filesystem::perms::none);
    }
    CHECK(files == 1);
    CHECK(std::filesystem::is_empty(place / "tmp"));
}
