// rooms: plugin-host drivers-printer drivers-emulator
// Tills print through the tap to a virtual printer, over real sockets and a pseudo-terminal.
#include "plugin/host/Tap.h"

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>
#include <condition_variable>
#include <fcntl.h>
#include <mutex>
#include <thread>
#include <unistd.h>

#include "drivers/emulator/Server.h"
#include "drivers/printer/Printer.h"
#include "tests/integration/tap/TapRig.h"
#include "tests/support/Folder.h"
#include "tests/support/Property.h"
#include "tests/support/SampleSlip.h"
#include "tests/support/Told.h"

using namespace souffleur;
using namespace souffleur::test;

namespace {

/// Stalls at the first receipt until it is let go, or throws at it.
class Faulty : public host::TapEvents {
public:
    explicit Faulty(bool throws) : _throws(throws) {}
    ~Faulty() override { let(); }
    void receipt(const std::string&, const std::string&) override {
        std::unique_lock lock(_mutex);
        _stalled = true;
        _change.notify_all();
        if (_throws) throw std::runtime_error("the analyser dies");
        _change.wait(lock, [&] { return _go; });
    }
    void waitUntilHit() {
        std::unique_lock lock(_mutex);
        REQUIRE(_change.wait_for(lock, std::chrono::milliseconds(kPatienceMs),
                                 [&] { return _stalled; }));
    }
    void let() {
        const std::lock_guard lock(_mutex);
        _go = true;
        _change.notify_all();
    }

private:
    bool _throws;
    std::mutex _mutex;
    std::condition_variable _change;
    bool _stalled = false;
    bool _go = false;
};

/// A printer of bytes only: what arrives, and answers on demand.
struct Plain {
    Poco::Net::ServerSocket listener{Poco::Net::SocketAddress("127.0.0.1", 0)};
    [[nodiscard]] std::uint16_t port() const { return listener.address().port(); }
    Poco::Net::StreamSocket accept() {
        REQUIRE(
            listener.poll(Poco::Timespan(kPatienceMs / 1000, 0), Poco::Net::Socket::SELECT_READ));
        return listener.acceptConnection();
    }
};

} // namespace

TEST_CASE("bytes pass both ways unchanged, whatever they are, and numbers are told") {
    Plain printer;
    Heard heard;
    const auto tap = host::Tap::start(tapSettings(), lineTo(printer.port()), heard).value();
    auto till = connect(tap->port());
    auto end = printer.accept();
    std::string noise;
    for (int i = 0; i < 200'000; ++i) noise += static_cast<char>(i * 7919 >> 3);
    const std::string sent = receipt("4711081") + noise + kCut;
    std::thread sender([&] { send(till, sent); });
    CHECK(receive(end, sent.size()) == sent);
    sender.join();
    CHECK(heard.waitFor(0) == "boxoffice order:4711081");
    const std::string status = noise.substr(0, 10'000);
    std::thread printerSide([&] { send(end, status); });
    CHECK(receive(till, status.size()) == status);
    printerSide.join();
    till.shutdownSend();
    CHECK(receive(end, 1).empty()); // the tap hangs up when the till has
}

TEST_CASE("our slip follows after the cut, never within a receipt") {
    emulator::VirtualPrinter device{escpos::Profile{}};
    emulator::PrinterServer server(device, 0);
    Heard heard;
    const auto tap = host::Tap::start(tapSettings(), lineTo(server.port()), heard).value();
    Told told;
    printer::Printer ours(escpos::Profile{}, tap->slipLine(), standingClock, told, patient());
    REQUIRE(
        test::eventually([&] { return ours.state() == printer::kReady; })); // it has had its look
    const auto asked = device.received();
    auto till = connect(tap->port());
    const std::string bytes = receipt("4711081");
    send(till, bytes.substr(0, 40));
    REQUIRE(test::eventually([&] { return device.received() == asked + 40; }));
    escpos::Document slip;
    slip.text("Souffleur slip");
    const auto job = ours.submit(slip);
    REQUIRE(job);
    send(till, bytes.substr(40));
    CHECK(heard.waitFor(0) == "boxoffice order:4711081");
    const auto report = told.waitFor(*job);
    REQUIRE(report);
    CHECK(report->end == printer::JobEnd::printed);
    send(till, receipt("4711082")); // the same connection prints on
    REQUIRE(device.waitForReceipts(3, kPatienceMs));
    const auto receipts = device.receipts(false);
    REQUIRE(receipts.size() == 3);
    CHECK(receipts[0].text.find("Order no. 4711081\nTotaal 25,00") != std::string::npos);
    CHECK(receipts[0].text.find("Souffleur") == std::string::npos);
    CHECK(receipts[1].text.find("Souffleur slip") != std::string::npos);
    CHECK(receipts[2].text.find("4711082") != std::string::npos);
}

TEST_CASE("a stalled or dead analyser holds up nothing") {
    for (const bool throws : {false, true}) {
        CAPTURE(throws);
        Plain printer;
        Faulty faulty(throws);
        const auto tap = host::Tap::start(tapSettings(), lineTo(printer.port()), faulty).value();
        auto till = connect(tap->port());
        auto end = printer.accept();
        send(till, receipt("4711081"));
        CHECK(receive(end, receipt("4711081").size()) == receipt("4711081"));
        faulty.waitUntilHit();
        // More than the analyser could ever keep.
        const std::string much(3 * 1024 * 1024, 'x');
        std::thread sender([&] { send(till, much + receipt("4711082")); });
        CHECK(receive(end, much.size()) == much);
        CHECK(receive(end, receipt("4711082").size()) == receipt("4711082"));
        sender.join();
        faulty.let();
    }
}

TEST_CASE("a receipt with a card number passes and tells nothing") {
    Plain printer;
    Heard heard;
    const auto tap = host::Tap::start(tapSettings(), lineTo(printer.port()), heard).value();
    auto till = connect(tap->port());
    auto end = printer.accept();
    const std::string card = "Order no. 4711081\nVISA 4111 1111 1111 1111\n" + kCut;
    send(till, card + receipt("4711082"));
    CHECK(receive(end, card.size() + receipt("4711082").size()) == card + receipt("4711082"));
    CHECK(heard.waitFor(0) == "boxoffice order:4711082");
    CHECK(tap->stats().blind == 1);
}

TEST_CASE("a till on a serial line prints through a pseudo-terminal, day in, day out") {
    const Folder folder;
    emulator::VirtualPrinter device{escpos::Profile{}};
    emulator::PrinterServer server(device, 0);
    Heard heard;
    host::TapSettings serial;
    serial.serial = (folder.path() / "ttyTill").string();
    const auto tap = host::Tap::start(serial, lineTo(server.port()), heard).value();
    for (const char* number : {"4711081", "4711082"}) {
        const int line = ::open(serial.serial.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
        REQUIRE(line >= 0);
        const std::string bytes = receipt(number);
        CHECK(::write(line, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
        CHECK(heard.waitFor(number[6] == '1' ? 0 : 1) == "boxoffice order:" + std::string(number));
        ::close(line);
    }
    REQUIRE(device.waitForReceipts(2, kPatienceMs));
    CHECK(device.receipts(false)[1].text.find("4711082") != std::string::npos);
}

TEST_CASE("too many tills, a printer that is off, and addresses that cannot be") {
    Plain printer;
    Heard heard;
    const auto tap = host::Tap::start(tapSettings(), lineTo(printer.port()), heard).value();
    std::vector<Poco::Net::StreamSocket> tills;
    for (std::size_t i = 0; i < host::kTapClientsMax; ++i) tills.push_back(connect(tap->port()));
    auto end = printer.accept(); // the first one has the printer
    auto extra = connect(tap->port());
    CHECK(receive(extra, 1).empty()); // closed
    for (const char* bad :
         {"127.0.0.1", "example.org:9100", "127.0.0.1:99999", "127.0.0.1:9100x"}) {
        auto wrong = tapSettings();
        wrong.listen = bad;
        CHECK(host::Tap::start(wrong, lineTo(1), heard).error().code == Code::invalid);
    }
    auto wrong = tapSettings();
    wrong.peers = {"till.example.org"};
    CHECK(host::Tap::start(wrong, lineTo(1), heard).error().code == Code::invalid);
    auto taken = tapSettings();
    taken.listen = "127.0.0.1:" + std::to_string(tap->port());
    CHECK(host::Tap::start(taken, lineTo(1), heard).error().code == Code::unavailable);
}
