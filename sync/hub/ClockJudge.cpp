#include "sync/hub/ClockJudge.h"

#include <algorithm>
#include <cstdlib>

#include "plugin/consent/LastWord.h"
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

/// The readable events that were not judged before, received now.
std::vector<consent::Event> readNew(const ClockEvidence& evidence,
                                    std::span<const store::Incoming> events) {
    std::vector<consent::Event> out;
    std::uint64_t seq = evidence.firstSeq;
    for (auto one = events.begin(); one != events.end(); ++one, ++seq) {
        if (seq <= evidence.acknowledged) continue;
        auto header = wire::decodeHeader(one->header);
        if (!header) continue; // goes to quarantine, and decides nothing there
        header->event.position = seq;
        header->event.received = evidence.now;
        out.push_back(std::move(header->event));
    }
    return out;
}

/// By how much time runs back at each event: to it, or after it; 0 = not.
std::vector<TimeMs> runsBack(std::span<const consent::Event> events, TimeMs reached) {
    std::vector<TimeMs> back(events.size(), 0);
    for (std::size_t i = 0; i < events.size(); ++i) {
        if (consent::ranBack(events[i], reached)) back[i] = reached - events[i].at;
        reached = std::max(reached, consent::surelyReached(events[i]).value_or(0));
    }
    // From the last: the event that lies furthest back, and whoever was surely later before it.
    const consent::Event* lowest = nullptr;
    for (std::size_t i = events.size(); i-- > 0;) {
        const auto surely = consent::surelyReached(events[i]);
        if (surely && lowest != nullptr && consent::ranBack(*lowest, *surely))
            back[i] = std::max(back[i], *surely - lowest->at);
        const bool dated = consent::datedByDevice(events[i]) && events[i].unc != kUncInfinite;
        if (dated && (lowest == nullptr || addSaturated(events[i].at, events[i].unc) <
                                               addSaturated(lowest->at, lowest->unc)))
            lowest = &events[i];
    }
    return back;
}

} // namespace

std::vector<consent::ClockJudgement> judgeClock(const ClockEvidence& evidence,
                                                std::span<const store::Incoming> events,
                                                const consent::Clocks& known) {
    Range ahead;
    Range skewed;
    Range back;
    const TimeMs skew = evidence.deviceNow ? std::abs(*evidence.deviceNow - evidence.now) : 0;
    const std::vector<consent::Event> fresh = readNew(evidence, events);
    const std::vector<TimeMs> jumps = runsBack(fresh, evidence.reached);
    for (std::size_t i = 0; i < fresh.size(); ++i) {
        const consent::Event& event = fresh[i];
        const std::uint64_t seq = event.position;
        if (jumps[i] > 0 && !known.suspect(event)) back.add(evidence.device, seq, jumps[i], true);
        if (beyond(event.at - evidence.now, event.unc) && !known.suspect(event))
            ahead.add(evidence.device, seq, event.at - evidence.now, true);
        if (beyond(skew, event.unc) && known.unc(event) < skew)
            skewed.add(evidence.device, seq, skew, false);
    }
    std::vector<consent::ClockJudgement> out;
    ahead.addTo(out);
    skewed.addTo(out);
    back.addTo(out);
    return out;
}

} // namespace souffleur::hub
