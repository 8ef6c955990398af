#include "sync/protocol/Snapshot.h"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "sync/protocol/Batch.h"
#include "tests/support/TemporaryFolder.h"

using namespace souffleur;
using namespace souffleur::protocol;

namespace {

SnapshotManifest sample(const crypto::SigningKey& key) {
    SeededRandom random(4);
    SnapshotManifest out;
    out.id = std::string(32, 'c');
    out.log = OriginId::random(random);
    out.at = 1795521600000;
    out.cursor = "1..3";
    out.people = 12;
    out.bytes = 1000;
    out.rawBytes = 4000;
    out.hash.fill(7);
    out.signature = key.sign(signingInput(out));
    return out;
}

void write(const std::filesystem::path& file, const std::string& bytes) {
    std::ofstream(file, std::ios::binary) << bytes;
}

std::string read(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace

TEST_CASE("a manifest is read as it was written, and every field is signed") {
    SeededRandom random(1);
    const auto key = crypto::SigningKey::generate(random);
    const SnapshotManifest made = sample(key);
    REQUIRE(decodeManifest(encodeManifest(made)).has_value());
    CHECK(*decodeManifest(encodeManifest(made)) == made);
    CHECK(soundSnapshot(made, key.publicKey()));
    const auto changed = [&](auto change) {
        SnapshotManifest other = made;
        change(other);
        return soundSnapshot(other, key.publicKey());
    };
    CHECK_FALSE(changed([](auto& m) { m.id = std::string(32, 'd'); }));
    CHECK_FALSE(changed([&](auto& m) { m.log = OriginId::random(random); }));
    CHECK_FALSE(changed([](auto& m) { m.at += 1; }));
    CHECK_FALSE(changed([](auto& m) { m.cursor += "."; }));
    CHECK_FALSE(changed([](auto& m) { m.people += 1; }));
    CHECK_FALSE(changed([](auto& m) { m.bytes += 1; }));
    CHECK_FALSE(changed([](auto& m) { m.rawBytes += 1; }));
    CHECK_FALSE(changed([](auto& m) { m.hash[0] ^= 1; }));
    CHECK_FALSE(changed([](auto& m) { m.signature[0] ^= 1; }));
    for (const std::string& bad : {std::string("{}"), std::string("[]"), std::string()})
        CHECK_FALSE(decodeManifest(bad).has_value());
    SnapshotManifest traversal = made;
    traversal.id = "../../../../etc/passwd__________";
    CHECK_FALSE(decodeManifest(encodeManifest(traversal)).has_value());
}

TEST_CASE("what is packed is unpacked, whatever its size") {
    test::TemporaryFolder folder;
    SeededRandom random(3);
    for (const std::size_t size : {0UL, 1UL, 131072UL, 131073UL, 5'000'000UL}) {
        CAPTURE(size);
        std::string bytes(size, 'x');
        if (size > 131072) random.fill(std::as_writable_bytes(std::span(bytes)).first(size / 2));
        write(folder.path() / "in", bytes);
        const auto packed = packFile(folder.path() / "in", folder.path() / "packed");
        REQUIRE(packed.has_value());
        CHECK(sumOf(folder.path() / "packed")->hash == packed->hash);
        CHECK(sumOf(folder.path() / "packed")->bytes == packed->bytes);
        REQUIRE(unpackFile(folder.path() / "packed", folder.path() / "out", size).has_value());
        CHECK(read(folder.path() / "out") == bytes);
    }
}

TEST_CASE("a bomb, a stump and rubbish leave nothing") {
    test::TemporaryFolder folder;
    const auto file = folder.path() / "packed";
    const std::string good = compress(std::string(64UL * 1024 * 1024, '0'));
    std::uint64_t says = 1024;
    SUBCASE("a bomb") {
        write(file, good);
    }
    SUBCASE("a stump") {
        says = 64UL * 1024 * 1024;
        write(file, good.substr(0, good.size() - 3));
    }
    SUBCASE("more behind the end") {
        says = 64UL * 1024 * 1024;
        write(file, good + "more");
    }
    SUBCASE("rubbish") {
        write(file, "rubbish");
    }
    SUBCASE("nothing") {
        write(file, "");
    }
    CHECK_FALSE(unpackFile(file, folder.path() / "out", says).has_value());
    CHECK_FALSE(std::filesystem::exists(folder.path() / "out"));
}
