// The IEEE 1284 device id: what a printer says of itself ("MFG:EPSON;MDL:TM-T20III;…").
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace souffleur::transport {

/// Printable ASCII, each field at most kMaxDeviceIdField characters; empty when not said. Value.
struct DeviceId {
    std::string manufacturer; ///< MFG, MANUFACTURER
    std::string model;        ///< MDL, MODEL
    std::string serial;       ///< SN, SERN, SERIALNUMBER
    std::string commandSet;   ///< CMD, COMMAND SET: "ESC/POS"
    std::string deviceClass;  ///< CLS, CLASS: "PRINTER"
    bool operator==(const DeviceId&) const = default;
    /// "MFG:EPSON;MDL:TM-T20III;": what was said, in one order.
    [[nodiscard]] std::string text() const;
};

inline constexpr std::size_t kMaxDeviceIdBytes = 1024;
inline constexpr std::size_t kMaxDeviceIdField = 128;

/// Reads the answer to GET_DEVICE_ID: two bytes of length, which some devices count wrong or write
/// little-endian, then `key:value;` pairs. Never fails: what cannot be read is left empty.
[[nodiscard]] DeviceId parseDeviceId(std::span<const std::uint8_t> answer);

} // namespace souffleur::transport
