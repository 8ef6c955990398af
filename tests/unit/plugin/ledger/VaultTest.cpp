// Full addresses of captures under a key that is not on the disk.
#include "plugin/ledger/Vault.h"

#include <fstream>
#include <iterator>

#include "Fixture.h"
#include "plugin/wire/Payload.h"

using namespace souffleur;
using namespace souffleur::ledger;
using namespace souffleur::ledger::testing;
using consent::Choice;

namespace {

constexpr const char* kCanary = "zelda.canary@example.org";

crypto::Hash keyOf(std::uint8_t fill) {
    crypto::Hash key{};
    key.fill(fill);
    return key;
}

/// Does any file of the folder hold the text?
bool onDisk(const std::filesystem::path& folder, const std::string& text) {
    for (const auto& file : std::filesystem::recursive_directory_iterator(folder)) {
        if (!file.is_regular_file()) continue;
        std::ifstream in(file.path(), std::ios::binary);
        const std::string bytes((std::istreambuf_iterator<char>(in)), {});
        if (bytes.find(text) != std::string::npos) return true;
    }
    return false;
}

consent::Act yes() {
    return act({choice("newsletter", "email", Choice::given)});
}

wire::PersonData zelda() {
    auto out = somebody("Zelda", "Bakker", kCanary);
    out.contacts.push_back({"phone", "+44 7700 900123", "phone:+447700900123"});
    out.address.lines = {"Canarystraat 12"};
    out.address.city = "Utrecht";
    out.contacts.push_back({"post", "Canarystraat 12, Utrecht", "post:nl:1000aa:12"});
    out.externalIds = {{"pretix", "C-77"}};
    out.preferences = {{"genre:jazz", "yes"}};
    return out;
}

std::vector<std::string> payloadsOf(Rig& rig) {
    std::vector<std::string> out;
    const OutboxBatch batch = rig.ledger->outbox().next().value();
    for (const auto& event : batch.events) out.push_back(event.payload);
    return out;
}

} // namespace

TEST_CASE("a capture under a key leaves no full address on the disk, not while it runs either") {
    Rig rig;
    rig.ledger->holdKey(keyOf(3));
    rig.add(idOf<SubjectId>(1), yes(), zelda());
    for (const char* text : {kCanary, "zelda.canary", "7700900123", "7700 900123", "Canarystraat"})
        CHECK_FALSE(onDisk(rig.folder.path, text));
    rig.ledger.reset();
    for (const char* text : {kCanary, "zelda.canary", "7700900123", "7700 900123", "Canarystraat"})
        CHECK_FALSE(onDisk(rig.folder.path, text));
    CHECK(onDisk(rig.folder.path, "Zelda")); // what the till works with
}

TEST_CASE("what is on the screen, found and sent is the same with a key and without") {
    Rig open;
    Rig sealed;
    sealed.ledger->holdKey(keyOf(3));
    for (Rig* rig : {&open, &sealed}) {
        rig->add(idOf<SubjectId>(1), yes(), zelda());
        rig->clock.at += kMinuteMs;
        rig->add(idOf<SubjectId>(1), act({choice("offers", "email", Choice::refused)}),
                 somebody("Zelda", "Bakker-Vos", "other@example.org"));
        rig->add(idOf<SubjectId>(2), yes(), somebody("Bram", "Jansen", kCanary));
    }
    // Ids and salts differ; all that is said of anybody does not.
    const auto sent = [](Rig& rig) {
        std::vector<wire::PersonData> out;
        for (const auto& payload : payloadsOf(rig))
            out.push_back(payload.empty() ? wire::PersonData{}
                                          : wire::decodePayload(payload).value());
        return out;
    };
    const auto shown = [](Rig& rig) {
        std::vector<std::string> out;
        for (const std::uint64_t i : {1, 2}) {
            const PersonView view = rig.ledger->person(idOf<SubjectId>(i)).value();
            out.push_back(view.displayName + view.language);
            for (const ContactView& contact : view.contacts)
                out.push_back(contact.channel + contact.masked + contact.key);
        }
        return out;
    };
    CHECK(sent(open) == sent(sealed));
    CHECK(shown(open) == shown(sealed));
    for (Rig* rig : {&open, &sealed}) {
        CHECK(rig->ledger->search(kCanary, 5)->hits.size() == 2);
        CHECK(rig->ledger->search("bakker", 5)->hits.size() == 1);
        CHECK(rig->ledger->findContact("email:other@example.org")->size() == 1);
        CHECK(rig->ledger->findExternal("pretix", "C-77")->size() == 1);
        CHECK(rig->ledger->record(idOf<SubjectId>(1))->preferences.at("genre:jazz") == "yes");
    }
    const auto before = sealed.ledger->verify();
    REQUIRE_MESSAGE(before.has_value(), (before ? "" : before.error().text()));
    REQUIRE(sealed.ledger->rebuild().has_value());
    CHECK(sealed.ledger->verify()->projections == before->projections);
    CHECK(shown(open) == shown(sealed));
}

TEST_CASE("what was captured without a key is sealed when there is one, and changes nothing else") {
    Rig rig;
    for (std::uint64_t i = 0; i < 7; ++i) rig.add(idOf<SubjectId>(i), yes(), zelda());
    const auto before = rig.ledger->verify()->projections;
    const auto sent = payloadsOf(rig);
    CHECK(rig.ledger->sealCaptures(3).value() == 0); // no key
    CHECK(onDisk(rig.folder.path, kCanary));
    rig.ledger->holdKey(keyOf(3));
    CHECK(rig.ledger->sealCaptures(3).value() == 3);
    CHECK(rig.ledger->sealCaptures(3).value() == 3);
    CHECK(rig.ledger->sealCaptures(3).value() == 1);
    CHECK(rig.ledger->sealCaptures(3).value() == 0);
    REQUIRE(rig.ledger->maintain().has_value());
    CHECK_FALSE(onDisk(rig.folder.path, "zelda.canary"));
    CHECK_FALSE(onDisk(rig.folder.path, "Canarystraat"));
    CHECK(rig.ledger->verify()->projections == before);
    CHECK(payloadsOf(rig) == sent);
}

TEST_CASE("after a restart what was sealed waits for the key, and all else goes on") {
    Rig rig;
    rig.ledger->holdKey(keyOf(3));
    rig.add(idOf<SubjectId>(1), yes(), zelda());
    const auto sent = payloadsOf(rig);
    rig.reopen();
    CHECK_FALSE(rig.ledger->holdsKey());
    CHECK(rig.ledger->search(kCanary, 5)->hits.size() == 1);
    rig.add(idOf<SubjectId>(1), act({choice("newsletter", "email", Choice::refused)}));
    CHECK(rig.state(idOf<SubjectId>(1), "newsletter", "email") == consent::State::refused);
    // The no behind it goes ahead, without what cannot be opened.
    const auto ahead = rig.ledger->outbox().urgent(10, 0);
    REQUIRE(ahead.has_value());
    REQUIRE(ahead->events.size() == 1);
    CHECK(ahead->events.front().seq == 2);
    const auto waits = rig.ledger->outbox().next();
    REQUIRE_FALSE(waits.has_value());
    CHECK(waits.error().code == Code::locked);
    CHECK(waits.error().where == "lease");
    rig.ledger->holdKey(keyOf(3));
    CHECK(payloadsOf(rig).front() == sent.front());
    rig.ledger->dropKey();
    CHECK(rig.ledger->outbox().next().error().code == Code::locked);
}

TEST_CASE("what was said before a sealed answer does not wait for its key") {
    Rig rig;
    rig.add(idOf<SubjectId>(1), act({choice("newsletter", "email", Choice::refused)}));
    rig.ledger->holdKey(keyOf(3));
    rig.add(idOf<SubjectId>(2), yes(), zelda());
    rig.reopen();
    const auto batch = rig.ledger->outbox().next();
    REQUIRE(batch.has_value());
    CHECK(batch->events.size() == 1);
    REQUIRE(rig.ledger->outbox().acknowledge(1, batch->head).has_value());
    CHECK(rig.ledger->outbox().next().error().code == Code::locked);
}

TEST_CASE("a key that opens nothing holds nothing up: the answer goes, and it is counted") {
    Rig rig;
    rig.ledger->holdKey(keyOf(3));
    rig.add(idOf<SubjectId>(1), yes(), zelda());
    rig.ledger->holdKey(keyOf(4));
    const auto batch = rig.ledger->outbox().next();
    REQUIRE(batch.has_value());
    REQUIRE(batch->events.size() == 1);
    CHECK(batch->events.front().payload.empty());
    CHECK(batch->unopened == 1);
}

TEST_CASE("an erasure takes what was sealed as well, and nobody comes back by their address") {
    Rig rig;
    rig.ledger->holdKey(keyOf(3));
    rig.add(idOf<SubjectId>(1), yes(), zelda());
    rig.clock.at += kHourMs;
    rig.add(idOf<SubjectId>(1), consent::Erase{});
    CHECK(rig.ledger->outbox().next()->events.front().payload.empty());
    CHECK(rig.ledger->search(kCanary, 5)->hits.empty());
    CHECK(rig.ledger->suppressed(rig.ledger->contactKey(std::string("email:") + kCanary)).value());
    CHECK(rig.ledger->verify().has_value());
    REQUIRE(rig.ledger->maintain().has_value());
    rig.ledger.reset();
    CHECK_FALSE(onDisk(rig.folder.path, "Zelda"));
}

TEST_CASE("under a new id the folder's key is the same, and what was sealed goes out again") {
    Rig rig;
    const std::string id = rig.ledger->vaultId().value();
    CHECK(id.size() == 32);
    rig.ledger->holdKey(keyOf(3));
    rig.add(idOf<SubjectId>(1), yes(), zelda());
    const auto sent = payloadsOf(rig);
    rig.options.formerly = {rig.options.origin};
    rig.options.origin = idOf<OriginId>(2);
    rig.reopen();
    CHECK(rig.ledger->vaultId().value() == id);
    rig.ledger->holdKey(keyOf(3));
    CHECK(payloadsOf(rig) == sent);
    CHECK(rig.ledger->verify().has_value());
}

TEST_CASE("an export tells what is only a part") {
    Rig rig;
    rig.ledger->holdKey(keyOf(3));
    rig.add(idOf<SubjectId>(1), yes(), zelda());
    std::string lines;
    REQUIRE(rig.ledger
                ->exportNdjson(true,
                               [&](std::string_view line) {
                                   lines += line;
                                   return true;
                               })
                .has_value());
    CHECK(lines.find("\"part\":{") != std::string::npos);
    CHECK(lines.find("\"payload\"") == std::string::npos);
    CHECK(lines.find(kCanary) == std::string::npos);
}
