// What a Ledger is made of. Internal to this room.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>

#include "plugin/ledger/Database.h"
#include "plugin/ledger/Hasher.h"
#include "plugin/ledger/Ledger.h"
#include "plugin/ledger/Operators.h"
#include "plugin/ledger/Outbox.h"
#include "plugin/ledger/Recorder.h"
#include "plugin/ledger/Search.h"
#include "plugin/ledger/Vault.h"

namespace souffleur::ledger {

class Ledger::Parts {
public:
    Parts(const LedgerOptions& options, const Clock& clock, Random& random,
          std::unique_ptr<Database> database);

    LedgerOptions options;
    const Clock& clock;
    Random& random;
    std::mutex randomMutex;
    Hasher hasher;
    Vault vault;
    std::atomic<bool> openCaptures{true}; ///< there may be some that are not sealed
    std::unique_ptr<Database> database;
    Recorder recorder; ///< inside database->write only
    Search search;
    Outbox outbox;
    Operators operators;
    std::atomic<TimeMs> inStepAt{0};
    /// The last of own_chain, as far as known; inside database->write only.
    struct Tail {
        std::uint64_t seq = 0;
        crypto::Hash head{};
    };
    std::optional<Tail> tail;
    mutable std::shared_mutex rulesMutex;
    consent::StateRules rules; ///< for readers

    /// First opening: who we are. Later: whether it is still so; and the rules of the pack.
    Result<void> settle();
    /// This device has a new id: see LedgerOptions::formerly.
    Result<void> succeed(Connection& c, const OriginId& former);
    /// Event, header and payload of a draft, ready to be written.
    struct Prepared {
        consent::Event event;
        std::string header;
        std::string payload; ///< what is to be read here of it
        std::string sealed;  ///< the whole one; empty: there is no key
    };
    /// Seals the payload where there is a key.
    Result<void> hide(Prepared& event);
    Result<Prepared> prepare(const Draft& draft);
    Result<std::vector<Appended>> record(Connection& c, std::vector<Prepared>& events,
                                         std::string_view key, std::string_view request,
                                         Recorder::Touched& touched);
    static Earlier earlier(Connection& c, std::string_view key);
    /// Places one foreign event; false = a duplicate. Errors: it belongs in quarantine.
    Result<bool> takeIn(Connection& c, const Foreign& foreign, Recorder::Touched& touched);
    void rereadQuarantine(Connection& c);
    void quarantine(Connection& c, const Foreign& foreign, const Error& why,
                    Recorder::Touched& touched);
    [[nodiscard]] consent::StateRules rulesNow() const;
};

/// Contact rows as a screen may show them.
ContactView viewOf(const ContactRow& row);

} // namespace souffleur::ledger
