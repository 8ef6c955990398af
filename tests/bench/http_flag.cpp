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

#include <cstdio>

#include "plugin/api/PanelServer.h"
#include "tests/bench/Asker.h"
#include "tests/support/Till.h"

namespace {

using namespace souffleur;
using bench::Asker;
using bench::pageRequest;

constexpr int kPeople = 500;
constexpr int kRounds = 5000;
constexpr int kWarmUp = 200;
constexpr double kBudgetUs = 1000.0;

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
