// rooms: drivers-transport drivers-printer drivers-emulator
#include "tests/integration/usb_printer/UsbBed.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <linux/usbdevice_fs.h>
#include <list>
#include <stdexcept>
#include <sys/fsuid.h>
#include <sys/ioctl.h> // before usbdevice_fs.h
#include <sys/stat.h>
#include <umockdev.h>
#include <unistd.h>

namespace souffleur::test {
namespace {

constexpr unsigned kNobody = 65534;
constexpr int kSetupBytes = 8;

struct Unref {
    void operator()(void* object) const { g_object_unref(object); }
};
using IoctlData = std::unique_ptr<UMockdevIoctlData, Unref>;

/// Held while an ioctl is served and while a printer is plugged in. glib orders these already, but
/// in ways that the thread checker cannot see; constant-initialised, so that nothing must order it.
constinit std::mutex serving;

std::string hexOf(std::span<const std::uint8_t> bytes) {
    std::string text;
    std::array<char, 3> pair{};
    for (const std::uint8_t byte : bytes) {
        (void) std::snprintf(pair.data(), pair.size(), "%02X", byte);
        text += pair.data();
    }
    return text;
}

std::uint8_t low(unsigned value) {
    return static_cast<std::uint8_t>(value & 0xFFU);
}

/// Device and configuration descriptors: one interface with a bulk OUT and a bulk IN, or a HID
/// device's with an interrupt IN.
std::vector<std::uint8_t> descriptorsOf(const PlayedPrinter& printer) {
    const bool vendorClass = printer.interfaceClass == 0xFF;
    const std::uint8_t serialIndex = printer.serial.empty() ? 0 : 3;
    std::vector<std::uint8_t> all{
        // device: USB 2.0, class per interface, packets of 64, release 1.00, strings 1, 2, serial
        18,
        1,
        0x00,
        0x02,
        0,
        0,
        0,
        64,
        low(printer.vendor),
        low(printer.vendor >> 8U),
        low(printer.product),
        low(printer.product >> 8U),
        0x00,
        0x01,
        1,
        2,
        serialIndex,
        1};
    if (const std::size_t size = printer.reportDescriptor.size(); size > 0) {
        const auto length = static_cast<unsigned>(size);
        const std::uint8_t boot = printer.interfaceClass == 3 ? 1 : 0;
        all.insert(all.end(), {9,    2,           34,
                               0,    1,           1,
                               0,    0xC0,        1,
                               9,    4,           0,
                               0,    1,           3,
                               boot, boot,        0, //
                               9,    0x21,        0x11,
                               0x01, 0,           1,
                               0x22, low(length), low(length >> 8U), //
                               7,    5,           PlayedPrinter::kIn,
                               3,    64,          0,
                               10});
        return all;
    }
    const std::vector<std::uint8_t> rest{// configuration
                                         9, 2, 32, 0, 1, 1, 0, 0xC0, 1,
                                         // interface: printer, bidirectional
                                         9, 4, 0, 0, 2, printer.interfaceClass,
                                         low(vendorClass ? 0xFFU : 1U),
                                         low(vendorClass ? 0xFFU : 2U), 0,
                                         // endpoints
                                         7, 5, PlayedPrinter::kOut, 2, 64, 0, 0, //
                                         7, 5, PlayedPrinter::kIn, 2, 64, 0, 0};
    all.insert(all.end(), rest.begin(), rest.end());
    return all;
}

usbdevfs_urb* urbOf(const IoctlData& data) {
    return reinterpret_cast<usbdevfs_urb*>(data->data);
}

} // namespace

/// One printer in its port, with the transfers that its node was given.
struct UsbBed::Socket {
    std::shared_ptr<PlayedPrinter> printer;
    std::string node;
    std::string path; ///< in sysfs
    UMockdevIoctlBase* handler = nullptr;

    struct Urb {
        IoctlData data;
        IoctlData buffer;
        bool done = false;
    };
    std::list<Urb> urbs; ///< of the thread that umockdev serves the ioctls on

    static gboolean ioctlCame(UMockdevIoctlBase* /*base*/, UMockdevIoctlClient* client,
                              gpointer self) {
        auto* const socket = static_cast<Socket*>(self);
        const std::scoped_lock lock(serving);
        return socket->serve(client) ? TRUE : FALSE;
    }

    bool serve(UMockdevIoctlClient* client);
    void submit(UMockdevIoctlClient* client, UMockdevIoctlData* argument);
    void reap(UMockdevIoctlClient* client, UMockdevIoctlData* argument);
    void discard(UMockdevIoctlClient* client, UMockdevIoctlData* argument);
    int claim(bool aside);
    void work();
    void work(Urb& urb);
    void control(Urb& urb);
    void bulkOut(Urb& urb);
    void bulkIn(Urb& urb);
    static void finish(Urb& urb, int status) {
        urbOf(urb.data)->status = status;
        urb.done = true;
    }
};

/// With the printer's lock held: what a control request is answered.
static std::vector<std::uint8_t> stringDescriptor(const std::string& text) {
    std::vector<std::uint8_t> bytes = {static_cast<std::uint8_t>(2 + 2 * text.size()), 3};
    for (const char c : text) {
        bytes.push_back(static_cast<std::uint8_t>(c));
        bytes.push_back(0);
    }
    return bytes;
}

void UsbBed::Socket::control(Urb& urb) {
    if (printer->mute) return;
    usbdevfs_urb* const request = urbOf(urb.data);
    const std::span<const std::uint8_t> setup(urb.buffer->data, kSetupBytes);
    // Asking an interface claims it, without a word; only GET_DEVICE_ID of a printer does not
    // (check_ctrlrecip in devio.c).
    const bool toInterface = (setup[0] & 0x1FU) == 1;
    const bool deviceIdOfPrinter =
        setup[0] == 0xA1 && setup[1] == 0 && printer->interfaceClass == 7;
    if (toInterface && !deviceIdOfPrinter) printer->_claimed = true;
    std::vector<std::uint8_t> answer;
    bool known = true;
    if (setup[0] == 0x80 && setup[1] == 6 && setup[3] == 3) {
        answer = setup[2] == 0   ? std::vector<std::uint8_t>{4, 3, 0x09, 0x04}
                 : setup[2] == 3 ? stringDescriptor(printer->serial)
                                 : stringDescriptor("Souffleur test");
    } else if (setup[0] == 0x81 && setup[1] == 6 && setup[3] == 0x22) {
        answer = printer->reportDescriptor;
        known = !answer.empty();
    } else if (setup[0] == 0xA1 && setup[1] == 0 && !printer->deviceId.empty()) {
        const auto length = static_cast<unsigned>(printer->deviceId.size() + 2);
        answer = {low(length >> 8U), low(length)};
        answer.insert(answer.end(), printer->deviceId.begin(), printer->deviceId.end());
    } else if (setup[0] == 0xA1 && setup[1] == 1) {
        answer = {printer->portStatus};
    } else {
        known = false;
    }
    const auto room = static_cast<std::size_t>(request->buffer_length - kSetupBytes);
    const std::size_t count = std::min(room, answer.size());
    std::copy_n(answer.begin(), count, urb.buffer->data + kSetupBytes);
    request->actual_length = static_cast<int>(count);
    finish(urb, known ? 0 : -EPIPE);
}

void UsbBed::Socket::bulkOut(Urb& urb) {
    PlayedPrinter& self = *printer;
    usbdevfs_urb* const request = urbOf(urb.data);
    if (self.outHalted || self.alwaysHalts) return finish(urb, -EPIPE);
    const std::size_t limit = std::min({self.haltAfter, self.drainUpTo, self.unplugAfter});
    const std::size_t total = self._taken.size();
    const auto wanted = static_cast<std::size_t>(request->buffer_length - request->actual_length);
    const std::size_t count = std::min(wanted, limit > total ? limit - total : 0);
    const std::uint8_t* const from = urb.buffer->data + request->actual_length;
    self._taken.insert(self._taken.end(), from, from + count);
    request->actual_length += static_cast<int>(count);
    if (count > 0 && self.answer) {
        for (const std::uint8_t byte : self.answer({from, count})) self._toHost.push_back(byte);
    }
    if (count > 0) self._changed.notify_all();
    if (count == wanted) return finish(urb, 0);
    if (self._taken.size() >= self.unplugAfter) {
        self._pulled = true; // what a real host controller says in mid-transfer: EPROTO
        return finish(urb, -EPROTO);
    }
    if (self._taken.size() >= self.haltAfter) {
        self.haltAfter = PlayedPrinter::kNever;
        self.outHalted = true;
        finish(urb, -EPIPE);
    }
}

void UsbBed::Socket::bulkIn(Urb& urb) {
    PlayedPrinter& self = *printer;
    usbdevfs_urb* const request = urbOf(urb.data);
    if (self.inHalted) return finish(urb, -EPIPE);
    if (self._toHost.empty() && !self.emptyReads) return;
    const std::size_t count =
        std::min(static_cast<std::size_t>(request->buffer_length), self._toHost.size());
    for (std::size_t i = 0; i < count; ++i) {
        urb.buffer->data[i] = self._toHost.front();
        self._toHost.pop_front();
    }
    request->actual_length = static_cast<int>(count);
    finish(urb, 0);
}

void UsbBed::Socket::work(Urb& urb) {
    if (urb.done) return;
    if (printer->_pulled) return finish(urb, -ESHUTDOWN);
    const usbdevfs_urb* const request = urbOf(urb.data);
    if (request->type == USBDEVFS_URB_TYPE_CONTROL) return control(urb);
    if (request->endpoint == PlayedPrinter::kOut) return bulkOut(urb);
    if (request->endpoint == PlayedPrinter::kIn) return bulkIn(urb);
    finish(urb, -ENOENT);
}

void UsbBed::Socket::work() {
    for (Urb& urb : urbs) work(urb);
}

void UsbBed::Socket::submit(UMockdevIoctlClient* client, UMockdevIoctlData* argument) {
    Urb urb;
    urb.data.reset(umockdev_ioctl_data_resolve(argument, 0, sizeof(usbdevfs_urb), nullptr));
    const auto length = static_cast<gsize>(urbOf(urb.data)->buffer_length);
    urb.buffer.reset(umockdev_ioctl_data_resolve(urb.data.get(), offsetof(usbdevfs_urb, buffer),
                                                 length, nullptr));
    urbOf(urb.data)->actual_length = 0;
    if (printer->_pulled) return umockdev_ioctl_client_complete(client, -1, ENODEV);
    urbs.push_back(std::move(urb));
    umockdev_ioctl_client_complete(client, 0, 0);
}

void UsbBed::Socket::reap(UMockdevIoctlClient* client, UMockdevIoctlData* argument) {
    work();
    const auto ended =
        std::find_if(urbs.begin(), urbs.end(), [](const Urb& urb) { return urb.done; });
    if (ended == urbs.end()) {
        const int code = printer->_pulled ? ENODEV : EAGAIN;
        return umockdev_ioctl_client_complete(client, -1, code);
    }
    const Urb urb = std::move(*ended);
    urbs.erase(ended);
    const IoctlData place(umockdev_ioctl_data_resolve(argument, 0, sizeof(void*), nullptr));
    umockdev_ioctl_data_set_ptr(place.get(), 0, urb.data.get());
    umockdev_ioctl_client_complete(client, 0, 0);
}

void UsbBed::Socket::discard(UMockdevIoctlClient* client, UMockdevIoctlData* argument) {
    gulong address = 0;
    std::memcpy(&address, argument->data, sizeof address);
    for (Urb& urb : urbs) {
        if (urb.data->client_addr != address || urb.done) continue;
        finish(urb, -ENOENT);
        return umockdev_ioctl_client_complete(client, 0, 0);
    }
    umockdev_ioctl_client_complete(client, -1, EINVAL);
}

/// An errno, or 0.
int UsbBed::Socket::claim(bool aside) {
    PlayedPrinter& self = *printer;
    if (self._pulled) return ENODEV;
    if (self.claimedElsewhere || self._claimed) return EBUSY; // usbfs has it already
    if (self.kernelDriver && !aside) return EBUSY;
    if (self.kernelDriver) {
        self.kernelDriver = false;
        ++self._seen.detached;
    }
    self._claimed = true;
    ++self._seen.claims;
    return 0;
}

bool UsbBed::Socket::serve(UMockdevIoctlClient* client) {
    UMockdevIoctlData* const argument = umockdev_ioctl_client_get_arg(client);
    const gulong code = umockdev_ioctl_client_get_request(client);
    PlayedPrinter& self = *printer;
    std::unique_lock lock(self._mutex);
    const auto reply = [&](int error) {
        umockdev_ioctl_client_complete(client, error == 0 ? 0 : -1, error);
        self._changed.notify_all();
        return true;
    };
    switch (code) {
    case USBDEVFS_GET_CAPABILITIES: {
        const IoctlData data(
            umockdev_ioctl_data_resolve(argument, 0, sizeof(std::uint32_t), nullptr));
        const std::uint32_t can = USBDEVFS_CAP_ZERO_PACKET | USBDEVFS_CAP_NO_PACKET_SIZE_LIM |
                                  USBDEVFS_CAP_REAP_AFTER_DISCONNECT;
        std::memcpy(data->data, &can, sizeof can);
        ++self._seen.opens;
        umockdev_ioctl_client_complete(client, 0, 0);
        return true;
    }
    case USBDEVFS_DISCONNECT_CLAIM:
        return reply(claim(true));
    case USBDEVFS_CLAIMINTERFACE:
        return reply(claim(false));
    case USBDEVFS_RELEASEINTERFACE:
        if (self._pulled) return reply(ENODEV);
        self._claimed = false;
        ++self._seen.releases;
        return reply(0);
    case USBDEVFS_IOCTL: {
        const IoctlData data(
            umockdev_ioctl_data_resolve(argument, 0, sizeof(usbdevfs_ioctl), nullptr));
        usbdevfs_ioctl inner{};
        std::memcpy(&inner, data->data, sizeof inner);
        if (inner.ioctl_code != static_cast<int>(USBDEVFS_CONNECT)) return reply(ENOTTY);
        self.kernelDriver = !self.kernelsOwn().empty();
        ++self._seen.attached;
        umockdev_ioctl_client_complete(client, 1, 0);
        return true;
    }
    case USBDEVFS_CLEAR_HALT: {
        const IoctlData data(umockdev_ioctl_data_resolve(argument, 0, sizeof(unsigned), nullptr));
        unsigned endpoint = 0;
        std::memcpy(&endpoint, data->data, sizeof endpoint);
        (endpoint == PlayedPrinter::kOut ? self.outHalted : self.inHalted) = false;
        ++self._seen.haltsCleared;
        return reply(self._pulled ? ENODEV : 0);
    }
    case USBDEVFS_RESET:
        ++self._seen.resets;
        return reply(0);
    case USBDEVFS_SUBMITURB:
        submit(client, argument);
        return true;
    case USBDEVFS_REAPURB:
    case USBDEVFS_REAPURBNDELAY:
        // The node is always ready to poll, so that libusb asks and asks: not too often.
        work();
        if (std::none_of(urbs.begin(), urbs.end(), [](const Urb& urb) { return urb.done; }))
            (void) self._changed.wait_for(lock, std::chrono::milliseconds(1));
        reap(client, argument);
        return true;
    case USBDEVFS_DISCARDURB:
        discard(client, argument);
        return true;
    default:
        return false;
    }
}

struct UsbBed::Bed {
    UMockdevTestbed* testbed = umockdev_testbed_new();
    int lastDevice = 4;
    std::list<std::unique_ptr<Socket>> sockets; ///< pulled ones, too: their nodes may still be open

    Socket& of(const std::shared_ptr<PlayedPrinter>& printer) {
        for (auto it = sockets.rbegin(); it != sockets.rend(); ++it)
            if ((*it)->printer == printer) return **it;
        throw std::logic_error("this printer is not plugged in");
    }
    std::string root() const {
        gchar* const path = umockdev_testbed_get_root_dir(testbed);
        std::string text(path);
        g_free(path);
        return text;
    }
};

UsbBed::UsbBed() : _bed(std::make_unique<Bed>()) {
    if (umockdev_in_mock_environment() == FALSE)
        throw std::runtime_error("libumockdev-preload is not linked in front of libc");
    (void) ::chmod(_bed->root().c_str(), 0777); // where OrdinaryUser hears of events
}

UsbBed::~UsbBed() {
    for (const auto& socket : _bed->sockets) {
        (void) umockdev_testbed_detach_ioctl(_bed->testbed, socket->node.c_str(), nullptr);
        g_object_unref(socket->handler);
        const std::scoped_lock lock(serving); // the last one was served
    }
    g_object_unref(_bed->testbed);
}

UsbBed::Place UsbBed::plug(std::shared_ptr<PlayedPrinter> printer, int port) {
    auto socket = std::make_unique<Socket>();
    const int device = ++_bed->lastDevice;
    std::array<char, 32> text{};
    (void) std::snprintf(text.data(), text.size(), "bus/usb/001/%03d", device);
    const std::string name = text.data();
    socket->printer = printer;
    socket->node = "/dev/" + name;
    socket->path = "/sys/devices/pci0000:00/usb1/1-" + std::to_string(port);
    socket->handler = umockdev_ioctl_base_new();
    printer->with([](PlayedPrinter& self) {
        self._pulled = false;
        self._claimed = false;
        self.kernelDriver = !self.kernelsOwn().empty();
    });
    const std::scoped_lock lock(serving);
    g_signal_connect(socket->handler, "handle-ioctl", G_CALLBACK(&Socket::ioctlCame), socket.get());
    GError* error = nullptr;
    umockdev_testbed_attach_ioctl(_bed->testbed, socket->node.c_str(), socket->handler, &error);
    const std::string number = std::to_string(device);
    const std::string device1 =
        "P: /devices/pci0000:00/usb1/1-" + std::to_string(port) + "\nN: " + name +
        "\nE: SUBSYSTEM=usb\nE: DRIVER=usb\nE: BUSNUM=001\n" +
        "E: DEVNUM=" + name.substr(name.size() - 3) + "\nE: DEVNAME=" + socket->node +
        "\nE: DEVTYPE=usb_device\n" +
        "A: bConfigurationValue=1\\n\nA: busnum=1\\n\nA: devnum=" + number +
        "\\n\nA: speed=480\\n\nH: descriptors=" + hexOf(descriptorsOf(*printer)) + "\n";
    if (error == nullptr) umockdev_testbed_add_from_string(_bed->testbed, device1.c_str(), &error);
    if (error != nullptr) throw std::runtime_error(error->message);
    // The first event may have come before the attributes were there.
    umockdev_testbed_uevent(_bed->testbed, socket->path.c_str(), "add");
    Place place{"1-" + std::to_string(port), device, socket->node};
    _bed->sockets.push_back(std::move(socket));
    return place;
}

void UsbBed::unplug(const std::shared_ptr<PlayedPrinter>& printer) {
    const Socket& socket = _bed->of(printer);
    printer->with([](PlayedPrinter& self) { self._pulled = true; });
    umockdev_testbed_uevent(_bed->testbed, socket.path.c_str(), "remove");
    umockdev_testbed_remove_device(_bed->testbed, socket.path.c_str());
}

void UsbBed::setMode(const std::shared_ptr<PlayedPrinter>& printer, unsigned mode) {
    // umockdev asks at its own socket even when the node could not be opened.
    (void) ::chmod((_bed->root() + "/ioctl" + _bed->of(printer).node).c_str(), 0777);
    const std::string path = _bed->root() + _bed->of(printer).node;
    if (::chmod(path.c_str(), mode) != 0) throw std::runtime_error("cannot change " + path);
}

std::string UsbBed::driverOf(const std::shared_ptr<PlayedPrinter>& printer) {
    return printer->with([](const PlayedPrinter& self) -> std::string {
        if (self.kernelDriver) return self.kernelsOwn();
        return self._claimed || self.claimedElsewhere ? "usbfs" : "";
    });
}

void UsbBed::claimElsewhere(const std::shared_ptr<PlayedPrinter>& printer, bool claimed) {
    printer->with([claimed](PlayedPrinter& self) { self.claimedElsewhere = claimed; });
}

OrdinaryUser::OrdinaryUser() : _before(static_cast<unsigned>(::setfsuid(kNobody))) {}

OrdinaryUser::~OrdinaryUser() {
    (void) ::setfsuid(_before);
}

} // namespace souffleur::test
