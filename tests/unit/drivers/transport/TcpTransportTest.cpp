#include "drivers/transport/TcpTransport.h"

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>
#include <numeric>
#include <thread>

#include "tests/support/Eventually.h"
#include "tests/support/Property.h"

using namespace souffleur;
using transport::Fault;
using transport::Milliseconds;

namespace {

constexpr Milliseconds kLong{10'000};
constexpr Milliseconds kShort{60};

/// A device's end of the line, on the loopback.
struct Device {
    Poco::Net::ServerSocket listener{Poco::Net::SocketAddress("127.0.0.1", 0)};
    transport::TcpTransport line{"127.0.0.1", listener.address().port()};
    Poco::Net::StreamSocket socket;

    void connect() {
        REQUIRE(line.open(kLong).has_value());
        socket = listener.acceptConnection();
    }
};

std::vector<std::uint8_t> bytes(std::size_t count) {
    return std::vector<std::uint8_t>(count, 'x');
}

} // namespace

TEST_CASE("bytes go out and come back") {
    Device device;
    device.connect();
    const auto written = device.line.write(bytes(5), kLong);
    CHECK(written.count == 5);
    CHECK_FALSE(written.error.has_value());
    std::array<std::uint8_t, 16> buffer{};
    CHECK(device.socket.receiveBytes(buffer.data(), 16) == 5);
    device.socket.sendBytes("ok", 2);
    CHECK(device.line.read(buffer, kLong) == 2U);
}

TEST_CASE("silence is no error") {
    Device device;
    device.connect();
    std::array<std::uint8_t, 16> buffer{};
    CHECK(device.line.read(buffer, kShort) == 0U);
}

TEST_CASE("a device that does not drain times out with what went out") {
    Device device;
    device.connect();
    const auto written = device.line.write(bytes(64 * 1024 * 1024), kShort);
    REQUIRE(written.error);
    CHECK(written.error->fault == Fault::timedOut);
    CHECK(written.count > 0);
    CHECK(written.count < 64 * 1024 * 1024);
}

TEST_CASE("what this machine still keeps is not drained, and what broke off with it never is") {
    Device device;
    device.connect();
    CHECK(device.line.drained());
    CHECK(device.line.write(bytes(5), kLong).count == 5);
    CHECK(test::eventually([&] { return device.line.drained(); }));
    REQUIRE(device.line.write(bytes(64 * 1024 * 1024), kShort).error);
    CHECK_FALSE(device.line.drained());
    device.socket.close(); // with bytes that it never read
    std::array<std::uint8_t, 16> buffer{};
    REQUIRE_FALSE(device.line.read(buffer, kLong));
    CHECK_FALSE(device.line.drained());
}

TEST_CASE("a device that left is gone") {
    Device device;
    device.connect();
    device.socket.close();
    std::array<std::uint8_t, 16> buffer{};
    const auto got = device.line.read(buffer, kLong);
    REQUIRE_FALSE(got);
    CHECK(got.error().fault == Fault::gone);
}

TEST_CASE("nobody listens") {
    std::uint16_t port = 0;
    {
        const Poco::Net::ServerSocket once(Poco::Net::SocketAddress("127.0.0.1", 0));
        port = once.address().port();
    }
    transport::TcpTransport line("127.0.0.1", port);
    const auto opened = line.open(kLong);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().fault == Fault::unreachable);
    CHECK(line.write(bytes(1), kShort).error->fault == Fault::closed);
}

TEST_CASE("cancel ends a wait from another thread, and only that one") {
    Device device;
    device.connect();
    std::array<std::uint8_t, 16> buffer{};
    std::thread other([&] { device.line.cancel(); });
    const auto got = device.line.read(buffer, Milliseconds{600'000});
    other.join();
    REQUIRE_FALSE(got);
    CHECK(got.error().fault == Fault::cancelled);
    CHECK(device.line.read(buffer, kShort) == 0U);
}

TEST_CASE("what was written arrives although the line is closed at once") {
    Device device;
    device.connect();
    REQUIRE_FALSE(device.line.write(bytes(1000), kLong).error.has_value());
    device.line.close();
    std::size_t count = 0;
    std::array<std::uint8_t, 256> buffer{};
    for (int got = 1; got > 0;) {
        got = device.socket.receiveBytes(buffer.data(), 256);
        count += static_cast<std::size_t>(std::max(got, 0));
    }
    CHECK(count == 1000);
}

TEST_CASE("a printer that closed its end while idle is gone before a byte goes out") {
    Device device;
    device.connect();
    device.socket.shutdownSend();
    std::array<std::uint8_t, 16> buffer{};
    CHECK(device.line.read(buffer, kLong).error().fault == Fault::gone);
    CHECK(device.line.write(bytes(5), kLong).error->fault == Fault::closed);
    // The same without a read in between.
    device.connect();
    device.socket.shutdownSend();
    std::size_t count = 0;
    std::optional<transport::Error> gone;
    while (!gone && count < 1'000'000) { // the end takes its time, even on the loopback
        const auto written = device.line.write(bytes(1), kLong);
        count += written.count;
        gone = written.error;
    }
    REQUIRE(gone);
    CHECK(gone->fault == Fault::gone);
    CHECK(device.line.open(kLong).has_value());
}

TEST_CASE("a device that reads one byte at a time gets all of it") {
    Device device;
    device.connect();
    std::vector<std::uint8_t> slip(20'000);
    std::iota(slip.begin(), slip.end(), std::uint8_t{0});
    std::vector<std::uint8_t> taken;
    std::thread printer([&] {
        std::uint8_t one = 0;
        while (taken.size() < slip.size() && device.socket.receiveBytes(&one, 1) == 1)
            taken.push_back(one);
    });
    const auto written = device.line.write(slip, kLong);
    printer.join();
    CHECK(written.count == slip.size());
    CHECK(taken == slip);
}

TEST_CASE("a device that closes in mid-job is gone, with a partial count") {
    Device device;
    device.connect();
    std::thread printer([&] {
        std::array<std::uint8_t, 4096> buffer{};
        std::size_t count = 0;
        while (count < 100'000) {
            const int got = device.socket.receiveBytes(buffer.data(), 4096);
            if (got <= 0) break;
            count += static_cast<std::size_t>(got);
        }
        device.socket.setLinger(true, 0); // a reset, as when the power goes
        device.socket.close();
    });
    const std::size_t all = 64 * 1024 * 1024;
    const auto written = device.line.write(bytes(all), kLong);
    printer.join();
    REQUIRE(written.error);
    CHECK(written.error->fault == Fault::gone);
    CHECK(written.count >= 100'000);
    CHECK(written.count < all);
    CHECK(device.line.write(bytes(1), kShort).error->fault == Fault::closed);
}

TEST_CASE("a device that floods stays in order and does not keep us from writing") {
    Device device;
    device.connect();
    std::vector<std::uint8_t> flood(4'000'000);
    std::iota(flood.begin(), flood.end(), std::uint8_t{0});
    std::thread printer([&] {
        std::size_t count = 0;
        while (count < flood.size()) {
            const int sent = device.socket.sendBytes(flood.data() + count,
                                                     static_cast<int>(flood.size() - count));
            if (sent <= 0) return;
            count += static_cast<std::size_t>(sent);
        }
    });
    CHECK_FALSE(device.line.write(bytes(1'000), kLong).error.has_value());
    std::vector<std::uint8_t> heard;
    std::array<std::uint8_t, 5000> buffer{};
    while (heard.size() < flood.size()) {
        const auto got = device.line.read(buffer, kLong);
        if (!got || *got == 0) break;
        heard.insert(heard.end(), buffer.begin(),
                     buffer.begin() + static_cast<std::ptrdiff_t>(*got));
    }
    printer.join();
    CHECK(heard == flood);
    CHECK(device.line.read(std::span<std::uint8_t>(), kLong) == 0U);
}

TEST_CASE("cancel ends a write that does not move, with what went out") {
    Device device;
    device.connect();
    std::thread other([&] {
        std::uint8_t one = 0;
        (void) device.socket.receiveBytes(&one, 1);
        device.line.cancel();
    });
    const auto written = device.line.write(bytes(64 * 1024 * 1024), Milliseconds{3'600'000});
    other.join();
    REQUIRE(written.error);
    CHECK(written.error->fault == Fault::cancelled);
    CHECK(written.count > 0);
}

TEST_CASE("names are looked up, within the deadline") {
    Device device;
    transport::TcpTransport named("localhost", device.listener.address().port());
    CHECK(named.open(kLong).has_value());
    transport::TcpTransport nobody("printer.invalid", 9100);
    const auto opened = nobody.open(kShort);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().fault == Fault::unreachable);
    nobody.cancel();
    CHECK_FALSE(nobody.open(kShort).has_value());
}
