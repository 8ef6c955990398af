// rooms: sync-hub sync-protocol plugin-ledger
// fill-house HUB_FOLDER COUNT: founds a head office of COUNT invented people there, each with one
// answer, a name and the address personN@example.org. For tests/bench/hub_snapshot.py.
#include <cstdio>
#include <cstdlib>

#include "plugin/contact/Email.h"
#include "sync/hub/Home.h"
#include "tests/support/SyntheticPeople.h"
#include "tests/support/TestOrigin.h"

namespace {

using namespace souffleur;

constexpr std::size_t kBatch = 1000;
constexpr std::size_t kEach = 50'000; ///< people of one till

Result<void> fill(const std::filesystem::path& folder, std::uint64_t count) {
    const SystemClock clock;
    SystemRandom random;
    const auto home = hub::Home::found(folder, clock, random);
    if (!home) return passOn(home);
    store::Store& store = (*home)->store();
    const TimeMs now = clock.now().at;
    for (std::uint64_t first = 0; first < count; first += kEach) {
        test::TestOrigin till(first + 1);
        if (auto known = store.enrol(till.enrolment()); !known) return known;
        const std::uint64_t end = std::min(first + kEach, count);
        for (std::uint64_t n = first; n < end; ++n) {
            const std::string address = test::SyntheticPeople::email(n);
            wire::PersonData person;
            person.name.given = test::SyntheticPeople::givenName(n);
            person.name.family = test::SyntheticPeople::familyName(n);
            person.language = "nl";
            person.contacts.push_back(
                {"email", address, contact::Email::parse(address)->canonicalKey()});
            till.add(test::SyntheticPeople::subject(n), test::act(consent::Choice::given),
                     now - kHourMs + static_cast<TimeMs>(n % kEach), &person);
        }
        for (std::size_t at = 1; at <= till.events.size(); at += kBatch) {
            const std::size_t last = std::min(at + kBatch - 1, till.events.size());
            if (auto placed = till.push(store, at, last, now); !placed) return passOn(placed);
        }
    }
    return {};
}

} // namespace

int main(int count, char** arguments) {
    if (count != 3) return 2;
    const auto filled = fill(arguments[1], std::strtoull(arguments[2], nullptr, 10));
    if (filled) return 0;
    (void) std::fprintf(stderr, "fill-house: %s\n", filled.error().text().c_str());
    return 1;
}
