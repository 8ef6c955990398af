// Sessions of pages. A program writes a one-time launch token to a 0600 file; the page posts it
// once and gets an HttpOnly cookie and, as cookies ignore ports, an origin-scoped secret that it
// sends as a header.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "plugin/base/Clock.h"
#include "plugin/base/Random.h"
#include "plugin/base/Result.h"
#include "plugin/crypto/Hash.h"
#include "plugin/http/Message.h"

namespace souffleur::http {

struct SessionConfig {
    std::string cookieName;           ///< one per audience: "souffleur-panel"
    TimeMs launchMs = 10 * kMinuteMs; ///< life of a launch token
    TimeMs lifetimeMs = 16 * kHourMs; ///< from the trade
    TimeMs idleMs = 0; ///< after this long without touch() the principal is dropped; 0: never
    std::size_t maxSessions = 64;     ///< the one idle longest gives way
    std::size_t maxLaunchTokens = 16; ///< the oldest gives way
    bool secureCookie = false;        ///< Secure attribute, for pages over TLS
};

/// What a trade gives: the id is for the server's own books, cookie and secret are for the page.
struct GrantedSession {
    std::string id;        ///< not secret: names the session in audit rows
    std::string setCookie; ///< value of Set-Cookie
    std::string secret; ///< for the X-Souffleur-Session header; the page keeps it in sessionStorage
};

/// What check() found.
struct SessionView {
    std::string id;
    std::string principal; ///< empty: nobody is signed in (any more)
};

/// In memory only: a restart ends every session. Tokens are kept as hashes. Thread-safe.
class Sessions {
public:
    Sessions(SessionConfig config, Clock& clock, Random& random);

    /// A token for one trade.
    std::string launchToken();
    /// Errors: refused (unknown, used or expired).
    Result<GrantedSession> trade(std::string_view launchToken);
    /// A session without a launch token, for surfaces with a sign-in of their own.
    GrantedSession grant(std::string principal = {});

    /// The session of a request's cookie. `needSecret`: the X-Souffleur-Session header must match
    /// as well. Does not count as activity. Errors: refused.
    Result<SessionView> check(const Request& request, bool needSecret);
    /// The person did something: the idle count starts again.
    void touch(const std::string& id);
    /// Signs somebody in or (empty) out. False: no such session.
    bool setPrincipal(const std::string& id, std::string principal);
    void end(const std::string& id);
    void endAll();
    [[nodiscard]] std::size_t count() const;
    /// Set-Cookie that removes the cookie.
    [[nodiscard]] std::string clearCookie() const;
    /// Called with the session id when idleMs dropped a principal (found by check() or sweep()),
    /// without locks. Set before use.
    void onIdle(std::function<void(const std::string& id)> hook) { _onIdle = std::move(hook); }
    /// Drops what has expired; call now and then.
    void sweep();

private:
    struct Session {
        std::string id;
        crypto::Hash secretHash{};
        std::string principal;
        TimeMs endsMono = 0;
        TimeMs touchedMono = 0;
    };
    GrantedSession grantLocked(std::string principal, TimeMs now);
    bool idleLocked(Session& session, TimeMs now) const;

    SessionConfig _config;
    Clock& _clock;
    Random& _random;
    std::function<void(const std::string&)> _onIdle;
    mutable std::mutex _mutex;
    std::map<crypto::Hash, Session> _sessions; ///< by hash of the cookie value
    std::map<crypto::Hash, TimeMs> _launch;    ///< by hash of the token: its end
};

} // namespace souffleur::http
