// rooms: sync-store
// What the trees over the log cost: rows of events placed with them beside the same rows without,
// and heads and proofs beside the point reads that they cannot do without.
#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>

#include "plugin/base/Random.h"
#include "plugin/crypto/Chain.h"
#include "sync/store/Tree.h"

using namespace souffleur;
using namespace souffleur::store;

namespace {

constexpr std::uint64_t kEvents = 200'000;
constexpr std::uint64_t kBatch = 1000;
constexpr int kRounds = 2000;

double secondsOf(const std::function<void()>& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// A hub's tables in a folder of their own, removed at the end.
class Log {
public:
    Log() {
        _db.exec(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -32768");
        for (const char* each : {"001-events.sql", "007-times.sql", "010-trees.sql"})
            _db.exec(std::string(file(each)));
        for (std::size_t shard = 0; shard < kShards; ++shard)
            _db.exec("INSERT INTO shards (shard, pos) VALUES (" + std::to_string(shard) + ", 0)");
    }
    ~Log() {
        statements.clear();
        std::error_code ignored;
        std::filesystem::remove_all(_folder, ignored);
    }
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;

    /// Rows of subjects anywhere, each with its place, in batches.
    void place(bool withTrees) {
        const std::string header(400, 'h');
        for (std::uint64_t first = 0; first < kEvents; first += kBatch) {
            SQLite::Transaction transaction(_db, SQLite::TransactionBehavior::IMMEDIATE);
            for (std::uint64_t i = first; i < first + kBatch; ++i) {
                const SubjectId subject = SubjectId::random(_random);
                const std::size_t shard = shardOf(subject);
                const std::string own = header + std::to_string(i);
                Query(statements["shard-move"])
                    .with(++_sizes.at(shard), std::uint64_t{shard})
                    .run();
                Query(statements["event-put"])
                    .with(subject, EventId::random(_random), std::uint64_t{shard}, _sizes.at(shard),
                          OriginId{}, i + 1, "act", false, std::uint64_t{0}, std::uint64_t{0}, true,
                          crypto::leafHash(own), Blob{own}, Blob{std::string_view{}})
                    .run();
            }
            if (withTrees) Trees(statements).grow();
            transaction.commit();
        }
    }

private:
    std::filesystem::path _folder = [] {
        auto name = (std::filesystem::temp_directory_path() / "souffleur-bench-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) std::abort();
        return std::filesystem::path(name);
    }();
    SQLite::Database _db{(_folder / "hub.db").string(),
                         SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE};
    SeededRandom _random{1};
    LogSizes _sizes{};

public:
    Statements statements{_db};
};

/// Median in microseconds.
double medianUs(const std::function<void(int)>& once) {
    std::vector<double> times;
    for (int i = 0; i < kRounds; ++i) times.push_back(1e6 * secondsOf([&] { once(i); }));
    std::nth_element(times.begin(), times.begin() + kRounds / 2, times.end());
    return times[kRounds / 2];
}

void row(const char* name, double ours, const char* unit, double reference, const char* what,
         double ratio, const char* budget, bool met) {
    std::printf("{\"name\":\"%s\",\"ours\":%.1f,\"unit\":\"%s\",\"reference\":%.1f,"
                "\"referenceName\":\"%s\",\"ratio\":%.2f,\"budget\":\"%s\",\"met\":%s}\n",
                name, ours, unit, reference, what, ratio, budget, met ? "true" : "false");
}

void demand(bool so) {
    if (!so) std::abort();
}

} // namespace

int main() {
    double without = 0;
    {
        Log plain;
        without = static_cast<double>(kEvents) / secondsOf([&] { plain.place(false); });
    }
    Log log;
    const double with = static_cast<double>(kEvents) / secondsOf([&] { log.place(true); });
    row("log: rows with trees", with, "events/s", without, "the same rows without", with / without,
        "0.8", with / without >= 0.8);

    Trees trees(log.statements);
    const auto heads = trees.heads().value();
    const double read = medianUs([&](int i) {
        Query leaf(log.statements["leaf-at"]);
        demand(leaf.with(std::uint64_t{5}, static_cast<std::uint64_t>(i) + 1).step());
    });
    const double head = medianUs([&](int) { demand(trees.heads().has_value()); });
    row("log: head of 64 shards", head, "us", 64 * read, "64 point reads", 64 * read / head, "1 ms",
        head <= 1000);
    const std::uint64_t size = heads[5].size;
    const double proof = medianUs([&](int i) {
        demand(trees.inclusion(5, static_cast<std::uint64_t>(i) % size + 1, size).has_value());
    });
    row("log: inclusion proof", proof, "us", 12 * read, "a point read a level", 12 * read / proof,
        "2 ms", proof <= 2000);
    const double since = medianUs([&](int i) {
        demand(trees.consistency(5, static_cast<std::uint64_t>(i) % size + 1, size).has_value());
    });
    row("log: consistency proof", since, "us", 12 * read, "a point read a level", 12 * read / since,
        "2 ms", since <= 2000);
    return 0;
}
