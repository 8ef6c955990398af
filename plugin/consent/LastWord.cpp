#include "plugin/consent/LastWord.h"

#include <algorithm>
#include <limits>
#include <tuple>

namespace souffleur::consent {
namespace {

constexpr TimeMs kLongAgo = std::numeric_limits<TimeMs>::min();

struct Word {
    const Event* event = nullptr;
    Moment moment;
    bool overruled = false;
};

/// Within one device's words, by position: what a later one overrules. What has a later one that
/// was received at some time was not surely made after that: so no circle of words that overrule
/// each other comes about, whatever clocks and receipts say.
void settleDevice(std::span<Word> words) {
    TimeMs latestAt = kLongAgo; // of those at higher positions
    TimeMs surest = kLongAgo;
    TimeMs received = std::numeric_limits<TimeMs>::max(); // the earliest receipt of those
    for (std::size_t end = words.size(); end > 0;) {
        const std::uint64_t position = words[end - 1].event->position;
        if (position == 0) return; // not placed yet: nothing tells before from after
        std::size_t first = end;
        while (first > 0 && words[first - 1].event->position == position) --first;
        for (std::size_t i = first; i < end; ++i) {
            words[i].moment.earliest = std::min(words[i].moment.earliest, received);
            words[i].overruled = latestAt >= words[i].event->at || surest > words[i].moment.latest;
        }
        for (std::size_t i = first; i < end; ++i) {
            latestAt = std::max(latestAt, words[i].event->at);
            surest = std::max(surest, words[i].moment.earliest);
        }
        for (std::size_t i = first; i < end; ++i)
            received = std::min(received, words[i].event->received);
        end = first;
    }
}

int strictness(ContactStatus status) noexcept {
    switch (status) {
    case ContactStatus::verified:
        return 0;
    case ContactStatus::unverified:
        return 1;
    case ContactStatus::bounced:
        return 2;
    case ContactStatus::removed:
        break;
    }
    return 3;
}

} // namespace

Moment momentOf(const Event& event, const Clocks& clocks) {
    const TimeMs unc = clocks.unc(event);
    if (unc == kUncInfinite || clocks.suspect(event)) return {kLongAgo, event.received};
    // A time in range less or plus an uncertainty of any size: saturates instead of overflowing.
    TimeMs earliest = kLongAgo;
    if (__builtin_sub_overflow(std::min(event.at, event.received), unc, &earliest))
        earliest = kLongAgo;
    // By its own uncertainty: a doubt that is cast on a clock does not make it believed again.
    const TimeMs own = addSaturated(Clocks{}.unc(event), kClockMarginMs);
    if (event.at > addSaturated(event.received, own)) return {kLongAgo, event.received};
    const TimeMs latest = addSaturated(event.at, addSaturated(unc, kClockMarginMs));
    return {earliest, std::min(latest, event.received)};
}

bool datedByDevice(const Event& event) noexcept {
    const auto* act = std::get_if<Act>(&event.body);
    return !std::holds_alternative<Order>(event.body) && (act == nullptr || live(act->method));
}

std::optional<TimeMs> surelyReached(const Event& event) {
    if (!datedByDevice(event)) return std::nullopt;
    const TimeMs earliest = momentOf(event, Clocks{}).earliest;
    return earliest <= 0 ? std::nullopt : std::optional(earliest);
}

bool ranBack(const Event& event, TimeMs reached) {
    const TimeMs unc = Clocks{}.unc(event);
    return datedByDevice(event) && unc != kUncInfinite && event.at < reached &&
           reached - event.at > addSaturated(unc, kClockMarginMs);
}

std::vector<const Event*> lastWords(std::span<const Event* const> said, const Clocks& clocks) {
    std::vector<Word> words;
    words.reserve(said.size());
    for (const Event* event : said) words.push_back({event, momentOf(*event, clocks), false});
    std::ranges::sort(words, {}, [](const Word& word) {
        return std::tie(word.event->origin, word.event->position, word.event->id);
    });
    // The surest word of each device; of all devices, the best and the best of another device.
    struct Surest {
        OriginId origin;
        TimeMs earliest = kLongAgo;
    };
    Surest best;
    Surest second;
    for (auto from = words.begin(); from != words.end();) {
        const OriginId origin = from->event->origin;
        const auto to = std::find_if(
            from, words.end(), [&](const Word& word) { return word.event->origin != origin; });
        settleDevice({from, to});
        Surest own{origin, kLongAgo};
        for (auto each = from; each != to; ++each)
            own.earliest = std::max(own.earliest, each->moment.earliest);
        if (own.earliest > best.earliest) std::swap(own, best);
        if (own.earliest > second.earliest) second = own;
        from = to;
    }
    std::vector<const Event*> out;
    for (const Word& word : words) {
        const Surest& other = best.origin == word.event->origin ? second : best;
        if (!word.overruled && word.moment.latest >= other.earliest) out.push_back(word.event);
    }
    return out;
}

std::vector<const Event*> decidingWords(std::span<const Event* const> said, const Clocks& clocks,
                                        const IsHeadOffice& headOffice) {
    std::vector<const Event*> out = lastWords(said, clocks);
    if (!headOffice) return out;
    std::vector<const Event*> own;
    for (const Event* event : said) {
        const auto* contact = std::get_if<Contact>(&event->body);
        const bool removes = contact != nullptr && contact->status == ContactStatus::removed;
        if (!removes && headOffice(event->origin)) own.push_back(event);
    }
    for (const Event* event : lastWords(own, clocks)) {
        if (std::ranges::find(out, event) == out.end()) out.push_back(event);
    }
    return out;
}

bool factHolds(std::span<const Event> events, const SubjectId& subject, std::string_view fact,
               const Clocks& clocks, const IsHeadOffice& headOffice) {
    std::vector<const Event*> said;
    for (const Event& event : events) {
        const auto* body = std::get_if<Fact>(&event.body);
        if (event.subject == subject && body != nullptr && body->fact == fact)
            said.push_back(&event);
    }
    return factHolds(said, clocks, headOffice);
}

bool factHolds(std::span<const Event* const> said, const Clocks& clocks,
               const IsHeadOffice& headOffice) {
    return std::ranges::any_of(decidingWords(said, clocks, headOffice), [](const Event* event) {
        const auto* body = std::get_if<Fact>(&event->body);
        return body != nullptr && body->value != "no"; // neither yes nor no is a doubt
    });
}

ContactStatus stricter(ContactStatus a, ContactStatus b) noexcept {
    return strictness(a) >= strictness(b) ? a : b;
}

ContactStatus statusOf(std::span<const Event* const> last) {
    ContactStatus out = ContactStatus::verified;
    for (const Event* event : last) {
        if (const auto* contact = std::get_if<Contact>(&event->body))
            out = stricter(out, contact->status);
    }
    return out;
}

} // namespace souffleur::consent
