#include "sync/protocol/Batch.h"

#include "tests/support/Property.h"

using namespace souffleur;
using namespace souffleur::protocol;

namespace {

Batch sample(std::size_t count, const crypto::SigningKey& key) {
    SeededRandom random(count);
    Batch batch;
    batch.origin = OriginId::random(random);
    batch.firstSeq = 7;
    batch.prev = crypto::sha256("before");
    for (std::size_t i = 0; i < count; ++i) {
        batch.events.push_back({SubjectId::random(random), i % 2 == 0,
                                "{\"v\":1,\"n\":" + std::to_string(i) + "}",
                                i % 3 == 0 ? std::string() : std::string("\0\n\t\xff", 4)});
    }
    seal(batch, key);
    return batch;
}

crypto::SigningKey key() {
    SeededRandom random(99);
    return crypto::SigningKey::generate(random);
}

} // namespace

TEST_CASE("a batch arrives as it was sent, and its signature holds") {
    const auto signer = key();
    const Batch batch = sample(20, signer);
    const auto read = decodeBatch(encodeBatch(batch));
    REQUIRE(read.has_value());
    CHECK(*read == batch);
    CHECK(checkBatch(*read, signer.publicKey()).has_value());
}

TEST_CASE("a reason of any length can be read by the device that gets it") {
    std::string reason;
    while (reason.size() < 400) reason += "caf\u00e9 ";
    for (std::size_t extra = 0; extra < 4; ++extra) {
        PushAnswer answer{3, crypto::sha256("head"), {{2, std::string(extra, 'x') + reason}}};
        const auto read = decodeAnswer(encodeAnswer(answer));
        REQUIRE_MESSAGE(read.has_value(), (read ? "" : read.error().text()));
        REQUIRE(read->quarantined.size() == 1);
        CHECK(answer.quarantined[0].second.starts_with(read->quarantined[0].second));
        CHECK(read->quarantined[0].second.size() > 290);
    }
}

TEST_CASE("a changed header, order, place or signer breaks the batch") {
    const auto signer = key();
    Batch batch = sample(3, signer);
    SUBCASE("header") {
        batch.events[1].header[2] = 'w';
    }
    SUBCASE("order") {
        std::swap(batch.events[0], batch.events[1]);
    }
    SUBCASE("dropped") {
        batch.events.pop_back();
    }
    SUBCASE("place") {
        batch.firstSeq = 8;
    }
    SUBCASE("previous head") {
        batch.prev = crypto::sha256("other");
    }
    SUBCASE("origin") {
        batch.origin.uuid.bytes[0] ^= 1U;
    }
    CHECK(checkBatch(batch, signer.publicKey()).error().code == Code::corrupt);
}

TEST_CASE("another device's key does not do") {
    SeededRandom random(5);
    const Batch batch = sample(3, key());
    CHECK_FALSE(checkBatch(batch, crypto::SigningKey::generate(random).publicKey()).has_value());
}

TEST_CASE("a batch cut anywhere is refused") {
    const std::string text = encodeBatch(sample(4, key()));
    for (std::size_t length = 0; length + 1 < text.size(); ++length) {
        CAPTURE(length);
        CHECK_FALSE(decodeBatch(std::string_view(text).substr(0, length)).has_value());
    }
}

TEST_CASE("a batch of too many events or of a newer version is refused") {
    const std::string text = encodeBatch(sample(2, key()));
    std::string many = text;
    many.replace(many.find("\"count\":2"), 9, "\"count\":1001");
    CHECK_FALSE(decodeBatch(many).has_value());
    std::string newer = text;
    newer.replace(newer.find("\"v\":1"), 5, "\"v\":2");
    CHECK(decodeBatch(newer).error().code == Code::unsupported);
    CHECK_FALSE(decodeBatch(text + text).has_value());
}

TEST_CASE("compressed bodies come back whole, bombs and stumps do not") {
    const std::string zeros(3'000'000, '0');
    const std::string small = compress(zeros);
    CHECK(small.size() < 2000);
    CHECK(decompress(small, zeros.size()).value() == zeros);
    CHECK(decompress(small, zeros.size() - 1).error().code == Code::tooLarge);
    CHECK_FALSE(decompress(small.substr(0, small.size() / 2), zeros.size()).has_value());
    CHECK_FALSE(decompress("not zstd at all", 100).has_value());
    CHECK_FALSE(decompress(small + "x", zeros.size()).has_value());
    CHECK_FALSE(decompress("", 100).has_value());
}

TEST_CASE("a frame that asks for more memory than a body may be is refused before it has it") {
    // A frame of one stored byte whose window is to be 2^(10 + exponent) bytes.
    const auto frame = [](unsigned exponent) {
        std::string bytes = "\x28\xb5\x2f\xfd";
        bytes += '\0';
        bytes += static_cast<char>(exponent << 3U);
        bytes += std::string("\x09\0\0a", 4);
        return bytes;
    };
    CHECK(decompress(frame(10), 100).value() == "a"); // 1 MiB
    CHECK(decompress(frame(13), 100).value() == "a"); // 8 MiB
    CHECK_FALSE(decompress(frame(14), 100).has_value());
    CHECK_FALSE(decompress(frame(17), 100).has_value()); // 128 MiB, what the library lets pass
    CHECK_FALSE(decompress(frame(31), 100).has_value());
}

TEST_CASE("who takes zstd says so") {
    CHECK(acceptsZstd("zstd"));
    CHECK(acceptsZstd("gzip, zstd"));
    CHECK(acceptsZstd("br;q=1.0, zstd;q=0.5, *;q=0"));
    CHECK_FALSE(acceptsZstd(""));
    CHECK_FALSE(acceptsZstd("gzip, br"));
    CHECK_FALSE(acceptsZstd("zstd;q=0"));
    CHECK_FALSE(acceptsZstd("zstd; q=0.000"));
    CHECK_FALSE(acceptsZstd("zstdx"));
}

TEST_CASE("an answer is read back") {
    PushAnswer answer{9, crypto::sha256("x"), {{4, "cannot be read"}}};
    const auto read = decodeAnswer(encodeAnswer(answer));
    REQUIRE(read.has_value());
    CHECK(read->seq == 9);
    CHECK(read->head == answer.head);
    CHECK(read->quarantined == answer.quarantined);
    CHECK_FALSE(decodeAnswer("<html>busy</html>").has_value());
    CHECK_FALSE(decodeAnswer("").has_value());
}

PROPERTY("decodeBatch never crashes and never invents events", [](std::string noise) {
    const auto signer = key();
    std::string text = encodeBatch(sample(3, signer));
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    text.replace(at, std::min<std::size_t>(noise.size(), text.size() - at), noise);
    const auto read = decodeBatch(text);
    RC_ASSERT(!read || read->events.size() == 3);
})
