#include "drivers/escpos/PageMap.h"

#include <algorithm>

namespace souffleur::escpos {

PageMap::PageMap(const std::vector<CodePageSlot>& pages) {
    const std::size_t count = std::min(pages.size(), kMaxCodePages);
    std::vector<Entry> found;
    found.reserve(count * 128);
    for (std::size_t i = 0; i < count; ++i) {
        _all |= PageSet{1} << i;
        for (int byte = 0x80; byte < 0x100; ++byte) {
            const char32_t c = charOf(pages[i].page, static_cast<std::uint8_t>(byte));
            // A table may hold controls and invisible marks: only what byteOf gives back counts.
            if (byteOf(pages[i].page, c)) found.push_back({c, PageSet{1} << i});
        }
    }
    std::sort(found.begin(), found.end(), [](const Entry& a, const Entry& b) { return a.c < b.c; });
    for (const Entry& entry : found) {
        if (_entries.empty() || _entries.back().c != entry.c) _entries.push_back({entry.c, 0});
        _entries.back().pages |= entry.pages;
    }
}

PageSet PageMap::of(char32_t c) const noexcept {
    if (c < 0x7F) return c < 0x20 ? 0 : _all;
    const auto found =
        std::lower_bound(_entries.begin(), _entries.end(), c,
                         [](const Entry& entry, char32_t wanted) { return entry.c < wanted; });
    return found == _entries.end() || found->c != c ? 0 : found->pages;
}

} // namespace souffleur::escpos
