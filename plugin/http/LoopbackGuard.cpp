#include "plugin/http/LoopbackGuard.h"

#include <unistd.h>

#include <algorithm>

namespace souffleur::http {

// img-src allows data: for small icons that the bundler inlines; nothing else comes from outside
// the origin.
const std::string_view kPagePolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action "
    "'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types svelte-trusted-html";

namespace {

bool contains(const std::vector<std::string>& list, std::string_view value) {
    return std::find(list.begin(), list.end(), value) != list.end();
}

std::string lowered(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

bool isRead(Method method) {
    return method == Method::get || method == Method::head;
}

Response refused(std::string message, std::string_view code) {
    return Response::problem({Code::refused, std::move(message), {}}, 403, code);
}

} // namespace

GuardConfig GuardConfig::forPort(std::uint16_t port) {
    GuardConfig config;
    for (const char* name : {"127.0.0.1:", "localhost:"}) {
        config.hosts.push_back(name + std::to_string(port));
        config.origins.push_back("http://" + config.hosts.back());
    }
    return config;
}

LoopbackGuard::LoopbackGuard(GuardConfig config, Sessions* sessions)
    : _config(std::move(config)), _sessions(sessions) {}

std::optional<Response> LoopbackGuard::admit(Request& request) {
    if (auto response = checkOrigin(request)) return response;
    if (auto response = checkWrite(request)) return response;
    return checkSession(request);
}

std::optional<Response> LoopbackGuard::checkOrigin(const Request& request) const {
    if (request.headers.count("Host") != 1 ||
        !contains(_config.hosts, lowered(request.headers.get("Host")))) {
        return Response::problem({Code::invalid, "this Host is not served here", {}}, 400,
                                 "host-refused");
    }
    if (_config.checkPeerUser) {
        const auto& uid = request.peer.uid;
        const auto& allowed = _config.allowedUids;
        if (!uid || (*uid != ::geteuid() &&
                     std::find(allowed.begin(), allowed.end(), *uid) == allowed.end())) {
            return refused("only the user who runs this program may connect", "peer-refused");
        }
    }
    if (request.headers.has("Origin") &&
        (request.headers.count("Origin") != 1 ||
         !contains(_config.origins, request.headers.get("Origin")))) {
        return refused("this Origin may not call", "origin-refused");
    }
    // "same-site" would be a page on another port of this machine; "none" is the person's own
    // doing.
    const std::string_view site = request.headers.get("Sec-Fetch-Site");
    if (!site.empty() && site != "same-origin" && site != "none") {
        return refused("other sites may not call", "origin-refused");
    }
    return std::nullopt;
}

std::optional<Response> LoopbackGuard::checkWrite(const Request& request) const {
    if (isRead(request.method)) return std::nullopt;
    if (request.contentType() != "application/json") {
        return Response::problem({Code::invalid, "only application/json is accepted", {}}, 415);
    }
    if (request.headers.get(kSecretHeader).empty()) {
        return refused("the header X-Souffleur-Session is missing", "session-needed");
    }
    return std::nullopt;
}

std::optional<Response> LoopbackGuard::checkSession(Request& request) const {
    const bool api = request.path.starts_with(_config.apiPrefix);
    const bool read = isRead(request.method);
    if (_sessions == nullptr || (!api && read) ||
        (!read && contains(_config.openPaths, request.path))) {
        return std::nullopt;
    }
    const auto session = _sessions->check(request, false);
    if (!session) return Response::problem(session.error(), 401);
    if (!read || _config.secretOnReads) {
        const auto proven = _sessions->check(request, true);
        if (!proven) return Response::problem(proven.error(), 403, "session-needed");
    }
    request.session = session->id;
    request.principal = session->principal;
    return std::nullopt;
}

void LoopbackGuard::dress(const Request&, Response& response) {
    addSecurityHeaders(response, _config.contentSecurityPolicy.empty()
                                     ? kPagePolicy
                                     : std::string_view(_config.contentSecurityPolicy));
}

void addSecurityHeaders(Response& response, std::string_view contentSecurityPolicy) {
    response.headers.set("Content-Security-Policy", std::string(contentSecurityPolicy));
    response.headers.set("X-Content-Type-Options", "nosniff");
    response.headers.set("X-Frame-Options", "DENY");
    response.headers.set("Referrer-Policy", "no-referrer");
    response.headers.set("Cross-Origin-Opener-Policy", "same-origin");
    response.headers.set("Cross-Origin-Resource-Policy", "same-origin");
    response.headers.set("Permissions-Policy", "camera=(), microphone=(), geolocation=()");
    if (!response.headers.has("Cache-Control")) response.headers.set("Cache-Control", "no-store");
}

} // namespace souffleur::http
