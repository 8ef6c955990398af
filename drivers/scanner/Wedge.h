// Keys of a scanner that plays a keyboard: made into codes; what is not ours is typed on, unchanged
// and in its order. Pure. Inside the scanner room, its tests and its fuzz target.
//
// A key that goes down begins a piece; it is held back until Enter or Tab, or until nothing more
// came for kSilence. Then it is ours as a whole, or typed on as a whole. A piece that grows too
// long is typed on from there as it comes.
#pragma once

#include <bitset>
#include <vector>

#include "drivers/scanner/Keyboard.h"
#include "drivers/scanner/Reader.h"

namespace souffleur::scanner {

/// A scanner sends a key every few milliseconds, the slowest every 40.
inline constexpr Milliseconds kSilence{120};
/// Presses and releases with Shift for each character of the longest code.
inline constexpr std::size_t kHeldMax = kCodeMaxBytes * 4 + 64;

/// What comes out of a Wedge.
class WedgeOut {
public:
    virtual ~WedgeOut() = default;
    virtual void type(std::span<const KeyEvent> events) = 0;
    virtual void found(Found code) = 0;
    virtual void passed() = 0; ///< a piece was typed on
    virtual void broken() = 0; ///< a piece was too long, or keys were lost
};

class Wedge {
public:
    Wedge(const Layout& layout, Ours ours, WedgeOut& out)
        : _layout(layout), _ours(std::move(ours)), _out(out) {}

    void feed(const KeyEvent& event);
    /// Nothing came for kSilence.
    void silence();
    /// Keys were lost, or the device left: what is held is typed on, and no key stays down.
    void lost();
    /// Is a piece under way, so that silence matters?
    [[nodiscard]] bool busy() const noexcept { return _holding || _passing; }

private:
    static constexpr std::size_t kKeys = 768; ///< KEY_CNT

    void press(const KeyEvent& event);
    void release(const KeyEvent& event);
    void hold(const KeyEvent& event);
    void write(const KeyEvent& press);
    void append(char32_t c);
    [[nodiscard]] bool decide();
    void passAll();
    void emit(std::span<const KeyEvent> events);
    void forget();

    Layout _layout;
    Ours _ours;
    WedgeOut& _out;
    std::vector<KeyEvent> _held; ///< key events alone
    std::string _text;
    bool _holding = false;
    bool _passing = false;         ///< too long to be a code: typed on until it ends
    bool _skipping = false;        ///< after lost events: until the next report
    int _numpad = -1;              ///< Alt and digits; -1: none
    std::bitset<kKeys> _down;      ///< at the scanner
    std::bitset<kKeys> _typed;     ///< down at the keyboard of ours
    std::bitset<kKeys> _swallowed; ///< went down in a code of ours: their release is ours, too
};

} // namespace souffleur::scanner
