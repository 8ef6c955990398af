// rooms: kiosk-terminal
// fill-till DEVICE_FOLDER COUNT: puts COUNT invented people into the ledger of an enrolled,
// approved device, as its first load would, under the rules of its own house. For
// tests/bench/terminal.py.
#include <cstdio>
#include <cstdlib>

#include "kiosk/terminal/Terminal.h"
#include "sync/protocol/Device.h"
#include "tests/support/SyntheticPeople.h"

namespace {

using namespace souffleur;

Result<void> fill(const std::filesystem::path& folder, std::uint64_t count) {
    const auto device = protocol::Device::load(folder);
    if (!device) return passOn(device);
    const auto welcome = device->welcome();
    if (!welcome) return passOn(welcome);
    const auto policy = terminal::policyFrom(*welcome);
    if (!policy) return passOn(policy);
    const SystemClock clock;
    SystemRandom random;
    auto ledger = ledger::Ledger::open(
        terminal::ledgerOptions(*device, *welcome, **policy, clock.now().at), clock, random);
    if (!ledger) return passOn(ledger);
    return test::SyntheticPeople::fill(**ledger, count);
}

} // namespace

int main(int count, char** arguments) {
    const std::uint64_t people = count == 3 ? std::strtoull(arguments[2], nullptr, 10) : 0;
    if (people == 0) {
        std::fprintf(stderr, "fill-till DEVICE_FOLDER COUNT\n");
        return 2;
    }
    const auto done = fill(arguments[1], people);
    if (!done) std::fprintf(stderr, "fill-till: %s\n", done.error().text().c_str());
    return done ? 0 : 1;
}
