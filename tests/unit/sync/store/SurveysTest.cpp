// Anonymous questionnaires at the hub: counts that lead to nobody (plugin/doc/adr/0016); and what a
// person answered under their name, which goes with them.
#include "sync/store/Surveys.h"
#include "tests/unit/sync/store/Hub.h"

using namespace souffleur;
using namespace souffleur::store;
using namespace souffleur::test;
using consent::Choice;

namespace {

constexpr std::int64_t kDay = 20'780;

SurveyBallot ballot(const std::string& answer, std::int64_t day = kDay) {
    return {"foyer", 1, day, {{"travel", answer}, {"heard", "press"}, {"heard", ""}}};
}

std::string text(const SurveyCounts& all) {
    std::string out;
    for (const SurveyCount& one : all.counts)
        out += one.question + "=" + one.answer + ":" + std::to_string(one.count) + " ";
    return out + std::to_string(all.firstDay) + "-" + std::to_string(all.lastDay);
}

} // namespace

TEST_CASE("a ballot counts once, however often it comes") {
    test::TemporaryFolder folder;
    const auto hub = open(folder);
    Surveys* const counts = &surveysOf(*hub);
    SeededRandom random{3};
    CHECK(text(counts->surveyCounts("foyer", 1).value()) == "0-0");
    const Uuid first = Uuid::random(random);
    CHECK(counts->countBallot(first, ballot("foot"), 0).value());
    CHECK_FALSE(counts->countBallot(first, ballot("car"), 0).value());
    CHECK(counts->countBallot(Uuid::random(random), ballot("foot", kDay + 3), 0).value());
    CHECK(counts->countBallot(Uuid::random(random), ballot("car", kDay + 1), 0).value());
    CHECK(text(counts->surveyCounts("foyer", 1).value()) ==
          "=:3 heard=:3 heard=press:3 travel=car:1 travel=foot:2 20780-20783");
    CHECK(counts->surveyCounts("foyer", 2)->counts.empty());
    CHECK(counts->surveyCounts("other", 1)->counts.empty());
}

TEST_CASE("ids of days that are too old to be taken are forgotten, the counts stay") {
    test::TemporaryFolder folder;
    const auto hub = open(folder);
    Surveys* const counts = &surveysOf(*hub);
    SeededRandom random{4};
    const Uuid old = Uuid::random(random);
    CHECK(counts->countBallot(old, ballot("foot", kDay - 500), kDay - 900).value());
    CHECK(counts->countBallot(Uuid::random(random), ballot("foot"), kDay - 400).value());
    // Whoever asks is held to the bound of days: the id alone would let it in again.
    CHECK(counts->countBallot(old, ballot("foot", kDay - 500), kDay - 900).value());
    CHECK(text(counts->surveyCounts("foyer", 1).value()).starts_with("=:3 "));
}

TEST_CASE("a day has an end of ballots, and another one begins anew") {
    test::TemporaryFolder folder;
    const auto hub = open(folder);
    Surveys* const counts = &surveysOf(*hub);
    SeededRandom random{5};
    CHECK(counts->countBallot(Uuid::random(random), ballot("foot"), 0).value());
    test::sql(folder.text(), "UPDATE survey_counts SET count = " + std::to_string(kBallotsADayMax));
    CHECK(counts->countBallot(Uuid::random(random), ballot("foot"), 0).error().code ==
          Code::tooLarge);
    CHECK(counts->countBallot(Uuid::random(random), ballot("foot", kDay + 1), 0).value());
}

TEST_CASE("what a person answered to a questionnaire goes with them") {
    test::TemporaryFolder folder;
    const auto store = open(folder);
    TestOrigin kiosk(44);
    REQUIRE(store->enrol(kiosk.enrolment()).has_value());
    wire::PersonData person = anna();
    person.preferences["survey:taste@1:wish"] = "Quirinus with puppets";
    const SubjectId subject = kiosk.newSubject();
    kiosk.add(subject, test::act(Choice::given, {}, consent::Method::kiosk), kNoon, &person);
    TestOrigin office = headOffice(*store);
    office.add(subject, consent::Erase{}, kNoon + 10);
    REQUIRE(kiosk.push(*store, 1, 1).has_value());
    CHECK(test::storeHolds(folder.text(), "Quirinus"));
    REQUIRE(office.push(*store, 1, 1).has_value());
    CHECK(store->maintain().has_value());
    CHECK_FALSE(test::storeHolds(folder.text(), "Quirinus"));
}
