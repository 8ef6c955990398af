// An anonymous questionnaire, filled in at a kiosk and sealed for head office: a ballot. Nothing in
// it or around it names anybody, says when within the day it was filled in, or in which order
// (plugin/doc/adr/0016). WIRE.md, "Ballots".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sync/protocol/Sealed.h"

namespace souffleur::protocol {

inline constexpr std::size_t kBallotsMax = 100;         ///< in one request
inline constexpr std::size_t kBallotAnswersMax = 20;    ///< of one ballot
inline constexpr std::size_t kBallotValuesMax = 12;     ///< of one answer
inline constexpr std::size_t kBallotIdMaxBytes = 16;    ///< of questionnaire, question and value
inline constexpr std::uint32_t kBallotVersionMax = 999; ///< of a questionnaire
/// Every ballot is as long as every other before it is sealed: its length tells nothing.
inline constexpr std::size_t kBallotPlainBytes = 3 * 1024;
/// Head office forgets the ids of older ones, so it takes none.
inline constexpr std::int64_t kBallotDaysMax = 400;

using BallotId = Id<struct BallotTag>; ///< random

/// Days since 1970-01-01 where the clock with this offset hangs.
constexpr std::int64_t localDay(TimeMs at, int offsetMin) noexcept {
    const TimeMs local = at + offsetMin * kMinuteMs;
    return (local - (local < 0 ? kDayMs - 1 : 0)) / kDayMs;
}

// --- what is inside

struct BallotAnswer {
    std::string question;
    std::vector<std::string> values; ///< 1..kBallotValuesMax

    bool operator==(const BallotAnswer&) const = default;
};

struct Ballot {
    std::string questionnaire;
    std::uint32_t version = 0;
    std::int64_t day = 0; ///< localDay: nothing finer
    std::vector<BallotAnswer> answers;

    bool operator==(const Ballot&) const = default;
};

/// kBallotPlainBytes, always. Errors: invalid, tooLarge.
Result<crypto::Secret> encodeBallot(const Ballot& ballot);
/// Errors: invalid, tooLarge, unsupported (a later version).
Result<Ballot> decodeBallot(std::string_view json);

// --- what is outside

/// As it lies on the kiosk's disk and travels: without a number, which would tell an order.
struct SealedBallot {
    BallotId id;
    std::uint64_t key = 0; ///< number of the intake key that it is sealed for
    std::string sealed;    ///< CMS AuthEnvelopedData, DER
    crypto::Signature signature{};

    bool operator==(const SealedBallot&) const = default;
};

/// "souffleur-ballot-1" ‖ origin (16) ‖ id (16) ‖ key (8, big endian) ‖ SHA-256 of the sealed
/// bytes.
std::string ballotSigningInput(const OriginId& origin, const SealedBallot& ballot);
void sign(SealedBallot& ballot, const OriginId& origin, const crypto::SigningKey& key);
/// To be asked before anything parses `sealed`. Errors: corrupt.
Result<void> checkBallot(const SealedBallot& ballot, const OriginId& origin,
                         const crypto::PublicKey& key);

/// In the order of their ids, which is none.
std::string encodeBallots(const std::vector<SealedBallot>& ballots);
/// Errors: invalid, tooLarge, unsupported.
Result<std::vector<SealedBallot>> decodeBallots(std::string_view json);

enum class BallotFate : std::uint8_t {
    counted,
    had,     ///< it came before
    later,   ///< of a questionnaire that this head office does not know yet: bring it again
    refused, ///< forged, unreadable, or answers that its questionnaire does not have: dropped
};
std::string_view name(BallotFate fate) noexcept;

struct BallotsAnswer {
    struct Fate {
        BallotId id;
        BallotFate fate = BallotFate::counted;

        bool operator==(const Fate&) const = default;
    };
    std::vector<Fate> fates;

    bool operator==(const BallotsAnswer&) const = default;
};
std::string encodeBallotsAnswer(const BallotsAnswer& answer);
Result<BallotsAnswer> decodeBallotsAnswer(std::string_view json);

} // namespace souffleur::protocol
