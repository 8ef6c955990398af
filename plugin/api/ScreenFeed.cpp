#include "plugin/api/ScreenFeed.h"

#include <chrono>
#include <condition_variable>
#include <list>
#include <mutex>

namespace souffleur::api {

struct ScreenFeed::State {
    struct Page {
        bool news = true;
        bool ended = false;
    };

    explicit State(int beatMs) : heartbeatMs(beatMs) {}

    const int heartbeatMs;
    std::mutex mutex;
    std::condition_variable changed;
    std::list<Page> pages;
    bool stopped = false;

    std::mutex presence; ///< never taken with `mutex` held
    std::function<void(bool)> hook;
    bool there = false;

    void wake() {
        const std::lock_guard lock(mutex);
        for (Page& page : pages) page.news = true;
        changed.notify_all();
    }

    void tellPresence() {
        const std::lock_guard order(presence);
        bool now = false;
        {
            const std::lock_guard lock(mutex);
            now = !pages.empty();
        }
        if (now == there) return;
        there = now;
        if (hook) hook(now);
    }

    void serve(std::list<Page>::iterator page, const Painter& painter, http::StreamWriter& writer) {
        std::string shown;
        std::unique_lock lock(mutex);
        const auto over = [&] { return stopped || page->ended || writer.stopping(); };
        while (!over()) {
            changed.wait_for(lock, std::chrono::milliseconds(heartbeatMs),
                             [&] { return stopped || page->ended || page->news; });
            if (over()) return;
            page->news = false;
            lock.unlock();
            bool alive = painter.mayListen();
            // A beat looks too: a hand-over ends by the clock as well.
            std::string picture = alive ? painter.picture() : std::string();
            const bool fresh = picture != shown;
            alive = alive && writer.write(fresh ? "event: shown\ndata: " + picture + "\n\n"
                                                : std::string(":\n\n"));
            shown = std::move(picture);
            lock.lock();
            if (!alive) return;
        }
    }
};

ScreenFeed::ScreenFeed(int heartbeatMs) : _state(std::make_shared<State>(heartbeatMs)) {}

ScreenFeed::~ScreenFeed() {
    stop();
}

void ScreenFeed::deskChanged(std::uint64_t, bool) {
    _state->wake();
}

void ScreenFeed::sessionChanged(const counter::Session&) {
    _state->wake();
}

void ScreenFeed::onPresence(std::function<void(bool)> hook) {
    const std::lock_guard order(_state->presence);
    _state->hook = std::move(hook);
}

http::Response ScreenFeed::subscribe(Painter painter) {
    std::list<State::Page>::iterator page;
    {
        const std::lock_guard lock(_state->mutex);
        for (State::Page& older : _state->pages) older.ended = true;
        page = _state->pages.emplace(_state->pages.end());
        _state->changed.notify_all();
    }
    // The place is given back when the answer goes, whether its stream ever ran or not.
    const std::shared_ptr<void> place(nullptr, [shared = _state, page](void*) {
        {
            const std::lock_guard lock(shared->mutex);
            shared->pages.erase(page);
        }
        shared->tellPresence();
    });
    _state->tellPresence();
    return http::Response::streaming(
        "text/event-stream",
        [shared = _state, page, place, painter = std::move(painter)](http::StreamWriter& writer) {
            shared->serve(page, painter, writer);
        });
}

void ScreenFeed::stop() {
    onPresence({});
    const std::lock_guard lock(_state->mutex);
    _state->stopped = true;
    _state->changed.notify_all();
}

} // namespace souffleur::api
