// The machines of a run: head office and its tills, with the code that ships in them.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "plugin/crypto/SigningKey.h"
#include "plugin/http/Router.h"
#include "plugin/ledger/Ledger.h"
#include "sync/agent/HttpHub.h"
#include "sync/agent/LedgerEnds.h"
#include "sync/hub/Home.h"
#include "sync/hub/HubOrigin.h"
#include "sync/hub/SyncRoutes.h"
#include "tests/integration/power_loss/LossyDisk.h"
#include "tests/sim/Network.h"

namespace souffleur::sim {

/// What every head office of a process of tests may share: its authority and TLS key, which cost
/// time to make and decide nothing here (the simulated network does no TLS).
class HouseKeys {
public:
    /// Made in this folder.
    explicit HouseKeys(const std::filesystem::path& folder);
    void giveTo(const std::filesystem::path& hub) const;

private:
    std::filesystem::path _folder;
};

/// A machine with a disk of its own, whose power can go.
class Machine {
public:
    Machine(test::LossyDisk& disk, std::filesystem::path folder);
    [[nodiscard]] const std::filesystem::path& folder() const { return _folder; }
    [[nodiscard]] bool hasPower() const { return !_disk.isCut(_folder.string()); }
    void cutAfter(std::uint64_t changes) { _disk.cutAfter(changes, _folder.string()); }
    void cut() { _disk.cut(_folder.string()); }

protected:
    /// Its databases are closed.
    void settle(Random& random) { _disk.settle(random.below(UINT64_MAX), _folder.string()); }

private:
    test::LossyDisk& _disk;
    std::filesystem::path _folder;
};

class HubNode : public Machine {
public:
    HubNode(test::LossyDisk& disk, std::filesystem::path folder, const TrueTime& time,
            std::uint64_t seed);

    /// Errors: those of a head office that does not open.
    Result<void> open();
    void close();
    /// The power is gone: what was not synced may be gone with it.
    void die(Random& random);
    [[nodiscard]] bool up() const { return _home != nullptr; }
    /// Nothing: it is down, or went down.
    std::optional<http::Response> answer(const http::Request& request);

    [[nodiscard]] hub::Home& home() const { return *_home; }
    [[nodiscard]] store::Store& store() const { return _home->store(); }
    /// How far its own chain has come.
    [[nodiscard]] std::uint64_t ownSeq() const;
    /// A copy of its database, made while it is closed; and back.
    void save();
    [[nodiscard]] bool saved() const { return _saved; }
    [[nodiscard]] std::uint64_t savedSeq() const { return _savedSeq; }
    void restore();
    void dropSaved();

private:
    HubClock _clock;
    SeededRandom _random;
    std::unique_ptr<hub::Home> _home;
    std::unique_ptr<hub::SyncRoutes> _routes;
    std::unique_ptr<http::Router> _router;
    bool _saved = false;
    std::uint64_t _savedSeq = 0;
};

struct TillParts {
    test::LossyDisk& disk;
    Network& network;
    const crypto::Hash& houseKey;
    std::size_t pullLimit;
};

class TillNode : public Machine {
public:
    TillNode(TillParts parts, std::filesystem::path folder, std::size_t number, DeviceClock clock,
             std::uint64_t seed);

    [[nodiscard]] store::Origin enrolment() const;
    Result<void> open();
    void close();
    void die(Random& random);
    [[nodiscard]] bool up() const { return _ledger != nullptr; }

    [[nodiscard]] ledger::Ledger& ledger() const { return *_ledger; }
    [[nodiscard]] protocol::SyncLoop& loop() const { return *_loop; }
    [[nodiscard]] protocol::Outbox& outbox() const { return *_outbox; }
    [[nodiscard]] Sender& sender() { return _sender; }
    [[nodiscard]] DeviceClock& clock() { return _clock; }
    [[nodiscard]] const OriginId& origin() const { return _origin; }
    bool busy = false; ///< a round is under way

private:
    TillParts _parts;
    DeviceClock _clock;
    SeededRandom _random;
    OriginId _origin;
    crypto::SigningKey _key;
    Sender _sender;
    std::unique_ptr<ledger::Ledger> _ledger;
    std::unique_ptr<agent::HttpHub> _hub;
    std::unique_ptr<agent::LedgerOutbox> _outbox;
    std::unique_ptr<agent::LedgerReplica> _replica;
    std::unique_ptr<protocol::SyncLoop> _loop;
};

} // namespace souffleur::sim
