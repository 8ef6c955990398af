// Until when this till may show whom it holds, and the key of what it sealed (DESIGN 6, lease;
// plugin/doc/adr/0010).
#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "plugin/base/Clock.h"
#include "plugin/ledger/Ledger.h"
#include "sync/protocol/Lease.h"

namespace souffleur::agent {

/// Head office as far as leases go. Errors: as protocol::Hub.
class LeaseSource {
public:
    virtual ~LeaseSource() = default;
    /// `vault`: Ledger::vaultId().
    virtual Result<protocol::Lease> lease(const std::string& vault) = 0;
};

/// Between two renewals.
inline constexpr TimeMs kLeaseEveryMs = 10 * kMinuteMs;

/// The lease by head office's time: what the hub's clock said last, carried on by this till's
/// clock and by the time that it ran, never back. A clock that is set back lengthens nothing; one
/// that leaps ahead ends the lease until head office is reached again. What was reached is kept in
/// the ledger, so that a restart is no way back either. Thread-safe; renew() and need() from one
/// thread.
class LeaseWatch {
public:
    struct Parts {
        LeaseSource& hub;
        ledger::Ledger& ledger;
        const Clock& clock;
    };
    /// Borrows the parts.
    explicit LeaseWatch(Parts parts, TimeMs everyMs = kLeaseEveryMs);
    ~LeaseWatch();
    LeaseWatch(const LeaseWatch&) = delete;
    LeaseWatch& operator=(const LeaseWatch&) = delete;

    /// This till was in step with head office a moment ago: asks for a new lease where one is due,
    /// and ends a withdrawal.
    void renew();
    /// What was sealed must be opened: asks for the key at once. Errors: head office's.
    Result<void> need();
    /// Head office withdrew this till: nothing is readable, and the key is gone.
    void withdraw();
    /// Time passed: seals what was captured without a key and notes how late it is. readable().
    bool tick();
    [[nodiscard]] bool readable() const;
    /// By head office's clock; 0: it grants none (an older one), and there is no end.
    [[nodiscard]] TimeMs until() const;

private:
    struct Held {
        TimeMs until = 0;   ///< by head office's clock
        TimeMs ahead = 0;   ///< this till's clock before head office's, when it was granted
        TimeMs reached = 0; ///< by head office's clock, at the latest look
    };
    [[nodiscard]] TimeMs hubNow() const;
    [[nodiscard]] bool readableNow() const;
    Result<void> ask();
    void take(const protocol::Lease& lease, TimeMs askedAt);
    void setWithdrawn(bool withdrawn);
    void keep();
    bool noteReadable();

    Parts _parts;
    TimeMs _everyMs;
    TimeMs _nextAt = 0; ///< of renewals; the one thread's
    mutable std::mutex _mutex;
    Held _held;
    bool _withdrawn = false;
    bool _told = true; ///< readable, as last noted
    TimeMs _anchorHub = 0;
    TimeMs _anchorMono = 0;
    TimeMs _keepAt = 0;
};

/// The ledger's setting that says whether head office withdrew this till, and what stands there
/// then.
inline constexpr const char* kLeaseSetting = "lease";
inline constexpr const char* kLeaseWithdrawn = "revoked";

/// Of a till that is closed: may what it holds be read now?
[[nodiscard]] bool leaseStands(const ledger::Ledger& ledger, const Clock& clock);

} // namespace souffleur::agent
