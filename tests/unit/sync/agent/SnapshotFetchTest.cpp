// A head office that hands out what it likes, as it likes.
#include "sync/agent/SnapshotFetch.h"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "tests/support/TemporaryFolder.h"

using namespace souffleur;
using namespace souffleur::agent;

namespace {

class HandClock final : public Clock {
public:
    [[nodiscard]] Reading now() const override { return {1795521600000 + ms, 0, 0}; }
    [[nodiscard]] TimeMs monotonicMs() const override { return ms; }
    TimeMs ms = 1;
};

std::string contentOf(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

struct Office final : SnapshotSource {
    explicit Office(const std::filesystem::path& folder) : _folder(folder) { make('a', 3'000'000); }
    /// Bytes that do not pack well.
    void make(char id, std::size_t size) {
        raw.resize(size);
        random.fill(std::as_writable_bytes(std::span(raw)));
        std::ofstream(_folder / "raw", std::ios::binary) << raw;
        const auto sum = protocol::packFile(_folder / "raw", _folder / "packed").value();
        packed = contentOf(_folder / "packed");
        manifest = {};
        manifest.id = std::string(32, id);
        manifest.log = OriginId::random(random);
        manifest.at = 1795521600000;
        manifest.bytes = sum.bytes;
        manifest.rawBytes = size;
        manifest.hash = sum.hash;
        sign();
    }
    void sign() { manifest.signature = key.sign(protocol::signingInput(manifest)); }

    Result<protocol::SnapshotManifest> snapshot() override {
        ++asked;
        if (building-- > 0) return fail(Code::unavailable, "not yet", "building");
        return manifest;
    }
    Result<std::string> snapshotPart(const std::string& id, std::uint64_t from,
                                     std::size_t size) override {
        ++parts;
        if (id != manifest.id) return fail(Code::notFound, "another one by now");
        if (budget < size) return fail(Code::unavailable, "cut");
        budget -= size;
        served += size;
        if (onPart) onPart();
        return packed.substr(from, size);
    }

    SeededRandom random{7};
    crypto::SigningKey key = crypto::SigningKey::generate(random);
    std::string raw;
    std::string packed;
    protocol::SnapshotManifest manifest;
    int asked = 0;
    int building = 0;
    int parts = 0;
    std::size_t budget = SIZE_MAX;
    std::size_t served = 0;
    std::function<void()> onPart;

private:
    std::filesystem::path _folder;
};

struct Till {
    test::TemporaryFolder folder;
    test::TemporaryFolder there;
    HandClock clock;
    SeededRandom random{1};
    Office office{there.path()};
    std::vector<std::uint64_t> shown;

    Result<std::filesystem::path> run() {
        SnapshotFetch fetch({office, clock, random,
                             [this](TimeMs ms) {
                                 clock.ms += ms + 100;
                                 return true;
                             },
                             [this](std::uint64_t done, std::uint64_t) { shown.push_back(done); }},
                            folder.path(), office.key.publicKey());
        return fetch.run();
    }
    [[nodiscard]] std::size_t files() const {
        return static_cast<std::size_t>(
            std::distance(std::filesystem::directory_iterator(folder.path()), {}));
    }
};

} // namespace

TEST_CASE("a snapshot comes in parts, whole, and its parts are gone afterwards") {
    Till till;
    till.office.building = 3;
    const auto file = till.run();
    REQUIRE_MESSAGE(file.has_value(), (file ? "" : file.error().text()));
    CHECK(contentOf(*file) == till.office.raw);
    CHECK(till.office.parts > 2);
    CHECK(till.files() == 1);
    CHECK(std::is_sorted(till.shown.begin(), till.shown.end()));
    CHECK(till.shown.back() == till.office.manifest.bytes);
}

TEST_CASE("after a cut it goes on from where it was, in the same run and in a later one") {
    Till till;
    till.office.budget = 1'500'000;
    const auto cut = till.run();
    REQUIRE_FALSE(cut.has_value());
    CHECK(cut.error().code == Code::unavailable);
    const std::size_t before = till.office.served;
    CHECK(before > 1'000'000);
    till.office.budget = SIZE_MAX;
    const auto file = till.run();
    REQUIRE(file.has_value());
    CHECK(contentOf(*file) == till.office.raw);
    CHECK(till.office.served == till.office.packed.size()); // nothing came twice
}

TEST_CASE("another one that is made meanwhile is begun anew") {
    Till till;
    till.office.onPart = [&] {
        if (till.office.parts == 2) till.office.make('b', 500'000);
    };
    const auto file = till.run();
    REQUIRE(file.has_value());
    CHECK(contentOf(*file) == till.office.raw);
    CHECK(till.office.asked == 2);
}

TEST_CASE("what is not what was signed is refused, and nothing of it stays") {
    Till till;
    SUBCASE("another byte") {
        till.office.packed[till.office.packed.size() / 2] ^= 1;
    }
    SUBCASE("signed by somebody else") {
        till.office.manifest.signature = crypto::SigningKey::generate(till.random)
                                             .sign(protocol::signingInput(till.office.manifest));
    }
    SUBCASE("another cursor than was signed") {
        till.office.manifest.cursor = "1";
    }
    SUBCASE("unpacks to more") {
        till.office.manifest.rawBytes -= 1;
        till.office.sign();
    }
    SUBCASE("unpacks to less") {
        till.office.manifest.rawBytes += 1;
        till.office.sign();
    }
    SUBCASE("too large to be taken") {
        till.office.manifest.bytes = protocol::kSnapshotMaxBytes + 1;
        till.office.sign();
    }
    const auto file = till.run();
    REQUIRE_FALSE(file.has_value());
    CHECK((file.error().code == Code::corrupt || file.error().code == Code::tooLarge));
    CHECK(till.files() == 0);
}

TEST_CASE("one that never gets ready, and one that is not there, hold nothing up for ever") {
    Till till;
    SUBCASE("never ready") {
        till.office.building = 1'000'000;
        CHECK(till.run().error().code == Code::unavailable);
        CHECK(till.clock.ms >= kBuildPatienceMs);
    }
    SUBCASE("cut for good") {
        till.office.budget = 0;
        CHECK(till.run().error().code == Code::unavailable);
        CHECK(till.clock.ms >= kFetchPatienceMs);
    }
}
