#include "sync/agent/HttpHub.h"

#include "plugin/crypto/Secret.h"

namespace souffleur::agent {
namespace {

constexpr int kNoSuchThing = 404;

} // namespace

Result<http::ClientResponse> HttpHub::post(const std::string& path, const protocol::Batch& batch) {
    const std::string body = protocol::encodeBatch(batch);
    for (;;) {
        http::ClientRequest request;
        request.method = http::Method::post;
        request.url = path;
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
    request.url = "/sync/v1/pull?limit=" + std::to_string(limit) + "&cursor=" + cursor;
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

Result<protocol::LogAnswer> HttpHub::log(const protocol::LogSizes& from) {
    http::ClientRequest request;
    request.url = "/sync/v1/log?from=" + protocol::sizesText(from);
    request.maxResponseBytes = protocol::kLogMaxBytes;
    auto response = send(std::move(request));
    if (!response) return passOn(response);
    return protocol::decodeLogAnswer(response->body);
}

Result<void> HttpHub::logAlarm(protocol::LogFault fault) {
    http::ClientRequest request;
    request.method = http::Method::post;
    request.url = "/sync/v1/log/alarm";
    request.headers = {{"Content-Type", "application/json"}};
    request.body = protocol::encodeLogAlarm(fault);
    auto response = send(std::move(request));
    if (!response) return passOn(response);
    return {};
}

Result<protocol::Lease> HttpHub::lease(const std::string& vault) {
    http::ClientRequest request;
    request.url = "/sync/v1/lease?of=" + vault;
    auto response = send(std::move(request));
    if (!response) return passOn(response);
    auto lease = protocol::decodeLease(response->body);
    crypto::wipe(response->body);
    return lease;
}

Result<protocol::SnapshotManifest> HttpHub::snapshot() {
    http::ClientRequest request;
    request.url = "/sync/v1/snapshot";
    auto response = send(std::move(request));
    if (!response && lastStatus() == kNoSuchThing)
        return fail(Code::notFound, "the hub makes none");
    if (!response) return passOn(response);
    return protocol::decodeManifest(response->body);
}

Result<std::string> HttpHub::snapshotPart(const std::string& id, std::uint64_t from,
                                          std::size_t size) {
    http::ClientRequest request;
    request.url = "/sync/v1/snapshot/" + id;
    const std::uint64_t last = from + (size == 0 ? 0 : size - 1);
    request.headers = {{"Range", "bytes=" + std::to_string(from) + "-" + std::to_string(last)}};
    request.maxResponseBytes = protocol::kSnapshotPartMaxBytes;
    auto response = send(std::move(request));
    if (!response && lastStatus() == kNoSuchThing)
        return fail(Code::notFound, "the hub has another snapshot by now");
    if (!response) return passOn(response);
    const std::string begin = "bytes " + std::to_string(from) + "-";
    if (response->status != 206 || !response->headers.get("Content-Range").starts_with(begin))
        return fail(Code::corrupt, "the hub answered another part of its snapshot");
    return std::move(response->body);
}

void HttpHub::cancel() {
    cancelCall();
}

} // namespace souffleur::agent
