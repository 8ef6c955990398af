// What the till's other parts tell the pages: values that the counter does not know.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "plugin/base/Clock.h"
#include "plugin/counter/Desk.h"

namespace souffleur::api {

/// The link to head office.
struct SyncView {
    /// "synced" "syncing" "behind" "offline" "refused" "revoked" "forked"
    /// "not-enrolled"
    std::string state = "not-enrolled";
    TimeMs lastAt = 0;         ///< UTC ms of the last complete exchange; 0 = never
    std::uint64_t pending = 0; ///< answers not yet at head office
    TimeMs leaseUntil = 0;     ///< UTC ms; 0 = no lease is needed or known

    bool operator==(const SyncView&) const = default;
};

/// The ticketing system.
struct HostView {
    bool connected = false;
    std::string kind; ///< "abi" "print-tap" "pretix"; empty = none is set up
};

/// The ledger's health, asked for at each GET /status.
struct LedgerView {
    std::string state = "ok"; ///< "ok" "read-only" "disk-full" "damaged"
    std::uint64_t events = 0;
    std::uint64_t subjects = 0;
    /// "unsound" "other-log" "shorter" "forked" "silent": what this till found wrong with head
    /// office's log; empty: nothing.
    std::string logAlarm;
};

/// What stays the same while the program runs.
struct ApiSettings {
    std::string placeId = "till-1";
    std::string placeName = "Till 1";
    std::string language = "en"; ///< of the page, when the reader's is not known
    std::vector<std::string> languages = {"nl", "ca", "es", "ru", "en", "de", "fr"};
    std::string version = "0.1.0";
    /// What is offered to choose from, by the reader's language; "" = any other.
    std::map<std::string, counter::PreferenceOptions> preferences;
};

} // namespace souffleur::api
