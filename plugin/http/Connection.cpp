#include "plugin/http/Connection.h"

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServerConnection.h>
#include <Poco/Net/HTTPServerRequestImpl.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/StreamSocketImpl.h>
#include <Poco/Net/X509Certificate.h>
#include <openssl/x509.h>

#include <charconv>
#include <istream>
#include <ostream>

#include "plugin/crypto/Certificates.h"
#include "plugin/http/PeerUser.h"

namespace souffleur::http {

namespace {

using Poco::Net::HTTPServerRequest;
using Poco::Net::HTTPServerResponse;

/// An unread body up to this size is read and dropped, so that the peer sees the answer instead of
/// a reset.
constexpr std::size_t kDrainMaxBytes = 16 * 1024 * 1024;
constexpr int kDrainMs = 1000;

/// What a connection knows about itself from one request to the next.
struct ConnectionState {
    Serving& serving;
    Watchdog::Ticket ticket = 0;
    bool peerKnown = false;
    Peer peer;
};

void readCertificateOf(const Poco::Net::StreamSocket& socket, Peer& peer) {
    const Poco::Net::SecureStreamSocket secure(socket);
    peer.tls = true;
    if (!secure.havePeerCertificate()) return;
    const auto cert = secure.peerCertificate();
    unsigned char* der = nullptr;
    const int size = i2d_X509(const_cast<X509*>(cert.certificate()), &der);
    if (size <= 0) return;
    const auto info = crypto::readCertificateDer(
        {reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)});
    OPENSSL_free(der);
    if (!info) return;
    peer.hasCertificate = true;
    peer.commonName = info->commonName;
    peer.fingerprint = info->fingerprint;
    peer.notBefore = info->notBefore;
    peer.notAfter = info->notAfter;
}

/// Digits only; nothing for anything else.
std::optional<std::size_t> parseLength(std::string_view text) {
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return {};
    return value;
}

class OstreamWriter final : public StreamWriter {
public:
    OstreamWriter(std::ostream& out, const Serving& serving) : _out(out), _serving(serving) {}
    bool write(std::string_view bytes) override {
        if (stopping()) return false;
        _out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        _out.flush();
        return _out.good();
    }
    [[nodiscard]] bool stopping() const override { return _serving.stopping; }

private:
    std::ostream& _out;
    const Serving& _serving;
};

/// One request and its answer.
class Exchange final : public Poco::Net::HTTPRequestHandler {
public:
    explicit Exchange(ConnectionState& connection)
        : _connection(connection), _serving(connection.serving) {}

    void handleRequest(HTTPServerRequest& in, HTTPServerResponse& out) override {
        try {
            _serving.watchdog.arm(_connection.ticket, _serving.readTimeoutMs);
            Request request;
            Response response = answer(in, request);
            dress(request, response);
            send(in, request, response, out);
        } catch (...) {
            // The peer went away while it was written to: nobody is left to tell.
            out.setKeepAlive(false);
            _serving.watchdog.cut(_connection.ticket);
        }
        _serving.watchdog.arm(_connection.ticket, _serving.keepAliveMs + _serving.readTimeoutMs);
    }

private:
    Response answer(HTTPServerRequest& in, Request& request) {
        if (auto refused = readHead(in, request)) return std::move(*refused);
        for (Gate* gate : _serving.gates) {
            if (auto refused = gate->admit(request)) return std::move(*refused);
        }
        Router::Match match = _serving.router->find(request.method, request.path);
        if (auto refused = Router::refusal(match, _unread)) return std::move(*refused);
        request.params = std::move(match.params);
        if (!readBody(in, request)) {
            _broken = true;
            return Response::problem(
                {Code::invalid, "the body ended before its announced length", {}});
        }
        _serving.watchdog.disarm(_connection.ticket);
        return callSafely(match.route->handler, request);
    }

    std::optional<Response> readHead(HTTPServerRequest& in, Request& request) {
        for (const auto& [name, value] : in) request.headers.add(name, value);
        if (auto refused = readLength(request)) return refused;
        const auto method = parseMethod(in.getMethod());
        if (!method) {
            return Response::problem({Code::unsupported, "this method is not known here", {}});
        }
        request.method = *method;
        auto target = parseTarget(in.getURI());
        if (!target) return Response::problem(target.error());
        request.path = std::move(target->path);
        request.query = std::move(target->query);
        request.peer = peer(in);
        if (request.peer.hasCertificate && !_serving.acceptExpired &&
            request.peer.notAfter < SystemClock().now().at) {
            // A resumed TLS session is not verified again, so its certificate may have ended since.
            return Response::problem({Code::refused, "the client's certificate has expired", {}});
        }
        return std::nullopt;
    }

    std::optional<Response> readLength(const Request& request) {
        if (request.headers.has("Transfer-Encoding")) {
            _broken = true;
            return Response::problem(
                {Code::invalid, "send the body with a Content-Length, not chunked", {}}, 411);
        }
        if (!request.headers.has("Content-Length")) return std::nullopt;
        const auto length = parseLength(request.headers.get("Content-Length"));
        if (!length || request.headers.count("Content-Length") > 1) {
            _broken = true;
            return Response::problem({Code::invalid, "the Content-Length is no single number", {}});
        }
        _unread = *length;
        return std::nullopt;
    }

    const Peer& peer(HTTPServerRequest& in) {
        Peer& peer = _connection.peer;
        if (_connection.peerKnown) return peer;
        _connection.peerKnown = true;
        peer.address = in.clientAddress().host().toString();
        peer.port = in.clientAddress().port();
        auto& socket = dynamic_cast<Poco::Net::HTTPServerRequestImpl&>(in).socket();
        if (socket.secure()) readCertificateOf(socket, peer);
        if (_serving.findPeerUser) {
            const Endpoint ours{in.serverAddress().host().toString(), in.serverAddress().port()};
            peer.uid = peerUser({peer.address, peer.port}, ours);
        }
        return peer;
    }

    bool readBody(HTTPServerRequest& in, Request& request) {
        request.body.resize(_unread);
        in.stream().read(request.body.data(), static_cast<std::streamsize>(_unread));
        const bool whole = static_cast<std::size_t>(in.stream().gcount()) == _unread;
        _unread = 0;
        return whole;
    }

    void dress(const Request& request, Response& response) const noexcept {
        try {
            for (Gate* gate : _serving.gates) gate->dress(request, response);
        } catch (...) {
            response = Response::problem({Code::internal, "this is a fault of the program", {}});
        }
    }

    void send(HTTPServerRequest& in, const Request& request, const Response& response,
              HTTPServerResponse& out) {
        out.setStatusAndReason(static_cast<Poco::Net::HTTPResponse::HTTPStatus>(response.status),
                               std::string(reasonPhrase(response.status)));
        for (const auto& [name, value] : response.headers.all()) {
            if (value.find_first_of("\r\n") == std::string::npos) out.add(name, value);
        }
        const bool crowded = _serving.connections > _serving.crowdedAbove;
        const bool close = _broken || crowded || _unread > kDrainMaxBytes || _serving.stopping;
        out.setKeepAlive(in.getKeepAlive() && !close);
        if (response.stream && request.method != Method::head) {
            sendStream(response, out);
        } else {
            const bool bare = response.status == 204 || response.status == 304;
            if (!bare) out.setContentLength64(static_cast<Poco::Int64>(response.body.size()));
            std::ostream& stream = out.send();
            if (!bare && request.method != Method::head) stream << response.body;
            stream.flush();
        }
        drain(in);
    }

    void sendStream(const Response& response, HTTPServerResponse& out) {
        _serving.watchdog.disarm(_connection.ticket);
        out.setChunkedTransferEncoding(true);
        out.setKeepAlive(false);
        OstreamWriter writer(out.send(), _serving);
        response.stream(writer);
    }

    /// Closing with unread bytes resets the connection, and the peer may lose the answer.
    void drain(HTTPServerRequest& in) {
        if (_unread == 0) return;
        _serving.watchdog.arm(_connection.ticket, kDrainMs);
        in.stream().ignore(static_cast<std::streamsize>(std::min(_unread, kDrainMaxBytes)));
    }

    ConnectionState& _connection;
    Serving& _serving;
    std::size_t _unread = 0; ///< bytes of the body still in the connection
    bool _broken = false;    ///< where the next request would begin is unknown
};

class ExchangeFactory final : public Poco::Net::HTTPRequestHandlerFactory {
public:
    explicit ExchangeFactory(ConnectionState& connection) : _connection(connection) {}
    Poco::Net::HTTPRequestHandler* createRequestHandler(const HTTPServerRequest&) override {
        return new Exchange(_connection);
    }

private:
    ConnectionState& _connection;
};

/// The state is a base so that it is there before, and as long as, POCO's connection refers to it.
struct StateHolder {
    ConnectionState state;
};

class Connection final : private StateHolder, public Poco::Net::HTTPServerConnection {
public:
    Connection(const Poco::Net::StreamSocket& socket, Serving& serving,
               const Poco::Net::HTTPServerParams::Ptr& params)
        : StateHolder{ConnectionState{serving, 0, false, {}}},
          HTTPServerConnection(socket, params, new ExchangeFactory(state)) {}

    void run() override {
        Serving& serving = state.serving;
        const Counted counted(serving.connections);
        socket().setSendTimeout(
            {static_cast<Poco::Timespan::TimeDiff>(serving.writeTimeoutMs) * 1000});
        state.ticket = serving.watchdog.watch(socket().impl()->sockfd());
        serving.watchdog.arm(state.ticket, serving.readTimeoutMs);
        if (serving.stopping) serving.watchdog.cut(state.ticket);
        try {
            HTTPServerConnection::run();
        } catch (...) {
            // A broken peer (or TLS handshake) ends its own connection and nothing else.
            serving.watchdog.cut(state.ticket);
        }
        serving.watchdog.release(state.ticket);
    }

private:
    struct Counted {
        explicit Counted(std::atomic<int>& of) : count(of) { ++count; }
        ~Counted() { --count; }
        Counted(const Counted&) = delete;
        Counted& operator=(const Counted&) = delete;
        std::atomic<int>& count;
    };
};

} // namespace

ConnectionFactory::ConnectionFactory(Serving& serving, Poco::Net::HTTPServerParams::Ptr params)
    : _serving(serving), _params(std::move(params)) {}

Poco::Net::TCPServerConnection*
ConnectionFactory::createConnection(const Poco::Net::StreamSocket& socket) {
    return new Connection(socket, _serving, _params);
}

} // namespace souffleur::http
