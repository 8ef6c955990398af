#include "sync/agent/HttpHub.h"

#include <charconv>

#include "plugin/crypto/Secret.h"
#include "plugin/wire/Json.h"

namespace souffleur::agent {
namespace {

constexpr std::size_t kAnswerMaxBytes = protocol::kPageMaxBytes;
constexpr int kNoSuchThing = 404;

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

HttpHub::HttpHub(std::string url, http::ClientTls tls, const Clock& clock,
                 std::function<void(TimeMs hub, TimeMs roundTrip)> onTime)
    : HttpHub(std::move(url), std::make_unique<http::Client>(clientConfig(std::move(tls))), clock,
              std::move(onTime)) {}

HttpHub::HttpHub(std::string url, std::unique_ptr<http::Carrier> carrier, const Clock& clock,
                 std::function<void(TimeMs hub, TimeMs roundTrip)> onTime)
    : _url(std::move(url)), _clock(clock), _onTime(std::move(onTime)),
      _carrier(std::move(carrier)) {}

Result<http::ClientResponse> HttpHub::send(http::ClientRequest request) {
    _retryAfterMs = 0;
    _status = 0;
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

Result<http::ClientResponse> HttpHub::post(const std::string& path, const protocol::Batch& batch) {
    const std::string body = protocol::encodeBatch(batch);
    for (;;) {
        http::ClientRequest request;
        request.method = http::Method::post;
        request.url = _url + path;
        request.headers = {{"Content-Type", "application/x-ndjson"}};
        if (!_plain) request.headers.set("Content-Encoding", std::string(protocol::kZstdCoding));
        request.body = _plain ? body : protocol::compress(body);
        auto response = send(std::move(request));
        const bool refused = !response && response.error().code == Code::unsupported;
        if (!refused || _plain) return response;
        _plain = true;
    }
}

Result<protocol::PushAnswer> HttpHub::push(const protocol::Batch& batch) {
    auto response = post("/sync/v1/push", batch);
    if (!response) return passOn(response);
    return protocol::decodeAnswer(response->body);
}

Result<void> HttpHub::urgent(const protocol::Batch& batch) {
    auto response = post("/sync/v1/urgent", batch);
    if (!response) return passOn(response);
    return {};
}

Result<protocol::PullPage> HttpHub::pull(const std::string& cursor, std::size_t limit) {
    http::ClientRequest request;
    request.url = _url + "/sync/v1/pull?limit=" + std::to_string(limit) + "&cursor=" + cursor;
    request.headers = {{"Accept-Encoding", std::string(protocol::kZstdCoding)}};
    auto response = send(std::move(request));
    if (!response) return passOn(response);
    if (response->headers.get("Content-Encoding") == protocol::kZstdCoding) {
        auto bytes = protocol::decompress(response->body, protocol::kPageMaxBytes);
        if (!bytes) return passOn(bytes);
        response->body = std::move(*bytes);
    }
    auto page = protocol::decodePage(response->body);
    if (!page) return page;
    if (const auto held = protocol::parseHeld(response->headers.get(protocol::kHeldHeader)))
        page->held = *held;
    return page;
}

Result<protocol::Welcome> HttpHub::welcome() {
    http::ClientRequest request;
    request.url = _url + "/sync/v1/welcome";
    auto response = send(std::move(request));
    if (!response) return passOn(response);
    return protocol::decodeWelcome(response->body);
}

Result<std::optional<protocol::Welcome>> HttpHub::welcomeUnless(const std::string& tag) {
    http::ClientRequest request;
    request.url = _url + "/sync/v1/welcome";
    request.headers = {{"If-None-Match", '"' + tag + '"'}};
    auto response = send(std::move(request));
    if (!response) return passOn(response);
    if (response->status == 304) return std::optional<protocol::Welcome>{};
    auto welcome = protocol::decodeWelcome(response->body);
    if (!welcome) return passOn(welcome);
    return std::optional<protocol::Welcome>(std::move(*welcome));
}

Result<std::string> HttpHub::renew(const std::string& csrPem) {
    http::ClientRequest request;
    request.method = http::Method::post;
    request.url = _url + "/sync/v1/renew";
    request.headers = {{"Content-Type", "application/json"}};
    request.body = protocol::encodeRenewal({csrPem});
    auto response = send(std::move(request));
    if (!response) return passOn(response);
    return protocol::decodeRenewed(response->body);
}

Result<protocol::LogAnswer> HttpHub::log(const protocol::LogSizes& from) {
    http::ClientRequest request;
    request.url = _url + "/sync/v1/log?from=" + protocol::sizesText(from);
    request.maxResponseBytes = protocol::kLogMaxBytes;
    auto response = send(std::move(request));
    if (!response) return passOn(response);
    return protocol::decodeLogAnswer(response->body);
}

Result<void> HttpHub::logAlarm(protocol::LogFault fault) {
    http::ClientRequest request;
    request.method = http::Method::post;
    request.url = _url + "/sync/v1/log/alarm";
    request.headers = {{"Content-Type", "application/json"}};
    request.body = protocol::encodeLogAlarm(fault);
    auto response = send(std::move(request));
    if (!response) return passOn(response);
    return {};
}

Result<protocol::Lease> HttpHub::lease(const std::string& vault) {
    http::ClientRequest request;
    request.url = _url + "/sync/v1/lease?of=" + vault;
    auto response = send(std::move(request));
    if (!response) return passOn(response);
    auto lease = protocol::decodeLease(response->body);
    crypto::wipe(response->body);
    return lease;
}

Result<protocol::SnapshotManifest> HttpHub::snapshot() {
    http::ClientRequest request;
    request.url = _url + "/sync/v1/snapshot";
    auto response = send(std::move(request));
    if (!response && _status == kNoSuchThing) return fail(Code::notFound, "the hub makes none");
    if (!response) return passOn(response);
    return protocol::decodeManifest(response->body);
}

Result<std::string> HttpHub::snapshotPart(const std::string& id, std::uint64_t from,
                                          std::size_t size) {
    http::ClientRequest request;
    request.url = _url + "/sync/v1/snapshot/" + id;
    const std::uint64_t last = from + (size == 0 ? 0 : size - 1);
    request.headers = {{"Range", "bytes=" + std::to_string(from) + "-" + std::to_string(last)}};
    request.maxResponseBytes = protocol::kSnapshotPartMaxBytes;
    auto response = send(std::move(request));
    if (!response && _status == kNoSuchThing)
        return fail(Code::notFound, "the hub has another snapshot by now");
    if (!response) return passOn(response);
    const std::string begin = "bytes " + std::to_string(from) + "-";
    if (response->status != 206 || !response->headers.get("Content-Range").starts_with(begin))
        return fail(Code::corrupt, "the hub answered another part of its snapshot");
    return std::move(response->body);
}

void HttpHub::cancel() {
    _carrier->cancel();
}

Result<protocol::EnrolAnswer> requestEnrolment(const protocol::Invitation& invitation,
                                               const protocol::EnrolRequest& request) {
    http::ClientTls tls;
    tls.pin = invitation.pin;
    http::Client client(clientConfig(std::move(tls)));
    auto response =
        client.post(invitation.url + "/sync/v1/enrol", protocol::encodeEnrolRequest(request));
    if (!response) return passOn(response);
    if (response->status != 200) return tl::make_unexpected(errorFrom(*response));
    return protocol::decodeEnrolAnswer(response->body);
}

} // namespace souffleur::agent
