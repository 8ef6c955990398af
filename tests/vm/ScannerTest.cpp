// A scanner that plays a keyboard, on a real kernel: QEMU's USB keyboard, whose keys the host
// presses. Two others listen: one at the scanner's own event device, as a desktop would, and one at
// the keyboard that types on.
#include <array>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <mutex>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/input.h>

#include "drivers/scanner/Scanner.h"
#include "tests/support/Property.h"
#include "tests/support/Told.h"
#include "tests/vm/Host.h"

using namespace souffleur;
using test::host;

namespace {

constexpr const char* kAddress = "keyboard://0627:0001"; // QEMU's
constexpr const char* kItsName = "QEMU QEMU USB Keyboard";
constexpr const char* kOurName = "Souffleur scanner keys";

bool startsWith77(std::string_view text) {
    return text.starts_with("77");
}

/// The event device of this name, or nothing.
std::string nodeOf(const std::string& name) {
    for (const auto& entry : std::filesystem::directory_iterator("/dev/input")) {
        const std::string path = entry.path().string();
        if (path.find("event") == std::string::npos) continue;
        const int fd = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        std::array<char, 128> its{};
        const bool named = fd >= 0 && ::ioctl(fd, EVIOCGNAME(its.size() - 1), its.data()) >= 0;
        if (fd >= 0) (void) ::close(fd);
        if (named && its.data() == name) return path;
    }
    return {};
}

/// A key and whether it went down.
using Key = std::pair<int, bool>;
using Keys = std::vector<Key>;

Keys tapped(const std::vector<int>& keys) {
    Keys all;
    for (const int key : keys) {
        all.emplace_back(key, true);
        all.emplace_back(key, false);
    }
    return all;
}

/// Somebody else with the same keyboard: a desktop, ticketing.
class Listener {
public:
    explicit Listener(const std::string& name) {
        (void) test::eventually([&] {
            _fd = ::open(nodeOf(name).c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
            return _fd >= 0;
        });
        REQUIRE(_fd >= 0);
    }
    ~Listener() { (void) ::close(_fd); }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    /// All that came since the last call, once `count` of them did.
    Keys hear(std::size_t count) {
        Keys heard;
        (void) test::eventually([&] {
            input_event event{};
            while (::read(_fd, &event, sizeof event) == sizeof event)
                if (event.type == EV_KEY && event.value != 2)
                    heard.emplace_back(event.code, event.value == 1);
            return heard.size() >= count;
        });
        return heard;
    }

private:
    int _fd = -1;
};

class Codes final : public scanner::Events {
public:
    void scanned(const scanner::Code& code) override {
        const std::scoped_lock lock(_mutex);
        _codes.push_back(code);
    }
    void changed(scanner::State /*state*/, const std::string& words) override {
        const std::scoped_lock lock(_mutex);
        _words = words;
    }
    bool told(const std::string& words) {
        return test::eventually([&] {
            const std::scoped_lock lock(_mutex);
            return _words.find(words) != std::string::npos;
        });
    }
    std::vector<scanner::Code> first(std::size_t count) {
        (void) test::eventually([&] { return all().size() >= count; });
        return all();
    }
    std::vector<scanner::Code> all() {
        const std::scoped_lock lock(_mutex);
        return _codes;
    }

private:
    std::mutex _mutex;
    std::vector<scanner::Code> _codes;
    std::string _words;
};

struct Till {
    Codes codes;
    std::unique_ptr<scanner::Scanner> scanner =
        scanner::Scanner::start(kAddress, startsWith77, codes).value();
    Till() { REQUIRE(is(scanner::State::listening)); }
    bool is(scanner::State state) {
        return test::eventually([&] { return scanner->state() == state; });
    }
};

} // namespace

TEST_CASE("a code of ours comes out and goes no further; what is not ours is typed on") {
    Till till;
    Listener desktop(kItsName);
    Listener ticketing(kOurName);
    host(R"(type "77012\n")");
    const auto codes = till.codes.first(1);
    REQUIRE(codes.size() == 1);
    CHECK(codes[0].text == "77012");
    CHECK(codes[0].source == scanner::Source::keyboard);
    host(R"(type "Ab-9\n")");
    const Keys typed = {{KEY_LEFTSHIFT, true},  {KEY_A, true},      {KEY_A, false},
                        {KEY_LEFTSHIFT, false}, {KEY_B, true},      {KEY_B, false},
                        {KEY_MINUS, true},      {KEY_MINUS, false}, {KEY_9, true},
                        {KEY_9, false},         {KEY_ENTER, true},  {KEY_ENTER, false}};
    // These and no key more: neither of the code nor anything twice.
    CHECK(ticketing.hear(typed.size()) == typed);
    host(R"(type "771\n")");
    CHECK(till.codes.first(2).back().text == "771");
    CHECK(ticketing.hear(0).empty());
    CHECK(desktop.hear(0).empty());
    CHECK(till.scanner->stats().codes == 2);
    CHECK(till.scanner->stats().passed == 1);
}

TEST_CASE("let go, the scanner types to everybody again") {
    { const Till till; }
    Listener desktop(kItsName);
    host(R"(type "77\n")");
    const Keys typed = tapped({KEY_7, KEY_7, KEY_ENTER});
    CHECK(desktop.hear(typed.size()) == typed);
}

TEST_CASE("killed, it lets go as well: the kernel sees to it") {
    std::array<int, 2> ready{};
    REQUIRE(::pipe(ready.data()) == 0);
    const pid_t child = ::fork(); // no other thread is alive now
    REQUIRE(child >= 0);
    if (child == 0) {
        Codes codes;
        const auto scanner = scanner::Scanner::start(kAddress, startsWith77, codes);
        while (scanner->get()->state() != scanner::State::listening) (void) ::usleep(1000);
        (void) !::write(ready[1], "!", 1);
        for (;;) (void) ::pause();
    }
    char byte = 0;
    pollfd wait{ready[0], POLLIN, 0};
    const bool grabbed = ::poll(&wait, 1, 60'000) == 1 && ::read(ready[0], &byte, 1) == 1;
    Listener desktop(kItsName);
    (void) ::kill(child, SIGKILL);
    CHECK(::waitpid(child, nullptr, 0) == child);
    REQUIRE(grabbed);
    host(R"(type "77\n")");
    const Keys typed = tapped({KEY_7, KEY_7, KEY_ENTER});
    CHECK(desktop.hear(typed.size()) == typed);
    for (const int end : ready) (void) ::close(end);
}

TEST_CASE("unplugged and plugged in again: found again, and what is not ours still goes on") {
    Till till;
    host("unplug-keys");
    CHECK(till.is(scanner::State::absent));
    host("plug-keys");
    CHECK(till.is(scanner::State::listening));
    Listener ticketing(kOurName);
    host(R"(type "7755\n")");
    const auto codes = till.codes.first(1);
    REQUIRE(codes.size() == 1);
    CHECK(codes[0].text == "7755");
    host(R"(type "4\n")");
    const Keys typed = tapped({KEY_4, KEY_ENTER});
    CHECK(ticketing.hear(typed.size()) == typed);
}

TEST_CASE(
    "two programs want one scanner: the second is told, and nothing is taken from the first") {
    Till till;
    Codes none;
    const auto second = scanner::Scanner::start(kAddress, startsWith77, none).value();
    CHECK(none.told("another program has taken it"));
    host(R"(type "7701\n")");
    CHECK(till.codes.first(1).size() == 1);
    CHECK(second->state() == scanner::State::absent);
    CHECK(none.all().empty());
}
