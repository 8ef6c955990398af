// How often and how much at a time a device asks of its hub.
#include "sync/protocol/Pace.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

using namespace souffleur;
using namespace souffleur::protocol;

TEST_CASE("an absent hub is asked after any time below a ceiling that doubles to its bound") {
    SeededRandom random(7);
    const SyncConfig config{.backoffMinMs = 500, .backoffMaxMs = 8000};
    std::vector<TimeMs> largest(8, 0);
    std::vector<TimeMs> smallest(8, config.backoffMaxMs);
    for (int device = 0; device < 500; ++device) {
        Backoff backoff(config, random);
        for (std::size_t attempt = 0; attempt < largest.size(); ++attempt) {
            const TimeMs wait = backoff.afterFailure(0);
            CHECK(wait <= std::min<TimeMs>(500L << attempt, 8000));
            largest[attempt] = std::max(largest[attempt], wait);
            smallest[attempt] = std::min(smallest[attempt], wait);
        }
        // One round that went well, and it starts over.
        (void) backoff.afterSuccess();
        CHECK(backoff.afterFailure(0) <= 500);
    }
    // Spread over all of it: five hundred devices do not come back together.
    for (std::size_t attempt = 0; attempt < largest.size(); ++attempt) {
        const TimeMs ceiling = std::min<TimeMs>(500L << attempt, 8000);
        CHECK(largest[attempt] > ceiling * 9 / 10);
        CHECK(smallest[attempt] < ceiling / 10);
    }
}

TEST_CASE("who was asked to wait waits that long and some more, within a bound") {
    SeededRandom random(7);
    const SyncConfig config;
    Backoff backoff(config, random);
    const TimeMs wait = backoff.afterFailure(30 * kSecondMs);
    CHECK(wait >= 30 * kSecondMs);
    CHECK(wait <= 30 * kSecondMs + config.backoffMinMs);
    CHECK(backoff.afterFailure(kMaxTime) <= config.retryAfterMaxMs + 2 * config.backoffMinMs);
    CHECK(backoff.afterFailure(-5) >= 0);
}

TEST_CASE("rounds in step are a tenth apart from each other's beat") {
    SeededRandom random(7);
    Backoff backoff(SyncConfig{.intervalMs = 15'000}, random);
    TimeMs least = kMaxTime;
    TimeMs most = 0;
    for (int i = 0; i < 500; ++i) {
        const TimeMs wait = backoff.afterSuccess();
        least = std::min(least, wait);
        most = std::max(most, wait);
    }
    CHECK(least >= 13'500);
    CHECK(least < 14'000);
    CHECK(most <= 16'500);
    CHECK(most > 16'000);
}

TEST_CASE("what takes long is asked for in smaller pieces, and in larger ones once it is quick") {
    Pace pace(16, 1000);
    CHECK(pace.now() == 1000);
    pace.took(9 * kSecondMs);
    CHECK(pace.now() == 500);
    pace.took(5 * kSecondMs); // neither
    CHECK(pace.now() == 500);
    for (int i = 0; i < 20; ++i) pace.failed();
    CHECK(pace.now() == 16);
    for (int i = 0; i < 20; ++i) pace.took(100);
    CHECK(pace.now() == 16); // what did not get through a moment ago is not tried at once
    for (int i = 0; i < 20; ++i) pace.took(100);
    CHECK(pace.now() == 1000);
    Pace small(16, 4);
    small.failed();
    CHECK(small.now() == 4);
}
