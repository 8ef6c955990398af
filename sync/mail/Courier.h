// Sends what has to be confirmed: finds it in the log, waits out undo and the week, composes, hands
// to the transport, and notes what came of it.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "plugin/base/Random.h"
#include "sync/mail/Answers.h"
#include "sync/mail/Settings.h"
#include "sync/mail/Transport.h"
#include "sync/protocol/Pace.h"

namespace souffleur::mail {

/// Trying again ends after this.
inline constexpr TimeMs kGiveUpMs = 5 * kDayMs;

/// Several hubs of one store each have one: what one claimed the others leave alone.
class Courier {
public:
    using Say = std::function<void(const std::string&)>;
    /// All borrowed. `say`: a line for the administrator, without an address.
    Courier(const House& house, Transport& transport, const Settings& settings, const Clock& clock,
            Random& random, Say say);
    ~Courier();
    Courier(const Courier&) = delete;
    Courier& operator=(const Courier&) = delete;

    /// Everything that may go out now; how many were sent. Errors: the store's.
    Result<std::size_t> pass();
    /// A pass every few seconds on a thread of its own, until stop().
    void start();
    /// Ends what is being sent.
    void stop();

private:
    void run();
    Delivery deliver(const store::MailJob& job, const std::string& token);
    Result<void> note(const store::MailJob& job, const Delivery& delivery);
    /// Tills show it as an address that does not work.
    Result<void> markBounced(const store::MailJob& job);

    const House& _house;
    Transport& _transport;
    Settings _settings;
    const Clock& _clock;
    Random& _random;
    Say _say;
    store::MailRules _rules;
    protocol::Backoff _backoff;
    TimeMs _notBefore = 0; ///< monotonic: the server was away
    std::string _trouble;  ///< what was said last
    std::mutex _mutex;
    std::condition_variable _wake;
    bool _stop = false;
    std::thread _thread;
};

/// Full jitter: anywhere between one minute and a ceiling that doubles with each attempt, six hours
/// at most.
TimeMs retryAfter(int attempts, Random& random);

} // namespace souffleur::mail
