#include "tests/sim/Network.h"

#include "plugin/http/Router.h"
#include "sync/protocol/Batch.h"
#include "sync/protocol/Pull.h"

namespace souffleur::sim {
namespace {

constexpr std::size_t kLateMax = 20;
constexpr TimeMs kTimeoutMs = 30 * kSecondMs;
constexpr std::size_t kForgedPercent = 25;
constexpr std::string_view kHost = "https://hub.example.org";

/// What the server makes of the bytes that a client sends.
http::Request requestFrom(const Sender& from, const http::ClientRequest& sent) {
    http::Request request;
    request.method = sent.method;
    const auto target = http::parseTarget(std::string_view(sent.url).substr(kHost.size())).value();
    request.path = target.path;
    request.query = target.query;
    request.headers = sent.headers;
    request.body = sent.body;
    request.peer.address = "192.0.2.1";
    request.peer.tls = true;
    request.peer.hasCertificate = true;
    request.peer.fingerprint = from.fingerprint;
    request.peer.notAfter = kMaxTime;
    return request;
}

bool pushes(const http::Request& request) {
    return request.path == "/sync/v1/push";
}

std::optional<protocol::Batch> batchIn(const http::Request& request) {
    const auto text = protocol::decompress(request.body, limits::kBatchMaxBytes);
    auto batch = text ? protocol::decodeBatch(*text) : fail(Code::invalid, "no batch");
    return batch ? std::optional(std::move(*batch)) : std::nullopt;
}

http::Headers without(const http::Headers& headers, std::string_view name) {
    http::Headers out;
    for (const auto& [field, value] : headers.all()) {
        if (field != name) out.add(field, value);
    }
    return out;
}

} // namespace

tl::unexpected<Error> Network::silence() {
    _time.pass(kTimeoutMs);
    return fail(Code::unavailable, "no answer came");
}

Result<http::ClientResponse> Network::send(const Sender& from, const http::ClientRequest& sent) {
    if (from.parted) return fail(Code::unavailable, "no network");
    http::Request request = requestFrom(from, sent);
    _time.pass(static_cast<TimeMs>(5 + _random.below(200)));
    _meanwhile();
    if (_switches.hideClocks) request.headers = without(request.headers, "X-Souffleur-Clock");
    if (chance(_random, _weather.lost)) return silence();
    if (chance(_random, _weather.late)) {
        if (_late.size() < kLateMax) _late.push_back(std::move(request));
        return silence();
    }
    if (chance(_random, _weather.cut)) {
        // The server takes no half body; a box on the way that ends it early might pass it on.
        request.body.resize(_random.below(request.body.size() + 1));
        if (request.method == http::Method::post) (void) _hub(request);
        return silence();
    }
    if (chance(_random, _weather.doubled)) {
        if (chance(_random, 50)) {
            (void) _hub(request);
        } else if (_late.size() < kLateMax) {
            _late.push_back(request);
        }
    }
    return answered(std::move(request));
}

Result<http::ClientResponse> Network::answered(http::Request request) {
    std::optional<http::Response> response = forged(request);
    if (!response) response = _hub(request);
    if (!response) return fail(Code::unavailable, "the connection broke");
    falsify(*response, request);
    _time.pass(static_cast<TimeMs>(5 + _random.below(200)));
    if (chance(_random, _weather.answerLost)) return silence();
    if (chance(_random, _weather.answerCut)) {
        if (chance(_random, 50)) return fail(Code::corrupt, "the answer was cut off");
        response->body.resize(_random.below(response->body.size() + 1));
    }
    return http::ClientResponse{response->status, response->headers, std::move(response->body)};
}

std::optional<http::Response> Network::forged(const http::Request& request) {
    if (_weather.bodyMaxBytes > 0 && request.body.size() > _weather.bodyMaxBytes)
        return http::Response::problem({Code::tooLarge, "too much for this box", ""});
    if (!pushes(request)) return std::nullopt;
    const auto batch = batchIn(request);
    if (!batch) return std::nullopt;
    if (_switches.refusePushes && batch->events.size() > 1)
        return http::Response::problem({Code::invalid, "not through this box", ""});
    if (!_switches.forgeAnswers || !chance(_random, kForgedPercent)) return std::nullopt;
    return http::Response::json(protocol::encodeAnswer({batch->lastSeq(), batch->head, {}}));
}

void Network::falsify(http::Response& response, const http::Request& request) {
    if (_switches.forgeAnswers) response.headers = without(response.headers, protocol::kHeldHeader);
    if (!_switches.dropPages || request.path != "/sync/v1/pull" || response.status != 200) return;
    const auto text = protocol::decompress(response.body, protocol::kPageMaxBytes);
    auto page = protocol::decodePage(text.value());
    if (!page || page->events.empty() || !chance(_random, kForgedPercent)) return;
    page->events.clear();
    response.body = protocol::compress(protocol::encodePage(*page));
}

void Network::deliverLate() {
    if (_late.empty()) return;
    const auto which = static_cast<std::ptrdiff_t>(_random.below(_late.size()));
    const http::Request request = std::move(_late[static_cast<std::size_t>(which)]);
    _late.erase(_late.begin() + which);
    (void) _hub(request);
}

} // namespace souffleur::sim
