// Bytes to a printer, as commands: what the emulator prints and the tap looks into. Never
// desynchronises on what it does not know: an unknown command is reported and skipped by its fixed
// prefix length, and parameters of the self-describing families (`GS ( x pL pH`) by their own
// count.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "drivers/escpos/Profile.h"

namespace souffleur::escpos {

/// One step of the stream. `bytes` is the command as received (text: the run of printable bytes)
/// and is valid only during the call.
struct Command {
    enum class Kind {
        text,     ///< printable bytes 0x20..0xFF outside of commands
        control,  ///< one byte: LF, CR, HT, FF, CAN, ...
        command,  ///< a known ESC, FS, GS or DLE command, complete
        unknown,  ///< a prefix that no table knows
        oversize, ///< known, but its data passed kMaxCommandBytes: the data was skipped, counted,
                  ///< not kept
    };
    Kind kind = Kind::text;
    std::span<const std::uint8_t> bytes;
    std::size_t dataAt = 0; ///< where the variable part starts within `bytes`
    std::uint64_t length =
        0; ///< bytes of the stream that this step used (> bytes.size() if oversize)

    /// "ESC t", "GS ( k 49 81", "LF", "text".
    [[nodiscard]] std::string name() const;
    [[nodiscard]] std::span<const std::uint8_t> data() const { return bytes.subspan(dataAt); }
    /// Starts with these bytes, e.g. is(0x1D, 'V').
    [[nodiscard]] bool is(std::uint8_t a, std::uint8_t b) const {
        return bytes.size() >= 2 && bytes[0] == a && bytes[1] == b;
    }
};

inline constexpr std::size_t kMaxCommandBytes = 4 * 1024 * 1024;

/// Incremental. The sum of all `length` plus pending() is always the number of bytes fed. One
/// thread.
class Decoder {
public:
    using Sink = std::function<void(const Command&)>;
    explicit Decoder(Sink sink);

    void feed(std::span<const std::uint8_t> bytes);
    /// The stream ended: whatever is pending is reported as unknown.
    void finish();
    /// Bytes of an unfinished command.
    [[nodiscard]] std::uint64_t pending() const { return _length; }
    /// So many bytes at least are missing to its end; 0 outside of a command.
    [[nodiscard]] std::uint64_t missing() const {
        if (_length == 0) return 0;
        return _untilNul ? 1 : _wanted - _length;
    }

private:
    void start(std::uint8_t byte);
    void decide();
    void emit(Command::Kind kind);
    std::size_t collect(std::span<const std::uint8_t> bytes);

    Sink _sink;
    std::vector<std::uint8_t> _buffer; ///< the command so far, at most kMaxCommandBytes
    std::uint64_t _length = 0;         ///< its bytes so far, kept or not
    std::uint64_t _wanted = 0;         ///< length at which to decide again
    std::size_t _dataAt = 0;
    bool _final = false;    ///< `_wanted` is the whole command
    bool _untilNul = false; ///< the command ends with a NUL
};

/// The real-time requests in a stream, wherever they stand (`10 04 n` is obeyed even inside image
/// data).
class RealTimeScanner {
public:
    /// Calls `request(command, n)`: command 0x04 (`DLE EOT`), 0x05 (`DLE ENQ`), 0x14 (`DLE DC4`).
    void feed(std::span<const std::uint8_t> bytes,
              const std::function<void(std::uint8_t command, std::uint8_t n)>& request);

private:
    std::uint8_t _state = 0;
    std::uint8_t _command = 0;
};

/// A readable dump, one command a line; goldens stand beside their bytes in this form. With a
/// profile, text is shown as the model prints it.
std::string dump(std::span<const std::uint8_t> bytes, const Profile* profile = nullptr);

} // namespace souffleur::escpos
