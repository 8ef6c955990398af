// What a first load leaves on the disk: names are in it.
#include "kiosk/terminal/FirstLoad.h"

#include <doctest/doctest.h>

#include <fstream>

#include "plugin/crypto/PrivateFile.h"
#include "tests/support/Newsletter.h"
#include "tests/support/TemporaryFolder.h"

using namespace souffleur;
using namespace souffleur::test;

namespace {

class HandClock final : public Clock {
public:
    [[nodiscard]] Reading now() const override { return {1795521600000 + ms, 0, 0}; }
    [[nodiscard]] TimeMs monotonicMs() const override { return ms; }
    TimeMs ms = 1;
};

/// It hands out the first part of something that is no snapshot, and no more.
struct Office final : agent::SnapshotSource {
    Result<protocol::SnapshotManifest> snapshot() override {
        if (none) return fail(Code::notFound, "this head office makes none");
        protocol::SnapshotManifest out;
        out.id = std::string(32, 'a');
        out.log = OriginId::random(random);
        out.at = 1795521600000;
        out.bytes = 1'000'000;
        out.rawBytes = 2'000'000;
        out.signature = key.sign(protocol::signingInput(out));
        return out;
    }
    Result<std::string> snapshotPart(const std::string&, std::uint64_t from,
                                     std::size_t size) override {
        if (from != 0) return fail(Code::unavailable, "away");
        return std::string(std::min<std::size_t>(size, 1000), 'n');
    }
    SeededRandom random{7};
    crypto::SigningKey key = crypto::SigningKey::generate(random);
    bool none = false;
};

struct Till {
    Till() {
        device.folder = folder.path();
        options.folder = folder.path() / "ledger";
        options.origin = OriginId::random(random);
        welcome.logKey = office.key.publicKey();
    }
    Result<bool> load() {
        return terminal::firstLoad(device, welcome, options,
                                   {office, clock, random,
                                    [this](TimeMs ms) {
                                        clock.ms += ms + 100;
                                        return !stop;
                                    },
                                    [](const std::string&) {}});
    }
    /// As a kill in the middle of the load leaves it.
    void killed() const {
        for (const char* file : {"snapshot.part", "snapshot.json", "snapshot.db"})
            std::ofstream(folder.path() / file) << "Zelda Puig";
        std::filesystem::create_directory(folder.path() / "ledger-loading");
        std::ofstream(folder.path() / "ledger-loading" / "ledger.db") << "Zelda Puig";
    }
    [[nodiscard]] std::size_t left() const {
        std::size_t out = 0;
        for (const char* file : {"snapshot.part", "snapshot.json", "snapshot.db", "ledger-loading"})
            out += std::filesystem::exists(folder.path() / file) ? 1 : 0;
        return out;
    }

    TemporaryFolder folder;
    HandClock clock;
    SeededRandom random{1};
    Office office;
    protocol::Device device;
    ledger::LedgerOptions options;
    protocol::Welcome welcome;
    bool stop = false;
};

} // namespace

TEST_CASE("a till that begins without a snapshot keeps nothing of one") {
    Till till;
    till.killed();
    SUBCASE("what came through was too little") {}
    SUBCASE("head office makes none") {
        till.office.none = true;
    }
    SUBCASE("head office is an older one") {
        till.welcome.logKey.reset();
    }
    CHECK_FALSE(till.load().value());
    CHECK(till.left() == 0);
}

TEST_CASE("a till at work removes what a load left that was killed") {
    Till till;
    {
        auto ledger = ledger::Ledger::open(till.options, till.clock, till.random).value();
        REQUIRE(say(*ledger, SubjectId::random(till.random), consent::Choice::given).has_value());
    }
    till.killed();
    CHECK_FALSE(till.load().value());
    CHECK(till.left() == 0);
}

TEST_CASE("a till that is told to stop goes on with what came at its next start") {
    Till till;
    till.stop = true;
    CHECK_FALSE(till.load().value());
    CHECK(till.left() == 2);
    CHECK(std::filesystem::file_size(till.folder.path() / "snapshot.part") == 1000);
}
