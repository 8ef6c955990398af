#include "plugin/host/TapAnalyser.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace souffleur::host {
namespace {

constexpr std::size_t kRingBytes = 512 * 1024;
constexpr std::size_t kHeader = 5;
constexpr std::size_t kHintMaxBytes = 32 * 1024;
constexpr std::size_t kReserve = 4 * kHeader; ///< so that marks find room behind bytes

} // namespace

TapAnalyser::TapAnalyser(const TapPatterns& patterns, TapEvents& events)
    : _system(patterns.system()), _events(events),
      _reader(patterns, [this](const TapReceipt& receipt) { ended(receipt); }), _ring(kRingBytes),
      _thread([this] { run(); }) {}

TapAnalyser::~TapAnalyser() {
    {
        const std::lock_guard lock(_mutex);
        _stopping = true;
    }
    _wake.notify_one();
    _thread.join();
}

void TapAnalyser::copyIn(std::uint64_t at, std::span<const std::uint8_t> bytes) noexcept {
    const auto ring = _ring.bytes();
    const auto from = static_cast<std::size_t>(at % kRingBytes);
    const std::size_t first = std::min(bytes.size(), kRingBytes - from);
    if (first > 0) std::memcpy(ring.data() + from, bytes.data(), first);
    if (bytes.size() > first) std::memcpy(ring.data(), bytes.data() + first, bytes.size() - first);
}

bool TapAnalyser::put(Frame kind, std::span<const std::uint8_t> bytes) noexcept {
    const std::uint64_t written = _written;
    const std::size_t room = kRingBytes - static_cast<std::size_t>(written - _read);
    const std::size_t reserve = kind == Frame::bytes ? kReserve : 0;
    if (room < kHeader + bytes.size() + reserve) return false;
    const auto count = static_cast<std::uint32_t>(bytes.size());
    const std::array<std::uint8_t, kHeader> header{
        static_cast<std::uint8_t>(kind), static_cast<std::uint8_t>(count),
        static_cast<std::uint8_t>(count >> 8), static_cast<std::uint8_t>(count >> 16),
        static_cast<std::uint8_t>(count >> 24)};
    copyIn(written, header);
    copyIn(written + kHeader, bytes);
    {
        const std::lock_guard lock(_mutex);
        _written = written + kHeader + bytes.size();
    }
    _wake.notify_one();
    return true;
}

void TapAnalyser::offer(std::span<const std::uint8_t> bytes) noexcept {
    if (!_alive || bytes.empty()) return;
    if (_missed && put(Frame::missed, {})) _missed = false;
    if (_missed || !put(Frame::bytes, bytes)) _missed = true;
}

void TapAnalyser::mark(Frame kind) noexcept {
    if (!_alive) return;
    if (_missed && put(Frame::missed, {})) _missed = false;
    if (_missed || !put(kind, {})) _missed = true;
}

void TapAnalyser::pause() noexcept {
    mark(Frame::pause);
}

void TapAnalyser::gone() noexcept {
    mark(Frame::gone);
}

std::vector<std::uint8_t> TapAnalyser::beforeCut(std::chrono::milliseconds patience) noexcept {
    if (!_alive || _missed || !put(Frame::cut, {})) return {};
    const std::uint64_t mine = ++_asked;
    std::unique_lock lock(_mutex);
    (void) _said.wait_for(lock, patience, [&] { return _answered >= mine || !_alive; });
    if (_answered != mine || _hint.empty()) return {}; // late, dead, or nothing to say
    ++_hints;
    return std::exchange(_hint, {});
}

std::vector<std::uint8_t> TapAnalyser::modes(std::chrono::milliseconds patience) noexcept {
    try {
        std::unique_lock lock(_mutex);
        const bool known =
            _said.wait_for(lock, patience, [&] { return _read == _written || !_alive; });
        if (known && _alive && !_missed) return _modes;
    } catch (const std::exception&) { // no memory
    }
    return {};
}

void TapAnalyser::answer() {
    const std::string number = _reader.alterable();
    auto hint = number.empty() ? std::vector<std::uint8_t>{} : _events.hint(_system, number);
    if (hint.size() > kHintMaxBytes) hint.clear();
    {
        const std::lock_guard lock(_mutex);
        _hint = std::move(hint);
        ++_answered;
    }
    _said.notify_all();
}

TapStats TapAnalyser::stats() const noexcept {
    return {_receipts, _numbers, _blind, _hints, _alive};
}

void TapAnalyser::run() {
    TapMemory::hideStack();
    const TapTraces traces;
    try {
        std::unique_lock lock(_mutex);
        while (true) {
            _wake.wait(lock, [this] { return _stopping || _written != _read; });
            if (_stopping) return;
            lock.unlock();
            next();
            lock.lock();
        }
    } catch (...) { // the last edge of this thread: from now on receipts pass unseen
        {
            const std::lock_guard lock(_mutex);
            _alive = false;
        }
        _said.notify_all();
        _ring.wipe();
    }
}

void TapAnalyser::next() {
    const auto ring = _ring.bytes();
    const std::uint64_t at = _read;
    const auto byte = [&](std::uint64_t i) {
        return static_cast<std::uint64_t>(ring[static_cast<std::size_t>((at + i) % kRingBytes)]);
    };
    const std::uint64_t count = byte(1) | byte(2) << 8 | byte(3) << 16 | byte(4) << 24;
    const auto kind = static_cast<Frame>(byte(0));
    const bool lets = kind == Frame::pause || kind == Frame::gone; // others may have the line now
    switch (kind) {
    case Frame::bytes:
        feed(at + kHeader, count);
        break;
    case Frame::pause:
        _reader.pause();
        break;
    case Frame::gone:
        _reader.finish();
        break;
    case Frame::cut:
        answer();
        break;
    case Frame::missed:
        _reader.lose();
        break;
    }
    const std::uint64_t end = at + kHeader + count;
    TapMemory::wipeTraces();
    if (lets) {
        auto modes = _reader.modes().again();
        const std::lock_guard lock(_mutex);
        _modes = std::move(modes);
    }
    _expected = _reader.expected(); // before it may give way
    if (_reader.atCut()) _cutAt = end;
    _read = end;
    if (!lets) return;
    { const std::lock_guard lock(_mutex); } // who is about to sleep has seen it, or hears it
    _said.notify_all();
}

void TapAnalyser::feed(std::uint64_t at, std::uint64_t count) {
    while (count > 0) {
        const auto from = static_cast<std::size_t>(at % kRingBytes);
        const auto once =
            static_cast<std::size_t>(std::min<std::uint64_t>(count, kRingBytes - from));
        _reader.feed(_ring.bytes().subspan(from, once));
        _ring.wipe(from, once);
        at += once;
        count -= once;
    }
}

void TapAnalyser::ended(const TapReceipt& receipt) {
    ++_receipts;
    if (receipt.blind) ++_blind;
    if (!receipt.number.empty()) {
        ++_numbers;
        _events.receipt(_system, receipt.number);
    } else if (!receipt.named) {
        _events.unnamed(receipt.sale   ? Unnamed::sale
                        : receipt.card ? Unnamed::card
                                       : Unnamed::plain);
    }
}

} // namespace souffleur::host
