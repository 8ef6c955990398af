// The kiosk's conversation with head office: sends what is sealed, asks for the key to seal with,
// for what is in force, for the next certificate. Reads nothing of anybody.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <thread>

#include "kiosk/lobby/SealedStore.h"
#include "plugin/base/Random.h"
#include "sync/protocol/CertificateWatch.h"
#include "sync/protocol/Device.h"
#include "sync/protocol/HubLink.h"
#include "sync/protocol/Pace.h"

namespace souffleur::lobby {

/// The folder's intake.json, as head office signed it. Errors: notFound, corrupt.
Result<protocol::Intake> readIntake(const std::filesystem::path& folder,
                                    const protocol::Welcome& welcome);

struct SenderStatus {
    bool online = false;    ///< the last round went through
    bool refused = false;   ///< head office does not take this kiosk
    TimeMs lastContact = 0; ///< by this kiosk's clock; 0 = never since the start
};

/// A thread of its own from start() to stop().
class Sender {
public:
    struct Parts {
        SealedStore& store;
        SystemClock& clock;
        Random& random;
        /// Called on the sender's thread, with what is to be used from now on.
        std::function<void(const protocol::Intake&)> onIntake;
        std::function<Result<void>(const protocol::Welcome&)> onWelcome;
        /// The local day it is: a ballot waits until its own is over.
        std::function<std::int64_t()> today;
    };
    Sender(const protocol::Device& device, Parts parts, protocol::Welcome inForce,
           std::uint64_t intakeNumber, protocol::SyncConfig config);
    ~Sender();
    void start();
    void stop();
    /// Something was sealed: a round now, unless head office is being given time.
    void nudge();
    [[nodiscard]] SenderStatus status() const;
    /// One round: for tests, instead of start().
    Result<void> round();

private:
    void run();
    Result<void> sendAll();
    /// One request; `items` may be none.
    Result<void> sendOne(std::vector<protocol::SealedItem> items);
    Result<void> sendBallots();
    Result<void> askIntake();
    void askWelcome();
    void learnTime(TimeMs hub, TimeMs roundTrip);

    protocol::Device _device;
    Parts _parts;
    protocol::Welcome _inForce;
    std::uint64_t _intakeNumber;
    std::uint64_t _before; ///< the oldest that something not stored yet may be sealed for
    protocol::SyncConfig _config;
    protocol::HubLink _link;
    protocol::CertificateWatch _certificate;
    std::atomic<TimeMs> _hubNow{0};
    mutable std::mutex _mutex;
    std::condition_variable _wake;
    bool _stopping = false;
    bool _nudged = false;
    SenderStatus _status;
    TimeMs _intakeAt = 0; ///< monotonic, of the next look
    TimeMs _welcomeAt = 0;
    TimeMs _againAt = 0;            ///< not before that is everything sent again
    TimeMs _laterAt = 0;            ///< of the next try of `_later`
    std::set<std::uint64_t> _later; ///< what head office did not take for now
    std::thread _thread;
};

} // namespace souffleur::lobby
