// rooms: kiosk-cli sync-hub
// A visitor signs up at the kiosk: sealed there, sent when there is a network, placed at head
// office, where it waits for its confirmation.
#include <algorithm>
#include <fstream>

#include "plugin/contact/Email.h"
#include "plugin/crypto/Encoding.h"
#include "sync/hub/HubOrigin.h"
#include "tests/integration/kiosk/KioskRig.h"

using namespace souffleur;
using test::answersJson;
using test::eventually;

namespace {

constexpr const char* kAnna = R"(,"name":"Anna de Vries","email":"anna.kiosk@example.org")";

store::PersonRow arrived(test::Office& office, const std::string& text) {
    REQUIRE(eventually([&] { return !office.people(text).empty(); }));
    return office.people(text).front();
}

std::string stateOf(const store::PersonRow& person, const char* purpose, const char* channel) {
    for (const store::StateRow& row : person.states) {
        if (row.key.purpose == purpose && row.key.channel == channel)
            return std::string(consent::name(row.view.state));
    }
    return "none";
}

/// Anna, whom head office may write to at the address.
SubjectId willing(test::Office& office, const std::string& email) {
    const SubjectId anna = SubjectId::random(office.random);
    const std::string canonical = contact::Email::parse(email)->canonicalKey();
    wire::PersonData person;
    person.displayName = "Anna de Vries";
    person.contacts.push_back({"email", email, canonical});
    consent::Act yes;
    yes.controller = office.policy.controller.id;
    yes.method = consent::Method::screen;
    yes.place = "head-office";
    consent::ChoiceItem item;
    item.purpose = "newsletter";
    item.channel = "email";
    item.choice = consent::Choice::given;
    item.notice = office.policy.notice("newsletter", "email", "nl")->ref;
    yes.choices.push_back(item);
    const auto say = [&](consent::Body body) {
        const std::vector<people::NewEvent> one{{anna, std::move(body), person, 0, kSecondMs}};
        REQUIRE(office.home->chain().append(one).has_value());
    };
    say(yes);
    const auto row = office.home->store().person(anna);
    say(consent::Contact{"email", row->contacts.front().key, consent::ContactStatus::verified});
    return anna;
}

std::string mayWrite(test::Office& office, const SubjectId& to) {
    const auto rows = office.home->store().eligibility(
        {to, "newsletter", "email", office.clock.now().at}, office.policy);
    REQUIRE(rows.has_value());
    return rows->front().verdict.eligible ? "yes" : rows->front().verdict.reason;
}

} // namespace

TEST_CASE("whoever signs up with another's address takes back nothing of theirs by their slip") {
    test::Office office;
    const SubjectId anna = willing(office, "anna.kiosk@example.org");
    test::Kiosk kiosk(office);
    const auto answer =
        kiosk.page->post("/sign-ups", answersJson(office.policy, kAnna, {"newsletter/email"}));
    REQUIRE(answer.status == 201);
    auto slip = wire::JsonReader(wire::Json::parse(answer.body)).object("slip");
    const std::string code = slip.string("code", 60);
    CHECK(kiosk.page->post("/withdrawals", R"({"language":"nl","code":")" + code + "\"}").status ==
          201);
    CHECK(eventually([&] {
        const auto all = office.people("anna.kiosk@example.org");
        return std::ranges::any_of(all, [](const store::PersonRow& one) {
            return stateOf(one, "newsletter", "email") == "withdrawn";
        });
    }));
    CHECK(mayWrite(office, anna) == "yes");
}

TEST_CASE("a slip whose act is still at a till is taken back all the same") {
    test::Office office;
    test::Kiosk kiosk(office);
    const crypto::Handle handle = crypto::randomHandle(office.random);
    CHECK(kiosk.page
              ->post("/withdrawals",
                     R"({"language":"nl","code":")" + crypto::slipCode(handle) + "\"}")
              .status == 201);
    // What comes after it is there, so it is.
    REQUIRE(kiosk.page->post("/sign-ups", answersJson(office.policy, kAnna, {"newsletter/email"}))
                .status == 201);
    (void) arrived(office, "anna.kiosk@example.org");
    // Now the till's act comes.
    consent::Act act;
    act.controller = office.policy.controller.id;
    act.place = "till";
    act.withdrawHandleHash = crypto::toHex(crypto::bytesOf(crypto::handleHash(handle)));
    consent::ChoiceItem item;
    item.purpose = "newsletter";
    item.channel = "email";
    item.choice = consent::Choice::given;
    item.notice = office.policy.notice("newsletter", "email", "nl")->ref;
    act.choices.push_back(item);
    const SubjectId cato = SubjectId::random(office.random);
    const std::vector<people::NewEvent> said{{cato, act, {}, 0, kSecondMs}};
    REQUIRE(office.home->chain().append(said).has_value());
    const auto state =
        office.home->store().state(cato, {office.policy.controller.id, "newsletter", "email"});
    CHECK(state->state == consent::State::withdrawn);
    CHECK(office.home->store().verify().has_value());
}

TEST_CASE("a sign-up reaches head office and waits there for its confirmation") {
    test::Office office;
    test::Kiosk kiosk(office);
    const auto answer =
        kiosk.page->post("/sign-ups", answersJson(office.policy, kAnna, {"newsletter/email"},
                                                  {"personal-offers/email"}));
    REQUIRE_MESSAGE(answer.status == 201, answer.body);
    CHECK(answer.body.find(R"("confirmByMail":true)") != std::string::npos);
    CHECK(answer.body.find("anna") == std::string::npos);

    const auto person = arrived(office, "anna.kiosk@example.org");
    CHECK(person.display == "Anna de Vries");
    CHECK(stateOf(person, "newsletter", "email") == "requested");
    CHECK(stateOf(person, "personal-offers", "email") == "refused");
    const auto may = office.home->store().eligibility(
        {person.person, "newsletter", "email", office.clock.now().at}, office.policy);
    REQUIRE(may.has_value());
    REQUIRE(!may->empty());
    CHECK_FALSE(may->front().verdict.eligible);
    CHECK(office.home->store().counts(office.clock.now().at)->flagged == 0);
    CHECK(office.home->store().verify().has_value());
}

TEST_CASE("offline it is taken all the same, and goes when the network is back") {
    test::Office office;
    test::Kiosk kiosk(office);
    office.close();
    REQUIRE(kiosk.page->post("/sign-ups", answersJson(office.policy, kAnna, {"newsletter/email"}))
                .status == 201);
    kiosk.close();
    CHECK(office.people("anna.kiosk@example.org").empty());
    office.open();
    kiosk.open();
    const auto person = arrived(office, "anna.kiosk@example.org");
    CHECK(stateOf(person, "newsletter", "email") == "requested");
    CHECK(office.people("anna.kiosk@example.org").size() == 1);
}

TEST_CASE(
    "a kiosk that is enrolled again loses nothing: a no counts, somebody decides of the rest") {
    test::Office office;
    test::Kiosk kiosk(office);
    const auto early =
        kiosk.page->post("/sign-ups", answersJson(office.policy, kAnna, {"newsletter/email"}));
    REQUIRE(early.status == 201);
    auto slip = wire::JsonReader(wire::Json::parse(early.body)).object("slip");
    const std::string code = slip.string("code", 60);
    (void) arrived(office, "anna.kiosk@example.org");

    office.close();
    constexpr const char* kCato = R"(,"name":"Cato","email":"cato.kiosk@example.org")";
    REQUIRE(kiosk.page->post("/sign-ups", answersJson(office.policy, kCato, {"newsletter/email"}))
                .status == 201);
    REQUIRE(
        kiosk.page->post("/withdrawals", R"({"language":"nl","code":")" + code + "\"}").status ==
        201);
    kiosk.close();
    office.open();
    auto& store = office.home->store();
    const OriginId former = kiosk.device.origin;
    bool revoked = true;
    SUBCASE("a revoked one") {
        REQUIRE(store.setStatus(former, store::OriginStatus::revoked).has_value());
    }
    SUBCASE("one that is not") {
        revoked = false;
    }
    auto again = protocol::Device::enrolAgain(kiosk.device.folder,
                                              office.invite("kiosk", "Foyer 2"), office.random);
    REQUIRE_MESSAGE(again.has_value(), (again ? "" : again.error().text()));
    REQUIRE(store.setStatus(again->origin, store::OriginStatus::active).has_value());
    kiosk.device = *again;
    kiosk.open();
    CHECK(eventually([&] {
        return stateOf(office.people("anna.kiosk@example.org").front(), "newsletter", "email") ==
               "withdrawn";
    }));
    CHECK(eventually([&] {
        return kiosk.page->get("/health").body.find(R"("takes":true)") != std::string::npos &&
               (revoked ? !store.keptCounts()->empty()
                        : !office.people("cato.kiosk@example.org").empty());
    }));
    kiosk.close();
    {
        const auto held = lobby::SealedStore::open(kiosk.device.folder);
        CHECK((*held)->pending().value() == 0);
        CHECK((*held)->refused().value() == 0);
    }
    if (!revoked) return;
    CHECK(office.people("cato.kiosk@example.org").empty());
    const auto kept = store.keptCounts().value();
    REQUIRE(kept.size() == 1);
    CHECK(kept.front().origin == former);
    CHECK(kept.front().count == 1);
    CHECK(kept.front().why.find("decide") != std::string::npos);
    CHECK(store.counts(office.clock.now().at)->quarantined == 1);
    // No start of head office decides that.
    REQUIRE(office.sealed->tidy().has_value());
    CHECK(office.people("cato.kiosk@example.org").empty());
    const auto taken = office.sealed->tryKept(former);
    REQUIRE(taken.has_value());
    CHECK(taken->placed == 1);
    CHECK(stateOf(arrived(office, "cato.kiosk@example.org"), "newsletter", "email") == "requested");
    CHECK(store.keptCounts()->empty());
    CHECK(office.sealed->tryKept(former)->placed == 0);
    CHECK(store.verify().has_value());
}

TEST_CASE("head office is put back from a backup: what the kiosk still holds comes again, once") {
    test::Office office;
    test::Kiosk kiosk(office);
    const auto signUp = [&](const std::string& name) {
        const std::string more =
            R"(,"name":")" + name + R"(","email":")" + name + R"(@example.org")";
        REQUIRE(
            kiosk.page->post("/sign-ups", answersJson(office.policy, more, {"newsletter/email"}))
                .status == 201);
    };
    signUp("anna");
    (void) arrived(office, "anna@example.org");
    office.close();
    const auto backup = office.folder.path() / "backup";
    const auto hub = office.folder.path() / "hub";
    office.put(
        [&] { std::filesystem::copy(hub, backup, std::filesystem::copy_options::recursive); });
    office.open();
    for (const char* name : {"bob", "cato"}) {
        signUp(name);
        (void) arrived(office, std::string(name) + "@example.org");
    }
    // Bob's answer came before Cato's was asked for.
    office.close();
    office.put([&] {
        std::filesystem::remove_all(hub);
        std::filesystem::copy(backup, hub, std::filesystem::copy_options::recursive);
    });
    CHECK(office.people("bob@example.org").empty());
    // The next one comes first: it must not hide what was lost before it.
    signUp("dora");
    office.open();
    for (const char* name : {"anna", "bob", "cato", "dora"}) {
        CAPTURE(name);
        (void) arrived(office, std::string(name) + "@example.org");
    }
    const auto events = office.home->store().counts(office.clock.now().at)->events;
    signUp("eva");
    (void) arrived(office, "eva@example.org");
    for (const char* name : {"anna", "bob", "cato", "dora", "eva"})
        CHECK(office.people(std::string(name) + "@example.org").size() == 1);
    CHECK(office.home->store().counts(office.clock.now().at)->events == events + 1);
    CHECK(office.home->store().verify().has_value());
}

TEST_CASE("the code of a slip takes back what it stands for, without a word about whose it is") {
    test::Office office;
    test::Kiosk kiosk(office);
    const auto answer =
        kiosk.page->post("/sign-ups", answersJson(office.policy, kAnna, {"newsletter/email"}));
    REQUIRE(answer.status == 201);
    auto slip = wire::JsonReader(wire::Json::parse(answer.body)).object("slip");
    const std::string code = slip.string("code", 60);
    const std::string link = slip.string("link", 400);
    (void) arrived(office, "anna.kiosk@example.org");

    const auto withdraw = [&](const std::string& text) {
        return kiosk.page->post("/withdrawals", R"({"language":"nl","code":")" + text + "\"}");
    };
    CHECK(withdraw("hello").code() == "not-a-slip");
    CHECK(withdraw("https://elsewhere.example.net/w#" + code).code() == "other-house");
    std::string wrong = code;
    wrong[0] = wrong[0] == '7' ? '6' : '7';
    CHECK(withdraw(wrong).code() == "code-mistyped");
    // One that nobody was ever given is answered like one that somebody was.
    const auto nobodys = withdraw(crypto::slipCode(crypto::randomHandle(office.random)));
    const auto theirs = withdraw(link);
    CHECK(nobodys.status == 201);
    CHECK(theirs.status == 201);
    CHECK(nobodys.body == theirs.body);
    CHECK(eventually([&] {
        return stateOf(office.people("anna.kiosk@example.org").front(), "newsletter", "email") ==
               "withdrawn";
    }));
    CHECK(office.home->store().verify().has_value());
}
