// What the tap's suites share: tills as sockets, a printer that keeps its bytes, what the tap told.
#pragma once

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "drivers/emulator/VirtualPrinter.h"
#include "plugin/host/Tap.h"
#include "tests/support/Told.h"

namespace souffleur::test {

inline constexpr int kPatienceMs = 60'000;
inline const std::string kCut = "\x1DV\x42" + std::string(1, '\0');

/// What the tap told, waited for with a deadline.
class Heard : public host::TapEvents {
public:
    void receipt(const std::string& system, const std::string& number) override {
        const std::lock_guard lock(_mutex);
        _told.push_back(system + " " + number);
        _more.notify_all();
    }
    [[nodiscard]] std::string waitFor(std::size_t index) {
        std::unique_lock lock(_mutex);
        _more.wait_for(lock, std::chrono::milliseconds(kPatienceMs),
                       [&] { return _told.size() > index; });
        return _told.size() > index ? _told[index] : "";
    }
    [[nodiscard]] std::size_t count() {
        const std::lock_guard lock(_mutex);
        return _told.size();
    }

private:
    std::mutex _mutex;
    std::condition_variable _more;
    std::vector<std::string> _told;
};

inline std::unique_ptr<transport::Transport> lineTo(std::uint16_t port) {
    return transport::fromAddress("tcp://127.0.0.1:" + std::to_string(port)).value();
}

inline Poco::Net::StreamSocket connect(std::uint16_t port) {
    return Poco::Net::StreamSocket(Poco::Net::SocketAddress("127.0.0.1", port));
}

inline void send(Poco::Net::StreamSocket& socket, const std::string& bytes) {
    std::size_t sent = 0;
    while (sent < bytes.size()) {
        sent += static_cast<std::size_t>(
            socket.sendBytes(bytes.data() + sent, static_cast<int>(bytes.size() - sent)));
    }
}

/// Less only when the other end closed.
inline std::string receive(Poco::Net::StreamSocket& socket, std::size_t count) {
    socket.setReceiveTimeout(Poco::Timespan(kPatienceMs / 1000, 0));
    std::string out;
    std::array<char, 65536> buffer{};
    while (out.size() < count) {
        const int got = socket.receiveBytes(
            buffer.data(), static_cast<int>(std::min(buffer.size(), count - out.size())));
        if (got <= 0) break;
        out.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return out;
}

inline host::TapSettings tapSettings() {
    host::TapSettings out;
    out.listen = "127.0.0.1:0";
    out.receiptGapMs = kPatienceMs;
    return out;
}

/// For our printer on the tap's line: looks at nothing by itself, and waits as long as a test may.
inline printer::Options patient() {
    printer::Options options;
    options.retryMs = 10;
    options.refreshMs = 0;
    options.confirmTimeoutMs = kPatienceMs;
    return options;
}
/// No slip grows old by it.
inline std::int64_t standingClock() {
    return 1000;
}

inline std::string receipt(const std::string& number) {
    return "\x1B@Theater Het Voorbeeld\nOrder no. " + number + "\nTotaal 25,00\n\n" + kCut;
}

/// A virtual printer on a socket that keeps every byte as it came: what a receipt is compared with.
class Recorder {
public:
    Recorder() : _thread([this] { run(); }) {}
    ~Recorder() {
        _stop = true;
        _thread.join();
    }
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;

    [[nodiscard]] std::uint16_t port() const { return _listener.address().port(); }
    [[nodiscard]] std::unique_ptr<transport::Transport> line() const { return lineTo(port()); }
    [[nodiscard]] emulator::VirtualPrinter& device() { return _device; }
    [[nodiscard]] std::string bytes() {
        const std::lock_guard lock(_mutex);
        return _bytes;
    }
    /// What came after the first `from` bytes, once it is at least `count`.
    [[nodiscard]] std::string waitFor(std::size_t from, std::size_t count) {
        (void) test::eventually([&] { return bytes().size() >= from + count; });
        return bytes().substr(from);
    }

private:
    void run() {
        using Poco::Net::Socket;
        const Poco::Timespan slice(0, 50'000);
        while (!_stop) {
            if (!_listener.poll(slice, Socket::SELECT_READ)) continue;
            auto host = _listener.acceptConnection();
            _device.lineReset();
            try {
                while (!_stop && (!host.poll(slice, Socket::SELECT_READ) || take(host))) {
                }
            } catch (const Poco::Exception&) { // it hung up on an answer
            }
        }
    }

    /// False when the host has gone.
    bool take(Poco::Net::StreamSocket& host) {
        std::array<char, 64 * 1024> buffer{};
        const int got = host.receiveBytes(
            buffer.data(), static_cast<int>(std::min(buffer.size(), _device.room())));
        if (got <= 0) return false;
        {
            const std::lock_guard lock(_mutex);
            _bytes.append(buffer.data(), static_cast<std::size_t>(got));
        }
        _device.feed(
            {reinterpret_cast<const std::uint8_t*>(buffer.data()), static_cast<std::size_t>(got)});
        const auto answer = _device.reply();
        return answer.empty() || host.sendBytes(answer.data(), static_cast<int>(answer.size())) > 0;
    }

    Poco::Net::ServerSocket _listener{Poco::Net::SocketAddress("127.0.0.1", 0)};
    emulator::VirtualPrinter _device{escpos::Profile{}};
    std::mutex _mutex;
    std::string _bytes;
    std::atomic<bool> _stop{false};
    std::thread _thread;
};

} // namespace souffleur::test
