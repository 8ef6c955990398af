// rooms: drivers-scanner drivers-transport
#include "tests/integration/scanner/KeyBed.h"
#include "tests/support/Eventually.h"

#include <array>
#include <atomic>
#include <chrono>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <map>
#include <mutex>
#include <poll.h>
#include <stdexcept>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <thread>
#include <umockdev.h>
#include <unistd.h>

#include <linux/input.h> // after the above
#include <linux/uinput.h>

namespace souffleur::test {
namespace {

constinit std::mutex serving; ///< held while an ioctl is served and while a node is made or goes

/// The memory that an ioctl's argument points to.
class Pointed {
public:
    Pointed(UMockdevIoctlData* argument, std::size_t bytes)
        : _data(umockdev_ioctl_data_resolve(argument, 0, bytes, nullptr)), _bytes(bytes) {}
    ~Pointed() { g_object_unref(_data); }
    Pointed(const Pointed&) = delete;
    Pointed& operator=(const Pointed&) = delete;
    template <typename T>
    void put(const T& value) {
        std::memcpy(_data->data, &value, std::min(_bytes, sizeof value));
    }
    [[nodiscard]] std::span<std::uint8_t> bytes() const { return {_data->data, _bytes}; }

private:
    UMockdevIoctlData* _data;
    std::size_t _bytes;
};

} // namespace

struct KeyBed::Node {
    KeyDevice device;
    std::string path; ///< "/dev/input/event3"
    std::string fifo; ///< where it is in truth
    int far = -1;     ///< our end
    UMockdevIoctlBase* handler = nullptr;
    std::atomic<bool> grabbed{false};
    std::atomic<bool> down{false};
    std::atomic<int> keys{0}; ///< uinput: told so far
    std::atomic<bool> made{false};

    static gboolean ioctlCame(UMockdevIoctlBase* /*base*/, UMockdevIoctlClient* client,
                              gpointer self) {
        const std::scoped_lock lock(serving);
        return static_cast<Node*>(self)->serve(client) ? TRUE : FALSE;
    }

    bool serve(UMockdevIoctlClient* client) {
        UMockdevIoctlData* const argument = umockdev_ioctl_client_get_arg(client);
        const gulong code = umockdev_ioctl_client_get_request(client);
        const auto reply = [&](long result, int error = 0) {
            umockdev_ioctl_client_complete(client, result, error);
            return true;
        };
        const std::size_t size = _IOC_SIZE(code);
        if (_IOC_TYPE(code) == 'U') {
            if (code == UI_SET_KEYBIT) ++keys;
            if (code == UI_DEV_CREATE) made = true;
            if (code == UI_DEV_DESTROY) made = false;
            return reply(0);
        }
        if (_IOC_TYPE(code) != 'E') return false;
        switch (_IOC_NR(code)) {
        case _IOC_NR(EVIOCGID): {
            Pointed place(argument, sizeof(input_id));
            place.put(input_id{device.bus, device.vendor, device.product, 1});
            return reply(0);
        }
        case _IOC_NR(EVIOCGUNIQ(0)): {
            if (device.serial.empty()) return reply(-1, ENOENT);
            const Pointed place(argument, size);
            std::memcpy(place.bytes().data(), device.serial.c_str(), device.serial.size() + 1);
            return reply(static_cast<long>(device.serial.size()) + 1);
        }
        case _IOC_NR(EVIOCGBIT(EV_KEY, 0)): {
            const Pointed place(argument, size);
            for (std::size_t i = 0; i < 16 && i < size; ++i)
                place.bytes()[i] = device.keyboard ? 0xFF : 0x00;
            return reply(static_cast<long>(size));
        }
        case _IOC_NR(EVIOCGKEY(0)): {
            const Pointed place(argument, size);
            place.bytes()[3] = down ? 0x40 : 0x00; // A
            return reply(static_cast<long>(size));
        }
        case _IOC_NR(EVIOCGRAB): {
            gulong on = 0;
            std::memcpy(&on, argument->data, sizeof on);
            if (on != 0 && device.grabbedElsewhere) return reply(-1, EBUSY);
            grabbed = on != 0;
            return reply(0);
        }
        default:
            return false;
        }
    }
};

struct KeyBed::Bed {
    UMockdevTestbed* testbed = umockdev_testbed_new();
    std::string root;
    std::map<int, std::unique_ptr<Node>> nodes; ///< -1: uinput
    std::vector<std::unique_ptr<Node>> pulled;  ///< may still be open

    Node& add(int number, const std::string& path, const KeyDevice& device) {
        auto node = std::make_unique<Node>();
        node->device = device;
        node->path = path;
        node->fifo = root + path;
        const std::string made = root + "/made";
        if (::mkfifo(made.c_str(), 0666) != 0) throw std::runtime_error(made);
        (void) ::chmod(made.c_str(), 0666);
        node->far = ::open(made.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
        node->handler = umockdev_ioctl_base_new();
        const std::scoped_lock lock(serving);
        g_signal_connect(node->handler, "handle-ioctl", G_CALLBACK(&Node::ioctlCame), node.get());
        GError* error = nullptr;
        umockdev_testbed_attach_ioctl(testbed, path.c_str(), node->handler, &error);
        if (error != nullptr) throw std::runtime_error(error->message);
        // umockdev asks at its own socket even when a node could not be opened.
        (void) ::chmod((root + "/ioctl" + path).c_str(), 0777);
        // Only now may it be seen: umockdev ends a program that opens a node whose socket does not
        // listen yet, and ours looks all the time.
        if (::rename(made.c_str(), node->fifo.c_str()) != 0) throw std::runtime_error(node->fifo);
        return *(nodes[number] = std::move(node));
    }

    void end(Node& node) const {
        if (node.far >= 0) ::close(node.far);
        node.far = -1;
        (void) umockdev_testbed_detach_ioctl(testbed, node.path.c_str(), nullptr);
        g_object_unref(node.handler);
        const std::scoped_lock lock(serving); // the last one was served
    }
};

KeyBed::KeyBed(bool uinput) : _bed(std::make_unique<Bed>()) {
    if (umockdev_in_mock_environment() == FALSE)
        throw std::runtime_error("libumockdev-preload is not linked in front of libc");
    gchar* const root = umockdev_testbed_get_root_dir(_bed->testbed);
    _bed->root = root;
    g_free(root);
    (void) ::chmod(_bed->root.c_str(), 0777);
    for (const char* const folder : {"/dev", "/dev/input"})
        (void) ::mkdir((_bed->root + folder).c_str(), 0777);
    if (uinput) _bed->add(-1, "/dev/uinput", {});
}

KeyBed::~KeyBed() {
    for (auto& [number, node] : _bed->nodes) _bed->end(*node);
    g_object_unref(_bed->testbed);
}

void KeyBed::plug(int number, const KeyDevice& device) {
    _bed->add(number, "/dev/input/event" + std::to_string(number), device);
}

void KeyBed::unplug(int number) {
    auto node = std::move(_bed->nodes.at(number));
    _bed->nodes.erase(number);
    (void) ::unlink(node->fifo.c_str());
    _bed->end(*node);
    _bed->pulled.push_back(std::move(node));
}

void KeyBed::press(int number, const Keys& keys, int ageMs) {
    timespec now{};
    (void) ::clock_gettime(CLOCK_REALTIME, &now);
    const std::int64_t micros =
        std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000 - std::int64_t{ageMs} * 1000;
    for (const scanner::KeyEvent& key : keys) {
        input_event event{};
        event.input_event_sec = micros / 1'000'000;
        event.input_event_usec = micros % 1'000'000;
        event.type = key.type;
        event.code = key.code;
        event.value = key.value;
        const int far = _bed->nodes.at(number)->far;
        while (::write(far, &event, sizeof event) != static_cast<ssize_t>(sizeof event))
            std::this_thread::yield(); // the pipe is full
    }
}

void KeyBed::setDown(int number, bool down) {
    _bed->nodes.at(number)->down = down;
}

bool KeyBed::grabbed(int number) const {
    return _bed->nodes.at(number)->grabbed;
}

bool KeyBed::waitGrabbed(int number, bool wanted) const {
    const Node& node = *_bed->nodes.at(number);
    return eventually([&] { return node.grabbed == wanted; });
}

bool KeyBed::typesOn() const {
    const auto node = _bed->nodes.find(-1);
    return node != _bed->nodes.end() && node->second->made && node->second->keys > 100;
}

Keys KeyBed::typed(std::size_t count) const {
    Keys keys;
    const int far = _bed->nodes.at(-1)->far;
    (void) eventually([&] {
        input_event event{};
        while (keys.size() < count && ::read(far, &event, sizeof event) > 0) {
            if (event.type == EV_KEY) keys.push_back({event.type, event.code, event.value});
        }
        return keys.size() >= count;
    });
    return keys;
}

void KeyBed::setMode(int number, unsigned mode) {
    const Node& node = *_bed->nodes.at(number);
    if (::chmod(node.fifo.c_str(), mode) != 0) throw std::runtime_error(node.fifo);
}

} // namespace souffleur::test
