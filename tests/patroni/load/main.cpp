// patroni-load ADDRESS FOLDER COUNT: pushes COUNT answers one by one into the store at ADDRESS,
// each until it is acknowledged; a line for each. In the end every one is there once, or exit 1.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "sync/store/Store.h"
#include "tests/support/TestOrigin.h"

namespace {

using namespace souffleur;
using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

constexpr auto kPatience = std::chrono::seconds(120);

/// Until it is done or something else than an absent server is wrong.
template <typename F>
auto patiently(F&& work) -> decltype(work()) {
    const auto deadline = Steady::now() + kPatience;
    while (true) {
        auto result = work();
        if (result || result.error().code != Code::unavailable || Steady::now() > deadline)
            return result;
        std::this_thread::sleep_for(milliseconds(100));
    }
}

int failed(const Error& error) {
    (void) std::fprintf(stderr, "patroni-load: %s\n", error.text().c_str());
    return 1;
}

int load(const std::string& address, const std::string& folder, std::size_t count) {
    auto store = patiently([&] { return store::openPostgres(folder, {address, {}}, {}); });
    if (!store) return failed(store.error());
    test::TestOrigin till(1);
    if (auto done = patiently([&] { return (*store)->enrol(till.enrolment()); }); !done)
        return failed(done.error());
    for (std::size_t n = 1; n <= count; ++n) {
        till.add(till.newSubject(), test::act(consent::Choice::refused),
                 test::TestOrigin::kPushedAt);
        const auto placed = patiently([&] { return till.push(**store, n, n); });
        if (!placed) return failed(placed.error());
        (void) std::printf("%zu\n", n);
        (void) std::fflush(stdout);
    }
    const auto origin = patiently([&] { return (*store)->origin(till.id); });
    if (!origin) return failed(origin.error());
    const auto counts = patiently([&] { return (*store)->counts(0); });
    if (!counts) return failed(counts.error());
    if (const auto sound = (*store)->verify(); !sound) return failed(sound.error());
    const bool all = origin->seq == count && counts->events == count;
    (void) std::printf(all ? "ok\n" : "%llu of %zu\n",
                       static_cast<unsigned long long>(counts->events), count);
    return all ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 4) return 2;
    return load(argv[1], argv[2], std::strtoul(argv[3], nullptr, 10));
}
