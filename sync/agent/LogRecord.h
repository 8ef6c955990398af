// What this device remembers of head office's log: the last signed head that it followed, and the
// evidence where the log did not go on from there. One setting of the ledger.
#pragma once

#include <optional>

#include "plugin/ledger/Ledger.h"
#include "sync/protocol/Log.h"

namespace souffleur::agent {

/// What was shown instead of a log that goes on from the head that was kept.
struct LogAlarm {
    protocol::LogFault fault = protocol::LogFault::none;
    TimeMs at = 0;                           ///< by this device's clock
    bool told = false;                       ///< head office knows
    std::optional<protocol::LogState> shown; ///< none: silent

    bool operator==(const LogAlarm&) const = default;
};

struct LogRecord {
    /// Fixed with the first head; another key later is not believed.
    std::optional<crypto::PublicKey> key;
    std::optional<protocol::LogState> kept;
    std::optional<LogAlarm> alarm;
    /// Since when head office answers and shows no head, by this device's clock; 0 = it does.
    TimeMs silentSince = 0;
    bool over = false; ///< an alarm was accepted, and head office is still to be told

    bool operator==(const LogRecord&) const = default;
};

std::string encodeLogRecord(const LogRecord& record);
/// Errors: corrupt.
Result<LogRecord> decodeLogRecord(std::string_view json);

/// An empty one where nothing was kept yet. Errors: corrupt, storage.
Result<LogRecord> loadLogRecord(const ledger::Ledger& ledger);
Result<void> saveLogRecord(ledger::Ledger& ledger, const LogRecord& record);

} // namespace souffleur::agent
