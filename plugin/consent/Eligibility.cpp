#include "plugin/consent/Eligibility.h"

#include <algorithm>
#include <array>
#include <utility>

namespace souffleur::consent {
namespace {

Eligibility no(std::string_view reason) {
    return {false, std::string(reason)};
}

/// What stops every purpose on this address, whatever was agreed; empty = nothing.
std::string_view blocked(const EligibilityInput& in) {
    const std::array<std::pair<bool, std::string_view>, 5> blocks{{
        {in.erased, "erased"},
        {in.restricted, "restricted"},
        {in.quarantinedNegative, "quarantined"},
        {in.suppressed, "suppressed"},
        {in.minor, "minor"},
    }};
    for (const auto& [holds, reason] : blocks) {
        if (holds) {
            return reason;
        }
    }
    const auto saysNo = [](State state) { return negative(state); };
    return std::ranges::any_of(in.othersAtAddress, saysNo) ? "said-no-at-address"
                                                           : std::string_view{};
}

/// What is wrong with the address itself; empty = nothing.
std::string_view unreachable(const EligibilityInput& in, const ChannelRule& law) {
    if (!in.contactPresent) {
        return "no-address";
    }
    if (in.contactBounced) {
        return "bounced";
    }
    return law.wantsVerified() && !in.contactVerified ? "address-unconfirmed" : std::string_view{};
}

bool signedByHand(Method method) {
    return method == Method::paper || method == Method::screen || method == Method::kiosk ||
           method == Method::web;
}

/// Why a state permits nothing.
std::string_view unpermitted(State state) {
    switch (state) {
    case State::unknown:
        return "never-asked";
    case State::requested:
        return "unconfirmed";
    case State::expired:
        return "lapsed";
    default:
        return name(state);
    }
}

} // namespace

Eligibility eligible(const EligibilityInput& input, const Policy& policy, const Token& purpose,
                     const Token& channel, TimeMs now) {
    if (const std::string_view reason = blocked(input); !reason.empty()) {
        return no(reason);
    }
    const StateView view = asOf(input.state, now);
    if (view.state != State::given && view.state != State::softOptIn &&
        view.state != State::legacy) {
        return no(unpermitted(view.state));
    }
    if (now < policy.validFrom || now >= policy.validTo) {
        return no("pack-not-in-force");
    }
    const ChannelRule* law = policy.rule(purpose, channel, now);
    if (law == nullptr) {
        return no("channel-not-allowed");
    }
    const Basis basis = view.state == State::softOptIn ? Basis::softOptIn
                        : view.state == State::legacy  ? Basis::legacy
                                                       : view.basis;
    // A soft or legacy basis cannot make a `given`; a store that says so is in doubt.
    const bool odd = view.state == State::given &&
                     (view.basis == Basis::softOptIn || view.basis == Basis::legacy);
    if (odd || view.because.none() || !law->basis.contains(basis)) {
        return no("basis-not-allowed");
    }
    // The key's own state has weighed the objections that bear on a consent; every other basis
    // yields to any objection (GDPR 21(3)).
    if (input.objected && basis != Basis::consent) {
        return no("objected");
    }
    if (law->separateDocument && basis == Basis::consent && !signedByHand(view.method)) {
        return no("no-document");
    }
    if (policy.prerequisite(purpose, channel, now) &&
        stateAsOf(input.prerequisite, now) != State::given) {
        return no("prerequisite-missing");
    }
    if (const std::string_view reason = unreachable(input, *law);
        addressed(channel) && !reason.empty()) {
        return no(reason);
    }
    return {true, std::string(name(view.state))};
}

} // namespace souffleur::consent
