// evdev and uinput: linux/input.h, linux/uinput.h, Documentation/input/{event-codes,uinput}.rst.
// The Win32 twin (raw input) will be a file of its own.
//
// EVIOCGRAB belongs to an open file: whichever way the process ends, the kernel takes it back, and
// the scanner types to everybody again.
#include <array>
#include <atomic>
#include <bitset>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>
#include <vector>

// After the above: they bring types that these need.
#include <linux/input.h>
#include <linux/uinput.h>

#include "drivers/scanner/Keyboard.h"

namespace souffleur::scanner {
namespace {

using transport::Error;
using transport::Fault;
using transport::Milliseconds;
using transport::Result;
using Clock = std::chrono::steady_clock;

constexpr const char* kRule = "firmware-config/udev/71-souffleur-scanners.rules";
constexpr const char* kInputFolder = "/dev/input";
constexpr const char* kUinput = "/dev/uinput";
constexpr const char* kName = "Souffleur scanner keys";
constexpr std::size_t kNodesMax = 256;
constexpr int kSliceMs = 25;               ///< half of what cancel promises
constexpr unsigned kLastKey = KEY_MICMUTE; ///< no buttons of mice and joysticks

/// A descriptor that closes itself.
class Fd {
public:
    Fd() = default;
    explicit Fd(int fd) : _fd(fd) {}
    ~Fd() { reset(); }
    Fd(Fd&& other) noexcept : _fd(std::exchange(other._fd, -1)) {}
    Fd& operator=(Fd&& other) noexcept {
        if (this != &other) {
            reset();
            _fd = std::exchange(other._fd, -1);
        }
        return *this;
    }
    Fd(const Fd&) = delete;
    Fd& operator=(const Fd&) = delete;
    void reset() {
        if (_fd >= 0) (void) ::close(_fd);
        _fd = -1;
    }
    [[nodiscard]] int get() const { return _fd; }
    explicit operator bool() const { return _fd >= 0; }

private:
    int _fd = -1;
};

Fd openNode(const std::string& path, int flags) {
    return Fd(::open(path.c_str(), flags | O_NONBLOCK | O_CLOEXEC));
}

using KeyBits = std::array<unsigned long, KEY_CNT / (8 * sizeof(unsigned long)) + 1>;

bool has(const KeyBits& bits, unsigned key) {
    constexpr unsigned kBits = 8 * sizeof(unsigned long);
    return ((bits.at(key / kBits) >> (key % kBits)) & 1UL) != 0;
}

/// Digits, letters and Enter: something that types.
bool isKeyboard(int fd) {
    KeyBits bits{};
    return ::ioctl(fd, EVIOCGBIT(EV_KEY, sizeof bits), bits.data()) >= 0 && has(bits, KEY_1) &&
           has(bits, KEY_A) && has(bits, KEY_ENTER);
}

bool anyKeyDown(int fd) {
    KeyBits bits{};
    if (::ioctl(fd, EVIOCGKEY(sizeof bits), bits.data()) < 0) return false;
    for (const unsigned long word : bits)
        if (word != 0) return true;
    return false;
}

std::string serialOf(int fd) {
    std::array<char, 256> text{};
    if (::ioctl(fd, EVIOCGUNIQ(text.size() - 1), text.data()) < 0) return {};
    return text.data();
}

std::int64_t microsOf(std::int64_t seconds, std::int64_t micros) {
    return seconds * 1'000'000 + micros;
}

/// The wall clock, which is what events carry.
std::int64_t nowMicros() {
    timespec now{};
    (void) ::clock_gettime(CLOCK_REALTIME, &now);
    return microsOf(now.tv_sec, now.tv_nsec / 1000);
}

class LinuxKeyboard final : public Keyboard {
public:
    explicit LinuxKeyboard(KeyboardAddress address) : _address(std::move(address)) {}
    ~LinuxKeyboard() override {
        close();
        if (_typing) (void) ::ioctl(_typing.get(), UI_DEV_DESTROY);
    }

    Result<void> open(Milliseconds timeout) override {
        if (_device) return {};
        if (auto typing = openTyping(); !typing) return typing;
        auto device = find();
        if (!device) return tl::make_unexpected(device.error());
        // A key that is down now would stay down for everybody else: they would not see it go up.
        const auto end = Clock::now() + timeout;
        while (anyKeyDown(device->get())) {
            if (_cancelled.exchange(false)) return refuse(Fault::cancelled, "cancelled");
            if (Clock::now() >= end) return refuse(Fault::busy, "one of its keys is held down");
            (void) ::poll(nullptr, 0, kSliceMs);
        }
        _grabbedAt =
            nowMicros(); // before it: a key in between is typed twice rather than not at all
        if (::ioctl(device->get(), EVIOCGRAB, 1) != 0) {
            if (errno == EBUSY)
                return refuse(Fault::busy, "another program has taken it; stop that program");
            return refuse(Fault::unreachable, "left while it was opened");
        }
        _settledAt = Clock::now() + std::chrono::seconds(1);
        _device = std::move(*device);
        return {};
    }

    Result<std::size_t> read(std::span<KeyEvent> into, Milliseconds timeout) override {
        if (!_device) return refuse(Fault::closed, "not open");
        const auto end = Clock::now() + timeout;
        for (;;) {
            if (_cancelled.exchange(false)) return refuse(Fault::cancelled, "cancelled");
            const auto left = std::chrono::ceil<Milliseconds>(end - Clock::now()).count();
            pollfd wait{_device.get(), POLLIN, 0};
            const auto slice = std::clamp<std::int64_t>(left, 0, kSliceMs);
            if (::poll(&wait, 1, static_cast<int>(slice)) > 0) {
                const auto got = take(into);
                if (!got) {
                    close();
                    return refuse(Fault::gone, "left; is it plugged in?");
                }
                if (*got > 0) return *got;
            }
            if (left <= 0) return 0;
        }
    }

    void emit(std::span<const KeyEvent> events) noexcept override {
        std::array<input_event, 64> batch{};
        std::size_t count = 0;
        const auto flush = [&] {
            // The kernel takes them at once; nothing here can wait.
            if (count > 0) (void) !::write(_typing.get(), batch.data(), count * sizeof batch[0]);
            count = 0;
        };
        for (const KeyEvent& event : events) {
            if (event.code > kLastKey) continue;
            batch.at(count++) = made(EV_KEY, event.code, event.value);
            batch.at(count++) = made(EV_SYN, SYN_REPORT, 0);
            if (count == batch.size()) flush();
        }
        flush();
    }

    void close() noexcept override {
        if (_device) (void) ::ioctl(_device.get(), EVIOCGRAB, 0);
        _device.reset();
    }
    void cancel() noexcept override { _cancelled = true; }

    [[nodiscard]] std::string describe() const override {
        if (!_address.id) return "keyboard " + _address.path;
        std::string text = "keyboard " + _address.id->text();
        if (!_address.serial.empty()) text += " serial " + _address.serial;
        return text;
    }

private:
    [[nodiscard]] tl::unexpected<Error> refuse(Fault fault, const std::string& words) const {
        return tl::make_unexpected(Error{fault, describe() + ": " + words});
    }
    [[nodiscard]] tl::unexpected<Error> denied(const std::string& node) const {
        return refuse(Fault::denied, "not permitted to open " + node + "; install " + kRule +
                                         " in /etc/udev/rules.d, add this user to the group "
                                         "input, and plug the scanner in again");
    }

    static input_event made(int type, int code, int value) {
        input_event event{};
        event.type = static_cast<std::uint16_t>(type);
        event.code = static_cast<std::uint16_t>(code);
        event.value = value;
        return event;
    }

    /// The keyboard that types on. First of all: without it nothing is taken.
    Result<void> openTyping() {
        if (_typing) return {};
        Fd fd = openNode(kUinput, O_WRONLY);
        if (!fd && (errno == EACCES || errno == EPERM)) return denied(kUinput);
        if (!fd) {
            return refuse(Fault::unreachable, "there is no /dev/uinput to type on what is not "
                                              "ours; load the module uinput");
        }
        uinput_setup setup{};
        setup.id.bustype = BUS_VIRTUAL;
        setup.id.version = 1;
        (void) std::strncpy(setup.name, kName, sizeof setup.name - 1);
        bool made = ::ioctl(fd.get(), UI_SET_EVBIT, EV_KEY) == 0;
        for (unsigned key = KEY_ESC; made && key <= kLastKey; ++key)
            made = ::ioctl(fd.get(), UI_SET_KEYBIT, key) == 0;
        made = made && ::ioctl(fd.get(), UI_DEV_SETUP, &setup) == 0 &&
               ::ioctl(fd.get(), UI_DEV_CREATE) == 0;
        if (!made) return refuse(Fault::unreachable, "the kernel makes no keyboard for us");
        _typing = std::move(fd);
        return {};
    }

    Result<Fd> find() const {
        if (!_address.path.empty()) {
            Fd fd = openNode(_address.path, O_RDONLY);
            if (!fd && (errno == EACCES || errno == EPERM)) return denied(_address.path);
            if (!fd) return refuse(Fault::unreachable, "not found; is it plugged in?");
            if (!isKeyboard(fd.get())) return refuse(Fault::invalid, "is no keyboard");
            return fd;
        }
        std::vector<Fd> fitting;
        std::string deniedNode;
        DIR* const folder = ::opendir(kInputFolder);
        std::size_t nodes = 0;
        while (folder != nullptr && nodes < kNodesMax) {
            const dirent* const entry = ::readdir(folder);
            if (entry == nullptr) break;
            const std::string node = std::string(kInputFolder) + '/' + entry->d_name;
            if (!std::string_view(entry->d_name).starts_with("event")) continue;
            ++nodes;
            Fd fd = openNode(node, O_RDONLY);
            if (!fd && (errno == EACCES || errno == EPERM)) deniedNode = node;
            if (fd && fits(fd.get())) fitting.push_back(std::move(fd));
        }
        if (folder != nullptr) (void) ::closedir(folder);
        if (fitting.size() == 1) return std::move(fitting.front());
        if (fitting.size() > 1) {
            return refuse(Fault::unreachable,
                          "several fit; add ?serial=, or name one by its path in "
                          "/dev/input/by-path");
        }
        if (!deniedNode.empty()) return denied(deniedNode);
        return refuse(Fault::unreachable, "not found; is it plugged in, and in keyboard mode?");
    }

    /// Never a keyboard that a program made: ours would hear itself.
    [[nodiscard]] bool fits(int fd) const {
        input_id id{};
        if (::ioctl(fd, EVIOCGID, &id) < 0 || id.bustype == BUS_VIRTUAL) return false;
        return id.vendor == _address.id->vendor && id.product == _address.id->product &&
               isKeyboard(fd) && (_address.serial.empty() || serialOf(fd) == _address.serial);
    }

    /// What is there to be read; none: it has gone.
    std::optional<std::size_t> take(std::span<KeyEvent> into) {
        std::array<input_event, 64> events{};
        const std::size_t most = std::min(into.size(), events.size());
        const auto got = ::read(_device.get(), events.data(), most * sizeof events[0]);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
        if (got <= 0) return std::nullopt;
        const bool settling =
            Clock::now() < _settledAt; // a clock that is set must not stop us later
        std::size_t count = 0;
        const auto whole = static_cast<std::size_t>(got) / sizeof events[0];
        for (const input_event& event : std::span(events).first(whole)) {
            // What came before the grab went to everybody already.
            if (settling && microsOf(event.input_event_sec, event.input_event_usec) < _grabbedAt)
                continue;
            into[count++] = {event.type, event.code, event.value};
        }
        return count;
    }

    KeyboardAddress _address;
    Fd _typing; ///< stays when the scanner is unplugged: desktops take their time with new
                ///< keyboards
    Fd _device; ///< grabbed
    std::int64_t _grabbedAt = 0;  ///< wall clock, us
    Clock::time_point _settledAt; ///< until then events may be older than the grab
    std::atomic<bool> _cancelled{false};
};

} // namespace

std::unique_ptr<Keyboard> makeKeyboard(KeyboardAddress address) {
    return std::make_unique<LinuxKeyboard>(std::move(address));
}

} // namespace souffleur::scanner
