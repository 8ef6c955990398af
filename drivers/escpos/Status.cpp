#include "drivers/escpos/Status.h"

#include <string_view>
#include <utility>

namespace souffleur::escpos {
namespace {

constexpr std::uint8_t kProcessHeader = 0x37;
constexpr std::uint8_t kProcessKind = 0x22;
constexpr std::uint8_t kIdentityHeader = 0x5F;
constexpr std::size_t kMaxIdentity = 80;
constexpr std::size_t kMaxSetting = 96;
constexpr std::uint8_t kSeparator = 0x1F; ///< between the fields of a settings answer
constexpr std::size_t kProcessReply = 7;  ///< 37h 22h d1 d2 d3 d4 NUL
constexpr std::size_t kMaxAnnounced = 16;

// Patterns of the first byte (Epson ESC/POS reference, "status": fixed bits).
bool isAutomaticStart(std::uint8_t byte) {
    return (byte & 0x93U) == 0x10;
}
bool isAutomaticRest(std::uint8_t byte) {
    return (byte & 0x90U) == 0x00;
}
bool isRealTime(std::uint8_t byte) {
    return (byte & 0x93U) == 0x12;
}
bool isTransmitted(std::uint8_t byte) {
    return (byte & 0x90U) == 0x00;
}

Condition conditionOf(const std::array<std::uint8_t, 4>& raw) {
    Condition condition;
    condition.drawerPin = (raw[0] & 0x04U) != 0;
    condition.offline = (raw[0] & 0x08U) != 0;
    condition.coverOpen = (raw[0] & 0x20U) != 0;
    condition.cutterError = (raw[1] & 0x08U) != 0;
    condition.mechanicalError = (raw[1] & 0x44U) != 0;
    condition.fatalError = (raw[1] & 0x20U) != 0;
    condition.paperNearEnd = (raw[2] & 0x03U) != 0;
    condition.paperEnd = (raw[2] & 0x0CU) != 0;
    return condition;
}

} // namespace

void apply(const RealTimeStatus& answer, Condition& condition) noexcept {
    const std::uint8_t raw = answer.raw;
    switch (answer.n) {
    case 1:
        condition.drawerPin = (raw & 0x04U) != 0;
        condition.offline = (raw & 0x08U) != 0;
        break;
    case 2:
        condition.coverOpen = (raw & 0x04U) != 0;
        condition.paperEnd = (raw & 0x20U) != 0;
        break;
    case 3:
        condition.cutterError = (raw & 0x08U) != 0;
        condition.fatalError = (raw & 0x20U) != 0;
        condition.mechanicalError = (raw & 0x44U) != 0;
        break;
    case 4:
        condition.paperNearEnd = (raw & 0x0CU) != 0;
        condition.paperEnd = (raw & 0x60U) != 0;
        break;
    default:
        break;
    }
}

StatusReader::StatusReader(Sink sink) : _sink(std::move(sink)) {}

void StatusReader::expectRealTime(int n) {
    _realTime.push_back(n);
    if (_realTime.size() > kMaxAnnounced) _realTime.pop_front();
}

void StatusReader::expectTransmitted() {
    if (_transmitted < static_cast<int>(kMaxAnnounced)) ++_transmitted;
}

void StatusReader::expectIdentity() {
    if (_identities < static_cast<int>(kMaxAnnounced)) ++_identities;
}

void StatusReader::expectSetting() {
    if (_settings < static_cast<int>(kMaxAnnounced)) ++_settings;
}

void StatusReader::forgetRealTime() {
    _realTime.clear();
}

/// Its letters are never read afresh: they could pass for status.
void StatusReader::endIdentity() {
    if (_state != State::identity) return;
    _state = State::idle;
    for (const char c : std::exchange(_reply, {})) _sink(Stray{static_cast<std::uint8_t>(c)});
}

void StatusReader::feed(std::span<const std::uint8_t> bytes) {
    for (const std::uint8_t byte : bytes) take(byte);
}

void StatusReader::reset() {
    _state = State::idle;
    _reply.clear();
    _automaticCount = 0;
    _realTime.clear();
    _transmitted = 0;
    _identities = 0;
    _settings = 0;
}

void StatusReader::take(std::uint8_t byte) {
    if (_automaticCount > 0 && takeAutomatic(byte)) return;
    if (_state == State::idle) {
        takeIdle(byte);
    } else {
        takeReply(byte);
    }
}

void StatusReader::tellRealTime(std::uint8_t byte) {
    RealTimeStatus answer{0, byte};
    if (!_realTime.empty()) {
        answer.n = _realTime.front();
        _realTime.pop_front();
    }
    _sink(answer);
}

void StatusReader::takeIdle(std::uint8_t byte) {
    _reply.assign(1, static_cast<char>(byte));
    if (isAutomaticStart(byte)) {
        _automatic.raw[0] = byte;
        _automaticCount = 1;
    } else if (isRealTime(byte)) {
        tellRealTime(byte);
    } else if (byte == kProcessHeader) {
        _state = State::process;
    } else if (byte == kIdentityHeader && _identities > 0) {
        --_identities;
        _state = State::identity;
    } else if (isTransmitted(byte) && _transmitted > 0) {
        --_transmitted;
        _sink(TransmittedStatus{byte});
    } else {
        _sink(Stray{byte});
    }
}

/// False when the byte is none of an automatic status': then that one was cut short and is dropped.
/// Its other bytes are never read afresh: they could pass for a transmitted status.
bool StatusReader::takeAutomatic(std::uint8_t byte) {
    if (isAutomaticRest(byte)) {
        _automatic.raw[_automaticCount++] = byte;
        if (_automaticCount < _automatic.raw.size()) return true;
        _automaticCount = 0;
        _automatic.condition = conditionOf(_automatic.raw);
        _sink(AutomaticStatus(_automatic));
        return true;
    }
    if (isRealTime(byte)) {
        tellRealTime(byte);
        return true;
    }
    const std::size_t count = std::exchange(_automaticCount, 0);
    for (std::size_t i = 0; i < count; ++i) _sink(Stray{_automatic.raw[i]});
    return false;
}

void StatusReader::takeReply(std::uint8_t byte) {
    if (byte == 0) {
        endReply();
        return;
    }
    if (byte < 0x20 && isAutomaticStart(byte)) {
        _automatic.raw[0] = byte;
        _automaticCount = 1;
        return;
    }
    if (byte < 0x20 && isRealTime(byte)) {
        tellRealTime(byte);
        return;
    }
    const std::size_t at = _reply.size();
    if (_state == State::process && at == 1 && byte != kProcessKind && _settings > 0) {
        --_settings;
        _state = State::setting;
    }
    std::size_t most = kMaxIdentity + 1;
    if (_state == State::process) most = kProcessReply - 1;
    if (_state == State::setting) most = kMaxSetting + 2;
    const bool separator = _state == State::setting && byte == kSeparator && at > 1;
    const bool wrongKind = _state == State::process && at == 1 && byte != kProcessKind;
    if ((!separator && (byte < 0x20 || byte > 0x7E)) || wrongKind || at >= most) {
        giveUp(byte);
        return;
    }
    _reply += static_cast<char>(byte);
}

/// A NUL came: what was read is whole, or nothing.
void StatusReader::endReply() {
    const State state = _state;
    const std::string_view header("\x37\x22", 2);
    if (state == State::setting) {
        _state = State::idle;
        _sink(Setting{static_cast<std::uint8_t>(_reply[1]), _reply.substr(2)});
        return;
    }
    // A text that was cut short swallows the id that follows: nobody's name ends like one.
    const std::size_t tail = kProcessReply - 1;
    const bool id =
        _reply.size() >= tail && std::string_view(_reply).substr(_reply.size() - tail, 2) == header;
    if (id && (state == State::identity || _reply.size() == tail)) {
        _state = State::idle;
        const std::string reply = std::exchange(_reply, {});
        if (reply.size() > tail) _sink(Stray{static_cast<std::uint8_t>(reply[0])});
        const char* const d = reply.data() + reply.size() - 4;
        _sink(ProcessDone{{d[0], d[1], d[2], d[3]}});
        return;
    }
    if (state == State::identity) {
        _state = State::idle;
        _sink(Identity{_reply.substr(1)});
        return;
    }
    giveUp(0);
}

/// What was being read is no reply: its first byte is a stray and the rest is read afresh, for a
/// true reply may have begun inside it. At most kMaxSetting bytes deep.
void StatusReader::giveUp(std::uint8_t byte) {
    _state = State::idle;
    const std::string again = std::exchange(_reply, {}) + static_cast<char>(byte);
    _sink(Stray{static_cast<std::uint8_t>(again[0])});
    for (const char c : again.substr(1)) take(static_cast<std::uint8_t>(c));
}

} // namespace souffleur::escpos
