// States from a file of events, for auditors: the same rules as everywhere, no database.
#pragma once

#include <functional>
#include <istream>
#include <string>

#include "plugin/base/Result.h"
#include "plugin/consent/StateOf.h"

namespace souffleur::ledger {

struct ReplayReport {
    std::size_t lines = 0;
    std::size_t events = 0;     ///< distinct
    std::size_t unreadable = 0; ///< lines passed over
    std::size_t subjects = 0;
};

/// Reads NDJSON, one event a line: `{"origin","seq","header":{…}}` as Ledger::exportNdjson writes
/// it, or a bare header, or `{"header":…,"seq":…}`. Calls `line` with one JSON object for every
/// subject x controller x purpose x channel on file, ordered:
/// `{"subject","person","controller","purpose","channel","state","asOf","because","at",…}`.
/// `now`: lapses what has lapsed by then. The first unreadable line is an error unless `lenient`.
/// At most 10,000,000 lines of 128 KiB. Errors: invalid with the line number, tooLarge.
Result<ReplayReport> replay(std::istream& in, const consent::StateRules& rules, TimeMs now,
                            bool lenient, const std::function<void(const std::string&)>& line);

} // namespace souffleur::ledger
