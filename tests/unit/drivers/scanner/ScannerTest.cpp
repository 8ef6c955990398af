#include "drivers/scanner/Scanner.h"

#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <thread>
#include <unistd.h>

#include "drivers/scanner/Keyboard.h"
#include "drivers/scanner/Reader.h"
#include "tests/support/Eventually.h"
#include "tests/support/Keys.h"

using namespace souffleur;
using scanner::Code;
using scanner::Scanner;
using scanner::State;
using transport::Fault;
using transport::Milliseconds;
using List = std::vector<std::string>;

namespace {

/// What a listener heard; it can be made to take its time.
class Ear final : public scanner::Events {
public:
    void scanned(const Code& code) override {
        std::unique_lock lock(_mutex);
        _codes.push_back(code);
        _changed.notify_all();
        _changed.wait(lock, [this] { return !_slow; });
    }
    void changed(State, const std::string& words) override {
        const std::scoped_lock lock(_mutex);
        _words = words;
        _changed.notify_all();
    }
    void slow(bool slow) {
        const std::scoped_lock lock(_mutex);
        _slow = slow;
        _changed.notify_all();
    }
    List codes() {
        const std::scoped_lock lock(_mutex);
        List out;
        for (const Code& code : _codes) out.push_back(code.text);
        return out;
    }
    Code last() {
        const std::scoped_lock lock(_mutex);
        return _codes.back();
    }
    bool heard(std::size_t count) {
        std::unique_lock lock(_mutex);
        return _changed.wait_for(lock, std::chrono::seconds(20),
                                 [&] { return _codes.size() >= count; });
    }
    bool told(const std::string& part) {
        std::unique_lock lock(_mutex);
        return _changed.wait_for(lock, std::chrono::seconds(20),
                                 [&] { return _words.find(part) != std::string::npos; });
    }

private:
    std::mutex _mutex;
    std::condition_variable _changed;
    std::vector<Code> _codes;
    std::string _words;
    bool _slow = false;
};

/// The scanner's end of a serial line.
struct Line {
    int master = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    std::string path = [this] {
        REQUIRE(::grantpt(master) == 0);
        REQUIRE(::unlockpt(master) == 0);
        return std::string(::ptsname(master));
    }();
    ~Line() { leave(); }
    void leave() {
        if (master >= 0) ::close(master);
        master = -1;
    }
    void say(std::string_view text) const {
        REQUIRE(::write(master, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    }
};

/// A keyboard below the code: what it presses, what was typed on, when it is unplugged.
struct Played {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<scanner::KeyEvent> pressed;
    test::Keys typed;
    bool plugged = true;
    bool open = false;
    bool cancelled = false;
    int opens = 0;

    void press(const test::Keys& keys) {
        const std::scoped_lock lock(mutex);
        pressed.insert(pressed.end(), keys.begin(), keys.end());
        changed.notify_all();
    }
    void plug(bool in) {
        const std::scoped_lock lock(mutex);
        plugged = in;
        changed.notify_all();
    }
    template <typename Holds>
    bool until(Holds holds) {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, std::chrono::seconds(20), [&] { return holds(*this); });
    }
};

class PlayedKeyboard final : public scanner::Keyboard {
public:
    explicit PlayedKeyboard(std::shared_ptr<Played> played) : _played(std::move(played)) {}
    transport::Result<void> open(Milliseconds) override {
        const std::scoped_lock lock(_played->mutex);
        if (!_played->plugged) return refuse(Fault::unreachable);
        _played->open = true;
        ++_played->opens;
        _played->changed.notify_all();
        return {};
    }
    transport::Result<std::size_t> read(std::span<scanner::KeyEvent> into,
                                        Milliseconds timeout) override {
        std::unique_lock lock(_played->mutex);
        _played->changed.wait_for(lock, timeout, [this] {
            return _played->cancelled || !_played->plugged || !_played->pressed.empty();
        });
        if (std::exchange(_played->cancelled, false)) return refuse(Fault::cancelled);
        if (!_played->plugged) return refuse(Fault::gone);
        std::size_t count = 0;
        for (; count < into.size() && !_played->pressed.empty(); ++count) {
            into[count] = _played->pressed.front();
            _played->pressed.pop_front();
        }
        return count;
    }
    void emit(std::span<const scanner::KeyEvent> events) noexcept override {
        const std::scoped_lock lock(_played->mutex);
        _played->typed.insert(_played->typed.end(), events.begin(), events.end());
        _played->changed.notify_all();
    }
    void close() noexcept override {
        const std::scoped_lock lock(_played->mutex);
        _played->open = false;
        _played->changed.notify_all();
    }
    void cancel() noexcept override {
        const std::scoped_lock lock(_played->mutex);
        _played->cancelled = true;
        _played->changed.notify_all();
    }
    [[nodiscard]] std::string describe() const override { return "a played keyboard"; }

private:
    static tl::unexpected<transport::Error> refuse(Fault fault) {
        return tl::make_unexpected(transport::Error{fault, "played"});
    }
    std::shared_ptr<Played> _played;
};

std::unique_ptr<Scanner> wedge(const std::shared_ptr<Played>& played, scanner::Events& ear) {
    auto counters = std::make_unique<scanner::Counters>();
    auto reader = scanner::keyReader(
        std::make_unique<PlayedKeyboard>(played), scanner::Layout::load("us").value(),
        [](std::string_view text) { return text.starts_with("OURS"); }, *counters);
    return scanner::startScanner(std::move(reader), std::move(counters), ear);
}

std::string refusal(const std::string& address) {
    Ear ear;
    const auto started = Scanner::start(address, {}, ear);
    return started ? "started" : started.error().message;
}

} // namespace

TEST_CASE("a serial scanner: codes with time, source and symbology") {
    const Line line;
    Ear ear;
    const auto before = std::chrono::system_clock::now();
    const auto scanner = std::move(Scanner::start("serial://" + line.path, {}, ear).value());
    CHECK(ear.told("codes are heard"));
    CHECK(scanner->state() == State::listening);
    line.say("]Q1https://example.org/w#ABC\r\n]E04006381333931\r\n");
    REQUIRE(ear.heard(2));
    line.say("no end");
    REQUIRE(ear.heard(3));
    CHECK(ear.codes() == List{"https://example.org/w#ABC", "4006381333931", "no end"});
    CHECK(ear.last().source == scanner::Source::line);
    CHECK(ear.last().at >= before);
    CHECK(scanner->stats().codes == 3);
}

TEST_CASE("a serial scanner that leaves is told, and looked for") {
    Line line;
    Ear ear;
    const auto scanner = std::move(Scanner::start("serial://" + line.path, {}, ear).value());
    CHECK(ear.told("codes are heard"));
    line.say("47"); // half a code
    line.leave();
    CHECK(ear.told(line.path));
    CHECK(test::eventually([&] { return scanner->state() == State::absent; }));
    CHECK(ear.codes().empty());
}

TEST_CASE("a scanner that floods is bounded") {
    const Line line;
    Ear ear;
    const auto scanner = std::move(Scanner::start("serial://" + line.path, {}, ear).value());
    CHECK(ear.told("codes are heard"));
    std::string flood;
    for (int i = 0; i < 200; ++i) flood += "12345678\r";
    line.say(flood);
    CHECK(test::eventually([&] { return scanner->stats().dropped + ear.codes().size() == 200; }));
    CHECK(scanner->stats().dropped > 0);
}

TEST_CASE("a keyboard scanner: ours are heard, others typed on, in their order") {
    const auto played = std::make_shared<Played>();
    Ear ear;
    const auto scanner = wedge(played, ear);
    played->press(test::keysOf("OURS-1\nTicket 4711\nOURS-2\n"));
    REQUIRE(ear.heard(2));
    CHECK(ear.codes() == List{"OURS-1", "OURS-2"});
    CHECK(ear.last().source == scanner::Source::keyboard);
    const auto typed = test::pressesOf(test::keysOf("Ticket 4711\n"));
    CHECK(played->until([&](Played& it) { return it.typed == typed; }));
    CHECK(scanner->stats().passed == 1);
}

TEST_CASE("without an Enter, silence ends it either way") {
    const auto played = std::make_shared<Played>();
    Ear ear;
    const auto scanner = wedge(played, ear);
    played->press(test::keysOf("OURS-1"));
    REQUIRE(ear.heard(1));
    played->press(test::keysOf("4711"));
    const auto typed = test::pressesOf(test::keysOf("4711"));
    CHECK(played->until([&](Played& it) { return it.typed == typed; }));
}

TEST_CASE("a listener that is stuck holds no keys back") {
    const auto played = std::make_shared<Played>();
    Ear ear;
    const auto scanner = wedge(played, ear);
    ear.slow(true);
    played->press(test::keysOf("OURS-1\n"));
    REQUIRE(ear.heard(1)); // it is in there now
    std::string many;
    for (int i = 0; i < 25; ++i) many += "OURS\n";
    played->press(test::keysOf(many + "Ticket\n"));
    const auto typed = test::pressesOf(test::keysOf("Ticket\n"));
    CHECK(played->until([&](Played& it) { return it.typed == typed; }));
    CHECK(test::eventually([&] { return scanner->stats().dropped == 25 - scanner::kQueueMax; }));
    ear.slow(false);
    CHECK(ear.heard(1 + scanner::kQueueMax));
}

TEST_CASE("unplugged in mid-code and plugged in again") {
    const auto played = std::make_shared<Played>();
    Ear ear;
    const auto scanner = wedge(played, ear);
    played->press(test::keysOf("47"));
    played->press(test::Keys{{1, test::kShiftKey, 1}});
    CHECK(played->until([](Played& it) { return it.pressed.empty(); }));
    played->plug(false);
    CHECK(played->until([](Played& it) {
        return !it.typed.empty() && it.typed.back() == scanner::KeyEvent{1, test::kShiftKey, 0};
    }));
    CHECK(test::eventually([&] { return scanner->state() == State::absent; }));
    played->plug(true);
    CHECK(played->until([](Played& it) { return it.opens == 2; }));
    played->press(test::keysOf("OURS-5\n"));
    REQUIRE(ear.heard(1));
    CHECK(ear.codes() == List{"OURS-5"});
}

TEST_CASE("at the end what is held is typed on, and the keyboard is let go") {
    const auto played = std::make_shared<Played>();
    Ear ear;
    auto scanner = wedge(played, ear);
    played->press(test::keysOf("47"));
    CHECK(played->until([](Played& it) { return it.pressed.empty(); }));
    scanner.reset();
    CHECK(played->typed == test::pressesOf(test::keysOf("47")));
    CHECK_FALSE(played->open);
}

TEST_CASE("addresses that can never work are refused in words") {
    CHECK(refusal("usb://0c2e:0b61").starts_with("a scanner's address is serial:///dev/ttyACM0"));
    CHECK(refusal("hid://printer").starts_with("a HID-POS scanner's address is hid://0c2e:0b61"));
    CHECK(refusal("hid://0c2e:0b61?color=red").starts_with("a HID-POS scanner's address is"));
    CHECK(refusal("keyboard://0c2e").starts_with("a keyboard scanner's address is"));
    CHECK(refusal("keyboard://0c2e:0b61?port=1-4").starts_with("a keyboard scanner's address is"));
    CHECK(refusal("keyboard:///dev/input/event3?baud=3")
              .starts_with("after ? in a keyboard scanner's path"));
    CHECK(refusal("keyboard://05e0:1200?layout=klingon").starts_with("no keyboard layout"));
    CHECK(refusal("keyboard://05e0:1200?layout=de&color=red").starts_with("a keyboard scanner's"));
    CHECK(refusal("keyboard://05e0:1200?serial=A&layout=de") == "started");
    CHECK(refusal("keyboard://05e0:1200?layout=de&serial=A") == "started");
    CHECK(refusal("keyboard:///dev/input/event99?layout=us") == "started");
    CHECK(refusal("serial:///dev/ttyACM0?baud=9601").starts_with("baud is one of"));
    CHECK(refusal("file:///tmp/x").starts_with("a scanner's address is"));
    CHECK(refusal(std::string(5000, 'x')) == "a scanner's address is not so long");
}
