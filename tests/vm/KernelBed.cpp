// UsbBed on a real kernel: each socket is a dummy_hcd with a bus of its own, and udev is at work.
#include <array>
#include <chrono>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <list>
#include <stdexcept>
#include <string>
#include <sys/fsuid.h>
#include <sys/ioctl.h> // before usbdevice_fs.h
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include <linux/usbdevice_fs.h>

#include "tests/integration/usb_printer/UsbBed.h"
#include "tests/vm/Gadget.h"

namespace souffleur::test {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kNobody = 65534;
constexpr std::chrono::seconds kDeadline{30};

template <typename F>
void await(const std::string& what, F holds) {
    const auto end = std::chrono::steady_clock::now() + kDeadline;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > end) throw std::runtime_error("no end to: " + what);
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

std::string line(const fs::path& attribute) {
    std::ifstream file(attribute);
    std::string text;
    std::getline(file, text);
    return text;
}

/// udevd has met all that the kernel told so far.
bool udevIsQuiet() {
    return !fs::exists("/run/udev/queue");
}

} // namespace

struct UsbBed::Socket {
    Gadget gadget;
    fs::path device{}; ///< in sysfs, while it is plugged in
    std::string node{};
    std::string number{}; ///< "189:4"
    int elsewhere = -1;   ///< the other program's

    Socket(std::shared_ptr<PlayedPrinter> printer, const std::string& name)
        : gadget(std::move(printer), name) {}

    [[nodiscard]] fs::path face() const { return device / (device.filename().string() + ":1.0"); }
    void giveBack() {
        if (elsewhere < 0) return;
        unsigned number0 = 0;
        usbdevfs_ioctl connect{0, static_cast<int>(USBDEVFS_CONNECT), nullptr};
        (void) ::ioctl(elsewhere, USBDEVFS_RELEASEINTERFACE, &number0);
        (void) ::ioctl(elsewhere, USBDEVFS_IOCTL, &connect);
        (void) ::close(std::exchange(elsewhere, -1));
    }
};

struct UsbBed::Bed {
    std::list<Socket> sockets;

    Socket& of(const std::shared_ptr<PlayedPrinter>& printer) {
        for (Socket& socket : sockets)
            if (socket.gadget.printer() == printer) return socket;
        throw std::logic_error("this printer is not plugged in");
    }
    Socket& made(const std::shared_ptr<PlayedPrinter>& printer) {
        for (Socket& socket : sockets)
            if (socket.gadget.printer() == printer) return socket;
        return sockets.emplace_back(printer, "g" + std::to_string(sockets.size() + 1));
    }
};

UsbBed::UsbBed() : _bed(std::make_unique<Bed>()) {}

UsbBed::~UsbBed() {
    for (Socket& socket : _bed->sockets) unplug(socket.gadget.printer());
}

UsbBed::Place UsbBed::plug(std::shared_ptr<PlayedPrinter> printer, int socket) {
    const std::string index = std::to_string(socket - 1);
    const fs::path host = "/sys/devices/platform/dummy_hcd." + index;
    fs::path root;
    for (const auto& entry : fs::directory_iterator(host))
        if (entry.path().filename().string().starts_with("usb")) root = entry.path();
    if (root.empty()) throw std::runtime_error("dummy_hcd has no bus " + index);
    Socket& one = _bed->made(printer);
    one.gadget.plug("dummy_udc." + index);

    const std::string port = line(root / "busnum") + "-1";
    one.device = root / port;
    const bool bound = !printer->kernelsOwn().empty();
    await("meeting the printer",
          [&] { return fs::exists(one.face()) && (!bound || fs::exists(one.face() / "driver")); });
    one.number = line(one.device / "dev");
    await("udev", [&] { return fs::exists("/run/udev/data/c" + one.number) && udevIsQuiet(); });
    Place place{port, std::stoi(line(one.device / "devnum")), {}};
    std::array<char, 40> node{};
    (void) std::snprintf(node.data(), node.size(), "/dev/bus/usb/%03d/%03d",
                         std::stoi(line(root / "busnum")), place.device);
    place.node = one.node = node.data();
    return place;
}

void UsbBed::unplug(const std::shared_ptr<PlayedPrinter>& printer) {
    Socket& one = _bed->of(printer);
    one.gadget.pull();
    one.giveBack();
    await("seeing it leave", [&] {
        return !fs::exists(one.device) && !fs::exists("/run/udev/data/c" + one.number) &&
               udevIsQuiet();
    });
}

void UsbBed::setMode(const std::shared_ptr<PlayedPrinter>& printer, unsigned mode) {
    const std::string& node = _bed->of(printer).node;
    if (::chmod(node.c_str(), mode) != 0) throw std::runtime_error("cannot change " + node);
}

std::string UsbBed::driverOf(const std::shared_ptr<PlayedPrinter>& printer) {
    std::error_code none;
    return fs::read_symlink(_bed->of(printer).face() / "driver", none).filename().string();
}

void UsbBed::claimElsewhere(const std::shared_ptr<PlayedPrinter>& printer, bool claimed) {
    Socket& one = _bed->of(printer);
    if (!claimed) return one.giveBack();
    one.elsewhere = ::open(one.node.c_str(), O_RDWR | O_CLOEXEC);
    usbdevfs_disconnect_claim take{};
    if (one.elsewhere < 0 || ::ioctl(one.elsewhere, USBDEVFS_DISCONNECT_CLAIM, &take) != 0)
        throw std::runtime_error("the other program cannot have it");
}

OrdinaryUser::OrdinaryUser() : _before(static_cast<unsigned>(::setfsuid(kNobody))) {}

OrdinaryUser::~OrdinaryUser() {
    (void) ::setfsuid(_before);
}

} // namespace souffleur::test
