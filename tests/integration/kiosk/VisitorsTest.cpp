// rooms: kiosk-cli sync-hub
// Visitors as they come: bored children, emoji, forms half filled, a full disk, a PIN to guess.
#include <fstream>

#include "kiosk/lobby/Staff.h"
#include "plugin/contact/Text.h"
#include "tests/integration/kiosk/KioskRig.h"

using namespace souffleur;
using test::answersJson;
using test::eventually;

namespace {

constexpr const char* kAnna = R"(,"email":"anna.kiosk@example.org")";

bool names(const test::Answer& answer, const std::string& pointer, const std::string& code) {
    return answer.status == 422 && answer.body.find(R"({"pointer":")" + pointer + R"(","code":")" +
                                                    code + "\"}") != std::string::npos;
}

} // namespace

TEST_CASE("what will not do is told beside its field, and nothing of it is repeated") {
    test::Office office;
    test::Kiosk kiosk(office);
    const auto sent = [&](const std::string& more, const std::vector<std::string>& yes) {
        return kiosk.page->post("/sign-ups", answersJson(office.policy, more, yes));
    };
    CHECK(names(sent("", {"newsletter/email"}), "/email", "contact-missing"));
    CHECK(names(sent(R"(,"email":"anna at example")", {"newsletter/email"}), "/email",
                "email-invalid"));
    CHECK(names(
        sent(R"(,"email":")" + std::string(500, 'a') + R"(@example.org")", {"newsletter/email"}),
        "/email", "too-long"));
    CHECK(names(sent(R"(,"phone":"12")", {"last-minute/sms"}), "/phone", "phone-invalid"));
    CHECK(names(
        sent(R"(,"post":{"lines":["Korte Straat 1"],"postalCode":"","city":"Delft","country":""})",
             {"brochure/post"}),
        "/post", "address-incomplete"));
    CHECK(names(
        sent(
            R"(,"post":{"lines":["Korte Straat 1"],"postalCode":"12","city":"Delft","country":""})",
            {"brochure/post"}),
        "/post", "postal-code-invalid"));
    CHECK(names(sent(std::string(kAnna) + R"(,"genres":["noise"])", {"newsletter/email"}),
                "/genres", "out-of-range"));
    CHECK(names(sent(R"(,"name":")" + std::string(201, 'n') + "\"" + kAnna, {"newsletter/email"}),
                "/name", "too-long"));
    const auto odd = sent(R"(,"emial":"anna.kiosk@example.org")", {"newsletter/email"});
    CHECK(odd.code() == "invalid");
    CHECK(odd.body.find("anna.kiosk") == std::string::npos);
    CHECK(kiosk.page->post("/sign-ups", "{").code() == "malformed");
    CHECK(kiosk.page->post("/sign-ups", std::string(70 * 1024, ' ')).status == 413);
    auto stale = answersJson(office.policy, kAnna, {"newsletter/email"});
    const auto at = stale.find("\"sha256\":\"") + 10;
    stale[at] = stale[at] == '0' ? '1' : '0';
    CHECK(kiosk.page->post("/sign-ups", stale).code() == "stale-questions");
    auto child = answersJson(office.policy, kAnna, {"newsletter/email"});
    child.replace(child.find("\"oldEnough\":true"), 16, "\"oldEnough\":false");
    CHECK(kiosk.page->post("/sign-ups", child).code() == "too-young");
    CHECK(kiosk.page->post("/sign-ups/slip", "").code() == "slip-not-offered");
    kiosk.close();
    const auto store = lobby::SealedStore::open(kiosk.device.folder);
    CHECK((*store)->pending().value() == 0);
    CHECK((*store)->note("number").value() == 0);
}

TEST_CASE("addresses are looked at while they are typed, and kept nowhere") {
    test::Office office;
    test::Kiosk kiosk(office);
    const auto typed = kiosk.page->post("/checks", R"({"email":"anna@gmial.com"})");
    CHECK(typed.status == 200);
    CHECK(typed.body.find(R"("suggestion":"anna@gmail.com")") != std::string::npos);
    CHECK(kiosk.page->post("/checks", R"({"email":"anna"})").body.find("email-invalid") !=
          std::string::npos);
    CHECK(
        kiosk.page
            ->post(
                "/checks",
                R"({"post":{"lines":["Korte Straat 1"],"postalCode":"1234ab","city":"Delft","country":""}})")
            .body.find("1234 AB") != std::string::npos);
    CHECK(kiosk.page->post("/checks", R"({"phone":"010 000 0000","forSms":true})").status == 200);
}

TEST_CASE("names of pictures and of other scripts arrive as they were typed") {
    test::Office office;
    test::Kiosk kiosk(office);
    for (const auto& [name, mail] :
         {std::pair{"\xF0\x9F\x8E\xAD\xF0\x9F\x8E\xB6", "masks@example.org"},
          std::pair{"\xD7\xA9\xD7\xA8\xD7\x94 \xD7\x9B\xD7\x94\xD7\x9F", "sara@example.org"},
          std::pair{"Антон Чехов", "anton@example.org"}}) {
        CAPTURE(name);
        REQUIRE(kiosk.page
                    ->post("/sign-ups", answersJson(office.policy,
                                                    std::string(R"(,"name":")") + name +
                                                        R"(","email":")" + mail + "\"",
                                                    {"newsletter/email"}))
                    .status == 201);
        const std::string address = mail;
        REQUIRE(eventually([&] { return !office.people(address).empty(); }));
        CHECK(office.people(mail).front().display == contact::cleanLine(name));
    }
}

TEST_CASE("an address that no answer is about is not kept") {
    test::Office office;
    test::Kiosk kiosk(office);
    REQUIRE(kiosk.page
                ->post("/sign-ups",
                       answersJson(office.policy,
                                   std::string(kAnna) + R"(,"phone":"06 12345678","name":"Anna")",
                                   {"newsletter/email"}))
                .status == 201);
    REQUIRE(eventually([&] { return !office.people("anna.kiosk@example.org").empty(); }));
    const auto person = office.people("anna.kiosk@example.org").front();
    CHECK(person.contacts.size() == 1);
    CHECK(person.contacts.front().channel == "email");
    CHECK(person.contacts.front().status != "verified");
}

TEST_CASE("a bored child is let through a few times, and told kindly after that") {
    test::Office office;
    lobby::LobbyOptions options;
    test::Kiosk kiosk(office, options);
    kiosk.close();
    kiosk.options.signUpsAMinute = 6;
    kiosk.open();
    int taken = 0;
    test::Answer last;
    for (int i = 0; i < 30; ++i) {
        last =
            kiosk.page->post("/sign-ups", answersJson(office.policy, kAnna, {"newsletter/email"}));
        taken += last.status == 201 ? 1 : 0;
    }
    CHECK(taken == 6);
    CHECK(last.status == 429);
    CHECK(last.body.find("retryAfterMs") != std::string::npos);
}

TEST_CASE("the same request again is the same answer, until the wipe") {
    test::Office office;
    test::Kiosk kiosk(office);
    const auto body = answersJson(office.policy, kAnna, {"newsletter/email"});
    const auto first = kiosk.page->post("/sign-ups", body);
    CHECK(kiosk.page->post("/sign-ups", body).body == first.body);
    CHECK(kiosk.page->post("/sign-ups/slip", "").code() == "printer-away");
    CHECK(kiosk.page->post("/wipe", "").status == 204);
    CHECK(kiosk.page->post("/wipe", "{}").status == 204);
    CHECK(kiosk.page->post("/sign-ups/slip", "").code() == "slip-not-offered");
    REQUIRE(eventually([&] { return !office.people("anna.kiosk@example.org").empty(); }));
    CHECK(office.people("anna.kiosk@example.org").size() == 1);
}

TEST_CASE("the staff menu opens with its PIN, and shuts on guesses, over a restart too") {
    test::Office office;
    test::Kiosk kiosk(office);
    kiosk.close();
    REQUIRE(
        lobby::Staff::setPin(kiosk.device.folder, kiosk.device.pepper, "204816", office.random));
    CHECK_FALSE(
        lobby::Staff::setPin(kiosk.device.folder, kiosk.device.pepper, "12a4", office.random));
    kiosk.open();
    CHECK(kiosk.page->get("/house").body.find(R"("staffMenu":true)") != std::string::npos);
    CHECK(kiosk.page->post("/staff/sign-in", R"({"pin":"204816"})").status == 200);
    CHECK(kiosk.page->post("/staff/status", "").status == 200);
    CHECK(kiosk.page->post("/staff/sign-out", "").status == 204);
    CHECK(kiosk.page->post("/staff/status", "").code() == "staff-needed");
    for (int i = 0; i < 3; ++i)
        CHECK(kiosk.page->post("/staff/sign-in", R"({"pin":"111111"})").code() == "pin-wrong");
    kiosk.close();
    kiosk.open();
    for (int i = 0; i < 2; ++i)
        CHECK(kiosk.page->post("/staff/sign-in", R"({"pin":"111111"})").code() == "pin-wrong");
    CHECK(kiosk.page->post("/staff/sign-in", R"({"pin":"204816"})").code() == "staff-locked-out");
    kiosk.close();
    kiosk.open();
    CHECK(kiosk.page->post("/staff/sign-in", R"({"pin":"204816"})").code() == "staff-locked-out");
}
