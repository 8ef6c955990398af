// Who sits at the till: sign-in, lock, idle time. Internal to this room; guarded by the counter's
// mutex.
#pragma once

#include <optional>

#include "plugin/counter/Desk.h"
#include "plugin/counter/Outcome.h"
#include "plugin/ledger/Operators.h"

namespace souffleur::counter {

class Sitting {
public:
    Sitting(ledger::Operators& operators, TimeMs autoLockAfterMs, bool unidentifiedAllowed,
            std::string language)
        : _operators(operators), _autoLockAfterMs(autoLockAfterMs),
          _unidentifiedAllowed(unidentifiedAllowed), _language(std::move(language)) {}

    [[nodiscard]] Stage stage() const { return _stage; }
    /// The pseudonym that goes into events; none = unidentified.
    [[nodiscard]] OperatorId who() const {
        return _stage == Stage::signedIn && _who ? _who->id : OperatorId{};
    }
    [[nodiscard]] Session view(TimeMs now) const;
    [[nodiscard]] Outcome<std::vector<OperatorTile>> tiles(TimeMs now) const;

    void signedIn(const ledger::Operator& row, TimeMs monoMs);
    void signOut();
    void lock();
    Outcome<void> goUnidentified(TimeMs now, TimeMs monoMs);
    /// Somebody touched the page.
    void touch(TimeMs monoMs) { _touchedMs = monoMs; }
    [[nodiscard]] TimeMs touchedMs() const { return _touchedMs; }
    /// Has nobody touched it for too long?
    [[nodiscard]] bool idle(TimeMs monoMs) const;
    /// Is it used without a name in a house that wants names, though somebody could sign in?
    [[nodiscard]] bool nameWanted(TimeMs now) const;
    /// Refuses when not at least captured: sign-in-needed, locked.
    [[nodiscard]] Outcome<void> mayCapture() const;
    [[nodiscard]] Outcome<void> mayLook() const;

private:
    [[nodiscard]] OperatorTile tile(const ledger::Operator& row, TimeMs now) const;
    [[nodiscard]] bool nobodyCan(TimeMs now) const;

    ledger::Operators& _operators;
    TimeMs _autoLockAfterMs;
    bool _unidentifiedAllowed;
    std::string _language;
    Stage _stage = Stage::signedOut;
    std::optional<ledger::Operator> _who;
    TimeMs _touchedMs = 0;
};

} // namespace souffleur::counter
