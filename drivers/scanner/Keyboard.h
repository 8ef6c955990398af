// The platform's part of a keyboard scanner: its own device, taken from everybody else, and a
// keyboard of ours that types on what is not ours. Inside the scanner room, and its tests.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "drivers/transport/UsbTransport.h"

namespace souffleur::scanner {

/// As the kernel's input_event, without its time.
struct KeyEvent {
    std::uint16_t type = 0;
    std::uint16_t code = 0;
    std::int32_t value = 0;
    bool operator==(const KeyEvent&) const = default;
};

/// Which device is meant: by its numbers, or by a path.
struct KeyboardAddress {
    std::optional<transport::UsbId> id;
    std::string serial; ///< empty: not asked for
    std::string path;   ///< with `id` unset
    bool operator==(const KeyboardAddress&) const = default;
};

/// Threads: as transport::Transport.
class Keyboard {
public:
    Keyboard() = default;
    virtual ~Keyboard() = default;
    Keyboard(const Keyboard&) = delete;
    Keyboard& operator=(const Keyboard&) = delete;

    /// Takes the device; it is never taken where nothing could be typed on. Faults: unreachable
    /// (not plugged in, or two fit), denied (names the node and the rule), busy (another program
    /// took it), invalid (no keyboard).
    [[nodiscard]] virtual transport::Result<void> open(transport::Milliseconds timeout) = 0;
    /// At least one event, or 0 when the deadline passed. Faults: gone, cancelled, closed.
    [[nodiscard]] virtual transport::Result<std::size_t> read(std::span<KeyEvent> into,
                                                              transport::Milliseconds timeout) = 0;
    /// Types it on. Never waits; also when the device itself has gone.
    virtual void emit(std::span<const KeyEvent> events) noexcept = 0;
    /// Lets the device go.
    virtual void close() noexcept = 0;
    virtual void cancel() noexcept = 0;
    [[nodiscard]] virtual std::string describe() const = 0;
};

/// This platform's; it is opened later. Linux: evdev and uinput (KeyboardLinux.cpp).
[[nodiscard]] std::unique_ptr<Keyboard> makeKeyboard(KeyboardAddress address);

} // namespace souffleur::scanner
