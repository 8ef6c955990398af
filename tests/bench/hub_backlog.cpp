// rooms: sync-hub sync-protocol
// After a summer without a network: a hundred tills push what they have at once, as tills do
// (batches of up to half a MiB, signed, zstd, mutual TLS, the next one when the last is
// acknowledged), to the real hub. Beside it the same events put into the same tables by bare
// SQLite, in the same batches. EVENTS (1,000,000) in all, TILLS (100).
#include <cstdio>
#include <cstdlib>
#include <deque>

#include "plugin/wire/Json.h"
#include "sync/protocol/Pull.h"
#include "tests/bench/support/Bare.h"
#include "tests/bench/support/House.h"
#include "tests/bench/support/Visitors.h"

namespace {

using namespace souffleur;
using namespace souffleur::bench;

std::size_t fromEnvironment(const char* name, std::size_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::stoul(text);
}

double secondsSince(Moment start) {
    return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

/// A till's batches that are still to go.
struct Till {
    std::deque<std::string> bodies;
    std::vector<std::uint64_t> ends; ///< the last sequence of each batch
    std::size_t failures = 0;
};

struct Drained {
    double seconds = 0;
    std::vector<double> ms;
    std::size_t failures = 0;
    std::map<std::string, std::size_t> why;
    std::vector<std::pair<std::size_t, std::uint64_t>> order; ///< till and end of what was taken
};

std::vector<Till> backlog(const House& house, std::size_t events) {
    std::vector<Till> tills;
    const TimeMs from = SystemClock().now().at - 90 * kDayMs;
    const std::size_t each = events / house.devices().size();
    for (std::size_t i = 0; i < house.devices().size(); ++i) {
        Visitors visitors(i + 1, from);
        visitors.till.id = house.devices()[i].origin;
        visitors.add(each);
        Till till;
        for (PushBody& body : pushBodies(visitors.till, house.devices()[i].signing)) {
            till.bodies.push_back(std::move(body.bytes));
            till.ends.push_back(body.last);
        }
        tills.push_back(std::move(till));
    }
    return tills;
}

Drained drain(Fleet& fleet, std::vector<Till>& tills) {
    const SystemClock clock;
    Drained out;
    std::vector<std::size_t> done(tills.size(), 0);
    std::size_t open = tills.size();
    const auto push = [&](std::size_t number) {
        fleet.ask(number,
                  httpRequest("POST", "/sync/v1/push", clock.now().at, tills[number].bodies.front(),
                              std::string(protocol::kZstdCoding).c_str()));
    };
    const auto start = SteadyClock::now();
    for (std::size_t i = 0; i < tills.size(); ++i) push(i);
    fleet.run(
        [&](Answer& answer) {
            Till& till = tills[answer.device];
            out.ms.push_back(answer.ms);
            if (answer.status != 200) {
                // As a till: after a while it comes again.
                ++out.failures;
                ++out.why[answer.status == 0 ? answer.why : std::to_string(answer.status)];
                if (++till.failures > 100) throw std::runtime_error("a till gets nowhere");
                return fleet.at(SteadyClock::now() + std::chrono::milliseconds(500), answer.device);
            }
            till.bodies.pop_front();
            out.order.emplace_back(answer.device, till.ends.at(done[answer.device]++));
            if (till.bodies.empty())
                --open;
            else
                push(answer.device);
        },
        push, [&] { return open == 0; });
    out.seconds = secondsSince(start);
    return out;
}

/// Seconds that bare SQLite takes for the same batches in the same order.
double bare(const House& house, const Drained& drained) {
    const test::TemporaryFolder folder;
    must(store::openSqlite(folder.text(), {})).reset();
    BareSqlite log(folder.text() + "/hub.db");
    Finished finished((house.folder() / "hub.db").string());
    std::vector<std::uint64_t> had(house.devices().size(), 0);
    double seconds = 0;
    for (const auto& [till, end] : drained.order) {
        seconds += log.put(finished.batch(house.devices()[till].origin, had[till] + 1, end, false));
        had[till] = end;
    }
    return seconds;
}

} // namespace

int main() {
    const std::size_t events = fromEnvironment("EVENTS", 1'000'000);
    const std::size_t count = fromEnvironment("TILLS", 100);
    House house(count);
    auto start = SteadyClock::now();
    auto tills = backlog(house, events);
    std::size_t bytes = 0;
    for (const Till& till : tills)
        for (const std::string& body : till.bodies) bytes += body.size();
    (void) std::fprintf(stderr, "backlog: made in %.0f s, %.0f MB on the wire\n",
                        secondsSince(start), static_cast<double>(bytes) / 1e6);
    house.serve();
    const double idleMb = house.process().memoryMb();
    const auto fleet = house.fleet();
    const Drained drained = drain(*fleet, tills);
    const double rate = static_cast<double>(events / count * count) / drained.seconds;
    const double mb = house.process().memoryMb();
    (void) std::fprintf(stderr,
                        "backlog: %zu events of %zu tills in %.0f s; a batch p50 %.0f ms, p99 %.0f "
                        "ms, max %.0f ms; %zu failures; hub %.2f of a core, %.0f MB before, %.0f "
                        "MB after, %.0f MB at most; %llu connections, %llu resumed\n",
                        events, count, drained.seconds, percentile(drained.ms, 0.5),
                        percentile(drained.ms, 0.99), percentile(drained.ms, 1), drained.failures,
                        house.process().cpuSeconds() / drained.seconds, idleMb, mb,
                        house.process().memoryMb("VmHWM"),
                        static_cast<unsigned long long>(fleet->connections),
                        static_cast<unsigned long long>(fleet->resumptions));
    for (const auto& [why, times] : drained.why)
        (void) std::fprintf(stderr, "backlog: %zu times %s\n", times, why.c_str());
    house.stop();
    const double reference = static_cast<double>(events / count * count) / bare(house, drained);
    (void) std::printf("{\"name\":\"backlog\",\"ours\":%.0f,\"unit\":\"events/s\",\"reference\":"
                       "%.0f,\"referenceName\":\"the same events by bare SQLite, FULL\","
                       "\"ratio\":%.3f,\"budget\":\"0.5\",\"met\":%s}\n",
                       rate, reference, rate / reference,
                       rate / reference >= 0.5 ? "true" : "false");
    (void) std::printf("{\"name\":\"backlog, time to drain\",\"ours\":%.1f,\"unit\":\"s\","
                       "\"budget\":\"none\",\"met\":true}\n",
                       drained.seconds);
    (void) std::printf("{\"name\":\"backlog, hub memory at most\",\"ours\":%.0f,\"unit\":\"MB\","
                       "\"reference\":%.0f,\"referenceName\":\"before the first batch\",\"ratio\":"
                       "%.2f,\"budget\":\"none\",\"met\":true}\n",
                       mb, idleMb, mb / idleMb);
    return 0;
}
