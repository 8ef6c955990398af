// What a virtual printer keeps over power-off: pictures, memory switches, customised values, serial
// settings. Epson ESC/POS reference: `GS ( L` fn 48, 51, 64 to 67, 69; `GS ( E` fn 1 to 6, 11, 12.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "drivers/escpos/Document.h"

namespace souffleur::emulator {

class Memory {
public:
    using Bytes = std::vector<std::uint8_t>;
    using KeyCode = std::array<std::uint8_t, 2>;

    static constexpr std::size_t kPicturesMax = 40; ///< one group of a `GS ( L` fn 64 answer

    explicit Memory(std::size_t pictureBytes) : _pictureBytes(pictureBytes) {}

    /// One `GS ( E` command's data after pL pH. The answer, perhaps empty; nothing for what no
    /// printer would take (wrong length, writing outside of the setting mode).
    std::optional<Bytes> setting(std::span<const std::uint8_t> data);
    /// Between `GS ( E` fn 1 and fn 2 only settings are obeyed.
    [[nodiscard]] bool settingMode() const { return _settingMode; }
    /// The power went: the setting mode is over, everything written stays.
    void powerCut() { _settingMode = false; }

    struct Pictures {
        Bytes answer;
        std::optional<escpos::Bitmap> print; ///< fn 69
        int scaleX = 1;
        int scaleY = 1;
    };
    /// One `GS ( L` or `GS 8 L` command's data after its length.
    Pictures pictures(std::span<const std::uint8_t> data);

    /// Writes to the memory that wears out, since it was made.
    [[nodiscard]] std::uint64_t writes() const { return _writes; }

private:
    std::optional<Bytes> set(std::span<const std::uint8_t> data);
    std::optional<Bytes> transmit(std::uint8_t fn, std::uint8_t which) const;
    void define(std::span<const std::uint8_t> data);
    [[nodiscard]] Bytes keyCodes() const;
    [[nodiscard]] std::size_t left() const;

    std::size_t _pictureBytes;
    bool _settingMode = false;
    std::uint64_t _writes = 0;
    std::map<std::uint8_t, std::string> _switches; ///< number 1..8 to "b8…b1"
    std::map<std::uint8_t, unsigned> _values;
    std::map<std::uint8_t, std::string> _serial;
    std::map<KeyCode, escpos::Bitmap> _pictures;
};

} // namespace souffleur::emulator
