// One way in: an opened scanner that gives codes. Inside the scanner room, and its tests.
#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include "drivers/scanner/Layout.h"
#include "drivers/scanner/Scanner.h"

namespace souffleur::scanner {

using transport::Milliseconds;

/// A code as it came in, cleaned.
struct Found {
    std::string text;
    std::string symbology;
    bool operator==(const Found&) const = default;
};

/// Counted at the device. Any thread reads.
struct Counters {
    std::atomic<std::uint64_t> passed{0};
    std::atomic<std::uint64_t> broken{0};
};

/// Threads: as transport::Transport.
class Reader {
public:
    Reader() = default;
    virtual ~Reader() = default;
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    [[nodiscard]] virtual Result<void> open(Milliseconds timeout) = 0;
    /// A code, or none when the deadline passed. After an error other than `cancelled` it is
    /// closed.
    [[nodiscard]] virtual Result<std::optional<Found>> next(Milliseconds timeout) = 0;
    virtual void close() noexcept = 0;
    virtual void cancel() noexcept = 0;
    [[nodiscard]] virtual std::string describe() const = 0;
    [[nodiscard]] virtual Source source() const noexcept = 0;
};

/// Bytes with an end: CR, LF, TAB, ETX, or 150 ms of silence.
[[nodiscard]] std::unique_ptr<Reader> lineReader(std::unique_ptr<transport::Transport> line,
                                                 Counters& counters);
/// HID-POS; `address` as it stands after hid://. Errors: invalid.
[[nodiscard]] Result<std::unique_ptr<Reader>> hidReader(std::string_view address,
                                                        Counters& counters);
/// A grabbed keyboard.
class Keyboard;
[[nodiscard]] std::unique_ptr<Reader>
keyReader(std::unique_ptr<Keyboard> keyboard, const Layout& layout, Ours ours, Counters& counters);
/// By the address. Errors: invalid.
[[nodiscard]] Result<std::unique_ptr<Reader>> readerAt(const std::string& address, Ours ours,
                                                       Counters& counters);
/// The scanner around a reader of whatever kind. `counters` are the reader's.
[[nodiscard]] std::unique_ptr<Scanner>
startScanner(std::unique_ptr<Reader> reader, std::unique_ptr<Counters> counters, Events& events);

} // namespace souffleur::scanner
