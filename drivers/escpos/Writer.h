// Bytes for a printer whose modes are known: sends a mode only when it changes. Inside the encoder
// only.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "drivers/escpos/Encoder.h"
#include "drivers/escpos/Text.h"

namespace souffleur::escpos {

class Writer {
public:
    explicit Writer(const Profile& profile) : _profile(profile) { _bytes.reserve(2048); }

    void begin();            ///< ESC @, FS ., ESC R 0, first code page
    void align(Align align); ///< at the start of a line only
    void line(const std::vector<Glyph>& glyphs);
    void feed(int lines);
    void bitmap(const Bitmap& bitmap);
    void qr(std::string_view text, int moduleDots);
    void end(std::optional<ProcessId> id);

    /// The slot and byte for `c`, preferring the page in use; nothing when no page carries it.
    struct Place {
        CodePageSlot slot;
        std::uint8_t byte = 0;
    };
    [[nodiscard]] std::optional<Place> place(char32_t c) const;
    [[nodiscard]] Bytes take() { return std::move(_bytes); }

private:
    void put(std::initializer_list<int> bytes);
    void style(const Style& style);
    void usePageFor(const std::vector<Glyph>& glyphs, std::size_t from);
    void band(const Bitmap& bitmap, int top, int rows);

    const Profile& _profile;
    Bytes _bytes;
    CodePageSlot _page;
    Style _style;
    Align _align = Align::left;
};

} // namespace souffleur::escpos
