// A bar code scanner, whichever way it is attached: codes come out, bounded, with their time and
// source. What a code means, and which codes are ours, is told from outside.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "drivers/transport/Transport.h"

namespace souffleur::scanner {

using transport::Error;
using transport::Fault;
using transport::Result;

inline constexpr std::size_t kCodeMaxBytes = 1024;
inline constexpr std::size_t kQueueMax = 16; ///< codes that wait for a slow listener

enum class Source : std::uint8_t { line, hidPos, keyboard };
/// "line", "hid-pos", "keyboard".
[[nodiscard]] std::string_view name(Source source) noexcept;

/// 1 to kCodeMaxBytes of UTF-8 (what is none is read as Latin-1), without control characters except
/// GS1's separator (0x1D), without the scanner's own prefix and suffix.
struct Code {
    std::string text;
    /// AIM's symbology identifier ("]Q1": a QR code, ISO/IEC 15424), where the scanner gives it.
    std::string symbology;
    Source source = Source::line;
    std::chrono::system_clock::time_point at; ///< when its last byte or key had come
};

enum class State : std::uint8_t {
    absent,    ///< not there, not permitted, or held by another program; tried again
    listening, ///< codes come
};

/// Called from one thread, one at a time; may block as long as it likes: codes over kQueueMax are
/// dropped meanwhile, and counted. Must not throw, nor destroy the scanner.
class Events {
public:
    virtual ~Events() = default;
    virtual void scanned(const Code& code) = 0;
    /// `words`: for people and logs, what to do; no code ever stands in it.
    virtual void changed(State state, const std::string& words) {
        static_cast<void>(state);
        static_cast<void>(words);
    }
};

/// Is this code ours? Asked for keyboard scanners only, with the text of a whole code, on the
/// thread that holds the keys: it must be quick, and depend on nothing but the text. What is not
/// ours is typed on.
using Ours = std::function<bool(std::string_view text)>;

struct Stats {
    std::uint64_t codes = 0;   ///< handed to the listener
    std::uint64_t passed = 0;  ///< keyboard: pieces typed on, for they were not ours
    std::uint64_t dropped = 0; ///< came faster than ten a second for long, or than they were taken
    std::uint64_t broken = 0;  ///< too long, or empty
};

/// Two threads from start to destruction: one at the device, one that calls the listener. A scanner
/// that is not there, or left, is looked for every two seconds at least.
class Scanner {
public:
    /// Addresses:
    ///   serial:///dev/ttyACM0   9600 baud, no flow control unless said otherwise, as printers'
    ///   tcp://host:port         a serial scanner behind a device server
    ///   hid://0c2e:0b61         HID-POS mode, vendor and product; `?serial=`, `?port=1-4.2`
    ///   keyboard://05e0:1200    keyboard mode ("wedge"); `?serial=`; `?layout=de` or a path, what
    ///                           the scanner types in (default us)
    ///   keyboard:///dev/input/by-id/usb-…-event-kbd
    /// Errors: invalid.
    [[nodiscard]] static Result<std::unique_ptr<Scanner>> start(const std::string& address,
                                                                Ours ours, Events& events);
    /// Ends within a second, but not before a call to the listener that is under way. Keys that are
    /// held back are typed on, and the keyboard is let go.
    virtual ~Scanner() = default;
    Scanner(const Scanner&) = delete;
    Scanner& operator=(const Scanner&) = delete;

    /// Any thread.
    [[nodiscard]] virtual State state() const noexcept = 0;
    [[nodiscard]] virtual Stats stats() const noexcept = 0;

protected:
    Scanner() = default;
};

} // namespace souffleur::scanner
