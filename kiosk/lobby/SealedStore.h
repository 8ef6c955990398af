// The kiosk's one store: a file of sealed items, each durable before anybody is thanked.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "plugin/base/Clock.h"
#include "plugin/base/Result.h"
#include "sync/protocol/Ballot.h"
#include "sync/protocol/Sealed.h"

namespace souffleur::lobby {

/// Head office has had it for so long, by head office's own clock: then it goes.
inline constexpr TimeMs kKeepAckedMs = 30 * kDayMs;
/// Less than this free on the disk, and no visitor is asked any more.
inline constexpr std::uint64_t kRoomNeededBytes = 16ULL * 1024 * 1024;
inline constexpr std::uint64_t kRoomLittleBytes = 256ULL * 1024 * 1024;

enum class Room : std::uint8_t { plenty, little, none };

/// Thread-safe. Every function blocks on the disk. Errors: storage (full, read-only, damaged).
class SealedStore {
public:
    /// Opens or makes `folder`/sealed.db, 0600. Errors: also locked (another kiosk process),
    /// corrupt.
    static Result<std::unique_ptr<SealedStore>> open(const std::filesystem::path& folder);
    ~SealedStore();
    SealedStore(const SealedStore&) = delete;
    SealedStore& operator=(const SealedStore&) = delete;

    /// `make` seals and signs under the number it is given; durable when this returns. Errors: also
    /// what `make` gives (nothing is stored then).
    Result<void> add(const std::function<Result<protocol::SealedItem>(std::uint64_t number)>& make);
    /// The oldest that head office does not have, after `number`; at least one if there is any.
    Result<std::vector<protocol::SealedItem>> waiting(std::uint64_t after, std::size_t maxBytes);
    /// What head office said of them at `hubNow`. What it refused stays for ever and is not sent
    /// again; what it takes later waits on.
    Result<void> settle(const std::vector<protocol::SealedAnswer::Fate>& fates, TimeMs hubNow);
    /// What is still here of what head office has, by the id it was signed under; none = it is of
    /// an older build.
    Result<std::vector<protocol::SealedTold>> told() const;
    /// Head office lost some of it: all of it waits again; how many.
    Result<std::uint64_t> sendAgain();
    /// What older builds signed without a word under which id: it was this one.
    Result<void> signedBy(const OriginId& origin);
    /// What head office refused.
    Result<std::uint64_t> refused() const;
    /// Drops what head office has long enough at `hubNow`; how many.
    Result<std::uint64_t> forgetOld(TimeMs hubNow);
    Result<std::uint64_t> pending() const;

    /// A ballot of this day; durable when this returns.
    Result<void> addBallot(const protocol::SealedBallot& ballot, std::int64_t day);
    /// Those of days before this one, in the order of their ids, after `after`; at most
    /// protocol::kBallotsMax.
    Result<std::vector<protocol::SealedBallot>> ballotsBefore(std::int64_t day,
                                                              const protocol::BallotId& after);
    /// Head office has them, or never takes them; and those of days before `oldest` go too.
    Result<void> dropBallots(const std::vector<protocol::BallotId>& ids, std::int64_t oldest);
    /// The oldest intake key that something waiting is sealed for; 0 = nothing waits.
    Result<std::uint64_t> oldestKey() const;
    /// A number of the kiosk's own, kept over a restart: the latest time it was told, and the like.
    Result<std::int64_t> note(const std::string& name) const;
    Result<void> setNote(const std::string& name, std::int64_t value);
    [[nodiscard]] Room room() const;

private:
    struct Database;
    explicit SealedStore(std::unique_ptr<Database> database);
    std::unique_ptr<Database> _database;
};

} // namespace souffleur::lobby
