#include "plugin/host/TapReader.h"

#include <algorithm>
#include <utility>

#include "drivers/escpos/CommandTable.h"
#include "plugin/host/TapCards.h"

namespace souffleur::host {
namespace {

using escpos::Plan;

constexpr std::uint64_t kMaxUntilNul = 600;
constexpr std::uint8_t kHt = 0x09;
constexpr std::uint8_t kLf = 0x0A;
constexpr std::uint8_t kFf = 0x0C;
constexpr std::uint8_t kCr = 0x0D;

bool isCut(std::span<const std::uint8_t> head) {
    if (head.size() < 2) return false;
    if (head[0] == escpos::kGs && head[1] == 'V') return true;
    return head[0] == escpos::kEsc && (head[1] == 'i' || head[1] == 'm');
}

/// `GS k` (a barcode) or `GS ( k` function 80 (data of a two-dimensional code).
bool isCode(std::span<const std::uint8_t> head) {
    if (head.size() < 2 || head[0] != escpos::kGs) return false;
    return head[1] == 'k' || (head.size() >= 3 && head[1] == '(' && head[2] == 'k');
}

/// So many bytes at least the printer answers to this: status, its name, a confirmation. `GS a`
/// tells the state at once.
std::uint64_t expects(std::span<const std::uint8_t> head) {
    if (head.size() < 2) return 0;
    const std::uint8_t what = head[1];
    const std::uint8_t n = head.size() > 2 ? head[2] : std::uint8_t{0};
    switch (head[0]) {
    case escpos::kDle:
        return what == 4 ? 1 : 0;
    case escpos::kEsc:
        return what == 'u' || what == 'v' ? 1 : 0;
    case escpos::kGs:
        if (what == 'r') return 1;
        if (what == 'I') return n >= 65 ? 3 : 1; // 5F ... 00
        if (what == '(' && n == 'H') return 7;   // 37 22 d1 d2 d3 d4 00
        return what == 'a' && n != 0 ? 4 : 0;
    default:
        return 0;
    }
}

/// Requests and settings outside of a receipt do not begin one.
bool prints(std::span<const std::uint8_t> head) {
    return isCode(head) ||
           (head.size() >= 2 && ((head[0] == escpos::kGs && (head[1] == 'v' || head[1] == '8')) ||
                                 (head[0] == escpos::kEsc && head[1] == '*')));
}

} // namespace

TapReader::TapReader(const TapPatterns& patterns, Sink sink)
    : _patterns(patterns), _sink(std::move(sink)),
      _memory(kTail + kLine + kLine + kHead + kNumber) {
    const auto all = _memory.bytes();
    _text = all.first(kTail + kLine);
    _code = all.subspan(_text.size(), kLine);
    _head = all.subspan(_text.size() + kLine, kHead);
    _number = all.subspan(_text.size() + kLine + kHead, kNumber);
}

void TapReader::feed(std::span<const std::uint8_t> bytes) {
    std::size_t at = 0;
    while (at < bytes.size()) {
        if (_length >= kHead || (_final && !_coding && _length > 0)) {
            at += skip(bytes.subspan(at));
        } else {
            take(bytes[at++]);
        }
    }
}

/// The rest of a command that is not looked into (pictures), in one step.
std::size_t TapReader::skip(std::span<const std::uint8_t> bytes) {
    if (!_final || _coding) {
        take(bytes[0]);
        return 1;
    }
    const auto count =
        static_cast<std::size_t>(std::min<std::uint64_t>(_wanted - _length, bytes.size()));
    if (_length < kHead) {
        const auto room = static_cast<std::size_t>(std::min<std::uint64_t>(kHead - _length, count));
        std::copy_n(bytes.begin(), room, _head.begin() + static_cast<std::ptrdiff_t>(_length));
    }
    _length += count;
    if (_length == _wanted) commandEnds();
    return count;
}

void TapReader::take(std::uint8_t byte) {
    if (_length == 0) {
        if (escpos::isPrefix(byte)) {
            _head[0] = byte;
            _length = 1;
            _wanted = 2;
            _dataAt = 0;
            _final = _untilNul = _coding = false;
        } else if (byte >= 0x20) {
            put(byte);
        } else if (byte == kHt) {
            put(' ');
        } else if (byte == kLf || byte == kCr || byte == kFf) {
            lineEnds(true);
        }
        return;
    }
    if (_length < kHead) _head[static_cast<std::size_t>(_length)] = byte;
    if (_coding && _length >= _dataAt && !(_untilNul && byte == 0) && _coded < _code.size()) {
        _code[_coded++] = byte;
    }
    ++_length;
    if (_untilNul) {
        if (byte == 0) {
            commandEnds();
        } else if (_length >= kMaxUntilNul) {
            _coded = 0;
            strays();
            commandEnds();
        }
    } else if (_length == _wanted) {
        _final ? commandEnds() : decide();
    }
}

void TapReader::decide() {
    if (_length > kHead) { // tables of characters or pictures: not planned further
        lose();
        _length = 0;
        return;
    }
    const auto head = _head.first(static_cast<std::size_t>(_length));
    const Plan next = escpos::plan(head);
    switch (next.kind) {
    case Plan::Kind::more:
        _wanted = next.length;
        return;
    case Plan::Kind::untilNul:
        _untilNul = true;
        _dataAt = next.dataAt;
        _coding = isCode(head);
        return;
    case Plan::Kind::total:
        _final = true;
        _wanted = next.length;
        _dataAt = next.dataAt;
        _coding = isCode(head);
        if (_wanted <= _length) commandEnds();
        return;
    case Plan::Kind::unknown:
        break;
    }
    const std::uint8_t last = head.back();
    _length = 0;
    _odd = true;
    strays();
    if (last < 0x20) take(last); // ESC ESC @: the second prefix starts a command of its own
}

void TapReader::commandEnds() {
    const auto head =
        _head.first(static_cast<std::size_t>(std::min<std::uint64_t>(_length, kHead)));
    _length = 0;
    _begun = _begun || prints(head);
    _expected += expects(head);
    if (_coding) codeEnds();
    _coding = false;
    turn(head);
    if (!_astray) _modes.heard(head);
    if (isCut(head)) receiptEnds(true);
}

/// Where commands begin is not known from here on, nor what they have set.
void TapReader::strays() noexcept {
    _astray = true;
    _modes.lose();
}

/// Page mode (`ESC L`) and upside-down print (`ESC {`) last longer than a receipt.
void TapReader::turn(std::span<const std::uint8_t> head) {
    if (head.size() < 2 || head[0] != escpos::kEsc) return;
    if (head[1] == 'L') _turned = true;
    if (head[1] == '{' && head.size() > 2) _turned = (head[2] & 1U) != 0;
    if (head[1] == '@' || head[1] == 'S') _turned = false;
    if (head[1] == '@') _astray = false;
}

std::string TapReader::alterable() const {
    const bool lineBegins = _filled == _tail && _length == 0;
    if (_blind || _fiscal || _odd || _astray || _turned || _uncut || !lineBegins ||
        _patterns.allFiscal())
        return {};
    return {_number.begin(), _number.begin() + static_cast<std::ptrdiff_t>(_numbered)};
}

void TapReader::put(std::uint8_t byte) {
    _begun = true;
    if (_filled == _text.size()) lineEnds(false);
    _text[_filled++] = byte;
}

/// `broken`: by a line feed; else only our buffer was full.
void TapReader::lineEnds(bool broken) {
    const auto all = _text.first(_filled);
    if (_filled > _tail) {
        blindedBy(holdsCard(all));
        match(all.subspan(_tail), TapPatterns::Where::text);
    }
    // The end of this line stands before the next one, for a card number over both.
    std::size_t keep = std::min(_filled, broken ? kTail - 1 : kTail);
    std::copy(all.end() - static_cast<std::ptrdiff_t>(keep), all.end(), _text.begin());
    if (broken && keep > 0 && _text[keep - 1] != '\n') _text[keep++] = '\n';
    _memory.wipe(keep, _text.size() - keep);
    _tail = _filled = keep;
}

void TapReader::codeEnds() {
    std::span<const std::uint8_t> code = _code.first(std::exchange(_coded, 0));
    if (_head[1] == '(') { // cn fn m d1...dk
        const bool data = code.size() > 3 && code[1] == 80;
        code = data ? code.subspan(3) : code.first(0);
    }
    blindedBy(holdsCard(code));
    match(code, TapPatterns::Where::code);
    _memory.wipe(_text.size(), _code.size());
}

void TapReader::match(std::span<const std::uint8_t> text, TapPatterns::Where where) {
    if (text.empty() || (_blind && !_card)) return;
    if (_blind) { // whether there is one, and nothing of it
        _sale = _sale || _patterns.find(text, where).has_value();
        return;
    }
    _fiscal = _fiscal || _patterns.fiscal(text);
    const auto found = _patterns.find(text, where);
    if (!found || (_numbered > 0 && _rank <= found->rank)) return;
    _rank = found->rank;
    _numbered = 0;
    for (const std::string_view part : {found->prefix, found->number}) {
        for (const char c : part) {
            if (_numbered < _number.size()) _number[_numbered++] = static_cast<std::uint8_t>(c);
        }
    }
}

void TapReader::blindedBy(bool card) noexcept {
    _card = _card || card;
    _blind = _blind || card;
}

void TapReader::receiptEnds(bool cut) {
    lineEnds(true);
    TapReceipt receipt;
    receipt.blind = _blind;
    receipt.card = _card;
    receipt.sale = _card && (_sale || _numbered > 0);
    receipt.fiscal = _fiscal || _patterns.allFiscal();
    receipt.cut = cut;
    if (!_blind)
        receipt.number.assign(_number.begin(),
                              _number.begin() + static_cast<std::ptrdiff_t>(_numbered));
    receipt.named = _named || !receipt.number.empty();
    _named = !cut && receipt.named;
    const bool begun = _begun;
    // A till that waits for the card terminal is silent in the middle of a receipt: on the paper it
    // goes on, and what spoke against a line of ours does so up to the cut.
    const bool fiscal = !cut && _fiscal;
    _uncut = !cut && (_uncut || _begun || _blind || _odd || _length > 0);
    forget();
    _fiscal = fiscal;
    if (begun && _sink) _sink(receipt);
}

void TapReader::pause() {
    receiptEnds(false);
    _length = 0;
    _coding = _untilNul = _final = _astray = false;
}

void TapReader::finish() {
    pause();
    _fiscal = _uncut = _named = false;
}

void TapReader::lose() {
    _begun = true;
    _blind = true;
    strays();
}

void TapReader::forget() {
    _memory.wipe();
    _tail = _filled = _coded = _numbered = _rank = 0;
    _begun = _blind = _card = _sale = _fiscal = _odd = false;
}

} // namespace souffleur::host
