#include "plugin/host/HotKey.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace souffleur::host {
namespace {

constexpr std::array<std::string_view, 5> kWords{"pause", "insert", "home", "end", "menu"};
constexpr int kFunctionKeys = 24;

bool isFunctionKey(std::string_view key) {
    for (int n = 1; n <= kFunctionKeys; ++n) {
        if (key == "f" + std::to_string(n)) return true;
    }
    return false;
}

bool isSign(std::string_view key) {
    return key.size() == 1 &&
           ((key[0] >= 'a' && key[0] <= 'z') || (key[0] >= '0' && key[0] <= '9'));
}

} // namespace

Result<KeyName> keyNamed(std::string_view text) {
    const auto wrong = fail(Code::invalid, "a hot key is written like ctrl+alt+s, f12 or pause");
    KeyName out;
    const std::array<std::pair<std::string_view, bool*>, 4> modifiers{
        {{"ctrl", &out.ctrl}, {"alt", &out.alt}, {"shift", &out.shift}, {"super", &out.super}}};
    for (std::size_t plus = text.find('+'); plus != std::string_view::npos; plus = text.find('+')) {
        const std::string_view word = text.substr(0, plus);
        const auto found = std::ranges::find_if(
            modifiers, [&](const auto& modifier) { return modifier.first == word; });
        if (found == modifiers.end() || *found->second) return wrong;
        *found->second = true;
        text.remove_prefix(plus + 1);
    }
    const bool sign = isSign(text);
    if (!sign && !isFunctionKey(text) && std::ranges::find(kWords, text) == kWords.end())
        return wrong;
    // A bare letter would be taken away from every other program.
    if (sign && !out.ctrl && !out.alt && !out.super) return wrong;
    out.key = std::string(text);
    return out;
}

std::string customerNumberIn(std::string_view text) {
    constexpr std::string_view kSpace = " \t\r\n";
    text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
    text = text.substr(0, text.find_last_not_of(kSpace) + 1);
    const auto fits = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
               std::string_view("-_./").find(c) != std::string_view::npos;
    };
    if (text.size() > kCopiedNumberMaxBytes || !std::ranges::all_of(text, fits)) return {};
    return std::string(text);
}

} // namespace souffleur::host
