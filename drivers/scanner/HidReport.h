// What a HID-POS scanner sends: its report descriptor tells where the fields are. Pure. Inside the
// scanner room, its tests and its fuzz target. USB HID 1.11, 6.2.2 and 8; HID Point of Sale Usage
// Tables 1.02, page 0x8C.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "drivers/scanner/Scanner.h"

namespace souffleur::scanner {

inline constexpr std::size_t kReportsMax = 16;
inline constexpr std::size_t kReportMaxBytes = 4096;

/// Where the fields of one input report stand. Positions count from the report's first byte, the id
/// included.
struct HidReport {
    std::optional<std::uint8_t> id; ///< none: the device does not number its reports
    std::size_t bytes = 0;          ///< the whole report
    std::size_t dataAt = 0;
    std::size_t dataBytes = 0;
    std::optional<std::size_t> lengthAt; ///< one byte: how much of the data counts
    std::array<std::optional<std::size_t>, 3> symbologyAt;
    std::optional<std::size_t> continuedBit; ///< set: the next report goes on with this code
    bool operator==(const HidReport&) const = default;
};

/// One report's part of a code.
struct HidPiece {
    std::string data;
    std::string symbology; ///< "]Q1", or empty
    bool continued = false;
    bool operator==(const HidPiece&) const = default;
};

class HidLayout {
public:
    /// Reads a report descriptor; reports without decoded data, and those outside of a bar code
    /// scanner's collection, are passed over. Bounded, whatever the bytes. Errors: invalid (broken,
    /// or no scanner).
    [[nodiscard]] static Result<HidLayout> parse(std::span<const std::uint8_t> descriptor);
    /// What nearly all scanners send (report 2 of 64 bytes: length, three of symbology, 56 of data,
    /// and bit 0 of the last: goes on), for one whose descriptor does not say.
    [[nodiscard]] static HidLayout standard();

    /// None for a report that is not one of these. A short one gives what is there.
    [[nodiscard]] std::optional<HidPiece> decode(std::span<const std::uint8_t> report) const;
    /// Of the longest.
    [[nodiscard]] std::size_t maxBytes() const noexcept;
    [[nodiscard]] const std::vector<HidReport>& reports() const noexcept { return _reports; }

private:
    std::vector<HidReport> _reports;
};

} // namespace souffleur::scanner
