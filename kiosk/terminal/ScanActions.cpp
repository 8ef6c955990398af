#include "kiosk/terminal/ScanActions.h"

#include "plugin/ledger/Ledger.h"
#include "plugin/slip/Slip.h"

namespace souffleur::terminal {

using Kind = host::ScanPatterns::Kind;

std::optional<crypto::Handle> ScanActions::slipIn(std::string_view code) {
    // Nothing shorter can be one: 26 symbols and the check symbol.
    constexpr std::size_t kSymbols = 27;
    if (code.starts_with("https://") || code.starts_with("http://")) {
        const auto fragment = code.find('#');
        if (fragment == std::string_view::npos || code.size() - fragment - 1 != kSymbols)
            return std::nullopt;
        code.remove_prefix(fragment + 1);
    }
    if (code.size() < kSymbols) return std::nullopt;
    const auto handle = crypto::parseSlipCode(code);
    return handle ? std::optional(*handle) : std::nullopt;
}

bool ScanActions::ours(std::string_view code) const {
    return slipIn(code).has_value() || _patterns.find(code).has_value();
}

void ScanActions::scanned(const scanner::Code& code) {
    if (const auto handle = slipIn(code.text)) return openSlip(*handle);
    const auto match = _patterns.find(code.text);
    if (!match) return;
    if (match->kind == Kind::badge) return signIn(match->value);
    host::Selection selection;
    selection.system = _patterns.system();
    selection.id = match->value;
    _doors.selected(selection);
    _feed.frontWanted();
}

void ScanActions::openSlip(const crypto::Handle& handle) {
    const std::string address = _counter.policy()->controller.withdrawUrl;
    const auto subject = _ledger.findSlip(slip::handleHashHex(handle));
    if (!subject && subject.error().code == Code::notFound) {
        _say("the act of the slip that was scanned is not on file at this till; it can be taken "
             "back "
             "at " +
             (address.empty() ? std::string("the address on it") : address));
    } else if (!subject) {
        _say("the slip that was scanned could not be looked up: " + subject.error().text());
    } else if (const auto shown = _counter.selectFound(*subject); !shown) {
        _say(shown.error().problem == "lease-over"
                 ? "a slip was scanned; head office withdrew this till: it shows nobody on file"
                 : "a slip was scanned; sign in to see whose it is");
    }
    _feed.frontWanted();
}

void ScanActions::signIn(const std::string& badge) {
    if (!_counter.signInByBadge(badge, true))
        _say("the badge that was scanned signs nobody in at this till");
    _feed.frontWanted();
}

void ScanActions::changed(scanner::State /*state*/, const std::string& words) {
    _say(words);
}

} // namespace souffleur::terminal
