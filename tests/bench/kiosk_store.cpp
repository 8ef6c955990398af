// rooms: kiosk-lobby
// What a kiosk holds while the network is away: 50,000 sign-ups in one file, how long one takes to
// be durable, and how long the file takes to open.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "kiosk/lobby/Sealing.h"
#include "plugin/base/Random.h"
#include "plugin/crypto/Certificates.h"
#include "plugin/policy/House.h"
#include "plugin/policy/InForce.h"
#include "tests/support/TemporaryFolder.h"

namespace {

using namespace souffleur;
using Watch = std::chrono::steady_clock;

constexpr int kItems = 50'000;
constexpr int kWhole = 200; ///< sign-ups from answers to disk
constexpr double kBudgetMb = 200;
constexpr double kBudgetMs = 50;
constexpr double kBudgetOpenMs = 1000;

double msSince(Watch::time_point start) {
    return std::chrono::duration<double, std::milli>(Watch::now() - start).count();
}

void row(const char* name, double ours, const char* unit, double limit, const char* budget) {
    std::printf("{\"name\":\"%s\",\"ours\":%.2f,\"unit\":\"%s\",\"reference\":%.0f,"
                "\"referenceName\":\"the limit\",\"ratio\":%.1f,\"budget\":\"%s\",\"met\":%s}\n",
                name, ours, unit, limit, limit / ours, budget, ours <= limit ? "true" : "false");
}

lobby::Visitor visitor(const consent::Policy& policy, const std::vector<lobby::Question>& asked) {
    lobby::Visitor out;
    out.language = "nl";
    for (const lobby::Question& question : asked) {
        consent::ChoiceItem item;
        item.purpose = question.purpose;
        item.channel = question.channel;
        item.choice = consent::Choice::given;
        item.notice = policy.notice(question.purpose, question.channel, "nl")->ref;
        out.choices.push_back(std::move(item));
    }
    out.person.displayName = "Anna Vermeer-Puig";
    out.person.language = "nl";
    out.person.contacts = {
        {"email", "anna.vermeer@example.org", "email:anna.vermeer@example.org"},
        {"phone", "+31 6 00000012", "phone:+31600000012"},
        {"post", "Korte Straat 1, 1234 AB Delft", "post:nl:1234ab:korte straat 1"}};
    out.person.preferences = {{"genre:jazz", "yes"}, {"frequency", "monthly"}};
    return out;
}

} // namespace

int main() {
    const test::TemporaryFolder folder;
    SystemClock clock;
    SystemRandom random;
    const auto house = policy::inForce("nl", "", policy::sampleHouseToml());
    const auto authority = crypto::Authority::make("bench", 0, kDayMs);
    const crypto::Secret key = crypto::newTlsKey();
    if (!house || !authority) return 1;
    const auto request = crypto::makeRequest(key.view(), "bench");
    const auto certificate = authority->issueRecipient(*request, "bench", 0, kDayMs);
    const auto signing = crypto::SigningKey::generate(random);
    if (!certificate) return 1;
    const OriginId origin = OriginId::random(random);
    std::vector<double> times;
    {
        auto store = lobby::SealedStore::open(folder.path());
        if (!store) return 1;
        lobby::Sealing sealing({origin, "foyer"}, **store, signing, clock, random);
        sealing.use({1, *certificate, {}});
        const TimeMs now = clock.now().at;
        const auto asked = lobby::questionsOf(house->policy, now);
        const auto anna = visitor(house->policy, asked);
        for (int i = 0; i < kWhole; ++i) {
            const auto start = Watch::now();
            if (!sealing.signUp(anna, house->policy, now)) return 1;
            times.push_back(msSince(start));
        }
        // The rest by the same bytes: what is measured is the file.
        const auto items = (*store)->waiting(0, 1);
        if (!items) return 1;
        for (int i = kWhole; i < kItems; ++i) {
            const auto added = (*store)->add([&](std::uint64_t number) {
                protocol::SealedItem item = items->front();
                item.number = number;
                return Result<protocol::SealedItem>(std::move(item));
            });
            if (!added) return 1;
        }
    }
    std::nth_element(times.begin(), times.begin() + kWhole / 2, times.end());
    std::error_code failed;
    const auto bytes = std::filesystem::file_size(folder.path() / "sealed.db", failed);
    const auto start = Watch::now();
    const auto again = lobby::SealedStore::open(folder.path());
    if (!again || (*again)->pending().value_or(0) != kItems) return 1;
    const double opened = msSince(start);
    row("kiosk, 50,000 sealed sign-ups", static_cast<double>(bytes) / 1e6, "MB", kBudgetMb,
        "200 MB");
    row("kiosk, a sign-up until it is durable", times[kWhole / 2], "ms", kBudgetMs, "50 ms");
    row("kiosk, its file of 50,000 opened and counted", opened, "ms", kBudgetOpenMs, "1 s start");
    return 0;
}
