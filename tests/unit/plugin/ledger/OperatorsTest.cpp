#include "plugin/ledger/Operators.h"

#include "Fixture.h"

using namespace souffleur;
using namespace souffleur::ledger;
using namespace souffleur::ledger::testing;

namespace {

Operator mieke() {
    Operator out;
    out.id = idOf<OperatorId>(1);
    out.name = "Mieke";
    out.role = "cashier";
    out.pin = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA";
    return out;
}

} // namespace

TEST_CASE("operators are kept, listed by name and unique by name") {
    Rig rig;
    Operators& staff = rig.ledger->operators();
    Operator anna = mieke();
    anna.id = idOf<OperatorId>(2);
    anna.name = "Anna";
    CHECK(staff.put(mieke()).has_value());
    CHECK(staff.put(anna).has_value());
    CHECK(staff.list().value() == std::vector{anna, mieke()});
    Operator twin = mieke();
    twin.id = idOf<OperatorId>(3);
    CHECK(staff.put(twin).error().code == Code::conflict);
    anna.active = false;
    CHECK(staff.put(anna).has_value());
    CHECK(staff.list().value() == std::vector{mieke()});
    CHECK(staff.get(anna.id).value() == anna);
    CHECK(staff.named("Anna").error().code == Code::notFound);
    CHECK(staff.named("Mieke").value() == mieke());
    CHECK(staff.put({}).error().code == Code::invalid);
    CHECK(staff.get(idOf<OperatorId>(9)).error().code == Code::notFound);
}

TEST_CASE("attempts count before the PIN is tried, lock for longer each time, and survive") {
    Rig rig;
    CHECK(rig.ledger->operators().put(mieke()).has_value());
    TimeMs now = rig.clock.at;
    for (int i = 1; i < Operators::kFailuresMax; ++i) {
        CHECK(rig.ledger->operators().attempt(mieke().id, now).value().failures == i);
    }
    CHECK(rig.ledger->operators().attempt(mieke().id, now).has_value());
    rig.reopen();
    CHECK(rig.ledger->operators().attempt(mieke().id, now).error().code == Code::locked);
    CHECK(rig.ledger->operators().attempt(mieke().id, now + 29 * kSecondMs).error().code ==
          Code::locked);
    now += 30 * kSecondMs;
    CHECK(rig.ledger->operators().attempt(mieke().id, now).value().lockedUntil ==
          now + 60 * kSecondMs);
    // A clock put back by years must not lock anybody out for years.
    CHECK(rig.ledger->operators().attempt(mieke().id, now - 400 * kDayMs).has_value());
    CHECK(rig.ledger->operators().succeeded(mieke().id).has_value());
    CHECK(rig.ledger->operators().attempt(mieke().id, now).value().failures == 1);
}

TEST_CASE("an id that names nobody is counted and locked like one that does") {
    Rig rig;
    Operators& staff = rig.ledger->operators();
    Operator gone = mieke();
    gone.active = false;
    CHECK(staff.put(gone).has_value());
    for (const OperatorId& id : {gone.id, idOf<OperatorId>(7)}) {
        const TimeMs now = rig.clock.at;
        for (int i = 1; i <= Operators::kFailuresMax; ++i) {
            const auto tried = staff.attempt(id, now);
            REQUIRE(tried.has_value());
            CHECK(tried->failures == i);
            CHECK(tried->id.none());
            CHECK(tried->pin.empty());
        }
        CHECK(staff.attempt(id, now).error().code == Code::locked);
        CHECK(staff.attempt(id, now).error().where == std::to_string(now + 30 * kSecondMs));
    }
    // A flood of made-up ids fills nothing.
    for (int i = 0; i < 3 * Operators::kStrangersMax; ++i) {
        CHECK(staff.attempt(idOf<OperatorId>(1000 + i), rig.clock.at + i).has_value());
    }
    CHECK(staff.attempt(idOf<OperatorId>(7), rig.clock.at + kSecondMs).has_value());
}

TEST_CASE("a badge names one holder, has a lock-out of its own, and an unlock ends all") {
    Rig rig;
    Operators* staff = &rig.ledger->operators();
    Operator anna = mieke();
    anna.id = idOf<OperatorId>(2);
    anna.name = "Anna";
    anna.badge = "hash of a badge";
    CHECK(staff->put(mieke()).has_value());
    CHECK(staff->put(anna).has_value());
    CHECK(staff->holder("hash of a badge").value() == anna);
    CHECK(staff->holder("").error().code == Code::notFound);
    Operator thief = mieke();
    thief.badge = anna.badge;
    CHECK(staff->put(thief).error().code == Code::conflict);
    const TimeMs now = rig.clock.at;
    for (int i = 1; i <= Operators::kFailuresMax; ++i) CHECK(staff->attemptBadge(now).value() == i);
    rig.reopen();
    staff = &rig.ledger->operators();
    CHECK(staff->attemptBadge(now).error().code == Code::locked);
    CHECK(staff->badgeLockedUntil(now).value() == now + 30 * kSecondMs);
    CHECK(staff->attempt(anna.id, now).has_value());
    CHECK(staff->unlockAll().has_value());
    CHECK(staff->badgeLockedUntil(now).value() == 0);
    CHECK(staff->attemptBadge(now).value() == 1);
    CHECK(staff->badgeSucceeded().has_value());
    CHECK(staff->attemptBadge(now).value() == 1);
    CHECK(staff->attempt(anna.id, now).value().failures == 1);
    anna.active = false;
    CHECK(staff->put(anna).has_value());
    CHECK(staff->holder("hash of a badge").error().code == Code::notFound);
}
