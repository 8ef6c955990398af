// Full addresses of what was captured here, under a key that is not on the disk (DESIGN 6, lease;
// plugin/doc/adr/0010). What the till works with stays beside it: a part with masked addresses and
// their keyed hashes, from which every projection comes out the same. Internal to this room.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "plugin/base/Id.h"
#include "plugin/base/Random.h"
#include "plugin/base/Result.h"
#include "plugin/crypto/Hash.h"
#include "plugin/ledger/Hasher.h"

namespace souffleur::ledger {

/// Is the stored payload what was left when the whole one was sealed?
[[nodiscard]] bool isPart(std::string_view payload) noexcept;
/// What may stay readable of a payload: no address, only how it is shown and found. Errors: as
/// wire::decodePayload.
Result<std::string> partOf(const Hasher& hasher, std::string_view payload);

/// Holds the key in memory, wiped when it goes. Thread-safe.
class Vault {
public:
    ~Vault() { drop(); }
    Vault() = default;
    Vault(const Vault&) = delete;
    Vault& operator=(const Vault&) = delete;

    void hold(const crypto::Hash& key);
    void drop() noexcept;
    [[nodiscard]] bool holds() const;
    /// Errors: locked (no key), tooLarge.
    Result<std::string> seal(const EventId& event, std::string_view payload, Random& random) const;
    /// Errors: locked (no key), corrupt (another key).
    Result<std::string> open(const EventId& event, std::string_view sealed) const;

private:
    mutable std::mutex _mutex;
    std::optional<crypto::Hash> _key;
};

} // namespace souffleur::ledger
