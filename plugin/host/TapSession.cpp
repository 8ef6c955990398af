#include "plugin/host/TapSession.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace souffleur::host {
namespace {

using transport::Fault;
using transport::Milliseconds;

constexpr std::size_t kForward = 64 * 1024;
constexpr std::size_t kBackward = 4 * 1024;
constexpr Milliseconds kOpen{5000};
constexpr Milliseconds kWrite{25};
/// The analyser has long read what passed; else the tills' settings are not known.
constexpr Milliseconds kModes{200};
/// A byte that may begin a cut is kept back so long, with hints.
constexpr Milliseconds kKeep{25};
/// Between looks for the printer's answers: while a receipt is running, and later.
constexpr Milliseconds kBusy{5};
constexpr Milliseconds kIdle{50};
constexpr Milliseconds kBusyFor{2000};
/// After a cut another may go at once.
constexpr Milliseconds kCutGap{50};
/// After its last byte a till is given the printer's answers for so long.
constexpr Milliseconds kLinger{1000};
constexpr Milliseconds kJobLinger{500};
/// And that long where they do not stop.
constexpr Milliseconds kLingerMax{5000};
/// What may become a hello is kept back so long.
constexpr Milliseconds kHello{1000};
/// An answer that a till waits for (a receipt is on paper) keeps a slip waiting so long.
constexpr Milliseconds kOwed{10'000};
/// A printer that takes nothing (paper out) keeps a till that has gone waiting so long.
constexpr Milliseconds kPatience{10 * 60 * 1000};

} // namespace

TapSession::TapSession(Descriptor fd, Manner manner, TapLine& line, TapAnalyser& analyser,
                       const std::atomic<bool>& stop)
    : _fd(std::move(fd)), _manner(manner), _line(line), _turn(line), _analyser(analyser),
      _stop(stop), _memory(kForward + kBackward) {}

Milliseconds TapSession::quiet() const {
    return std::chrono::duration_cast<Milliseconds>(Clock::now() - _lastAt);
}

void TapSession::run() {
    TapMemory::hideStack();
    const TapTraces traces;
    if (_manner.endless) waitForTill();
    _turn.comes();
    whileWaiting();
    if (takeTurn()) {
        while (!_stop && stays() && step()) {
        }
    }
    if (_turn.held()) {
        _analyser.gone(); // else another one's bytes are looked at
        if (!_again.empty()) _line.leaveReset();
    }
    _turn.goes();
    _turn.release(_broken);
    lastWord();
    _memory.wipe();
    _fd.close();
}

/// A pseudo-terminal stands ready all day; the printer is taken at the first byte.
void TapSession::waitForTill() {
    pollfd one{_fd.get(), POLLIN, 0};
    while (!_stop && ::poll(&one, 1, static_cast<int>(kIdle.count())) <= 0) {
    }
}

/// False: it did not come, or the printer cannot be reached.
bool TapSession::takeTurn() {
    const auto meanwhile = [this] {
        whileWaiting();
        return stays();
    };
    if (!_turn.acquire(kPatience, _stop, meanwhile)) return false;
    _expected = _analyser.expected();
    _owed = 0;
    _broken = !openPrinter();
    if (!_broken && _manner.seen && _line.takeReset()) _again = _analyser.modes(kModes);
    return !_broken;
}

bool TapSession::openPrinter() {
    const auto until = Clock::now() + kOpen;
    while (!_stop && Clock::now() < until) {
        const auto opened = _line.printer().open(kOpen);
        if (opened) return true;
        if (opened.error().fault == Fault::invalid || opened.error().fault == Fault::denied) break;
        whileWaiting();
        pollfd one{_fd.get(), 0, 0}; // a pause that a till which hangs up ends
        if (::poll(&one, 1, 200) > 0 || !stays()) break;
    }
    return false;
}

/// A connection's first bytes say whether it wants words. Nothing else is taken here.
void TapSession::heedHello() {
    if (_greeted) return;
    const auto room = _memory.bytes().first(kJobHello.size());
    const auto got = ::recv(_fd.get(), room.data(), room.size(), MSG_PEEK | MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    const auto count = static_cast<std::size_t>(std::max<ssize_t>(got, 0));
    const bool fits = count > 0 && std::memcmp(room.data(), kJobHello.data(), count) == 0;
    if (fits && count == room.size()) {
        _greeted = ::recv(_fd.get(), room.data(), room.size(), MSG_DONTWAIT) == got;
        if (_greeted) _words.start(_fd.get());
    } else {
        _greeted = !fits || quiet() >= kHello;
    }
    _memory.wipe(0, room.size());
}

/// Else it was a hello, or may become one.
bool TapSession::receiptCame() {
    if (_greeted) return true;
    heedHello();
    if (!_greeted) (void) ::poll(nullptr, 0, 1); // the rest of it is not here yet
    return _greeted && !_words.started();
}

/// For the printer, or for its turn.
void TapSession::whileWaiting() {
    heedHello();
    _words.tick();
    pollfd one{_fd.get(), POLLIN, 0};
    if (!_turn.held() && ::poll(&one, 1, 0) > 0 && (one.revents & POLLIN) != 0) _turn.press();
}

/// Nothing would be lost if it left now.
bool TapSession::idle() const {
    const bool owing = _owed > 0 && quiet() < kOwed;
    return _filled == 0 && _paused && !_ended && !owing && !_words.started();
}

/// False: its place is wanted, and it has no use for it.
bool TapSession::stays() {
    if (_manner.place == nullptr) return true;
    TapPlace& place = *_manner.place;
    pollfd one{_fd.get(), POLLIN, 0};
    const bool rests = idle() && ::poll(&one, 1, 0) == 0;
    place.idleSince = rests ? _lastAt.time_since_epoch().count() : 0;
    if (rests) return !place.wanted;
    place.wanted = false;
    return true;
}

void TapSession::lastWord() {
    if (!_words.started()) return;
    _words.last(_taken ? JobWord::printed : _sent ? JobWord::part : JobWord::nothing);
}

/// The till sends no more, and nothing of it is left here. False when it is over.
bool TapSession::ending() {
    const bool job = _words.started();
    if (job && !_taken) return Clock::now() - _progressAt < kPatience;
    const auto silent = quiet();
    const auto answered = std::chrono::duration_cast<Milliseconds>(Clock::now() - _answerAt);
    const bool quietLine = std::min(silent, answered) >= (job ? kJobLinger : kLinger);
    return !quietLine && silent < kLingerMax && !(_line.wanted() && silent >= kCutGap);
}

/// One round; false when it is over.
bool TapSession::step() {
    if (!takeFromTill()) return false;
    const bool passed = passToPrinter();
    const bool through = _ended && _filled == 0;
    const auto look = [&] {
        if (_taken || !through || !_line.printer().drained()) return;
        _taken = true;
        _lastAt = Clock::now();
    };
    look();
    if (!passed) return false;
    const std::uint64_t expected = _analyser.expected();
    _owed += expected - std::exchange(_expected, expected);
    if (!passBack()) {
        look(); // a printer that hangs up has taken what it confirmed
        return false;
    }
    const bool empty = _filled == 0;
    const auto silent = quiet();
    if (empty && !_paused && silent >= _manner.receiptGap) {
        _analyser.pause();
        _paused = true;
    }
    if (_ended && empty) return ending();
    if (_ended && Clock::now() - _progressAt > kPatience) return false;
    if (!empty || !_again.empty() || !_line.wanted()) return true;
    const bool cut = _manner.seen && _analyser.atCut();
    return silent < (cut ? kCutGap : _manner.receiptGap) || owed() || giveWay();
}

/// The till has asked the printer something, and the answer would come into our conversation. A
/// printer that has let a till wait in vain is not waited for again before it says something.
bool TapSession::owed() {
    if (_owed == 0 || _mute || !_line.printer().canRead()) return false;
    _mute = quiet() >= kOwed;
    return !_mute;
}

/// A slip (or another till) goes between two receipts.
bool TapSession::giveWay() {
    _analyser.pause();
    _paused = true;
    _turn.release();
    if (_manner.endless) {
        _turn.goes();
        waitForTill();
        _turn.comes();
    }
    return takeTurn();
}

bool TapSession::takeFromTill() {
    // A last byte that may begin a cut waits for the next one.
    const bool kept = _filled > 0 && _filled - _passed == 1 && _clear == _passed && _hint.empty();
    if (_filled > 0 && !kept) return true;
    if (kept && _passed > 0) {
        _memory.bytes()[0] = _memory.bytes()[_passed];
        _memory.wipe(1, _filled);
        _passed = _clear = 0;
        _filled = 1;
    }
    const bool listen = !_ended;
    pollfd one{_fd.get(), static_cast<short>((listen ? POLLIN : 0) | (_back > 0 ? POLLOUT : 0)), 0};
    const auto wait = quiet() < kBusyFor ? kBusy : kIdle;
    // A till that hung up would wake us at once, over and over: then we only sleep.
    (void) ::poll(&one, listen ? 1 : 0, static_cast<int>(wait.count()));
    if (!listen || (one.revents & (POLLIN | POLLHUP | POLLERR)) == 0) return true;
    if (!receiptCame()) return true;
    const auto got = ::read(_fd.get(), _memory.bytes().data() + _filled, kForward - _filled);
    if (got > 0) {
        if (_filled == 0) _passed = _clear = 0;
        // A pack may have begun or ceased to have lines; never in the middle of a receipt.
        if (_filled == 0 && _paused) lookForCuts();
        _filled += static_cast<std::size_t>(got);
        _lastAt = _progressAt = Clock::now();
        _paused = false;
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        _ended = true;
        _lastAt = Clock::now();
    }
    return true;
}

/// A receipt begins.
void TapSession::lookForCuts() {
    const bool wanted = _manner.seen && _manner.hintPatience > Milliseconds{0} && _analyser.hints();
    if (!wanted) {
        _cuts.reset();
    } else if (!_cuts) {
        _cuts.emplace();
    }
}

/// Says how much of what came may pass: all of it, or, with hints, up to the next cut, before which
/// our line may go.
void TapSession::upToCut() {
    if (!_cuts) _clear = _filled;
    if (_clear > _passed || _clear == _filled) return;
    auto next = _cuts->look(_memory.bytes().subspan(_clear, _filled - _clear));
    if (next.pass == 0 && next.cut) {
        _hint = _analyser.beforeCut(_manner.hintPatience);
        _cuts->allow();
        if (!_hint.empty()) return;
        next = _cuts->look(_memory.bytes().subspan(_clear, _filled - _clear));
    }
    _clear += next.pass;
    if (next.pass > 0 || (!_ended && quiet() < kKeep)) return;
    _cuts->letGo(_memory.bytes()[_clear]);
    _clear = _filled;
}

/// False while some of it waits, and when the printer broke.
bool TapSession::passOurs(std::vector<std::uint8_t>& bytes) {
    const auto written = _line.printer().write(bytes, kWrite);
    bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(written.count));
    if (written.count > 0) _progressAt = Clock::now();
    if (!written.error) return bytes.empty();
    const Fault fault = written.error->fault;
    _broken = fault != Fault::timedOut && fault != Fault::cancelled && fault != Fault::stalled;
    return false;
}

/// False while some of it waits, and when the printer broke.
bool TapSession::endSlip() {
    const auto written = _line.endSlip(kWrite);
    if (written.count > 0) _progressAt = Clock::now();
    if (!written.error) return true;
    const Fault fault = written.error->fault;
    _broken = fault != Fault::timedOut && fault != Fault::cancelled && fault != Fault::stalled;
    return false;
}

bool TapSession::passToPrinter() {
    if (_filled == 0 && _again.empty()) return true;
    if (_line.slipOpen() && !endSlip()) return !_broken;
    if (!_again.empty() && !passOurs(_again)) return !_broken;
    if (_filled == 0) return true;
    if (_hint.empty()) upToCut();
    if (!_hint.empty() && !passOurs(_hint)) return !_broken;
    const auto rest = _memory.bytes().subspan(_passed, _clear - _passed);
    if (rest.empty()) return true;
    const auto written = _line.printer().write(rest, kWrite);
    if (_manner.seen) _analyser.offer(rest.first(written.count));
    _passed += written.count;
    _sent = _sent || written.count > 0;
    if (written.count > 0) _progressAt = Clock::now();
    if (_passed == _filled) {
        _memory.wipe(0, _filled);
        TapMemory::wipeTraces();
        _filled = _passed = _clear = 0;
    }
    if (!written.error) return true;
    const Fault fault = written.error->fault;
    _broken = fault != Fault::timedOut && fault != Fault::cancelled && fault != Fault::stalled;
    return !_broken;
}

bool TapSession::passBack() {
    auto& printer = _line.printer();
    const auto room = _memory.bytes().subspan(kForward, kBackward);
    if (_words.started() && !std::exchange(_begun, true)) _words.say(JobWord::begin);
    if (printer.canRead() && _back < kBackward) {
        const auto got = printer.read(room.subspan(_back), Milliseconds{0});
        if (!got) {
            _broken = got.error().fault != Fault::cancelled && got.error().fault != Fault::stalled;
            return !_broken;
        }
        if (*got > 0) {
            _answerAt = Clock::now();
            _owed -= std::min<std::uint64_t>(_owed, *got);
            _mute = false;
        }
        _back += *got;
    }
    if (_words.started()) {
        const std::size_t piece = std::min(_back, kJobAnswerMax);
        if (piece > 0 && _words.idle()) {
            _words.say(JobWord::answer, room.first(piece));
            std::memmove(room.data(), room.data() + piece, _back - piece);
            _back -= piece;
        }
        _words.tick();
        return true;
    }
    if (_back == 0) return true;
    const auto sent = ::write(_fd.get(), room.data(), _back);
    if (sent > 0) {
        const auto count = static_cast<std::size_t>(sent);
        std::memmove(room.data(), room.data() + count, _back - count);
        _back -= count;
    } else if (sent < 0 && errno != EAGAIN && errno != EINTR) {
        _back = 0; // it no longer listens; its receipt goes on
    }
    return true;
}

} // namespace souffleur::host
