// The hub's data folder: authority, TLS key, house key, own signing key, store. Everything 0600.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "plugin/base/Random.h"
#include "plugin/base/Result.h"
#include "plugin/crypto/Certificates.h"
#include "plugin/crypto/Secret.h"
#include "plugin/crypto/SigningKey.h"
#include "plugin/http/Tls.h"
#include "sync/store/Store.h"

namespace souffleur::hub {

class HubOrigin;

/// Life of the certificates that the hub issues.
inline constexpr TimeMs kAuthorityLifeMs = 3650 * kDayMs;
inline constexpr TimeMs kServerLifeMs = 398 * kDayMs;
/// A start of head office makes a new server certificate where the present one lasts no longer.
inline constexpr TimeMs kServerRenewMs = kServerLifeMs / 2;
inline constexpr TimeMs kDeviceLifeMs = 90 * kDayMs;

/// Borrowed by the hub's parts for as long as the process runs. Thread-safe after open().
class Home {
public:
    /// Opens a head office that stands. `names`: host names and IPv4 addresses that it answers to
    /// beside localhost, for its certificate, which is made anew near its end. `alone` as
    /// store::openSqlite has it. Borrows clock and random. Errors: notFound (no head office there),
    /// locked, storage, corrupt; `alone` also unavailable (this machine's clock cannot be right:
    /// checkOwnClock), conflict (founded by a clock that ran ahead).
    static Result<std::unique_ptr<Home>> open(const std::filesystem::path& folder,
                                              const Clock& clock, Random& random, bool alone = true,
                                              const std::vector<std::string>& names = {});
    /// The same, and founds a new house where the folder is missing or empty; a founding that was
    /// broken off is finished. Errors: conflict (the folder holds other things), unavailable (the
    /// clock: nothing is made), and open()'s.
    static Result<std::unique_ptr<Home>> found(const std::filesystem::path& folder,
                                               const Clock& clock, Random& random,
                                               bool alone = true,
                                               const std::vector<std::string>& names = {});
    /// Does a head office stand in this folder, or was one begun? Errors: storage (unreadable).
    static Result<bool> standsIn(const std::filesystem::path& folder);

    ~Home();
    Home(const Home&) = delete;
    Home& operator=(const Home&) = delete;

    [[nodiscard]] store::Store& store() const noexcept { return *_store; }
    [[nodiscard]] const crypto::Authority& authority() const noexcept { return _authority; }
    [[nodiscard]] const crypto::SigningKey& signingKey() const noexcept { return _signingKey; }
    [[nodiscard]] const crypto::Hash& houseKey() const noexcept { return _houseKey; }
    /// The secret that staff passwords are peppered with.
    [[nodiscard]] crypto::Secret pepper() const {
        return crypto::Secret(std::string(crypto::bytesOf(_pepper)));
    }
    /// The key of what a till sealed, by its Ledger::vaultId(): derived from a secret that never
    /// leaves this folder and is in every copy of it since it was founded.
    [[nodiscard]] crypto::Hash leaseKey(std::string_view vault) const;
    /// What the private keys for sign-ups are encrypted with where they are stored.
    [[nodiscard]] crypto::Hash intakeSecret() const;
    /// Held by whoever issues certificates: the authority is not thread-safe.
    [[nodiscard]] std::mutex& issuing() const noexcept { return _issuing; }
    /// The one writer of the hub's own chain, shared by all that head office itself says.
    [[nodiscard]] HubOrigin& chain() const noexcept { return *_chain; }
    /// The hub's own origin, enrolled and active.
    [[nodiscard]] const OriginId& origin() const noexcept { return _origin; }
    [[nodiscard]] const std::filesystem::path& folder() const noexcept { return _folder; }
    [[nodiscard]] http::ServerTls tls() const;
    /// When the certificate in tls() ends, UTC ms. Errors: the file's.
    [[nodiscard]] Result<TimeMs> certificateEnds() const;
    /// SHA-256 of the server's public key: what an invitation pins.
    [[nodiscard]] Result<crypto::Hash> pin() const;

private:
    Home(std::filesystem::path folder, crypto::Authority authority, crypto::SigningKey signingKey);
    static Result<std::unique_ptr<Home>> openAll(const std::filesystem::path& folder,
                                                 const Clock& clock, Random& random, bool alone,
                                                 const std::vector<std::string>& names);
    Result<void> openStore(const Clock& clock, Random& random, bool alone);

    std::filesystem::path _folder;
    mutable std::mutex _issuing;
    crypto::Authority _authority;
    crypto::SigningKey _signingKey;
    crypto::Hash _houseKey{};
    crypto::Hash _pepper{};
    OriginId _origin;
    std::unique_ptr<store::Store> _store;
    std::unique_ptr<HubOrigin> _chain;
};

} // namespace souffleur::hub
