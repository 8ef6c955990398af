// A hub that runs on and on is told in time that its certificate ends.
#include "sync/hub/RestartReminder.h"

#include <doctest/doctest.h>

#include "plugin/base/Random.h"
#include "sync/hub/Home.h"
#include "tests/support/TemporaryFolder.h"

using namespace souffleur;
using namespace souffleur::hub;

TEST_CASE("a restart is asked for once a day, from two months before the certificate ends") {
    const TimeMs ends = 1'790'000'000'000; // 2026-09-21
    RestartReminder reminder(ends);
    CHECK(reminder.look(ends - kServerRenewMs).empty());
    CHECK(reminder.look(ends - kRemindMs - 1).empty());
    const std::string first = reminder.look(ends - kRemindMs);
    CHECK(first.find("ends on 2026-09-21: restart") != std::string::npos);
    CHECK(reminder.look(ends - kRemindMs + kMinuteMs).empty());
    CHECK(reminder.look(ends - kRemindMs + kDayMs) == first);
    CHECK(reminder.look(ends).find("ended on 2026-09-21") != std::string::npos);
    CHECK(reminder.look(ends + kMinuteMs).empty());
}

TEST_CASE("a reminder by a clock that ran ahead keeps nobody silent once that is set right") {
    const TimeMs ends = 1'790'000'000'000;
    RestartReminder reminder(ends);
    CHECK_FALSE(reminder.look(ends + 400 * kDayMs).empty());
    const TimeMs right = ends - kRemindMs + kHourMs;
    CHECK(reminder.look(right).find("ends on 2026-09-21: restart") != std::string::npos);
    CHECK(reminder.look(right + kMinuteMs).empty());
    CHECK_FALSE(reminder.look(right + kDayMs).empty());
}

TEST_CASE("head office knows when the certificate that devices see ends") {
    test::TemporaryFolder folder;
    SystemClock clock;
    SystemRandom random;
    const auto home = Home::found(folder.path() / "office", clock, random, true);
    REQUIRE(home);
    const auto ends = (*home)->certificateEnds();
    REQUIRE(ends);
    const TimeMs left = *ends - clock.now().at;
    CHECK(left > kServerLifeMs - kDayMs);
    CHECK(left <= kServerLifeMs);
}
