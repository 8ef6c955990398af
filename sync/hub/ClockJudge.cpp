#include "sync/hub/ClockJudge.h"

#include <algorithm>
#include <cstdlib>

#include "plugin/wire/Header.h"

namespace souffleur::hub {
namespace {

/// One judgement that grows over the events it is true of.
class Range {
public:
    void add(const OriginId& device, std::uint64_t seq, TimeMs unc, bool suspect) {
        if (!_made) _made = consent::ClockJudgement{device, seq, seq, 0, suspect};
        _made->to = seq;
        _made->unc = std::max(_made->unc, unc);
    }
    void addTo(std::vector<consent::ClockJudgement>& out) const {
        if (_made) out.push_back(*_made);
    }

private:
    std::optional<consent::ClockJudgement> _made;
};

/// Is `off` more than a clock of this uncertainty may be?
bool beyond(TimeMs off, TimeMs unc) noexcept {
    return unc != kUncInfinite && off > consent::kClockMarginMs &&
           off - consent::kClockMarginMs > unc;
}

} // namespace

std::vector<consent::ClockJudgement> judgeClock(const ClockEvidence& evidence,
                                                std::span<const store::Incoming> events,
                                                const consent::Clocks& known) {
    Range ahead;
    Range skewed;
    const TimeMs skew = evidence.deviceNow ? std::abs(*evidence.deviceNow - evidence.now) : 0;
    std::uint64_t seq = evidence.firstSeq;
    for (auto one = events.begin(); one != events.end(); ++one, ++seq) {
        if (seq <= evidence.acknowledged) continue;
        auto header = wire::decodeHeader(one->header);
        if (!header) continue; // goes to quarantine, and decides nothing there
        consent::Event& event = header->event;
        event.position = seq;
        if (beyond(event.at - evidence.now, event.unc) && !known.suspect(event))
            ahead.add(evidence.device, seq, event.at - evidence.now, true);
        if (beyond(skew, event.unc) && known.unc(event) < skew)
            skewed.add(evidence.device, seq, skew, false);
    }
    std::vector<consent::ClockJudgement> out;
    ahead.addTo(out);
    skewed.addTo(out);
    return out;
}

} // namespace souffleur::hub
