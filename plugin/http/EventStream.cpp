#include "plugin/http/EventStream.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <list>
#include <mutex>

#include "plugin/crypto/Encoding.h"
#include "plugin/crypto/Handle.h"

namespace souffleur::http {

namespace {

using Wanted = std::function<bool(std::string_view)>;

struct Event {
    std::uint64_t number = 0;
    std::string name;
    std::shared_ptr<const std::string> frame; ///< shared by all queues
};

/// "data:" before each line; CR counts as a line end for the reader, so it must not get through.
std::string frameOf(std::string_view id, std::string_view event, std::string_view json) {
    std::string frame = "id: " + std::string(id) + "\nevent: " + std::string(event) + "\ndata: ";
    for (const char c : json) {
        if (c == '\r') continue;
        frame.push_back(c);
        if (c == '\n') frame += "data: ";
    }
    return frame + "\n\n";
}

bool nameFits(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '.';
    });
}

} // namespace

struct EventStream::State {
    struct Subscriber {
        Wanted wanted;
        std::deque<std::shared_ptr<const std::string>> queue;
        bool resync = false;
    };

    EventStreamConfig config;
    std::string run; ///< names this run of the program: numbers of another one mean nothing
    mutable std::mutex mutex;
    std::condition_variable changed;
    std::deque<Event> ring;
    std::list<Subscriber> subscribers;
    std::uint64_t last = 0;
    bool stopped = false;

    [[nodiscard]] std::string idOf(std::uint64_t number) const {
        return run + "-" + std::to_string(number);
    }
    [[nodiscard]] std::string resyncFrame() const { return frameOf(idOf(last), "resync", "{}"); }
    void catchUp(Subscriber& subscriber, std::string_view lastId) const;
    void serve(std::list<Subscriber>::iterator subscriber, StreamWriter& writer);
    std::string take(Subscriber& subscriber) const;
};

/// Called with the lock held.
void EventStream::State::catchUp(Subscriber& subscriber, std::string_view lastId) const {
    if (lastId.empty()) return;
    const std::size_t dash = lastId.rfind('-');
    std::uint64_t seen = 0;
    bool known = dash != std::string_view::npos && lastId.substr(0, dash) == run;
    if (known) {
        const char* end = lastId.data() + lastId.size();
        const auto [rest, error] = std::from_chars(lastId.data() + dash + 1, end, seen);
        known = error == std::errc{} && rest == end && seen <= last;
    }
    const std::uint64_t oldest = ring.empty() ? last + 1 : ring.front().number;
    if (!known || seen + 1 < oldest) {
        subscriber.resync = true;
        return;
    }
    for (const Event& event : ring) {
        if (event.number > seen && (!subscriber.wanted || subscriber.wanted(event.name))) {
            subscriber.queue.push_back(event.frame);
        }
    }
}

/// What is to be written next, all at once; called with the lock held.
std::string EventStream::State::take(Subscriber& subscriber) const {
    std::string bytes;
    if (subscriber.resync) bytes = resyncFrame();
    subscriber.resync = false;
    for (const auto& frame : subscriber.queue) bytes += *frame;
    subscriber.queue.clear();
    return bytes;
}

void EventStream::State::serve(std::list<Subscriber>::iterator subscriber, StreamWriter& writer) {
    bool alive = writer.write("retry: " + std::to_string(config.retryMs) + "\n\n");
    std::unique_lock lock(mutex);
    while (alive && !stopped && !writer.stopping()) {
        const auto ready = [&] {
            return stopped || subscriber->resync || !subscriber->queue.empty();
        };
        changed.wait_for(lock, std::chrono::milliseconds(config.heartbeatMs), ready);
        if (stopped) break;
        std::string bytes = take(*subscriber);
        if (bytes.empty()) bytes = ": \n\n"; // a gone peer is noticed only on write
        lock.unlock();
        alive = writer.write(bytes);
        lock.lock();
    }
}

EventStream::EventStream(EventStreamConfig config, Random& random)
    : _state(std::make_shared<State>()) {
    _state->config = config;
    _state->run = crypto::toHex(crypto::bytesOf(crypto::randomHandle(random))).substr(0, 12);
}

EventStream::~EventStream() {
    stop();
}

std::uint64_t EventStream::publish(std::string_view event, std::string_view json) {
    if (!nameFits(event)) throw std::logic_error("event stream: malformed event name");
    const std::lock_guard lock(_state->mutex);
    State& state = *_state;
    const std::uint64_t number = ++state.last;
    auto frame = std::make_shared<const std::string>(frameOf(state.idOf(number), event, json));
    state.ring.push_back({number, std::string(event), frame});
    while (state.ring.size() > state.config.ringMax) state.ring.pop_front();
    for (State::Subscriber& subscriber : state.subscribers) {
        if (subscriber.wanted && !subscriber.wanted(event)) continue;
        if (subscriber.queue.size() >= state.config.queueMax) {
            subscriber.queue.clear();
            subscriber.resync = true;
        }
        if (!subscriber.resync) subscriber.queue.push_back(frame);
    }
    state.changed.notify_all();
    return number;
}

Result<Response> EventStream::subscribe(const Request& request, Wanted wanted) {
    const std::lock_guard lock(_state->mutex);
    State& state = *_state;
    if (state.stopped || state.subscribers.size() >= state.config.maxSubscribers) {
        return fail(Code::unavailable, "no more event streams can be opened now: try again later");
    }
    const auto subscriber = state.subscribers.emplace(state.subscribers.end());
    subscriber->wanted = std::move(wanted);
    state.catchUp(*subscriber, request.headers.get("Last-Event-ID"));

    // The place is given back when the response goes, whether its stream ever ran or not.
    const std::shared_ptr<void> place(nullptr, [shared = _state, subscriber](void*) {
        const std::lock_guard guard(shared->mutex);
        shared->subscribers.erase(subscriber);
    });
    return Response::streaming("text/event-stream",
                               [shared = _state, subscriber, place](StreamWriter& writer) {
                                   shared->serve(subscriber, writer);
                               });
}

void EventStream::stop() {
    const std::lock_guard lock(_state->mutex);
    _state->stopped = true;
    _state->changed.notify_all();
}

std::size_t EventStream::subscribers() const {
    const std::lock_guard lock(_state->mutex);
    return _state->subscribers.size();
}

} // namespace souffleur::http
