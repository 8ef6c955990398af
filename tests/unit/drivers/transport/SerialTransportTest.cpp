#include "drivers/transport/SerialTransport.h"

#include <atomic>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <numeric>
#include <poll.h>
#include <termios.h>
#include <thread>
#include <unistd.h>

#include "tests/support/Property.h"

using namespace souffleur;
using transport::Fault;
using transport::Flow;
using transport::Milliseconds;
using transport::SerialSettings;
using transport::SerialTransport;

namespace {

constexpr Milliseconds kLong{20'000};
constexpr Milliseconds kShort{60};
using Bytes = std::vector<std::uint8_t>;

Bytes bytes(std::size_t count) {
    Bytes all(count);
    std::iota(all.begin(), all.end(), std::uint8_t{0});
    return all;
}

/// The printer's end of a line: the master of a pseudo-terminal.
struct Device {
    int master = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    std::string path = [this] {
        REQUIRE(::grantpt(master) == 0);
        REQUIRE(::unlockpt(master) == 0);
        return std::string(::ptsname(master));
    }();
    SerialTransport line;

    explicit Device(const SerialSettings& settings = {}) : line(path, settings) {}
    ~Device() { leave(); }
    void leave() {
        if (master >= 0) ::close(master);
        master = -1;
    }
    void open() {
        const auto opened = line.open(kLong);
        REQUIRE_MESSAGE(opened.has_value(), opened.error().message);
    }
    /// Reads until it has `count`, `atOnce` at a time.
    Bytes take(std::size_t count, std::size_t atOnce = 4096) const {
        Bytes all;
        Bytes buffer(atOnce);
        while (all.size() < count) {
            pollfd wait{master, POLLIN, 0};
            if (::poll(&wait, 1, static_cast<int>(kLong.count())) <= 0) break;
            const auto got = ::read(master, buffer.data(), std::min(atOnce, count - all.size()));
            if (got <= 0) break;
            all.insert(all.end(), buffer.begin(), buffer.begin() + got);
        }
        return all;
    }
    /// Sends all of it; the line reads meanwhile.
    void say(const Bytes& said) const {
        std::size_t count = 0;
        while (count < said.size()) {
            const auto sent = ::write(master, said.data() + count, said.size() - count);
            if (sent <= 0) return;
            count += static_cast<std::size_t>(sent);
        }
    }
};

Bytes readAll(SerialTransport& line, std::size_t count) {
    Bytes all;
    Bytes buffer(300);
    while (all.size() < count) {
        const auto got = line.read(buffer, kLong);
        REQUIRE(got.has_value());
        REQUIRE(*got > 0);
        all.insert(all.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(*got));
    }
    return all;
}

} // namespace

TEST_CASE("every byte value goes out and comes back as it is") {
    Device device(SerialSettings{19200, 8, 1, transport::Parity::none, Flow::none});
    device.open();
    const Bytes all = bytes(256);
    CHECK(device.line.write(all, kLong).count == all.size());
    CHECK(device.take(all.size()) == all);
    device.say(all);
    CHECK(readAll(device.line, all.size()) == all);
    Bytes buffer(8);
    CHECK(device.line.read(buffer, kShort) == 0U);
    CHECK(device.line.read(std::span<std::uint8_t>(), kLong) == 0U);
}

TEST_CASE("the line is set as asked and put back at close") {
    Device device(SerialSettings{38400, 8, 2, transport::Parity::none, Flow::rtsCts});
    termios before{};
    REQUIRE(::tcgetattr(device.master, &before) == 0);
    device.open();
    termios now{};
    REQUIRE(::tcgetattr(device.master, &now) == 0);
    CHECK(::cfgetospeed(&now) == B38400);
    CHECK((now.c_cflag & CRTSCTS) != 0);
    CHECK((now.c_cflag & CSTOPB) != 0);
    CHECK((now.c_cflag & HUPCL) == 0);
    CHECK((now.c_lflag & (ICANON | ECHO | ISIG)) == 0);
    device.line.close();
    REQUIRE(::tcgetattr(device.master, &now) == 0);
    CHECK(now.c_cflag == before.c_cflag);
    CHECK(now.c_lflag == before.c_lflag);
}

TEST_CASE("a device that reads one byte at a time gets all of it") {
    Device device;
    device.open();
    const Bytes slip = bytes(10'000);
    Bytes taken;
    std::thread printer([&] { taken = device.take(slip.size(), 1); });
    const auto written = device.line.write(slip, kLong);
    printer.join();
    CHECK(written.count == slip.size());
    CHECK(taken == slip);
}

TEST_CASE("a device that takes nothing times out with what is on its way") {
    Device device;
    device.open();
    const auto written = device.line.write(bytes(1'000'000), kShort);
    REQUIRE(written.error);
    CHECK(written.error->fault == Fault::timedOut);
    CHECK(written.count < 1'000'000);
    CHECK(device.take(written.count).size() == written.count);
}

TEST_CASE("a device that leaves in mid-job is gone, with a partial count") {
    Device device;
    device.open();
    std::thread printer([&] {
        CHECK(device.take(5'000).size() == 5'000);
        device.leave();
    });
    const auto written = device.line.write(bytes(1'000'000), kLong);
    printer.join();
    REQUIRE(written.error);
    CHECK(written.error->fault == Fault::gone);
    CHECK(written.count >= 5'000);
    CHECK(written.count < 1'000'000);
    CHECK(device.line.write(bytes(1), kShort).error->fault == Fault::closed);
}

TEST_CASE("a device that leaves while a read waits is gone") {
    Device device;
    device.open();
    std::thread printer([&] { device.leave(); });
    Bytes buffer(8);
    const auto got = device.line.read(buffer, Milliseconds{3'600'000});
    printer.join();
    REQUIRE_FALSE(got);
    CHECK(got.error().fault == Fault::gone);
}

TEST_CASE("a device that floods stays in order") {
    Device device;
    device.open();
    const Bytes flood = bytes(200'000);
    std::thread printer([&] { device.say(flood); });
    CHECK(readAll(device.line, flood.size()) == flood);
    printer.join();
}

TEST_CASE("XOFF holds the line back, XON lets it go on") {
    Device device(SerialSettings{9600, 8, 1, transport::Parity::none, Flow::xonXoff});
    device.open();
    device.say({0x13});
    std::optional<transport::Error> held;
    const auto end = std::chrono::steady_clock::now() + kLong;
    while (!held && std::chrono::steady_clock::now() < end) { // until XOFF has arrived
        const auto written = device.line.write(bytes(1), kShort);
        held = written.error;
        if (!held) CHECK(device.take(1).size() == 1);
    }
    REQUIRE(held);
    CHECK(held->fault == Fault::timedOut);
    device.say({0x11});
    const auto written = device.line.write(bytes(100), kLong);
    CHECK(written.count == 100);
    CHECK(device.take(100) == bytes(100));
    // Neither of the two is an answer.
    Bytes buffer(8);
    CHECK(device.line.read(buffer, kShort) == 0U);
}

TEST_CASE("cancel ends a read and a write from another thread") {
    Device device;
    device.open();
    Bytes buffer(8);
    std::thread first([&] { device.line.cancel(); });
    CHECK(device.line.read(buffer, Milliseconds{3'600'000}).error().fault == Fault::cancelled);
    first.join();
    std::thread second([&] {
        CHECK(device.take(1).size() == 1);
        device.line.cancel();
    });
    const auto written = device.line.write(bytes(1'000'000), Milliseconds{3'600'000});
    second.join();
    REQUIRE(written.error);
    CHECK(written.error->fault == Fault::cancelled);
    CHECK(written.count > 0);
}

TEST_CASE("what cannot be opened says why") {
    Device device;
    device.open();
    SerialTransport second(device.path, {});
    CHECK(second.open(kLong).error().fault == Fault::busy);
    device.line.close();
    CHECK(second.open(kLong).has_value());
    second.close();

    CHECK(SerialTransport("/dev/no-such-line", {}).open(kLong).error().fault == Fault::unreachable);
    CHECK(SerialTransport("/dev/null", {}).open(kLong).error().fault == Fault::invalid);
    CHECK(SerialTransport("/dev", {}).open(kLong).error().fault == Fault::invalid);
    // A pseudo-terminal knows 8 bits without parity only: what a line does not take is refused.
    SerialTransport parity(device.path, {9600, 8, 1, transport::Parity::even, Flow::none});
    CHECK(parity.open(kLong).error().fault == Fault::invalid);
    SerialTransport odd(device.path, {9601, 8, 1, transport::Parity::none, Flow::none});
    CHECK(odd.open(kLong).error().message.find("baud") != std::string::npos);
    Bytes buffer(1);
    CHECK(odd.write(buffer, kShort).error->fault == Fault::closed);
    CHECK(odd.read(buffer, kShort).error().fault == Fault::closed);
}

TEST_CASE("addresses carry the settings, and wrong ones are refused") {
    for (const char* right :
         {"serial:///dev/ttyS0", "serial:///dev/ttyUSB0?baud=115200",
          "serial:///dev/ttyS0?baud=19200&bits=7&parity=even&stop=2&flow=xon-xoff"}) {
        CAPTURE(right);
        const auto line = transport::fromAddress(right);
        REQUIRE(line.has_value());
        CHECK((*line)->describe().find("serial /dev/tty") == 0);
        CHECK((*line)->canRead());
    }
    for (const char* wrong :
         {"serial:///dev/ttyS0?baud=1", "serial:///dev/ttyS0?baud=x", "serial:///dev/ttyS0?baud=",
          "serial:///dev/ttyS0?bits=9", "serial:///dev/ttyS0?parity=mark",
          "serial:///dev/ttyS0?flow=dtr", "serial:///dev/ttyS0?speed=9600",
          "serial:///dev/ttyS0?baud=9600&baud=9600", "serial:///dev/ttyS0?stop=0"}) {
        CAPTURE(wrong);
        const auto refused = transport::fromAddress(wrong);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().fault == Fault::invalid);
    }
}
