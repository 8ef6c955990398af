// How long each ESC/POS command is. For the decoder, and
// for the print tap, which must keep none of the data. Source: Epson's ESC/POS command
// reference, by command; the clones' buzzer commands are in as well because tills send them.
#pragma once

#include <cstdint>
#include <span>

namespace souffleur::escpos {

/// What is known of a command from its first bytes.
struct Plan {
    enum class Kind {
        more,     ///< decide again at `length` bytes
        total,    ///< the command is `length` bytes long
        untilNul, ///< it ends with the next NUL after `length` bytes
        unknown,
    };
    Kind kind = Kind::unknown;
    std::uint64_t length = 0;
    std::size_t dataAt = 0; ///< where variable data starts, with total and untilNul
};

/// `bytes` starts with DLE, ESC, FS or GS and has the length that the last `more` asked for (at
/// first 2).
Plan plan(std::span<const std::uint8_t> bytes);

constexpr std::uint8_t kDle = 0x10;
constexpr std::uint8_t kEsc = 0x1B;
constexpr std::uint8_t kFs = 0x1C;
constexpr std::uint8_t kGs = 0x1D;

constexpr bool isPrefix(std::uint8_t byte) {
    return byte == kDle || byte == kEsc || byte == kFs || byte == kGs;
}

} // namespace souffleur::escpos
