// What a kiosk sends: a visitor's answers, sealed for head office before they touch a disk and
// signed by the kiosk (DESIGN 8). WIRE.md, "Sealed"; plugin/doc/adr/0013.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "plugin/base/Clock.h"
#include "plugin/base/Id.h"
#include "plugin/base/Result.h"
#include "plugin/crypto/Handle.h"
#include "plugin/crypto/Hash.h"
#include "plugin/crypto/Secret.h"
#include "plugin/crypto/SigningKey.h"

namespace souffleur::protocol {

inline constexpr std::size_t kSealedEventsMax = 4;              ///< of one sign-up
inline constexpr std::size_t kSealedPlainMaxBytes = 192 * 1024; ///< of one item, before sealing
inline constexpr std::size_t kSealedItemMaxBytes = 208 * 1024;  ///< sealed
inline constexpr std::size_t kSealedItemsMax = 200;             ///< in one request
inline constexpr std::size_t kSealedBodyMaxBytes = 1024 * 1024;
/// Numbers run from 1 and fit in any JSON reader.
inline constexpr std::uint64_t kSealedNumberMax = (std::uint64_t{1} << 53U) - 1;

// --- what is inside

/// A visitor's answers as events that are ready to be placed: all of one new subject.
struct SignUp {
    struct Item {
        std::string header;  ///< verbatim (plugin/wire/FORMAT.md)
        std::string payload; ///< verbatim, empty = none

        bool operator==(const Item&) const = default;
    };
    std::vector<Item> events; ///< 1..kSealedEventsMax

    bool operator==(const SignUp&) const = default;
};

/// The code of an old slip, to take back what it stands for.
struct SlipWithdrawal {
    crypto::Handle code{};
    EventId event; ///< of the withdrawal to be made: the same item makes it once
    TimeMs at = 0;
    TimeMs unc = 0; ///< kUncInfinite: the kiosk does not know the time
    int offsetMin = 0;

    bool operator==(const SlipWithdrawal&) const = default;
};

using SealedContent = std::variant<SignUp, SlipWithdrawal>;

/// Errors: invalid, tooLarge.
Result<crypto::Secret> encodeContent(const SealedContent& content);
/// Strict but for members it does not know. Errors: invalid, tooLarge, unsupported (a later version
/// or kind: kept until this hub is updated).
Result<SealedContent> decodeContent(std::string_view json);

// --- what is outside

/// One item as it lies on the kiosk's disk and travels.
struct SealedItem {
    std::uint64_t number = 0; ///< running number of the kiosk, never used twice
    std::uint64_t key = 0;    ///< number of the intake key that it is sealed for
    std::string sealed;       ///< CMS AuthEnvelopedData, DER
    crypto::Signature signature{};
    /// Under which id it was signed: a former one of the kiosk that sends it, or none: the
    /// sender's.
    OriginId origin{};

    bool operator==(const SealedItem&) const = default;
};

/// "souffleur-sealed-1" ‖ origin (16) ‖ number (8, big endian) ‖ key (8) ‖ SHA-256 of the sealed
/// bytes.
std::string sealedSigningInput(const OriginId& origin, const SealedItem& item);
void sign(SealedItem& item, const OriginId& origin, const crypto::SigningKey& key);
/// To be asked before anything parses `sealed`. Errors: corrupt.
Result<void> checkItem(const SealedItem& item, const OriginId& origin,
                       const crypto::PublicKey& key);

/// What a kiosk still holds of what head office said that it has: how many, between which numbers.
struct SealedTold {
    OriginId origin; ///< none: the sender's
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    std::uint64_t count = 0;

    bool operator==(const SealedTold&) const = default;
};
inline constexpr std::size_t kSealedToldMax = 65;

struct SealedBatch {
    std::vector<SealedItem> items; ///< 0..kSealedItemsMax, any order
    /// The oldest intake key that something unsent is sealed for: older ones this kiosk needs no
    /// more. 0 = it does not say.
    std::uint64_t needsFrom = 0;
    /// One for each id. Head office finds by it that it was put back from a backup.
    std::vector<SealedTold> told{};

    bool operator==(const SealedBatch&) const = default;
};
std::string encodeSealedBatch(const SealedBatch& batch);
/// Errors: invalid, tooLarge, unsupported.
Result<SealedBatch> decodeSealedBatch(std::string_view json);

/// What became of an item. `placed`, `had` and `kept` are durable at head office.
enum class SealedFate : std::uint8_t {
    placed,  ///< in the log
    had,     ///< it came before
    kept,    ///< it cannot be opened or may not be placed: kept raw, alarmed
    refused, ///< its signature does not hold: not even kept
    later,   ///< not taken now (a later version, no room, an id that is not known): send it again
};
std::string_view name(SealedFate fate) noexcept;

struct SealedAnswer {
    struct Fate {
        std::uint64_t number = 0;
        SealedFate fate = SealedFate::placed;

        bool operator==(const Fate&) const = default;
    };
    std::vector<Fate> fates; ///< one for each item of the request
    /// Head office does not have all that it was said to have: send all of it again.
    bool again = false;

    bool operator==(const SealedAnswer&) const = default;
};
std::string encodeSealedAnswer(const SealedAnswer& answer);
Result<SealedAnswer> decodeSealedAnswer(std::string_view json);

/// The present public key for sign-ups, signed by head office (Welcome::logKey).
struct Intake {
    std::uint64_t number = 0; ///< larger for a later one
    std::string certificatePem;
    crypto::Signature signature{};

    bool operator==(const Intake&) const = default;
};
/// "souffleur-intake-1\n" ‖ number ‖ "\n" ‖ certificate.
std::string intakeSigningInput(const Intake& intake);
std::string encodeIntake(const Intake& intake);
Result<Intake> decodeIntake(std::string_view json);
/// Errors: corrupt (not head office's word).
Result<void> checkIntake(const Intake& intake, const crypto::PublicKey& houseKey);

} // namespace souffleur::protocol
