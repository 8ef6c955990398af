// Keys that work whatever window has the focus: bring the panel forward, rush mode on or off, take
// the customer number that was just copied. For ticketing systems that cannot call us. Off unless
// configured. Linux: X11 (HotKeyX11.cpp); under Wayland there are no such keys.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "plugin/base/Result.h"

namespace souffleur::host {

inline constexpr std::size_t kCopiedNumberMaxBytes = 64;

/// Keys as "ctrl+alt+s": modifiers (ctrl, alt, shift, super) and one of a-z, 0-9, f1-f24, pause,
/// insert, home, end, menu. Empty: this one is off. A letter or digit needs ctrl, alt or super.
struct HotKeySettings {
    std::string panel;
    std::string rush;
    std::string number;

    [[nodiscard]] bool any() const { return !panel.empty() || !rush.empty() || !number.empty(); }
};

/// Called from the keys' one thread, one at a time; must not throw.
class HotKeyEvents {
public:
    virtual ~HotKeyEvents() = default;
    virtual void panelWanted() = 0;
    virtual void rushWanted() = 0;
    /// What the clipboard held when the key was pressed: 1 to 64 letters, digits, - _ . and /.
    /// Anything else that was copied is passed over unread.
    virtual void numberTaken(const std::string& number) = 0;
};

/// One set of keys, with one thread, from start() to destruction.
class HotKeys {
public:
    /// `display`: ":0"; empty: as the environment says. Errors: invalid (a key that is none, the
    /// same key twice), unavailable (no X server), conflict (another program holds the key). The
    /// events must outlive it.
    [[nodiscard]] static Result<std::unique_ptr<HotKeys>>
    start(const HotKeySettings& settings, HotKeyEvents& events, const std::string& display = {});

    /// Gives the keys back; no event comes after it.
    virtual ~HotKeys() = default;
    HotKeys(const HotKeys&) = delete;
    HotKeys& operator=(const HotKeys&) = delete;

protected:
    HotKeys() = default;
};

/// A key as written, without its platform's codes.
struct KeyName {
    bool ctrl = false;
    bool alt = false;
    bool shift = false;
    bool super = false;
    std::string key; ///< "s", "f12", "pause"

    bool operator==(const KeyName&) const = default;
};
/// Errors: invalid.
[[nodiscard]] Result<KeyName> keyNamed(std::string_view text);
/// The text without white space around it when it may be a customer number, else empty.
[[nodiscard]] std::string customerNumberIn(std::string_view text);

} // namespace souffleur::host
