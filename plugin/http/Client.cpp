#include "plugin/http/Client.h"

#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SSLException.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/StreamSocketImpl.h>
#include <Poco/URI.h>

#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <mutex>
#include <ostream>

#include "plugin/http/Chunked.h"
#include "plugin/http/TlsContext.h"
#include "plugin/http/Watchdog.h"

namespace souffleur::http {

namespace {

constexpr std::size_t kReadBytes = 16 * 1024;
constexpr int kFieldsMax = 128;
constexpr int kKeepAliveMs = 1500; // below what our own servers grant

Poco::Timespan span(int ms) {
    return {static_cast<Poco::Timespan::TimeDiff>(ms) * 1000};
}

/// A session whose body bytes are read by us: POCO's body streams hide how they ended.
class Wire {
public:
    virtual ~Wire() = default;
    virtual Poco::Net::HTTPClientSession& session() = 0;
    /// Bytes read; 0 at the end of the connection.
    virtual int readSome(char* buffer, int size) = 0;
};

template <typename Session>
class SessionWire final : public Wire, private Session {
public:
    using Session::Session;
    Poco::Net::HTTPClientSession& session() override { return *this; }
    int readSome(char* buffer, int size) override { return Session::read(buffer, size); }
};

struct Url {
    std::string scheme;
    std::string host;
    std::uint16_t port = 0;
    std::string target;

    [[nodiscard]] std::string server() const {
        return scheme + "://" + host + ":" + std::to_string(port);
    }
};

Result<Url> parseUrl(const std::string& text) {
    const auto bad =
        fail(Code::invalid, "the URL must be http or https with a host, and no user in it");
    if (text.find_first_of(" \t\r\n") != std::string::npos) return bad;
    try {
        const Poco::URI uri(text);
        if ((uri.getScheme() != "http" && uri.getScheme() != "https") || uri.getHost().empty() ||
            !uri.getUserInfo().empty()) {
            return bad;
        }
        std::string target = uri.getPathAndQuery();
        if (target.empty() || target.front() != '/') target.insert(0, "/");
        return Url{uri.getScheme(), uri.getHost(), uri.getPort(), std::move(target)};
    } catch (const Poco::Exception&) {
        return bad;
    }
}

bool repeatable(Method method) {
    return method != Method::post && method != Method::patch;
}

/// Passes the body on and keeps count of it.
class Body {
public:
    Body(const ClientRequest& request, std::size_t maxBytes, std::string& into)
        : _request(request), _left(maxBytes), _into(into) {}

    Result<void> take(std::string_view bytes) {
        if (bytes.size() > _left) return fail(Code::tooLarge, "the answer is longer than allowed");
        _left -= bytes.size();
        if (!_request.sink) {
            _into.append(bytes);
        } else if (!_request.sink(bytes)) {
            return fail(Code::conflict, "the receiver of the answer wants no more");
        }
        return {};
    }
    [[nodiscard]] std::size_t left() const { return _left; }

private:
    const ClientRequest& _request;
    std::size_t _left;
    std::string& _into;
};

Result<void> readLength(Wire& wire, std::uint64_t length, Body& body) {
    if (length > body.left()) return fail(Code::tooLarge, "the answer is longer than allowed");
    std::array<char, kReadBytes> buffer{};
    while (length > 0) {
        const auto want = static_cast<int>(std::min<std::uint64_t>(length, buffer.size()));
        const int got = wire.readSome(buffer.data(), want);
        if (got <= 0) return fail(Code::corrupt, "the answer ended before its announced length");
        if (auto taken = body.take({buffer.data(), static_cast<std::size_t>(got)}); !taken)
            return taken;
        length -= static_cast<std::uint64_t>(got);
    }
    return {};
}

Result<void> readChunks(Wire& wire, Body& body) {
    std::array<char, kReadBytes> buffer{};
    ChunkedDecoder decoder;
    std::string decoded;
    for (;;) {
        const int got = wire.readSome(buffer.data(), static_cast<int>(buffer.size()));
        if (got <= 0) return fail(Code::corrupt, "the answer ended before its last chunk");
        std::size_t used = 0;
        decoded.clear();
        const auto size = static_cast<std::size_t>(got);
        const auto progress = decoder.feed({buffer.data(), size}, decoded, used);
        if (progress == ChunkedDecoder::Progress::malformed) {
            return fail(Code::corrupt, "the answer's chunks are malformed");
        }
        if (auto taken = body.take(decoded); !taken) return taken;
        if (progress != ChunkedDecoder::Progress::done) continue;
        if (used != size) return fail(Code::corrupt, "bytes follow the answer's last chunk");
        return {};
    }
}

Result<void> readBody(Wire& wire, const ClientRequest& request, const ClientResponse& response,
                      Body& body) {
    if (request.method == Method::head || response.status == 204 || response.status == 304)
        return {};
    const std::string_view coding = response.headers.get("Transfer-Encoding");
    const std::size_t lengths = response.headers.count("Content-Length");
    if (!coding.empty()) {
        if (coding != "chunked" || lengths > 0) {
            return fail(Code::corrupt, "the answer announces its length in contradictory ways");
        }
        return readChunks(wire, body);
    }
    const std::string_view text = response.headers.get("Content-Length");
    std::uint64_t length = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    if (lengths != 1 || error != std::errc{} || end != text.data() + text.size()) {
        return fail(Code::corrupt, "the answer has no single length, so it may be cut short");
    }
    return readLength(wire, length, body);
}

} // namespace

struct Client::State {
    ClientConfig config;
    std::mutex requests; ///< one request at a time
    std::mutex mutex;    ///< guards ticket
    Watchdog::Ticket ticket = 0;
    std::atomic<bool> cancelled{false};
    Watchdog watchdog;
    Poco::Net::Context::Ptr context;
    std::unique_ptr<Wire> wire;
    std::string server;              ///< whom `wire` talks to
    Poco::Net::Session::Ptr session; ///< TLS, of the last connection to `server`
    bool answering = false;          ///< the answer's head has arrived
    bool timedOut = false;

    Result<void> prepare(const Url& url, int timeoutMs);
    Result<ClientResponse> attempt(const ClientRequest& request, const Url& url, int timeoutMs);
    Result<ClientResponse> exchange(const ClientRequest& request, const Url& url, int timeoutMs);
    void writeRequest(const ClientRequest& request, const Url& url, int timeoutMs);
    void watch(int timeoutMs);
    void unwatch();
};

void Client::State::watch(int timeoutMs) {
    const std::lock_guard lock(mutex);
    ticket = watchdog.watch(wire->session().socket().impl()->sockfd());
    watchdog.arm(ticket, timeoutMs);
    if (cancelled) watchdog.cut(ticket);
}

void Client::State::unwatch() {
    const std::lock_guard lock(mutex);
    if (ticket != 0) timedOut = watchdog.release(ticket);
    ticket = 0;
}

/// A connection to that server: the one that is there if it can still be used, else a new one.
Result<void> Client::State::prepare(const Url& url, int timeoutMs) {
    if (wire && server == url.server() && wire->session().connected() &&
        !wire->session().socket().poll(span(0), Poco::Net::Socket::SELECT_READ)) {
        return {}; // readable while idle means closed
    }
    wire.reset();
    if (server != url.server()) session = nullptr;
    if (url.scheme == "https") {
        if (!config.tls) return fail(Code::invalid, "https needs to know whom to trust");
        if (!context) {
            auto made = makeClientContext(*config.tls);
            if (!made) return passOn(made);
            context = *made;
        }
        // Shown again, the session saves both sides what a handshake costs.
        wire = std::make_unique<SessionWire<Poco::Net::HTTPSClientSession>>(url.host, url.port,
                                                                            context, session);
    } else {
        wire = std::make_unique<SessionWire<Poco::Net::HTTPClientSession>>(url.host, url.port);
    }
    server = url.server();
    wire->session().setTimeout(span(config.connectTimeoutMs), span(timeoutMs), span(timeoutMs));
    wire->session().setKeepAlive(true);
    wire->session().setKeepAliveTimeout(span(kKeepAliveMs));
    return {};
}

void Client::State::writeRequest(const ClientRequest& request, const Url& url, int timeoutMs) {
    Poco::Net::HTTPRequest out(std::string(methodName(request.method)), url.target,
                               Poco::Net::HTTPMessage::HTTP_1_1);
    for (const auto& [name, value] : request.headers.all()) out.add(name, value);
    out.setKeepAlive(true);
    if (!out.has("User-Agent")) out.set("User-Agent", config.userAgent);
    if (!request.body.empty() || !repeatable(request.method)) {
        out.setContentLength64(static_cast<Poco::Int64>(request.body.size()));
    }
    std::ostream& stream = wire->session().sendRequest(out);
    watch(timeoutMs); // connected by now; before, the connect timeout held
    stream << request.body;
    stream.flush();
    if (const auto* error = wire->session().networkException()) error->rethrow();
}

Result<ClientResponse> Client::State::exchange(const ClientRequest& request, const Url& url,
                                               int timeoutMs) {
    answering = false;
    writeRequest(request, url, timeoutMs);
    Poco::Net::HTTPResponse in;
    in.setFieldLimit(kFieldsMax);
    wire->session().receiveResponse(in);
    answering = true;
    ClientResponse response;
    response.status = in.getStatus();
    for (const auto& [name, value] : in) response.headers.add(name, value);
    const std::size_t maxBytes =
        request.maxResponseBytes > 0 ? request.maxResponseBytes : config.maxResponseBytes;
    Body body(request, maxBytes, response.body);
    if (auto read = readBody(*wire, request, response, body); !read) return passOn(read);
    // In TLS 1.3 what can be shown again comes after the handshake: by now it is there.
    if (wire->session().secure())
        session = Poco::Net::SecureStreamSocket(wire->session().socket()).currentSession();
    if (!in.getKeepAlive()) wire->session().reset();
    return response;
}

/// Errors and POCO's exceptions as one; a connection that failed is not used again.
Result<ClientResponse> Client::State::attempt(const ClientRequest& request, const Url& url,
                                              int timeoutMs) {
    const auto end = [&](Result<ClientResponse> outcome) {
        unwatch();
        if (!outcome) wire.reset();
        if (outcome || outcome.error().code == Code::tooLarge) return outcome;
        if (cancelled)
            outcome = fail(Code::unavailable, "the request was cancelled");
        else if (timedOut)
            outcome = fail(Code::unavailable, "the server took too long", url.host);
        return outcome;
    };
    try {
        timedOut = false;
        return end(exchange(request, url, timeoutMs));
    } catch (const Poco::Net::SSLException&) {
        session = nullptr;
        return end(
            fail(Code::refused, "the TLS handshake failed: certificates do not fit", url.host));
    } catch (const Poco::Net::MessageException&) {
        const bool none = wire && !answering;
        return end(fail(none ? Code::unavailable : Code::corrupt,
                        "the server gave no proper answer", url.host));
    } catch (const Poco::TimeoutException&) {
        return end(fail(Code::unavailable, "the server took too long", url.host));
    } catch (const Poco::Exception&) {
        return end(fail(Code::unavailable, "the server cannot be reached", url.host));
    }
}

Client::Client(ClientConfig config) : _state(std::make_unique<State>()) {
    _state->config = std::move(config);
}

Client::~Client() = default;

Result<ClientResponse> Client::send(const ClientRequest& request) {
    const std::lock_guard lock(_state->requests);
    if (_state->cancelled) return fail(Code::unavailable, "the request was cancelled");
    const auto url = parseUrl(request.url);
    if (!url) return passOn(url);
    const int timeoutMs = request.timeoutMs > 0 ? request.timeoutMs : _state->config.timeoutMs;
    if (auto ready = _state->prepare(*url, timeoutMs); !ready) return passOn(ready);
    const bool reused = _state->wire->session().connected();
    auto outcome = _state->attempt(request, *url, timeoutMs);
    const bool again = !outcome && reused && !_state->answering && !_state->cancelled &&
                       !_state->timedOut && repeatable(request.method);
    if (!again) return outcome;
    // The server closed the idle connection just as it was used; nothing was done twice by asking
    // again.
    if (auto ready = _state->prepare(*url, timeoutMs); !ready) return passOn(ready);
    return _state->attempt(request, *url, timeoutMs);
}

Result<ClientResponse> Client::get(const std::string& url, Headers headers) {
    ClientRequest request;
    request.url = url;
    request.headers = std::move(headers);
    return send(request);
}

Result<ClientResponse> Client::post(const std::string& url, std::string json, Headers headers) {
    ClientRequest request;
    request.method = Method::post;
    request.url = url;
    request.headers = std::move(headers);
    request.headers.set("Content-Type", "application/json");
    request.body = std::move(json);
    return send(request);
}

void Client::cancel() {
    _state->cancelled = true;
    const std::lock_guard lock(_state->mutex);
    if (_state->ticket != 0) _state->watchdog.cut(_state->ticket);
}

void Client::reset() {
    _state->cancelled = false;
}

void Client::readTlsAgain() {
    const std::lock_guard lock(_state->requests);
    _state->wire.reset();
    _state->session = nullptr; // it stands for the certificate that was shown
    _state->context = nullptr;
}

} // namespace souffleur::http
