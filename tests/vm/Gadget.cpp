#include "tests/vm/Gadget.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <endian.h>
#include <fcntl.h>
#include <fstream>
#include <linux/usb/functionfs.h>
#include <poll.h>
#include <stdexcept>
#include <sys/eventfd.h>
#include <sys/mount.h>
#include <unistd.h>

namespace souffleur::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kGadgets = "/sys/kernel/config/usb_gadget";
constexpr const char* kLanguage = "strings/0x409";
constexpr std::uint8_t kClassIn = 0xA1; ///< a class request to an interface, with an answer
constexpr std::uint8_t kClassOut = 0x21;
constexpr std::uint8_t kOtherOut = 0x23; ///< what old hosts send SOFT_RESET as
constexpr std::uint8_t kSoftReset = 2;
constexpr std::uint8_t kSetIdle = 0x0A;
constexpr std::uint8_t kReportDescriptor = 0x22;
constexpr std::size_t kPiece = 4096;

[[noreturn]] void refuse(const std::string& what) {
    throw std::runtime_error(what + ": " + std::strerror(errno));
}

void put(const fs::path& attribute, const std::string& text) {
    const int fd = ::open(attribute.c_str(), O_WRONLY | O_CLOEXEC);
    if (fd < 0) refuse("cannot open " + attribute.string());
    const bool written = ::write(fd, text.data(), text.size()) == static_cast<long>(text.size());
    const int code = errno;
    (void) ::close(fd);
    errno = code;
    if (!written) refuse("cannot write " + attribute.string());
}

std::string hex(unsigned value) {
    std::array<char, 12> text{};
    (void) std::snprintf(text.data(), text.size(), "0x%04x", value);
    return text.data();
}

/// What FunctionFS is told at first: one interface with a bulk OUT and a bulk IN, at both speeds.
/// The kernel's structures are in its own byte order's opposite only on other machines: le32.
struct [[gnu::packed]] Interface {
    usb_interface_descriptor face;
    usb_endpoint_descriptor_no_audio out;
    usb_endpoint_descriptor_no_audio in;
};

/// HID 1.11, 6.2.1, with one class descriptor: the report's.
struct [[gnu::packed]] HidDescriptor {
    std::uint8_t length;
    std::uint8_t type;
    std::uint16_t release;
    std::uint8_t country;
    std::uint8_t descriptors;
    std::uint8_t reportType;
    std::uint16_t reportLength;
};

struct [[gnu::packed]] HidInterface {
    usb_interface_descriptor face;
    HidDescriptor hid;
    usb_endpoint_descriptor_no_audio in;
};

template <typename Face>
struct [[gnu::packed]] Description {
    usb_functionfs_descs_head_v2 head;
    std::uint32_t fullSpeedCount;
    std::uint32_t highSpeedCount;
    Face fullSpeed;
    Face highSpeed;
};

Interface interfaceOf(const PlayedPrinter& printer, std::uint16_t packet) {
    const bool vendorClass = printer.interfaceClass == 0xFF;
    Interface all{};
    all.face.bLength = sizeof all.face;
    all.face.bDescriptorType = USB_DT_INTERFACE;
    all.face.bNumEndpoints = 2;
    all.face.bInterfaceClass = printer.interfaceClass;
    all.face.bInterfaceSubClass = vendorClass ? 0xFF : 1;
    all.face.bInterfaceProtocol = vendorClass ? 0xFF : 2;
    const auto endpoint = [&](std::uint8_t address) {
        usb_endpoint_descriptor_no_audio one{};
        one.bLength = sizeof one;
        one.bDescriptorType = USB_DT_ENDPOINT;
        one.bEndpointAddress = address;
        one.bmAttributes = USB_ENDPOINT_XFER_BULK;
        one.wMaxPacketSize = htole16(packet);
        return one;
    };
    all.out = endpoint(PlayedPrinter::kOut);
    all.in = endpoint(PlayedPrinter::kIn);
    return all;
}

/// `interval`: in the units of its speed (USB 2.0, 9.6.6).
HidInterface hidInterfaceOf(const PlayedPrinter& device, std::uint8_t interval) {
    const bool boot = device.interfaceClass == 3;
    HidInterface all{};
    all.face.bLength = sizeof all.face;
    all.face.bDescriptorType = USB_DT_INTERFACE;
    all.face.bNumEndpoints = 1;
    all.face.bInterfaceClass = 3;
    all.face.bInterfaceSubClass = boot ? 1 : 0;
    all.face.bInterfaceProtocol = boot ? 1 : 0;
    all.hid = {sizeof all.hid,
               0x21,
               htole16(0x0111),
               0,
               1,
               kReportDescriptor,
               htole16(static_cast<std::uint16_t>(device.reportDescriptor.size()))};
    all.in.bLength = sizeof all.in;
    all.in.bDescriptorType = USB_DT_ENDPOINT;
    all.in.bEndpointAddress = PlayedPrinter::kIn;
    all.in.bmAttributes = USB_ENDPOINT_XFER_INT;
    all.in.wMaxPacketSize = htole16(PlayedPrinter::kReport);
    all.in.bInterval = interval;
    return all;
}

int openFile(const fs::path& path) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    if (fd < 0) refuse("cannot open " + path.string());
    return fd;
}

void writeAll(int fd, const void* data, std::size_t size, const char* what) {
    if (::write(fd, data, size) != static_cast<long>(size)) refuse(what);
}

template <typename Face>
void describeTo(int control, const Face& fullSpeed, const Face& highSpeed) {
    constexpr std::uint32_t kDescriptors = 3; // in each
    Description<Face> all{};
    all.head.magic = htole32(FUNCTIONFS_DESCRIPTORS_MAGIC_V2);
    all.head.length = htole32(sizeof all);
    all.head.flags = htole32(FUNCTIONFS_HAS_FS_DESC | FUNCTIONFS_HAS_HS_DESC);
    all.fullSpeedCount = all.highSpeedCount = htole32(kDescriptors);
    all.fullSpeed = fullSpeed;
    all.highSpeed = highSpeed;
    writeAll(control, &all, sizeof all, "FunctionFS refuses the descriptors");
}

} // namespace

Gadget::Gadget(std::shared_ptr<PlayedPrinter> printer, std::string name)
    : _printer(std::move(printer)), _gadget(fs::path(kGadgets) / name),
      _mounted("/dev/ffs-" + name), _name(std::move(name)), _wake(::eventfd(0, EFD_CLOEXEC)) {
    describe();
    makeFunction();
    _controlThread = std::thread([this] { serveControl(); });
    if (!hid()) _outThread = std::thread([this] { serveOut(); });
    _inThread = std::thread([this] { serveIn(); });
}

Gadget::~Gadget() {
    pull();
    _printer->with([this](PlayedPrinter&) { _stopping = true; });
    const std::uint64_t one = 1;
    (void) !::write(_wake, &one, sizeof one);
    for (std::thread* thread : {&_controlThread, &_outThread, &_inThread})
        if (thread->joinable()) thread->join();
    for (const int fd : {_in, _out, _control, _wake}) (void) ::close(fd);
    std::error_code ignored; // the machine ends with the suite
    fs::remove(_gadget / "configs/c.1" / ("ffs." + _name), ignored);
    (void) ::umount(_mounted.c_str());
    fs::remove(_mounted, ignored);
    for (const char* folder : {"functions/ffs.", "configs/c.1", kLanguage, ""}) {
        std::string path = (_gadget / folder).string();
        if (path.ends_with("ffs.")) path += _name;
        (void) ::rmdir(path.c_str());
    }
}

/// The device as the host will see it.
void Gadget::describe() {
    fs::create_directory(_gadget);
    put(_gadget / "idVendor", hex(_printer->vendor));
    put(_gadget / "idProduct", hex(_printer->product));
    put(_gadget / "bcdDevice", "0x0100");
    if (!_printer->serial.empty()) {
        fs::create_directory(_gadget / kLanguage);
        put(_gadget / kLanguage / "manufacturer", "Souffleur test");
        put(_gadget / kLanguage / "product", "Souffleur test");
        put(_gadget / kLanguage / "serialnumber", _printer->serial);
    }
    fs::create_directory(_gadget / "configs/c.1");
    fs::create_directory(_gadget / "functions" / ("ffs." + _name));
    fs::create_directory(_mounted);
    if (::mount(_name.c_str(), _mounted.c_str(), "functionfs", 0, nullptr) != 0)
        refuse("cannot mount FunctionFS");
}

void Gadget::makeFunction() {
    _control = openFile(_mounted / "ep0");
    if (hid())
        describeTo(_control, hidInterfaceOf(*_printer, 10), hidInterfaceOf(*_printer, 4));
    else
        describeTo(_control, interfaceOf(*_printer, 64),
                   interfaceOf(*_printer, PlayedPrinter::kPacket));
    usb_functionfs_strings_head strings{};
    strings.magic = htole32(FUNCTIONFS_STRINGS_MAGIC);
    strings.length = htole32(sizeof strings);
    writeAll(_control, &strings, sizeof strings, "FunctionFS refuses the strings");
    if (!hid()) _out = openFile(_mounted / "ep1");
    _in = openFile(_mounted / (hid() ? "ep1" : "ep2"));
    fs::create_directory_symlink(_gadget / "functions" / ("ffs." + _name),
                                 _gadget / "configs/c.1" / ("ffs." + _name));
}

void Gadget::plug(const std::string& controller) {
    _printer->with([](PlayedPrinter& self) { self._pulled = false; });
    put(_gadget / "UDC", controller);
}

void Gadget::pull() {
    _printer->with([](PlayedPrinter& self) { self._pulled = true; });
    const int fd = ::open((_gadget / "UDC").c_str(), O_WRONLY | O_CLOEXEC);
    if (fd < 0) return;
    (void) !::write(fd, "\n", 1); // refused where it is out already
    (void) ::close(fd);
}

void Gadget::serveControl() {
    std::array<usb_functionfs_event, 4> events{};
    for (;;) {
        std::array<pollfd, 2> ready{{{_control, POLLIN, 0}, {_wake, POLLIN, 0}}};
        (void) ::poll(ready.data(), ready.size(), -1);
        if (ready[1].revents != 0) return;
        const long got = ::read(_control, events.data(), sizeof events);
        if (got <= 0) continue; // a request that the host took back
        const auto count = static_cast<std::size_t>(got) / sizeof events[0];
        for (std::size_t i = 0; i < count; ++i) {
            const auto type = events[i].type;
            if (type == FUNCTIONFS_SETUP) answerRequest(&events[i].u.setup);
            if (type != FUNCTIONFS_ENABLE && type != FUNCTIONFS_DISABLE &&
                type != FUNCTIONFS_UNBIND)
                continue;
            _printer->with([&](PlayedPrinter&) {
                _enabled = type == FUNCTIONFS_ENABLE;
                if (_enabled) ++_configured;
            });
        }
    }
}

/// GET_DEVICE_ID, GET_PORT_STATUS and SOFT_RESET of the printer class, or GET_DESCRIPTOR and
/// SET_IDLE of the HID class; the rest is refused.
void Gadget::answerRequest(const void* request) {
    usb_ctrlrequest setup{};
    std::memcpy(&setup, request, sizeof setup);
    const std::string id = _printer->deviceId;
    const bool in = (setup.bRequestType & USB_DIR_IN) != 0;
    std::vector<std::uint8_t> answer;
    if (hid()) {
        if (setup.bRequestType == (USB_DIR_IN | USB_RECIP_INTERFACE) &&
            setup.bRequest == USB_REQ_GET_DESCRIPTOR &&
            le16toh(setup.wValue) >> 8U == kReportDescriptor)
            answer = _printer->reportDescriptor;
    } else if (setup.bRequestType == kClassIn && setup.bRequest == 0 && !id.empty()) {
        const std::size_t length = id.size() + 2;
        answer = {static_cast<std::uint8_t>(length >> 8U), static_cast<std::uint8_t>(length)};
        answer.insert(answer.end(), id.begin(), id.end());
    } else if (setup.bRequestType == kClassIn && setup.bRequest == 1) {
        answer = {_printer->with([](const PlayedPrinter& self) { return self.portStatus; })};
    }
    const bool done = setup.bRequest == (hid() ? kSetIdle : kSoftReset) &&
                      (setup.bRequestType == kClassOut || setup.bRequestType == kOtherOut);
    // Moving data against its direction is how FunctionFS is told to stall.
    if (!answer.empty()) {
        const std::size_t most = le16toh(setup.wLength);
        (void) !::write(_control, answer.data(), std::min(answer.size(), most));
    } else if (done || in) {
        (void) !::read(_control, answer.data(), 0);
    } else {
        (void) !::write(_control, answer.data(), 0);
    }
}

bool Gadget::mustHalt() const {
    return _printer->outHalted || _printer->alwaysHalts ||
           _printer->_taken.size() >= _printer->haltAfter;
}

std::size_t Gadget::room() const {
    const std::size_t limit =
        std::min({_printer->haltAfter, _printer->drainUpTo, _printer->unplugAfter});
    return limit - std::min(limit, _printer->_taken.size());
}

bool Gadget::live(int ended) const {
    return _stopping || (_enabled && _configured != ended);
}

/// Moving data against its direction halts an endpoint (functionfs.h); it always "fails".
void Gadget::halt(int endpoint, bool out) {
    std::uint8_t byte = 0;
    (void) !(out ? ::write(endpoint, &byte, 1) : ::read(endpoint, &byte, 1));
}

/// With the printer's lock held.
void Gadget::take(const std::uint8_t* data, std::size_t count) {
    PlayedPrinter& self = *_printer;
    self._taken.insert(self._taken.end(), data, data + count);
    if (self.answer) {
        for (const std::uint8_t byte : self.answer({data, count})) self._toHost.push_back(byte);
    }
    self._changed.notify_all();
}

void Gadget::serveOut() {
    PlayedPrinter& self = *_printer;
    std::array<std::uint8_t, PlayedPrinter::kPacket> packet{};
    int ended = 0; // the configuration whose endpoint is no more
    std::unique_lock lock(self._mutex);
    for (;;) {
        self._changed.wait(
            lock, [&] { return _stopping || (live(ended) && (mustHalt() || room() > 0)); });
        if (_stopping) return;
        if (mustHalt()) {
            self.outHalted = false;
            if (self._taken.size() >= self.haltAfter) self.haltAfter = PlayedPrinter::kNever;
            lock.unlock();
            halt(_out, true);
            lock.lock();
            if (self.alwaysHalts) (void) self._changed.wait_for(lock, std::chrono::milliseconds(1));
            continue;
        }
        const int configured = _configured;
        lock.unlock();
        // One packet each, so that what was taken is known to the packet.
        const long got = ::read(_out, packet.data(), packet.size());
        lock.lock();
        if (got < 0 && errno != EINTR) ended = configured;
        if (got > 0) take(packet.data(), static_cast<std::size_t>(got));
        if (got > 0 && self._taken.size() >= self.unplugAfter) {
            lock.unlock();
            pull();
            lock.lock();
        }
    }
}

void Gadget::serveIn() {
    PlayedPrinter& self = *_printer;
    int ended = 0;
    std::unique_lock lock(self._mutex);
    for (;;) {
        self._changed.wait(lock, [&] {
            return _stopping ||
                   (live(ended) && (self.inHalted || self.emptyReads || !self._toHost.empty()));
        });
        if (_stopping) return;
        if (std::exchange(self.inHalted, false)) {
            lock.unlock();
            halt(_in, false);
            lock.lock();
            continue;
        }
        const int configured = _configured;
        // One report each: they have the size of a packet.
        const std::size_t count =
            std::min(self._toHost.size(), hid() ? PlayedPrinter::kReport : kPiece);
        const std::vector<std::uint8_t> piece(
            self._toHost.begin(), self._toHost.begin() + static_cast<std::ptrdiff_t>(count));
        lock.unlock();
        const long sent = ::write(_in, piece.data(), piece.size());
        lock.lock();
        if (sent < 0 && errno != EINTR) ended = configured;
        if (sent > 0) self._toHost.erase(self._toHost.begin(), self._toHost.begin() + sent);
        if (sent >= 0) self._changed.notify_all();
    }
}

} // namespace souffleur::test
