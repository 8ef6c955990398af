#include "sync/agent/LogWatch.h"

#include <cstdio>

namespace souffleur::agent {

LogWatch::LogWatch(Parts parts, std::function<std::optional<crypto::PublicKey>()> announced,
                   TimeMs everyMs)
    : _parts(parts), _announced(std::move(announced)), _everyMs(everyMs) {
    auto record = loadLogRecord(_parts.ledger);
    if (record) {
        _record = *std::move(record);
    } else {
        // Begun anew, and not unseen.
        (void) std::fprintf(stderr, "souffleur: %s\n", record.error().text().c_str());
        (void) _parts.ledger.audit("system", "log.memory-lost", "");
    }
    if (_record.alarm) _fault = _record.alarm->fault;
}

void LogWatch::check() {
    const TimeMs now = _parts.clock.monotonicMs();
    if (now < _nextAt) return;
    _nextAt = now + _everyMs;
    if (!_record.alarm) follow();
    tell();
}

void LogWatch::follow() {
    std::optional<crypto::PublicKey> key = _record.key;
    if (!key && _announced) key = _announced();
    if (!key) return; // an older head office
    const protocol::LogState* kept = _record.kept ? &*_record.kept : nullptr;
    const auto answer =
        _parts.hub.log(kept == nullptr ? protocol::LogSizes{} : protocol::sizesOf(kept->shards));
    if (!answer) return; // away, or an older one
    const protocol::LogFault fault = protocol::judgeLog(kept, *answer, *key);
    if (fault != protocol::LogFault::none) return raise(fault, answer->now);
    if (kept != nullptr && kept->head.size == answer->now.head.size) return;
    _record.key = key;
    _record.kept = answer->now;
    save();
}

void LogWatch::raise(protocol::LogFault fault, const protocol::LogState& shown) {
    _record.alarm = LogAlarm{fault, _parts.clock.now().at, false, shown};
    _fault = fault;
    save();
    const std::string word(protocol::name(fault));
    (void) _parts.ledger.audit("system", "log.alarm", word);
    (void) std::fprintf(
        stderr,
        "souffleur: head office's log is not the one that this till saw (%s): tell "
        "whoever runs head office; `souffleur ledger log` shows both signed heads\n",
        word.c_str());
}

void LogWatch::tell() {
    if (_record.alarm && !_record.alarm->told) {
        if (!_parts.hub.logAlarm(_record.alarm->fault)) return;
        _record.alarm->told = true;
        save();
    } else if (!_record.alarm && _record.over) {
        if (!_parts.hub.logAlarm(protocol::LogFault::none)) return;
        _record.over = false;
        save();
    }
}

void LogWatch::save() {
    // A full disk: the record in memory serves until the next change, or the next start finds an
    // earlier head, from which the log must go on as well.
    (void) saveLogRecord(_parts.ledger, _record);
}

} // namespace souffleur::agent
