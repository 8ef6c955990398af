// What kiosks sent: once each, and what could not be placed is kept until it can.
#include <algorithm>

#include "tests/unit/sync/store/Hub.h"

using namespace souffleur;
using namespace souffleur::store;
using namespace souffleur::test;

namespace {

struct Foyer {
    TemporaryFolder folder;
    std::unique_ptr<Store> hub = open(folder);
    TestOrigin kiosk{7};
    Foyer() {
        kiosk.kind = "kiosk";
        REQUIRE(hub->enrol(kiosk.enrolment()).has_value());
    }
    SealedKey key(std::uint64_t number, std::uint64_t intake = 1) const {
        return {kiosk.id, number, crypto::sha256(std::to_string(number)), intake};
    }
    std::vector<Incoming> signUp() {
        kiosk.events.clear();
        kiosk.heads.resize(1);
        consent::Act said = test::act(consent::Choice::given, {}, consent::Method::kiosk);
        said.choices.front().confirm = true;
        kiosk.add(kiosk.newSubject(), said, kNoon);
        return kiosk.events;
    }
};

} // namespace

TEST_CASE("what is kept is counted, read page by page, and placed once when it can be") {
    Foyer foyer;
    for (const std::uint64_t n : {3U, 1U, 2U})
        REQUIRE(foyer.hub->keepSealed(foyer.key(n, 10 + n), "raw" + std::to_string(n),
                                      n == 2 ? "noise" : "a later version", kNoon));
    REQUIRE(foyer.hub->placeSealed(foyer.key(4), foyer.signUp(), kNoon, SealedOf::active));
    auto counts = foyer.hub->keptCounts().value();
    REQUIRE(counts.size() == 2);
    CHECK(counts[0].why == "a later version");
    CHECK(counts[0].count == 2);
    CHECK(counts[0].oldestKey == 11);
    CHECK(counts[1].origin == foyer.kiosk.id);
    CHECK(foyer.hub->counts(kNoon)->quarantined == 3);
    CHECK(foyer.hub->origins()->front().kept == 3);
    std::vector<std::string> raws;
    SealedKey after;
    for (;;) {
        const auto page = foyer.hub->keptSealed(after, 2).value();
        if (page.empty()) break;
        CHECK(page.size() <= 2);
        for (const KeptSealed& one : page) raws.push_back(one.raw);
        after = page.back().item;
    }
    CHECK(raws == std::vector<std::string>{"raw1", "raw2", "raw3"});

    CHECK(foyer.hub->hasSealed(foyer.key(1)).value());
    const auto placed =
        foyer.hub->placeSealed(foyer.key(1, 11), foyer.signUp(), kNoon, SealedOf::active);
    REQUIRE(placed.has_value());
    CHECK_FALSE(placed->had);
    CHECK_FALSE(placed->twoOfOne);
    CHECK(foyer.hub->placeSealed(foyer.key(1, 11), foyer.signUp(), kNoon, SealedOf::active)->had);
    CHECK(foyer.hub->counts(kNoon)->quarantined == 2);
    CHECK(foyer.hub->origin(foyer.kiosk.id)->seq == 2);
    CHECK(foyer.hub->verify().has_value());
}

TEST_CASE("how many of some numbers came is known, kept or placed") {
    Foyer foyer;
    REQUIRE(foyer.hub->keepSealed(foyer.key(2), "raw", "noise", kNoon));
    REQUIRE(foyer.hub->placeSealed(foyer.key(5), foyer.signUp(), kNoon, SealedOf::active));
    CHECK(foyer.hub->countSealed(foyer.kiosk.id, 1, 9).value() == 2);
    CHECK(foyer.hub->countSealed(foyer.kiosk.id, 2, 5).value() == 2);
    CHECK(foyer.hub->countSealed(foyer.kiosk.id, 3, 4).value() == 0);
    CHECK(foyer.hub->countSealed(OriginId{}, 1, 9).value() == 0);
}

TEST_CASE("of a revoked kiosk nothing is placed unless it is said so") {
    Foyer foyer;
    REQUIRE(foyer.hub->setStatus(foyer.kiosk.id, OriginStatus::revoked));
    CHECK(foyer.hub->placeSealed(foyer.key(1), foyer.signUp(), kNoon, SealedOf::active)
              .error()
              .code == Code::refused);
    CHECK_FALSE(foyer.hub->hasSealed(foyer.key(1)).value());
    CHECK(
        foyer.hub->placeSealed(foyer.key(1), foyer.signUp(), kNoon, SealedOf::shutOut).has_value());
    CHECK(foyer.hub->verify().has_value());
}
