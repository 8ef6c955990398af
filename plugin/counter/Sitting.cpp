#include "plugin/counter/Sitting.h"

#include <algorithm>

namespace souffleur::counter {

OperatorTile Sitting::tile(const ledger::Operator& row, TimeMs now) const {
    return {row.id, row.name, _language, std::max<TimeMs>(0, row.lockedUntil - now)};
}

bool Sitting::nobodyCan(TimeMs now) const {
    const auto rows = _operators.list();
    // A ledger that cannot be read lets nobody sign in either.
    if (!rows) {
        return true;
    }
    bool pins = false;
    bool badges = false;
    for (const ledger::Operator& row : *rows) {
        if (!row.pin.empty() && row.lockedUntil <= now) {
            return false;
        }
        pins = pins || !row.pin.empty();
        badges = badges || !row.badge.empty();
    }
    // Where some sign in by PIN and none of them may, the badge in a colleague's pocket helps
    // nobody at this till.
    return pins || !badges || _operators.badgeLockedUntil(now).value_or(now + 1) > now;
}

Session Sitting::view(TimeMs now) const {
    Session session;
    session.stage = _stage;
    if (_who && (_stage == Stage::signedIn || _stage == Stage::locked)) {
        session.who = tile(*_who, now);
    }
    session.unidentifiedAllowed = _unidentifiedAllowed || nobodyCan(now);
    session.autoLockAfterMs = _autoLockAfterMs;
    return session;
}

Outcome<std::vector<OperatorTile>> Sitting::tiles(TimeMs now) const {
    constexpr std::size_t kTilesMax = 60;
    const auto rows = _operators.list();
    if (!rows) {
        return refuse(rows.error());
    }
    std::vector<OperatorTile> out;
    for (const ledger::Operator& row : *rows) {
        if (!row.pin.empty() && out.size() < kTilesMax) {
            out.push_back(tile(row, now));
        }
    }
    return out;
}

void Sitting::signedIn(const ledger::Operator& row, TimeMs monoMs) {
    _stage = Stage::signedIn;
    _who = row;
    _who->pin.clear();
    _who->badge.clear();
    touch(monoMs);
}

void Sitting::signOut() {
    _stage = Stage::signedOut;
    _who.reset();
}

void Sitting::lock() {
    if (_stage == Stage::signedIn) {
        _stage = Stage::locked;
    } else if (_stage == Stage::unidentified) {
        signOut();
    }
}

Outcome<void> Sitting::goUnidentified(TimeMs now, TimeMs monoMs) {
    if (!_unidentifiedAllowed && !nobodyCan(now)) {
        return refuse(Code::refused, "unidentified-not-allowed",
                      "this house wants a name; sign in with your PIN");
    }
    _stage = Stage::unidentified;
    _who.reset();
    touch(monoMs);
    return {};
}

bool Sitting::idle(TimeMs monoMs) const {
    const bool open = _stage == Stage::signedIn || _stage == Stage::unidentified;
    return open && _autoLockAfterMs > 0 && monoMs - _touchedMs >= _autoLockAfterMs;
}

bool Sitting::nameWanted(TimeMs now) const {
    return _stage == Stage::unidentified && !_unidentifiedAllowed && !nobodyCan(now);
}

Outcome<void> Sitting::mayCapture() const {
    if (_stage == Stage::locked) {
        return refuse(Code::refused, "locked", "the till is locked; enter the PIN");
    }
    if (_stage == Stage::signedOut) {
        return refuse(Code::refused, "sign-in-needed", "nobody is signed in");
    }
    return {};
}

Outcome<void> Sitting::mayLook() const {
    if (_stage == Stage::unidentified) {
        return refuse(Code::refused, "sign-in-needed",
                      "search and history need somebody signed in");
    }
    return mayCapture();
}

} // namespace souffleur::counter
