// The CUPS backend as cupsd runs it: arguments, standard input, the back channel, exit codes.
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>
#include <array>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <sys/wait.h>
#include <thread>

#include "Paths.h"
#include "plugin/host/Tap.h"
#include "tests/support/Eventually.h"
#include "tests/support/Folder.h"
#include "tests/support/Property.h"

using namespace souffleur;

namespace {

struct Nothing final : host::TapEvents {
    void receipt(const std::string&, const std::string&) override {}
};

const std::string kReceipt = std::string("\x1B@Order no. 4711081\n\x1DV\x42") + '\0';

std::string uriOf(std::uint16_t tap, std::uint16_t printer) {
    return "souffleur://127.0.0.1:" + std::to_string(tap) +
           "/?printer=tcp://127.0.0.1:" + std::to_string(printer);
}

/// The exit code; back channel and messages go to files beside the document.
int backend(const Folder& folder, const std::string& uri, const std::string& arguments) {
    const std::string at = folder.path().string();
    const std::string command = "cd " + at + " && DEVICE_URI='" + uri + "' '" + kBinaryDir +
                                "/bin/souffleur-cups-backend' " + arguments +
                                " <document 3>back 2>errors >out";
    const int status = std::system(command.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string text(const Folder& folder, const char* name) {
    std::ifstream in(folder.path() / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// Takes one job, answers it, and keeps what came.
struct Printer {
    Poco::Net::ServerSocket listener{Poco::Net::SocketAddress("127.0.0.1", 0)};
    std::string got;
    std::thread thread;
    void serve() {
        thread = std::thread([this] {
            auto end = listener.acceptConnection();
            std::array<char, 4096> buffer{};
            int count = 0;
            while ((count = end.receiveBytes(buffer.data(), buffer.size())) > 0) {
                if (got.empty()) end.sendBytes("\x16", 1);
                got.append(buffer.data(), static_cast<std::size_t>(count));
            }
        });
    }
    [[nodiscard]] std::uint16_t port() const { return listener.address().port(); }
};

} // namespace

TEST_CASE("the CUPS backend prints through the tap, and without it straight to the printer") {
    for (const bool withTap : {true, false}) {
        CAPTURE(withTap);
        const Folder folder;
        std::ofstream(folder.path() / "document", std::ios::binary) << kReceipt;
        Printer printer;
        printer.serve();
        Nothing nothing;
        std::unique_ptr<host::Tap> tap;
        std::uint16_t door = 1; // nobody listens there
        if (withTap) {
            host::TapSettings settings;
            settings.listen = "127.0.0.1:0";
            auto line = transport::fromAddress("tcp://127.0.0.1:" + std::to_string(printer.port()));
            tap = host::Tap::start(settings, std::move(*line), nothing).value();
            door = tap->port();
        }
        CHECK(backend(folder, uriOf(door, printer.port()), "7 iris Receipt 1 ''") == 0);
        printer.thread.join();
        CHECK(printer.got == kReceipt);
        CHECK(text(folder, "back") == "\x16");
        CHECK(text(folder, "errors").empty());
    }
}

TEST_CASE("the CUPS backend prints a file as often as asked, and says why it cannot") {
    const Folder folder;
    std::ofstream(folder.path() / "document", std::ios::binary) << kReceipt;
    Printer printer;
    printer.serve();
    CHECK(backend(folder, uriOf(1, printer.port()), "7 iris Receipt 3 '' document") == 0);
    printer.thread.join();
    CHECK(printer.got == kReceipt + kReceipt + kReceipt);
    CHECK(backend(folder, "souffleur://127.0.0.1:1", "7 iris Receipt 1 ''") == 6); // later again
    CHECK(text(folder, "errors").find("neither the tap nor the printer") != std::string::npos);
    CHECK(backend(folder, "socket://127.0.0.1:1", "7 iris Receipt 1 ''") == 4); // stop the queue
    CHECK(backend(folder, uriOf(1, 1), "7 iris") == 1);
    CHECK(backend(folder, "", "") == 0);
    CHECK(text(folder, "out") == "direct souffleur \"Unknown\" \"Souffleur print tap\"\n");
}

namespace {

std::unique_ptr<host::Tap> tapTo(std::uint16_t printer, host::TapEvents& events) {
    host::TapSettings settings;
    settings.listen = "127.0.0.1:0";
    auto line = transport::fromAddress("tcp://127.0.0.1:" + std::to_string(printer));
    return host::Tap::start(settings, std::move(*line), events).value();
}

std::uint16_t nobody() {
    const Poco::Net::ServerSocket gone{Poco::Net::SocketAddress("127.0.0.1", 0)};
    return gone.address().port();
}

/// Talks without end, and takes what it gets.
struct Flood {
    Poco::Net::ServerSocket listener{Poco::Net::SocketAddress("127.0.0.1", 0)};
    std::atomic<bool> stop{false};
    std::mutex mutex;
    std::string got; ///< under it
    std::thread thread{[this] { run(); }};
    std::string bytes() {
        const std::lock_guard lock(mutex);
        return got;
    }
    ~Flood() {
        stop = true;
        thread.join();
    }
    void run() {
        const Poco::Timespan slice(0, 50'000);
        while (!stop && !listener.poll(slice, Poco::Net::Socket::SELECT_READ)) {
        }
        if (stop) return;
        auto end = listener.acceptConnection();
        std::thread talks([&] {
            const std::string noise(65536, '\x16');
            try {
                end.setSendTimeout(slice);
                while (!stop) {
                    try {
                        end.sendBytes(noise.data(), static_cast<int>(noise.size()));
                    } catch (const Poco::TimeoutException&) { // nobody reads it just now
                    }
                }
            } catch (const Poco::Exception&) { // it hung up
            }
        });
        try {
            std::array<char, 4096> buffer{};
            while (!stop) {
                if (!end.poll(slice, Poco::Net::Socket::SELECT_READ)) continue;
                const int count = end.receiveBytes(buffer.data(), buffer.size());
                if (count <= 0) break;
                const std::lock_guard lock(mutex);
                got.append(buffer.data(), static_cast<std::size_t>(count));
            }
        } catch (const Poco::Exception&) { // it hung up
        }
        stop = true;
        talks.join();
    }
};

} // namespace

TEST_CASE("a job whose printer is off is not reported as printed, and comes again later") {
    const Folder folder;
    std::ofstream(folder.path() / "document", std::ios::binary) << kReceipt;
    Nothing nothing;
    const std::uint16_t off = nobody();
    const auto tap = tapTo(off, nothing);
    CHECK(backend(folder, uriOf(tap->port(), off), "7 iris Receipt 1 ''") == 6);
    CHECK(text(folder, "errors").find("the tap cannot reach the printer") != std::string::npos);
}

TEST_CASE("a terminal that hangs is gone round") {
    const Folder folder;
    std::ofstream(folder.path() / "document", std::ios::binary) << kReceipt;
    const Poco::Net::ServerSocket hung{Poco::Net::SocketAddress("127.0.0.1", 0), 8};
    Printer printer;
    printer.serve();
    CHECK(backend(folder, uriOf(hung.address().port(), printer.port()), "7 iris Receipt 1 ''") ==
          0);
    printer.thread.join();
    CHECK(printer.got == kReceipt);
}

TEST_CASE("a job that breaks off in its middle is held, through the tap and straight") {
    for (const bool withTap : {true, false}) {
        CAPTURE(withTap);
        const Folder folder;
        std::ofstream(folder.path() / "document", std::ios::binary)
            << std::string(16 * 1024 * 1024, 'x'); // more than lines keep
        Poco::Net::ServerSocket listener{Poco::Net::SocketAddress("127.0.0.1", 0)};
        std::thread breaks([&] {
            auto end = listener.acceptConnection();
            std::array<char, 4096> buffer{};
            (void) end.receiveBytes(buffer.data(), buffer.size());
        });
        Nothing nothing;
        const std::uint16_t printer = listener.address().port();
        const auto tap = withTap ? tapTo(printer, nothing) : nullptr;
        CHECK(backend(folder, uriOf(tap ? tap->port() : std::uint16_t{1}, printer),
                      "7 iris Receipt 1 ''") == 3);
        breaks.join();
    }
}

TEST_CASE("a printer that talks without end keeps no job from the paper") {
    for (const bool withTap : {true, false}) {
        CAPTURE(withTap);
        const Folder folder;
        std::ofstream(folder.path() / "document", std::ios::binary) << kReceipt;
        Flood printer;
        Nothing nothing;
        const std::uint16_t port = printer.listener.address().port();
        const auto tap = withTap ? tapTo(port, nothing) : nullptr;
        CHECK(backend(folder, uriOf(tap ? tap->port() : std::uint16_t{1}, port),
                      "7 iris Receipt 1 ''") == 0);
        CHECK(test::eventually([&] { return printer.bytes() == kReceipt; })); // read by now
    }
}
