#include "plugin/host/PretixPoller.h"

#include <algorithm>

#include "plugin/crypto/Encoding.h"
#include "plugin/crypto/Hash.h"

namespace souffleur::host {
namespace {

constexpr const char* kSystem = "pretix";
constexpr std::size_t kAnnouncedMax = 1000;
/// The cursor is written after news, and this often without: a restart asks again for that much.
constexpr TimeMs kKeepEveryMs = kMinuteMs;
/// After "you may not see customers": the rights of a token seldom change.
constexpr TimeMs kRefusedSweepMs = kHourMs;
/// No order was changed after this: an answer that only tells the server's time.
constexpr TimeMs kNever = 7258118400000; // 2200-01-01

/// Asking the recorder again would not help: the answer is counted and left behind.
bool hopeless(Code code) {
    return code == Code::invalid || code == Code::tooLarge || code == Code::refused ||
           code == Code::notFound || code == Code::conflict || code == Code::unsupported;
}

Selection selectionOf(const intake::Record& record) {
    Selection out;
    out.system = kSystem;
    out.id = record.sourceId;
    out.name = record.name.display();
    if (!record.emails.empty()) out.email = record.emails.front().canonical;
    if (!record.phones.empty()) out.phone = record.phones.front().e164;
    out.language = record.language;
    for (const intake::Order& order : record.orders) out.basket.push_back({order.event, {}, {}, 1});
    return out;
}

} // namespace

PretixPoller::PretixPoller(PretixSettings settings, intake::PretixClient& client,
                           FollowEvents& events, CursorStore& cursors, const Clock& clock,
                           Random& random, Wait wait)
    : _settings(std::move(settings)), _client(client), _events(events), _cursors(cursors),
      _clock(clock), _random(random), _wait(std::move(wait)),
      _cursorName("follow:pretix:" + _settings.access.organizer),
      _sweepAt(clock.monotonicMs() + _settings.sweepMs) {}

TimeMs PretixPoller::round() {
    Result<void> outcome = follow();
    if (outcome) outcome = sweep();
    if (outcome) {
        _failuresInRow = 0;
        _status.reached = true;
        _status.problem = {};
        ++_status.rounds;
        return _settings.pollMs;
    }
    _status.reached = false;
    _status.problem = outcome.error();
    ++_status.failures;
    return backoff();
}

TimeMs PretixPoller::backoff() {
    const TimeMs told = _client.retryAfterMs();
    if (told > 0) ++_status.limited;
    const unsigned doublings = std::min(_failuresInRow++, 20U);
    const TimeMs ceiling = std::min(_settings.backoffMaxMs, _settings.pollMs << doublings);
    const auto jitter = static_cast<TimeMs>(
        _random.below(static_cast<std::uint64_t>(std::max<TimeMs>(ceiling, 1))));
    return std::max(told, std::min(_settings.pollMs, _settings.backoffMaxMs) / 2) + jitter;
}

Result<void> PretixPoller::readCursor() {
    if (_since != 0) return {};
    const auto kept = _cursors.get(_cursorName);
    if (kept) {
        const auto at = parseTime(*kept);
        if (!at) return fail(Code::corrupt, "the follower's cursor is no time", _cursorName);
        _since = _keptAt = *at;
        return {};
    }
    if (kept.error().code != Code::notFound) return passOn(kept);
    if (_settings.since != 0) {
        _since = _settings.since;
        return {};
    }
    const auto page = _client.orders(kNever);
    if (!page) return passOn(page);
    if (page->generated == 0) return fail(Code::corrupt, "pretix does not say what time it is");
    _since = page->generated;
    return keepCursor(_since);
}

Result<void> PretixPoller::keepCursor(TimeMs at) {
    if (auto put = _cursors.put(_cursorName, formatTime(at)); !put) return put;
    _keptAt = at;
    return {};
}

Result<void> PretixPoller::follow() {
    if (auto known = readCursor(); !known) return known;
    const std::uint64_t before = _status.orders;
    auto page = _client.orders(std::max<TimeMs>(0, _since - _settings.overlapMs));
    if (!page) return passOn(page);
    const TimeMs generated = page->generated;
    if (generated == 0) return fail(Code::corrupt, "pretix does not say what time it is");
    for (std::size_t pages = 1;; ++pages) {
        if (auto taken = takePage(*page); !taken) return taken;
        if (page->next.empty()) break;
        if (pages >= _settings.pagesMax || page->items.size() + page->skipped == 0) {
            return fail(Code::tooLarge, "more orders changed than can be followed; import them and "
                                        "start anew");
        }
        if (!gap()) return fail(Code::unavailable, "the follower is being stopped");
        page = _client.nextOrders(page->next);
        if (!page) return passOn(page);
    }
    _since = _status.asOf = generated;
    while (!_marks.empty() && _marks.front().modified < _since - _settings.overlapMs) {
        _seen.erase(_marks.front().text);
        _marks.pop_front();
    }
    if (_status.orders != before || _since - _keptAt >= kKeepEveryMs || _since < _keptAt) {
        return keepCursor(_since);
    }
    return {};
}

Result<void> PretixPoller::takePage(const OrderPage& page) {
    _status.skipped += page.skipped;
    // The page begins with the latest change; the till hears of the earliest first.
    for (auto order = page.items.rbegin(); order != page.items.rend(); ++order) {
        if (order->test && !_settings.tests) continue;
        std::string mark = order->id() + "@" + std::to_string(order->modified);
        if (_seen.contains(mark)) continue;
        if (auto taken = take(*order, page.generated); !taken) return taken;
        ++_status.orders;
        remember(std::move(mark), order->modified);
    }
    return {};
}

void PretixPoller::remember(std::string mark, TimeMs modified) {
    // By time of change, so that the oldest go first; nearly always at the end.
    const auto at = std::upper_bound(_marks.begin(), _marks.end(), modified,
                                     [](TimeMs t, const Mark& m) { return t < m.modified; });
    _seen.insert(mark);
    _marks.insert(at, {std::move(mark), modified});
}

Result<std::optional<intake::PretixCustomer>> PretixPoller::customerOf(const Order& order) {
    if (order.customer.empty()) return std::optional<intake::PretixCustomer>{};
    if (!gap()) return fail(Code::unavailable, "the follower is being stopped");
    auto customer = _client.customer(order.customer);
    if (customer) return std::optional(std::move(*customer));
    // The order says enough without the account.
    const Code code = customer.error().code;
    if (code == Code::notFound || code == Code::refused || code == Code::corrupt) {
        return std::optional<intake::PretixCustomer>{};
    }
    return passOn(customer);
}

Result<void> PretixPoller::take(const Order& order, TimeMs serverNow) {
    const bool live =
        order.status == intake::PretixStatus::pending || order.status == intake::PretixStatus::paid;
    const bool known = _announced.contains(order.id());
    const std::vector<std::string>& channels = _settings.announceChannels;
    const bool here =
        channels.empty() || std::ranges::find(channels, order.channel) != channels.end();
    const bool fresh = live && here && !known && serverNow - order.placed <= _settings.freshMs;
    const bool gone = known && order.status == intake::PretixStatus::cancelled;
    intake::Record record = recordOf(order, nullptr, _settings.questions);
    if (!fresh && !gone && record.permissions.empty()) return {};
    const auto customer = customerOf(order);
    if (!customer) return passOn(customer);
    if (*customer) record = recordOf(order, &**customer, _settings.questions);
    const Selection person = selectionOf(record);
    if (auto taken = takeAnswers(order, person, record); !taken) return taken;
    if (gone) {
        _announced.erase(order.id());
        _events.cancelled(person, order.id());
    }
    if (!fresh) return {};
    if (_announcedInOrder.size() >= kAnnouncedMax) {
        _announced.erase(_announcedInOrder.front());
        _announcedInOrder.pop_front();
    }
    _announced.insert(order.id());
    _announcedInOrder.push_back(order.id());
    _events.ordered(person, order.id());
    return {};
}

Result<void> PretixPoller::takeAnswers(const Order& order, const Selection& person,
                                       const intake::Record& record) {
    for (const intake::Permission& permission : record.permissions) {
        Evidence evidence;
        evidence.person = person;
        evidence.purpose = permission.purpose;
        evidence.channel = permission.channel;
        evidence.given = permission.answer == intake::Answer::given;
        evidence.at = permission.at.value_or(order.placed);
        // Answers can be changed after the order, and pretix does not say when: a no may be as late
        // as the last change, a yes only as early as the order.
        evidence.unc = kDayMs + (evidence.given ? 0 : order.modified - order.placed);
        evidence.source = permission.source;
        const crypto::Hash hash =
            crypto::sha256(_settings.access.url + '\n' + _settings.access.organizer + '\n' +
                           order.id() + '\n' + permission.source + '\n' + permission.purpose +
                           '\n' + permission.channel + '\n' + (evidence.given ? "yes" : "no"));
        evidence.key = "pretix:" + crypto::toHex(crypto::bytesOf(hash));
        auto recorded = _events.answered(evidence);
        if (recorded) continue;
        if (!hopeless(recorded.error().code)) return recorded;
        ++_status.skipped;
        _status.problem = recorded.error();
    }
    return {};
}

Result<void> PretixPoller::sweep() {
    if (_settings.sweepMs == 0 || _clock.monotonicMs() < _sweepAt) return {};
    if (!gap()) return fail(Code::unavailable, "the follower is being stopped");
    const auto page = _client.customers(_sweepNext);
    _sweepNext.clear(); // a link that leads nowhere is not tried twice
    if (!page && page.error().code == Code::refused) {
        _sweepAt = _clock.monotonicMs() + kRefusedSweepMs;
        return {};
    }
    _sweepAt = _clock.monotonicMs() + _settings.sweepMs;
    if (!page) return page.error().code == Code::notFound ? Result<void>{} : passOn(page);
    for (const intake::PretixCustomer& customer : page->items) {
        if (!customer.anonymised()) continue;
        auto told = _events.anonymised(kSystem, "customer:" + customer.identifier);
        if (!told && !hopeless(told.error().code)) return told;
    }
    _sweepNext = page->next;
    return {};
}

} // namespace souffleur::host
