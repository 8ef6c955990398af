#include "kiosk/terminal/ScanActions.h"

#include "plugin/ledger/Ledger.h"
#include "plugin/slip/Slip.h"

namespace souffleur::terminal {

using Kind = host::ScanPatterns::Kind;

namespace {

using Slip = crypto::SlipText::Kind;

/// For who looks after the till: the cashier's page has words of its own.
std::string_view lineOf(api::ScanTrouble trouble) {
    using enum api::ScanTrouble;
    switch (trouble) {
    case orderUnknown:
        return "an order was scanned that is not on file at this till";
    case slipUnknown:
        return "the act of the slip that was scanned is not on file at this till; it can be taken "
               "back at the address on it";
    case slipMistyped:
        return "a slip's code was scanned whose check symbol does not fit";
    case slipHidden:
        return "a slip was scanned; sign in to see whose it is";
    case slipTakenBack:
        return "the slip that was scanned was taken back at the till: it does not count";
    case badgeUnknown:
        return "the badge that was scanned signs nobody in at this till";
    case badgeLockedOut:
        return "too many unknown badges were scanned: the scanner takes none for a while";
    case leaseOver:
        return "this till has no lease from head office now: what was scanned shows nobody on file";
    case failed:
        break;
    }
    return "what was scanned could not be looked up";
}

api::ScanTrouble troubleOf(const counter::Refusal& refusal) {
    using enum api::ScanTrouble;
    if (refusal.problem == "lease-over") return leaseOver;
    if (refusal.problem == "sign-in-needed" || refusal.problem == "locked") return slipHidden;
    if (refusal.problem == "badge-unknown") return badgeUnknown;
    if (refusal.problem == "operator-locked-out") return badgeLockedOut;
    return refusal.problem == "subject-unknown" ? slipUnknown : failed;
}

} // namespace

bool ScanActions::ours(std::string_view code) const {
    return crypto::readSlip(code).kind == Slip::code || _patterns.find(code).has_value();
}

void ScanActions::scanned(const scanner::Code& code) {
    const crypto::SlipText slip = crypto::readSlip(code.text);
    if (slip.kind == Slip::code) return openSlip(slip.handle);
    const auto match = _patterns.find(code.text);
    if (!match) {
        // As printed on a slip, or in our address: nobody else's code looks like that.
        const bool printed = code.text.find('-') != std::string::npos ||
                             code.text.starts_with(_counter.policy()->controller.withdrawUrl + '#');
        if (slip.kind == Slip::mistyped && printed) tell(api::ScanTrouble::slipMistyped);
        return;
    }
    if (match->kind == Kind::badge) return signIn(match->value);
    host::Selection selection;
    selection.system = _patterns.system();
    selection.id = match->value;
    if (match->kind == Kind::order) return openOrder(selection);
    _doors.selected(selection);
    _feed.frontWanted();
}

/// An order's number is nobody's own: of one that is not on file here nothing could be kept.
void ScanActions::openOrder(const host::Selection& order) {
    const auto there = _counter.onFile(order.system, order.id);
    if (!there) return tell(troubleOf(there.error()));
    if (!*there) return tell(api::ScanTrouble::orderUnknown);
    _doors.selected(order);
    _feed.frontWanted();
}

void ScanActions::openSlip(const crypto::Handle& handle) {
    const auto holder = _ledger.findSlip(slip::handleHashHex(handle));
    if (!holder) {
        const bool unknown = holder.error().code == Code::notFound;
        return tell(unknown ? api::ScanTrouble::slipUnknown : api::ScanTrouble::failed);
    }
    if (const auto shown = _counter.selectFound(holder->subject); !shown)
        return tell(troubleOf(shown.error()));
    if (holder->takenBack) return tell(api::ScanTrouble::slipTakenBack);
    _feed.frontWanted();
}

void ScanActions::signIn(const std::string& badge) {
    if (const auto in = _counter.signInByBadge(badge, true); !in)
        return tell(troubleOf(in.error()));
    _feed.frontWanted();
}

void ScanActions::tell(api::ScanTrouble trouble) {
    _say(std::string(lineOf(trouble)));
    _feed.scanFailed(trouble);
    _feed.frontWanted();
}

void ScanActions::changed(scanner::State /*state*/, const std::string& words) {
    _say(words);
}

} // namespace souffleur::terminal
