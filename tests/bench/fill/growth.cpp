// rooms: sync-store sync-protocol
// A head office that grows: pushes events of many tills into a store and says at each mark what one
// more costs by then. growth.cpp STORE MARK... with STORE `sqlite` or `postgres`; a JSON line a
// mark.
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "sync/store/Store.h"
#include "tests/bench/support/Visitors.h"
#include "tests/support/Postgres.h"

namespace {

using namespace souffleur;
using namespace souffleur::bench;
using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kBatch = 1000;
constexpr std::size_t kEach = 10'000; ///< events of one till
constexpr int kReads = 300;

[[noreturn]] void stop(const std::string& why) {
    (void) std::fprintf(stderr, "growth: %s\n", why.c_str());
    std::exit(1);
}

template <typename T>
T must(Result<T> result) {
    if (!result) stop(result.error().text());
    return std::move(*result);
}

double msSince(SteadyClock::time_point start) {
    return std::chrono::duration<double, std::milli>(SteadyClock::now() - start).count();
}

double percentile(std::vector<double> values, double part) {
    std::sort(values.begin(), values.end());
    return values.at(static_cast<std::size_t>(part * static_cast<double>(values.size() - 1)));
}

double residentMb() {
    std::ifstream file("/proc/self/status");
    for (std::string line; std::getline(file, line);)
        if (line.starts_with("VmRSS:")) return std::stod(line.substr(6)) / 1024;
    return 0;
}

/// Grows a store, and measures it.
class Growing {
public:
    Growing(store::Store& store, std::function<double()> bytes)
        : _store(store), _bytes(std::move(bytes)) {}

    void growTo(std::size_t mark) {
        _batches.clear();
        while (_events < mark) {
            Visitors till(++_tills, kNoon);
            till.add(std::min(kEach, mark - _events));
            if (const auto known = _store.enrol(till.till.enrolment()); !known)
                stop(known.error().text());
            for (std::size_t at = 1; at <= till.till.events.size(); at += kBatch) {
                const std::size_t last = std::min(at + kBatch - 1, till.till.events.size());
                const auto start = SteadyClock::now();
                (void) must(till.till.push(_store, at, last));
                _batches.push_back(msSince(start));
                for (std::size_t i = at; i <= last; ++i) keep(till.till.events[i - 1]);
            }
        }
        say();
    }

private:
    void keep(const store::Incoming& event) {
        ++_events;
        _raw += static_cast<double>(event.header.size() + event.payload.size());
        if (_random.below(_events) < kReads) { // some of everybody, evenly
            if (_some.size() < kReads)
                _some.push_back(event.subject);
            else
                _some[_random.below(kReads)] = event.subject;
        }
    }
    void say() {
        // What it costs by now, not on the way here: the last tenth.
        const std::size_t from = _batches.size() - std::max<std::size_t>(1, _batches.size() / 10);
        const std::vector<double> late(_batches.begin() + static_cast<std::ptrdiff_t>(from),
                                       _batches.end());
        double sum = 0;
        for (const double ms : late) sum += ms;
        std::vector<double> persons;
        std::vector<double> searches;
        for (const SubjectId& subject : _some) {
            auto start = SteadyClock::now();
            const auto person = must(_store.person(subject));
            persons.push_back(msSince(start) * 1000);
            store::PeopleQuery wanted;
            wanted.text = person.display;
            start = SteadyClock::now();
            if (must(_store.people(wanted)).empty()) stop("somebody is not found");
            searches.push_back(msSince(start));
        }
        std::vector<double> pulls;
        store::Cursor cursor;
        for (int i = 0; i < 20; ++i) {
            const auto start = SteadyClock::now();
            const auto page = must(_store.pull(cursor, 1000, OriginId{}));
            if (page.events.empty()) break;
            cursor = page.next;
            pulls.push_back(msSince(start));
        }
        const auto events = static_cast<double>(_events);
        (void) std::printf(
            "{\"events\":%zu,\"perSecond\":%.0f,\"batchMs\":%.1f,\"batchP99Ms\":%.1f,"
            "\"rawBytes\":%.0f,\"bytes\":%.0f,\"personUs\":%.0f,\"searchMs\":%.2f,"
            "\"searchP99Ms\":%.2f,\"pullMs\":%.1f,\"residentMb\":%.0f}\n",
            _events, static_cast<double>(late.size() * kBatch) * 1000 / sum, percentile(late, 0.5),
            percentile(late, 0.99), _raw / events, _bytes() / events, percentile(persons, 0.5),
            percentile(searches, 0.5), percentile(searches, 0.99), percentile(pulls, 0.5),
            residentMb());
        (void) std::fflush(stdout);
    }

    store::Store& _store;
    std::function<double()> _bytes;
    SeededRandom _random{17};
    std::size_t _events = 0;
    std::uint64_t _tills = 0;
    double _raw = 0;
    std::vector<double> _batches; ///< ms each
    std::vector<SubjectId> _some;
};

void grow(store::Store& store, std::function<double()> bytes, int count, char** arguments) {
    Growing growing(store, std::move(bytes));
    for (int i = 2; i < count; ++i) growing.growTo(std::stoul(arguments[i]));
}

} // namespace

int main(int count, char** arguments) {
    if (count < 3) stop("STORE MARK...");
    const test::TemporaryFolder folder;
    if (std::string(arguments[1]) == "sqlite") {
        const auto store = must(store::openSqlite(folder.text(), {}));
        const auto bytes = [&] {
            double sum = 0;
            for (const auto& file : std::filesystem::directory_iterator(folder.path()))
                sum += static_cast<double>(file.file_size());
            return sum;
        };
        grow(*store, bytes, count, arguments);
        return 0;
    }
    test::Postgres server;
    const std::string address = server.database("growth");
    const auto store = must(store::openPostgres(folder.text(), {address, {}}, {}));
    const auto bytes = [&] {
        return std::stod(
            server.as(test::Postgres::kUser, "growth", "SELECT pg_database_size('growth')"));
    };
    grow(*store, bytes, count, arguments);
    return 0;
}
