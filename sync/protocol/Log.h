// What head office says of its whole log, and how somebody who kept an earlier word of it sees that
// nothing was taken out, changed or put in between (DESIGN 6; RFC 9162 section 2.1 for the trees).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "plugin/base/Clock.h"
#include "plugin/base/Id.h"
#include "plugin/base/Result.h"
#include "plugin/crypto/ShardedLog.h"
#include "plugin/crypto/SigningKey.h"

namespace souffleur::protocol {

/// The answer of 64 shards, each with a proof, and as much again.
inline constexpr std::size_t kLogMaxBytes = 1024 * 1024;

/// A signed tree head: the log had these leaves at this moment. Two of one log that cannot both be
/// true are, with their signatures, proof against whoever signed them.
struct LogHead {
    OriginId log; ///< head office's own id
    TimeMs at = 0;
    std::uint64_t size = 0; ///< leaves of all shards
    crypto::Hash root{};    ///< crypto::rootOfRoots
    crypto::Signature signature{};

    bool operator==(const LogHead&) const = default;
};

/// One field a line: "souffleur-log-1", log, time, size, root.
std::string signingInput(const LogHead& head);
[[nodiscard]] bool signedBy(const LogHead& head, const crypto::PublicKey& key);

/// A head with what it stands for: what a till keeps.
struct LogState {
    LogHead head;
    crypto::ShardHeads shards;

    bool operator==(const LogState&) const = default;
};

/// Of these shards, at this moment, signed.
LogState signLog(const OriginId& log, const crypto::ShardHeads& shards, TimeMs at,
                 const crypto::SigningKey& key);

/// The answer to `GET /sync/v1/log?from=`: now, and for each shard that grew the consistency proof
/// from the size that was asked from.
struct LogAnswer {
    LogState now;
    std::array<crypto::TreePath, crypto::kLogShards> paths;

    bool operator==(const LogAnswer&) const = default;
};

/// JSON. Errors of decoding: invalid, tooLarge; nothing is believed yet.
std::string encodeLogState(const LogState& state);
Result<LogState> decodeLogState(std::string_view json);
std::string encodeLogAnswer(const LogAnswer& answer);
Result<LogAnswer> decodeLogAnswer(std::string_view json);

using LogSizes = std::array<std::uint64_t, crypto::kLogShards>;
LogSizes sizesOf(const crypto::ShardHeads& shards) noexcept;
/// 64 numbers with points between, zeros left out; the empty text is the log without leaves.
std::string sizesText(const LogSizes& sizes);
Result<LogSizes> parseSizes(std::string_view text);

/// What is wrong with an answer.
enum class LogFault : std::uint8_t {
    none,
    unsound,  ///< not signed with the key, or the signature is of something else
    otherLog, ///< of another head office
    shorter,  ///< a shard has fewer leaves than it had: a backup was put back, or events taken out
    forked,   ///< what was there is not there any more as it was
    silent,   ///< head office answers and shows no head any more
};
/// "" "unsound" "other-log" "shorter" "forked" "silent"
std::string_view name(LogFault) noexcept;
std::optional<LogFault> logFaultFrom(std::string_view name) noexcept;

/// `{"fault":"forked"}`; an empty fault says that an alarm is over. Errors: invalid.
std::string encodeLogAlarm(LogFault fault);
Result<LogFault> decodeLogAlarm(std::string_view json);

/// Is the answer head office's own, sound in itself, and does its log begin with the one `kept`
/// (null: nothing was kept yet)?
LogFault judgeLog(const LogState* kept, const LogAnswer& answer, const crypto::PublicKey& key);

} // namespace souffleur::protocol
