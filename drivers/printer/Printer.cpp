#include "drivers/printer/Printer.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "drivers/escpos/Encoder.h"
#include "drivers/printer/Line.h"

namespace souffleur::printer {

std::string reasonsText(Reasons reasons) {
    static constexpr std::array<std::pair<Reason, std::string_view>, 10> kNames = {{
        {kOffline, "offline"},
        {kCoverOpen, "cover-open"},
        {kPaperNearEnd, "paper-near-end"},
        {kPaperEnd, "paper-end"},
        {kCutterError, "cutter-error"},
        {kMechanicalError, "mechanical-error"},
        {kFatalError, "fatal-error"},
        {kUnreachable, "unreachable"},
        {kNotDraining, "not-draining"},
        {kUnknown, "unknown"},
    }};
    std::string text;
    for (const auto& [reason, name] : kNames) {
        if ((reasons & reason) == 0) continue;
        if (!text.empty()) text += ',';
        text += name;
    }
    return text.empty() ? "ready" : text;
}

std::string_view jobEndName(JobEnd end) noexcept {
    switch (end) {
    case JobEnd::printed:
        return "printed";
    case JobEnd::failed:
        return "failed";
    case JobEnd::indeterminate:
        return "indeterminate";
    case JobEnd::expired:
        return "expired";
    }
    return "failed";
}

std::string_view refusalText(Refusal refusal) noexcept {
    switch (refusal) {
    case Refusal::queueFull:
        return "too many slips are waiting for the printer";
    case Refusal::stopping:
        return "the printer is being shut down";
    case Refusal::unknownJob:
        return "there is no such job, or it has ended already";
    }
    return "refused";
}

namespace {

using SharedDocument = std::shared_ptr<const escpos::Document>;

struct Pending {
    JobId id = 0;
    SharedDocument document;
    std::int64_t queuedAt = 0;
};

struct Kept {
    JobId id = 0;
    SharedDocument document;
};

} // namespace

struct Printer::Worker {
    escpos::Profile profile;
    Options options;
    escpos::Encoder encoder;
    Line line;
    Clock clock;
    Listener& listener;

    mutable std::mutex mutex;
    std::condition_variable wake;
    std::deque<Pending> queue;
    std::deque<Kept> indeterminate;
    std::deque<JobReport> ended; ///< reports for the listener, told by the thread only
    Reasons reasons = kUnknown;
    bool stopping = false;
    bool busy = false;
    JobId nextId = 1;
    std::uint32_t nextProcess = 0;
    std::thread thread; ///< last: it uses all of the above

    Worker(escpos::Profile model, std::unique_ptr<transport::Transport> transport, Clock now,
           Listener& hears, Options chosen)
        : profile(std::move(model)), options(chosen), encoder(profile),
          line(profile, std::move(transport), options), clock(std::move(now)), listener(hears),
          // Ids ascend from one run to the next as well, so that a stale reply is never ours.
          nextProcess(static_cast<std::uint32_t>(clock() / 1000)), thread([this] { run(); }) {}

    ~Worker() {
        {
            const std::scoped_lock lock(mutex);
            stopping = true;
        }
        line.cancel();
        wake.notify_all();
        thread.join();
    }

    void run() {
        (void) refresh();
        while (!stopped()) {
            tellEnded();
            expireOld();
            if (!hasWork()) {
                line.close();
                if (waitIdle()) (void) refresh();
                continue;
            }
            if ((refresh() & (kBlocking | kNotDraining)) != 0) {
                line.close();
                waitFor(options.retryMs);
                continue;
            }
            printNext();
        }
        finish();
    }

    [[nodiscard]] bool stopped() const {
        const std::scoped_lock lock(mutex);
        return stopping;
    }

    [[nodiscard]] bool hasWork() const {
        const std::scoped_lock lock(mutex);
        return !queue.empty();
    }

    /// True when it is time to look at the idle printer again.
    bool waitIdle() {
        std::unique_lock lock(mutex);
        const auto woken = [this] { return stopping || !queue.empty() || !ended.empty(); };
        if (options.refreshMs <= 0) {
            wake.wait(lock, woken);
            return false;
        }
        return !wake.wait_for(lock, std::chrono::milliseconds(options.refreshMs), woken);
    }

    void waitFor(int milliseconds) {
        std::unique_lock lock(mutex);
        wake.wait_for(lock, std::chrono::milliseconds(milliseconds),
                      [this] { return stopping || !ended.empty(); });
    }

    Reasons refresh() {
        const bool work = hasWork();
        if (!work && !line.twoWay()) return state(); // a look would only make an empty file
        const Reasons now = line.look();
        if (!work) line.close();
        setState(now);
        return now;
    }

    [[nodiscard]] Reasons state() const {
        const std::scoped_lock lock(mutex);
        return reasons;
    }

    void setState(Reasons now) {
        {
            const std::scoped_lock lock(mutex);
            if (stopping || std::exchange(reasons, now) == now) return;
        }
        listener.stateChanged(now);
    }

    void tellEnded() {
        std::deque<JobReport> reports;
        {
            const std::scoped_lock lock(mutex);
            reports.swap(ended);
        }
        for (const JobReport& report : reports) listener.jobEnded(report);
    }

    void expireOld() {
        const std::int64_t now = clock();
        {
            const std::scoped_lock lock(mutex);
            while (!queue.empty() && now - queue.front().queuedAt > options.expireAfterMs) {
                ended.push_back({queue.front().id, JobEnd::expired, Evidence::none,
                                 "waited too long for the printer and was dropped (" +
                                     reasonsText(reasons) + ")"});
                queue.pop_front();
            }
        }
        tellEnded();
    }

    void printNext() {
        Pending job;
        escpos::ProcessId process{};
        {
            const std::scoped_lock lock(mutex);
            if (stopping || queue.empty()) return; // or discarded meanwhile
            if (clock() - queue.front().queuedAt > options.expireAfterMs)
                return; // next round tells
            job = std::move(queue.front());
            queue.pop_front();
            busy = true;
            process = escpos::processId(nextProcess++);
        }
        JobReport report{job.id, JobEnd::failed, Evidence::none, {}};
        bool again = false;
        if (auto bytes = encoder.encode(*job.document, process)) {
            const auto outcome = line.print(std::move(*bytes), process, [this](Reasons now) {
                setState(now);
                return !stopped();
            });
            report = {job.id, outcome.end, outcome.evidence, outcome.message};
            again = outcome.nothingSent;
        } else {
            report.message = bytes.error().message;
        }
        settle(std::move(job), report, again);
    }

    void settle(Pending job, const JobReport& report, bool again) {
        {
            const std::scoped_lock lock(mutex);
            busy = false;
            if (again && !stopping) {
                queue.push_front(std::move(job));
            } else {
                if (report.end == JobEnd::indeterminate) keep({job.id, std::move(job.document)});
                ended.push_back(report);
            }
        }
        if (again) {
            line.close();
            setState(kNotDraining);
            waitFor(options.retryMs);
        }
        tellEnded();
    }

    void keep(Kept kept) {
        indeterminate.push_back(std::move(kept));
        if (indeterminate.size() > options.maxIndeterminate) indeterminate.pop_front();
    }

    void finish() {
        {
            const std::scoped_lock lock(mutex);
            for (const Pending& job : queue) {
                ended.push_back(
                    {job.id, JobEnd::failed, Evidence::none, "the printer was shut down"});
            }
            queue.clear();
        }
        line.close();
        tellEnded();
    }

    [[nodiscard]] tl::expected<JobId, Refusal> enqueue(SharedDocument document) { // under the lock
        if (stopping) return tl::make_unexpected(Refusal::stopping);
        if (queue.size() >= options.maxQueued) return tl::make_unexpected(Refusal::queueFull);
        queue.push_back({nextId, std::move(document), clock()});
        wake.notify_all();
        return nextId++;
    }
};

Printer::Printer(escpos::Profile profile, std::unique_ptr<transport::Transport> transport,
                 Clock clock, Listener& listener, Options options)
    : _worker(std::make_unique<Worker>(std::move(profile), std::move(transport), std::move(clock),
                                       listener, options)) {}

Printer::~Printer() = default;

tl::expected<JobId, Refusal> Printer::submit(escpos::Document document) {
    auto shared = std::make_shared<const escpos::Document>(std::move(document));
    const std::scoped_lock lock(_worker->mutex);
    return _worker->enqueue(std::move(shared));
}

tl::expected<JobId, Refusal> Printer::reprint(JobId indeterminate) {
    const std::scoped_lock lock(_worker->mutex);
    auto& kept = _worker->indeterminate;
    const auto found = std::find_if(kept.begin(), kept.end(),
                                    [&](const Kept& one) { return one.id == indeterminate; });
    if (found == kept.end()) return tl::make_unexpected(Refusal::unknownJob);
    auto queued = _worker->enqueue(found->document);
    if (queued) kept.erase(found);
    return queued;
}

tl::expected<void, Refusal> Printer::discard(JobId job) {
    const std::scoped_lock lock(_worker->mutex);
    const auto same = [&](const auto& one) { return one.id == job; };
    auto& kept = _worker->indeterminate;
    if (const auto found = std::find_if(kept.begin(), kept.end(), same); found != kept.end()) {
        kept.erase(found);
        return {};
    }
    auto& queue = _worker->queue;
    const auto found = std::find_if(queue.begin(), queue.end(), same);
    if (found == queue.end()) return tl::make_unexpected(Refusal::unknownJob);
    queue.erase(found);
    _worker->ended.push_back(
        {job, JobEnd::failed, Evidence::none, "taken back before it was printed"});
    _worker->wake.notify_all();
    return {};
}

Reasons Printer::state() const {
    return _worker->state();
}

std::size_t Printer::queued() const {
    const std::scoped_lock lock(_worker->mutex);
    return _worker->queue.size() + (_worker->busy ? 1 : 0);
}

const escpos::Profile& Printer::profile() const {
    return _worker->profile;
}

std::string Printer::describe() const {
    return _worker->line.describe();
}

} // namespace souffleur::printer
