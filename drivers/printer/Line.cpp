#include "drivers/printer/Line.h"

#include <algorithm>
#include <array>
#include <utility>

#include "drivers/escpos/Decoder.h"

namespace souffleur::printer {
namespace {

using transport::Milliseconds;

constexpr std::size_t kChunk = 4096;
constexpr Milliseconds kAnswerTime{
    1000};                         ///< for a real-time request; printers answer within milliseconds
constexpr std::uint8_t kName = 67; ///< `GS I`
constexpr std::uint8_t kMaker = 66;
constexpr Milliseconds kAskEvery{500};
constexpr Milliseconds kLongestWait{120000}; ///< with paper out or the cover open in mid-job

/// The longest command in these bytes: so many NULs finish whatever a broken write left open, and
/// outside of a command a NUL is ignored.
std::size_t longestCommand(const escpos::Bytes& bytes) {
    std::uint64_t longest = 0;
    escpos::Decoder decoder([&](const escpos::Command& command) {
        if (command.kind != escpos::Command::Kind::text)
            longest = std::max(longest, command.length);
    });
    decoder.feed(bytes);
    return static_cast<std::size_t>(longest);
}

} // namespace

Line::Line(const escpos::Profile& profile, std::unique_ptr<transport::Transport> transport,
           const Options& options)
    : _profile(profile), _options(options), _transport(std::move(transport)),
      _reader([this](const escpos::StatusEvent& event) { hear(event); }) {}

void Line::hear(const escpos::StatusEvent& event) {
    if (const auto* status = std::get_if<escpos::AutomaticStatus>(&event)) {
        _condition = status->condition;
    } else if (const auto* answer = std::get_if<escpos::RealTimeStatus>(&event)) {
        escpos::apply(*answer, _condition);
        if (answer->n != 0) ++_answers;
    } else if (const auto* done = std::get_if<escpos::ProcessDone>(&event)) {
        _done = done->id;
        _alone = _alone || done->id == _first;
    } else if (const auto* sent = std::get_if<escpos::TransmittedStatus>(&event)) {
        _transmitted = sent->raw;
    } else if (const auto* identity = std::get_if<escpos::Identity>(&event)) {
        hearName(identity->text);
    }
}

/// Answers carry no number, only their order. Of several questions for the name one answer is
/// enough; one that comes twice must not pass for the maker.
void Line::hearName(const std::string& text) {
    if (_identities.empty()) return;
    const std::uint8_t what = _identities.front();
    if (what == kName) {
        if (text != _name) forgetMaker();
        _name = text;
        _named = true;
        _met = true;
        _silent = 0;
        std::erase(_identities, kName);
    } else if (text != _name) {
        _maker = text;
        _makerSaid = true;
        _identities.pop_front();
    }
}

Reasons Line::reasons() const {
    Reasons reasons = kReady;
    const auto add = [&](bool on, Reason reason) {
        if (on) reasons |= reason;
    };
    add(_condition.offline, kOffline);
    add(_condition.coverOpen, kCoverOpen);
    add(_condition.paperNearEnd, kPaperNearEnd);
    add(_condition.paperEnd, kPaperEnd);
    add(_condition.cutterError, kCutterError);
    add(_condition.mechanicalError, kMechanicalError);
    add(_condition.fatalError, kFatalError);
    add(_condition.drawerPin, kDrawerSignal);
    return reasons;
}

/// Reads once; false when the line broke.
bool Line::listen(Clock::time_point until) {
    std::array<std::uint8_t, 512> buffer{};
    const auto left = std::chrono::duration_cast<Milliseconds>(until - Clock::now());
    const auto got = _transport->read(buffer, std::max(left, Milliseconds{0}));
    if (!got) {
        _broken = got.error();
        return false;
    }
    if (*got > 0) _heard = Clock::now();
    _reader.feed({buffer.data(), *got});
    return true;
}

/// Throws away what an earlier conversation left in the printer's outgoing buffer.
void Line::drain() {
    constexpr int kMaxReads = 64;
    std::array<std::uint8_t, 512> buffer{};
    for (int i = 0; i < kMaxReads; ++i) {
        const auto got = _transport->read(buffer, Milliseconds{0});
        if (!got || *got == 0) return;
    }
}

/// Sends the four status requests; their answers arrive through listen. Not now: its buffer is
/// full, and not a byte of them went out.
Line::Asked Line::ask() {
    static constexpr std::array<std::uint8_t, 12> kRequests = {0x10, 4, 1, 0x10, 4, 2,
                                                               0x10, 4, 3, 0x10, 4, 4};
    const auto written = _transport->write(kRequests, kAnswerTime);
    if (written.error) {
        _broken = written.error;
        const bool full = written.count == 0 && _broken->fault == transport::Fault::timedOut;
        return full ? Asked::notNow : Asked::broken;
    }
    for (int n = 1; n <= 4; ++n) _reader.expectRealTime(n);
    _asked += 4;
    return Asked::yes;
}

/// False when the line broke.
bool Line::askIdentity(std::uint8_t what, const bool& answered) {
    const std::array<std::uint8_t, 3> question = {0x1D, 'I', what};
    const auto written = _transport->write(question, kAnswerTime);
    if (written.error) {
        _broken = written.error;
        return false;
    }
    _identities.push_back(what);
    _reader.expectIdentity();
    const auto until = Clock::now() + kAnswerTime;
    while (!answered && Clock::now() < until) {
        if (!listen(until)) return false;
    }
    _reader.endIdentity();
    return true;
}

bool Line::askMaker() {
    if (!_maker.empty() || _makerAsks >= kAsksMax) return true;
    ++_makerAsks;
    _makerSaid = false;
    return askIdentity(kMaker, _makerSaid);
}

bool Line::meet() {
    if (!twoWay() || _met || _meetings >= kAsksMax) return true;
    bool whole = true;
    // One that had a name and keeps silent may be another one by now: nothing goes out for the
    // former before that is clear.
    do {
        ++_meetings;
        ++_silent;
        _named = false;
        // A maker that has not come by now is none: it must not pass for the name, nor that for it.
        std::erase(_identities, kMaker);
        whole = askIdentity(kName, _named);
        if (whole && _named) {
            _meetings = 0;
            whole = askMaker();
        } else if (_silent >= kAsksMax) {
            _name.clear();
            forgetMaker();
        }
    } while (whole && !_named && !_name.empty());
    if (!whole) close();
    return whole;
}

Seen Line::seen() const {
    return {_plate.vendor, _plate.product, _plate.deviceId, {}, _maker, _name};
}

/// It broke. Where that was the far end's doing, what comes back may be another one.
void Line::drop() {
    if (_broken && _broken->fault == transport::Fault::gone) forget();
    close();
}

/// It was away: what comes back may be another one.
void Line::forget() {
    _met = false;
    _meetings = 0;
    _silent = 0;
    _name.clear();
    forgetMaker();
    _identities.clear();
}

void Line::forgetMaker() {
    _maker.clear();
    _makerAsks = 0;
}

Reasons Line::look() {
    _broken.reset();
    if (const auto opened = _transport->open(Milliseconds{_options.openTimeoutMs}); !opened) {
        _broken = opened.error();
        if (_broken->fault == transport::Fault::unreachable) forget();
        return kUnreachable;
    }
    if (!std::exchange(_open, true)) _met = false;
    if (const auto plate = _transport->plate(); plate != _plate) {
        forget();
        _plate = plate;
    }
    if (!twoWay()) return kUnknown;
    _reader.reset();
    drain();
    // One that was slow answers now: that is no status.
    const std::size_t late = _identities.size() + static_cast<std::size_t>(_makerAsks);
    for (std::size_t i = 0; i < late; ++i) _reader.expectIdentity();
    _condition = {};
    _asked = 0;
    _answers = 0;
    if (ask() != Asked::yes) {
        drop();
        return _broken->fault == transport::Fault::timedOut ? kNotDraining : kUnreachable;
    }
    const auto until = Clock::now() + kAnswerTime;
    while (_answers < 4 && Clock::now() < until) {
        if (!listen(until)) {
            drop();
            return kUnreachable;
        }
    }
    if (_answers == 0) {
        close();
        return kNotDraining;
    }
    return reasons();
}

void Line::close() {
    _open = false;
    _transport->close();
}

/// The device takes nothing because somebody must put paper in or close the cover: it said so.
bool Line::waitsForPaper(Clock::time_point lastMoment, const Progress& progress) {
    return _broken->fault == transport::Fault::timedOut && twoWay() && listen(Clock::now()) &&
           (reasons() & kBlocking) != 0 && Clock::now() < lastMoment && progress(reasons());
}

/// All of it, or an outcome that says how far it came.
Line::Outcome Line::send(const escpos::Bytes& bytes, const Progress& progress) {
    const auto lastMoment = Clock::now() + kLongestWait;
    std::size_t count = 0;
    while (count < bytes.size()) {
        const auto piece = std::span(bytes).subspan(count, std::min(kChunk, bytes.size() - count));
        const auto written = _transport->write(piece, Milliseconds{_options.writeTimeoutMs});
        count += written.count;
        if (!written.error) {
            // What it says meanwhile, so that a full answer buffer never stops it from listening.
            if (twoWay() && count < bytes.size() && listen(Clock::now()))
                (void) progress(reasons());
            continue;
        }
        _broken = written.error;
        if (count == 0) return {true, JobEnd::failed, Evidence::none, written.error->message};
        if (waitsForPaper(lastMoment, progress)) continue;
        return {false, JobEnd::indeterminate, Evidence::none,
                written.error->message + " after " + std::to_string(count) + " of " +
                    std::to_string(bytes.size()) + " bytes; look at the printer before reprinting"};
    }
    return {false, JobEnd::printed, Evidence::written, {}};
}

std::optional<Line::Outcome> Line::confirmed(const escpos::ProcessId& id) const {
    if (_profile.processId) {
        if (_done != id) return std::nullopt;
        return Outcome{false, JobEnd::printed, Evidence::processId, {}};
    }
    if (!_transmitted) return std::nullopt;
    constexpr std::uint8_t kPaperOut = 0x0C;
    if ((*_transmitted & kPaperOut) != 0 || (reasons() & (kPaperEnd | kCutterError)) != 0) {
        return Outcome{
            false, JobEnd::indeterminate, Evidence::none,
            "the paper or the cutter failed during the job; look at the slip before reprinting"};
    }
    return Outcome{false, JobEnd::printed, Evidence::status, {}};
}

Line::Outcome Line::confirm(const escpos::ProcessId& id, const Progress& progress) {
    const auto lastMoment = Clock::now() + kLongestWait;
    auto deadline = Clock::now() + Milliseconds{_options.confirmTimeoutMs};
    auto askAt = Clock::now() + kAskEvery;
    const auto unsure = [](std::string_view what) {
        Outcome outcome{false, JobEnd::indeterminate, Evidence::none, {}};
        outcome.message.append(what).append("; look at the printer before reprinting");
        return outcome;
    };
    for (;;) {
        if (!listen(std::min(askAt, deadline))) return unsure(_broken->message);
        if (auto outcome = confirmed(id)) return *outcome;
        if (!progress(reasons())) return unsure("stopped before the printer confirmed the job");
        const auto now = Clock::now();
        // Somebody is changing the roll: the confirmation comes when the cover is closed.
        if ((reasons() & kBlocking) != 0) {
            deadline = std::min(lastMoment, now + Milliseconds{_options.confirmTimeoutMs});
        }
        if (now >= deadline) return unsure("the printer took the job but did not confirm it");
        if (now < askAt) continue;
        askAt = now + kAskEvery;
        if (!askAgain(now)) return unsure(_broken->message);
    }
}

/// One set of questions at a time: answers carry no number, only their order. After a second of
/// silence the missing ones are lost. A printer that is busy printing is asked later. False when
/// the line broke.
bool Line::askAgain(Clock::time_point now) {
    if (_answers < _asked && now - _heard > kAnswerTime) {
        _reader.forgetRealTime();
        _asked = _answers;
    }
    return _answers < _asked || ask() != Asked::broken;
}

/// What stands around a job: automatic status while it runs where the model confirms jobs (it must
/// follow `ESC @`, which may switch it off, and ends with the job), and the request for the
/// confirmation. On a shared line automatic status is another one's to switch: there the state is
/// asked for.
void Line::frame(escpos::Bytes& bytes, const JobIds& ids) {
    constexpr std::uint8_t kAll = 0x0F; // drawer, on-line, errors, paper
    if (!twoWay()) return;
    if (!_profile.processId) {
        bytes.insert(bytes.end(), {0x1D, 'r', 1});
        return;
    }
    const bool resets =
        !_transport->shared() && bytes.size() >= 2 && bytes[0] == 0x1B && bytes[1] == '@';
    if (resets) bytes.insert(bytes.begin() + 2, {0x1D, 'a', kAll});
    const auto request = escpos::processIdRequest(ids.last);
    bytes.insert(bytes.end(), request.begin(), request.end());
    if (resets) bytes.insert(bytes.end(), {0x1D, 'a', 0});
    if (_transport->shared()) return;
    const auto before = escpos::processIdRequest(ids.first);
    bytes.insert(bytes.begin(), before.begin(), before.end());
}

/// A job is given up that the printer holds and cannot print now (paper is out, the cover open): it
/// would print the rest by itself whenever that is mended, for whoever stands there then. Throws
/// away what it has taken (`DLE DC4` 8), but only where the answer to our first question shows
/// that all that came before us is on paper: what else it holds may be somebody's receipt.
void Line::clearPrinter() {
    static constexpr std::array<std::uint8_t, 10> bytes = {0x10, 0x14, 8, 1, 3, 0x14, 1, 6, 2, 8};
    if (!_alone || _transport->shared() || (reasons() & kBlocking) == 0) return;
    auto written = _transport->write(bytes, kAnswerTime);
    // Whoever wanted it to stop has been heard; this is the stop.
    if (written.error && written.error->fault == transport::Fault::cancelled)
        written = _transport->write(std::span(bytes).subspan(written.count), kAnswerTime);
}

Line::Outcome Line::print(escpos::Bytes bytes, const JobIds& ids, const Progress& progress) {
    _broken.reset();
    _done.reset();
    _first = ids.first;
    _alone = false;
    _transmitted.reset();
    _heard = Clock::now();
    _reader.endIdentity(); // of a late one
    const std::size_t longest = longestCommand(bytes);
    frame(bytes, ids);
    bytes.insert(bytes.begin(), std::exchange(_flush, 0), std::uint8_t{0});

    Outcome outcome = send(bytes, progress);
    if (outcome.end == JobEnd::printed && twoWay()) {
        if (!_profile.processId) _reader.expectTransmitted();
        outcome = confirm(ids.last, progress);
    }
    if (outcome.end != JobEnd::printed && !outcome.nothingSent) {
        _flush = longest;
        clearPrinter();
    }
    if (outcome.end != JobEnd::printed) drop();
    return outcome;
}

} // namespace souffleur::printer
