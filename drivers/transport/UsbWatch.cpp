#include "drivers/transport/UsbWatch.h"

#include <algorithm>
#include <libusb.h>
#include <sys/time.h>
#include <thread>
#include <utility>

namespace souffleur::transport {
namespace {

constexpr std::size_t kMaxDevices = 1024;

UsbId idOf(libusb_device* device) {
    libusb_device_descriptor descriptor{};
    if (libusb_get_device_descriptor(device, &descriptor) != 0) return {};
    return {descriptor.idVendor, descriptor.idProduct};
}

class Watch final : public UsbWatch {
public:
    Watch(libusb_context* context, Heard heard) : _context(context), _heard(std::move(heard)) {
        const int events = LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED | LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT;
        _events =
            libusb_has_capability(LIBUSB_CAP_HAS_HOTPLUG) != 0 &&
            libusb_hotplug_register_callback(context, events, LIBUSB_HOTPLUG_NO_FLAGS,
                                             LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY,
                                             LIBUSB_HOTPLUG_MATCH_ANY, changed, this, nullptr) == 0;
        if (!_events) _seen = list();
        _thread = std::thread([this] { run(); });
    }

    ~Watch() override {
        _stop = true;
        libusb_interrupt_event_handler(_context);
        _thread.join();
        libusb_exit(_context);
    }

private:
    using Place = std::pair<std::pair<int, int>, UsbId>; ///< bus and number, what is there

    static int changed(libusb_context* /*context*/, libusb_device* device,
                       libusb_hotplug_event event, void* self) {
        const bool arrived = event == LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED;
        static_cast<Watch*>(self)->_heard({arrived, idOf(device)});
        return 0;
    }

    void run() {
        while (!_stop) {
            timeval second{1, 0};
            (void) libusb_handle_events_timeout_completed(_context, &second, nullptr);
            if (!_events && !_stop) compare();
        }
    }

    std::vector<Place> list() {
        libusb_device** raw = nullptr;
        const auto count = libusb_get_device_list(_context, &raw);
        if (count < 0) return {};
        std::vector<Place> places;
        for (libusb_device* device :
             std::span(raw, std::min(static_cast<std::size_t>(count), kMaxDevices))) {
            places.push_back(
                {{libusb_get_bus_number(device), libusb_get_device_address(device)}, idOf(device)});
        }
        libusb_free_device_list(raw, 1);
        std::sort(places.begin(), places.end());
        return places;
    }

    void compare() {
        std::vector<Place> now = list();
        for (const Place& place : _seen)
            if (!std::binary_search(now.begin(), now.end(), place)) _heard({false, place.second});
        for (const Place& place : now)
            if (!std::binary_search(_seen.begin(), _seen.end(), place))
                _heard({true, place.second});
        _seen = std::move(now);
    }

    libusb_context* _context;
    Heard _heard;
    bool _events = false;
    std::vector<Place> _seen; ///< without hot-plug events only
    std::atomic<bool> _stop{false};
    std::thread _thread;
};

} // namespace

Result<std::unique_ptr<UsbWatch>> UsbWatch::start(Heard heard) {
    libusb_context* context = nullptr;
    if (libusb_init(&context) != 0) {
        return tl::make_unexpected(Error{Fault::unreachable, "this machine shows us no USB"});
    }
    return std::make_unique<Watch>(context, std::move(heard));
}

} // namespace souffleur::transport
