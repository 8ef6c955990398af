// rooms: plugin-api
// What one flag costs a page: GET /desk over loopback HTTP, through guard, session, counter and
// JSON, for another customer each time. Beside it bare POCO answering 600 bytes, asked in turns on
// the same machine in the same run.
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/ServerSocket.h>
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <stdexcept>

#include "plugin/api/PanelServer.h"
#include "tests/support/Till.h"

namespace {

using namespace souffleur;

constexpr int kPeople = 500;
constexpr int kRounds = 5000;
constexpr int kWarmUp = 200;
constexpr double kBudgetUs = 1000.0;

/// One kept connection; asks the same bytes again and reads one answer with a Content-Length.
class Asker {
public:
    Asker(std::uint16_t port, std::string request) : _port(port), _request(std::move(request)) {
        connect();
    }
    ~Asker() { ::close(_fd); }
    Asker(const Asker&) = delete;
    Asker& operator=(const Asker&) = delete;

    /// Microseconds from the first byte sent to the last byte read.
    double ask() {
        const auto start = std::chrono::steady_clock::now();
        if (::send(_fd, _request.data(), _request.size(), MSG_NOSIGNAL) < 0 || !read()) {
            throw std::runtime_error("the server hung up");
        }
        return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start)
            .count();
    }
    [[nodiscard]] const std::string& answer() const { return _answer; }

private:
    void connect() {
        _fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const int on = 1;
        ::setsockopt(_fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(_port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(_fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
            throw std::runtime_error("no connection");
        }
    }
    bool read() {
        _answer.clear();
        std::size_t whole = std::string::npos;
        while (whole == std::string::npos || _answer.size() < whole) {
            char buffer[16384];
            const ssize_t count = ::recv(_fd, buffer, sizeof buffer, 0);
            if (count <= 0) return false;
            _answer.append(buffer, static_cast<std::size_t>(count));
            const std::size_t head = _answer.find("\r\n\r\n");
            if (whole != std::string::npos || head == std::string::npos) continue;
            const std::size_t length = _answer.find("Content-Length: ");
            if (length == std::string::npos) return false;
            whole = head + 4 + std::stoul(_answer.substr(length + 16));
        }
        return _answer.starts_with("HTTP/1.1 200");
    }

    std::uint16_t _port;
    std::string _request;
    std::string _answer;
    int _fd = -1;
};

class Bare final : public Poco::Net::HTTPRequestHandler {
    void handleRequest(Poco::Net::HTTPServerRequest&,
                       Poco::Net::HTTPServerResponse& response) override {
        static const std::string body(600, 'x');
        response.setContentType("application/json");
        response.sendBuffer(body.data(), body.size());
    }
};
class BareFactory final : public Poco::Net::HTTPRequestHandlerFactory {
    Poco::Net::HTTPRequestHandler*
    createRequestHandler(const Poco::Net::HTTPServerRequest&) override {
        return new Bare;
    }
};

double at(std::vector<double>& times, double share) {
    const auto place =
        times.begin() + static_cast<std::ptrdiff_t>(static_cast<double>(times.size() - 1) * share);
    std::nth_element(times.begin(), place, times.end());
    return *place;
}

void row(const char* name, double ours, double reference, bool budgeted) {
    std::printf("{\"name\":\"%s\",\"ours\":%.1f,\"unit\":\"us\",\"reference\":%.1f,"
                "\"referenceName\":\"bare POCO HTTP, 600 bytes\",\"ratio\":%.3f,\"budget\":\"%s\","
                "\"met\":%s}\n",
                name, ours, reference, ours / reference, budgeted ? "1000 us" : "",
                !budgeted || ours <= kBudgetUs ? "true" : "false");
}

/// Puts somebody on file: they say no to what is asked first.
bool refused(test::Till& till, const counter::HostCustomer& person) {
    if (!till.till->hostSelected(person)) return false;
    const auto desk = till.till->desk("en");
    if (!desk || !desk->customer) return false;
    counter::ActRequest act;
    act.idempotencyKey = Uuid::random(till.random);
    act.questionSet = desk->questionSet;
    act.subject = desk->customer->subject;
    act.outcome = counter::ActOutcome::refuse;
    act.language = desk->customer->language;
    return till.till->record(act, "en").has_value();
}

/// A signed-in page's GET /desk as bytes.
std::string pageRequest(api::PanelServer& server) {
    const std::string url = server.launchUrl();
    const std::string token = url.substr(url.find("#launch=") + 8);
    const std::string host = "Host: 127.0.0.1:" + std::to_string(server.port()) + "\r\n";
    const std::string body = R"({"launchToken":")" + token + "\"}";
    Asker trade(server.port(), "POST /api/v1/session HTTP/1.1\r\n" + host +
                                   "Content-Type: application/json\r\nX-Souffleur-Session: none"
                                   "\r\nContent-Length: " +
                                   std::to_string(body.size()) + "\r\n\r\n" + body);
    try {
        trade.ask();
    } catch (const std::runtime_error&) {
        if (!trade.answer().starts_with("HTTP/1.1 201")) throw;
    }
    const std::string& answer = trade.answer();
    const auto between = [&](const std::string& from, char to) {
        const std::size_t begin = answer.find(from) + from.size();
        return answer.substr(begin, answer.find(to, begin) - begin);
    };
    return "GET /api/v1/desk HTTP/1.1\r\n" + host +
           "Accept-Language: en\r\nCookie: " + between("Set-Cookie: ", ';') +
           "\r\nX-Souffleur-Session: " + between("\"secret\":\"", '"') + "\r\n\r\n";
}

} // namespace

int main() {
    test::Till till;
    api::PanelConfig config;
    config.api = test::Till::apiSettings();
    const auto server =
        api::PanelServer::start({*till.till, till.feed, till.clock, till.random, {}}, config)
            .value();
    if (!till.till->signIn(till.noor, test::Till::kPin)) return 1;

    const Poco::Net::ServerSocket socket(Poco::Net::SocketAddress("127.0.0.1", 0));
    Poco::Net::HTTPServer bare(new BareFactory, socket, new Poco::Net::HTTPServerParams);
    bare.start();

    Asker ours(server->port(), pageRequest(*server));
    Asker reference(socket.address().port(), "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    std::vector<double> times;
    std::vector<double> bareTimes;
    std::vector<counter::HostCustomer> people;
    for (int i = 0; i < kPeople; ++i) {
        people.push_back(test::Till::stranger("C-" + std::to_string(i)));
    }
    for (const auto& person : people) {
        if (!refused(till, person)) return 1;
    }
    for (int i = 0; i < kRounds + kWarmUp; ++i) {
        if (!till.till->hostSelected(people[static_cast<std::size_t>(i % kPeople)])) return 1;
        const double desk = ours.ask();
        const double plain = reference.ask();
        if (i < kWarmUp) continue;
        times.push_back(desk);
        bareTimes.push_back(plain);
    }
    std::fprintf(stderr, "the answer has %zu bytes\n", ours.answer().size());
    row("flag over loopback HTTP, p99", at(times, 0.99), at(bareTimes, 0.99), true);
    row("flag over loopback HTTP, p50", at(times, 0.50), at(bareTimes, 0.50), false);
    bare.stop();
    return 0;
}
