#include "drivers/printer/Printer.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "drivers/printer/JobQueue.h"
#include "drivers/printer/Line.h"
#include "drivers/transport/UsbTransport.h"

namespace souffleur::printer {
namespace {

/// How soon a slip in doubt is erased when its time is over.
constexpr int kRestlessMs = 1000;

using Moment = std::chrono::steady_clock::time_point;

Choice named(escpos::Profile profile) {
    Choice choice;
    choice.model.profile = std::move(profile);
    choice.model.drawer.kick = true;
    return choice;
}

/// "EPSON TM-T88V", or what the line knows.
std::string wordsOf(const Seen& seen) {
    std::string words = seen.maker;
    if (!seen.name.empty()) words += (words.empty() ? "" : " ") + seen.name;
    if (!words.empty()) return "the printer says it is " + words;
    if (!seen.deviceId.empty()) return "its device id is " + seen.deviceId;
    if (seen.usbVendor != 0) {
        const transport::UsbId id{seen.usbVendor, seen.usbProduct};
        return "it says nothing and is on USB as " + id.text();
    }
    return "the printer does not say what it is";
}

} // namespace

struct Printer::Worker {
    Choice choice;           ///< its model is the one it is taken for now; under the mutex
    const Model declared;    ///< what it is until it says otherwise
    escpos::Profile profile; ///< changed by the printer's thread under the mutex
    Options options;
    Line line;
    Clock clock;
    Listener& listener;
    JobQueue queue;

    mutable std::mutex mutex;
    std::condition_variable wake;
    Reasons reasons = kUnknown;
    bool stopping = false;
    bool poked = false;
    bool lookNow = false;
    std::string refusal; ///< why this model gets nothing; the thread's own
    std::string told;    ///< last to choice.tell; the thread's own
    Moment lastLook;     ///< at the printer; the thread's own
    std::uint32_t nextProcess = 0;
    std::thread thread; ///< last: it uses all of the above

    Worker(Choice what, std::unique_ptr<transport::Transport> transport, Clock now, Listener& hears,
           Options chosen, std::unique_ptr<JobStore> store)
        : choice(std::move(what)), declared(choice.model), profile(declared.profile),
          options(chosen), line(profile, std::move(transport), options), clock(std::move(now)),
          listener(hears), queue(profile, !choice.others.empty(), options, clock, std::move(store)),
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
        for (const RestoredJob& job : queue.takeRestored()) listener.jobRestored(job);
        (void) refresh();
        while (!stopped()) {
            keepHouse();
            if (queue.empty()) {
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
        queue.stop();
        line.close();
        tellEnded();
    }

    /// Encodes, stores, drops and tells what there is; never touches the device.
    void keepHouse() {
        queue.carry();
        queue.expire(reasonsText(state()));
        tellEnded();
    }

    void tellEnded() {
        for (const JobReport& report : queue.takeEnded()) listener.jobEnded(report);
    }

    [[nodiscard]] bool stopped() const {
        const std::scoped_lock lock(mutex);
        return stopping;
    }

    void poke() {
        {
            const std::scoped_lock lock(mutex);
            poked = true;
        }
        wake.notify_all();
    }

    /// True when it is time to look at the idle printer again.
    bool waitIdle() {
        const auto woken = [this] { return stopping || poked; };
        const bool looks = options.refreshMs > 0;
        std::unique_lock lock(mutex);
        // Who puts paper in looks up to see whether all is fine again.
        const bool hand = (reasons & kBlocking & ~kUnreachable) != 0;
        const int every =
            hand ? std::min(options.troubledMs, options.refreshMs) : options.refreshMs;
        const Moment nextLook = lastLook + std::chrono::milliseconds(every);
        if (queue.restless()) {
            const auto soon = Moment::clock::now() + std::chrono::milliseconds(kRestlessMs);
            wake.wait_until(lock, looks ? std::min(soon, nextLook) : soon, woken);
        } else if (looks) {
            wake.wait_until(lock, nextLook, woken);
        } else {
            wake.wait(lock, woken);
        }
        poked = false;
        if (std::exchange(lookNow, false)) return !stopping;
        return looks && !stopping && Moment::clock::now() >= nextLook;
    }

    void waitFor(int milliseconds) {
        std::unique_lock lock(mutex);
        wake.wait_for(lock, std::chrono::milliseconds(milliseconds),
                      [this] { return stopping || poked; });
        poked = false;
    }

    Reasons refresh() {
        lastLook = Moment::clock::now();
        const bool work = !queue.empty();
        if (!work && !line.twoWay()) return state(); // a look would only make an empty file
        Reasons now = line.look();
        if (!line.gaveWay() && !choice.others.empty()) now = meet(now);
        if (!work) line.close();
        if (line.gaveWay()) return work ? Reasons{kNotDraining} : state();
        setState(now);
        return now;
    }

    /// What it is by its own words and the line's. One that holds jobs back now is asked later: it
    /// would not answer.
    Reasons meet(Reasons now) {
        if ((now & (kBlocking | kNotDraining)) == 0) {
            if (!line.meet()) return kUnreachable;
            now = line.heard();
            choose(line.seen());
            queue.useProfile(profile);
        }
        return refusal.empty() ? now : now | kFatalError;
    }

    void choose(const Seen& seen) {
        const Model* const best = bestModel(choice.others, seen);
        const Model& model = best != nullptr ? *best : declared;
        refusal = best != nullptr ? best->refusal : std::string();
        if (refusal.empty() && model.profile.id != profile.id) {
            const std::scoped_lock lock(mutex);
            choice.model = model;
            profile = model.profile;
        }
        std::string text = line.describe() + ": ";
        if (refusal.empty()) {
            text += "printing as " + profile.id + ", for " + wordsOf(seen);
            if (best == nullptr && !seen.name.empty()) text += ", which no profile names";
        } else {
            text += refusal;
        }
        if (std::exchange(told, text) != text && choice.tell) choice.tell(choice.model, text);
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

    void printNext() {
        auto job = queue.take();
        if (!job) return; // taken back meanwhile, or its time is over
        const JobId id = job->id;
        listener.jobPrinting(id, true);
        const Line::JobIds ids{.first = escpos::processId(nextProcess + 1),
                               .last = escpos::processId(nextProcess)};
        nextProcess += 2;
        const auto outcome = line.print(*job->bytes, ids, [this](Reasons now) {
            setState(now);
            keepHouse();
            return !stopped();
        });
        if (outcome.nothingSent) {
            queue.giveBack(std::move(*job));
            listener.jobPrinting(id, false);
            line.close();
            setState(kNotDraining);
            waitFor(options.retryMs);
            return;
        }
        const JobReport report{job->id, outcome.end, outcome.evidence, outcome.message};
        queue.settle(*job, report);
        keepHouse();
    }
};

Printer::Printer(escpos::Profile profile, std::unique_ptr<transport::Transport> transport,
                 Clock clock, Listener& listener, Options options, std::unique_ptr<JobStore> store)
    : Printer(named(std::move(profile)), std::move(transport), std::move(clock), listener, options,
              std::move(store)) {}

Printer::Printer(Choice choice, std::unique_ptr<transport::Transport> transport, Clock clock,
                 Listener& listener, Options options, std::unique_ptr<JobStore> store)
    : _worker(std::make_unique<Worker>(std::move(choice), std::move(transport), std::move(clock),
                                       listener, options, std::move(store))) {}

Printer::~Printer() = default;

tl::expected<JobId, Refusal> Printer::submit(escpos::Document document, std::string tag) {
    QueuedJob job;
    job.document = std::make_shared<const escpos::Document>(std::move(document));
    job.tag = std::move(tag);
    auto submitted = _worker->queue.submit(std::move(job));
    _worker->poke();
    return submitted;
}

tl::expected<JobId, Refusal> Printer::kickDrawer(int pin, int onMs, int offMs) {
    QueuedJob job;
    job.bytes = std::make_shared<const escpos::Bytes>(escpos::drawerKick(pin, onMs, offMs));
    job.drawer = true;
    auto submitted = _worker->queue.submit(std::move(job));
    _worker->poke();
    return submitted;
}

tl::expected<JobId, Refusal> Printer::kickDrawer() {
    Drawer drawer;
    {
        const std::scoped_lock lock(_worker->mutex);
        drawer = _worker->choice.model.drawer;
    }
    if (!drawer.kick) return tl::make_unexpected(Refusal::noDrawer);
    return kickDrawer(2, drawer.onMs, drawer.offMs);
}

tl::expected<JobId, Refusal> Printer::reprint(JobId indeterminate) {
    auto queued = _worker->queue.reprint(indeterminate);
    _worker->poke();
    return queued;
}

tl::expected<void, Refusal> Printer::discard(JobId job) {
    auto done = _worker->queue.discard(job);
    _worker->poke();
    return done;
}

void Printer::lookAgain() {
    {
        const std::scoped_lock lock(_worker->mutex);
        _worker->lookNow = true;
    }
    _worker->poke();
}

Reasons Printer::state() const {
    return _worker->state();
}

std::size_t Printer::queued() const {
    return _worker->queue.count();
}

escpos::Profile Printer::profile() const {
    const std::scoped_lock lock(_worker->mutex);
    return _worker->profile;
}

std::string Printer::describe() const {
    return _worker->line.describe();
}

} // namespace souffleur::printer
