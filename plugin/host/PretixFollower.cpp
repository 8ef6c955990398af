#include "plugin/host/PretixFollower.h"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "plugin/host/PretixPoller.h"

namespace souffleur::host {
namespace {

class Follower final : public PretixFollower {
public:
    Follower(PretixSettings settings, std::unique_ptr<intake::PretixClient> client,
             FollowEvents& events, CursorStore& cursors, const Clock& clock, Random& random)
        : _client(std::move(client)), _poller(std::move(settings), *_client, events, cursors, clock,
                                              random, [this](TimeMs ms) { return wait(ms); }),
          _thread([this] { run(); }) {}

    ~Follower() override {
        {
            const std::lock_guard lock(_mutex);
            _stopping = true;
        }
        _wake.notify_all();
        _client->cancel();
        _thread.join();
    }

    [[nodiscard]] FollowStatus status() const override {
        const std::lock_guard lock(_mutex);
        return _status;
    }

private:
    void run() {
        do {
            TimeMs pause = 0;
            FollowStatus status;
            try {
                pause = _poller.round();
                status = _poller.status();
            } catch (const std::exception&) { // a bug or a broken environment: say so, go on
                pause = kMinuteMs;
                status = _poller.status();
                status.reached = false;
                status.problem = {
                    Code::internal, "following pretix failed in an unforeseen way", {}};
            }
            {
                const std::lock_guard lock(_mutex);
                _status = std::move(status);
            }
            if (!wait(pause)) return;
        } while (true);
    }

    bool wait(TimeMs ms) {
        std::unique_lock lock(_mutex);
        return !_wake.wait_for(lock, std::chrono::milliseconds(ms), [this] { return _stopping; });
    }

    std::unique_ptr<intake::PretixClient> _client;
    mutable std::mutex _mutex; ///< guards _stopping and _status
    std::condition_variable _wake;
    bool _stopping = false;
    FollowStatus _status;
    PretixPoller _poller;
    std::thread _thread; ///< last: starts when all else is there
};

} // namespace

Result<std::unique_ptr<PretixFollower>> PretixFollower::start(PretixSettings settings,
                                                              FollowEvents& events,
                                                              CursorStore& cursors,
                                                              const Clock& clock, Random& random) {
    auto client = intake::PretixClient::make(settings.access);
    if (!client) return passOn(client);
    return std::make_unique<Follower>(std::move(settings), std::move(*client), events, cursors,
                                      clock, random);
}

} // namespace souffleur::host
