// `souffleur receipt verify` takes what head office's `ledger prove` wrote, with head office's key.
#include <doctest/doctest.h>

#include <fstream>

#include "kiosk/cli/Commands.h"
#include "plugin/crypto/Chain.h"
#include "plugin/wire/Header.h"
#include "sync/protocol/Proof.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestOrigin.h"

using namespace souffleur;

namespace {

constexpr TimeMs kNoon = 1795521600000;

struct Files {
    test::TemporaryFolder folder;
    SeededRandom random{7};
    crypto::SigningKey key = crypto::SigningKey::generate(random);
    protocol::Proof proof;

    Files() {
        test::TestOrigin till{4};
        const auto event =
            till.add(till.newSubject(), test::act(consent::Choice::refused), kNoon, nullptr);
        proof.event = event.id;
        proof.kind = "act";
        proof.madeAt = proof.receivedAt = kNoon;
        proof.header = till.events[0].header;
        proof.leaf = crypto::leafHash(proof.header);
        proof.shard = 5;
        proof.position = 1;
        proof.origin = event.origin;
        proof.originName = "Till 1";
        // A log of this one answer.
        crypto::ShardHeads heads;
        heads[5] = {1, proof.leaf};
        proof.inclusion = protocol::ProofInclusion{
            1,
            {},
            crypto::shardPath(heads, 5),
            protocol::signLog(OriginId::random(random), heads, kNoon, key).head};
    }
    [[nodiscard]] std::filesystem::path write(const char* name, const std::string& text) const {
        std::ofstream(folder.path() / name) << text;
        return folder.path() / name;
    }
    [[nodiscard]] int verify(const std::string& json, const crypto::SigningKey& with) const {
        return cli::receiptVerify(write("proof.json", json),
                                  write("key", crypto::publicKeyText(with.publicKey()) + "\n"), {});
    }
};

} // namespace

TEST_CASE("a proof of head office holds with its key and no other, and as it is") {
    Files files;
    const std::string json = protocol::encodeProof(files.proof, &files.key);
    CHECK(files.verify(json, files.key) == 0);
    CHECK(files.verify(json, crypto::SigningKey::generate(files.random)) == 1);
    CHECK(files.verify(json.substr(0, json.size() / 2), files.key) == 1);
    CHECK(files.verify(std::string(protocol::kProofMaxBytes + 1, ' '), files.key) == 1);
    files.proof.inclusion->treeSize = 2;
    CHECK(files.verify(protocol::encodeProof(files.proof, &files.key), files.key) == 1);
    files.proof.inclusion.reset();
    CHECK(files.verify(protocol::encodeProof(files.proof, &files.key), files.key) == 0);
}
