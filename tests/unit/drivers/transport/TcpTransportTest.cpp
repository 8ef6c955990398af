#include "drivers/transport/TcpTransport.h"

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>
#include <thread>

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
