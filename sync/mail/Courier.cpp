#include "sync/mail/Courier.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "plugin/contact/Email.h"
#include "plugin/crypto/Encoding.h"
#include "sync/mail/Disposable.h"
#include "sync/mail/Message.h"

namespace souffleur::mail {
namespace {

using Outcome = Delivery::Outcome;

constexpr std::size_t kSentMax = 200; ///< in one pass
constexpr auto kBetweenPasses = std::chrono::seconds(2);
constexpr TimeMs kFirstRetryMs = kMinuteMs;
constexpr TimeMs kLastRetryMs = 6 * kHourMs;
constexpr std::size_t kHoldersMax = 100;
constexpr const char* kDisposable = "disposable";

protocol::SyncConfig pauses() {
    protocol::SyncConfig config;
    config.backoffMinMs = 5 * kSecondMs;
    config.backoffMaxMs = 15 * kMinuteMs;
    return config;
}

} // namespace

TimeMs retryAfter(int attempts, Random& random) {
    TimeMs ceiling = 2 * kFirstRetryMs;
    for (int i = 1; i < attempts && ceiling < kLastRetryMs; ++i) ceiling *= 2;
    ceiling = std::min(ceiling, kLastRetryMs);
    return kFirstRetryMs +
           static_cast<TimeMs>(random.below(static_cast<std::uint64_t>(ceiling - kFirstRetryMs)));
}

Courier::Courier(const House& house, Transport& transport, const Settings& settings,
                 const Clock& clock, Random& random, Say say)
    : _house(house), _transport(transport), _settings(settings), _clock(clock), _random(random),
      _say(std::move(say)), _backoff(pauses(), random) {
    _rules.settleMs = settings.settleMs;
    _rules.kioskPerHour = static_cast<std::uint64_t>(settings.kioskPerHour);
    _rules.kioskPerDay = static_cast<std::uint64_t>(settings.kioskPerDay);
    // The claim outlives the longest conversation.
    if (settings.way == Settings::Way::smtp)
        _rules.leaseMs = std::max(_rules.leaseMs, longestMs(settings));
}

Courier::~Courier() {
    stop();
}

Delivery Courier::deliver(const store::MailJob& job, const std::string& token) {
    const auto email = contact::Email::parse(job.address);
    if (!email) return {Outcome::noSuchAddress, "an address on file is none"};
    if (disposable(email->domain())) return {Outcome::noSuchAddress, kDisposable};
    auto what = describe(_house, job.headers, job.language);
    if (!what) return {Outcome::unreachable, what.error().message};
    what->confirm = job.kind == store::MailKind::confirm;
    what->expires = job.expires;
    what->link = _settings.publicUrl + "/c#" + token;
    const Letter letter = letterFor(*what);
    Message message;
    message.id = crypto::toHex(job.message);
    message.from = _settings.from;
    message.fromName = what->house;
    message.replyTo = what->controller.email;
    message.to = email->canonical;
    message.language = what->language;
    message.subject = letter.subject;
    message.text = letter.text;
    message.html = letter.html;
    message.at = _clock.now().at;
    return _transport.send({message.from, message.to, message.id, assemble(message)});
}

Result<void> Courier::markBounced(const store::MailJob& job) {
    const auto holders = _house.store.byContactKey(job.key);
    if (!holders) return passOn(holders);
    std::vector<people::NewEvent> events;
    for (const SubjectId& holder : *holders) {
        if (events.size() == kHoldersMax) break;
        events.push_back({holder,
                          consent::Contact{"email", job.key, consent::ContactStatus::bounced},
                          {},
                          0,
                          kSecondMs});
    }
    if (events.empty()) return {};
    auto said = _house.chain.append(events);
    if (!said) return passOn(said);
    return {};
}

Result<void> Courier::note(const store::MailJob& job, const Delivery& delivery) {
    const TimeMs now = _clock.now().at;
    const auto tried = [&](const std::string& outcome, TimeMs again = 0) {
        return _house.store.mailTried(job, outcome, again, now);
    };
    switch (delivery.outcome) {
    case Outcome::accepted:
        return tried("sent");
    case Outcome::refused:
        return tried("refused");
    case Outcome::noSuchAddress:
        if (auto marked = markBounced(job); !marked) return marked;
        return tried(delivery.why == kDisposable ? kDisposable : "bounced");
    case Outcome::maybe:
        // A second copy of what may have arrived, and no third.
        if (job.maybes > 0) return tried("sent");
        return tried("maybe", now + kHourMs + retryAfter(1, _random));
    case Outcome::later:
    case Outcome::unreachable:
        break;
    }
    const TimeMs again = now + retryAfter(job.attempts, _random);
    if (again - job.since > kGiveUpMs || again >= job.expires) return tried("gave-up");
    return tried("", again);
}

Result<std::size_t> Courier::pass() {
    for (;;) {
        const auto found = _house.store.findMails(_house.policy, _rules, _clock.now().at);
        if (!found) return passOn(found);
        if (*found == 0) break;
        const std::lock_guard lock(_mutex);
        if (_stop) return 0;
    }
    std::size_t sent = 0;
    while (sent < kSentMax && _clock.monotonicMs() >= _notBefore) {
        const std::string token = newToken(_random);
        const auto job =
            _house.store.claimMail(_house.policy, _rules, tokenHash(token), _clock.now().at);
        if (!job) return passOn(job);
        if (!*job) break;
        const Delivery delivery = deliver(**job, token);
        if (auto noted = note(**job, delivery); !noted) return passOn(noted);
        if (delivery.outcome == Outcome::accepted) {
            ++sent;
            (void) _backoff.afterSuccess();
            if (!_trouble.empty()) _say("mail goes out again");
            _trouble.clear();
        } else if (delivery.outcome == Outcome::unreachable || delivery.outcome == Outcome::maybe) {
            if (delivery.why != _trouble) _say("no mail goes out: " + delivery.why);
            _trouble = delivery.why;
            _notBefore = _clock.monotonicMs() + _backoff.afterFailure(0);
            break;
        }
    }
    return sent;
}

void Courier::run() {
    std::string said;
    std::unique_lock lock(_mutex);
    while (!_stop) {
        lock.unlock();
        const auto done = pass();
        if (!done && done.error().message != said) _say(done.error().text());
        said = done ? std::string() : done.error().message;
        lock.lock();
        _wake.wait_for(lock, kBetweenPasses, [this] { return _stop; });
    }
}

void Courier::start() {
    _thread = std::thread([this] { run(); });
}

void Courier::stop() {
    {
        const std::lock_guard lock(_mutex);
        _stop = true;
    }
    _wake.notify_all();
    _transport.cancel();
    if (_thread.joinable()) _thread.join();
}

} // namespace souffleur::mail
