#include "drivers/display/Commands.h"

#include <doctest/doctest.h>

using namespace souffleur;
using display::Bytes;
using display::CommandSet;
using display::Screen;
using display::Settings;

namespace {

/// Readable goldens: printable ASCII as it is, all else as <1F>.
std::string dump(const Bytes& bytes) {
    constexpr const char* kDigits = "0123456789ABCDEF";
    std::string text;
    for (const std::uint8_t byte : bytes) {
        if (byte >= 0x20 && byte < 0x7F && byte != '<') {
            text += static_cast<char>(byte);
        } else {
            text += '<';
            text += kDigits[byte >> 4U];
            text += kDigits[byte & 0xFU];
            text += '>';
        }
    }
    return text;
}

Settings set(CommandSet commands, std::optional<escpos::CodePage> page = {}, int brightness = 0) {
    return {commands, page, brightness};
}

const Screen kDutch{"Welkom!", "Nieuwsbrief?"};
const Screen kFrench{"Bienvenue !", "Préférences ?"};

} // namespace

TEST_CASE("Epson ESC/POS, byte by byte") {
    const Settings plain = set(CommandSet::escpos);
    CHECK(dump(display::beginBytes(plain)) == "<1B>@<1F><01><1F>C<00>");
    CHECK(dump(display::clearBytes(plain)) == "<0C>");
    CHECK(dump(display::screenBytes(plain, kDutch)) ==
          "<1F>$<01><01>Welkom!             <1F>$<01><02>Nieuwsbrief?        ");
    CHECK(dump(display::screenBytes(plain, kFrench)) ==
          "<1F>$<01><01>Bienvenue !         <1F>$<01><02>Preferences ?       ");

    const Settings paged = set(CommandSet::escpos, escpos::CodePage::cp858, 3);
    CHECK(dump(display::beginBytes(paged)) == "<1B>@<1F><01><1F>C<00><1B>t<13><1F>X<03>");
    CHECK(dump(display::screenBytes(paged, kFrench)) ==
          "<1F>$<01><01>Bienvenue !         <1F>$<01><02>Pr<82>f<82>rences ?       ");
    const Settings russian = set(CommandSet::escpos, escpos::CodePage::cp866);
    CHECK(dump(display::beginBytes(russian)) == "<1B>@<1F><01><1F>C<00><1B>t<11>");
    CHECK(dump(display::screenBytes(russian, {"Привет", ""})) ==
          "<1F>$<01><01><8F><E0><A8><A2><A5><E2>              "
          "<1F>$<01><02>                    ");
}

TEST_CASE("CD5220, byte by byte") {
    const Settings plain = set(CommandSet::cd5220);
    CHECK(dump(display::beginBytes(plain)) == "<1B>@<1B>_<00>");
    CHECK(dump(display::beginBytes(set(CommandSet::cd5220, {}, 4))) == "<1B>@<1B>_<00><1B>*<04>");
    CHECK(dump(display::clearBytes(plain)) == "<0C>");
    CHECK(dump(display::screenBytes(plain, kDutch)) ==
          "<1B>QAWelkom!             <0D><1B>QBNieuwsbrief?        <0D>");
}

TEST_CASE("DSP800, byte by byte") {
    const Settings plain = set(CommandSet::dsp800);
    CHECK(dump(display::beginBytes(plain)) == "<17><04><01>C1X<17>");
    CHECK(dump(display::clearBytes(plain)) == "<04><01>C1X<17>");
    CHECK(dump(display::screenBytes(plain, kDutch)) ==
          "<04><01>P1<17>Welkom!             <04><01>PE<17>Nieuwsbrief?        ");
}

TEST_CASE("what a command set cannot do is refused in words") {
    using escpos::CodePage;
    CHECK(display::validate(set(CommandSet::escpos, CodePage::cp866, 4)).has_value());
    CHECK(display::validate(set(CommandSet::cd5220, {}, 1)).has_value());
    CHECK_FALSE(display::validate(set(CommandSet::cd5220, CodePage::cp858)).has_value());
    CHECK_FALSE(display::validate(set(CommandSet::dsp800, {}, 1)).has_value());
    CHECK_FALSE(display::validate(set(CommandSet::escpos, CodePage::cp862)).has_value());
    CHECK_FALSE(display::validate(set(CommandSet::escpos, {}, 5)).has_value());
    CHECK_FALSE(display::validate(set(CommandSet::escpos, {}, -1)).has_value());
    CHECK(display::commandSetByName("dsp800") == CommandSet::dsp800);
    CHECK_FALSE(display::commandSetByName("DSP800").has_value());
}
