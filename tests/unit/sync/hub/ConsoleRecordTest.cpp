// Receipts out of the record; what staff say into it; whom the audit trail names.
#include <SQLiteCpp/SQLiteCpp.h>

#include "plugin/contact/Email.h"
#include "plugin/policy/PackLoader.h"
#include "plugin/policy/Wordings.h"
#include "plugin/slip/Receipt.h"
#include "tests/unit/sync/hub/ConsoleHouse.h"

using namespace souffleur;
using namespace souffleur::hub;
using namespace souffleur::test;
using consent::ContactStatus;

namespace {

/// Somebody whose address had bounced by head office's own note, and who is restricted.
struct Bounced : House {
    SubjectId person = people[0];
    std::string path = "/api/v1/people/" + person.text();
    std::string key;

    explicit Bounced(ContactStatus before = ContactStatus::verified) {
        wire::PersonData data;
        const std::string canonical = contact::Email::parse("anna@example.org")->canonicalKey();
        data.contacts.push_back({"email", "anna@example.org", canonical});
        key = store::contactKey({}, canonical);
        till.add(person, consent::Contact{"email", key, before}, kNow - 5, &data);
        REQUIRE(till.push(*store, 4, 4, kNow));
        clock.at += kHourMs;
        REQUIRE(chain.append(std::vector<people::NewEvent>{
            {person, consent::Contact{"email", key, ContactStatus::bounced}, {}, 0, kSecondMs},
            {person, consent::Fact{"restricted", "yes"}, {}, 0, kSecondMs}}));
        clock.at += kHourMs;
    }
    ~Bounced() { CHECK(store->verify().has_value()); }
    Bounced(const Bounced&) = delete;
    Bounced& operator=(const Bounced&) = delete;

    [[nodiscard]] std::string status() const {
        return store->person(person)->contacts.front().status;
    }
    http::Response works(const std::string& role, const std::string& as = "verified",
                         const std::string& reason = "reached") {
        return post(path + "/address", role,
                    R"({"channel":"email","key":")" + key + R"(","status":")" + as +
                        R"(","reason":")" + reason + R"("})");
    }
};

/// An act of the pack in force with its wordings, at a house that keeps their texts.
struct Asked : House {
    consent::Policy nl = policy::PackLoader(policy::sampleHouse("nl")).builtIn("nl").value();
    consent::Event event;

    explicit Asked(bool inForce = true) {
        consent::Act act = test::act(consent::Choice::given);
        act.controller = nl.controller.id;
        nl.freeze(act.choices.front(), act.method, kNow, false, false, "nl");
        REQUIRE_FALSE(act.choices.front().notice.id.empty());
        event = till.add(people[1], act, kNow - 5);
        REQUIRE(till.push(*store, 4, 4, kNow));
        std::vector<consent::Notice> wordings;
        for (const consent::Notice* one : policy::wordingsOf(nl)) wordings.push_back(*one);
        if (inForce) REQUIRE(store->keepWordings(wordings));
    }
    http::Response receipt(const std::string& role, const EventId& id) {
        return get("/api/v1/events/" + id.text() + "/receipt", role);
    }
};

} // namespace

TEST_CASE("head office says that an address works again: with a reason, by who may") {
    Bounced house;
    REQUIRE(house.status() == "bounced");
    for (const char* role : {"marketing", "it"}) CHECK(house.works(role).status == 403);
    CHECK(house.works("").status == 401);
    CHECK(house.status() == "bounced");
    SUBCASE("known to be theirs") {
        const auto answer = house.works("privacy");
        CHECK(answer.status == 200);
        CHECK(answer.body.find("anna@example.org") == std::string::npos);
        CHECK(house.status() == "verified");
        const auto row = house.store->auditTrail(1)->front();
        CHECK(row.who == "privacy");
        CHECK(row.action == "address.works");
        CHECK(row.about == house.person.text());
        CHECK(row.reason == "reached");
        CHECK(house.works("privacy").status == 409); // nothing left to say
    }
    SUBCASE("whose it is stays open") {
        CHECK(house.works("admin", "unverified", "person-said").status == 200);
        CHECK(house.status() == "unverified");
    }
    SUBCASE("a bounce of later counts again") {
        REQUIRE(house.works("admin").status == 200);
        house.clock.at += kHourMs;
        REQUIRE(house.chain.append(std::vector<people::NewEvent>{
            {house.person,
             consent::Contact{"email", house.key, ContactStatus::bounced},
             {},
             0,
             kSecondMs}}));
        CHECK(house.status() == "bounced");
    }
    SUBCASE("with a word of the list alone, and nothing else") {
        CHECK(house.works("admin", "bounced").status == 400);
        CHECK(house.works("admin", "removed").status == 400);
        CHECK(house.works("admin", "verified", "Anna rang on Monday").status == 400);
        CHECK(house.works("admin", "verified", "settled").status == 400);
        CHECK(house.post(house.path + "/address", "admin", "{}").status == 400);
        house.key[0] = house.key[0] == 'a' ? 'b' : 'a';
        CHECK(house.works("admin").status == 409);
        CHECK(house.status() == "bounced");
        CHECK(house.audited("address.works") == 0);
    }
}

TEST_CASE("an address that was only typed is nobody's by staff's word, only by its mail") {
    Bounced house(ContactStatus::unverified);
    REQUIRE(house.status() == "bounced");
    const auto refused = house.works("privacy");
    CHECK(refused.status == 409);
    CHECK(refused.body.find("never-confirmed") != std::string::npos);
    CHECK(house.status() == "bounced");
    CHECK(house.audited("address.works") == 0);
    CHECK(house.works("privacy", "unverified").status == 200);
    CHECK(house.status() == "unverified");
    // Once its mail came back it is theirs, also after another bounce.
    house.clock.at += kHourMs;
    REQUIRE(house.chain.append(std::vector<people::NewEvent>{
        {house.person,
         consent::Confirmed{
             house.till.add(house.person, test::act(consent::Choice::given), kNow - 4).id, "email",
             house.key},
         {},
         0,
         kSecondMs}}));
    house.clock.at += kHourMs;
    REQUIRE(house.chain.append(
        std::vector<people::NewEvent>{{house.person,
                                       consent::Contact{"email", house.key, ContactStatus::bounced},
                                       {},
                                       0,
                                       kSecondMs}}));
    CHECK(house.works("privacy").status == 200);
    CHECK(house.status() == "verified");
}

TEST_CASE("head office ends a restriction: with a reason, by who may, of every linked record") {
    Bounced house;
    REQUIRE(house.chain.append(std::vector<people::NewEvent>{
        {house.people[1], consent::Fact{"restricted", "yes"}, {}, 0, kSecondMs},
        {house.people[0], consent::Link{house.people[1], "same"}, {}, 0, kSecondMs}}));
    house.clock.at += kHourMs;
    const auto lift = [&](const char* role, const char* reason) {
        return house
            .post(house.path + "/unrestrict", role,
                  std::string(R"({"reason":")") + reason + R"("})")
            .status;
    };
    REQUIRE(house.get(house.path, "privacy").body.find(R"("restricted":true)") !=
            std::string::npos);
    CHECK(lift("marketing", "settled") == 403);
    CHECK(lift("it", "settled") == 403);
    CHECK(lift("privacy", "because") == 400);
    CHECK(lift("privacy", "settled") == 200);
    CHECK_FALSE(house.store->person(house.people[0])->restricted);
    CHECK_FALSE(house.store->person(house.people[1])->restricted);
    CHECK(house.store->auditTrail(1)->front().reason == "settled");
    CHECK(lift("privacy", "settled") == 409);
}

TEST_CASE("the receipt of an act from head office is checked as one from a till") {
    Asked house;
    for (const char* role : {"marketing", "privacy", "admin"})
        CHECK(house.receipt(role, house.event.id).status == 200);
    CHECK(house.receipt("it", house.event.id).status == 403);
    const auto answer = house.receipt("privacy", house.event.id);
    CHECK(answer.headers.get("Content-Disposition").find("receipt-") != std::string_view::npos);
    const auto report = slip::verifyReceipt(answer.body, house.key.publicKey());
    REQUIRE(report.has_value());
    CHECK(report->sound());
    CHECK(report->event == house.event.id);
    CHECK(report->position == 4);
    CHECK_FALSE(report->hasPayload);
    CHECK(house.audited("receipt.view") == 3);
    SUBCASE("changed by a word it is not") {
        std::string forged = answer.body;
        const auto at = forged.find("\"given\"");
        REQUIRE(at != std::string::npos);
        forged.replace(at, 7, "\"taken\"");
        const auto bad = slip::verifyReceipt(forged, house.key.publicKey());
        CHECK((!bad || !bad->sound()));
    }
}

TEST_CASE("what has no wording on file, or is no answer, has no receipt") {
    SUBCASE("a wording that was never in force here") {
        Asked house(false);
        const auto answer = house.receipt("admin", house.event.id);
        CHECK(answer.status == 409);
        CHECK(answer.body.find("wording-missing") != std::string::npos);
    }
    SUBCASE("no answer") {
        Asked house;
        const auto fact = house.till.add(house.people[0], consent::Fact{"language", "nl"}, kNow);
        REQUIRE(house.till.push(*house.store, 5, 5, kNow));
        CHECK(house.receipt("admin", fact.id).status == 404);
        CHECK(house.receipt("admin", EventId::random(house.random)).status == 404);
    }
}

TEST_CASE("the audit trail names devices, and no customer") {
    Bounced house;
    REQUIRE(house.get(house.path, "privacy").status == 200);
    REQUIRE(house
                .post("/api/v1/devices/" + house.till.id.text() + "/revoke", "admin",
                      R"({"fingerprint":")" + std::string(64, 'a') + R"("})")
                .status == 200);
    const auto trail = house.get("/api/v1/audit", "admin");
    REQUIRE(trail.status == 200);
    CHECK(trail.body.find(R"("about":")" + house.till.id.text() +
                          R"(","reason":"","whoDevice":null,"aboutDevice":{"kind":"terminal")") !=
          std::string::npos);
    CHECK(trail.body.find(R"("about":")" + house.person.text() +
                          R"(","reason":"","whoDevice":null,"aboutDevice":null)") !=
          std::string::npos);
    CHECK(trail.body.find("anna") == std::string::npos);
}

TEST_CASE("the whole address of a slip's QR code finds the act as its code does") {
    House house;
    SeededRandom random(77);
    const crypto::Handle handle = crypto::randomHandle(random);
    consent::Act act = test::act(consent::Choice::given);
    act.withdrawHandleHash = crypto::toHex(crypto::bytesOf(crypto::handleHash(handle)));
    const auto event = house.till.add(house.people[2], act, kNow - 5);
    REQUIRE(house.till.push(*house.store, 4, 4, kNow));
    std::string bare = crypto::slipCode(handle);
    std::erase(bare, '-');
    const auto found = [&](const std::string& text) {
        return house.post("/api/v1/people/search", "privacy", R"({"text":")" + text + R"("})").body;
    };
    const std::string known = found(crypto::slipCode(handle));
    REQUIRE(known.find(event.id.text()) != std::string::npos);
    for (const std::string& text :
         {"https://theatre.example.org/n/withdraw#" + bare, "http://example.org/#" + bare,
          "  https://theatre.example.org/w#" + crypto::slipCode(handle)}) {
        CAPTURE(text);
        CHECK(found(text) == known);
    }
    for (const std::string& text :
         {std::string("https://theatre.example.org/"), "https://example.org/?c=" + bare,
          "https://example.org/#" + bare.substr(1)}) {
        CAPTURE(text);
        CHECK(found(text).find(event.id.text()) == std::string::npos);
    }
    CHECK(house.store->auditTrail(1)->front().about.empty());
}

TEST_CASE("what cannot be noted in the audit trail is not said") {
    Bounced house;
    {
        SQLite::Database file(house.folder.text() + "/hub.db", SQLite::OPEN_READWRITE);
        file.exec("CREATE TRIGGER full BEFORE INSERT ON audit "
                  "BEGIN SELECT RAISE(ABORT, 'disk full'); END");
    }
    CHECK(house.post(house.path + "/unrestrict", "privacy", R"({"reason":"settled"})").status >=
          500);
    CHECK(house.works("privacy").status >= 500);
    CHECK(house.store->person(house.person)->restricted);
    CHECK(house.status() == "bounced");
    {
        SQLite::Database file(house.folder.text() + "/hub.db", SQLite::OPEN_READWRITE);
        file.exec("DROP TRIGGER full");
    }
    CHECK(house.post(house.path + "/unrestrict", "privacy", R"({"reason":"settled"})").status ==
          200);
    CHECK(house.works("privacy").status == 200);
    CHECK(house.audited("restriction.lift") == 1);
    CHECK(house.audited("address.works") == 1);
}

TEST_CASE("no device is approved or revoked that cannot be noted in the audit trail") {
    House house;
    test::TestOrigin waiting(10);
    auto enrolment = waiting.enrolment();
    enrolment.status = store::OriginStatus::pending;
    enrolment.fingerprint = std::string(64, 'c');
    REQUIRE(house.store->enrol(enrolment));
    const auto change = [&](const OriginId& device, const char* what, char print) {
        return house
            .post("/api/v1/devices/" + device.text() + what, "it",
                  R"({"fingerprint":")" + std::string(64, print) + "\"}")
            .status;
    };
    const auto status = [&](const OriginId& device) { return house.store->origin(device)->status; };
    {
        SQLite::Database file(house.folder.text() + "/hub.db", SQLite::OPEN_READWRITE);
        file.exec("CREATE TRIGGER full BEFORE INSERT ON audit "
                  "BEGIN SELECT RAISE(ABORT, 'disk full'); END");
    }
    CHECK(change(waiting.id, "/approve", 'c') >= 500);
    CHECK(change(house.till.id, "/revoke", 'a') >= 500);
    CHECK(status(waiting.id) == store::OriginStatus::pending);
    CHECK(status(house.till.id) == store::OriginStatus::active);
    {
        SQLite::Database file(house.folder.text() + "/hub.db", SQLite::OPEN_READWRITE);
        file.exec("DROP TRIGGER full");
    }
    CHECK(change(waiting.id, "/approve", 'c') == 200);
    CHECK(change(house.till.id, "/revoke", 'a') == 200);
    CHECK(status(waiting.id) == store::OriginStatus::active);
    CHECK(status(house.till.id) == store::OriginStatus::revoked);
    CHECK(house.audited("device.approve") == 1);
    CHECK(house.audited("device.revoke") == 1);
}

TEST_CASE("what stands against writing is said beside a yes") {
    Bounced house;
    house.till.add(house.person, test::act(consent::Choice::given), kNow - 4);
    REQUIRE(house.till.push(*house.store, 5, 5, kNow));
    const auto against = [&](const std::string& reason) {
        const std::string body = house.get(house.path, "privacy").body;
        REQUIRE(body.find(R"("state":"given")") != std::string::npos);
        return body.find(R"("against":)" + reason) != std::string::npos;
    };
    CHECK(against(R"("restricted")"));
    REQUIRE(house.post(house.path + "/unrestrict", "privacy", R"({"reason":"settled"})").status ==
            200);
    CHECK(against(R"("bounced")"));
    REQUIRE(house.works("privacy", "unverified").status == 200);
    CHECK(against(R"("address-unconfirmed")"));
    house.clock.at += kHourMs;
    REQUIRE(house.chain.append(std::vector<people::NewEvent>{
        {house.person,
         consent::Contact{"email", house.key, ContactStatus::verified},
         {},
         0,
         kSecondMs}}));
    CHECK(against("null"));
    CHECK_FALSE(against("\""));
}

TEST_CASE("a no shows the wording that it was said to, as a yes does") {
    Asked house;
    consent::Act no = test::act(consent::Choice::refused);
    no.controller = house.nl.controller.id;
    house.nl.freeze(no.choices.front(), no.method, kNow, false, false, "nl");
    const std::string sha = no.choices.front().notice.sha256;
    REQUIRE_FALSE(sha.empty());
    house.till.add(house.people[0], no, kNow - 4);
    REQUIRE(house.till.push(*house.store, 5, 5, kNow));
    const std::string body = house.get("/api/v1/people/" + house.people[0].text(), "privacy").body;
    CHECK(body.find(R"("state":"refused")") != std::string::npos);
    CHECK(body.find(sha) != std::string::npos);
}
