#include <Poco/Exception.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/ThreadPool.h>
#include <charconv>
#include <optional>
#include <string_view>

#include "drivers/emulator/PaperPage.h"
#include "drivers/emulator/Server.h"

namespace souffleur::emulator {
namespace {

using Poco::Net::HTTPResponse;
using Poco::Net::HTTPServerRequest;
using Poco::Net::HTTPServerResponse;

constexpr std::size_t kMaxBody = 512;
constexpr int kSlowBytesPerSecond = 960; ///< a serial line of 9600 baud

std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (static_cast<unsigned char>(c) >= 0x20) {
            out += c;
        }
    }
    return out + '"';
}

std::string faultsJson(const Faults& faults) {
    const auto word = [](bool on) { return on ? "true" : "false"; };
    return std::string("{\"paperOut\":") + word(faults.paperOut) +
           ",\"paperNearEnd\":" + word(faults.paperNearEnd) +
           ",\"coverOpen\":" + word(faults.coverOpen) + ",\"cutterJam\":" + word(faults.cutterJam) +
           ",\"drawerOpen\":" + word(faults.drawerOpen) +
           ",\"slow\":" + word(faults.bytesPerSecond > 0) + ",\"hang\":" + word(faults.hang) + "}";
}

/// The body of POST /faults is a form: paperOut=1&hang=0.
Faults faultsFromForm(std::string_view form, Faults faults) {
    while (!form.empty()) {
        const auto pair = form.substr(0, form.find('&'));
        form.remove_prefix(std::min(form.size(), pair.size() + 1));
        const bool on = pair.ends_with("=1");
        const auto name = pair.substr(0, pair.find('='));
        if (name == "paperOut") faults.paperOut = on;
        if (name == "paperNearEnd") faults.paperNearEnd = on;
        if (name == "coverOpen") faults.coverOpen = on;
        if (name == "cutterJam") faults.cutterJam = on;
        if (name == "drawerOpen") faults.drawerOpen = on;
        if (name == "slow") faults.bytesPerSecond = on ? kSlowBytesPerSecond : 0;
        if (name == "hang") faults.hang = on;
    }
    return faults;
}

std::optional<std::uint64_t> numberIn(std::string_view path, std::string_view ending) {
    constexpr std::string_view kStart = "/receipts/";
    if (!path.starts_with(kStart) || !path.ends_with(ending)) return std::nullopt;
    path.remove_prefix(kStart.size());
    path.remove_suffix(std::min(path.size(), ending.size()));
    std::uint64_t number = 0;
    const auto* const end = path.data() + path.size();
    const auto parsed = std::from_chars(path.data(), end, number);
    if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
    return number;
}

class Handler final : public Poco::Net::HTTPRequestHandler {
public:
    Handler(VirtualPrinter& printer, std::string host)
        : _printer(printer), _host(std::move(host)) {}

    void handleRequest(HTTPServerRequest& request, HTTPServerResponse& response) override {
        response.set("Cache-Control", "no-store");
        response.set("X-Content-Type-Options", "nosniff");
        response.set("Content-Security-Policy",
                     "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; script-src "
                     "'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'");
        // A name that was rebound to the loopback must not read what is printed.
        const std::string host = request.get("Host", "");
        if (host != _host && host != "localhost" + _host.substr(_host.find(':'))) {
            refuse(response, HTTPResponse::HTTP_FORBIDDEN);
        } else if (request.getMethod() == "GET") {
            get(request.getURI(), response);
        } else if (request.getMethod() == "POST" && request.getURI() == "/faults") {
            post(request, response);
        } else {
            refuse(response, HTTPResponse::HTTP_NOT_FOUND);
        }
    }

private:
    static void answer(HTTPServerResponse& response, const std::string& type,
                       const std::string& body) {
        response.setContentType(type);
        response.sendBuffer(body.data(), body.size());
    }

    static void refuse(HTTPServerResponse& response, HTTPResponse::HTTPStatus status) {
        response.setStatusAndReason(status);
        answer(response, "text/plain; charset=utf-8", response.getReason() + "\n");
    }

    [[nodiscard]] std::string listJson() const {
        std::string json =
            "{\"printer\":" + quoted(_printer.profile().vendor + " " + _printer.profile().model) +
            ",\"faults\":" + faultsJson(_printer.faults()) + ",\"receipts\":[";
        const auto receipts = _printer.receipts(false);
        for (auto it = receipts.rbegin(); it != receipts.rend(); ++it) {
            if (it != receipts.rbegin()) json += ',';
            json += "{\"number\":" + std::to_string(it->number) +
                    ",\"width\":" + std::to_string(it->widthPx) +
                    ",\"height\":" + std::to_string(it->heightPx) +
                    ",\"text\":" + quoted(it->text) + "}";
        }
        return json + "]}";
    }

    void get(const std::string& path, HTTPServerResponse& response) const {
        if (path == "/")
            return answer(response, "text/html; charset=utf-8", std::string(kPaperPage));
        if (path == "/receipts.json") return answer(response, "application/json", listJson());
        if (const auto number = numberIn(path, ".png")) {
            if (const auto receipt = _printer.receipt(*number)) {
                return answer(response, "image/png", {receipt->png.begin(), receipt->png.end()});
            }
        }
        if (const auto number = numberIn(path, ".txt")) {
            if (const auto receipt = _printer.receipt(*number)) {
                return answer(response, "text/plain; charset=utf-8", receipt->text);
            }
        }
        refuse(response, HTTPResponse::HTTP_NOT_FOUND);
    }

    void post(HTTPServerRequest& request, HTTPServerResponse& response) const {
        // A header that no cross-site form can send.
        if (request.get("X-Emulator", "") != "1")
            return refuse(response, HTTPResponse::HTTP_FORBIDDEN);
        std::string body(kMaxBody + 1, '\0');
        request.stream().read(body.data(), static_cast<std::streamsize>(body.size()));
        body.resize(static_cast<std::size_t>(request.stream().gcount()));
        if (body.size() > kMaxBody) {
            return refuse(response, HTTPResponse::HTTP_REQUEST_ENTITY_TOO_LARGE);
        }
        _printer.setFaults(faultsFromForm(body, _printer.faults()));
        answer(response, "application/json", faultsJson(_printer.faults()));
    }

    VirtualPrinter& _printer;
    std::string _host;
};

class Factory final : public Poco::Net::HTTPRequestHandlerFactory {
public:
    Factory(VirtualPrinter& printer, std::string host)
        : _printer(printer), _host(std::move(host)) {}
    Poco::Net::HTTPRequestHandler*
    createRequestHandler(const HTTPServerRequest& /*request*/) override {
        return new Handler(_printer, _host); // POCO deletes it
    }

private:
    VirtualPrinter& _printer;
    std::string _host;
};

Poco::Net::HTTPServerParams::Ptr parameters() {
    Poco::Net::HTTPServerParams::Ptr parameters = new Poco::Net::HTTPServerParams;
    parameters->setMaxThreads(4);
    parameters->setMaxQueued(32);
    parameters->setTimeout(Poco::Timespan(10, 0));
    parameters->setKeepAlive(false); // so that stopping waits for nobody
    return parameters;
}

/// The usual way shares a port with whoever shares it as well.
Poco::Net::ServerSocket alone(std::uint16_t port) {
    Poco::Net::ServerSocket socket;
    socket.bind(Poco::Net::SocketAddress("127.0.0.1", port), true, false);
    socket.listen();
    return socket;
}

} // namespace

struct PaperServer::Loop {
    Poco::Net::ServerSocket socket;
    Poco::ThreadPool threads{1, 4};
    Poco::Net::HTTPServer server;

    Loop(VirtualPrinter& printer, std::uint16_t port)
        : socket(alone(port)),
          server(new Factory(printer, socket.address().toString()), threads, socket, parameters()) {
        server.start();
    }
    ~Loop() {
        server.stopAll(true);
        threads.joinAll();
    }
};

PaperServer::PaperServer(VirtualPrinter& printer, std::uint16_t port)
    : _loop(std::make_unique<Loop>(printer, port)) {}

PaperServer::~PaperServer() = default;

std::uint16_t PaperServer::port() const {
    return _loop->socket.address().port();
}

} // namespace souffleur::emulator
