#include "drivers/display/Display.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "drivers/display/Commands.h"

namespace souffleur::display {
namespace {

using transport::Milliseconds;
using Clock = std::chrono::steady_clock;

constexpr Milliseconds kOpen{2000};
constexpr Milliseconds kWrite{1000}; ///< 61 bytes are on a line of 1200 baud in half of that
constexpr Milliseconds kLast{500};
constexpr Milliseconds kFirstPause{500};
constexpr Milliseconds kLongestPause{30'000};

class Worker final : public Display {
public:
    Worker(std::unique_ptr<transport::Transport> line, const Settings& settings,
           std::vector<Screen> screens)
        : _line(std::move(line)), _settings(settings), _screens(std::move(screens)) {
        _thread = std::thread([this] { run(); });
    }

    ~Worker() override {
        {
            const std::scoped_lock lock(_mutex);
            _stop = true;
        }
        _line->cancel(); // whatever it waits for
        _wake.notify_all();
        _thread.join();
    }

    void show(std::size_t screen) noexcept override {
        want(screen < _screens.size() ? std::optional(screen) : std::nullopt);
    }
    void clear() noexcept override { want(std::nullopt); }
    [[nodiscard]] State state() const noexcept override { return _state; }

private:
    void want(std::optional<std::size_t> screen) noexcept {
        {
            const std::scoped_lock lock(_mutex);
            if (_asked && _wanted == screen) return;
            _wanted = screen;
            _asked = true;
            ++_turn;
        }
        _wake.notify_all();
    }

    void run() {
        std::uint64_t done = 0;
        Milliseconds pause = kFirstPause;
        std::unique_lock lock(_mutex);
        while (!_stop) {
            if (_turn == done) {
                _wake.wait(lock);
                continue;
            }
            const std::uint64_t turn = _turn;
            const auto wanted = _wanted;
            lock.unlock();
            const bool sent = send(wanted);
            lock.lock();
            if (sent) {
                done = turn;
                pause = kFirstPause;
                _state = State::shown;
                continue;
            }
            _state = State::absent;
            // A later screen does not hurry it: a display that is not there is not asked more
            // often.
            const auto until = Clock::now() + pause;
            while (!_stop && _wake.wait_until(lock, until) != std::cv_status::timeout) {
            }
            pause = std::min(pause * 2, kLongestPause);
        }
        const bool written = done > 0;
        lock.unlock();
        if (written) bow();
    }

    bool send(std::optional<std::size_t> screen) {
        if (!_open) {
            if (!_line->open(kOpen) || !write(beginBytes(_settings), kWrite)) return fail();
            _open = true;
        }
        if (!write(screen ? screenBytes(_settings, _screens[*screen]) : clearBytes(_settings),
                   kWrite))
            return fail();
        swallow();
        return true;
    }

    bool write(const Bytes& bytes, Milliseconds timeout) {
        return !_line->write(bytes, timeout).error;
    }

    bool fail() {
        _line->close();
        _open = false;
        return false;
    }

    /// Some displays answer each command. Nobody needs it, and it must not fill up.
    void swallow() {
        if (!_line->canRead()) return;
        constexpr int kMostReads = 4;
        std::array<std::uint8_t, 64> answer{};
        for (int i = 0; i < kMostReads; ++i) {
            const auto got = _line->read(answer, Milliseconds{0});
            if (!got) { // it left; the next screen opens it again
                fail();
                return;
            }
            if (*got == 0) return;
        }
    }

    /// The last thing it does: no question is left standing on a till that is closed.
    void bow() {
        if (!_open && !_line->open(kLast)) return;
        // The destructor's cancel may have met nobody and wait for the next call.
        if (!write(clearBytes(_settings), kLast)) (void) write(clearBytes(_settings), kLast);
        _line->close();
    }

    std::unique_ptr<transport::Transport> _line;
    const Settings _settings;
    const std::vector<Screen> _screens;
    std::atomic<State> _state{State::waiting};
    bool _open = false; ///< of the thread
    std::mutex _mutex;  ///< guards what follows
    std::condition_variable _wake;
    std::optional<std::size_t> _wanted; ///< none: clear
    bool _asked = false;
    std::uint64_t _turn = 0;
    bool _stop = false;
    std::thread _thread;
};

} // namespace

Result<std::unique_ptr<Display>> Display::start(std::unique_ptr<transport::Transport> line,
                                                const Settings& settings,
                                                std::vector<Screen> screens) {
    if (auto valid = validate(settings); !valid) return tl::make_unexpected(valid.error());
    if (screens.size() > kScreensMax)
        return tl::make_unexpected(Error{Fault::invalid, "a display shows 1024 screens at most"});
    return std::make_unique<Worker>(std::move(line), settings, std::move(screens));
}

} // namespace souffleur::display
