#include "drivers/scanner/Scanner.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "drivers/scanner/Reader.h"

namespace souffleur::scanner {
namespace {

using Clock = std::chrono::steady_clock;

constexpr Milliseconds kOpen{2000};
constexpr Milliseconds kTurn{1000};
constexpr Milliseconds kFirstPause{250};
constexpr Milliseconds kLongestPause{2000};
constexpr Milliseconds kNever{30'000};

/// Ten codes a second in the long run, thirty at once: no hand scans faster.
class Gate {
public:
    bool open() {
        const auto now = Clock::now();
        const auto earned = std::chrono::duration<double>(now - _last).count() * kPerSecond;
        _tokens = std::min(kBurst, _tokens + earned);
        _last = now;
        if (_tokens < 1) return false;
        _tokens -= 1;
        return true;
    }

private:
    static constexpr double kPerSecond = 10;
    static constexpr double kBurst = 30;
    double _tokens = kBurst;
    Clock::time_point _last = Clock::now();
};

class Worker final : public Scanner {
public:
    Worker(std::unique_ptr<Reader> reader, std::unique_ptr<Counters> counters, Events& events)
        : _counters(std::move(counters)), _reader(std::move(reader)), _events(events) {
        _teller = std::thread([this] { tell(); });
        _thread = std::thread([this] { run(); });
    }

    ~Worker() override {
        {
            const std::scoped_lock lock(_mutex);
            _stop = true;
        }
        _wake.notify_all();
        _reader->cancel();
        _thread.join();
        _teller.join();
    }

    [[nodiscard]] State state() const noexcept override { return _state; }
    [[nodiscard]] Stats stats() const noexcept override {
        return {_codes, _counters->passed, _dropped, _counters->broken};
    }

private:
    void run() {
        Milliseconds pause = kFirstPause;
        while (!stopping()) {
            if (auto opened = _reader->open(kOpen); !opened) {
                change(State::absent, opened.error().message);
                std::unique_lock lock(_mutex);
                // What can never work is not worth taking its driver away every other second.
                const bool never = opened.error().fault == Fault::invalid;
                _wake.wait_for(lock, never ? kNever : pause, [this] { return _stop; });
                pause = std::min(pause * 2, kLongestPause);
                continue;
            }
            pause = kFirstPause;
            change(State::listening, _reader->describe() + ": codes are heard");
            listen();
        }
        _reader->close();
    }

    void listen() {
        while (!stopping()) {
            auto found = _reader->next(kTurn);
            if (!found && found.error().fault == Fault::cancelled) continue;
            if (!found) return change(State::absent, found.error().message);
            if (*found) offer(std::move(**found));
        }
    }

    void offer(Found found) {
        {
            const std::scoped_lock lock(_mutex);
            if (!_gate.open() || _queue.size() >= kQueueMax) {
                ++_dropped;
                return;
            }
            _queue.push_back({std::move(found.text), std::move(found.symbology), _reader->source(),
                              std::chrono::system_clock::now()});
        }
        _wake.notify_all();
    }

    void change(State state, const std::string& words) {
        _state = state;
        {
            const std::scoped_lock lock(_mutex);
            if (_told == words) return;
            _told = words;
            _news = {state, words};
        }
        _wake.notify_all();
    }

    /// The listener's thread: however long it takes, the device is read and its keys are typed on.
    void tell() {
        std::unique_lock lock(_mutex);
        for (;;) {
            _wake.wait(lock, [this] { return _stop || _news || !_queue.empty(); });
            if (_stop) return;
            if (_news) {
                const auto news = *std::exchange(_news, std::nullopt);
                lock.unlock();
                _events.changed(news.first, news.second);
            } else {
                const Code code = std::move(_queue.front());
                _queue.pop_front();
                lock.unlock();
                ++_codes;
                _events.scanned(code);
            }
            lock.lock();
        }
    }

    bool stopping() {
        const std::scoped_lock lock(_mutex);
        return _stop;
    }

    std::unique_ptr<Counters> _counters; ///< the reader borrows it
    std::unique_ptr<Reader> _reader;
    Events& _events;
    std::atomic<State> _state{State::absent};
    std::atomic<std::uint64_t> _codes{0};
    std::atomic<std::uint64_t> _dropped{0};
    std::mutex _mutex; ///< guards what follows
    std::condition_variable _wake;
    Gate _gate;
    std::deque<Code> _queue;
    std::optional<std::pair<State, std::string>> _news; ///< the newest alone
    std::string _told;
    bool _stop = false;
    std::thread _teller;
    std::thread _thread;
};

} // namespace

std::string_view name(Source source) noexcept {
    switch (source) {
    case Source::hidPos:
        return "hid-pos";
    case Source::keyboard:
        return "keyboard";
    case Source::line:
        break;
    }
    return "line";
}

std::unique_ptr<Scanner> startScanner(std::unique_ptr<Reader> reader,
                                      std::unique_ptr<Counters> counters, Events& events) {
    return std::make_unique<Worker>(std::move(reader), std::move(counters), events);
}

Result<std::unique_ptr<Scanner>> Scanner::start(const std::string& address, Ours ours,
                                                Events& events) {
    auto counters = std::make_unique<Counters>();
    auto reader = readerAt(address, std::move(ours), *counters);
    if (!reader) return tl::make_unexpected(reader.error());
    return startScanner(std::move(*reader), std::move(counters), events);
}

} // namespace souffleur::scanner
