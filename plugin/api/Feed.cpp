#include "plugin/api/Feed.h"

#include <array>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <list>
#include <mutex>
#include <optional>

namespace souffleur::api {

namespace {

using Time = std::chrono::steady_clock::time_point;

/// What a page has not been told yet.
struct News {
    bool session = false;
    bool desk = false;
    bool rush = false;
    bool printer = false;
    bool sync = false;
    bool front = false;
    bool drawer = false;
    bool resync = false;
    std::optional<ScanTrouble> scan;
    bool scanFirst = false; ///< the desk changed after it
    std::deque<counter::PrintJob> jobs;

    [[nodiscard]] bool urgent() const {
        return session || desk || rush || printer || front || drawer || resync || scan ||
               !jobs.empty();
    }
    void deskChanged() {
        desk = true;
        scanFirst = scan.has_value();
    }
};

/// JSON of ours has no line break in it, so one data line holds it.
void event(std::string& out, std::string_view name, std::string_view json) {
    out.append("event: ").append(name).append("\ndata: ").append(json).append("\n\n");
}

} // namespace

std::string_view name(ScanTrouble trouble) noexcept {
    static constexpr std::array<std::string_view, 9> kNames{
        "order-unknown", "slip-unknown",     "slip-mistyped", "slip-hidden", "slip-taken-back",
        "badge-unknown", "badge-locked-out", "lease-over",    "failed"};
    return kNames[static_cast<std::size_t>(trouble)];
}

struct Feed::State {
    struct Page {
        News news;
        bool ended = false;
        Time syncTold{};
    };

    FeedConfig config;
    mutable std::mutex mutex;
    std::condition_variable changed;
    std::list<Page> pages;
    counter::PrinterView printer;
    counter::Rush rush;
    std::deque<counter::PrintJob> open; ///< waiting or in doubt: what a new page must know
    std::uint64_t revision = 0;
    bool stopped = false;

    /// Called with the lock held.
    void remember(const counter::PrintJob& job) {
        std::erase_if(open, [&](const counter::PrintJob& one) { return one.id == job.id; });
        if (job.state != counter::JobState::queued && job.state != counter::JobState::printing &&
            job.state != counter::JobState::indeterminate) {
            return;
        }
        if (open.size() >= config.queueMax) open.pop_front();
        open.push_back(job);
    }

    template <typename Change>
    void tell(Change change) {
        const std::lock_guard lock(mutex);
        for (Page& page : pages) change(page.news);
        changed.notify_all();
    }

    struct Told {
        News news;
        counter::PrinterView printer;
        counter::Rush rush;
        std::uint64_t revision = 0;
    };

    /// Waits for something to say, or the heartbeat. Called with the lock held.
    Told wait(std::unique_lock<std::mutex>& lock, Page& page) {
        const auto now = [] { return std::chrono::steady_clock::now(); };
        const Time beat = now() + std::chrono::milliseconds(config.heartbeatMs);
        const Time syncDue = page.syncTold + std::chrono::milliseconds(config.syncEveryMs);
        for (;;) {
            const bool syncReady = page.news.sync && now() >= syncDue;
            if (stopped || page.ended || page.news.urgent() || syncReady || now() >= beat) break;
            changed.wait_until(lock, page.news.sync ? std::min(beat, syncDue) : beat);
        }
        Told told{std::move(page.news), printer, rush, revision};
        page.news = News{};
        if (told.news.sync && now() < syncDue) {
            told.news.sync = false;
            page.news.sync = true;
        }
        if (told.news.sync) page.syncTold = now();
        return told;
    }

    static void tellScan(std::string& out, ScanTrouble trouble) {
        event(out, "scan", R"({"code":")" + std::string(name(trouble)) + "\"}");
    }

    static std::string paint(const Told& told, const std::string& language, FeedPainter& painter) {
        std::string out;
        const News& news = told.news;
        if (news.session) event(out, "lock", painter.sessionPicture(language));
        if (news.scan && news.scanFirst) tellScan(out, *news.scan);
        if (news.desk) {
            const auto desk = painter.deskPicture(language);
            if (!desk.json.empty()) {
                out += "id: " + std::to_string(desk.revision) + "\n";
                event(out, desk.selected ? "flag" : "cleared", desk.json);
            }
        }
        if (news.scan && !news.scanFirst) tellScan(out, *news.scan);
        if (news.rush) event(out, "missed", painter.rushPicture(told.rush));
        if (news.printer) event(out, "printer", painter.printerPicture(told.printer));
        if (news.sync) event(out, "sync", painter.syncPicture());
        for (const auto& job : news.jobs) event(out, "job", painter.jobPicture(job));
        if (news.resync) {
            event(out, "resync", "{\"revision\":" + std::to_string(told.revision) + "}");
        }
        if (news.drawer) {
            event(out, "drawer", "{\"revision\":" + std::to_string(told.revision) + "}");
        }
        if (news.front) {
            event(out, "front", "{\"revision\":" + std::to_string(told.revision) + "}");
        }
        return out.empty() ? ":\n\n" : out;
    }

    void serve(std::list<Page>::iterator page, const http::Request& request,
               const std::string& language, FeedPainter& painter, http::StreamWriter& writer) {
        std::unique_lock lock(mutex);
        while (!stopped && !page->ended && !writer.stopping()) {
            const Told told = wait(lock, *page);
            if (stopped || page->ended) break;
            lock.unlock();
            const bool alive =
                painter.mayListen(request) && writer.write(paint(told, language, painter));
            lock.lock();
            if (!alive) break;
        }
    }
};

Feed::Feed(FeedConfig config) : _state(std::make_shared<State>()) {
    _state->config = config;
}

Feed::~Feed() {
    stop();
}

void Feed::deskChanged(std::uint64_t revision, bool) {
    const std::lock_guard lock(_state->mutex);
    _state->revision = revision;
    for (State::Page& page : _state->pages) page.news.deskChanged();
    _state->changed.notify_all();
}

void Feed::jobChanged(const counter::PrintJob& job) {
    const std::lock_guard lock(_state->mutex);
    _state->remember(job);
    for (State::Page& page : _state->pages) {
        if (page.news.jobs.size() >= _state->config.queueMax) {
            page.news.jobs.clear();
            page.news.resync = true;
        }
        page.news.jobs.push_back(job);
    }
    _state->changed.notify_all();
}

void Feed::printerChanged(const counter::PrinterView& printer) {
    const std::lock_guard lock(_state->mutex);
    _state->printer = printer;
    for (State::Page& page : _state->pages) page.news.printer = true;
    _state->changed.notify_all();
}

void Feed::sessionChanged(const counter::Session&) {
    // The desk with it: it is hidden or shown by the session.
    _state->tell([](News& news) {
        news.session = news.desk = true;
        news.scan.reset(); // who signs in now has not scanned it
    });
}

void Feed::rushChanged(const counter::Rush& rush) {
    const std::lock_guard lock(_state->mutex);
    _state->rush = rush;
    for (State::Page& page : _state->pages) page.news.rush = true;
    _state->changed.notify_all();
}

void Feed::syncChanged() {
    _state->tell([](News& news) { news.sync = true; });
}

void Feed::scanFailed(ScanTrouble trouble) {
    _state->tell([trouble](News& news) {
        news.scan = trouble;
        news.scanFirst = false;
    });
}

void Feed::drawerStayedShut() {
    _state->tell([](News& news) { news.drawer = true; });
}

void Feed::frontWanted() {
    _state->tell([](News& news) { news.front = true; });
}

http::Response Feed::subscribe(const http::Request& request, std::string language,
                               FeedPainter& painter) {
    const std::lock_guard lock(_state->mutex);
    State& state = *_state;
    // Pages that were reloaded are noticed late; a new one must not wait for that.
    std::size_t live = 0;
    for (auto page = state.pages.rbegin(); page != state.pages.rend(); ++page) {
        if (!page->ended && ++live >= state.config.maxPages) page->ended = true;
    }
    state.changed.notify_all();
    const auto page = state.pages.emplace(state.pages.end());
    page->news.session = page->news.desk = true;
    page->news.jobs = state.open;

    // The place is given back when the answer goes, whether its stream ever ran or not.
    const std::shared_ptr<void> place(nullptr, [shared = _state, page](void*) {
        const std::lock_guard guard(shared->mutex);
        shared->pages.erase(page);
    });
    return http::Response::streaming("text/event-stream", [shared = _state, page, place, request,
                                                           language = std::move(language),
                                                           &painter](http::StreamWriter& writer) {
        shared->serve(page, request, language, painter, writer);
    });
}

counter::PrinterView Feed::printer() const {
    const std::lock_guard lock(_state->mutex);
    return _state->printer;
}

std::size_t Feed::pages() const {
    const std::lock_guard lock(_state->mutex);
    std::size_t live = 0;
    for (const State::Page& page : _state->pages) live += page.ended ? 0 : 1;
    return live;
}

void Feed::stop() {
    const std::lock_guard lock(_state->mutex);
    _state->stopped = true;
    _state->changed.notify_all();
}

} // namespace souffleur::api
