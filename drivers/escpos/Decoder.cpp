#include "drivers/escpos/Decoder.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "drivers/escpos/CommandTable.h"
#include "drivers/escpos/Text.h"

namespace souffleur::escpos {
namespace {

constexpr std::uint64_t kMaxUntilNul = 600;

std::string_view prefixName(std::uint8_t byte) {
    switch (byte) {
    case kDle:
        return "DLE";
    case kEsc:
        return "ESC";
    case kFs:
        return "FS";
    default:
        return "GS";
    }
}

std::string hex(std::uint8_t byte) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    return {kDigits[byte >> 4], kDigits[byte & 0x0F]};
}

std::string controlName(std::uint8_t byte) {
    switch (byte) {
    case 0x00:
        return "NUL";
    case 0x09:
        return "HT";
    case 0x0A:
        return "LF";
    case 0x0C:
        return "FF";
    case 0x0D:
        return "CR";
    case 0x18:
        return "CAN";
    default:
        return "0x" + hex(byte);
    }
}

std::string secondName(std::uint8_t prefix, std::uint8_t byte) {
    if (prefix == kDle) {
        if (byte == 0x04) return "EOT";
        if (byte == 0x05) return "ENQ";
        if (byte == 0x14) return "DC4";
    }
    if (byte == ' ') return "SP";
    if (byte > 0x20 && byte < 0x7F) return std::string(1, static_cast<char>(byte));
    return "0x" + hex(byte);
}

bool isFamily(std::span<const std::uint8_t> bytes) {
    return bytes.size() >= 3 && (bytes[1] == '(' || (bytes[0] == kGs && bytes[1] == '8'));
}

} // namespace

std::string Command::name() const {
    if (bytes.empty()) return "nothing";
    if (kind == Kind::text) return "text";
    if (!isPrefix(bytes[0])) return controlName(bytes[0]);
    std::string name(prefixName(bytes[0]));
    if (bytes.size() < 2) return name;
    name += ' ' + secondName(bytes[0], bytes[1]);
    if (isFamily(bytes)) name += ' ' + secondName(0, bytes[2]);
    return name;
}

Decoder::Decoder(Sink sink) : _sink(std::move(sink)) {}

void Decoder::feed(std::span<const std::uint8_t> bytes) {
    std::size_t at = 0;
    while (at < bytes.size()) {
        if (_length > 0) {
            at += collect(bytes.subspan(at));
            continue;
        }
        std::size_t end = at;
        while (end < bytes.size() && bytes[end] >= 0x20) ++end;
        if (end > at) {
            _sink({Command::Kind::text, bytes.subspan(at, end - at), 0, end - at});
            at = end;
        } else {
            start(bytes[at++]);
        }
    }
}

void Decoder::start(std::uint8_t byte) {
    _buffer.assign(1, byte);
    _length = 1;
    _dataAt = 0;
    if (!isPrefix(byte)) {
        emit(Command::Kind::control);
        return;
    }
    _wanted = 2;
    _final = false;
    _untilNul = false;
}

/// Takes what the command in hand still wants; returns how many bytes were used.
std::size_t Decoder::collect(std::span<const std::uint8_t> bytes) {
    std::size_t count = 1;
    if (!_untilNul) {
        count = static_cast<std::size_t>(std::min<std::uint64_t>(_wanted - _length, bytes.size()));
    }
    const std::size_t keep = std::min(count, kMaxCommandBytes - _buffer.size());
    _buffer.insert(_buffer.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(keep));
    _length += count;
    if (_untilNul) {
        if (bytes[0] == 0) {
            emit(Command::Kind::command);
        } else if (_length >= kMaxUntilNul) {
            emit(Command::Kind::unknown);
        }
    } else if (_length == _wanted) {
        decide();
    }
    return count;
}

void Decoder::decide() {
    const bool kept = _buffer.size() == _length;
    if (_final || !kept) { // a command too big to keep cannot be planned further
        emit(kept ? Command::Kind::command : Command::Kind::oversize);
        return;
    }
    const Plan next = plan(_buffer);
    switch (next.kind) {
    case Plan::Kind::more:
        _wanted = next.length;
        break;
    case Plan::Kind::untilNul:
        _untilNul = true;
        _dataAt = next.dataAt;
        break;
    case Plan::Kind::total:
        _dataAt = next.dataAt;
        _final = true;
        _wanted = next.length;
        if (_wanted <= _length) emit(Command::Kind::command);
        break;
    case Plan::Kind::unknown: {
        const std::uint8_t last = _buffer.back();
        if (last >= 0x20) {
            emit(Command::Kind::unknown);
            return;
        }
        // ESC ESC @: the second prefix starts a command of its own.
        _buffer.pop_back();
        --_length;
        emit(Command::Kind::unknown);
        start(last);
        break;
    }
    }
}

void Decoder::emit(Command::Kind kind) {
    const auto buffer = std::exchange(_buffer, {});
    const std::uint64_t length = std::exchange(_length, 0);
    _sink({kind, buffer, std::min(_dataAt, buffer.size()), length});
}

void Decoder::finish() {
    if (_length > 0) emit(Command::Kind::unknown);
}

void RealTimeScanner::feed(
    std::span<const std::uint8_t> bytes,
    const std::function<void(std::uint8_t command, std::uint8_t n)>& request) {
    for (const std::uint8_t byte : bytes) {
        if (_state == 2) {
            request(_command, byte);
            _state = byte == kDle ? 1 : 0;
        } else if (_state == 1 && (byte == 0x04 || byte == 0x05 || byte == 0x14)) {
            _command = byte;
            _state = 2;
        } else {
            _state = byte == kDle ? 1 : 0;
        }
    }
}

namespace {

/// Collects the lines of a dump.
class Dumper {
public:
    explicit Dumper(const Profile* profile) : _profile(profile) {
        if (profile != nullptr && !profile->codePages.empty()) _page = &profile->codePages.front();
    }

    void take(const Command& command) {
        if (command.kind == Command::Kind::text) {
            text(command.bytes);
            return;
        }
        if (command.kind == Command::Kind::unknown) _out += "unknown ";
        if (command.kind == Command::Kind::oversize) _out += "oversize ";
        _out += command.name();
        parameters(command);
        if (_profile == nullptr || !command.is(kEsc, 't') || command.bytes.size() != 3) return;
        for (const CodePageSlot& slot : _profile->codePages) {
            if (slot.slot == command.bytes[2]) _page = &slot;
        }
    }

    [[nodiscard]] std::string lines() const { return _out; }

private:
    void text(std::span<const std::uint8_t> run) {
        _out += '"';
        for (const std::uint8_t byte : run) {
            if (_page != nullptr) {
                _out += toUtf8(std::u32string(1, charOf(_page->page, byte)));
            } else {
                _out += byte < 0x7F ? std::string(1, static_cast<char>(byte)) : "\\x" + hex(byte);
            }
        }
        _out += "\"\n";
    }

    void parameters(const Command& command) {
        constexpr std::size_t kShown = 16;
        const std::size_t from = isFamily(command.bytes) ? 3 : 2;
        const auto rest = command.bytes.subspan(std::min(from, command.bytes.size()));
        for (std::size_t i = 0; i < std::min(rest.size(), kShown); ++i) {
            _out += ' ' + std::to_string(rest[i]);
        }
        if (rest.size() > kShown) _out += " ... (" + std::to_string(command.length) + " bytes)";
        _out += '\n';
    }

    const Profile* _profile;
    const CodePageSlot* _page = nullptr;
    std::string _out;
};

} // namespace

std::string dump(std::span<const std::uint8_t> bytes, const Profile* profile) {
    Dumper dumper(profile);
    Decoder decoder([&](const Command& command) { dumper.take(command); });
    decoder.feed(bytes);
    decoder.finish();
    return dumper.lines();
}

} // namespace souffleur::escpos
