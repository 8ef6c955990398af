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
    if (_unsaved) save();
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
    if (!answer) return noteSilence();
    _silentTimes = 0;
    const bool silent = _record.silentSince != 0;
    _record.silentSince = 0;
    const protocol::LogFault fault = protocol::judgeLog(kept, *answer, *key);
    if (fault != protocol::LogFault::none) return raise(fault, answer->now);
    if (!silent && kept != nullptr && kept->head.size == answer->now.head.size) return;
    _record.key = key;
    _record.kept = answer->now;
    save();
}

void LogWatch::noteSilence() {
    if (!_record.kept) return; // an older head office never showed one
    ++_silentTimes;
    const TimeMs now = _parts.clock.now().at;
    if (_record.silentSince == 0) {
        _record.silentSince = now;
        save();
    }
    // Once may be chance: it went away between two questions.
    if (_silentTimes >= kSilentTimes && now - _record.silentSince >= kSilentMs)
        raise(protocol::LogFault::silent, std::nullopt);
}

void LogWatch::raise(protocol::LogFault fault, const std::optional<protocol::LogState>& shown) {
    _record.alarm = LogAlarm{fault, _parts.clock.now().at, false, shown};
    _fault = fault;
    save();
    const std::string word(protocol::name(fault));
    (void) _parts.ledger.audit("system", "log.alarm", word);
    (void) std::fprintf(
        stderr,
        "souffleur: head office's log is not the one that this till saw, or is shown "
        "no more (%s): tell whoever runs head office; `souffleur ledger log` shows "
        "what this till has\n",
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
    // A full disk: the record in memory serves, and is written at the next look. Where the program
    // ends before, nothing is lost that is not found again: an earlier head is one from which the
    // log must go on as well, an alarm is raised anew from it, and what was told is told again,
    // which head office takes for once (store::Store::noteLogAlarm).
    _unsaved = !saveLogRecord(_parts.ledger, _record).has_value();
}

} // namespace souffleur::agent
