#include "plugin/host/TapLine.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "drivers/escpos/CommandTable.h"

namespace souffleur::host {
namespace {

using Clock = std::chrono::steady_clock;
using transport::Fault;
using transport::Milliseconds;

constexpr Milliseconds kSlice{25};
constexpr Milliseconds kShortSlice{10};
/// A slip's confirmation may keep a waiting till this long.
constexpr Milliseconds kGiveWay{1500};
/// What a printer that answers at all takes for it: so long an answer to us is waited for although
/// a till has bytes, for later it would go to the till.
constexpr Milliseconds kAnswer{40};

/// `10 04 n` and no more: may be taken out of a command's data by the printer, so they do not count
/// towards its end. A NUL too many does no harm.
bool onlyRequests(std::span<const std::uint8_t> bytes) {
    if (bytes.size() % 3 != 0) return false;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        if (bytes[i] != escpos::kDle || bytes[i + 1] != 4 || bytes[i + 2] > 4) return false;
    }
    return true;
}

bool isIdentityRequest(std::span<const std::uint8_t> bytes) {
    return bytes.size() == 3 && bytes[0] == escpos::kGs && bytes[1] == 'I';
}

} // namespace

bool TapLine::acquire(Who who, Milliseconds timeout, const std::atomic<bool>& stop,
                      const std::function<bool()>& meanwhile) {
    const auto deadline = Clock::now() + timeout;
    std::unique_lock lock(_mutex);
    ++_waiting;
    if (who == Who::till) ++_waitingTills;
    const auto mine = [&] { return !_held && (who == Who::till || _waitingTills == 0); };
    bool more = true;
    while (more && !mine() && !stop && Clock::now() < deadline) {
        _free.wait_for(lock, meanwhile ? kShortSlice : kSlice);
        if (!meanwhile) continue;
        lock.unlock();
        more = meanwhile();
        lock.lock();
    }
    const bool got = more && mine() && !stop;
    --_waiting;
    if (who == Who::till) --_waitingTills;
    _held = _held || got;
    return got;
}

transport::Written TapLine::endSlip(Milliseconds timeout) {
    static constexpr std::array<std::uint8_t, 4096> kNuls{};
    std::size_t count = 0;
    while (_slip.missing() > 0) {
        const auto piece = std::span(kNuls).first(
            static_cast<std::size_t>(std::min<std::uint64_t>(_slip.missing(), kNuls.size())));
        const auto written = _printer->write(piece, timeout);
        _slip.feed(piece.first(written.count));
        count += written.count;
        if (written.error) return {count, written.error};
    }
    return {count, std::nullopt};
}

void TapLine::release(bool broken) {
    if (broken || _tills == 0) _printer->close();
    {
        const std::lock_guard lock(_mutex);
        _held = false;
    }
    _free.notify_all();
}

std::string TapLine::describe() const {
    return _printer->describe();
}

transport::Result<void> TapSlipLine::open(Milliseconds timeout) {
    if (!_held) {
        if (!_line->acquire(TapLine::Who::slip, timeout, _cancelled)) {
            const bool cancelled = _cancelled.exchange(false);
            return tl::make_unexpected(transport::Error{
                cancelled ? Fault::cancelled : Fault::busy,
                describe() + (cancelled ? ": cancelled" : ": the till is printing")});
        }
        _held = true;
        _asksOnly = true;
    }
    auto opened = _line->printer().open(timeout);
    if (!opened) close();
    return opened;
}

transport::Written TapSlipLine::write(std::span<const std::uint8_t> bytes, Milliseconds timeout) {
    if (!_held) return {0, transport::Error{Fault::closed, describe() + ": not open"}};
    _sentAt = Clock::now();
    auto written = _line->printer().write(bytes, timeout);
    const bool asks = onlyRequests(bytes);
    _asksOnly = _asksOnly && (asks || isIdentityRequest(bytes));
    if (!asks) _line->slipSent(bytes.first(written.count));
    return written;
}

transport::Result<std::size_t> TapSlipLine::read(std::span<std::uint8_t> into,
                                                 Milliseconds timeout) {
    if (!_held) return tl::make_unexpected(transport::Error{Fault::closed, "not open"});
    const auto deadline = Clock::now() + timeout;
    while (true) {
        const auto left = std::chrono::duration_cast<Milliseconds>(deadline - Clock::now());
        const auto slice = _asksOnly ? kShortSlice : kSlice;
        auto got = _line->printer().read(into, std::clamp(left, Milliseconds{0}, slice));
        if (!got || *got > 0 || left <= Milliseconds{0}) return got;
        const auto since = Clock::now() - _sentAt;
        const bool idle = _asksOnly && _line->pressed() && since > kAnswer;
        if (idle || (_line->wantedByTill() && since > kGiveWay)) {
            const std::string who = describe();
            close();
            return tl::make_unexpected(transport::Error{idle ? Fault::busy : Fault::gone,
                                                        who + ": the till needs the printer"});
        }
    }
}

void TapSlipLine::close() noexcept {
    if (_held.exchange(false)) _line->release();
}

void TapSlipLine::cancel() noexcept {
    _cancelled = true;
    if (_held) _line->printer().cancel();
}

} // namespace souffleur::host
