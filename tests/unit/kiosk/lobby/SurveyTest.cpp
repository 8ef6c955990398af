#include "kiosk/lobby/Survey.h"

#include <doctest/doctest.h>

#include "plugin/policy/House.h"
#include "tests/support/Property.h"

using namespace souffleur;
using namespace souffleur::lobby;

namespace {

std::vector<policy::Questionnaire> asked() {
    std::string house = policy::sampleHouseToml();
    const std::string one = "[\"foyer\"]";
    house.replace(house.find(one), one.size(), "[\"foyer\", \"taste\"]");
    return policy::questionnairesOf("nl", house).value();
}

std::string body(const std::string& answers,
                 const std::string& head = R"("id":"foyer","version":1)") {
    return R"({"requestId":"0c0f6f5e-2f3c-4c5a-9a51-0d5a4a6ef0aa",)" + head + R"(,"answers":)" +
           answers + "}";
}

/// "pointer code" of each, or the problem's own code.
std::string wrong(const std::string& text) {
    static const auto forms = asked();
    const auto read = readSurvey(text, &forms.front());
    if (read) return "";
    std::string out = read.error().code;
    for (const FieldError& one : read.error().errors) out += " " + one.pointer + "=" + one.code;
    return out;
}

std::vector<consent::ChoiceItem> yesTo(const char* purpose,
                                       consent::Choice choice = consent::Choice::given) {
    consent::ChoiceItem item;
    item.purpose = purpose;
    item.channel = "email";
    item.choice = choice;
    return {item};
}

} // namespace

TEST_CASE("answers of a visitor, whole and in bounds") {
    const auto forms = asked();
    const auto read = readSurvey(
        body(
            R"([{"question":"first-time","values":["no"]},{"question":"how-often","values":["few"]}])"),
        &forms.front());
    REQUIRE(read.has_value());
    CHECK(read->ballot.questionnaire == "foyer");
    CHECK(read->ballot.day == 0);
    CHECK(read->ballot.answers.size() == 2);
    CHECK(protocol::encodeBallot(read->ballot).has_value());
}

TEST_CASE("what no visitor could answer is refused, with its place and never its content") {
    CHECK(wrong("[") == "malformed");
    CHECK(wrong("{}").starts_with("invalid /requestId=missing"));
    CHECK(wrong(body("[]")) == "invalid /answers=too-short");
    CHECK(wrong(body(R"([{"question":"first-time"}])")) == "invalid /answers/0/values=missing");
    CHECK(wrong(body(R"([{"question":"first-time","values":["maybe"]}])")) ==
          "invalid /answers/0/values=out-of-range");
    CHECK(
        wrong(body(
            R"([{"question":"age","values":["26-40"]},{"question":"age","values":["26-40"]}])")) ==
        "invalid /answers/1/values=twice");
    CHECK(wrong(body(R"([{"question":"how-often","values":["few"]}])")) ==
          "invalid /answers/0/values=not-asked");
    CHECK(wrong(body(R"([{"question":"first-time","values":["yes"],"name":"Anna"}])")) ==
          "invalid /answers/0=unknown-member");
    CHECK(wrong(body(R"([{"question":"first-time","values":["yes"]}])",
                     R"("id":"foyer","version":1,"name":"Anna")"))
              .find("unknown-member") != std::string::npos);
    CHECK(wrong(body(R"([{"question":"first-time","values":["yes"]}])",
                     R"("id":"foyer","version":2)")) == "stale-questions");
    CHECK(wrong(body(R"([{"question":"company","values":["alone"]}])",
                     R"("id":"taste","version":1)")) == "stale-questions");
    CHECK(
        readSurvey(body(R"([{"question":"first-time","values":["yes"]}])"), nullptr).error().code ==
        "stale-questions");
}

TEST_CASE("beside a sign-up answers are kept of who agreed to what they are for") {
    const auto forms = asked();
    const policy::Questionnaire* taste = policy::find(forms, "taste", 1);
    REQUIRE(taste != nullptr);
    const std::string text =
        R"({"survey":{"id":"taste","version":1,"answers":[{"question":"company","values":["children"]},)"
        R"({"question":"child-age","values":["0-5","6-11"]},{"question":"wish","values":["  Кукольный   театр "]}]}})";
    std::map<std::string, std::string> kept;
    Form form = std::move(Form::parse(text).value());
    CHECK(readSurvey(form, taste, yesTo("personal-offers"), kept));
    CHECK(form.done().has_value());
    CHECK(kept == std::map<std::string, std::string>{{"survey:taste@1:company", "children"},
                                                     {"survey:taste@1:child-age:0-5", "yes"},
                                                     {"survey:taste@1:child-age:6-11", "yes"},
                                                     {"survey:taste@1:wish", "Кукольный театр"}});
    for (const auto& choices :
         {yesTo("newsletter"), yesTo("personal-offers", consent::Choice::refused)}) {
        Form other = std::move(Form::parse(text).value());
        std::map<std::string, std::string> none;
        CHECK(readSurvey(other, taste, choices, none));
        REQUIRE_FALSE(other.done().has_value());
        CHECK(other.done().error().errors.front().code == "prerequisite-missing");
    }
    Form stale = std::move(Form::parse(text).value());
    CHECK_FALSE(readSurvey(stale, nullptr, yesTo("personal-offers"), kept));
    Form without = std::move(Form::parse(R"({"survey":null})").value());
    CHECK(readSurvey(without, taste, {}, kept));
}

PROPERTY("any bytes are answers or a problem", [](const std::string& bytes) {
    static const auto forms = asked();
    (void) readSurvey(bytes, &forms.front());
    const auto typed = readSurvey(body("[" + bytes + "]"), &forms.front());
    if (typed) RC_ASSERT(protocol::encodeBallot(typed->ballot).has_value());
})
