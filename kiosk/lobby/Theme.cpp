// The house's colours and logo, from two small files beside the kiosk's keys.
#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "kiosk/lobby/Questions.h"
#include "plugin/crypto/Encoding.h"
#include "plugin/wire/Json.h"

namespace souffleur::lobby {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLogoMaxBytes = 64 * 1024;
constexpr std::size_t kThemeMaxBytes = 16 * 1024;
/// WCAG 2.2, 1.4.3: text on what is behind it.
constexpr double kContrastMin = 4.5;

Result<std::string> readFile(const fs::path& path, std::size_t maxBytes) {
    std::error_code failed;
    const auto size = fs::file_size(path, failed);
    if (failed) return fail(Code::notFound, "no such file", path.filename().string());
    if (size > maxBytes)
        return fail(Code::tooLarge, "the file is too large", path.filename().string());
    std::ifstream in(path, std::ios::binary);
    std::string text(static_cast<std::size_t>(size), '\0');
    if (!in.read(text.data(), static_cast<std::streamsize>(text.size())))
        return fail(Code::storage, "the file cannot be read", path.filename().string());
    return text;
}

bool isColour(std::string_view text) {
    return text.size() == 7 && text.front() == '#' &&
           text.find_first_not_of("0123456789abcdef", 1) == std::string_view::npos;
}

/// Relative luminance (WCAG 2.2).
double luminance(const std::string& colour) {
    constexpr std::array<double, 3> kWeights{0.2126, 0.7152, 0.0722};
    double sum = 0;
    for (std::size_t i = 0; i < kWeights.size(); ++i) {
        const double part = std::stoi(colour.substr(1 + 2 * i, 2), nullptr, 16) / 255.0;
        sum +=
            kWeights[i] * (part <= 0.04045 ? part / 12.92 : std::pow((part + 0.055) / 1.055, 2.4));
    }
    return sum;
}

double contrast(const std::string& one, const std::string& other) {
    const double a = luminance(one);
    const double b = luminance(other);
    return (std::max(a, b) + 0.05) / (std::min(a, b) + 0.05);
}

} // namespace

Result<Theme> readTheme(const fs::path& folder) {
    Theme theme;
    if (const auto text = readFile(folder / "theme.json", kThemeMaxBytes)) {
        wire::JsonReader in(wire::Json::parse(*text));
        in.onlyKeys({"accent", "onAccent", "paper", "ink"});
        for (auto& [name, colour] : {std::pair<const char*, std::string&>{"accent", theme.accent},
                                     {"onAccent", theme.onAccent},
                                     {"paper", theme.paper},
                                     {"ink", theme.ink}}) {
            colour = in.stringOr(name, colour, 7);
            if (in.ok() && !isColour(colour)) in.reject(name, "a colour is as \"#8a1538\"");
        }
        if (auto ok = in.done(); !ok) return passOn(ok);
        if (contrast(theme.accent, theme.onAccent) < kContrastMin ||
            contrast(theme.paper, theme.ink) < kContrastMin)
            return fail(Code::invalid, "the theme's text cannot be read on what is behind it",
                        "theme.json");
    } else if (text.error().code != Code::notFound) {
        return passOn(text);
    }
    for (const auto& [name, type] : {std::pair{"logo.svg", "data:image/svg+xml;base64,"},
                                     std::pair{"logo.png", "data:image/png;base64,"}}) {
        const auto bytes = readFile(folder / name, kLogoMaxBytes);
        if (bytes) theme.logo = type + crypto::toBase64(*bytes);
        if (!bytes && bytes.error().code != Code::notFound) return passOn(bytes);
        if (bytes) break;
    }
    return theme;
}

} // namespace souffleur::lobby
