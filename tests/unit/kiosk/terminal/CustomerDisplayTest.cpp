#include "kiosk/terminal/CustomerDisplay.h"

#include <doctest/doctest.h>
#include <functional>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include "tests/integration/counter/House.h"
#include "tests/support/FakeTransport.h"

using namespace souffleur;
using terminal::CustomerDisplay;
using terminal::CustomerScreens;

namespace {

/// A till whose display's bytes we read.
struct Counter {
    test::House house;
    std::shared_ptr<test::FakeLine> far = std::make_shared<test::FakeLine>();
    CustomerScreens screens{house.pack()};
    std::shared_ptr<const consent::Policy> pack = house.till->policy();
    std::unique_ptr<CustomerDisplay> display =
        std::move(CustomerDisplay::start(
                      {[this] { return pack; },
                       [this](std::vector<display::Screen> all) {
                           return display::Display::start(
                               std::make_unique<test::FakeTransport>(far), {}, std::move(all));
                       },
                       [this](const std::string& language) { return house.till->desk(language); }})
                      .value());

    void told(bool selected = true) { display->deskChanged(1, selected); }
    [[nodiscard]] std::string bytes() const {
        const auto taken = far->taken();
        return {taken.begin(), taken.end()};
    }
    /// Waits until the display shows these lines, or is cleared.
    [[nodiscard]] bool shows(const std::string& top, const std::string& bottom) const {
        const auto line = [](std::string text) {
            text.resize(display::kColumns, ' ');
            return text;
        };
        const std::string screen = "\x1F$\x01\x01" + line(top) + "\x1F$\x01\x02" + line(bottom);
        return endsWith(top.empty() ? std::string("\x0C") : screen);
    }
    [[nodiscard]] bool endsWith(const std::string& end) const {
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (!bytes().ends_with(end)) {
            if (std::chrono::steady_clock::now() > until) return false;
            std::this_thread::yield();
        }
        return true;
    }
};

/// Writes down what it is told to show; none = clear.
class Noting final : public display::Display {
public:
    explicit Noting(std::vector<std::optional<std::size_t>>& noted) : _noted(noted) {}
    void show(std::size_t screen) noexcept override { _noted.emplace_back(screen); }
    void clear() noexcept override { _noted.emplace_back(); }
    [[nodiscard]] display::State state() const noexcept override { return display::State::shown; }

private:
    std::vector<std::optional<std::size_t>>& _noted;
};

} // namespace

TEST_CASE("greets in the customer's language and says what is asked; then clears") {
    Counter till;
    (void) till.house.select();
    till.told();
    CHECK(till.shows("Welkom!", "Nieuwsbrief?"));
    till.house.till->hostCleared();
    till.told(false);
    CHECK(till.shows("", ""));
    auto french = till.house.stranger("C-2");
    french.language = "fr";
    const auto desk = till.house.select(french);
    till.told();
    if (desk.customer->language == "fr") CHECK(till.shows("Bienvenue !", "Lettre d'information"));
}

TEST_CASE("after the answer, in rush mode and while locked nothing is asked") {
    Counter till;
    const auto desk = till.house.select();
    till.told();
    CHECK(till.shows("Welkom!", "Nieuwsbrief?"));
    REQUIRE(till.house.till->record(till.house.answer(desk, counter::ActOutcome::refuse), "en"));
    till.told();
    CHECK(till.shows("Welkom!", ""));
    auto other = till.house.stranger("C-2");
    other.name = "Bram Jansen";
    other.email = "bram@example.org";
    (void) till.house.select(other);
    till.told();
    CHECK(till.shows("Welkom!", "Nieuwsbrief?"));
    REQUIRE(till.house.till->setRush(true));
    till.display->rushChanged({});
    CHECK(till.shows("Welkom!", ""));
    till.house.till->lock();
    till.display->sessionChanged({});
    CHECK(till.shows("", ""));
}

TEST_CASE("nothing personal ever reaches the display") {
    Counter till;
    // Whatever a ticketing system, a cashier or the customer says at this till.
    counter::HostCustomer host = till.house.stranger("CANARY-77");
    host.name = "Canary Vermeer";
    host.email = "canary@example.org";
    host.phone = "+31600000171";
    host.card = "CANARY-CARD";
    host.language = "nl";
    for (const auto outcome : {counter::ActOutcome::refuse, counter::ActOutcome::stopEverything,
                               counter::ActOutcome::notNow, counter::ActOutcome::unclear}) {
        host.id += "x";
        host.email = "x" + host.email;
        host.card += "x";
        host.phone.back() = static_cast<char>(host.phone.back() + 1);
        const auto desk = till.house.select(host);
        till.told();
        CHECK(till.shows("Welkom!", "Nieuwsbrief?"));
        REQUIRE(till.house.till->record(till.house.answer(desk, outcome), "en"));
        till.told();
        till.house.till->hostCleared();
        till.told(false);
        CHECK(till.shows("", ""));
    }
    const std::string bytes = till.bytes();
    for (const char* const secret : {"anary", "CANARY", "Vermeer", "000017", "example"})
        CHECK_MESSAGE(bytes.find(secret) == std::string::npos, secret);
    // Each line that was shown is one that was declared before there was any customer.
    std::set<std::string> declared;
    for (const display::Screen& screen : till.screens.all()) {
        declared.insert(screen.top);
        declared.insert(screen.bottom);
    }
    const CustomerScreens again(till.house.pack());
    CHECK(again.all() == till.screens.all());
    for (std::size_t at = bytes.find("\x1F$"); at != std::string::npos;
         at = bytes.find("\x1F$", at + 1)) {
        std::string line = bytes.substr(at + 4, display::kColumns);
        line.erase(line.find_last_not_of(' ') + 1);
        CHECK_MESSAGE(declared.contains(line), line);
    }
}

TEST_CASE("a pack that comes into force brings its own labels") {
    Counter till;
    (void) till.house.select();
    till.told();
    CHECK(till.shows("Welkom!", "Nieuwsbrief?"));
    till.display->tick(); // nothing changed
    auto other = std::make_shared<consent::Policy>(till.house.pack());
    for (consent::Purpose& purpose : other->purposes)
        for (auto& [channel, notices] : purpose.notices)
            for (auto& [language, notice] : notices) notice.label = "Ons blad";
    till.pack = other;
    till.display->tick();
    CHECK(till.shows("Welkom!", "Ons blad?"));
    CHECK(till.far->opened() >= 2);
}

TEST_CASE("a question that was looked up before the till was locked does not come after it") {
    test::House house;
    std::vector<std::optional<std::size_t>> noted;
    std::function<void()> meanwhile; // once, between a look and what is shown of it
    const auto display = std::move(
        CustomerDisplay::start({[&] { return house.till->policy(); },
                                [&](const std::vector<display::Screen>&)
                                    -> display::Result<std::unique_ptr<display::Display>> {
                                    return std::make_unique<Noting>(noted);
                                },
                                [&](const std::string& language) {
                                    auto desk = house.till->desk(language);
                                    if (const auto then = std::exchange(meanwhile, nullptr)) then();
                                    return desk;
                                }})
            .value());
    (void) house.select();
    display->deskChanged(1, true);
    REQUIRE(noted.size() == 1);
    CHECK(noted.back().has_value());
    meanwhile = [&] {
        house.till->lock();
        display->sessionChanged({});
    };
    display->deskChanged(1, true);
    REQUIRE(noted.size() == 2);
    CHECK_FALSE(noted.back().has_value());
    REQUIRE(house.till->signIn(house.noor, test::kPin));
    display->sessionChanged({});
    CHECK(noted.back().has_value());
}

TEST_CASE("every pack's screens fit, in all languages") {
    for (const char* const pack : {"nl", "es-ct", "ru", "gb", "de", "fr"}) {
        const policy::PackLoader loader(policy::sampleHouse(pack));
        const auto policy = loader.builtIn(pack).value();
        const CustomerScreens screens(policy);
        CHECK(screens.all().size() > policy.languages.size());
        CHECK(screens.all().size() <= display::kScreensMax);
        for (const std::string& language : policy.languages) {
            CHECK(screens.all().at(screens.greeting(language)).bottom.empty());
            const auto& first = policy.purposes.front();
            const auto index = screens.question(first.id, first.channels.front(), language);
            CHECK(screens.all().at(index).bottom.ends_with("?"));
        }
        CHECK(screens.greeting("tlh") == screens.greeting(policy.languages.front()));
        CHECK(screens.question("nothing", "email", "en") == screens.greeting("en"));
    }
}
