#include "plugin/host/HostClient.h"

#include <algorithm>
#include <cerrno>
#include <sys/socket.h>

#include "plugin/abi/frame.h"

namespace souffleur::host {

namespace {

constexpr std::size_t kSessionsMax = 32;

std::string copyOf(souffleur_text_t text) {
    return {text.bytes, text.size};
}

} // namespace

Frame encodeFrame(const souffleur_message& message) {
    Frame frame(SOUFFLEUR_FRAME_MAX);
    frame.resize(souffleur_frame_encode(&message, frame.data(), frame.size()));
    return frame;
}

Frame refusalFrame(std::uint32_t reason) {
    souffleur_message message{};
    message.type = SOUFFLEUR_FRAME_REFUSED;
    message.reason = reason;
    return encodeFrame(message);
}

Selection selectionOf(const souffleur_message& message, std::uint64_t client) {
    const souffleur_customer_t& from = message.customer;
    Selection to;
    to.ref = {client, message.selection};
    to.system = copyOf(from.system);
    to.id = copyOf(from.id);
    to.name = copyOf(from.name);
    to.email = copyOf(from.email);
    to.phone = copyOf(from.phone);
    to.card = copyOf(from.card);
    to.language = copyOf(from.language);
    if (from.situation != SOUFFLEUR_COUNTER) to.situation = static_cast<Situation>(from.situation);
    for (const auto& item : std::span(from.basket, from.basket_count)) {
        to.basket.push_back(
            {copyOf(item.event), copyOf(item.genre), copyOf(item.partner), item.quantity});
    }
    return to;
}

Completed completedOf(const souffleur_message& message) {
    return {copyOf(message.customer.system), copyOf(message.order_id), copyOf(message.customer.id),
            message.total_minor, copyOf(message.currency)};
}

bool OrderMemory::isNew(std::uint64_t session, std::uint64_t serial) {
    const auto known = std::find_if(_lastSerials.begin(), _lastSerials.end(),
                                    [&](const auto& entry) { return entry.first == session; });
    std::uint64_t last = 0;
    if (known != _lastSerials.end()) {
        last = known->second;
        _lastSerials.erase(known);
    } else if (_lastSerials.size() == kSessionsMax) {
        _lastSerials.erase(_lastSerials.begin());
    }
    _lastSerials.emplace_back(session, std::max(last, serial));
    return serial > last;
}

std::uint32_t FrameAllowance::left(TimeMs now) {
    const TimeMs elapsed = std::clamp<TimeMs>(now - _at, 0, kMinuteMs);
    const TimeMs earned = elapsed * _perSecond / kSecondMs;
    if (earned > 0) { // else keep counting from _at: parts of a frame are not lost
        _left = static_cast<std::uint32_t>(std::min<TimeMs>(_left + earned, _burst));
        _at = now;
    }
    return _left;
}

HostClient::Read HostClient::read(std::span<std::uint8_t> buffer, std::size_t& size) const {
    for (;;) {
        const ssize_t got =
            ::recv(fd.get(), buffer.data(), buffer.size(), MSG_DONTWAIT | MSG_TRUNC);
        if (got > 0) {
            size = static_cast<std::size_t>(got);
            return Read::frame;
        }
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return Read::nothing;
        return Read::ended;
    }
}

bool HostClient::send(const Frame& frame) {
    const ssize_t sent = ::send(fd.get(), frame.data(), frame.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) return true;
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR || errno == ENOBUFS) {
        blocked = true;
    } else {
        gone = true;
    }
    return false;
}

void HostClient::write() {
    blocked = false;
    souffleur_message message{};
    if (welcomeDue) {
        message.type = SOUFFLEUR_FRAME_WELCOME;
        if (!send(encodeFrame(message))) return;
        welcomeDue = false;
    }
    if (ackedSeq != lastSeq) {
        message.type = SOUFFLEUR_FRAME_ACK;
        message.seq = lastSeq;
        if (!send(encodeFrame(message))) return;
        ackedSeq = lastSeq;
    }
    if (!flag.empty() && send(flag)) flag.clear();
}

} // namespace souffleur::host
