// What a till has set in the printer, so that it can be set again after a slip of ours. Inside the
// tap only.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace souffleur::host {

/// Keeps the last of each kind of setting since the latest `ESC @`, in the order they came: code
/// page and characters of a country, print mode, size, justification, spacing, margins, tabs, bar
/// code shape, Kanji mode, automatic status. Commands only, never text. One thread.
///
/// Not kept: characters and pictures that were defined (`ESC &`, `GS *`), macros, page mode and
/// what is set in it, buttons of the printer's panel.
class TapModes {
public:
    /// A whole command that the printer has.
    void heard(std::span<const std::uint8_t> command);
    /// Bytes were missed, or not understood: what was set is not known.
    void lose() noexcept { _count = 0; }
    /// `ESC @`, and then what was set.
    [[nodiscard]] std::vector<std::uint8_t> again() const;

private:
    static constexpr std::size_t kModes = 40;
    static constexpr std::size_t kLongest = 36; ///< `ESC D` with 32 tabs

    struct Mode {
        std::array<std::uint8_t, kLongest> bytes{};
        std::size_t length = 0;
    };
    std::array<Mode, kModes> _modes; ///< in the order they were set last
    std::size_t _count = 0;
};

} // namespace souffleur::host
