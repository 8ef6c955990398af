#include "sync/hub/PublicRoutes.h"

#include <algorithm>
#include <iterator>

#include "plugin/http/LoopbackGuard.h"
#include "plugin/wire/Json.h"
#include "plugin/wire/JsonWriter.h"

namespace souffleur::hub {
namespace {

constexpr std::size_t kBodyMaxBytes = 1024;
constexpr std::size_t kTokenMaxBytes = 64;
constexpr std::size_t kCodeMaxBytes = 400;
constexpr std::size_t kClientMaxChars = 64;
constexpr int kWrongWorth = 5; ///< a guess counts as so many requests

std::string lowered(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

/// Who asks: behind the house's proxy the address that it saw, which it wrote last.
std::string clientOf(const http::Request& request) {
    const bool proxied = request.peer.address == "127.0.0.1" || request.peer.address == "::1";
    const std::string_view forwarded = request.headers.get("X-Forwarded-For");
    if (!proxied || forwarded.empty()) return request.peer.address;
    std::string_view last = forwarded.substr(forwarded.rfind(',') + 1);
    while (last.starts_with(' ')) last.remove_prefix(1);
    return std::string(last.substr(0, kClientMaxChars));
}

http::Response nowhere() {
    return http::Response::problem(
        {Code::notFound, "this link or code does not lead anywhere (any more)", ""}, 404,
        "leads-nowhere");
}

/// What a customer sees of an outcome.
Result<http::Response> answered(const Result<void>& done) {
    if (done) return http::Response::noContent();
    if (done.error().code == Code::notFound) return nowhere();
    return passOn(done);
}

Result<std::string> tokenIn(const http::Request& request) {
    wire::JsonReader in(wire::Json::parse(request.body));
    std::string token = in.string("token", kTokenMaxBytes);
    in.onlyKeys({"token"});
    if (auto ok = in.done(); !ok) return passOn(ok);
    return token;
}

} // namespace

bool Turnstile::pass(const std::string& client, TimeMs monotonicMs, int worth) {
    const std::lock_guard lock(_mutex);
    auto found = _seen.find(client);
    if (found == _seen.end()) {
        if (_seen.size() >= kClientsMax) {
            const auto oldest = std::ranges::min_element(
                _seen, {}, [](const auto& each) { return each.second.since; });
            _seen.erase(oldest);
        }
        found = _seen.emplace(client, Seen{monotonicMs, 0}).first;
    }
    Seen& seen = found->second;
    if (monotonicMs - seen.since >= kWithinMs) seen = {monotonicMs, 0};
    seen.worth = std::min(seen.worth + worth, kWorthMax + 1);
    return seen.worth <= kWorthMax;
}

std::size_t Turnstile::clients() const {
    const std::lock_guard lock(_mutex);
    return _seen.size();
}

PublicGate::PublicGate(std::uint16_t port, const std::string& publicUrl) {
    const http::GuardConfig own = http::GuardConfig::forPort(port);
    _hosts = own.hosts;
    _origins = own.origins;
    const auto scheme = publicUrl.find("://");
    if (scheme == std::string::npos) return;
    const std::string host =
        publicUrl.substr(scheme + 3, publicUrl.find('/', scheme + 3) - scheme - 3);
    _hosts.push_back(lowered(host));
    _origins.push_back(lowered(publicUrl.substr(0, scheme + 3) + host));
}

std::optional<http::Response> PublicGate::admit(http::Request& request) {
    const auto holds = [](const std::vector<std::string>& all, const std::string& one) {
        return std::ranges::find(all, one) != all.end();
    };
    if (request.headers.count("Host") != 1 ||
        !holds(_hosts, lowered(request.headers.get("Host")))) {
        return http::Response::problem({Code::invalid, "this Host is not served here", {}}, 400,
                                       "host-refused");
    }
    const bool read = request.method == http::Method::get || request.method == http::Method::head;
    if (read) return std::nullopt; // looked at from anywhere; it never acts
    const std::string_view site = request.headers.get("Sec-Fetch-Site");
    const bool foreign = (request.headers.has("Origin") &&
                          (request.headers.count("Origin") != 1 ||
                           !holds(_origins, lowered(request.headers.get("Origin"))))) ||
                         (!site.empty() && site != "same-origin" && site != "none");
    if (foreign) {
        return http::Response::problem({Code::refused, "other sites may not call", {}}, 403,
                                       "origin-refused");
    }
    // No form can send it, and no other site may.
    if (request.contentType() != "application/json")
        return http::Response::problem({Code::invalid, "only application/json is accepted", {}},
                                       415);
    return std::nullopt;
}

void PublicGate::dress(const http::Request&, http::Response& response) {
    http::addSecurityHeaders(response, http::kPagePolicy);
    response.headers.set("X-Robots-Tag", "noindex, nofollow");
}

http::Handler PublicRoutes::counted(Member member) {
    return [this, member](const http::Request& request) -> Answer {
        const std::string client = clientOf(request);
        const auto tooMany = [] {
            auto response = http::Response::problem(
                {Code::locked, "too many requests: try again in ten minutes", ""}, 429, "too-many");
            response.headers.set("Retry-After", "600");
            return response;
        };
        if (!_turnstile.pass(client, _clock.monotonicMs())) return tooMany();
        auto answer = (this->*member)(request);
        const bool wrong = !answer || answer->status == 404;
        if (wrong) (void) _turnstile.pass(client, _clock.monotonicMs(), kWrongWorth - 1);
        return answer;
    };
}

PublicRoutes::Answer PublicRoutes::about(const http::Request&) {
    const consent::ControllerInfo& controller = _house.policy.controller;
    wire::JsonWriter out;
    out.beginObject().field("name", controller.name).key("names").beginObject();
    for (const auto& [language, name] : _house.names) out.field(language, name);
    out.endObject()
        .field("email", controller.email)
        .field("phone", controller.phone)
        .field("privacyUrl", controller.privacyUrl)
        .list("languages", _house.policy.languages)
        .endObject();
    return http::Response::json(out.take());
}

PublicRoutes::Answer PublicRoutes::look(const http::Request& request) {
    const auto token = tokenIn(request);
    if (!token) return passOn(token);
    const auto seen = _answers.look(*token);
    if (!seen && seen.error().code == Code::notFound) return nowhere();
    if (!seen) return passOn(seen);
    const mail::Confirmation& what = seen->what;
    wire::JsonWriter out;
    out.beginObject()
        .field("kind", what.confirm ? "confirm" : "notice")
        .field("language", what.language)
        .field("address", seen->maskedAddress)
        .field("at", what.at)
        .field("offsetMin", what.offsetMin)
        .field("place", what.place)
        .field("expires", what.expires);
    out.key("agreed").beginArray();
    for (const mail::Agreed& one : what.agreed) {
        out.beginObject()
            .field("label", one.label)
            .field("detail", one.detail)
            .field("text", one.text)
            .endObject();
    }
    out.endArray().endObject();
    return http::Response::json(out.take());
}

PublicRoutes::Answer PublicRoutes::confirm(const http::Request& request) {
    const auto token = tokenIn(request);
    if (!token) return passOn(token);
    return answered(_answers.confirm(*token));
}

PublicRoutes::Answer PublicRoutes::notMe(const http::Request& request) {
    const auto token = tokenIn(request);
    if (!token) return passOn(token);
    return answered(_answers.notMe(*token));
}

PublicRoutes::Answer PublicRoutes::slip(const http::Request& request) {
    wire::JsonReader in(wire::Json::parse(request.body));
    const std::string code = in.string("code", kCodeMaxBytes);
    const std::string what = in.string("what", limits::kTokenMaxChars);
    in.onlyKeys({"code", "what"});
    if (in.ok() && what != "slip" && what != "everything") in.reject("/what", "slip or everything");
    if (auto ok = in.done(); !ok) return passOn(ok);
    const auto done = _answers.takeBack(code, what == "everything");
    if (!done && done.error().code == Code::invalid)
        return http::Response::problem(done.error(), 404, "mistyped");
    return answered(done);
}

void PublicRoutes::addTo(http::Router& router) {
    const http::RouteOptions small{kBodyMaxBytes};
    router.get("/api/v1/house", [this](const http::Request& request) { return about(request); });
    router.post("/api/v1/mail/look", counted(&PublicRoutes::look), small);
    router.post("/api/v1/mail/confirm", counted(&PublicRoutes::confirm), small);
    router.post("/api/v1/mail/not-me", counted(&PublicRoutes::notMe), small);
    router.post("/api/v1/slip", counted(&PublicRoutes::slip), small);
}

} // namespace souffleur::hub
