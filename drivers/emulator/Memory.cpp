#include "drivers/emulator/Memory.h"

#include <algorithm>
#include <string_view>

namespace souffleur::emulator {
namespace {

constexpr std::size_t kSerialDigits = 8;

Memory::Bytes reply(std::uint8_t kind, std::string_view text) {
    Memory::Bytes bytes;
    bytes.reserve(text.size() + 3);
    bytes.push_back(0x37);
    bytes.push_back(kind);
    for (const char c : text) bytes.push_back(static_cast<std::uint8_t>(c));
    bytes.push_back(0);
    return bytes;
}

bool says(std::span<const std::uint8_t> data, std::string_view words) {
    return std::ranges::equal(
        data, words, [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); });
}

std::size_t word(std::span<const std::uint8_t> data, std::size_t at) {
    return data[at] + 256U * data[at + 1];
}

bool switchBits(std::span<const std::uint8_t> bits) {
    return std::ranges::all_of(bits, [](std::uint8_t bit) { return bit >= '0' && bit <= '2'; });
}

/// Digits, of the kind that this item has.
bool serialValue(std::span<const std::uint8_t> item) {
    const auto value = item.subspan(1);
    const auto within = [&](char low, char high) {
        return std::ranges::all_of(value, [&](std::uint8_t c) { return c >= low && c <= high; });
    };
    switch (item[0]) {
    case 1:
        return within('0', '9');
    case 2:
        return value.size() == 1 && within('0', '2');
    case 3:
        return value.size() == 1 && within('0', '1');
    case 4:
        return value.size() == 1 && within('7', '8');
    default:
        return false;
    }
}

} // namespace

std::optional<Memory::Bytes> Memory::setting(std::span<const std::uint8_t> data) {
    if (data.empty()) return std::nullopt;
    const auto rest = data.subspan(1);
    switch (data[0]) {
    case 1:
        if (!says(rest, "IN")) return std::nullopt;
        _settingMode = true;
        return reply(0x20, "");
    case 2:
        if (!says(rest, "OUT") || !_settingMode) return std::nullopt;
        _settingMode = false;
        return Bytes{};
    case 3:
    case 5:
    case 11:
        return _settingMode ? set(data) : std::nullopt;
    case 4:
    case 6:
    case 12:
        return rest.size() == 1 ? transmit(data[0], rest[0]) : std::nullopt;
    default:
        return std::nullopt;
    }
}

std::optional<Memory::Bytes> Memory::set(std::span<const std::uint8_t> data) {
    const std::uint8_t fn = data[0];
    auto rest = data.subspan(1);
    const std::size_t step = fn == 3 ? 9 : 3;
    if (fn == 11) {
        if (rest.size() < 2 || rest.size() > kSerialDigits + 1 || !serialValue(rest))
            return std::nullopt;
        _serial[rest[0]] = std::string(rest.begin() + 1, rest.end());
        ++_writes;
        return Bytes{};
    }
    if (rest.empty() || rest.size() % step != 0) return std::nullopt;
    for (; !rest.empty(); rest = rest.subspan(step)) {
        if (fn == 5) {
            _values[rest[0]] = static_cast<unsigned>(word(rest, 1));
            if (rest[0] == 2) _pictures.clear(); // another size of their memory empties it
            continue;
        }
        if (rest[0] < 1 || rest[0] > 8 || !switchBits(rest.subspan(1, 8))) return std::nullopt;
        std::string& bits = _switches.try_emplace(rest[0], std::string(8, '0')).first->second;
        for (std::size_t i = 0; i < 8; ++i) {
            if (rest[i + 1] != '2') bits[i] = static_cast<char>(rest[i + 1]);
        }
    }
    ++_writes;
    return Bytes{};
}

std::optional<Memory::Bytes> Memory::transmit(std::uint8_t fn, std::uint8_t which) const {
    if (fn == 4) {
        if (which < 1 || which > 8) return std::nullopt;
        const auto found = _switches.find(which);
        return reply(0x21, found == _switches.end() ? std::string(8, '0') : found->second);
    }
    if (fn == 6) {
        const auto found = _values.find(which);
        const unsigned value = found == _values.end() ? 0 : found->second;
        return reply(0x27, std::to_string(which) + '\x1F' + std::to_string(value));
    }
    const auto found = _serial.find(which);
    if (found == _serial.end()) return std::nullopt;
    return reply(0x33, std::to_string(which) + '\x1F' + found->second);
}

std::size_t Memory::left() const {
    std::size_t used = 0;
    for (const auto& [key, picture] : _pictures) used += picture.bits.size();
    return _pictureBytes - std::min(_pictureBytes, used);
}

std::deque<Memory::Bytes> Memory::keyCodes() const {
    std::deque<Bytes> groups;
    std::string text;
    for (const auto& [key, picture] : _pictures) {
        if (text.size() == 2 * kGroup) {
            groups.push_back(reply(0x72, "A" + text)); // more follow
            text.clear();
        }
        text += static_cast<char>(key[0]);
        text += static_cast<char>(key[1]);
    }
    groups.push_back(reply(0x72, "@" + text));
    return groups;
}

Memory::Bytes Memory::respond(std::uint8_t byte) {
    constexpr std::uint8_t kAck = 0x06;
    constexpr std::uint8_t kNak = 0x15;
    constexpr std::uint8_t kCan = 0x18;
    if (_toSend.empty()) return {};
    if (byte == kNak) return _toSend.front();
    if (byte == kCan) _toSend.clear();
    if (byte == kAck) _toSend.pop_front();
    return byte == kAck && !_toSend.empty() ? _toSend.front() : Bytes{};
}

std::string Memory::dump() const {
    std::string text;
    const auto line = [&](const char* what, unsigned number, const std::string& value) {
        text += what + std::to_string(number) + ' ' + value + '\n';
    };
    for (const auto& [number, bits] : _switches) {
        if (bits.find('1') != std::string::npos) line("switch ", number, bits);
    }
    for (const auto& [number, value] : _values) {
        if (value != 0) line("value ", number, std::to_string(value));
    }
    for (const auto& [number, value] : _serial) line("serial ", number, value);
    constexpr const char* kHex = "0123456789abcdef";
    for (const auto& [key, picture] : _pictures) {
        text += {'p',
                 'i',
                 'c',
                 't',
                 'u',
                 'r',
                 'e',
                 ' ',
                 static_cast<char>(key[0]),
                 static_cast<char>(key[1]),
                 ' '};
        text += std::to_string(picture.width) + "x" + std::to_string(picture.height) + ' ';
        for (const std::uint8_t byte : picture.bits) {
            text += kHex[byte >> 4U];
            text += kHex[byte & 15U];
        }
        text += '\n';
    }
    return text;
}

Memory::Pictures Memory::pictures(std::span<const std::uint8_t> data) {
    Pictures out;
    if (data.size() < 2 || data[0] != 48) return out;
    const auto rest = data.subspan(2);
    const auto key = [&] { return KeyCode{rest[0], rest[1]}; };
    switch (data[1]) {
    case 0:
    case 48:
        out.answer = reply(0x30, std::to_string(_pictureBytes));
        break;
    case 3:
    case 51:
        out.answer = reply(0x31, std::to_string(left()));
        break;
    case 64:
        if (!says(rest, "KC")) break;
        _toSend = keyCodes();
        out.answer = _toSend.front();
        break;
    case 65:
        if (!says(rest, "CLR")) break;
        _writes += _pictures.empty() ? 0 : 1;
        _pictures.clear();
        break;
    case 66:
        if (rest.size() == 2) _writes += _pictures.erase(key());
        break;
    case 67:
        define(rest);
        break;
    case 69:
        if (rest.size() != 4 || !_pictures.contains(key())) break;
        out.print = _pictures.at(key());
        out.scaleX = rest[2] == 2 ? 2 : 1;
        out.scaleY = rest[3] == 2 ? 2 : 1;
        break;
    default:
        break;
    }
    return out;
}

/// a kc1 kc2 b xL xH yL yH c d…: one colour only.
void Memory::define(std::span<const std::uint8_t> data) {
    constexpr std::size_t kHead = 9;
    if (data.size() < kHead || data[0] != 48 || data[3] != 1) return;
    const KeyCode key{data[1], data[2]};
    if (key[0] < 32 || key[0] > 126 || key[1] < 32 || key[1] > 126) return;
    escpos::Bitmap picture;
    picture.width = static_cast<int>(word(data, 4));
    picture.height = static_cast<int>(word(data, 6));
    const auto bytes =
        static_cast<std::size_t>(picture.stride()) * static_cast<std::size_t>(picture.height);
    if (bytes == 0 || data.size() != kHead + bytes) return;
    const auto old = _pictures.find(key);
    const std::size_t freed = old == _pictures.end() ? 0 : old->second.bits.size();
    if (bytes > left() + freed || (freed == 0 && _pictures.size() >= kPicturesMax)) return;
    picture.bits.assign(data.begin() + kHead, data.end());
    _pictures[key] = std::move(picture);
    ++_writes;
}

} // namespace souffleur::emulator
