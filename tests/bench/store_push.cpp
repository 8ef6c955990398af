// rooms: sync-store sync-protocol
// What a hub's store takes in, on SQLite and on PostgreSQL, beside the same events put by bare
// statements: the same tables and indexes, ids, bytes, durability and batches, ours and theirs a
// batch in turn. The budget counts the rows of the log alone; a second row says what it costs to
// put all that is kept of the same events: who they are, their addresses, names to search and
// states. EVENTS (environment): how many, in batches of 1,000; default 20,000. PostgreSQL is a
// cluster of this run's own, as durable as one in service.
#include <cstdio>
#include <cstdlib>

#include "sync/store/Store.h"
#include "tests/bench/support/Bare.h"
#include "tests/bench/support/Visitors.h"
#include "tests/support/Postgres.h"

namespace {

using namespace souffleur;
using namespace souffleur::bench;
using test::TestOrigin;
using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kBatch = 1000;

[[noreturn]] void stop(const std::string& why) {
    (void) std::fprintf(stderr, "store bench: %s\n", why.c_str());
    std::exit(1);
}

std::unique_ptr<store::Store> opened(Result<std::unique_ptr<store::Store>> store) {
    if (!store) stop(store.error().text());
    return std::move(*store);
}

double push(store::Store& store, const TestOrigin& till, std::size_t first, std::size_t last) {
    const auto start = SteadyClock::now();
    const auto placed = till.push(store, first, last);
    const double seconds = std::chrono::duration<double>(SteadyClock::now() - start).count();
    if (!placed) stop(placed.error().text());
    return seconds;
}

void row(const std::string& name, double ours, double reference, const char* referenceName,
         bool budgeted) {
    const bool met = !budgeted || ours / reference >= 0.5;
    (void) std::printf("{\"name\":\"%s\",\"ours\":%.0f,\"unit\":\"events/s\",\"reference\":%.0f,"
                       "\"referenceName\":\"%s\",\"ratio\":%.3f,\"budget\":\"%s\",\"met\":%s}\n",
                       name.c_str(), ours, reference, referenceName, ours / reference,
                       budgeted ? "0.5" : "none", met ? "true" : "false");
    (void) std::fflush(stdout);
}

/// Ours, the log alone and all rows, batch by batch. `source`: an SQLite store that took the same.
template <typename Bare>
void measure(const std::string& name, store::Store& store, Bare& log, Bare& all,
             const std::string& source, const TestOrigin& till, const char* how) {
    if (!store.enrol(till.enrolment())) stop("not enrolled");
    Finished finished(source);
    double ours = 0;
    double logs = 0;
    double alls = 0;
    for (std::size_t first = 1; first <= till.events.size(); first += kBatch) {
        const std::size_t last = std::min(first + kBatch - 1, till.events.size());
        auto rows = finished.batch(till.id, first, last, true);
        alls += all.put(rows);
        rows.resize(1);
        logs += log.put(rows);
        ours += push(store, till, first, last);
    }
    const auto count = static_cast<double>(till.events.size());
    row("store push, " + name, count / ours, count / logs, how, true);
    row("store push, " + name + ", all rows", count / ours, count / alls,
        "all rows that it leaves, the same way", false);
}

} // namespace

int main() {
    const char* wanted = std::getenv("EVENTS");
    Visitors visitors(1, kNoon);
    visitors.add(wanted != nullptr ? std::stoul(wanted) : 20000);
    const TestOrigin& till = visitors.till;
    const std::array<test::TemporaryFolder, 5> folders;
    const auto fileOf = [&](std::size_t i) { return folders.at(i).text() + "/hub.db"; };
    {
        const auto source = opened(store::openSqlite(folders[0].text(), {}));
        if (!source->enrol(till.enrolment())) stop("not enrolled");
        for (std::size_t at = 1; at <= till.events.size(); at += kBatch)
            push(*source, till, at, std::min(at + kBatch - 1, till.events.size()));
    }
    for (const std::size_t i : {1, 2}) opened(store::openSqlite(folders.at(i).text(), {})).reset();
    {
        const auto store = opened(store::openSqlite(folders[3].text(), {}));
        BareSqlite log(fileOf(1));
        BareSqlite all(fileOf(2));
        measure("SQLite", *store, log, all, fileOf(0), till,
                "the same events, 1,000 a transaction, FULL");
    }
    test::Postgres server;
    const std::array addresses{server.database("push"), server.database("log"),
                               server.database("rows")};
    for (const std::size_t i : {1, 2})
        opened(store::openPostgres(folders.at(i).text(), {addresses.at(i), {}}, {})).reset();
    const auto store = opened(store::openPostgres(folders[4].text(), {addresses[0], {}}, {}));
    BarePostgres log(addresses[1]);
    BarePostgres all(addresses[2]);
    measure("PostgreSQL", *store, log, all, fileOf(0), till,
            "the same events, INSERT … ON CONFLICT x1000");
    return 0;
}
