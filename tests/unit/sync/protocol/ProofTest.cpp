// A proof holds for head office's key and its own bytes, and for nothing else.
#include "sync/protocol/Proof.h"

#include <doctest/doctest.h>

#include "plugin/base/Random.h"
#include "plugin/crypto/Chain.h"
#include "plugin/crypto/Encoding.h"
#include "plugin/wire/Header.h"
#include "plugin/wire/Json.h"
#include "tests/support/TestOrigin.h"

using namespace souffleur;
using protocol::Proof;

namespace {

constexpr TimeMs kNoon = 1795521600000;

struct Made {
    SeededRandom random{3};
    crypto::SigningKey key = crypto::SigningKey::generate(random);
    test::TestOrigin till{4};
    Proof proof;
    std::string payload = "salt and personal data";

    Made() {
        const auto event =
            till.add(till.newSubject(), test::act(consent::Choice::refused), kNoon, nullptr);
        proof.event = event.id;
        proof.kind = "act";
        proof.madeAt = kNoon + kDayMs;
        proof.receivedAt = kNoon + kSecondMs;
        proof.header =
            wire::encodeHeader(event, crypto::toHex(crypto::bytesOf(crypto::sha256(payload))))
                .value();
        proof.leaf = crypto::leafHash(proof.header);
        proof.shard = 11;
        proof.position = 803;
        proof.origin = event.origin;
        proof.originKind = "terminal";
        proof.originName = "Till 1";
        proof.originPlace = "till-1";
        proof.originPosition = 1;
        proof.originKey = key.publicKey();
    }
};

} // namespace

TEST_CASE("a proof as handed out is sound, laid out anew as well") {
    const Made made;
    std::string json = protocol::encodeProof(made.proof, &made.key);
    json.insert(1, "\n    ");
    const auto report = protocol::checkProof(json, made.key.publicKey(), made.payload);
    REQUIRE(report.has_value());
    CHECK(report->sound());
    CHECK(report->signatureOk);
    CHECK(report->commitmentOk);
    CHECK(report->act.id == made.proof.event);
    CHECK(protocol::checkProof(json, made.key.publicKey())->sound());
    CHECK_FALSE(protocol::checkProof(json, made.key.publicKey(), "somebody else")->sound());
}

TEST_CASE("a proof without a signature, or of another key, does not hold") {
    Made made;
    const auto bare = protocol::encodeProof(made.proof, nullptr);
    CHECK_FALSE(protocol::checkProof(bare, made.key.publicKey())->sound());
    const auto other = crypto::SigningKey::generate(made.random);
    const auto json = protocol::encodeProof(made.proof, &made.key);
    const auto report = protocol::checkProof(json, other.publicKey());
    REQUIRE(report.has_value());
    CHECK_FALSE(report->signatureOk);
    CHECK_FALSE(report->sound());
}

TEST_CASE("no field of a proof can be changed") {
    const Made made;
    const std::string json = protocol::encodeProof(made.proof, &made.key);
    int tried = 0;
    for (std::size_t i = 0; i < json.size(); ++i) {
        std::string changed = json;
        changed[i] = changed[i] == '7' ? '8' : '7';
        const auto report = protocol::checkProof(changed, made.key.publicKey());
        const bool rule = json.find("leafRule") <= i && i < json.find("\"tree\"");
        if (report && !rule) {
            CHECK_MESSAGE(!report->sound(), "byte " << i << " of " << json);
            ++tried;
        }
    }
    CHECK(tried > 100);
}

TEST_CASE("what is no proof is said to be none") {
    const Made made;
    for (const char* text : {"", "{}", "[]", R"({"format":"souffleur-receipt-1"})",
                             R"({"format":"souffleur-proof-1"})", "\xff"}) {
        CHECK_FALSE(protocol::checkProof(text, made.key.publicKey()).has_value());
    }
    CHECK(protocol::checkProof(std::string(protocol::kProofMaxBytes + 1, ' '), made.key.publicKey())
              .error()
              .code == Code::tooLarge);
}
