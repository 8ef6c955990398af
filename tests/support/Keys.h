// What a keyboard scanner's keys look like to the kernel, typed in US layout. Header only.
#pragma once

#include <string_view>
#include <vector>

#include "drivers/scanner/Keyboard.h"

namespace souffleur::test {

using Keys = std::vector<scanner::KeyEvent>;

inline constexpr std::uint16_t kEnterKey = 28;
inline constexpr std::uint16_t kShiftKey = 42;

inline void tap(Keys& keys, std::uint16_t key) {
    keys.push_back({1, key, 1});
    keys.push_back({0, 0, 0});
    keys.push_back({1, key, 0});
    keys.push_back({0, 0, 0});
}

/// Presses and releases, with Shift where it takes it, and a report after each; `\n` is Enter.
inline Keys keysOf(std::string_view text) {
    constexpr std::string_view kPlain = "1234567890-=\b\tqwertyuiop[]\n"; // from key 2 on
    constexpr std::string_view kHome = "asdfghjkl;'`";                    // from 30
    constexpr std::string_view kBottom = "\\zxcvbnm,./";                  // from 43
    constexpr std::string_view kShifted = "!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:\"~|ZXCVBNM<>?";
    constexpr std::string_view kUnshifted = "1234567890-=qwertyuiop[]asdfghjkl;'`\\zxcvbnm,./";
    Keys keys;
    for (char c : text) {
        const auto shifted = kShifted.find(c);
        const bool shift = shifted != std::string_view::npos;
        if (shift) c = kUnshifted[shifted];
        std::uint16_t key = 57;
        for (const auto& [row, first] : {std::pair{kPlain, 2}, {kHome, 30}, {kBottom, 43}}) {
            if (const auto at = row.find(c); at != std::string_view::npos)
                key = static_cast<std::uint16_t>(first + static_cast<int>(at));
        }
        if (shift) keys.insert(keys.end(), {{1, kShiftKey, 1}, {0, 0, 0}});
        tap(keys, key);
        if (shift) keys.insert(keys.end(), {{1, kShiftKey, 0}, {0, 0, 0}});
    }
    return keys;
}

/// The key events alone.
inline Keys pressesOf(const Keys& keys) {
    Keys out;
    for (const scanner::KeyEvent& event : keys)
        if (event.type == 1) out.push_back(event);
    return out;
}

} // namespace souffleur::test
