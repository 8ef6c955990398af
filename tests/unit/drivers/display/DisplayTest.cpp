#include "drivers/display/Display.h"

#include <cstdlib>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <thread>
#include <unistd.h>

#include "drivers/display/Commands.h"
#include "tests/support/Eventually.h"
#include "tests/support/FakeTransport.h"

using namespace souffleur;
using display::Bytes;
using display::Display;
using display::Screen;
using display::Settings;
using display::State;

namespace {

const std::vector<Screen> kScreens{{"Welkom!", "Nieuwsbrief?"}, {"Welcome!", "Newsletter?"}};

Bytes operator+(Bytes a, const Bytes& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

/// The display's end of a serial line.
struct Pole {
    int master = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    std::string path = [this] {
        REQUIRE(::grantpt(master) == 0);
        REQUIRE(::unlockpt(master) == 0);
        return std::string(::ptsname(master));
    }();
    ~Pole() { ::close(master); }
    Bytes take(std::size_t count) const {
        Bytes all;
        Bytes buffer(512);
        while (all.size() < count) {
            pollfd wait{master, POLLIN, 0};
            if (::poll(&wait, 1, 20'000) <= 0) break;
            const auto got =
                ::read(master, buffer.data(), std::min(buffer.size(), count - all.size()));
            if (got <= 0) break;
            all.insert(all.end(), buffer.begin(), buffer.begin() + got);
        }
        return all;
    }
};

std::unique_ptr<Display> started(std::unique_ptr<transport::Transport> line,
                                 const Settings& settings = {}) {
    return std::move(Display::start(std::move(line), settings, kScreens).value());
}

} // namespace

TEST_CASE("over a serial line: begins, shows, clears, bows") {
    for (const auto commands :
         {display::CommandSet::escpos, display::CommandSet::cd5220, display::CommandSet::dsp800}) {
        const Pole pole;
        const Settings settings{commands, {}, 0};
        auto line = std::move(transport::plainFromAddress("serial://" + pole.path).value());
        auto pole2 = started(std::move(line), settings);
        CHECK(pole2->state() == State::waiting);
        pole2->show(0);
        const Bytes first =
            display::beginBytes(settings) + display::screenBytes(settings, kScreens[0]);
        CHECK(pole.take(first.size()) == first);
        pole2->show(1);
        const Bytes second = display::screenBytes(settings, kScreens[1]);
        CHECK(pole.take(second.size()) == second);
        CHECK(test::eventually([&] { return pole2->state() == State::shown; }));
        pole2->clear();
        const Bytes clear = display::clearBytes(settings);
        CHECK(pole.take(clear.size()) == clear);
        pole2->show(7'000); // not declared
        pole2->show(0);
        CHECK(pole.take(display::screenBytes(settings, kScreens[0]).size()) ==
              display::screenBytes(settings, kScreens[0]));
        pole2.reset();
        CHECK(pole.take(clear.size()) == clear);
    }
}

TEST_CASE("a display that is not there is waited for, and gets the last screen alone") {
    const auto far = std::make_shared<test::FakeLine>();
    far->refuseOpen = true;
    const auto pole = started(std::make_unique<test::FakeTransport>(far));
    for (std::size_t i = 0; i < 10'000; ++i) pole->show(i % 2);
    CHECK(test::eventually([&] { return pole->state() == State::absent; }));
    pole->show(1);
    far->with([](test::FakeLine& line) { line.refuseOpen = false; });
    CHECK(test::eventually([&] { return pole->state() == State::shown; }));
    const Settings settings;
    CHECK(far->taken() ==
          display::beginBytes(settings) + display::screenBytes(settings, kScreens[1]));
}

TEST_CASE("after a line that broke it begins anew") {
    const auto far = std::make_shared<test::FakeLine>();
    const Settings settings;
    const auto pole = started(std::make_unique<test::FakeTransport>(far));
    pole->show(0);
    CHECK(test::eventually([&] { return pole->state() == State::shown; }));
    const Bytes before = far->taken();
    far->with([](test::FakeLine& line) { line.breakAfter = 5; });
    pole->show(1);
    CHECK(test::eventually([&] { return pole->state() == State::absent; }));
    far->with(
        [](test::FakeLine& line) { line.breakAfter = std::numeric_limits<std::size_t>::max(); });
    CHECK(test::eventually([&] { return pole->state() == State::shown; }));
    const Bytes screen = display::screenBytes(settings, kScreens[1]);
    CHECK(far->taken() == before + Bytes(screen.begin(), screen.begin() + 5) +
                              display::beginBytes(settings) + screen);
    CHECK(far->opened() >= 2);
}

TEST_CASE("answers of a display are read and dropped") {
    const auto far = std::make_shared<test::FakeLine>();
    far->answer = [](std::span<const std::uint8_t>) { return Bytes(100, 0x06); };
    const auto pole = started(std::make_unique<test::FakeTransport>(far));
    for (std::size_t i = 0; i < 20; ++i) {
        pole->show(i % 2);
        CHECK(test::eventually([&] { return pole->state() == State::shown; }));
    }
}

TEST_CASE("too many screens and impossible settings are refused") {
    const auto far = std::make_shared<test::FakeLine>();
    CHECK_FALSE(Display::start(std::make_unique<test::FakeTransport>(far), {},
                               std::vector<Screen>(display::kScreensMax + 1))
                    .has_value());
    CHECK_FALSE(Display::start(std::make_unique<test::FakeTransport>(far),
                               {display::CommandSet::dsp800, {}, 2}, kScreens)
                    .has_value());
}
