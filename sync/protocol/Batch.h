// A push: a contiguous run of an origin's events, chained and signed (DESIGN 6).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/base/Id.h"
#include "plugin/base/Limits.h"
#include "plugin/base/Result.h"
#include "plugin/crypto/Hash.h"
#include "plugin/crypto/SigningKey.h"

namespace souffleur::protocol {

/// One event on its way: bytes as they were hashed.
struct WireEvent {
    SubjectId subject;
    bool negative =
        false; ///< travels outside the header, so that an unreadable no still suppresses
    std::string header;
    std::string payload; ///< empty = none

    bool operator==(const WireEvent&) const = default;
};

struct Batch {
    OriginId origin;
    std::uint64_t firstSeq = 1;
    crypto::Hash prev{}; ///< chain head before firstSeq
    crypto::Hash head{}; ///< chain head after the last event
    crypto::Signature signature{};
    std::vector<WireEvent> events; ///< 1..limits::kBatchMaxEvents

    [[nodiscard]] std::uint64_t lastSeq() const noexcept { return firstSeq + events.size() - 1; }
    bool operator==(const Batch&) const = default;
};

/// "souffleur-batch-1" ‖ origin (16 bytes) ‖ last sequence (8 bytes, big endian) ‖ head.
std::string signingInput(const OriginId& origin, std::uint64_t lastSeq, const crypto::Hash& head);

/// Fills `head` and `signature` from the events.
void seal(Batch& batch, const crypto::SigningKey& key);

/// NDJSON, uncompressed.
std::string encodeBatch(const Batch& batch);
/// Errors: invalid, tooLarge (events, bytes), unsupported (version).
Result<Batch> decodeBatch(std::string_view text);
/// Does the chain lead from prev to head, and is the head signed by this key? Errors: corrupt.
Result<void> checkBatch(const Batch& batch, const crypto::PublicKey& key);

/// What the hub answers once everything is durable.
struct PushAnswer {
    std::uint64_t seq = 0;
    crypto::Hash head{};
    std::vector<std::pair<std::uint64_t, std::string>> quarantined;
};
std::string encodeAnswer(const PushAnswer& answer);
Result<PushAnswer> decodeAnswer(std::string_view json);

/// As Content-Encoding and Accept-Encoding name it.
inline constexpr std::string_view kZstdCoding = "zstd";
/// zstd, with a bound on what comes out and on the memory that it takes. Errors: invalid, tooLarge.
std::string compress(std::string_view bytes);
Result<std::string> decompress(std::string_view bytes, std::size_t maxBytes);
/// Does an Accept-Encoding name zstd, with a weight that is not nothing?
bool acceptsZstd(std::string_view acceptEncoding);

} // namespace souffleur::protocol
