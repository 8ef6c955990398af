// Bytes for a printer whose modes are known: sends a mode only when it changes. Inside the encoder
// only.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

#include "drivers/escpos/Encoder.h"
#include "drivers/escpos/PageMap.h"
#include "drivers/escpos/Text.h"

namespace souffleur::escpos {

/// Text is kept as characters until `take`: only the whole job shows which code pages need the
/// fewest switches.
class Writer {
public:
    Writer(const Profile& profile, const PageMap& pages) : _profile(profile), _pages(pages) {
        _bytes.reserve(2048);
        _text.reserve(1024);
    }

    void begin();            ///< ESC @, FS ., ESC R 0; the first code page follows by itself
    void align(Align align); ///< at the start of a line only
    void line(const std::vector<Glyph>& glyphs);
    void feed(int lines);
    void space(int dots);
    void bitmap(const Bitmap& bitmap);
    void qr(std::string_view text, int moduleDots);
    void end(std::optional<ProcessId> id);

    /// True when some page of the model carries it.
    [[nodiscard]] bool carries(char32_t c) const { return _pages.of(c) != 0; }
    /// The job; the writer is empty afterwards.
    [[nodiscard]] Bytes take();

private:
    /// A character to print before `_bytes[at]`.
    struct Letter {
        char32_t c = 0;
        std::size_t at = 0;
        bool startsWord = false;
        std::uint8_t page = 0; ///< position in Profile::codePages
    };

    void put(std::initializer_list<int> bytes);
    void style(const Style& style);
    void band(const Bitmap& bitmap, int top, int rows);
    void strips(const Bitmap& bitmap);
    void choosePages();
    void startAtWord(std::size_t from, std::size_t to);

    const Profile& _profile;
    const PageMap& _pages;
    Bytes _bytes; ///< everything but letters and code pages
    std::vector<Letter> _text;
    std::size_t _firstPageAt = 0;
    Style _style;
    Align _align = Align::left;
};

} // namespace souffleur::escpos
