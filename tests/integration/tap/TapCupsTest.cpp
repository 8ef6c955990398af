// The CUPS backend as cupsd runs it: arguments, standard input, the back channel, exit codes.
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>
#include <array>
#include <cstdlib>
#include <fstream>
#include <sys/wait.h>

#include "Paths.h"
#include "plugin/host/Tap.h"
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
