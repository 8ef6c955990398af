#include "sync/protocol/Ballot.h"

#include <doctest/doctest.h>

#include "tests/support/Property.h"

using namespace souffleur;
using namespace souffleur::protocol;

namespace {

Ballot ballot() {
    return {"foyer", 1, 20'780, {{"first", {"yes"}}, {"heard", {"a", "b"}}}};
}

struct Rig {
    SeededRandom random{7};
    crypto::SigningKey key = crypto::SigningKey::generate(random);
    OriginId origin = OriginId::random(random);
    SealedBallot made() {
        SealedBallot out{BallotId::random(random), 3, std::string("sealed"), {}};
        sign(out, origin, key);
        return out;
    }
};

} // namespace

TEST_CASE("a ballot is as long as every other, whatever it holds") {
    Ballot full{"sixteen-letters-", 999, 20'780, {}};
    full.questionnaire = "sixteen-letters1";
    for (std::size_t i = 0; i < kBallotAnswersMax; ++i)
        full.answers.push_back({"question-no-" + std::to_string(1000 + i),
                                std::vector<std::string>(4, "sixteen-letters1")});
    const auto small = encodeBallot(ballot());
    const auto large = encodeBallot(full);
    REQUIRE(small.has_value());
    REQUIRE_MESSAGE(large.has_value(), (large ? "" : large.error().text()));
    CHECK(small->view().size() == kBallotPlainBytes);
    CHECK(large->view().size() == kBallotPlainBytes);
    CHECK(decodeBallot(small->view()).value() == ballot());
    CHECK(decodeBallot(large->view()).value() == full);
}

TEST_CASE("what is no ballot is neither written nor read") {
    const auto broken = [](auto change) {
        Ballot out = ballot();
        change(out);
        return encodeBallot(out).has_value();
    };
    CHECK(broken([](Ballot&) {}));
    CHECK_FALSE(broken([](Ballot& b) { b.answers.clear(); }));
    CHECK_FALSE(broken([](Ballot& b) { b.answers.front().values.clear(); }));
    CHECK_FALSE(broken([](Ballot& b) { b.answers.front().values = {"Anna de Vries"}; }));
    CHECK_FALSE(broken([](Ballot& b) { b.questionnaire = "a-name-that-is-too-long"; }));
    CHECK_FALSE(broken([](Ballot& b) { b.version = 0; }));
    CHECK_FALSE(broken([](Ballot& b) { b.day = -1; }));
    CHECK_FALSE(broken([](Ballot& b) { b.answers.assign(21, {"q", {"a"}}); }));
    CHECK(decodeBallot(R"({"v":2})").error().code == Code::unsupported);
    CHECK_FALSE(decodeBallot(R"({"v":1,"questionnaire":"foyer","version":1,"day":1})"));
    CHECK_FALSE(decodeBallot("[]"));
    CHECK_FALSE(decodeBallot(std::string(kBallotPlainBytes + 1, ' ')));
}

TEST_CASE("a ballot's signature holds for its device, id, key and bytes alone") {
    Rig rig;
    const SealedBallot made = rig.made();
    CHECK(checkBallot(made, rig.origin, rig.key.publicKey()).has_value());
    CHECK_FALSE(checkBallot(made, OriginId::random(rig.random), rig.key.publicKey()));
    for (const auto change :
         {+[](SealedBallot& b) { b.id.uuid.bytes[3] ^= 1; }, +[](SealedBallot& b) { b.key += 1; },
          +[](SealedBallot& b) { b.sealed += "x"; },
          +[](SealedBallot& b) { b.signature[0] ^= 1; }}) {
        SealedBallot other = made;
        change(other);
        CHECK_FALSE(checkBallot(other, rig.origin, rig.key.publicKey()));
    }
}

TEST_CASE("ballots and what became of them are read as they were written") {
    Rig rig;
    const std::vector<SealedBallot> some{rig.made(), rig.made()};
    CHECK(decodeBallots(encodeBallots(some)).value() == some);
    CHECK(decodeBallots(encodeBallots({}))->empty());
    const BallotsAnswer told{{{some[0].id, BallotFate::counted},
                              {some[1].id, BallotFate::later},
                              {some[0].id, BallotFate::had},
                              {some[1].id, BallotFate::refused}}};
    CHECK(decodeBallotsAnswer(encodeBallotsAnswer(told)).value() == told);
    CHECK_FALSE(decodeBallotsAnswer(R"({"v":1,"ballots":[{"id":"x","fate":"counted"}]})"));
    CHECK_FALSE(decodeBallots(R"({"v":1,"ballots":[{}]})"));
    CHECK(decodeBallots(R"({"v":7})").error().code == Code::unsupported);
    CHECK_FALSE(decodeBallots(encodeBallots(std::vector<SealedBallot>(kBallotsMax + 1, some[0]))));
}

TEST_CASE("a day is the one on the wall where the kiosk hangs") {
    constexpr TimeMs kNoon = 20'780 * kDayMs + 12 * kHourMs;
    CHECK(localDay(kNoon, 0) == 20'780);
    CHECK(localDay(kNoon + 11 * kHourMs, 60) == 20'781);
    CHECK(localDay(kNoon - 12 * kHourMs, -300) == 20'779);
    CHECK(localDay(0, -60) == -1);
    CHECK(localDay(0, 0) == 0);
}

PROPERTY("bytes of any kind are a ballot or none", [](const std::string& bytes) {
    if (const auto read = decodeBallot(bytes)) RC_ASSERT(encodeBallot(*read).has_value());
    (void) decodeBallots(bytes);
    (void) decodeBallotsAnswer(bytes);
})
