// The proof that head office hands out for one event ("souffleur-proof-1"): what is signed, and how
// somebody without access checks it offline.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/base/Result.h"
#include "plugin/consent/Event.h"
#include "plugin/crypto/Hash.h"
#include "plugin/crypto/SigningKey.h"
#include "sync/protocol/Log.h"

namespace souffleur::protocol {

inline constexpr std::size_t kProofMaxBytes = 256 * 1024;

/// That the log whose head office signed holds the event's leaf at its place.
struct ProofInclusion {
    std::uint64_t treeSize = 0; ///< leaves of the shard
    crypto::TreePath path;      ///< from the leaf to the head of the shard
    crypto::TreePath shardPath; ///< from the shard to the root of roots
    LogHead head;
};

/// An event as head office holds it.
struct Proof {
    EventId event;
    std::string kind;
    TimeMs madeAt = 0;
    TimeMs receivedAt = 0;
    std::string header; ///< verbatim
    crypto::Hash leaf{};
    std::uint64_t shard = 0;
    std::uint64_t position = 0;
    OriginId origin;
    std::string originKind;
    std::string originName;
    std::string originPlace;
    std::uint64_t originPosition = 0;
    crypto::PublicKey originKey{};
    std::optional<ProofInclusion> inclusion; ///< none: older documents, and advance copies
};

/// The document as JSON, signed by head office with Ed25519 (over the fields, so that a tool that
/// lays the JSON out anew breaks nothing). Pseudonymous: the header has no personal data. Without a
/// key it is not signed.
std::string encodeProof(const Proof& proof, const crypto::SigningKey* key);

/// What checking found. `sound()`: every check that was asked for was passed.
struct ProofReport {
    consent::Event act; ///< of the header
    std::string commitment;
    Proof proof;
    bool isSigned = false; ///< the document carries a signature
    bool signatureOk = false;
    bool inclusionOk = false; ///< meaningful where the proof has an inclusion
    bool hasPayload = false;
    bool commitmentOk = false; ///< meaningful when hasPayload
    std::vector<std::string> problems;

    [[nodiscard]] bool sound() const { return problems.empty(); }
};

/// `payload` empty: not checked. Never throws on any bytes. Errors: invalid (not such a document),
/// tooLarge; all else is in the report.
Result<ProofReport> checkProof(std::string_view json, const crypto::PublicKey& headOffice,
                               std::string_view payload = {});

} // namespace souffleur::protocol
