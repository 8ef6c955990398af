// Which character a key gives, in the layout that the scanner types in. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "drivers/transport/Transport.h"

namespace souffleur::scanner {

/// Tables from TOML (layouts/README.md). Value.
class Layout {
public:
    /// One of the program's own ("us"), or a path with a slash. Errors: invalid, unreachable (no
    /// such layout), with file and line.
    [[nodiscard]] static transport::Result<Layout> load(const std::string& nameOrPath);
    [[nodiscard]] static transport::Result<Layout> parse(std::string_view toml,
                                                         const std::string& file);

    /// The character of a key, by its number in the kernel's input-event-codes.h; 0: none. The
    /// space bar and the keypad are the same in all layouts.
    [[nodiscard]] char32_t at(std::uint16_t key, bool shift, bool altGr) const noexcept;

private:
    friend class LayoutReader;
    static constexpr std::size_t kKeys = 96;
    /// plain, shift, altgr, shift and altgr
    std::array<std::array<char32_t, kKeys>, 4> _levels{};
};

} // namespace souffleur::scanner
