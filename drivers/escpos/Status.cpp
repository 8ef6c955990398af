#include "drivers/escpos/Status.h"

#include <utility>

namespace souffleur::escpos {
namespace {

constexpr std::uint8_t kProcessHeader = 0x37;
constexpr std::uint8_t kProcessKind = 0x22;
constexpr std::uint8_t kIdentityHeader = 0x5F;
constexpr std::size_t kMaxIdentity = 80;
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

void StatusReader::feed(std::span<const std::uint8_t> bytes) {
    for (const std::uint8_t byte : bytes) take(byte);
}

void StatusReader::reset() {
    _state = State::idle;
    _reply.clear();
    _realTime.clear();
    _transmitted = 0;
    _identities = 0;
}

void StatusReader::take(std::uint8_t byte) {
    switch (_state) {
    case State::idle:
        takeIdle(byte);
        break;
    case State::automatic:
        takeAutomatic(byte);
        break;
    case State::identity:
    case State::process:
        takeReply(byte);
        break;
    }
}

void StatusReader::takeIdle(std::uint8_t byte) {
    _reply.assign(1, static_cast<char>(byte));
    if (isAutomaticStart(byte)) {
        _state = State::automatic;
    } else if (isRealTime(byte)) {
        RealTimeStatus answer{0, byte};
        if (!_realTime.empty()) {
            answer.n = _realTime.front();
            _realTime.pop_front();
        }
        _sink(answer);
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

void StatusReader::takeAutomatic(std::uint8_t byte) {
    if (!isAutomaticRest(byte)) {
        giveUp(byte);
        return;
    }
    _reply += static_cast<char>(byte);
    if (_reply.size() < 4) return;
    AutomaticStatus status;
    for (std::size_t i = 0; i < 4; ++i) status.raw[i] = static_cast<std::uint8_t>(_reply[i]);
    status.condition = conditionOf(status.raw);
    _state = State::idle;
    _sink(status);
}

void StatusReader::takeReply(std::uint8_t byte) {
    const bool process = _state == State::process;
    const std::size_t at = _reply.size();
    if (process && at == 1) {
        if (byte != kProcessKind) {
            giveUp(byte);
            return;
        }
    } else if (process && at == 6) {
        if (byte != 0) {
            giveUp(byte);
            return;
        }
        _state = State::idle;
        _sink(ProcessDone{{_reply[2], _reply[3], _reply[4], _reply[5]}});
        return;
    } else if (!process && byte == 0) {
        _state = State::idle;
        _sink(Identity{_reply.substr(1)});
        return;
    } else if (byte < 0x20 || byte > 0x7E || (!process && at > kMaxIdentity)) {
        giveUp(byte);
        return;
    }
    _reply += static_cast<char>(byte);
}

/// What was being read is no reply: its first byte is a stray and the rest is read afresh, for a
/// true reply may have begun inside it. At most kMaxIdentity bytes deep.
void StatusReader::giveUp(std::uint8_t byte) {
    _state = State::idle;
    const std::string again = std::exchange(_reply, {}) + static_cast<char>(byte);
    _sink(Stray{static_cast<std::uint8_t>(again[0])});
    for (const char c : again.substr(1)) take(static_cast<std::uint8_t>(c));
}

} // namespace souffleur::escpos
