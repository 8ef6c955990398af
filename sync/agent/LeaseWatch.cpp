#include "sync/agent/LeaseWatch.h"

#include <algorithm>
#include <sstream>

#include "plugin/crypto/Secret.h"

namespace souffleur::agent {
namespace {

/// Until, ahead and reached, with spaces between.
constexpr const char* kHeldSetting = "lease.held";
constexpr TimeMs kRetryMs = kMinuteMs;
constexpr TimeMs kKeepMs = 5 * kMinuteMs;
constexpr std::size_t kSealAtOnce = 100;

bool withdrawn(const ledger::Ledger& ledger) {
    return ledger.setting(kLeaseSetting).value_or("") == kLeaseWithdrawn;
}

struct Times {
    TimeMs until = 0;
    TimeMs ahead = 0;
    TimeMs reached = 0;
};

/// None where head office never granted one.
Times timesOf(const ledger::Ledger& ledger) {
    Times out;
    const auto text = ledger.setting(kHeldSetting);
    if (!text) return out;
    std::istringstream in(*text);
    in >> out.until >> out.ahead >> out.reached;
    const bool sound = !in.fail() && out.until > 0 && out.until <= kMaxTime && out.reached >= 0 &&
                       out.reached <= kMaxTime && std::abs(out.ahead) <= kMaxTime;
    // What cannot be read is a lease that is over: head office gives another one.
    return sound ? out : Times{1, 0, 1};
}

} // namespace

bool leaseStands(const ledger::Ledger& ledger, const Clock& clock) {
    if (withdrawn(ledger)) return false;
    const Times times = timesOf(ledger);
    return times.until == 0 || std::max(times.reached, clock.now().at - times.ahead) < times.until;
}

LeaseWatch::LeaseWatch(Parts parts, TimeMs everyMs) : _parts(parts), _everyMs(everyMs) {
    const Times times = timesOf(_parts.ledger);
    _held = {times.until, times.ahead, times.reached};
    _withdrawn = withdrawn(_parts.ledger);
    _anchorMono = _parts.clock.monotonicMs();
    _anchorHub = std::max(_held.reached, _parts.clock.now().at - _held.ahead);
    _keepAt = _anchorMono + kKeepMs;
    _told = readableNow();
}

LeaseWatch::~LeaseWatch() {
    const std::lock_guard lock(_mutex);
    if (_held.until == 0) return;
    _held.reached = hubNow();
    keep();
}

TimeMs LeaseWatch::hubNow() const {
    const TimeMs ran = _anchorHub + (_parts.clock.monotonicMs() - _anchorMono);
    const TimeMs now = std::max({_held.reached, _parts.clock.now().at - _held.ahead, ran});
    return std::clamp(now, kMinTime, kMaxTime);
}

bool LeaseWatch::readableNow() const {
    return !_withdrawn && (_held.until == 0 || hubNow() < _held.until);
}

bool LeaseWatch::readable() const {
    const std::lock_guard lock(_mutex);
    return readableNow();
}

TimeMs LeaseWatch::until() const {
    const std::lock_guard lock(_mutex);
    return _held.until;
}

void LeaseWatch::renew() {
    setWithdrawn(false);
    const TimeMs now = _parts.clock.monotonicMs();
    const bool due = now >= _nextAt;
    if (due) _nextAt = now + (ask().has_value() ? _everyMs : kRetryMs);
    (void) noteReadable();
}

Result<void> LeaseWatch::need() {
    return ask();
}

Result<void> LeaseWatch::ask() {
    const TimeMs askedAt = _parts.clock.monotonicMs();
    const auto vault = _parts.ledger.vaultId();
    if (!vault) return passOn(vault); // a full disk: tried again
    auto lease = _parts.hub.lease(*vault);
    if (!lease) return passOn(lease); // away, or an older head office
    _parts.ledger.holdKey(lease->key);
    crypto::wipe(lease->key.data(), lease->key.size());
    if (lease->lengthMs > 0) take(*lease, askedAt);
    return {};
}

void LeaseWatch::take(const protocol::Lease& lease, TimeMs askedAt) {
    const std::lock_guard lock(_mutex);
    _held.until = std::min(lease.at + lease.lengthMs, kMaxTime);
    _held.ahead = _parts.clock.now().at - lease.at;
    _held.reached = lease.at;
    _anchorHub = lease.at;
    _anchorMono = askedAt; // the answer may have taken its time
    keep();
}

void LeaseWatch::setWithdrawn(bool withdrawn) {
    {
        const std::lock_guard lock(_mutex);
        if (_withdrawn == withdrawn) return;
        _withdrawn = withdrawn;
    }
    // Outlives a restart without a network.
    (void) _parts.ledger.putSetting(kLeaseSetting, withdrawn ? kLeaseWithdrawn : "");
}

void LeaseWatch::withdraw() {
    setWithdrawn(true);
    _parts.ledger.dropKey();
    _nextAt = 0;
    (void) noteReadable();
}

void LeaseWatch::keep() {
    _keepAt = _parts.clock.monotonicMs() + kKeepMs;
    // A full disk: the next one says it again, and what stands there is not later.
    (void) _parts.ledger.putSetting(kHeldSetting, std::to_string(_held.until) + ' ' +
                                                      std::to_string(_held.ahead) + ' ' +
                                                      std::to_string(_held.reached));
}

bool LeaseWatch::tick() {
    (void) _parts.ledger.sealCaptures(kSealAtOnce); // a full disk: tried again
    {
        const std::lock_guard lock(_mutex);
        if (_held.until != 0) {
            _held.reached = hubNow();
            if (_parts.clock.monotonicMs() >= _keepAt) keep();
        }
    }
    return noteReadable();
}

bool LeaseWatch::noteReadable() {
    bool now = false;
    bool changed = false;
    bool withdrawn = false;
    {
        const std::lock_guard lock(_mutex);
        now = readableNow();
        changed = now != _told;
        _told = now;
        withdrawn = _withdrawn;
        if (changed && !now && _held.until != 0) {
            _held.reached = hubNow();
            keep();
        }
    }
    if (!changed) return now;
    const char* what = now ? "lease.begin" : withdrawn ? "lease.over" : "lease.lapsed";
    (void) _parts.ledger.audit("system", what, "");
    return now;
}

} // namespace souffleur::agent
