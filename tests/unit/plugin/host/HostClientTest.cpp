#include "plugin/host/HostClient.h"

#include "plugin/abi/frame.h"
#include "tests/support/Property.h"

using namespace souffleur;
using namespace souffleur::host;

TEST_CASE("an order is new once, in each host's own count") {
    OrderMemory memory;
    CHECK(memory.isNew(1, 1));
    CHECK_FALSE(memory.isNew(1, 1));
    CHECK(memory.isNew(1, 2));
    CHECK_FALSE(memory.isNew(1, 1)); // resent after a reconnect
    CHECK(memory.isNew(2, 1));
    CHECK(memory.isNew(1, 9)); // the ones between were dropped by the host
}

TEST_CASE("the host that was silent longest is forgotten first") {
    OrderMemory memory;
    for (std::uint64_t session = 1; session <= 32; ++session) CHECK(memory.isNew(session, 5));
    CHECK_FALSE(memory.isNew(1, 5)); // used again: 2 is now the oldest
    CHECK(memory.isNew(33, 5));
    CHECK_FALSE(memory.isNew(1, 5));
    CHECK(memory.isNew(2, 5));
}

TEST_CASE("the allowance is a burst, then a rate") {
    FrameAllowance allowance(200, 3, 1000);
    for (int i = 0; i < 3; ++i) {
        CHECK(allowance.left(1000) > 0);
        allowance.take();
    }
    CHECK(allowance.left(1000) == 0);
    CHECK(allowance.left(1004) == 0);
    CHECK(allowance.left(1005) == 1); // 200 a second: one each 5 ms
    CHECK(allowance.left(9000) == 3); // never more than the burst
    CHECK(allowance.left(500) == 3);  // a clock that ran back gives nothing
    CHECK(allowance.pauseMs() == 6);
}

PROPERTY("over any stretch a host gets its burst and its rate, no more", [] {
    FrameAllowance allowance(100, 10, 0);
    TimeMs now = 0;
    TimeMs taken = 0;
    for (const auto step : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 40))) {
        now += step;
        while (allowance.left(now) > 0) {
            allowance.take();
            ++taken;
        }
    }
    RC_ASSERT(taken <= 10 + now * 100 / 1000);
})

TEST_CASE("a flag that breaks no bound becomes a frame, one without kind none") {
    souffleur_message message{};
    message.type = SOUFFLEUR_FRAME_FLAG;
    message.selection = 1;
    CHECK(encodeFrame(message).empty());
    message.kind = SOUFFLEUR_LITERAL("ask");
    CHECK_FALSE(encodeFrame(message).empty());
    CHECK(refusalFrame(SOUFFLEUR_REFUSED_FULL).size() == SOUFFLEUR_FRAME_HEADER + 8);
}
