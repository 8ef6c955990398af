#include "drivers/printer/JobQueue.h"

#include <algorithm>
#include <utility>

namespace souffleur::printer {
namespace {

/// A drawer opens now or not at all: nobody stands there any more.
constexpr std::int64_t kDrawerWaitMs = 10'000;

auto same(JobId id) {
    return [id](const QueuedJob& job) { return job.id == id; };
}

} // namespace

JobQueue::JobQueue(const escpos::Profile& profile, bool open, const Options& options,
                   Printer::Clock clock, std::unique_ptr<JobStore> store)
    : _options(options), _clock(std::move(clock)), _encoder(profile), _settled(!open),
      _store(std::move(store)) {
    if (_store) restore();
}

void JobQueue::useProfile(const escpos::Profile& profile) {
    const std::scoped_lock lock(_mutex);
    _settled = true;
    if (profile.id != _encoder.profile().id) _encoder = escpos::Encoder(profile);
}

/// Under the lock. A drawer opens alike on every model.
bool JobQueue::isFor(const QueuedJob& job) const {
    return job.drawer || job.profile == _encoder.profile().id;
}

void JobQueue::restore() {
    const std::int64_t now = _clock();
    for (StoredJob& stored : _store->load()) {
        _next = std::max(_next, stored.id + 1);
        const bool fits = (!_settled || stored.profile == _encoder.profile().id) &&
                          _waiting.size() < _options.maxQueued &&
                          _doubtful.size() < _options.maxIndeterminate;
        if (stored.ageMs > _options.expireAfterMs || !fits) {
            _store->erase(stored.id);
            continue;
        }
        _restored.push_back({stored.id, stored.tag, stored.sent, stored.ageMs});
        QueuedJob job;
        job.id = stored.id;
        job.bytes = std::make_shared<const escpos::Bytes>(std::move(stored.bytes));
        job.profile = std::move(stored.profile);
        job.tag = std::move(stored.tag);
        job.submittedAt = now - stored.ageMs;
        job.expiresAt = job.submittedAt + _options.expireAfterMs;
        job.carried = true;
        (stored.sent ? _doubtful : _waiting).push_back(std::move(job));
    }
}

tl::expected<JobId, Refusal> JobQueue::submit(QueuedJob job) {
    const std::scoped_lock lock(_mutex);
    if (_stopping) return tl::make_unexpected(Refusal::stopping);
    if (_waiting.size() >= _options.maxQueued) return tl::make_unexpected(Refusal::queueFull);
    if (job.tag.size() > kMaxTagBytes || job.tag.find('\n') != std::string::npos) {
        return tl::make_unexpected(Refusal::badTag);
    }
    job.id = _next++;
    job.submittedAt = _clock();
    job.expiresAt = job.submittedAt + (job.drawer ? kDrawerWaitMs : _options.expireAfterMs);
    _waiting.push_back(std::move(job));
    return _waiting.back().id;
}

tl::expected<JobId, Refusal> JobQueue::reprint(JobId indeterminate) {
    const std::scoped_lock lock(_mutex);
    const auto found = std::ranges::find_if(_doubtful, same(indeterminate));
    if (found == _doubtful.end() || _clock() > found->expiresAt) {
        return tl::make_unexpected(Refusal::unknownJob);
    }
    if (_stopping) return tl::make_unexpected(Refusal::stopping);
    if (_waiting.size() >= _options.maxQueued) return tl::make_unexpected(Refusal::queueFull);
    QueuedJob job = std::move(*found);
    _doubtful.erase(found);
    if (job.carried) _over.push_back(job.id);
    job.id = _next++;
    job.carried = false;
    _waiting.push_back(std::move(job)); // with the two minutes that it had
    return _waiting.back().id;
}

tl::expected<void, Refusal> JobQueue::discard(JobId job) {
    const std::scoped_lock lock(_mutex);
    if (const auto found = std::ranges::find_if(_doubtful, same(job)); found != _doubtful.end()) {
        forget(*found);
        _doubtful.erase(found);
        return {};
    }
    const auto found = std::ranges::find_if(_waiting, same(job));
    if (found == _waiting.end()) return tl::make_unexpected(Refusal::unknownJob);
    end(*found, JobEnd::failed, "taken back before it was printed");
    _waiting.erase(found);
    return {};
}

std::size_t JobQueue::count() const {
    const std::scoped_lock lock(_mutex);
    return _waiting.size() + (_busy ? 1 : 0);
}

bool JobQueue::empty() const {
    const std::scoped_lock lock(_mutex);
    return _waiting.empty();
}

bool JobQueue::restless() const {
    const std::scoped_lock lock(_mutex);
    return !_doubtful.empty() || !_over.empty();
}

bool JobQueue::hasEnded() const {
    const std::scoped_lock lock(_mutex);
    return !_ended.empty() || !_over.empty();
}

std::vector<JobReport> JobQueue::takeEnded() {
    const std::scoped_lock lock(_mutex);
    return std::exchange(_ended, {});
}

/// Under the lock.
void JobQueue::end(const QueuedJob& job, JobEnd how, std::string message) {
    _ended.push_back({job.id, how, Evidence::none, std::move(message)});
    forget(job);
}

void JobQueue::forget(const QueuedJob& job) {
    if (job.carried) _over.push_back(job.id);
}

void JobQueue::carry() {
    std::vector<QueuedJob> raw;
    std::vector<QueuedJob> bare;
    std::vector<JobId> over;
    {
        const std::scoped_lock lock(_mutex);
        const auto wrong = [this](const QueuedJob& job) {
            return _settled && job.bytes && !job.document && !isFor(job);
        };
        for (QueuedJob& job : _waiting) {
            if (wrong(job)) end(job, JobEnd::failed, "was made for another model of printer");
            if (!job.document || (job.bytes && isFor(job))) continue;
            if (std::exchange(job.carried, false)) _over.push_back(job.id);
            raw.push_back(job);
        }
        std::erase_if(_waiting, wrong);
        over = std::exchange(_over, {});
    }
    for (const QueuedJob& job : raw) encode(job.id, *job.document);
    if (!_store) return;
    {
        const std::scoped_lock lock(_mutex);
        for (QueuedJob& job : _waiting) {
            if (job.carried || job.drawer || !job.bytes) continue;
            bare.push_back(job);
            job.carried = true;
        }
    }
    for (const JobId id : over) _store->erase(id);
    for (const QueuedJob& job : bare) {
        (void) _store->put({job.id, job.profile, job.tag, *job.bytes, false,
                            std::max<std::int64_t>(0, _clock() - job.submittedAt)});
    }
}

void JobQueue::encode(JobId id, const escpos::Document& document) {
    auto bytes = _encoder.encode(document);
    const std::scoped_lock lock(_mutex);
    const auto found = std::ranges::find_if(_waiting, same(id));
    if (found == _waiting.end()) return; // taken back meanwhile
    if (!bytes) {
        end(*found, JobEnd::failed, bytes.error().message);
        _waiting.erase(found);
        return;
    }
    found->bytes = std::make_shared<const escpos::Bytes>(std::move(*bytes));
    found->profile = _encoder.profile().id;
}

void JobQueue::expire(const std::string& state) {
    const std::int64_t now = _clock();
    const std::scoped_lock lock(_mutex);
    const auto old = [now](const QueuedJob& job) { return now > job.expiresAt; };
    for (const QueuedJob& job : _waiting) {
        if (!old(job)) continue;
        end(job, JobEnd::expired,
            "waited too long for the printer and was dropped (" + state + ")");
    }
    for (const QueuedJob& job : _doubtful) {
        if (!old(job)) continue;
        end(job, JobEnd::expired, "nobody said in time whether it came out: dropped");
    }
    std::erase_if(_waiting, old);
    std::erase_if(_doubtful, old);
}

std::optional<QueuedJob> JobQueue::take() {
    QueuedJob job;
    {
        const std::scoped_lock lock(_mutex);
        if (_stopping || _waiting.empty()) return std::nullopt;
        const QueuedJob& first = _waiting.front();
        // Else in the next round, after carry().
        if (!first.bytes || !isFor(first) || _clock() > first.expiresAt) return std::nullopt;
        job = std::move(_waiting.front());
        _waiting.pop_front();
        _busy = true;
    }
    // What cannot be marked must not stand there as never sent: it would come out twice.
    if (job.carried && !_store->markSent(job.id)) _store->erase(job.id);
    return job;
}

void JobQueue::giveBack(QueuedJob job) {
    // Where that fails it stays marked: asked about after the process's end, not printed twice.
    if (_store && job.carried) (void) _store->markWaiting(job.id);
    const std::scoped_lock lock(_mutex);
    _busy = false;
    _waiting.push_front(std::move(job));
}

void JobQueue::settle(const QueuedJob& job, const JobReport& report) {
    const std::scoped_lock lock(_mutex);
    _busy = false;
    _ended.push_back(report);
    if (report.end == JobEnd::indeterminate && !job.drawer) {
        keep(job);
    } else {
        forget(job);
    }
}

void JobQueue::keep(const QueuedJob& job) {
    _doubtful.push_back(job);
    if (_doubtful.size() <= _options.maxIndeterminate) return;
    forget(_doubtful.front());
    _doubtful.pop_front();
}

void JobQueue::stop() {
    carry();
    const std::scoped_lock lock(_mutex);
    _stopping = true;
    for (const QueuedJob& job : _waiting) {
        if (_store && job.carried) continue;
        _ended.push_back({job.id, JobEnd::failed, Evidence::none, "the printer was shut down"});
    }
    _waiting.clear();
}

} // namespace souffleur::printer
