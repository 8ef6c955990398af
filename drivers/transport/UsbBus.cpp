#include "drivers/transport/UsbBus.h"

#include <array>
#include <chrono>
#include <libusb.h>
#include <optional>
#include <sys/time.h>
#include <utility>

#include "drivers/transport/Patience.h"

namespace souffleur::transport {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint8_t kPrinterClass = 0x07;
constexpr std::uint8_t kVendorClass = 0xFF;
constexpr std::uint8_t kIppOverUsb = 0x04; // a web server, not bytes to print
constexpr std::uint8_t kGetDeviceId = 0x00;
constexpr std::uint8_t kClassIn = 0xA1; // class request to an interface, device to host
constexpr std::size_t kMaxDevices = 1024;
constexpr Milliseconds kRecall{1000};
constexpr Milliseconds kAnswer{500};

struct ConfigFree {
    void operator()(libusb_config_descriptor* config) const noexcept {
        libusb_free_config_descriptor(config);
    }
};

/// How well an alternate setting serves for printing; 0: not at all.
int worth(const libusb_interface_descriptor& setting, bool listed) {
    if (setting.bInterfaceClass == kPrinterClass && setting.bInterfaceProtocol != kIppOverUsb) {
        constexpr std::uint8_t kBidirectional = 0x02;
        return setting.bInterfaceProtocol == kBidirectional ? 4 : 3;
    }
    return listed && setting.bInterfaceClass == kVendorClass ? 2 : 0;
}

/// Fills in the endpoints; false without a bulk OUT.
bool takeEndpoints(const libusb_interface_descriptor& setting, UsbInterface& into) {
    for (const auto& end : std::span(setting.endpoint, setting.bNumEndpoints)) {
        if ((end.bmAttributes & LIBUSB_TRANSFER_TYPE_MASK) != LIBUSB_TRANSFER_TYPE_BULK) continue;
        if ((end.bEndpointAddress & LIBUSB_ENDPOINT_IN) == 0) {
            if (into.out == 0) into.out = end.bEndpointAddress;
        } else if (into.in == 0 && end.wMaxPacketSize > 0) {
            into.in = end.bEndpointAddress;
            into.inPacket = end.wMaxPacketSize & 0x07FF;
        }
    }
    return into.out != 0;
}

/// The best interface of the active configuration; its class tells how the printer is known.
std::optional<std::pair<UsbInterface, bool>> chooseInterface(libusb_device* device, bool listed) {
    libusb_config_descriptor* raw = nullptr;
    if (libusb_get_active_config_descriptor(device, &raw) != 0) return std::nullopt;
    const std::unique_ptr<libusb_config_descriptor, ConfigFree> config(raw);
    std::optional<std::pair<UsbInterface, bool>> best;
    int most = 0;
    for (const auto& face : std::span(config->interface, config->bNumInterfaces)) {
        if (face.num_altsetting <= 0) continue;
        const auto count = static_cast<std::size_t>(face.num_altsetting);
        for (const auto& setting : std::span(face.altsetting, count)) {
            UsbInterface found;
            found.number = setting.bInterfaceNumber;
            found.alternate = setting.bAlternateSetting;
            found.alternates = count > 1;
            const int worthOf = takeEndpoints(setting, found) ? worth(setting, listed) : 0;
            if (worthOf <= most) continue;
            most = worthOf;
            best = {found, setting.bInterfaceClass == kVendorClass};
        }
    }
    return best;
}

std::string portOf(libusb_device* device) {
    constexpr int kDeepest = 7; // USB 3.1, 10.16.2: no more hubs in a row than that
    std::array<std::uint8_t, kDeepest> ports{};
    const int count = libusb_get_port_numbers(device, ports.data(), kDeepest);
    std::string text = std::to_string(libusb_get_bus_number(device)) + "-";
    for (int i = 0; i < count; ++i) {
        if (i > 0) text += '.';
        text += std::to_string(ports.at(static_cast<std::size_t>(i)));
    }
    return count > 0 ? text : text + "0";
}

UsbCandidate candidateOf(libusb_device* device, const libusb_device_descriptor& descriptor,
                         const UsbInterface& face) {
    UsbCandidate candidate;
    candidate.device.reset(libusb_ref_device(device));
    candidate.interface = face;
    candidate.serialIndex = descriptor.iSerialNumber;
    candidate.printer.id = {descriptor.idVendor, descriptor.idProduct};
    candidate.printer.bus = libusb_get_bus_number(device);
    candidate.printer.device = libusb_get_device_address(device);
    candidate.printer.port = portOf(device);
    candidate.printer.readable = face.in != 0;
    return candidate;
}

/// HID interfaces that are no keyboard's or mouse's; if there are only such, one without endpoints.
std::vector<UsbInterface> hidInterfaces(libusb_device* device) {
    constexpr std::uint8_t kHidClass = 0x03;
    constexpr std::uint8_t kBootSubclass = 0x01;
    libusb_config_descriptor* raw = nullptr;
    if (libusb_get_active_config_descriptor(device, &raw) != 0) return {};
    const std::unique_ptr<libusb_config_descriptor, ConfigFree> config(raw);
    std::vector<UsbInterface> found;
    bool boot = false;
    for (const auto& face : std::span(config->interface, config->bNumInterfaces)) {
        if (face.num_altsetting <= 0) continue;
        const auto& setting = *face.altsetting;
        if (setting.bInterfaceClass != kHidClass) continue;
        boot = boot || setting.bInterfaceSubClass == kBootSubclass;
        if (setting.bInterfaceSubClass == kBootSubclass) continue;
        UsbInterface one;
        one.number = setting.bInterfaceNumber;
        for (const auto& end : std::span(setting.endpoint, setting.bNumEndpoints)) {
            if ((end.bmAttributes & LIBUSB_TRANSFER_TYPE_MASK) != LIBUSB_TRANSFER_TYPE_INTERRUPT ||
                (end.bEndpointAddress & LIBUSB_ENDPOINT_IN) == 0 || end.wMaxPacketSize == 0)
                continue;
            one.in = end.bEndpointAddress;
            one.inPacket = end.wMaxPacketSize & 0x07FF;
        }
        if (one.in != 0) found.push_back(one);
    }
    if (found.empty() && boot) found.emplace_back();
    return found;
}

int hotplugged(libusb_context* /*context*/, libusb_device* device, libusb_hotplug_event /*event*/,
               void* bus) {
    static_cast<UsbBus*>(bus)->hearLeft(device);
    return 0;
}

void transferEnded(libusb_transfer* transfer) {
    *static_cast<int*>(transfer->user_data) = 1;
}

Fault faultOf(int code) {
    switch (code) {
    case LIBUSB_ERROR_ACCESS:
        return Fault::denied;
    case LIBUSB_ERROR_BUSY:
        return Fault::busy;
    case LIBUSB_ERROR_PIPE:
        return Fault::stalled;
    default:
        return Fault::gone;
    }
}

} // namespace

void UsbUnref::operator()(libusb_device* device) const noexcept {
    libusb_unref_device(device);
}

void UsbShut::operator()(libusb_device_handle* handle) const noexcept {
    libusb_close(handle);
}

UsbTransfer::UsbTransfer(std::size_t bytes) : _buffer(bytes), _transfer(libusb_alloc_transfer(0)) {}

UsbTransfer::~UsbTransfer() {
    libusb_free_transfer(_transfer);
}

tl::expected<void, Fault> UsbTransfer::submit() {
    _done = 0;
    const int code = libusb_submit_transfer(_transfer);
    _submitted = code == 0;
    if (code != 0) return tl::make_unexpected(faultOf(code));
    return {};
}

tl::expected<void, Fault> UsbTransfer::bulk(libusb_device_handle* handle, std::uint8_t endpoint,
                                            std::size_t length) {
    constexpr unsigned kNoTimeout = 0; // deadlines are ours: they can be cancelled
    if (_transfer == nullptr) return tl::make_unexpected(Fault::gone);
    libusb_fill_bulk_transfer(_transfer, handle, endpoint, _buffer.data(), static_cast<int>(length),
                              transferEnded, &_done, kNoTimeout);
    return submit();
}

tl::expected<void, Fault> UsbTransfer::interrupt(libusb_device_handle* handle,
                                                 std::uint8_t endpoint, std::size_t length) {
    if (_transfer == nullptr) return tl::make_unexpected(Fault::gone);
    libusb_fill_interrupt_transfer(_transfer, handle, endpoint, _buffer.data(),
                                   static_cast<int>(length), transferEnded, &_done, 0);
    return submit();
}

tl::expected<void, Fault> UsbTransfer::control(libusb_device_handle* handle) {
    if (_transfer == nullptr) return tl::make_unexpected(Fault::gone);
    libusb_fill_control_transfer(_transfer, handle, _buffer.data(), transferEnded, &_done, 0);
    return submit();
}

std::size_t UsbTransfer::count() const {
    return static_cast<std::size_t>(std::max(_transfer->actual_length, 0));
}

UsbTransfer::End UsbTransfer::end() const {
    switch (_transfer->status) {
    case LIBUSB_TRANSFER_COMPLETED:
        return End::completed;
    case LIBUSB_TRANSFER_STALL:
        return End::stalled;
    case LIBUSB_TRANSFER_OVERFLOW:
        return End::overflowed;
    case LIBUSB_TRANSFER_CANCELLED:
    case LIBUSB_TRANSFER_TIMED_OUT:
        return End::recalled;
    default: // NO_DEVICE; ERROR is what a real kernel says when it was unplugged in mid-transfer
        return End::gone;
    }
}

std::unique_ptr<UsbBus> UsbBus::make() {
    libusb_context* context = nullptr;
    if (libusb_init(&context) != 0) return nullptr;
    std::unique_ptr<UsbBus> bus(new UsbBus(context));
    if (libusb_has_capability(LIBUSB_CAP_HAS_HOTPLUG) != 0) {
        // Without it an unplugged device shows when a transfer fails: later, but it shows.
        (void) libusb_hotplug_register_callback(context, LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT,
                                                LIBUSB_HOTPLUG_NO_FLAGS, LIBUSB_HOTPLUG_MATCH_ANY,
                                                LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY,
                                                hotplugged, bus.get(), nullptr);
    }
    return bus;
}

UsbBus::~UsbBus() {
    _lost.clear();
    libusb_exit(_context);
}

void UsbBus::watch(libusb_device* device) {
    _watched = device;
    _watchedLeft = false;
}

void UsbBus::hearLeft(const libusb_device* device) {
    if (device == _watched) _watchedLeft = true;
}

std::vector<UsbCandidate> UsbBus::find(std::span<const UsbId> listed) const {
    libusb_device** raw = nullptr;
    const auto count = libusb_get_device_list(_context, &raw);
    if (count < 0) return {};
    std::vector<UsbCandidate> found;
    const auto devices = std::span(raw, std::min(static_cast<std::size_t>(count), kMaxDevices));
    for (libusb_device* device : devices) {
        libusb_device_descriptor descriptor{};
        if (libusb_get_device_descriptor(device, &descriptor) != 0) continue;
        const UsbId id{descriptor.idVendor, descriptor.idProduct};
        const auto chosen =
            chooseInterface(device, std::find(listed.begin(), listed.end(), id) != listed.end());
        if (!chosen) continue;
        found.push_back(candidateOf(device, descriptor, chosen->first));
        found.back().printer.vendorClass = chosen->second;
    }
    libusb_free_device_list(raw, 1);
    return found;
}

std::vector<UsbCandidate> UsbBus::findHid(const UsbId& id) const {
    libusb_device** raw = nullptr;
    const auto count = libusb_get_device_list(_context, &raw);
    if (count < 0) return {};
    std::vector<UsbCandidate> found;
    for (libusb_device* device :
         std::span(raw, std::min(static_cast<std::size_t>(count), kMaxDevices))) {
        libusb_device_descriptor descriptor{};
        if (libusb_get_device_descriptor(device, &descriptor) != 0) continue;
        if (UsbId{descriptor.idVendor, descriptor.idProduct} != id) continue;
        for (const UsbInterface& face : hidInterfaces(device))
            found.push_back(candidateOf(device, descriptor, face));
    }
    libusb_free_device_list(raw, 1);
    return found;
}

tl::expected<std::vector<std::uint8_t>, Fault> UsbBus::ask(libusb_device_handle* handle,
                                                           std::uint8_t type, std::uint8_t request,
                                                           std::uint16_t value, std::uint16_t index,
                                                           std::uint16_t most, Patience& patience) {
    auto owned = std::make_unique<UsbTransfer>(LIBUSB_CONTROL_SETUP_SIZE + most);
    UsbTransfer& transfer = *owned;
    libusb_fill_control_setup(transfer.buffer().data(), type, request, value, index, most);
    if (const auto begun = transfer.control(handle); !begun)
        return tl::make_unexpected(begun.error());
    Patience step(patience, kAnswer);
    while (transfer.inFlight() && step.next()) turn(step.slice(), &transfer);
    if (!recall(transfer)) {
        _lost.push_back(std::move(owned));
        return tl::make_unexpected(Fault::gone);
    }
    switch (transfer.end()) {
    case UsbTransfer::End::completed: {
        const auto answer = transfer.buffer().subspan(LIBUSB_CONTROL_SETUP_SIZE, transfer.count());
        return std::vector<std::uint8_t>(answer.begin(), answer.end());
    }
    case UsbTransfer::End::recalled:
        return tl::make_unexpected(step.ended());
    case UsbTransfer::End::stalled:
    case UsbTransfer::End::overflowed: // of endpoint zero: it ends by itself
        return tl::make_unexpected(Fault::stalled);
    case UsbTransfer::End::gone:
        break;
    }
    return tl::make_unexpected(Fault::gone);
}

std::string UsbBus::stringAt(libusb_device_handle* handle, std::uint8_t index, Patience& patience) {
    constexpr std::uint8_t kGetDescriptor = 0x06;
    constexpr std::uint16_t kString = 0x0300;
    constexpr std::uint16_t kMost = 255;
    if (index == 0) return {};
    const auto languages =
        ask(handle, LIBUSB_ENDPOINT_IN, kGetDescriptor, kString, 0, kMost, patience);
    if (!languages || languages->size() < 4) return {};
    const auto language = static_cast<std::uint16_t>((*languages)[2] | ((*languages)[3] << 8));
    const auto text = ask(handle, LIBUSB_ENDPOINT_IN, kGetDescriptor,
                          static_cast<std::uint16_t>(kString | index), language, kMost, patience);
    if (!text || text->size() < 2) return {};
    std::string ascii;
    const std::size_t end = std::min<std::size_t>((*text)[0], text->size());
    for (std::size_t i = 2; i + 1 < end; i += 2) {
        const std::uint8_t low = (*text)[i];
        ascii += (*text)[i + 1] == 0 && low > 0x20 && low < 0x7F ? static_cast<char>(low) : '_';
    }
    return ascii;
}

std::string UsbBus::serialOf(libusb_device_handle* handle, const UsbCandidate& candidate,
                             Patience& patience) {
    return stringAt(handle, candidate.serialIndex, patience);
}

void UsbBus::identify(libusb_device_handle* handle, UsbCandidate& candidate, Patience& patience) {
    const UsbInterface& face = candidate.interface;
    candidate.printer.permitted = true;
    candidate.printer.serial = serialOf(handle, candidate, patience);
    // A question of the printer class. To any other class of interface the kernel takes it as a
    // claim of ours (check_ctrlrecip in drivers/usb/core/devio.c), which then stands in the way of
    // the real one.
    if (candidate.printer.vendorClass) return;
    const auto index = static_cast<std::uint16_t>((face.number << 8) | face.alternate);
    const auto answer = ask(handle, kClassIn, kGetDeviceId, 0, index, kMaxDeviceIdBytes, patience);
    if (answer) candidate.printer.deviceId = parseDeviceId(*answer);
}

void UsbBus::turn(Milliseconds longest, UsbTransfer* transfer) {
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(longest).count();
    timeval span{};
    span.tv_sec = static_cast<time_t>(us / 1'000'000);
    span.tv_usec = static_cast<suseconds_t>(us % 1'000'000);
    int* done = transfer != nullptr ? &transfer->_done : nullptr;
    (void) libusb_handle_events_timeout_completed(_context, &span, done);
}

bool UsbBus::recall(UsbTransfer& transfer) {
    if (!transfer.inFlight()) return true;
    (void) libusb_cancel_transfer(transfer._transfer);
    const auto end = Clock::now() + kRecall;
    while (transfer.inFlight() && Clock::now() < end) turn(Milliseconds{25}, &transfer);
    return !transfer.inFlight();
}

} // namespace souffleur::transport
