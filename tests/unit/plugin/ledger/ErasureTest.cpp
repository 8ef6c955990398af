// Erased is gone: from the rows, from the search index and from the files' bytes.
#include <fstream>
#include <sstream>

#include "Fixture.h"
#include "plugin/crypto/Encoding.h"
#include "plugin/crypto/Hash.h"
#include "plugin/wire/Header.h"

using namespace souffleur;
using namespace souffleur::ledger;
using namespace souffleur::ledger::testing;
using consent::Choice;
using consent::State;

namespace {

constexpr const char* kFamily = "Zwartewaterland";
constexpr const char* kFolded = "zwartewaterland";
constexpr const char* kEmail = "xylofoon.zeldzaam@example.org";

/// Does any file of the folder hold the text?
bool onDisk(const std::filesystem::path& folder, const std::string& text) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        std::ifstream file(entry.path(), std::ios::binary);
        std::stringstream all;
        all << file.rdbuf();
        if (all.str().find(text) != std::string::npos) return true;
    }
    return false;
}

} // namespace

TEST_CASE("an erased person is in no file, but a no stands and the address is suppressed") {
    Rig rig;
    const auto gone = idOf<SubjectId>(1);
    for (std::uint64_t i = 10; i < 60; ++i) {
        rig.add(idOf<SubjectId>(i), consent::Fact{"minor", "no"},
                somebody("Piet" + std::to_string(i), "Jansen" + std::to_string(i)));
    }
    rig.add(gone, act({choice("newsletter", "email", Choice::refused)}),
            somebody("Quirina", kFamily, kEmail));
    const std::string key = rig.ledger->contactKey(std::string("email:") + kEmail);
    CHECK(rig.ledger->maintain().has_value());
    CHECK(onDisk(rig.folder.path, kFamily));
    CHECK_FALSE(rig.ledger->suppressed(key).value());
    rig.clock.at += kSecondMs;
    rig.add(gone, consent::Erase{});
    CHECK(rig.ledger->search(kFolded, 5).value().hits.empty());
    CHECK(rig.ledger->findContact(std::string("email:") + kEmail).value().empty());
    CHECK(rig.ledger->record(gone).value().empty());
    CHECK(rig.ledger->person(gone).value().erased);
    CHECK_FALSE(rig.ledger->personFacts(gone, policy()).value().known);
    CHECK(rig.state(gone, "newsletter", "email") == State::refused);
    CHECK(rig.ledger->suppressed(key).value());
    CHECK(rig.ledger->maintain().has_value());
    for (const char* token : {kFamily, kFolded, kEmail, "quirina", "Quirina"}) {
        CAPTURE(token);
        CHECK_FALSE(onDisk(rig.folder.path, token));
    }
    CHECK(onDisk(rig.folder.path, "Jansen10"));
    CHECK(rig.ledger->verify().has_value());
    const auto before = rig.ledger->verify().value().projections;
    CHECK(rig.ledger->rebuild().has_value());
    CHECK(rig.ledger->verify().value().projections == before);
    CHECK(rig.ledger->suppressed(key).value());
    rig.reopen();
    CHECK(rig.ledger->verify().has_value());
}

TEST_CASE("a late payload of an erased time is not kept") {
    Rig rig(3);
    Rig other(2);
    const auto gone = idOf<SubjectId>(1);
    other.add(gone, act({choice("newsletter", "email", Choice::given)}),
              somebody("Quirina", kFamily, kEmail));
    Foreign late;
    const OutboxEvent sent = other.ledger->outbox().next().value().events.at(0);
    late.origin = other.options.origin;
    late.seq = 1;
    late.header = sent.header;
    late.payload = sent.payload;
    rig.clock.at = other.clock.at + kMinuteMs;
    rig.add(gone, consent::Erase{});
    const std::vector<Foreign> events{late};
    CHECK(rig.ledger->applyForeign(events, {}).value().placed == 1);
    CHECK(rig.ledger->record(gone).value().empty());
    CHECK(rig.ledger->suppressed(rig.ledger->contactKey(std::string("email:") + kEmail)).value());
    CHECK(rig.ledger->maintain().has_value());
    CHECK_FALSE(onDisk(rig.folder.path, kFamily));
    CHECK(rig.ledger->verify().has_value());
}

TEST_CASE("a card goes with the erasure, and an older one does not come back") {
    Rig rig;
    wire::Card card;
    card.subject = idOf<SubjectId>(1);
    card.version = 5;
    card.displayName = std::string("Quirina ") + kFamily;
    const std::vector<wire::Card> cards{card};
    CHECK(rig.ledger->applyForeign({}, cards).value().cards == 1);
    rig.add(card.subject, consent::Erase{});
    CHECK(rig.ledger->applyForeign({}, cards).value().cards == 0);
    CHECK(rig.ledger->search(kFolded, 5).value().hits.empty());
    CHECK(rig.ledger->maintain().has_value());
    CHECK_FALSE(onDisk(rig.folder.path, kFamily));
    CHECK(rig.ledger->verify().has_value());
}

TEST_CASE("an erased card from the hub empties the person") {
    Rig rig;
    wire::Card card;
    card.subject = idOf<SubjectId>(1);
    card.version = 5;
    card.displayName = std::string("Quirina ") + kFamily;
    CHECK(rig.ledger->applyForeign({}, std::vector{card}).value().cards == 1);
    card.version = 6;
    card.erased = true;
    CHECK(rig.ledger->applyForeign({}, std::vector{card}).value().cards == 1);
    CHECK(rig.ledger->person(card.subject).value().erased);
    CHECK(rig.ledger->maintain().has_value());
    CHECK_FALSE(onDisk(rig.folder.path, kFamily));
    CHECK(rig.ledger->verify().has_value());
}

TEST_CASE("what was on file when the erasure came goes, whatever the till's clock said") {
    Rig rig;
    const auto gone = idOf<SubjectId>(1);
    rig.clock.at += 3 * kHourMs; // ahead of the hub's
    rig.add(gone, act({choice("newsletter", "email", Choice::given)}),
            somebody("Quirina", kFamily, kEmail));
    const std::vector<Foreign> erased{
        foreign(7, 1, gone, consent::Erase{}, rig.clock.at - 2 * kHourMs)};
    REQUIRE(rig.ledger->applyForeign(erased, {}).has_value());
    const std::string key = rig.ledger->contactKey(std::string("email:") + kEmail);
    CHECK(rig.ledger->record(gone).value().empty());
    CHECK(rig.ledger->suppressed(key).value());
    CHECK(rig.ledger->maintain().has_value());
    CHECK_FALSE(onDisk(rig.folder.path, kFamily));
    CHECK(rig.ledger->verify().has_value());
    // The same person as a new customer, certainly later: stays until the hub doubts the clock.
    rig.add(gone, act({choice("offers", "post", Choice::given)}), somebody("Anna", "Bakker"));
    CHECK(rig.ledger->person(gone).value().displayName == "Anna Bakker");
    const consent::ClockJudgement judgement{rig.options.origin, 1, 2, 3 * kHourMs, false};
    const std::vector<Foreign> judged{foreign(7, 2, SubjectId{}, judgement, rig.clock.at)};
    REQUIRE(rig.ledger->applyForeign(judged, {}).has_value());
    CHECK(rig.ledger->person(gone).value().displayName.empty());
    CHECK(rig.ledger->verify().has_value());
}

TEST_CASE("what is captured after the erasure stays") {
    Rig rig;
    const auto anna = idOf<SubjectId>(1);
    rig.add(anna, act({choice("newsletter", "email", Choice::given)}),
            somebody("Quirina", kFamily));
    rig.clock.at += kSecondMs;
    rig.add(anna, consent::Erase{});
    rig.clock.at += kSecondMs;
    rig.add(anna, act({choice("offers", "post", Choice::given)}), somebody("Anna", "Bakker"));
    CHECK(rig.ledger->personFacts(anna, policy()).value().known);
    CHECK(rig.ledger->person(anna).value().displayName == "Anna Bakker");
    CHECK(rig.ledger->verify().has_value());
}

TEST_CASE("who came back after an erasure is shown by the hub's card, whatever arrives first") {
    Rig rig;
    const auto anna = idOf<SubjectId>(1);
    const TimeMs at = rig.clock.at;
    const std::vector<Foreign> erased{foreign(7, 1, anna, consent::Erase{}, at)};
    wire::Card before;
    before.subject = anna;
    before.version = 5;
    before.displayName = std::string("Quirina ") + kFamily;
    REQUIRE(rig.ledger->applyForeign({}, std::vector{before}).has_value());
    wire::Card after = before;
    after.version = 9;
    after.displayName = "Anna Bakker";
    after.erasedTo = at;
    const auto name = [&] { return rig.ledger->person(anna).value().displayName; };
    SUBCASE("the erasure") {
        REQUIRE(rig.ledger->applyForeign(erased, {}).has_value());
        CHECK(name().empty());
        REQUIRE(rig.ledger->applyForeign({}, std::vector{after}).has_value());
    }
    SUBCASE("the card") {
        REQUIRE(rig.ledger->applyForeign({}, std::vector{after}).has_value());
        REQUIRE(rig.ledger->applyForeign(erased, {}).has_value());
    }
    SUBCASE("both at once") {
        REQUIRE(rig.ledger->applyForeign(erased, std::vector{after}).has_value());
    }
    CHECK(name() == "Anna Bakker");
    CHECK(rig.ledger->search("bakker", 5).value().hits.size() == 1);
    CHECK(rig.ledger->search(kFolded, 5).value().hits.empty());
    CHECK(rig.ledger->maintain().has_value());
    CHECK_FALSE(onDisk(rig.folder.path, kFamily));
    CHECK(rig.ledger->verify().has_value());
    // A second erasure is one that the card did not know.
    const std::vector<Foreign> again{foreign(7, 2, anna, consent::Erase{}, at + kHourMs)};
    REQUIRE(rig.ledger->applyForeign(again, {}).has_value());
    CHECK(name().empty());
    CHECK(rig.ledger->search("bakker", 5).value().hits.empty());
    CHECK(rig.ledger->maintain().has_value());
    CHECK_FALSE(onDisk(rig.folder.path, "Bakker"));
    // One of a hub that does not say what it knew is not believed.
    after.version = 11;
    after.erasedTo = 0;
    REQUIRE(rig.ledger->applyForeign({}, std::vector{after}).has_value());
    CHECK(name().empty());
    CHECK(rig.ledger->verify().has_value());
}
