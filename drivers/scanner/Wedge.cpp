#include "drivers/scanner/Wedge.h"

#include <algorithm>

#include "drivers/scanner/CodeText.h"

namespace souffleur::scanner {
namespace {

// linux/input-event-codes.h; the same on all its platforms.
constexpr std::uint16_t kEvSyn = 0;
constexpr std::uint16_t kEvKey = 1;
constexpr std::uint16_t kSynReport = 0;
constexpr std::uint16_t kSynDropped = 3;
constexpr std::uint16_t kTab = 15;
constexpr std::uint16_t kEnter = 28;
constexpr std::uint16_t kLeftCtrl = 29;
constexpr std::uint16_t kLeftShift = 42;
constexpr std::uint16_t kRightShift = 54;
constexpr std::uint16_t kLeftAlt = 56;
constexpr std::uint16_t kKeypadEnter = 96;
constexpr std::uint16_t kRightCtrl = 97;
constexpr std::uint16_t kRightAlt = 100;
constexpr std::uint16_t kLeftMeta = 125;
constexpr std::uint16_t kRightMeta = 126;

bool endsCode(std::uint16_t key) {
    return key == kEnter || key == kKeypadEnter || key == kTab;
}

bool isModifier(std::uint16_t key) {
    return key == kLeftShift || key == kRightShift || key == kLeftCtrl || key == kRightCtrl ||
           key == kLeftAlt || key == kRightAlt || key == kLeftMeta || key == kRightMeta;
}

} // namespace

void Wedge::feed(const KeyEvent& event) {
    if (event.type == kEvSyn && event.code == kSynDropped) {
        lost();
        _passing = true; // the rest of a code is none
        _skipping = true;
        _out.broken();
        return;
    }
    if (_skipping) {
        if (event.type == kEvSyn && event.code == kSynReport) _skipping = false;
        return;
    }
    if (event.type != kEvKey || event.code >= kKeys) return;
    if (event.value == 1) press(event);
    if (event.value == 0) release(event); // repeats (2) are made anew where they are wanted
}

void Wedge::press(const KeyEvent& event) {
    _down.set(event.code);
    _swallowed.reset(event.code);
    if (_passing) {
        emit({&event, 1});
        if (endsCode(event.code)) _passing = false;
        return;
    }
    if (endsCode(event.code)) {
        if (_holding && decide()) {
            _swallowed.set(event.code);
            return;
        }
        passAll();
        emit({&event, 1});
        return;
    }
    hold(event);
    write(event);
}

void Wedge::release(const KeyEvent& event) {
    _down.reset(event.code);
    if (event.code == kLeftAlt && _numpad >= 0)
        append(static_cast<char32_t>(std::exchange(_numpad, -1)));
    if (_swallowed.test(event.code)) {
        _swallowed.reset(event.code);
    } else if (_holding) {
        hold(event);
    } else {
        emit({&event, 1});
    }
}

void Wedge::hold(const KeyEvent& event) {
    if (_held.size() >= kHeldMax) {
        passAll();
        _passing = true;
        _out.broken();
        emit({&event, 1});
        return;
    }
    _holding = true;
    _held.push_back(event);
}

void Wedge::write(const KeyEvent& press) {
    if (_passing || isModifier(press.code)) return;
    const auto down = [&](std::uint16_t key) { return _down.test(key); };
    if (down(kLeftMeta) || down(kRightMeta)) return;
    const bool shift = down(kLeftShift) || down(kRightShift);
    const char32_t c = _layout.at(press.code, shift, down(kRightAlt));
    if (down(kLeftAlt)) {
        // Alt and digits of the keypad: a character by its number, in any layout.
        constexpr std::uint16_t kKeypad7 = 71;
        constexpr std::uint16_t kKeypad0 = 82;
        constexpr int kNumberMax = 9999;
        if (press.code < kKeypad7 || press.code > kKeypad0 || c < U'0' || c > U'9') return;
        _numpad = std::min(std::max(_numpad, 0) * 10 + static_cast<int>(c - U'0'), kNumberMax);
    } else if (down(kLeftCtrl) || down(kRightCtrl)) {
        // Ctrl and ] is GS1's separator; other control characters are dropped in the end.
        constexpr char32_t kControl = 0x1F;
        if (c >= U'@' && c <= U'~') append(c & kControl);
    } else if (c != 0) {
        append(c);
    }
}

void Wedge::append(char32_t c) {
    constexpr char32_t kHighest = 0xFFFF; // of a layout, or Alt and four digits
    if (c == 0 || c > kHighest || _text.size() > kCodeMaxBytes) return;
    if (c < 0x80) {
        _text += static_cast<char>(c);
    } else if (c < 0x800) {
        _text += static_cast<char>(0xC0U | (c >> 6U));
        _text += static_cast<char>(0x80U | (c & 0x3FU));
    } else {
        _text += static_cast<char>(0xE0U | (c >> 12U));
        _text += static_cast<char>(0x80U | ((c >> 6U) & 0x3FU));
        _text += static_cast<char>(0x80U | (c & 0x3FU));
    }
}

/// True: it was ours, and nothing of it is typed on.
bool Wedge::decide() {
    auto code = cleanCode(_text);
    if (!code || !_ours(code->text)) return false;
    // What is still down went down within the code, so that nobody else knows of it.
    for (const KeyEvent& event : _held) {
        if (event.value == 1 && _down.test(event.code)) _swallowed.set(event.code);
    }
    forget();
    _out.found(std::move(*code));
    return true;
}

void Wedge::passAll() {
    if (!_holding) return;
    const std::vector<KeyEvent> held = std::exchange(_held, {});
    forget();
    emit(held);
    _out.passed();
}

void Wedge::emit(std::span<const KeyEvent> events) {
    for (const KeyEvent& event : events) _typed.set(event.code, event.value == 1);
    _out.type(events);
}

void Wedge::forget() {
    _held.clear();
    _text.clear();
    _holding = false;
    _numpad = -1;
}

void Wedge::silence() {
    _passing = false;
    if (_holding && !decide()) passAll();
}

void Wedge::lost() {
    passAll();
    _passing = false;
    std::vector<KeyEvent> ups;
    for (std::size_t key = 0; key < kKeys; ++key) {
        if (_typed.test(key)) ups.push_back({kEvKey, static_cast<std::uint16_t>(key), 0});
    }
    if (!ups.empty()) emit(ups);
    _down.reset();
    _swallowed.reset();
}

} // namespace souffleur::scanner
