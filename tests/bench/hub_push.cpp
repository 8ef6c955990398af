// rooms: sync-hub sync-protocol
// One till pushes its answers to the real hub, as a till does: batches of up to half a MiB, signed,
// zstd, mutual TLS, one after another on one connection; then another till pulls them. Beside it
// PouchDB over HTTP with the same events as documents, 1,000 at a time, on plain HTTP and without a
// sync of the disk (tests/bench/peers/pouch.mjs). EVENTS (environment): default 20,000.
#include <cstdio>
#include <cstdlib>

#include "Paths.h"
#include "plugin/wire/JsonWriter.h"
#include "sync/protocol/Pull.h"
#include "tests/bench/support/House.h"
#include "tests/bench/support/Visitors.h"
#include "tests/support/Postgres.h"

namespace {

using namespace souffleur;
using namespace souffleur::bench;

struct Rates {
    double push = 0;
    double pull = 0;
};

double secondsSince(Moment start) {
    return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

/// Asks and waits for the answer, which must be a 200.
std::string asked(Fleet& fleet, std::size_t device, std::string request) {
    std::string body;
    fleet.ask(device, std::move(request));
    fleet.run(
        [&](Answer& answer) {
            if (answer.status != 200)
                throw std::runtime_error("the hub answered " + std::to_string(answer.status) + " " +
                                         answer.why + answer.body);
            body = std::move(answer.body);
        },
        [](std::size_t) {}, [&] { return fleet.asking() == 0; });
    return body;
}

/// In documents of PouchDB: the same bytes, the payload in base64 as on our own wire.
void writeDocuments(const std::filesystem::path& file, const test::TestOrigin& till) {
    std::ofstream out(file);
    std::size_t seq = 0;
    for (const store::Incoming& event : till.events) {
        wire::JsonWriter document;
        document.beginObject()
            .field("_id", till.id.text() + "-" + std::to_string(++seq))
            .field("subject", event.subject)
            .field("neg", event.negative)
            .field("header", event.header)
            .field("payload", crypto::toBase64(event.payload))
            .endObject();
        out << document.take() << '\n';
    }
}

Rates ours(const std::string& store, std::size_t events, const std::string& documents) {
    House house(2, store);
    Visitors visitors(1, SystemClock().now().at - kHourMs);
    visitors.till.id = house.devices()[0].origin;
    visitors.add(events);
    const auto bodies = pushBodies(visitors.till, house.devices()[0].signing);
    if (!documents.empty()) writeDocuments(documents, visitors.till);
    house.serve();
    const auto fleet = house.fleet();
    const SystemClock clock;
    auto start = SteadyClock::now();
    for (const PushBody& body : bodies) {
        asked(*fleet, 0,
              httpRequest("POST", "/sync/v1/push", clock.now().at, body.bytes,
                          std::string(protocol::kZstdCoding).c_str()));
    }
    Rates rates;
    rates.push = static_cast<double>(events) / secondsSince(start);
    start = SteadyClock::now();
    std::size_t pulled = 0;
    for (std::string cursor;;) {
        const std::string page =
            asked(*fleet, 1,
                  httpRequest("GET", "/sync/v1/pull?limit=1000&cursor=" + cursor, clock.now().at,
                              "", "", "Accept-Encoding: zstd\r\n"));
        const auto read =
            must(protocol::decodePage(must(protocol::decompress(page, protocol::kPageMaxBytes))));
        pulled += read.events.size();
        cursor = read.cursor;
        if (!read.more) break;
    }
    if (pulled != events) throw std::runtime_error("not all events came back");
    rates.pull = static_cast<double>(events) / secondsSince(start);
    return rates;
}

double figure(const std::string& json, const std::string& name) {
    const auto at = json.find("\"" + name + "\":");
    return at == std::string::npos ? 0 : std::strtod(json.c_str() + at + name.size() + 3, nullptr);
}

/// Zeros where node or the packages are not there.
Rates pouch(const std::string& file) {
    const std::string command = "cd '" + std::string(kSourceDir) +
                                "/tests/bench/peers' && node pouch.mjs '" + file + "' 1000";
    std::string out;
    if (FILE* pipe = ::popen(command.c_str(), "r"); pipe != nullptr) {
        char buffer[256];
        while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) out += buffer;
        ::pclose(pipe);
    }
    return {figure(out, "push"), figure(out, "pull")};
}

void row(const char* name, double rate, double reference, double budget) {
    const double ratio = reference > 0 ? rate / reference : 0;
    const bool met = budget == 0 || reference == 0 || ratio >= budget;
    const std::string asks = budget == 0 ? "none" : std::to_string(static_cast<int>(budget)) + "x";
    (void) std::printf("{\"name\":\"%s\",\"ours\":%.0f,\"unit\":\"events/s\",\"reference\":%.0f,"
                       "\"referenceName\":\"%s\",\"ratio\":%.2f,\"budget\":\"%s\",\"met\":%s}\n",
                       name, rate, reference,
                       reference > 0 ? "PouchDB 9 on HTTP, the same events"
                                     : "PouchDB is not installed",
                       ratio, asks.c_str(), met ? "true" : "false");
    (void) std::fflush(stdout);
}

} // namespace

int main() {
    const char* wanted = std::getenv("EVENTS");
    const std::size_t events = wanted != nullptr ? std::stoul(wanted) : 20000;
    const test::TemporaryFolder folder;
    const std::string documents = folder.text() + "/documents.ndjson";
    const Rates sqlite = ours("", events, documents);
    const Rates peer = pouch(documents);
    row("hub push, SQLite", sqlite.push, peer.push, 2);
    row("hub pull, SQLite", sqlite.pull, peer.pull, 0);
    test::Postgres server;
    const Rates postgres = ours(server.database("push"), events, "");
    row("hub push, PostgreSQL", postgres.push, peer.push, 5);
    row("hub pull, PostgreSQL", postgres.pull, peer.pull, 0);
    return 0;
}
