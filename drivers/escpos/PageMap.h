// Which of a model's code pages carry a character. Inside the encoder only.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "drivers/escpos/Profile.h"

namespace souffleur::escpos {

/// A set of positions in Profile::codePages, the first in the lowest bit.
using PageSet = std::uint64_t;
static_assert(kMaxCodePages <= 64);

/// Immutable after construction.
class PageMap {
public:
    explicit PageMap(const std::vector<CodePageSlot>& pages);

    /// Empty for what must be drawn; every page for ASCII.
    [[nodiscard]] PageSet of(char32_t c) const noexcept;

private:
    struct Entry {
        char32_t c = 0;
        PageSet pages = 0;
    };
    PageSet _all = 0;
    std::vector<Entry> _entries; ///< by character
};

} // namespace souffleur::escpos
