// What a virtual printer keeps over power-off: pictures, memory switches, customised values, serial
// settings. Epson ESC/POS reference: `GS ( L` fn 48, 51, 64 to 67, 69; `GS ( E` fn 1 to 6, 11, 12.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
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

    static constexpr std::size_t kGroup = 40; ///< key codes in one answer to `GS ( L` fn 64
    static constexpr std::size_t kPicturesMax = 200;

    explicit Memory(std::size_t pictureBytes) : _pictureBytes(pictureBytes) {}

    /// One `GS ( E` command's data after pL pH. The answer, perhaps empty; nothing for what no
    /// printer would take (wrong length, writing outside of the setting mode).
    std::optional<Bytes> setting(std::span<const std::uint8_t> data);
    /// Between `GS ( E` fn 1 and fn 2 only settings are obeyed.
    [[nodiscard]] bool settingMode() const { return _settingMode; }
    /// The power went: the setting mode is over, everything written stays.
    void powerCut() {
        _settingMode = false;
        _toSend.clear();
    }

    struct Pictures {
        Bytes answer;
        std::optional<escpos::Bitmap> print; ///< fn 69
        int scaleX = 1;
        int scaleY = 1;
    };
    /// One `GS ( L` or `GS 8 L` command's data after its length.
    Pictures pictures(std::span<const std::uint8_t> data);
    /// After a group of key codes it waits for ACK (the next one, if any), NAK (the same once more)
    /// or CAN, and hears nothing else.
    [[nodiscard]] bool awaitsResponse() const { return !_toSend.empty(); }
    /// The answer to that byte, perhaps empty.
    Bytes respond(std::uint8_t byte);

    /// All that it keeps as text, a line each: equal texts are equal memories.
    [[nodiscard]] std::string dump() const;

    /// Writes to the memory that wears out, since it was made.
    [[nodiscard]] std::uint64_t writes() const { return _writes; }

private:
    std::optional<Bytes> set(std::span<const std::uint8_t> data);
    std::optional<Bytes> transmit(std::uint8_t fn, std::uint8_t which) const;
    void define(std::span<const std::uint8_t> data);
    [[nodiscard]] std::deque<Bytes> keyCodes() const;
    [[nodiscard]] std::size_t left() const;

    std::size_t _pictureBytes;
    bool _settingMode = false;
    std::uint64_t _writes = 0;
    std::map<std::uint8_t, std::string> _switches; ///< number 1..8 to "b8…b1"
    std::map<std::uint8_t, unsigned> _values;
    /// Speed, parity, flow, data bits: as they leave the factory.
    std::map<std::uint8_t, std::string> _serial{{1, "9600"}, {2, "0"}, {3, "0"}, {4, "8"}};
    std::map<KeyCode, escpos::Bitmap> _pictures;
    std::deque<Bytes>
        _toSend; ///< groups of key codes; the first was sent and waits for its response
};

} // namespace souffleur::emulator
