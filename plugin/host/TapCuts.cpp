#include "plugin/host/TapCuts.h"

#include <algorithm>
#include <string.h>

#include "drivers/escpos/CommandTable.h"

namespace souffleur::host {
namespace {

using escpos::Plan;

constexpr std::uint64_t kMaxUntilNul = 600;

bool mayCut(std::uint8_t prefix) {
    return prefix == escpos::kGs || prefix == escpos::kEsc;
}

bool cuts(std::uint8_t prefix, std::uint8_t next) {
    return (prefix == escpos::kGs && next == 'V') ||
           (prefix == escpos::kEsc && (next == 'i' || next == 'm'));
}

} // namespace

TapCuts::~TapCuts() {
    ::explicit_bzero(_head.data(), _head.size());
}

TapCuts::Step TapCuts::look(std::span<const std::uint8_t> bytes) {
    std::size_t at = 0;
    while (at < bytes.size()) {
        if (_length > 0 && _final) { // the rest of a command, in one step
            const auto count = static_cast<std::size_t>(
                std::min<std::uint64_t>(_wanted - _length, bytes.size() - at));
            _length += count;
            at += count;
            if (_length == _wanted) _length = 0;
            continue;
        }
        const bool begins = _length == 0 && mayCut(bytes[at]) && !_allowed;
        if (begins && at + 1 == bytes.size()) return {at, false};
        if (begins && cuts(bytes[at], bytes[at + 1])) return {at, true};
        _allowed = false;
        take(bytes[at++]);
    }
    return {at, false};
}

void TapCuts::take(std::uint8_t byte) {
    if (_length == 0) {
        if (!escpos::isPrefix(byte)) return;
        _head[0] = byte;
        _length = 1;
        _wanted = 2;
        _final = _untilNul = false;
        return;
    }
    if (_length < kHead) _head[static_cast<std::size_t>(_length)] = byte;
    ++_length;
    if (_untilNul) {
        if (byte == 0 || _length >= kMaxUntilNul) _length = 0;
    } else if (_length == _wanted) {
        decide();
    }
}

void TapCuts::decide() {
    if (_length > kHead) { // tables of characters or pictures: not planned further
        _length = 0;
        return;
    }
    const Plan next = escpos::plan(std::span(_head).first(static_cast<std::size_t>(_length)));
    switch (next.kind) {
    case Plan::Kind::more:
        _wanted = next.length;
        return;
    case Plan::Kind::untilNul:
        _untilNul = true;
        return;
    case Plan::Kind::total:
        _final = true;
        _wanted = next.length;
        if (_wanted <= _length) _length = 0;
        return;
    case Plan::Kind::unknown:
        break;
    }
    const std::uint8_t last = _head[static_cast<std::size_t>(_length - 1)];
    _length = 0;
    if (escpos::isPrefix(last)) take(last); // ESC ESC @: the second prefix starts a command
}

} // namespace souffleur::host
