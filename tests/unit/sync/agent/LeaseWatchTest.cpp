// A till and a head office that grants what it likes; and clocks that say what they like.
#include "sync/agent/LeaseWatch.h"

#include <doctest/doctest.h>

#include "sync/agent/LedgerEnds.h"
#include "tests/support/TemporaryFolder.h"

using namespace souffleur;
using namespace souffleur::agent;

namespace {

constexpr TimeMs kNoon = 1795521600000;
constexpr TimeMs kLength = 14 * kDayMs;

/// Time that passes, and what the till's wall clock makes of it.
class TwistedClock final : public Clock {
public:
    [[nodiscard]] Reading now() const override { return {kNoon + truth + wrong, 0, 0}; }
    [[nodiscard]] TimeMs monotonicMs() const override { return truth - booted; }
    TimeMs truth = 1; ///< since noon
    TimeMs wrong = 0;
    TimeMs booted = 0;
};

class Office final : public LeaseSource {
public:
    explicit Office(const TwistedClock& clock) : _clock(clock) {}
    Result<protocol::Lease> lease(const std::string& vault) override {
        ++asked;
        vaults.push_back(vault);
        if (away) return fail(Code::unavailable, "away");
        if (older) return fail(Code::notFound, "there is no such way");
        if (revoked) return fail(Code::refused, "this device is withdrawn", kLeaseWithdrawn);
        protocol::Lease out{kNoon + _clock.truth, lengthMs, {}};
        out.key.fill(5);
        return out;
    }
    bool away = false;
    bool older = false; ///< it grants none
    bool revoked = false;
    TimeMs lengthMs = kLength;
    int asked = 0;
    std::vector<std::string> vaults;

private:
    const TwistedClock& _clock;
};

struct Till {
    test::TemporaryFolder folder;
    TwistedClock clock;
    SystemRandom random;
    Office office{clock};
    OriginId origin = OriginId::random(random);
    std::unique_ptr<ledger::Ledger> ledger;
    std::unique_ptr<LeaseWatch> watch;

    Till() { start(); }
    void start() {
        ledger::LedgerOptions options;
        options.folder = folder.path() / "till";
        options.origin = origin;
        ledger = std::move(ledger::Ledger::open(options, clock, random).value());
        watch = std::make_unique<LeaseWatch>(LeaseWatch::Parts{office, *ledger, clock});
    }
    void stop() {
        watch.reset();
        ledger.reset();
    }
    /// Off for so long; then on again with a clock that is `wrong`.
    void off(TimeMs ms, TimeMs wrong = 0) {
        stop();
        clock.truth += ms;
        clock.wrong = wrong;
        clock.booted = clock.truth;
        start();
    }
    /// Runs for so long, as the ticker sees it.
    bool runs(TimeMs ms) {
        for (TimeMs left = ms; left > 0; left -= kHourMs) {
            clock.truth += std::min(left, kHourMs);
            watch->tick();
        }
        return watch->readable();
    }
};

} // namespace

TEST_CASE("a lease lasts as long as it was granted for, and a renewal begins another") {
    Till till;
    CHECK(till.watch->until() == 0);
    CHECK(till.runs(100 * kDayMs)); // head office grants none: an older one
    till.watch->renew();
    CHECK(till.watch->until() == kNoon + till.clock.truth + kLength);
    CHECK(till.runs(kLength - kHourMs));
    CHECK_FALSE(till.runs(kHourMs));
    CHECK_FALSE(leaseStands(*till.ledger, till.clock));
    till.watch->renew();
    CHECK(till.watch->readable());
    CHECK(leaseStands(*till.ledger, till.clock));
}

TEST_CASE("it is asked for at its time, and sooner where head office did not answer") {
    Till till;
    till.watch->renew();
    till.watch->renew();
    CHECK(till.office.asked == 1);
    till.clock.truth += kLeaseEveryMs;
    till.office.away = true;
    till.watch->renew();
    till.watch->renew();
    CHECK(till.office.asked == 2);
    till.clock.truth += kMinuteMs;
    till.office.away = false;
    till.watch->renew();
    CHECK(till.office.asked == 3);
    CHECK(till.office.vaults.front() == till.ledger->vaultId().value());
    CHECK(till.office.vaults.back() == till.office.vaults.front());
}

TEST_CASE("a clock that is set back lengthens nothing, running or not") {
    Till till;
    till.watch->renew();
    SUBCASE("while it runs") {
        till.clock.wrong = -10 * 365 * kDayMs;
        CHECK(till.runs(kLength - kHourMs));
        CHECK_FALSE(till.runs(kHourMs));
    }
    SUBCASE("after it ran for a while, over a restart") {
        CHECK(till.runs(kLength - 2 * kHourMs));
        till.off(kMinuteMs, -365 * kDayMs);
        CHECK(till.watch->readable());
        CHECK_FALSE(till.runs(2 * kHourMs));
    }
    SUBCASE("at every start: what it ran counts") {
        for (int day = 0; day < 14; ++day) {
            till.off(30 * kDayMs, -365 * kDayMs);
            (void) till.runs(kDayMs);
        }
        CHECK_FALSE(till.watch->readable());
    }
    CHECK_FALSE(leaseStands(*till.ledger, till.clock));
    till.watch->renew();
    CHECK(till.watch->readable()); // it knows how wrong its clock is
    CHECK(till.runs(kLength - kHourMs));
    CHECK_FALSE(till.runs(kHourMs));
}

TEST_CASE("a clock that leaps ahead ends the lease until head office is reached") {
    Till till;
    till.watch->renew();
    till.clock.wrong = 73 * 365 * kDayMs;
    CHECK_FALSE(till.watch->tick());
    till.clock.wrong = 0;
    CHECK_FALSE(till.watch->tick());
    till.off(kMinuteMs);
    CHECK_FALSE(till.watch->readable());
    till.watch->renew();
    CHECK(till.watch->readable());
}

TEST_CASE("a till that was off within its lease shows whom it holds, without a network") {
    Till till;
    till.watch->renew();
    till.office.away = true;
    till.off(3 * kDayMs);
    CHECK(till.watch->readable());
    till.off(12 * kDayMs);
    CHECK_FALSE(till.watch->readable());
}

TEST_CASE("who is withdrawn shows nobody and has no key, over a restart, until taken back") {
    Till till;
    till.watch->renew();
    CHECK(till.ledger->holdsKey());
    till.watch->withdraw();
    CHECK_FALSE(till.watch->readable());
    CHECK_FALSE(till.ledger->holdsKey());
    till.off(kMinuteMs);
    CHECK_FALSE(till.watch->readable());
    CHECK_FALSE(leaseStands(*till.ledger, till.clock));
    till.watch->renew();
    CHECK(till.watch->readable());
    CHECK(till.ledger->holdsKey());
}

TEST_CASE("where a key lacks, what head office says of this till is heard first") {
    Till till;
    till.watch->renew();
    ledger::Draft draft;
    draft.subject = SubjectId::random(till.random);
    draft.body = consent::Order{"boxoffice", {}, 0};
    draft.person.name.given = "Wim";
    REQUIRE(till.ledger->append(draft).has_value());
    till.off(kMinuteMs);
    LedgerOutbox outbox(*till.ledger, [&] { return till.watch->need(); });
    const auto next = [&] { return outbox.next(10, 1000000); };
    till.office.older = true;
    CHECK(next().error().code == Code::locked);
    till.office.older = false;
    till.office.away = true;
    CHECK(next().error().code == Code::unavailable);
    till.office.away = false;
    till.office.revoked = true;
    CHECK(next().error().code == Code::refused);
    CHECK(next().error().where == kLeaseWithdrawn);
    till.office.revoked = false;
    const auto batch = next();
    REQUIRE(batch.has_value());
    CHECK((*batch)->events.size() == 1);
}

TEST_CASE("who may send and not read gets the key and no longer lease") {
    Till till;
    till.watch->renew();
    const TimeMs until = till.watch->until();
    till.off(kDayMs);
    till.office.lengthMs = 0;
    REQUIRE(till.watch->need());
    CHECK(till.ledger->holdsKey());
    CHECK(till.watch->until() == until);
}

TEST_CASE("what stands there and cannot be read is a lease that is over") {
    Till till;
    till.watch->renew();
    till.stop();
    till.start();
    REQUIRE(till.watch->readable());
    till.watch.reset();
    REQUIRE(till.ledger->putSetting("lease.held", "tomorrow").has_value());
    till.watch =
        std::make_unique<LeaseWatch>(LeaseWatch::Parts{till.office, *till.ledger, till.clock});
    CHECK_FALSE(till.watch->readable());
    till.watch->renew();
    CHECK(till.watch->readable());
}
