#include "kiosk/terminal/TapActions.h"

#include "drivers/escpos/Encoder.h"

namespace souffleur::terminal {

void TapActions::prepare(counter::Counter& counter, const escpos::Profile& profile,
                         const std::string& language) {
    _counter = &counter;
    _language = language;
    const std::scoped_lock lock(_mutex);
    _profile = profile;
    draw();
    heedPack();
}

void TapActions::heedPack() {
    if (_counter != nullptr) _hints = !_counter->policy()->receiptHint.empty();
}

void TapActions::useProfile(const escpos::Profile& profile) {
    const std::scoped_lock lock(_mutex);
    _profile = profile;
    _drawn = nullptr;
}

/// Under the lock.
void TapActions::draw() {
    auto policy = _counter->policy();
    if (policy == _drawn) return;
    _lines.clear();
    for (const auto& [name, text] : policy->receiptHint) {
        auto line = escpos::pictureLine(_profile, text, name);
        if (line) _lines[name] = std::move(*line); // else too wide for this paper: none
    }
    _drawn = std::move(policy);
}

void TapActions::receipt(const std::string& system, const std::string& number) {
    (void) show(system, number);
}

/// False: nobody known is meant.
bool TapActions::show(const std::string& system, const std::string& number) {
    host::Selection selection;
    selection.system = system;
    selection.id = number;
    selection.fromPaper = true;
    // An order's number (`order:4711081`) is nobody's own: as when one is scanned.
    if (_counter != nullptr && number.find(':') != std::string::npos &&
        _counter->onFile(system, number) != true) {
        _counter->othersReceipt();
        return false;
    }
    _doors.selected(selection);
    _shownAt = _clock.monotonicMs();
    _cardSlips = 0;
    return true;
}

void TapActions::unnamed(host::Unnamed how) {
    if (_counter == nullptr) return;
    if (how == host::Unnamed::sale) {
        _counter->othersReceipt();
        return;
    }
    const TimeMs since = _clock.monotonicMs() - _shownAt;
    if (since < kTogetherMs) return;
    if (how == host::Unnamed::card && since < kCardSlipMs && ++_cardSlips <= kCardSlipsMax) return;
    _counter->othersReceipt();
}

std::vector<std::uint8_t> TapActions::hint(const std::string& system, const std::string& number) {
    if (_counter == nullptr) return {};
    {
        const std::scoped_lock lock(_mutex);
        draw();
        if (_lines.empty()) return {};
    }
    // A moment before the cut; after it the same sale goes on.
    if (!show(system, number)) return {};
    const counter::HostFlag flag = _counter->hostFlag();
    const bool asks =
        flag.kind == consent::FlagKind::ask || flag.kind == consent::FlagKind::refresh;
    if (flag.quiet || !asks) return {};
    const std::scoped_lock lock(_mutex);
    for (const std::string& wanted : {flag.scriptLanguage, _language}) {
        if (const auto line = _lines.find(wanted); line != _lines.end()) return line->second;
    }
    return {};
}

} // namespace souffleur::terminal
