// rooms: plugin-host
// The print tap beside a plain socket relay in the same run: what it adds to a receipt's first byte
// (median), and how many bytes a second pass.
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "plugin/host/Tap.h"

namespace {

using namespace souffleur;
using Poco::Net::ServerSocket;
using Poco::Net::SocketAddress;
using Poco::Net::StreamSocket;
using Clock = std::chrono::steady_clock;

constexpr int kReceipts = 200;
constexpr std::size_t kMuch = 256 * 1024 * 1024;
constexpr double kBudgetMs = 2;
constexpr double kBudgetMBs = 20;

struct Nobody final : host::TapEvents {
    void receipt(const std::string&, const std::string&) override {}
};

/// recv and send in a thread, what anybody would write.
class Relay {
public:
    explicit Relay(std::uint16_t printer) : _printer(printer), _thread([this] { run(); }) {}
    ~Relay() { _thread.join(); }
    [[nodiscard]] std::uint16_t port() const { return _listener.address().port(); }

private:
    void run() {
        StreamSocket from = _listener.acceptConnection();
        StreamSocket to(SocketAddress("127.0.0.1", _printer));
        to.setNoDelay(true);
        std::vector<char> buffer(64 * 1024);
        int got = 0;
        while ((got = from.receiveBytes(buffer.data(), static_cast<int>(buffer.size()))) > 0) {
            for (int sent = 0; sent < got;) sent += to.sendBytes(buffer.data() + sent, got - sent);
        }
    }

    std::uint16_t _printer;
    ServerSocket _listener{SocketAddress("127.0.0.1", 0)};
    std::thread _thread;
};

struct Figures {
    double firstByteMs = 0;
    double megabytesPerSecond = 0;
};

void drain(StreamSocket& end, std::size_t count) {
    static std::vector<char> buffer(256 * 1024);
    while (count > 0) {
        const int got =
            end.receiveBytes(buffer.data(), static_cast<int>(std::min(buffer.size(), count)));
        if (got <= 0) return;
        count -= static_cast<std::size_t>(got);
    }
}

Figures measure(ServerSocket& printer, std::uint16_t port) {
    StreamSocket till(SocketAddress("127.0.0.1", port));
    till.setNoDelay(true);
    StreamSocket end = printer.acceptConnection();
    std::string receipt = "\x1B@Theater Het Voorbeeld\nOrder no. 4711081\nTotaal 25,00\n\x1DV\x41";
    receipt += '\0';
    std::vector<double> times;
    for (int i = 0; i < kReceipts; ++i) {
        const auto start = Clock::now();
        till.sendBytes(receipt.data(), static_cast<int>(receipt.size()));
        drain(end, 1);
        times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
        drain(end, receipt.size() - 1);
    }
    std::nth_element(times.begin(), times.begin() + kReceipts / 2, times.end());
    std::string much;
    while (much.size() < 1024 * 1024) much += receipt;
    const std::size_t rounds = kMuch / much.size();
    const auto start = Clock::now();
    std::thread sender([&] {
        for (std::size_t i = 0; i < rounds; ++i) {
            for (std::size_t sent = 0; sent < much.size();) {
                sent += static_cast<std::size_t>(
                    till.sendBytes(much.data() + sent, static_cast<int>(much.size() - sent)));
            }
        }
    });
    drain(end, rounds * much.size());
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    sender.join();
    return {times[kReceipts / 2], static_cast<double>(rounds * much.size()) / 1e6 / seconds};
}

} // namespace

int main() {
    ServerSocket printer(SocketAddress("127.0.0.1", 0));
    const std::uint16_t port = printer.address().port();
    Figures relay;
    {
        Relay plain(port);
        relay = measure(printer, plain.port());
    }
    Nobody nobody;
    host::TapSettings settings;
    settings.listen = "127.0.0.1:0";
    auto line = transport::fromAddress("tcp://127.0.0.1:" + std::to_string(port));
    const auto tap = host::Tap::start(settings, std::move(*line), nobody);
    if (!tap) {
        std::fprintf(stderr, "tap: %s\n", tap.error().text().c_str());
        return 1;
    }
    const Figures ours = measure(printer, (*tap)->port());
    std::printf("{\"name\":\"tap, first byte\",\"ours\":%.3f,\"unit\":\"ms\",\"reference\":%.3f,"
                "\"referenceName\":\"plain socket relay\",\"ratio\":%.2f,"
                "\"budget\":\"adds 2 ms\",\"met\":%s}\n",
                ours.firstByteMs, relay.firstByteMs, ours.firstByteMs / relay.firstByteMs,
                ours.firstByteMs - relay.firstByteMs < kBudgetMs ? "true" : "false");
    std::printf("{\"name\":\"tap, throughput\",\"ours\":%.0f,\"unit\":\"MB/s\",\"reference\":%.0f,"
                "\"referenceName\":\"plain socket relay\",\"ratio\":%.2f,"
                "\"budget\":\"20 MB/s\",\"met\":%s}\n",
                ours.megabytesPerSecond, relay.megabytesPerSecond,
                ours.megabytesPerSecond / relay.megabytesPerSecond,
                ours.megabytesPerSecond >= kBudgetMBs ? "true" : "false");
    return 0;
}
