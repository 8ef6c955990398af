// The desk, acts and people through the API.
#include "tests/unit/plugin/api/Page.h"

using namespace souffleur;
using namespace souffleur::test;

namespace {
constexpr const char* kNobody = "0192f0c1-6b1e-7c55-9a10-5a2f3e9d0b77";

std::string subjectOf(const json& desk) {
    return desk["customer"]["subjectId"];
}
} // namespace

TEST_CASE("a selected customer is on the desk with flag, questions and the line to say") {
    Page page;
    const json empty = json::parse(page.get("/desk").body);
    CHECK(empty["customer"].is_null());
    CHECK(empty["flag"].is_null());
    const json desk = page.select();
    CHECK(desk["customer"]["displayName"] == "Anna Vermeer");
    CHECK(desk["customer"]["contacts"][0]["masked"] != "anna.C-1@example.org");
    CHECK(desk["flag"]["kind"] == "unknown"); // nothing is on file yet
    CHECK(desk["flag"]["lastNo"].is_null());
    CHECK_FALSE(desk["questions"].empty());
    CHECK(desk["script"]["language"] == "nl");
    CHECK(desk["script"]["translation"].is_string());
    CHECK(desk["sync"]["state"] == "not-enrolled");
    const json dutch = json::parse(page.get("/desk", "xx;q=0.9, nl-BE;q=0.8, en;q=0.3").body);
    CHECK(dutch["script"]["translation"].is_null());
    CHECK(dutch["questions"][0]["label"] != desk["questions"][0]["label"]);
}

TEST_CASE("a yes is stored, repeated, undone") {
    Page page;
    const json desk = page.select();
    const json act = page.act(desk, "save", Page::yes(desk));
    const auto stored = page.post("/acts", act);
    REQUIRE(stored.status == 201);
    const json result = json::parse(stored.body);
    CHECK(result["act"]["outcome"] == "save");
    CHECK(result["act"]["choices"][0]["choice"] == "given");
    CHECK(result["act"]["operator"] == "Noor");
    CHECK(result["act"]["place"] == "Kassa 1");
    CHECK(result["desk"]["lastAct"]["actId"] == result["act"]["actId"]);
    const auto again = page.post("/acts", act);
    CHECK(again.status == 200);
    CHECK(json::parse(again.body)["act"]["actId"] == result["act"]["actId"]);
    json other = act;
    other["outcome"] = "refuse";
    other["answers"] = json::array();
    CHECK(codeOf(page.post("/acts", other)) == "idempotency-conflict");

    const std::string id = result["act"]["actId"];
    const json history = json::parse(page.get("/subjects/" + subjectOf(desk) + "/acts").body);
    CHECK(history["acts"][0]["actId"] == id);
    CHECK(history["next"].is_null());
    const json receipt = json::parse(page.get("/acts/" + id + "/receipt").body);
    CHECK(receipt.is_object());
    CHECK(receipt.dump().find("anna.C-1@") == std::string::npos);

    const auto undone = page.post("/acts/" + id + "/undo", json::object());
    CHECK(undone.status == 200);
    CHECK(json::parse(undone.body)["lastAct"].is_null());
    CHECK(page.post("/acts/" + id + "/undo", nullptr).status == 200);
}

TEST_CASE("refuse, not now, unclear and stop everything") {
    Page page;
    for (const char* outcome : {"refuse", "not-now", "unclear", "stop-everything"}) {
        CAPTURE(outcome);
        const json desk = page.select(std::string("C-") + outcome);
        const auto stored = page.post("/acts", page.act(desk, outcome));
        CAPTURE(stored.body);
        CHECK(stored.status == 201);
        CHECK(json::parse(stored.body)["act"]["choices"][0]["choice"] != "given");
    }
    const json desk = json::parse(page.get("/desk").body);
    CHECK(desk["flag"]["kind"] == "objected");
    CHECK(desk["flag"]["lastNo"]["choice"] == "objected");
}

TEST_CASE("questions that are no longer current are refused with the current desk") {
    Page page;
    const json desk = page.select();
    REQUIRE(page.post("/acts", page.act(desk, "refuse")).status == 201);
    const auto stale = page.post("/acts", page.act(desk, "save", Page::yes(desk)));
    CHECK(stale.status == 409);
    CHECK(codeOf(stale) == "stale-questions");
    const json now = json::parse(stale.body)["desk"];
    CHECK(now["questionSetId"] != desk["questionSetId"]);
    CHECK(now["flag"]["lastNo"]["choice"] == "refused");
}

TEST_CASE("an act that will not do names its members") {
    Page page;
    const json desk = page.select();
    const auto fault = [&](const char* pointer, const json& value) {
        json act = page.act(desk, "save", Page::yes(desk));
        act[json::json_pointer(pointer)] = value;
        const auto answer = page.post("/acts", act);
        CHECK(answer.status == 422);
        return faultOf(answer);
    };
    CHECK(fault("/idempotencyKey", "x") == "/idempotencyKey out-of-range");
    CHECK(fault("/subjectId", nullptr) == "/subjectId wrong-type");
    CHECK(fault("/questionSetId", nullptr) == "/questionSetId missing");
    CHECK(fault("/outcome", "agree") == "/outcome out-of-range");
    CHECK(fault("/outcome", true) == "/outcome wrong-type");
    CHECK(fault("/outcome", "refuse") == "/answers too-long");
    CHECK(fault("/answers", json::array()) == "/answers too-short");
    CHECK(fault("/answers", json::object()) == "/answers wrong-type");
    CHECK(fault("/answers/0", 7) == "/answers/0 wrong-type");
    CHECK(fault("/answers/0/choice", "yes") == "/answers/0/choice out-of-range");
    CHECK(fault("/answers/0/channel", "fax") == "/answers/0/channel out-of-range");
    CHECK(fault("/answers/0/purpose", "") == "/answers/0/purpose too-short");
    CHECK(fault("/answers/1", Page::yes(desk)[0]) == "/answers/1 duplicate");
    CHECK(fault("/answers/0/purpose", "something-else").ends_with("not-in-question-set"));
    CHECK(fault("/method", "web") == "/method out-of-range");
    CHECK(fault("/language", "xx") == "/language out-of-range");
    CHECK(fault("/contacts", {{{"kind", "fax"}, {"value", "123"}}}) ==
          "/contacts/0/kind out-of-range");
    CHECK(fault("/contacts", {{{"kind", "email"}, {"value", std::string(321, 'a')}}}) ==
          "/contacts/0/value too-long");
    CHECK(fault("/contacts", {{{"kind", "email"}, {"value", "no address"}}}) ==
          "/contacts/0/value email-malformed");
    CHECK(fault("/at", "2099-01-01T00:00:00Z") == "/at unknown-member");
    CHECK(json::parse(page.get("/desk").body)["lastAct"].is_null());
    json many = page.act(desk, "save");
    for (int i = 0; i < 10; ++i) many["answers"].push_back(Page::yes(desk)[0]);
    CHECK(faultOf(page.post("/acts", many)) == "/answers too-long");
}

TEST_CASE("situation, language and rush change the desk") {
    Page page;
    page.select();
    const json phone = json::parse(page.post("/desk/situation", {{"situation", "phone"}}).body);
    CHECK(phone["situation"] == "phone");
    CHECK(phone["situationSource"] == "cashier");
    CHECK(faultOf(page.post("/desk/situation", {{"situation", "bar"}})) ==
          "/situation out-of-range");
    CHECK(faultOf(page.post("/desk/situation", {{"situation", "phone"}, {"keep", 1}})) ==
          "/keep wrong-type");
    const json russian = json::parse(page.post("/desk/language", {{"language", "ru"}}).body);
    CHECK(russian["script"]["language"] == "ru");
    CHECK(russian["customer"]["language"] == "ru");
    CHECK(faultOf(page.post("/desk/language", {{"language", "xx"}})) == "/language out-of-range");
    const json rush = json::parse(page.post("/desk/rush", {{"on", true}}).body);
    CHECK(rush["rush"]["on"] == true);
    CHECK(rush["flag"].is_null());
    CHECK(faultOf(page.post("/desk/rush", {{"on", "yes"}})) == "/on wrong-type");
    CHECK(json::parse(page.post("/desk/rush", {{"on", false}}).body)["rush"]["on"] == false);
}

TEST_CASE("a new person is put on the desk, found later, and selected again") {
    Page page;
    const json person = {{"idempotencyKey", kNobody},
                         {"name", {{"given", "Пётр"}, {"family", "Лебедев"}}},
                         {"language", "ru"},
                         {"contacts", {{{"kind", "email"}, {"value", "petr@example.org"}}}}};
    const auto made = page.post("/subjects", person);
    REQUIRE(made.status == 201);
    const json desk = json::parse(made.body);
    CHECK(desk["customer"]["displayName"] == "Пётр Лебедев");
    CHECK(desk["customer"]["isNew"] == true);
    CHECK(page.post("/subjects", person).status == 200);
    const json now = json::parse(page.get("/desk").body);
    const auto stored = page.post("/acts", page.act(now, "refuse"));
    CAPTURE(stored.body);
    REQUIRE(stored.status == 201);

    CHECK(json::parse(page.post("/desk/select", {{"subjectId", nullptr}}).body)["customer"]
              .is_null());
    const json found = json::parse(page.post("/search", {{"query", "лебед"}}).body);
    REQUIRE(found["results"].size() == 1);
    CHECK(found["step"] == "exact");
    CHECK(found["results"][0]["displayName"] == "Пётр Лебедев");
    CHECK(found["results"][0]["contacts"][0] != "petr@example.org");
    const auto back = page.post("/desk/select", {{"subjectId", found["results"][0]["subjectId"]}});
    CHECK(json::parse(back.body)["flag"]["lastNo"]["choice"] == "refused");
    CHECK(codeOf(page.post("/desk/select", {{"subjectId", kNobody}})) == "subject-unknown");
    CHECK(faultOf(page.post("/desk/select", json::object())) == "/subjectId missing");
}

TEST_CASE("new people, contacts and preferences that will not do") {
    Page page;
    json person = {{"idempotencyKey", kNobody},
                   {"name", {{"given", "Anna"}, {"family", ""}}},
                   {"language", "nl"},
                   {"contacts", json::array()}};
    const auto fault = [&](const char* pointer, const json& value) {
        json other = person;
        other[json::json_pointer(pointer)] = value;
        return faultOf(page.post("/subjects", other));
    };
    CHECK(fault("/name", "Anna") == "/name wrong-type");
    CHECK(fault("/name/title", "Dr") == "/name/title unknown-member");
    CHECK(fault("/name/family", std::string(101, 'x')) == "/name/family too-long");
    CHECK(fault("/contacts", nullptr) == "/contacts wrong-type");
    CHECK(fault("/contacts", {{{"kind", "email"}, {"value", "anna@gmial.com"}}}) ==
          "/contacts/0/value email-mistyped");

    const json desk = page.select();
    const std::string subject = "/subjects/" + subjectOf(desk);
    CHECK(faultOf(page.post(subject + "/contacts", {{"kind", "phone"}, {"value", "nonsense"}})) ==
          "/value phone-malformed");
    CHECK(page.post(subject + "/contacts", {{"kind", "email"}, {"value", "a.vermeer@example.net"}})
              .status == 201);
    const json likes = {{"genres", {"jazz"}}, {"frequency", "monthly"}, {"language", "nl"}};
    const auto liked = page.post(subject + "/preferences", likes);
    CHECK(liked.status == 200);
    CHECK(json::parse(liked.body)["preferences"]["genres"] == json{"jazz"});
    CHECK(json::parse(liked.body)["preferences"]["options"]["genres"][0]["label"] == "Theatre");
    const auto likesFault = [&](const char* pointer, const json& value) {
        json other = likes;
        other[json::json_pointer(pointer)] = value;
        return faultOf(page.post(subject + "/preferences", other));
    };
    CHECK(likesFault("/genres", {"jazz", "jazz"}) == "/genres duplicate");
    CHECK(likesFault("/genres", {1}) == "/genres wrong-type");
    CHECK(likesFault("/language", "xx") == "/language out-of-range");
    CHECK(codeOf(page.post(std::string("/subjects/") + kNobody + "/preferences", likes)) ==
          "subject-unknown");
    CHECK(codeOf(page.post("/subjects/anna/preferences", likes)) == "subject-unknown");
    CHECK(faultOf(page.get(subject + "/acts?limit=0")) == "/limit out-of-range");
    CHECK(faultOf(page.get(subject + "/acts?limit=101")) == "/limit out-of-range");
    CHECK(faultOf(page.get(subject + "/acts?after=" + std::string(65, 'x'))) == "/after too-long");
    CHECK(faultOf(page.post("/search", {{"query", "x"}})) == "/query too-short");
    CHECK(faultOf(page.post("/search", {{"query", "vermeer"}, {"limit", 21}})) ==
          "/limit out-of-range");
    CHECK(faultOf(page.post("/search", {{"query", "vermeer"}, {"limit", 2.5}})) ==
          "/limit wrong-type");
}

TEST_CASE("nothing is stored about pupils") {
    Page page;
    page.select();
    REQUIRE(page.post("/desk/situation", {{"situation", "school"}, {"keep", true}}).status == 200);
    const json person = {{"idempotencyKey", kNobody},
                         {"name", {{"given", "Anna"}, {"family", "Vermeer"}}},
                         {"language", "nl"},
                         {"contacts", json::array()}};
    const auto answer = page.post("/subjects", person);
    CHECK(answer.status == 409);
    CHECK(codeOf(answer) == "no-pupils");
}

TEST_CASE("slips need a printer, jobs must be in doubt, undo ends") {
    Page page;
    const json desk = page.select();
    const json result = json::parse(page.post("/acts", page.act(desk, "refuse")).body);
    const std::string act = "/acts/" + result["act"]["actId"].get<std::string>();
    const auto slip = page.post(act + "/slip", nullptr);
    CHECK(slip.status == 503);
    CHECK(codeOf(slip) == "printer-unavailable");
    CHECK(codeOf(page.post("/acts/x/slip", nullptr)) == "not-found");
    CHECK(codeOf(page.post("/acts/x/undo", nullptr)) == "not-found");
    CHECK(codeOf(page.get("/acts/x/receipt")) == "not-found");
    CHECK(page.get(std::string("/acts/") + kNobody + "/receipt").status == 404);
    const std::string job = std::string("/printer/jobs/") + kNobody + "/decide";
    const auto decided = page.post(job, {{"decision", "done"}});
    CHECK((codeOf(decided) == "not-found" || codeOf(decided) == "job-not-indeterminate"));
    CHECK(faultOf(page.post(job, {{"decision", "burn"}})) == "/decision out-of-range");
    CHECK(codeOf(page.post("/printer/jobs/x/decide", {{"decision", "done"}})) == "not-found");
    page.clock.pass(6 * kMinuteMs);
    const auto late = page.post(act + "/undo", nullptr);
    CHECK(late.status == 410);
    CHECK(codeOf(late) == "undo-over");
}

TEST_CASE("escape sequences and other control characters never come out of a name") {
    Page page;
    counter::HostCustomer host = Page::stranger();
    host.name = "Anna \x1b[31m\x1b@Ver\x01meer\xff\xe2\x80\xae";
    REQUIRE(page.till->hostSelected(host));
    const json desk = json::parse(page.get("/desk").body);
    const std::string name = desk["customer"]["displayName"];
    CHECK(name.find_first_of("\x1b\x01") == std::string::npos);
    CHECK(name.find("\xe2\x80\xae") == std::string::npos);
}
