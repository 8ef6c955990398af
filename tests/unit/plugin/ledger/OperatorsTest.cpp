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
    CHECK(staff.attempt(anna.id, 0).error().code == Code::notFound);
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
