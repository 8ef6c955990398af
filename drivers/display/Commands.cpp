// Sources: Epson DM-D110 specification (ESC/POS: ESC @, ESC t, US $, US C, US X, CLR); CD5220
// user's manual, standard mode (ESC @, ESC * n, ESC _ n, ESC Q A/B, CLR); DSP-800 and VFD-550
// manuals (EOT SOH P, EOT SOH C; every command ends with ETB and is answered, which nobody waits
// for).
#include "drivers/display/Commands.h"

#include <span>

#include "drivers/display/Fold.h"

namespace souffleur::display {
namespace {

using escpos::CodePage;

constexpr std::uint8_t kEsc = 0x1B;
constexpr std::uint8_t kUs = 0x1F;
constexpr std::uint8_t kClr = 0x0C;
constexpr std::uint8_t kCr = 0x0D;
constexpr std::uint8_t kEot = 0x04;
constexpr std::uint8_t kSoh = 0x01;
constexpr std::uint8_t kEtb = 0x17;
constexpr std::uint8_t kFirstPlace = 0x31; ///< DSP800: position 1 of 40

/// The number of a page in `ESC t` of DM-D displays; nothing: they do not have it.
std::optional<std::uint8_t> slotOf(CodePage page) {
    switch (page) {
    case CodePage::cp437:
        return 0;
    case CodePage::cp850:
        return 2;
    case CodePage::cp860:
        return 3;
    case CodePage::cp863:
        return 4;
    case CodePage::cp865:
        return 5;
    case CodePage::cp1252:
        return 16;
    case CodePage::cp866:
        return 17;
    case CodePage::cp852:
        return 18;
    case CodePage::cp858:
        return 19;
    default:
        return std::nullopt;
    }
}

void append(Bytes& bytes, std::initializer_list<std::uint8_t> more) {
    bytes.insert(bytes.end(), more);
}

void append(Bytes& bytes, std::span<const std::uint8_t> line) {
    bytes.insert(bytes.end(), line.begin(), line.end());
}

} // namespace

std::optional<CommandSet> commandSetByName(std::string_view name) noexcept {
    if (name == "escpos") return CommandSet::escpos;
    if (name == "cd5220") return CommandSet::cd5220;
    if (name == "dsp800") return CommandSet::dsp800;
    return std::nullopt;
}

Result<void> validate(const Settings& settings) {
    const auto refuse = [](const char* what) {
        return tl::make_unexpected(Error{Fault::invalid, what});
    };
    if (settings.brightness < 0 || settings.brightness > 4)
        return refuse("a display's brightness is 1 to 4, or 0 to leave it");
    if (settings.brightness > 0 && settings.commands == CommandSet::dsp800)
        return refuse("a display in its dsp800 mode has no brightness");
    if (!settings.page) return {};
    if (settings.commands != CommandSet::escpos)
        return refuse("only a display in its escpos mode can be told its code page");
    if (!slotOf(*settings.page))
        return refuse("a display's code page is cp437, cp850, cp852, cp858, cp860, cp863, cp865, "
                      "cp866 or cp1252");
    return {};
}

Bytes beginBytes(const Settings& settings) {
    const auto brightness = static_cast<std::uint8_t>(settings.brightness);
    switch (settings.commands) {
    case CommandSet::escpos: {
        Bytes bytes{kEsc, '@', kUs, 0x01, kUs, 'C', 0}; // initialise, overwrite mode, no cursor
        if (settings.page) append(bytes, {kEsc, 't', slotOf(*settings.page).value_or(0)});
        if (brightness > 0) append(bytes, {kUs, 'X', brightness});
        return bytes;
    }
    case CommandSet::cd5220: {
        Bytes bytes{kEsc, '@', kEsc, '_', 0};
        if (brightness > 0) append(bytes, {kEsc, '*', brightness});
        return bytes;
    }
    case CommandSet::dsp800:
        break;
    }
    // An ETB ends whatever command was under way.
    Bytes bytes{kEtb};
    append(bytes, clearBytes(settings));
    return bytes;
}

Bytes clearBytes(const Settings& settings) {
    if (settings.commands != CommandSet::dsp800) return {kClr};
    constexpr std::uint8_t kLastPlace = kFirstPlace + 2 * kColumns - 1;
    return {kEot, kSoh, 'C', kFirstPlace, kLastPlace, kEtb};
}

Bytes screenBytes(const Settings& settings, const Screen& screen) {
    const Line top = lineFor(screen.top, settings.page);
    const Line bottom = lineFor(screen.bottom, settings.page);
    Bytes bytes;
    switch (settings.commands) {
    case CommandSet::escpos:
        append(bytes, {kUs, '$', 1, 1});
        append(bytes, top);
        append(bytes, {kUs, '$', 1, 2});
        append(bytes, bottom);
        break;
    case CommandSet::cd5220:
        append(bytes, {kEsc, 'Q', 'A'});
        append(bytes, top);
        append(bytes, {kCr, kEsc, 'Q', 'B'});
        append(bytes, bottom);
        append(bytes, {kCr});
        break;
    case CommandSet::dsp800:
        append(bytes, {kEot, kSoh, 'P', kFirstPlace, kEtb});
        append(bytes, top);
        append(bytes, {kEot, kSoh, 'P', kFirstPlace + kColumns, kEtb});
        append(bytes, bottom);
        break;
    }
    return bytes;
}

} // namespace souffleur::display
