#include "sync/hub/SurveyViews.h"

#include <doctest/doctest.h>

#include "plugin/policy/House.h"
#include "plugin/wire/Json.h"
#include "plugin/wire/JsonWriter.h"
#include "sync/hub/BallotRoutes.h"
#include "tests/support/Property.h"

using namespace souffleur;
using namespace souffleur::hub;

namespace {

std::vector<policy::Questionnaire> asked() {
    std::string house = policy::sampleHouseToml();
    const std::string one = "[\"foyer\"]";
    house.replace(house.find(one), one.size(), "[\"foyer\", \"taste\"]");
    return policy::questionnairesOf("nl", house).value();
}

policy::SurveyQuestion question(policy::QuestionKind kind = policy::QuestionKind::choice) {
    policy::SurveyQuestion out;
    out.id = "q";
    out.kind = kind;
    out.atMost = 3;
    for (const char* id : {"a", "b", "c"}) out.options.push_back({id, {{"nl", id}}});
    return out;
}

store::SurveyCounts counts(std::uint64_t a, std::uint64_t b, std::uint64_t c,
                           std::uint64_t answered = 0) {
    return {{{"q", "", answered}, {"q", "a", a}, {"q", "b", b}, {"q", "c", c}}, 1, 2};
}

protocol::Ballot ballot(std::int64_t day) {
    return {"foyer", 1, day, {{"first-time", {"yes"}}, {"how-heard", {"press", "friends"}}}};
}

} // namespace

TEST_CASE("fewer than five are not shown, nor what they could be worked out from") {
    const auto all = shown(question(), counts(10, 5, 7));
    CHECK(all.answered == 22);
    CHECK(all.answers[1].count == 5);
    const auto one = shown(question(), counts(10, 4, 7));
    CHECK(one.answers[0].count == 10);
    CHECK_FALSE(one.answers[1].count.has_value());
    CHECK_FALSE(one.answered.has_value());
    // Nobody is as few as somebody.
    CHECK_FALSE(shown(question(), counts(10, 0, 7)).answers[1].count.has_value());
    const auto none = shown(question(), {});
    CHECK_FALSE(none.answered.has_value());
    CHECK(none.answers.size() == 3);
    // Of several to choose the sum tells nothing of the hidden one.
    const auto multi = shown(question(policy::QuestionKind::multi), counts(10, 4, 7, 12));
    CHECK(multi.answered == 12);
    CHECK_FALSE(multi.answers[1].count.has_value());
}

PROPERTY("no figure that is shown tells one that is not",
         [](std::uint16_t a, std::uint16_t b, std::uint16_t c) {
             const std::uint64_t x = a % 12U;
             const std::uint64_t y = b % 12U;
             const std::uint64_t z = c % 12U;
             const auto told = shown(question(), counts(x, y, z));
             for (const ShownAnswer& one : told.answers) {
                 if (one.count) RC_ASSERT(*one.count >= kSmallestShown);
             }
             const bool hides = x < kSmallestShown || y < kSmallestShown || z < kSmallestShown;
             RC_ASSERT(told.answered.has_value() == !hides);
         })

TEST_CASE("while too few took part the days are not shown either") {
    const auto forms = asked();
    store::SurveyCounts few{{{"", "", 4}}, 20'780, 20'781};
    wire::JsonWriter out;
    writeSurvey(out, forms.front(), few);
    CHECK(out.text().find("\"tookPart\":null,\"firstDay\":null,\"lastDay\":null") !=
          std::string::npos);
    few.counts.front().count = 5;
    wire::JsonWriter more;
    writeSurvey(more, forms.front(), few);
    CHECK(more.text().find("\"tookPart\":5,\"firstDay\":\"2026-11-23\"") != std::string::npos);
    CHECK(wire::Json::parse(more.text()).has_value());
}

TEST_CASE(
    "a ballot is counted for what a visitor could have answered, on a day when it was asked") {
    const auto forms = asked();
    const std::int64_t today = *parseTime("2026-11-23") / kDayMs;
    const TimeMs now = today * kDayMs + kHourMs;
    const auto counted = checkedBallot(ballot(today - 1), forms, now);
    REQUIRE_MESSAGE(counted.has_value(), (counted ? "" : counted.error().text()));
    CHECK(counted->day == today - 1);
    CHECK(counted->answers.size() == 4); // one, two, and that two were chosen by somebody
    const auto code = [&](protocol::Ballot wrong) {
        const auto told = checkedBallot(wrong, forms, now);
        return told ? std::optional<Code>{} : told.error().code;
    };
    CHECK(code(ballot(today + 3)) == Code::refused);
    CHECK(code(ballot(today - 401)) == Code::refused);
    CHECK(code(ballot(*parseTime("2026-08-20") / kDayMs)) == Code::refused);
    auto other = ballot(today);
    other.version = 2;
    CHECK(code(other) == Code::notFound);
    other = ballot(today);
    other.answers.push_back({"how-often", {"once"}});
    CHECK(code(other) == Code::refused);
    other = {"taste", 1, today, {{"company", {"alone"}}}};
    CHECK(code(other) == Code::refused);
}
