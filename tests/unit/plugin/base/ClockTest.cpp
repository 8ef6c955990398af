#include "plugin/base/Clock.h"

#include "tests/support/Property.h"

using namespace souffleur;

TEST_CASE("a time is written as RFC 3339 UTC with milliseconds") {
    CHECK(formatTime(0) == "1970-01-01T00:00:00.000Z");
    CHECK(formatTime(1795549260123) == "2026-11-24T19:41:00.123Z");
}

TEST_CASE("offsets, fractions and plain dates are read") {
    CHECK(parseTime("2026-11-24T20:41:00.1239+01:00").value() == 1795549260123);
    CHECK(parseTime("2026-11-24").value() == parseTime("2026-11-24T00:00:00Z").value());
}

TEST_CASE("what is not a time is refused") {
    for (const char* text : {"", "2026", "2026-13-01", "2026-02-30", "2026-11-24T25:00:00Z",
                             "2026-11-24T10:00:00", "2026-11-24T10:00:00Zx", "-026-11-24",
                             "2026-11-24T10:00:00.Z", "2026-11-24T10:00:00+1:00"}) {
        CAPTURE(text);
        CHECK_FALSE(parseTime(text).has_value());
    }
}

TEST_CASE("months are added by the calendar and clamped") {
    CHECK(formatTime(addMonths(parseTime("2024-01-31").value(), 1)) == "2024-02-29T00:00:00.000Z");
    CHECK(formatTime(addMonths(parseTime("2024-01-31").value(), -2)) == "2023-11-30T00:00:00.000Z");
}

TEST_CASE("a clock that was never synchronised has no certainty") {
    SystemClock clock;
    CHECK(clock.now().unc == kUncInfinite);
    clock.synced(20);
    CHECK(clock.now().unc < 1000);
}

PROPERTY("a clock that is set after a synchronisation is as uncertain as the step", [] {
    ClockTrust trust;
    const TimeMs wall = *rc::gen::inRange<TimeMs>(kMinTime, kMaxTime);
    const TimeMs boot = *rc::gen::inRange<TimeMs>(0, 1000 * kDayMs);
    RC_ASSERT(trust.unc(wall, boot) == kUncInfinite);
    const TimeMs unc = *rc::gen::inRange<TimeMs>(0, kDayMs);
    const TimeMs passed = *rc::gen::inRange<TimeMs>(0, 100 * kDayMs);
    const TimeMs step = *rc::gen::inRange<TimeMs>(-100 * kDayMs, 100 * kDayMs);
    trust.synced(unc, wall, boot);
    RC_ASSERT(trust.unc(wall + passed, boot + passed) == unc + passed / 5000);
    RC_ASSERT(trust.unc(wall + passed + step, boot + passed) ==
              unc + passed / 5000 + std::abs(step));
    trust.synced(unc, wall + step, boot + passed);
    RC_ASSERT(trust.unc(wall + step, boot + passed) == unc);
})

TEST_CASE("sums saturate") {
    CHECK(addSaturated(kUncInfinite, 1) == kUncInfinite);
    CHECK(addSaturated(1, kUncInfinite) == kUncInfinite);
}

PROPERTY("every time in range survives writing and reading", [] {
    const TimeMs at = *rc::gen::inRange<TimeMs>(kMinTime, kMaxTime);
    RC_ASSERT(parseTime(formatTime(at)).value() == at);
})
