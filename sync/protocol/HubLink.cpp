#include "sync/protocol/HubLink.h"

#include <charconv>

#include "plugin/wire/Json.h"
#include "sync/protocol/Pull.h"

namespace souffleur::protocol {
namespace {

constexpr std::size_t kAnswerMaxBytes = kPageMaxBytes;

http::ClientConfig clientConfig(http::ClientTls tls) {
    http::ClientConfig config;
    config.tls = std::move(tls);
    config.maxResponseBytes = kAnswerMaxBytes;
    config.timeoutMs = 30'000;
    return config;
}

/// A problem+json answer as the error it was at the hub; anything else by its status.
Error errorFrom(const http::ClientResponse& response) {
    Error error{Code::unavailable, "the hub answered " + std::to_string(response.status), ""};
    switch (response.status) {
    case 401:
    case 403:
        error.code = Code::refused;
        break;
    case 409:
        error.code = Code::conflict;
        break;
    case 413:
        error.code = Code::tooLarge;
        break;
    case 415:
        error.code = Code::unsupported;
        break;
    default:
        break;
    }
    auto json = wire::Json::parse(response.body);
    if (!json) return error;
    wire::JsonReader in(*json);
    const std::string detail = in.stringOr("detail", "", 500);
    const std::string where = in.stringOr("where", "", 100);
    if (in.ok() && !detail.empty()) error.message = detail;
    if (in.ok()) error.where = where;
    return error;
}

/// Retry-After as seconds; as a date it is not understood: the backoff does as well. 0 = none.
TimeMs retryAfterIn(const http::ClientResponse& response) {
    const std::string_view text = response.headers.get("Retry-After");
    std::uint32_t seconds = 0;
    const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    const bool whole = error == std::errc{} && at == text.data() + text.size();
    return whole ? static_cast<TimeMs>(seconds) * kSecondMs : 0;
}

} // namespace

HubLink::HubLink(std::string url, http::ClientTls tls, const Clock& clock, OnTime onTime)
    : HubLink(std::move(url), std::make_unique<http::Client>(clientConfig(std::move(tls))), clock,
              std::move(onTime)) {}

HubLink::HubLink(std::string url, std::unique_ptr<http::Carrier> carrier, const Clock& clock,
                 OnTime onTime)
    : _url(std::move(url)), _clock(clock), _onTime(std::move(onTime)),
      _carrier(std::move(carrier)) {}

Result<http::ClientResponse> HubLink::send(http::ClientRequest request) {
    _retryAfterMs = 0;
    _status = 0;
    request.url.insert(0, _url);
    request.headers.set("X-Souffleur-Clock", std::to_string(_clock.now().at));
    const TimeMs begin = _clock.monotonicMs();
    auto response = _carrier->send(request);
    if (!response) return response;
    _status = response->status;
    const std::string_view text = response->headers.get("X-Souffleur-Time");
    TimeMs hub = 0;
    if (const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), hub);
        _onTime && error == std::errc{} && at == text.data() + text.size()) {
        _onTime(hub, _clock.monotonicMs() - begin);
    }
    if (response->status != 200 && response->status != 204 && response->status != 206 &&
        response->status != 304) {
        _retryAfterMs = retryAfterIn(*response);
        return tl::make_unexpected(errorFrom(*response));
    }
    return response;
}

Result<http::ClientResponse> HubLink::get(const std::string& path) {
    http::ClientRequest request;
    request.url = path;
    return send(std::move(request));
}

Result<http::ClientResponse> HubLink::postJson(const std::string& path, std::string json) {
    http::ClientRequest request;
    request.method = http::Method::post;
    request.url = path;
    request.headers = {{"Content-Type", "application/json"}};
    request.body = std::move(json);
    return send(std::move(request));
}

Result<Welcome> HubLink::welcome() {
    auto response = get("/sync/v1/welcome");
    if (!response) return passOn(response);
    return decodeWelcome(response->body);
}

Result<std::optional<Welcome>> HubLink::welcomeUnless(const std::string& tag) {
    http::ClientRequest request;
    request.url = "/sync/v1/welcome";
    request.headers = {{"If-None-Match", '"' + tag + '"'}};
    auto response = send(std::move(request));
    if (!response) return passOn(response);
    if (response->status == 304) return std::optional<Welcome>{};
    auto welcome = decodeWelcome(response->body);
    if (!welcome) return passOn(welcome);
    return std::optional<Welcome>(std::move(*welcome));
}

Result<std::string> HubLink::renew(const std::string& csrPem) {
    auto response = postJson("/sync/v1/renew", encodeRenewal({csrPem}));
    if (!response) return passOn(response);
    return decodeRenewed(response->body);
}

Result<EnrolAnswer> requestEnrolment(const Invitation& invitation, const EnrolRequest& request) {
    http::ClientTls tls;
    tls.pin = invitation.pin;
    http::Client client(clientConfig(std::move(tls)));
    auto response = client.post(invitation.url + "/sync/v1/enrol", encodeEnrolRequest(request));
    if (!response) return passOn(response);
    if (response->status != 200) return tl::make_unexpected(errorFrom(*response));
    return decodeEnrolAnswer(response->body);
}

} // namespace souffleur::protocol
