#include <Poco/Exception.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <thread>

#include "drivers/emulator/Server.h"

namespace souffleur::emulator {
namespace {

using Clock = std::chrono::steady_clock;

/// One look at everything; the answer to a request is never later than this.
const Poco::Timespan kTick(0, 10000);
constexpr std::size_t kPiece = 4096;

/// The usual way shares a port with whoever shares it as well.
Poco::Net::ServerSocket alone(std::uint16_t port) {
    Poco::Net::ServerSocket socket;
    socket.bind(Poco::Net::SocketAddress("127.0.0.1", port), true, false);
    socket.listen();
    return socket;
}

} // namespace

struct PrinterServer::Loop {
    VirtualPrinter& printer;
    Poco::Net::ServerSocket listener;
    std::atomic<bool> stopping{false};
    Clock::time_point drained = Clock::now(); ///< for slow drain: paid up to here
    std::thread thread;

    Loop(VirtualPrinter& target, std::uint16_t port)
        : printer(target), listener(alone(port)), thread([this] { run(); }) {}

    ~Loop() {
        stopping = true;
        thread.join();
    }

    void run() {
        while (!stopping) {
            try {
                if (!listener.poll(kTick, Poco::Net::Socket::SELECT_READ)) continue;
                auto host = listener.acceptConnection();
                host.setNoDelay(true);
                printer.lineReset();
                while (!stopping && serve(host)) {
                }
            } catch (const Poco::Exception&) { // the host left in the middle; the next one comes
            }
        }
    }

    /// How many bytes a slow printer takes now.
    std::size_t allowed() {
        const int rate = printer.faults().bytesPerSecond;
        if (rate <= 0) return kPiece;
        const auto now = Clock::now();
        const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(now - drained);
        const auto bytes =
            static_cast<std::size_t>(std::min<long long>(passed.count(), 1000) * rate / 1000);
        if (bytes > 0) drained = now;
        return std::min(bytes, kPiece);
    }

    /// One round; false when the host left.
    bool serve(Poco::Net::StreamSocket& host) {
        const auto answers = printer.reply();
        if (!answers.empty()) host.sendBytes(answers.data(), static_cast<int>(answers.size()));
        const std::size_t want = printer.room() == 0 ? 0 : std::min(printer.room(), allowed());
        if (want == 0) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
            return true;
        }
        if (!host.poll(kTick, Poco::Net::Socket::SELECT_READ)) return true;
        std::array<std::uint8_t, kPiece> buffer{};
        const int got = host.receiveBytes(buffer.data(), static_cast<int>(want));
        if (got <= 0) return false;
        printer.feed({buffer.data(), static_cast<std::size_t>(got)});
        return true;
    }
};

PrinterServer::PrinterServer(VirtualPrinter& printer, std::uint16_t port)
    : _loop(std::make_unique<Loop>(printer, port)) {}

PrinterServer::~PrinterServer() = default;

std::uint16_t PrinterServer::port() const {
    return _loop->listener.address().port();
}

} // namespace souffleur::emulator
