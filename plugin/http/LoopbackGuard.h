// The rules for a page server on 127.0.0.1: other web sites, other pages of this machine and other
// users of this machine can all reach it, and none of them may get anything (DNS rebinding, CSRF,
// local users).
#pragma once

#include <string>
#include <vector>

#include "plugin/http/Server.h"
#include "plugin/http/Sessions.h"

namespace souffleur::http {

struct GuardConfig {
    std::vector<std::string> hosts;   ///< Host values allowed, with port
    std::vector<std::string> origins; ///< Origin values allowed
    bool checkPeerUser = true; ///< the peer's socket must belong to our user (or `allowedUids`)
    std::vector<unsigned> allowedUids; ///< besides the effective user
    std::string apiPrefix = "/api/";   ///< below it a session is needed
    /// Writes below apiPrefix that need no session: the trade of the launch token, the sign-in.
    std::vector<std::string> openPaths = {"/api/v1/session"};
    bool secretOnReads = false;        ///< reads below apiPrefix need the header secret as well
    std::string contentSecurityPolicy; ///< empty: kPagePolicy

    /// 127.0.0.1 and localhost on `port`, as Host and as Origin.
    static GuardConfig forPort(std::uint16_t port);
};

/// Name of the header that carries the session's secret.
inline constexpr std::string_view kSecretHeader = "X-Souffleur-Session";
extern const std::string_view kPagePolicy;

/// Host not allowed 400 `host-refused`; Origin not allowed or another site by Sec-Fetch-Site 403
/// `origin-refused`; another user 403 `peer-refused`; no session 401, missing header secret 403
/// `session-needed`; a body that is not application/json 415 `media-type`. No CORS header is
/// ever sent. On open paths the secret header must be there with any value, as a cross-site form
/// cannot send one.
class LoopbackGuard final : public Gate {
public:
    /// `sessions` is borrowed; null: no session is asked for (a surface without one).
    LoopbackGuard(GuardConfig config, Sessions* sessions);

    std::optional<Response> admit(Request& request) override;
    void dress(const Request& request, Response& response) override;

private:
    std::optional<Response> checkOrigin(const Request& request) const;
    std::optional<Response> checkWrite(const Request& request) const;
    std::optional<Response> checkSession(Request& request) const;

    GuardConfig _config;
    Sessions* _sessions;
};

/// Puts the security headers of a page server on a response, for surfaces that are not loopback
/// too.
void addSecurityHeaders(Response& response, std::string_view contentSecurityPolicy);

} // namespace souffleur::http
