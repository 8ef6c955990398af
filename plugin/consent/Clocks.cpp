#include <algorithm>

#include "plugin/consent/StateOf.h"

namespace souffleur::consent {
namespace {

/// An uncertainty no clock can have is none at all: as if never synchronised.
TimeMs sane(TimeMs unc) noexcept {
    return unc < 0 ? kUncInfinite : unc;
}

bool within(const ClockJudgement& judgement, std::uint64_t position) noexcept {
    // An event without a position might be any: every judgement of its origin holds for it.
    return position == 0 || (judgement.from <= position && position <= judgement.to);
}

} // namespace

Clocks::Clocks(std::span<const Event> events) {
    for (const Event& event : events) {
        if (const auto* judgement = std::get_if<ClockJudgement>(&event.body)) {
            add(*judgement);
        }
    }
}

void Clocks::add(const ClockJudgement& judgement) {
    _byOrigin[judgement.about].push_back(judgement);
}

TimeMs Clocks::unc(const Event& event) const {
    TimeMs unc = sane(event.unc);
    if (const auto about = _byOrigin.find(event.origin); about != _byOrigin.end()) {
        for (const ClockJudgement& judgement : about->second) {
            if (within(judgement, event.position)) {
                unc = std::max(unc, judgement.unc);
            }
        }
    }
    return unc;
}

bool Clocks::suspect(const Event& event) const {
    if (event.at < kMinTime || event.at > kMaxTime) {
        return true;
    }
    const auto about = _byOrigin.find(event.origin);
    return about != _byOrigin.end() &&
           std::ranges::any_of(about->second, [&event](const ClockJudgement& judgement) {
               return judgement.suspect && within(judgement, event.position);
           });
}

} // namespace souffleur::consent
