// Bytes of a scanner made into a code. Pure. Inside the scanner room, and its tests.
#pragma once

#include <optional>
#include <span>

#include "drivers/scanner/Reader.h"

namespace souffleur::scanner {

/// Takes off what is the scanner's: STX before, line ends and ETX behind, other control characters
/// anywhere, AIM's identifier in front (into `symbology`). Nothing when nothing is left or it is
/// too long. Any bytes may come in.
[[nodiscard]] std::optional<Found> cleanCode(std::string_view bytes);

/// Bytes as they come, cut at their ends.
class Assembler {
public:
    enum class End : std::uint8_t { none, code, broken };
    /// Takes bytes up to the first end of a code, off the front of `bytes`. `code`: it is in
    /// `found`. `broken`: what ended was too long; an empty line is none.
    End feed(std::span<const std::uint8_t>& bytes, Found& found);
    /// Nothing came for a while: what there is, is all.
    End silence(Found& found);
    [[nodiscard]] bool empty() const noexcept { return _bytes.empty() && !_overflow; }

private:
    End finish(Found& found);
    std::string _bytes;
    bool _overflow = false;
};

} // namespace souffleur::scanner
