// rooms: sync-hub sync-protocol
// One hub and thousands of tills on the same two cores: each asks for news every 15 s, a tenth more
// or less, on TLS that is resumed, and once a minute whether pack and house are still those. The
// tills are one thread of this program, the hub is the real one, on SQLite. A request counts from
// when its till would ask to the last byte of the answer, connection and handshake included.
// TERMINALS (5,000); SECONDS (45) of each of the two measured stretches; ANSWERS (1): how many the
// house records a second in the second one. Each reaches every till.
#include <cstdio>
#include <cstdlib>
#include <map>

#include "plugin/wire/Json.h"
#include "sync/protocol/Pull.h"
#include "tests/bench/support/House.h"
#include "tests/bench/support/Visitors.h"

namespace {

using namespace souffleur;
using namespace souffleur::bench;
using std::chrono::duration;
using std::chrono::milliseconds;

constexpr int kIntervalMs = 15'000;
constexpr int kWelcomeEvery = 4; ///< rounds
constexpr double kBudgetMs = 200;

double fromEnvironment(const char* name, double otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::stod(text);
}

/// What was asked in one stretch of time.
struct Stretch {
    std::vector<double> ms;
    std::size_t rounds = 0;
    std::size_t errors = 0;
    std::size_t events = 0; ///< handed out
    std::map<std::string, std::size_t> why;
    std::uint64_t connections = 0;
    std::uint64_t resumptions = 0;
    double seconds = 0;
    double cpu = 0; ///< the hub's, seconds
};

/// All tills of a house.
class Tills {
public:
    explicit Tills(House& house)
        : _house(house), _fleet(house.fleet()), _tills(house.devices().size()), _random(8) {
        const auto begin = SteadyClock::now();
        for (std::size_t i = 0; i < _tills.size(); ++i) {
            const auto ms = static_cast<std::int64_t>(i) * kIntervalMs * 2 /
                            static_cast<std::int64_t>(_tills.size());
            _fleet->at(begin + milliseconds(ms), i);
        }
    }
    Stretch run(double seconds, double answersPerSecond) {
        _now = {};
        _chance = answersPerSecond * kIntervalMs / 1000 / static_cast<double>(_tills.size());
        const auto begin = SteadyClock::now();
        const double cpu = _house.process().cpuSeconds();
        const auto made = _fleet->connections;
        const auto resumed = _fleet->resumptions;
        const auto elapsed = [&] { return duration<double>(SteadyClock::now() - begin).count(); };
        _fleet->run([&](Answer& answer) { take(answer); },
                    [&](std::size_t till) { beginRound(till); },
                    [&] { return elapsed() >= seconds; });
        _now.seconds = elapsed();
        _now.cpu = _house.process().cpuSeconds() - cpu;
        _now.connections = _fleet->connections - made;
        _now.resumptions = _fleet->resumptions - resumed;
        return std::move(_now);
    }

private:
    enum class Doing { nothing, pushing, pulling, welcoming };
    struct Till {
        Doing doing = Doing::nothing;
        std::string cursor;
        std::string tag;
        std::size_t rounds = 0;
        std::unique_ptr<Visitors> said;
    };

    void beginRound(std::size_t number) {
        constexpr std::uint64_t kFine = 1'000'000;
        Till& till = _tills[number];
        const auto jitter = static_cast<int>(_random.below(kIntervalMs / 5)) - kIntervalMs / 10;
        _fleet->at(SteadyClock::now() + milliseconds(kIntervalMs + jitter), number);
        if (till.doing != Doing::nothing) return fails("a round longer than 15 s");
        ++till.rounds;
        ++_now.rounds;
        if (static_cast<double>(_random.below(kFine)) < _chance * static_cast<double>(kFine))
            return push(number);
        pull(number);
    }
    void push(std::size_t number) {
        Till& till = _tills[number];
        const Keys& keys = _house.devices()[number];
        if (!till.said) {
            till.said = std::make_unique<Visitors>(number + 1, _clock.now().at);
            till.said->till.id = keys.origin;
        }
        till.said->add(1);
        const std::size_t seq = till.said->till.events.size();
        protocol::Batch batch = batchOf(till.said->till, seq, seq);
        protocol::seal(batch, keys.signing);
        till.doing = Doing::pushing;
        _fleet->ask(number, httpRequest("POST", "/sync/v1/push", _clock.now().at,
                                        protocol::compress(protocol::encodeBatch(batch)), "zstd"));
    }
    void pull(std::size_t number) {
        Till& till = _tills[number];
        till.doing = Doing::pulling;
        _fleet->ask(number, httpRequest("GET", "/sync/v1/pull?limit=1000&cursor=" + till.cursor,
                                        _clock.now().at, "", "", "Accept-Encoding: zstd\r\n"));
    }
    void welcome(std::size_t number) {
        Till& till = _tills[number];
        till.doing = Doing::welcoming;
        const std::string known = till.tag.empty() ? "" : "If-None-Match: " + till.tag + "\r\n";
        _fleet->ask(number, httpRequest("GET", "/sync/v1/welcome", _clock.now().at, "", "", known));
    }
    void fails(const std::string& why) {
        ++_now.errors;
        ++_now.why[why];
    }
    void take(Answer& answer) {
        Till& till = _tills[answer.device];
        const Doing did = std::exchange(till.doing, Doing::nothing);
        _now.ms.push_back(answer.ms);
        if (answer.status != 200 && answer.status != 304)
            return fails(answer.status == 0 ? answer.why : std::to_string(answer.status));
        if (did == Doing::pushing) return pull(answer.device);
        if (did == Doing::welcoming) {
            if (!answer.tag.empty()) till.tag = answer.tag;
            return;
        }
        const bool more = takePage(till, answer.body);
        if (more) return pull(answer.device);
        if (till.rounds % kWelcomeEvery == 1) welcome(answer.device);
    }
    /// Is there more to pull?
    bool takePage(Till& till, const std::string& body) {
        const std::string page = must(protocol::decompress(body, protocol::kPageMaxBytes));
        _now.events += static_cast<std::size_t>(page.starts_with("e\t"));
        for (std::size_t at = page.find("\ne\t"); at != std::string::npos;
             at = page.find("\ne\t", at + 1))
            ++_now.events;
        const std::size_t last = page.rfind('\n', page.size() - 2) + 1; // npos + 1 = 0
        const auto json = wire::Json::parse(std::string_view(page).substr(last));
        wire::JsonReader in(*json);
        till.cursor = in.string("cursor", 4096);
        return in.boolean("more");
    }

    House& _house;
    SystemClock _clock;
    std::unique_ptr<Fleet> _fleet;
    std::vector<Till> _tills;
    SeededRandom _random;
    Stretch _now;
    double _chance = 0; ///< that a round begins with an answer
};

void row(const char* name, const HubProcess& hub, const Stretch& all, std::size_t tills,
         const char* about) {
    const double p99 = percentile(all.ms, 0.99);
    const bool met = p99 <= kBudgetMs && all.errors == 0;
    (void) std::printf(
        "{\"name\":\"%s, p99\",\"ours\":%.1f,\"unit\":\"ms\",\"reference\":%.0f,"
        "\"referenceName\":\"the budget; %zu tills, %s\",\"ratio\":%.3f,\"budget\":\"200 ms, no "
        "error\",\"met\":%s}\n",
        name, p99, kBudgetMs, tills, about, p99 / kBudgetMs, met ? "true" : "false");
    (void) std::printf(
        "{\"name\":\"%s, requests\",\"ours\":%.0f,\"unit\":\"per s\",\"reference\":%.0f,"
        "\"referenceName\":\"rounds a second that were due\",\"ratio\":%.3f,\"budget\":\"none\","
        "\"met\":true}\n",
        name, static_cast<double>(all.ms.size()) / all.seconds,
        static_cast<double>(tills) * 1000 / kIntervalMs,
        static_cast<double>(all.ms.size()) / all.seconds /
            (static_cast<double>(tills) * 1000 / kIntervalMs));
    (void) std::printf("{\"name\":\"%s, hub memory\",\"ours\":%.0f,\"unit\":\"MB\",\"budget\":"
                       "\"none\",\"met\":true}\n",
                       name, hub.memoryMb());
    (void) std::fflush(stdout);
    (void) std::fprintf(stderr,
                        "%s: p50 %.1f ms, p90 %.1f ms, max %.0f ms; %zu requests of %zu rounds in "
                        "%.0f s, %zu errors; %zu events handed out; %llu connections, %llu of them "
                        "resumed; hub: %.2f of a core, %.0f MB at most\n",
                        name, percentile(all.ms, 0.5), percentile(all.ms, 0.9),
                        percentile(all.ms, 1.0), all.ms.size(), all.rounds, all.seconds, all.errors,
                        all.events, static_cast<unsigned long long>(all.connections),
                        static_cast<unsigned long long>(all.resumptions), all.cpu / all.seconds,
                        hub.memoryMb("VmHWM"));
    for (const auto& [why, count] : all.why)
        (void) std::fprintf(stderr, "%s: %zu times %s\n", name, count, why.c_str());
}

} // namespace

int main() {
    const auto count = static_cast<std::size_t>(fromEnvironment("TERMINALS", 5000));
    const double seconds = fromEnvironment("SECONDS", 45);
    const double answers = fromEnvironment("ANSWERS", 1);
    House house(count);
    house.serve();
    Tills tills(house);
    // Everybody once, on a full handshake each.
    const Stretch first = tills.run(2.0 * kIntervalMs / 1000 + 3, 0);
    (void) std::fprintf(stderr, "first round: p99 %.0f ms, %zu errors, %.2f of a core\n",
                        percentile(first.ms, 0.99), first.errors, first.cpu / first.seconds);
    row("terminals", house.process(), tills.run(seconds, 0), count, "15 s, nothing new");
    const std::string about =
        "15 s, " + std::to_string(static_cast<int>(answers)) + " answer a second goes to all";
    row("terminals with answers", house.process(), tills.run(seconds, answers), count,
        about.c_str());
    return 0;
}
