#include "plugin/http/Sessions.h"

#include <algorithm>

#include "plugin/crypto/Handle.h"
#include "plugin/http/LoopbackGuard.h"

namespace souffleur::http {

namespace {
Error notSignedIn() {
    return {Code::refused, "there is no session: open the page anew", {}};
}
} // namespace

Sessions::Sessions(SessionConfig config, Clock& clock, Random& random)
    : _config(std::move(config)), _clock(clock), _random(random) {}

std::string Sessions::launchToken() {
    std::string token = crypto::randomToken(_random);
    const std::lock_guard lock(_mutex);
    while (_launch.size() >= std::max<std::size_t>(_config.maxLaunchTokens, 1)) {
        _launch.erase(std::min_element(_launch.begin(), _launch.end(),
                                       [](auto& a, auto& b) { return a.second < b.second; }));
    }
    _launch[crypto::sha256(token)] = _clock.monotonicMs() + _config.launchMs;
    return token;
}

Result<GrantedSession> Sessions::trade(std::string_view launchToken) {
    const TimeMs now = _clock.monotonicMs();
    const std::lock_guard lock(_mutex);
    const auto found = _launch.find(crypto::sha256(launchToken));
    const bool good = found != _launch.end() && found->second > now;
    if (found != _launch.end()) _launch.erase(found);
    if (!good) {
        return fail(Code::refused,
                    "this launch token is unknown, used or too old: start the page anew");
    }
    return grantLocked({}, now);
}

GrantedSession Sessions::grant(std::string principal) {
    const std::lock_guard lock(_mutex);
    return grantLocked(std::move(principal), _clock.monotonicMs());
}

GrantedSession Sessions::grantLocked(std::string principal, TimeMs now) {
    std::erase_if(_sessions, [&](const auto& entry) { return entry.second.endsMono <= now; });
    while (_sessions.size() >= std::max<std::size_t>(_config.maxSessions, 1)) {
        _sessions.erase(std::min_element(_sessions.begin(), _sessions.end(), [](auto& a, auto& b) {
            return a.second.touchedMono < b.second.touchedMono;
        }));
    }
    const std::string cookie = crypto::randomToken(_random);
    GrantedSession granted;
    granted.id = crypto::handleText(crypto::randomHandle(_random));
    granted.secret = crypto::randomToken(_random);
    granted.setCookie = _config.cookieName + "=" + cookie + "; Path=/; HttpOnly; SameSite=Strict" +
                        (_config.secureCookie ? "; Secure" : "");
    _sessions[crypto::sha256(cookie)] = {granted.id, crypto::sha256(granted.secret),
                                         std::move(principal), now + _config.lifetimeMs, now};
    return granted;
}

bool Sessions::idleLocked(Session& session, TimeMs now) const {
    if (_config.idleMs <= 0 || session.principal.empty()) return false;
    if (now - session.touchedMono < _config.idleMs) return false;
    session.principal.clear();
    return true;
}

Result<SessionView> Sessions::check(const Request& request, bool needSecret) {
    const std::string cookie = request.cookie(_config.cookieName);
    if (cookie.empty()) return tl::make_unexpected(notSignedIn());
    SessionView view;
    bool wentIdle = false;
    {
        const TimeMs now = _clock.monotonicMs();
        const std::lock_guard lock(_mutex);
        const auto found = _sessions.find(crypto::sha256(cookie));
        if (found == _sessions.end()) return tl::make_unexpected(notSignedIn());
        Session& session = found->second;
        if (session.endsMono <= now) {
            _sessions.erase(found);
            return tl::make_unexpected(notSignedIn());
        }
        const auto sent = crypto::sha256(request.headers.get(kSecretHeader));
        if (needSecret && !crypto::equalConstantTime(crypto::bytesOf(sent),
                                                     crypto::bytesOf(session.secretHash))) {
            return fail(Code::refused, "the header secret of the session is missing or wrong");
        }
        wentIdle = idleLocked(session, now);
        view = {session.id, session.principal};
    }
    if (wentIdle && _onIdle) _onIdle(view.id);
    return view;
}

void Sessions::touch(const std::string& id) {
    const TimeMs now = _clock.monotonicMs();
    const std::lock_guard lock(_mutex);
    for (auto& [hash, session] : _sessions) {
        if (session.id == id) session.touchedMono = now;
    }
}

bool Sessions::setPrincipal(const std::string& id, std::string principal) {
    const TimeMs now = _clock.monotonicMs();
    const std::lock_guard lock(_mutex);
    for (auto& [hash, session] : _sessions) {
        if (session.id != id) continue;
        session.principal = std::move(principal);
        session.touchedMono = now;
        return true;
    }
    return false;
}

void Sessions::end(const std::string& id) {
    const std::lock_guard lock(_mutex);
    std::erase_if(_sessions, [&](const auto& entry) { return entry.second.id == id; });
}

void Sessions::endAll() {
    const std::lock_guard lock(_mutex);
    _sessions.clear();
}

std::size_t Sessions::count() const {
    const std::lock_guard lock(_mutex);
    return _sessions.size();
}

std::string Sessions::clearCookie() const {
    return _config.cookieName + "=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict";
}

void Sessions::sweep() {
    std::vector<std::string> idle;
    {
        const TimeMs now = _clock.monotonicMs();
        const std::lock_guard lock(_mutex);
        std::erase_if(_sessions, [&](const auto& entry) { return entry.second.endsMono <= now; });
        std::erase_if(_launch, [&](const auto& entry) { return entry.second <= now; });
        for (auto& [hash, session] : _sessions) {
            if (idleLocked(session, now)) idle.push_back(session.id);
        }
    }
    if (!_onIdle) return;
    for (const std::string& id : idle) _onIdle(id);
}

} // namespace souffleur::http
