// What the encoder, the printer and the emulator must know of a model. Filled from
// firmware-config/profiles/*.toml by drivers/printer (ProfileFile.h); a plain value.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "drivers/escpos/CodePages.h"
#include "drivers/escpos/Error.h"

namespace souffleur::escpos {

/// `ESC t slot` selects `page` on this model (slots differ per model and maker).
struct CodePageSlot {
    std::uint8_t slot = 0;
    CodePage page = CodePage::cp437;
    bool operator==(const CodePageSlot&) const = default;
};

enum class Cutter { none, full, partial };
enum class Graphics {
    rasterGsV0,    ///< `GS v 0`, obsolete and still understood everywhere
    graphicsGsL,   ///< `GS ( L` fn 112 + 50, for models whose manual deprecates the former
    columnsEscStar ///< `ESC * 33`, strips of 24 rows: what even the oldest understand
};

inline constexpr std::size_t kMaxCodePages = 64;

struct Profile {
    std::string id = "generic-80mm"; ///< kebab-case, the file's name
    std::string vendor = "generic";
    std::string model = "80 mm";
    int paperWidthMm = 80;
    int widthDots = 576; ///< printable; 8..1024, a multiple of 8
    int dotsPerMm = 8;   ///< 8 = 203 dpi
    int columns = 48;    ///< font A; columns x fontWidth <= widthDots
    int fontWidth = 12;  ///< font A's cell, dots
    int fontHeight = 24;
    std::vector<CodePageSlot> codePages = {{0, CodePage::cp437}}; ///< best first
    Cutter cutter = Cutter::partial;
    int feedBeforeCutDots = 96; ///< head to knife or tear bar; 0..1024 (`GS V 66` knows its own)
    Graphics graphics = Graphics::rasterGsV0;
    int bandRows = 128; ///< rows of a picture in one command, 8..1024: small buffers, small bands
    bool qr = true;     ///< draws `GS ( k` QR codes itself
    bool processId = false; ///< answers `GS ( H` fn 48
    bool status = true;     ///< answers `DLE EOT` and `GS a`; false = write-only

    bool operator==(const Profile&) const = default;
};

/// Checks every bound above. Errors: invalid, naming the field.
[[nodiscard]] Result<void> validate(const Profile& profile);

} // namespace souffleur::escpos
