#include "sync/protocol/SyncLoop.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace souffleur::protocol {
namespace {

/// A backlog of more than this sends its negatives ahead.
constexpr std::uint64_t kUrgentOver = 16;
/// Negatives sent ahead in a round.
constexpr std::size_t kUrgentMax = 100;
constexpr int kPagesPerRoundMax = 100'000;
/// Room for base64 and the line heads within limits::kBatchMaxBytes.
constexpr std::size_t kBatchRawBytes = limits::kBatchMaxBytes / 2;
/// What a link still carries in time, however slow it is.
constexpr std::size_t kBatchRawBytesMin = 8 * 1024;
constexpr std::size_t kPullEventsMin = 16;

SyncStatus::State stateFor(const Error& error) {
    if (error.code == Code::refused) return SyncStatus::State::refused;
    if (error.code == Code::conflict && error.where == "fork") return SyncStatus::State::forked;
    if (error.code == Code::locked) return SyncStatus::State::behind; // head office answers
    return SyncStatus::State::offline;
}

} // namespace

struct SyncLoop::Thread {
    mutable std::mutex mutex;
    std::condition_variable wake;
    bool stopping = false;
    bool nudged = false;
    SyncStatus status;
    std::thread thread;
};

SyncLoop::SyncLoop(Outbox& outbox, Replica& replica, Hub& hub, const crypto::SigningKey& key,
                   const Clock& clock, Random& random, SyncConfig config,
                   std::function<void(const SyncStatus&)> onStatus)
    : _outbox(outbox), _replica(replica), _hub(hub), _key(key), _clock(clock), _random(random),
      _config(config), _onStatus(std::move(onStatus)), _thread(std::make_unique<Thread>()),
      _backoff(config, random), _pushBytes(kBatchRawBytesMin, kBatchRawBytes),
      _pullEvents(kPullEventsMin, config.pullLimit) {}

template <typename F>
auto SyncLoop::paced(Pace& pace, F&& call) -> decltype(call()) {
    const TimeMs begin = _clock.monotonicMs();
    auto result = call();
    if (result) {
        pace.took(_clock.monotonicMs() - begin);
    } else if (result.error().code == Code::unavailable || result.error().code == Code::corrupt) {
        pace.failed(); // too slow, or cut on its way
    }
    return result;
}

SyncLoop::~SyncLoop() {
    stop();
}

void SyncLoop::start() {
    _thread->thread = std::thread([this] { run(); });
}

void SyncLoop::stop() {
    {
        const std::lock_guard lock(_thread->mutex);
        _thread->stopping = true;
    }
    _thread->wake.notify_all();
    _hub.cancel();
    if (_thread->thread.joinable()) _thread->thread.join();
}

void SyncLoop::nudge() {
    {
        const std::lock_guard lock(_thread->mutex);
        _thread->nudged = true;
    }
    _thread->wake.notify_all();
}

SyncStatus SyncLoop::status() const {
    const std::lock_guard lock(_thread->mutex);
    return _thread->status;
}

bool SyncLoop::stopping() const {
    const std::lock_guard lock(_thread->mutex);
    return _thread->stopping;
}

void SyncLoop::setStatus(const SyncStatus& status) {
    {
        const std::lock_guard lock(_thread->mutex);
        _thread->status = status;
    }
    if (_onStatus) _onStatus(status);
}

Result<void> SyncLoop::recover(const Error& error, std::uint64_t firstSeq) {
    if (error.code == Code::tooLarge && _batchEvents > 1) {
        _batchEvents /= 2; // someone on the way has a smaller limit than ours
        return {};
    }
    if (error.code != Code::conflict) return tl::make_unexpected(error);
    const auto held = parseHeld(error.where);
    if (!held || held->seq + 1 >= firstSeq) return tl::make_unexpected(error);
    // The hub knows less than it once acknowledged: it was restored from a backup. Send again from
    // there.
    _urgentSeq = 0;
    return _outbox.rewind(held->seq, held->head);
}

void SyncLoop::compare(const Held& held) {
    const auto before = _outbox.pending();
    // A chain that is not ours there is told when something is pushed.
    if (!_outbox.rewind(held.seq, held.head)) return;
    const auto after = _outbox.pending();
    if (before && after && *after > *before) _urgentSeq = 0;
}

Result<void> SyncLoop::pushOne(Batch& batch) {
    seal(batch, _key);
    auto answer = paced(_pushBytes, [&] { return _hub.push(batch); });
    if (!answer) return recover(answer.error(), batch.firstSeq);
    if (answer->seq < batch.lastSeq())
        return fail(Code::corrupt, "the hub acknowledged less than it was sent");
    if (answer->seq == batch.lastSeq() && answer->head != batch.head) {
        return fail(Code::corrupt, "the hub's head is not ours");
    }
    _batchEvents = std::min(_batchEvents * 2, limits::kBatchMaxEvents);
    return _outbox.acknowledged(batch.lastSeq(), batch.head);
}

bool SyncLoop::sendAhead(const Batch& run) {
    crypto::Hash prev = run.prev;
    for (std::size_t at = 0; at < run.events.size();) {
        Batch piece;
        piece.origin = run.origin;
        piece.firstSeq = run.firstSeq + at;
        piece.prev = prev;
        std::size_t bytes = 0;
        for (std::size_t i = at; i < run.events.size() && piece.events.size() < _aheadEvents; ++i) {
            bytes += run.events[i].header.size() + run.events[i].payload.size();
            if (bytes > _pushBytes.now() && !piece.events.empty()) break;
            piece.events.push_back(run.events[i]);
        }
        seal(piece, _key);
        const auto sent = paced(_pushBytes, [&] { return _hub.urgent(piece); });
        const bool tooLarge = !sent && sent.error().code == Code::tooLarge;
        // No room there for all of a forked history: each was tried, what did not fit stays here
        // until this device enrols anew, and later ones may fit.
        const bool full = !sent && stateFor(sent.error()) == SyncStatus::State::forked;
        if (!sent && !tooLarge && !full) return false;
        if (tooLarge && piece.events.size() > 1) {
            _aheadEvents = piece.events.size() / 2;
            continue;
        }
        // One that is too large alone is the push's trouble, and holds up nobody else's no.
        at += piece.events.size();
        prev = piece.head;
        _urgentSeq = piece.lastSeq();
    }
    return true;
}

bool SyncLoop::pushUrgent() {
    while (!stopping()) {
        const auto ahead = _outbox.urgent(_urgentSeq, kUrgentMax);
        if (!ahead) return false;
        const bool looked = ahead->through > _urgentSeq;
        for (const Batch& run : ahead->runs) {
            if (!sendAhead(run)) return false;
        }
        _urgentSeq = std::max(_urgentSeq, ahead->through);
        if (!ahead->runs.empty()) return true;
        if (!looked) return false;
    }
    return false;
}

void SyncLoop::pushForked() {
    for (int i = 0; i < kPagesPerRoundMax && pushUrgent(); ++i) {
    }
}

Result<void> SyncLoop::pushAll() {
    while (true) {
        auto batch = _outbox.next(_batchEvents, _pushBytes.now());
        if (!batch) return passOn(batch);
        if (!*batch) return {};
        if (auto pushed = pushOne(**batch); !pushed) return pushed;
    }
}

Result<void> SyncLoop::pullAll() {
    for (int pages = 0; pages < kPagesPerRoundMax; ++pages) {
        auto cursor = _replica.cursor();
        if (!cursor) return passOn(cursor);
        auto page = paced(_pullEvents, [&] { return _hub.pull(*cursor, _pullEvents.now()); });
        if (!page) return passOn(page);
        if (page->cursor == *cursor && page->more)
            return fail(Code::corrupt, "the hub's page does not move on");
        // The last page is applied even when it is empty: it says that we are in step.
        if (page->cursor != *cursor || !page->more) {
            if (auto applied = _replica.apply(*page); !applied) return applied;
        }
        if (!page->more) {
            if (page->held) compare(*page->held);
            return {};
        }
        if (stopping()) return fail(Code::unavailable, "stopping");
    }
    return {};
}

Result<void> SyncLoop::round() {
    SyncStatus status = this->status();
    if (_outbox.pending().value_or(0) > kUrgentOver) pushUrgent(); // else the push is as fast
    auto done = pushAll();
    if (!done && stateFor(done.error()) == SyncStatus::State::forked) pushForked();
    // An answer that cannot be opened yet holds up neither the noes behind it nor what others said.
    const bool sealed = !done && done.error().code == Code::locked;
    if (sealed) pushForked();
    if (done || sealed) {
        auto pulled = pullAll();
        if (!pulled) done = std::move(pulled);
    }
    status.pending = _outbox.pending().value_or(status.pending);
    if (done) {
        status.state = SyncStatus::State::inStep;
        status.lastOkAt = _clock.now().at;
        status.problem.clear();
        status.reason.clear();
    } else {
        status.state = stateFor(done.error());
        status.problem = done.error().text();
        status.reason = status.state == SyncStatus::State::refused ? done.error().where : "";
    }
    setStatus(status);
    return done;
}

void SyncLoop::run() {
    while (true) {
        const bool ok = round().has_value();
        const TimeMs wait =
            ok ? _backoff.afterSuccess() : _backoff.afterFailure(_hub.retryAfterMs());
        std::unique_lock lock(_thread->mutex);
        _thread->wake.wait_for(lock, std::chrono::milliseconds(wait),
                               [&] { return _thread->stopping || (ok && _thread->nudged); });
        _thread->nudged = false;
        if (_thread->stopping) return;
    }
}

} // namespace souffleur::protocol
