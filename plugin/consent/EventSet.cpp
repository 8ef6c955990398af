#include "plugin/consent/EventSet.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <tuple>

#include "plugin/consent/TakenBack.h"

namespace souffleur::consent {
namespace {

/// Content as text, for the one case in which nothing else tells two events apart: a device that
/// wrote two events under one id and position. Any total order will do; it must be the same
/// everywhere.
class Content {
public:
    explicit Content(const Event& event) {
        put(event.subject, event.at, event.unc, event.offsetMin, kindName(event.body));
        std::visit([this](const auto& body) { add(body); }, event.body);
    }
    [[nodiscard]] const std::string& text() const { return _text; }

private:
    void put(std::string_view text) {
        put(text.size());
        _text += text;
    }
    void put(const std::string& text) { put(std::string_view(text)); }
    template <typename Number>
    requires std::is_integral_v<Number>
    void put(Number number) {
        std::array<char, 24> digits{};
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(),
                                       static_cast<std::int64_t>(number));
        _text.append(digits.data(), end.ptr);
        _text += '|';
    }
    template <typename Enum>
    requires std::is_enum_v<Enum>
    void put(Enum value) { put(static_cast<int>(value)); }
    template <typename Tag>
    void put(const Id<Tag>& id) {
        put(id.text());
    }
    template <typename Item>
    void put(const std::vector<Item>& items) {
        put(items.size());
        for (const Item& item : items) {
            put(item);
        }
    }
    void put(const NoticeRef& ref) { put(ref.id, ref.version, ref.language, ref.sha256); }
    void put(const ChoiceItem& item) {
        put(item.purpose, item.channel, item.choice, item.basis, item.confirm ? 1 : 0,
            item.validUntil, item.notice);
    }
    template <typename First, typename Second, typename... Rest>
    void put(const First& first, const Second& second, const Rest&... rest) {
        put(first);
        put(second);
        (put(rest), ...);
    }

    void add(const Act& act) {
        put(act.controller, act.choices, act.seen, act.method, act.by, act.place, act.source,
            act.withdrawHandleHash);
    }
    void add(const Confirmed& body) { put(body.target, body.channel, body.contactKey); }
    void add(const Retract& body) { put(body.target, body.by); }
    void add(const Link& body) { put(body.other, body.reason); }
    void add(const Unlink& body) { put(body.target, body.other, body.copied); }
    void add(const Erase& /*body*/) {}
    void add(const Contact& body) { put(body.channel, body.contactKey, body.status); }
    void add(const Order& body) { put(body.source, body.genres, body.amountCents); }
    void add(const Fact& body) { put(body.fact, body.value); }
    void add(const ClockJudgement& body) {
        put(body.about, body.from, body.to, body.unc, body.suspect ? 1 : 0);
    }
    void add(const PolicyInForce& body) { put(body.pack, body.version, body.sha256); }

    std::string _text;
};

/// 0 (not placed yet) becomes the highest.
std::uint64_t placed(const Event& event) {
    return event.position - 1;
}

bool before(const Event* a, const Event* b) {
    const auto x = std::tuple{a->id, a->origin, placed(*a)};
    const auto y = std::tuple{b->id, b->origin, placed(*b)};
    if (x != y || a == b || *a == *b) {
        return x < y;
    }
    return Content(*a).text() < Content(*b).text();
}

} // namespace

std::vector<const Event*> inOrder(std::span<const Event> events) {
    std::vector<const Event*> out;
    out.reserve(events.size());
    for (const Event& event : events) {
        out.push_back(&event);
    }
    std::ranges::sort(out, before);
    const auto same = [](const Event* a, const Event* b) { return a->id == b->id; };
    out.erase(std::unique(out.begin(), out.end(), same), out.end());
    return out;
}

Undone undone(std::span<const Event* const> all) {
    Undone out;
    for (const Event* event : all) {
        const auto* retract = std::get_if<Retract>(&event->body);
        if (retract == nullptr) {
            continue;
        }
        const auto found = std::ranges::lower_bound(all, retract->target, {},
                                                    [](const Event* each) { return each->id; });
        if (found == all.end() || (*found)->id != retract->target) {
            continue;
        }
        const Event& target = **found;
        const auto* act = std::get_if<Act>(&target.body);
        // Overflow cannot mislead: a difference out of range is no undo.
        TimeMs after = -1;
        const bool inRange = !__builtin_sub_overflow(event->at, target.at, &after);
        if (act == nullptr || !inRange || after < 0 || after > kRetractMaxMs ||
            event->subject != target.subject || retract->by != act->by) {
            continue;
        }
        if (event->origin != target.origin) {
            out.optIns.insert(target.id);
        } else if (target.position > 0 && event->position > target.position) {
            out.acts.insert(target.id);
        }
    }
    return out;
}

bool takenBack(const EventId& act, std::span<const Event> events) {
    const Undone gone = undone(inOrder(events));
    return gone.acts.contains(act) || gone.optIns.contains(act);
}

} // namespace souffleur::consent
