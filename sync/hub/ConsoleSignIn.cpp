#include "sync/hub/ConsoleSignIn.h"

#include <algorithm>

#include "plugin/crypto/Encoding.h"
#include "plugin/crypto/Handle.h"

namespace souffleur::hub {

TimeMs lockMs(int failures) noexcept {
    if (failures < kFreeFailures) return 0;
    const int doublings = std::min(failures - kFreeFailures, 10);
    return std::min(kFirstLockMs << doublings, kLongestLockMs);
}

ConsoleSignIn::ConsoleSignIn(store::Store& store, const Clock& clock, Random& random,
                             crypto::Secret pepper)
    : _store(store), _clock(clock), _hasher(std::move(pepper)) {
    const auto secret = crypto::toHex(crypto::bytesOf(crypto::randomHandle(random)));
    _nobody = _hasher.hash(secret, random).value();
}

Result<void> ConsoleSignIn::note(const std::string& name, std::string_view action) {
    return _store.audit({_clock.now().at, name, std::string(action), ""});
}

Result<store::StaffRow> ConsoleSignIn::check(const std::string& name, std::string_view password) {
    const std::lock_guard lock(_mutex);
    const TimeMs now = _clock.now().at;
    auto row = _store.staff(name);
    if (!row && row.error().code != Code::notFound) return passOn(row);
    if (row && row->lockedUntil > now) {
        return fail(Code::locked, "too many wrong passwords: try again later",
                    std::to_string(row->lockedUntil - now));
    }
    const auto right = _hasher.verify(password, row ? row->password : _nobody);
    if (!right) return passOn(right);
    if (!row) {
        // What was typed as a name may be anything, a password too: it is not kept.
        if (auto noted = note("unknown", "session.refused"); !noted) return passOn(noted);
        return fail(Code::refused, "name or password is wrong");
    }
    if (!*right) {
        row->failures = std::min(row->failures + 1, 1000);
        row->lockedUntil = lockMs(row->failures) > 0 ? now + lockMs(row->failures) : 0;
        if (auto stored = _store.putStaff(*row); !stored) return passOn(stored);
        if (auto noted = note(name, "session.refused"); !noted) return passOn(noted);
        return fail(Code::refused, "name or password is wrong");
    }
    if (row->failures > 0) {
        row->failures = 0;
        row->lockedUntil = 0;
        if (auto stored = _store.putStaff(*row); !stored) return passOn(stored);
    }
    if (auto noted = note(name, "session.begin"); !noted) return passOn(noted);
    return row;
}

} // namespace souffleur::hub
