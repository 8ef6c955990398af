#include "firmware-config/provision/Conversation.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <thread>
#include <utility>

namespace souffleur::provision {
namespace {

using Clock = std::chrono::steady_clock;
using transport::Milliseconds;

constexpr std::size_t kMaxHeard = 64;
constexpr std::size_t kPiece = 4096;
constexpr std::uint64_t kHalfQuestion = 16; ///< no question of ours is longer
constexpr int kMaxGroups = 256;             ///< of 40 keys: more than there can be
constexpr std::uint8_t kGs = 0x1D;
constexpr char kBetween = 0x1F; ///< between an item's number and its value

// The second byte of an answer tells which question it belongs to.
constexpr std::uint8_t kEntered = 0x20;
constexpr std::uint8_t kSwitch = 0x21;
constexpr std::uint8_t kValue = 0x27;
constexpr std::uint8_t kSerialItem = 0x33;
constexpr std::uint8_t kFree = 0x31;
constexpr std::uint8_t kKeys = 0x72;

std::uint8_t byte(std::size_t value, unsigned shift = 0) {
    return static_cast<std::uint8_t>(value >> shift & 0xFFU);
}

/// `GS ( letter pL pH data`.
Bytes family(char letter, const Bytes& data) {
    Bytes out{kGs, '(', static_cast<std::uint8_t>(letter), byte(data.size()), byte(data.size(), 8)};
    out.insert(out.end(), data.begin(), data.end());
    return out;
}

std::optional<int> toNumber(const std::string& digits, int most) {
    int number = 0;
    const auto* const end = digits.data() + digits.size();
    const auto done = std::from_chars(digits.data(), end, number);
    if (digits.empty() || done.ec != std::errc{} || done.ptr != end || number < 0 || number > most)
        return std::nullopt;
    return number;
}

bool only(const std::string& text, const char* letters) {
    return !text.empty() && text.find_first_not_of(letters) == std::string::npos;
}

} // namespace

Conversation::Conversation(std::unique_ptr<transport::Transport> line, Timing timing)
    : _line(std::move(line)), _timing(timing), _reader([this](const escpos::StatusEvent& event) {
          if (std::holds_alternative<escpos::Stray>(event)) return;
          _heard.push_back(event);
          if (_heard.size() > kMaxHeard) _heard.pop_front();
      }) {}

tl::unexpected<Error> Conversation::silent() const {
    return fail(Fault::silent,
                describe() + ": the printer answers nothing. It is switched off or hangs, or "
                             "another program (a till, a queue of the system) has it: close that "
                             "one, look at the printer, and do this again");
}

tl::unexpected<Error> Conversation::garbled(const std::string& what) const {
    return fail(Fault::garbled, describe() + ": asked for " + what +
                                    ", the printer answered what cannot be; nothing was changed by "
                                    "that. Is another program printing on it?");
}

Result<void> Conversation::open() {
    const auto opened = _line->open(Milliseconds{_timing.openMs});
    if (!opened) return fail(Fault::line, opened.error().message);
    if (!_line->canRead()) {
        return fail(Fault::settings, describe() + " is a one-way line: the printer cannot answer, "
                                                  "and what it holds cannot be read");
    }
    _reader.reset();
    _heard.clear();
    return flush(kHalfQuestion);
}

Result<void> Conversation::send(const Bytes& bytes) {
    for (std::size_t at = 0; at < bytes.size(); at += kPiece) {
        const auto piece = std::span(bytes).subspan(at, std::min(kPiece, bytes.size() - at));
        const auto written = _line->write(piece, Milliseconds{_timing.writeMs});
        if (!written.error) continue;
        if (written.error->fault == transport::Fault::timedOut) return silent();
        return fail(Fault::line, written.error->message);
    }
    return {};
}

/// Until something wanted was heard, which is the last of `_heard` then, or time is up (false).
Result<bool> Conversation::listen(int ms, const Wanted& wanted) {
    const auto until = Clock::now() + Milliseconds{ms};
    std::array<std::uint8_t, 512> buffer{};
    for (;;) {
        while (!_heard.empty()) {
            if (wanted(_heard.front())) return true;
            _heard.pop_front();
        }
        const auto left = std::chrono::ceil<Milliseconds>(until - Clock::now());
        if (left <= Milliseconds{0}) return false;
        const auto got = _line->read(buffer, left);
        if (!got) return fail(Fault::line, got.error().message);
        _reader.feed({buffer.data(), *got});
    }
}

Result<std::optional<std::string>> Conversation::ask(const Bytes& question, std::uint8_t kind,
                                                     int wait) {
    _heard.clear();
    _reader.expectSetting();
    if (auto sent = send(question); !sent) return passOn(sent);
    const auto heard = listen(wait, [&](const escpos::StatusEvent& event) {
        const auto* const setting = std::get_if<escpos::Setting>(&event);
        return setting != nullptr && setting->kind == kind;
    });
    if (!heard) return passOn(heard);
    if (!*heard) return std::nullopt;
    return std::get<escpos::Setting>(_heard.front()).text;
}

Result<std::optional<std::string>> Conversation::identity(std::uint8_t n, int wait) {
    _heard.clear();
    _reader.expectIdentity();
    if (auto sent = send({kGs, 'I', n}); !sent) return passOn(sent);
    const auto heard = listen(wait, [](const escpos::StatusEvent& event) {
        return std::holds_alternative<escpos::Identity>(event);
    });
    if (!heard) return passOn(heard);
    if (!*heard) return std::nullopt;
    return std::get<escpos::Identity>(_heard.front()).text;
}

/// Answers come in the order of the questions: once this one is answered, none of an earlier
/// question comes any more.
Result<void> Conversation::catchUp() {
    _reader.reset();
    const auto name = identity(67, _timing.answerMs);
    if (!name) return passOn(name);
    if (!*name) return silent();
    _reader.reset();
    return {};
}

Result<void> Conversation::flush(std::uint64_t unfinished) {
    constexpr std::uint8_t kCan = 0x18;
    Bytes bytes(static_cast<std::size_t>(unfinished), 0);
    bytes.push_back(kCan);
    return send(bytes);
}

Result<Identity> Conversation::identify() {
    Identity out;
    // The name first: everything that answers answers this. Waiting for what stands before it in
    // the printer's buffer is the point: a job that prints is over then.
    const auto name = identity(67, _timing.answerMs);
    if (!name) return passOn(name);
    if (!*name) {
        // With its cover open it answers nothing but real-time requests: those say why.
        if (auto why = ready(); !why) return passOn(why);
        return silent();
    }
    out.name = **name;
    const std::array<std::pair<std::uint8_t, std::string*>, 3> rest = {
        {{std::uint8_t{66}, &out.maker},
         {std::uint8_t{65}, &out.firmware},
         {std::uint8_t{68}, &out.serial}}};
    for (const auto& [n, into] : rest) {
        const auto found = identity(n, _timing.probeMs);
        if (!found) return passOn(found);
        if (*found) {
            *into = **found;
        } else if (auto there = catchUp(); !there) {
            return passOn(there);
        }
    }
    return out;
}

Result<void> Conversation::ready() {
    static constexpr std::array<std::uint8_t, 12> kRequests = {0x10, 4, 1, 0x10, 4, 2,
                                                               0x10, 4, 3, 0x10, 4, 4};
    _heard.clear();
    for (int n = 1; n <= 4; ++n) _reader.expectRealTime(n);
    if (auto sent = send({kRequests.begin(), kRequests.end()}); !sent) return passOn(sent);
    escpos::Condition condition;
    int answers = 0;
    const auto heard = listen(_timing.answerMs, [&](const escpos::StatusEvent& event) {
        const auto* const answer = std::get_if<escpos::RealTimeStatus>(&event);
        if (answer == nullptr) return false;
        escpos::apply(*answer, condition);
        return ++answers == 4;
    });
    if (!heard) return passOn(heard);
    if (!*heard) return silent();
    const char* what = nullptr;
    if (condition.fatalError || condition.mechanicalError || condition.cutterError)
        what = "it reports an error";
    else if (condition.coverOpen)
        what = "its cover is open";
    else if (condition.paperEnd)
        what = "it has no paper";
    else if (condition.offline)
        what = "it is off-line";
    if (what == nullptr) return {};
    return fail(Fault::notReady, describe() + ": nothing was written, for " + what +
                                     "; mend that and do this again");
}

/// Silence: does it only not know the question, or has it gone?
Result<std::optional<std::string>> Conversation::item(int fn, std::uint8_t kind, int number,
                                                      int wait) {
    auto answer = ask(
        family('E', {byte(static_cast<std::size_t>(fn)), byte(static_cast<std::size_t>(number))}),
        kind, wait);
    if (answer && !*answer) {
        if (auto there = catchUp(); !there) return passOn(there);
    }
    return answer;
}

Result<std::optional<std::string>> Conversation::memorySwitch(int number, int wait) {
    auto answer = item(4, kSwitch, number, wait);
    if (!answer || !*answer) return answer;
    if ((*answer)->size() != 8 || !only(**answer, "01"))
        return garbled("memory switch " + std::to_string(number));
    return answer;
}

Result<std::optional<int>> Conversation::value(int number, int wait) {
    const auto answer = item(6, kValue, number, wait);
    if (!answer) return passOn(answer);
    if (!*answer) return std::nullopt;
    const auto at = (*answer)->find(kBetween);
    const auto what = "customized value " + std::to_string(number);
    if (at == std::string::npos || toNumber((*answer)->substr(0, at), 255) != number)
        return garbled(what);
    const auto found = toNumber((*answer)->substr(at + 1), 65535);
    if (!found) return garbled(what);
    return found;
}

Result<std::optional<std::string>> Conversation::serial(int number, int wait) {
    auto answer = item(12, kSerialItem, number, wait);
    if (!answer || !*answer) return answer;
    const std::string& text = **answer;
    const auto head = std::to_string(number) + kBetween;
    const auto digits = text.starts_with(head) ? text.substr(head.size()) : std::string();
    if (digits.size() > 6 || !only(digits, "0123456789")) return garbled("its serial line");
    // Some answer the data bits as 0 and 1 (Citizen), though they are set as 7 and 8.
    if (number == kDataBits && (digits == "0" || digits == "1")) return digits == "0" ? "7" : "8";
    return digits;
}

Result<int> Conversation::freeBytes(int wait) {
    const auto answer = ask(family('L', {48, 51}), kFree, wait);
    if (!answer) return passOn(answer);
    if (!*answer) {
        if (auto there = catchUp(); !there) return passOn(there);
        return fail(Fault::noRoom, describe() + " does not say how much room it has for pictures");
    }
    const auto bytes = toNumber(**answer, INT32_MAX);
    if (!bytes) return garbled("its room for pictures");
    return *bytes;
}

Result<std::set<Key>> Conversation::keys() {
    constexpr std::uint8_t kAck = 0x06;
    std::set<Key> found;
    Bytes question = family('L', {48, 64, 'K', 'C'});
    for (int group = 0; group < kMaxGroups; ++group) {
        const auto answer = ask(question, kKeys, _timing.answerMs);
        if (!answer) return passOn(answer);
        if (!*answer) return silent();
        const std::string& text = **answer;
        const bool more = !text.empty() && text[0] == 'A';
        if (text.empty() || (text[0] != '@' && !more) || text.size() % 2 != 1)
            return garbled("its pictures");
        for (std::size_t i = 1; i < text.size(); i += 2) found.insert(text.substr(i, 2));
        question = {kAck};
        if (!more) {
            if (auto sent = send(question); !sent) return passOn(sent);
            return found;
        }
    }
    return garbled("its pictures");
}

Result<void> Conversation::enter() {
    const auto answer = ask(family('E', {1, 'I', 'N'}), kEntered, _timing.answerMs);
    if (!answer) return passOn(answer);
    if (!*answer) return silent();
    return {};
}

Result<void> Conversation::leave() {
    if (auto sent = send(family('E', {2, 'O', 'U', 'T'})); !sent) return sent;
    // Let it begin: what comes meanwhile, a notice of the power or nothing, is of no interest.
    return meet(listen(_timing.settleMs, [](const escpos::StatusEvent&) { return false; }));
}

Result<void> Conversation::leaveFor(std::unique_ptr<transport::Transport> line) {
    if (auto sent = send(family('E', {2, 'O', 'U', 'T'})); !sent) return sent;
    (void) listen(_timing.settleMs, [](const escpos::StatusEvent&) { return false; });
    _line->close();
    _line = std::move(line);
    return meet(fail(Fault::line, {}));
}

/// Until it answers. `quiet`: whether the line outlived the reset.
Result<void> Conversation::meet(Result<bool> quiet) {
    const auto until = Clock::now() + Milliseconds{_timing.restartMs};
    while (Clock::now() < until) {
        if (!quiet) { // the line broke with the reset: it comes back
            _line->close();
            std::this_thread::sleep_for(Milliseconds{100});
            if (auto opened = open(); !opened) continue;
        }
        _reader.reset();
        const auto name = identity(67, _timing.probeMs);
        if (name && *name) return {};
        quiet = name ? Result<bool>(false) : Result<bool>(passOn(name));
    }
    return silent();
}

Bytes writeSwitches(const std::map<int, std::string>& switches) {
    Bytes data{3};
    for (const auto& [number, bits] : switches) {
        data.push_back(byte(static_cast<std::size_t>(number)));
        data.insert(data.end(), bits.begin(), bits.end());
    }
    return family('E', data);
}

Bytes writeValues(const std::map<int, int>& values) {
    Bytes data{5};
    for (const auto& [number, value] : values) {
        const auto wide = static_cast<std::size_t>(value);
        data.insert(data.end(),
                    {byte(static_cast<std::size_t>(number)), byte(wide), byte(wide, 8)});
    }
    return family('E', data);
}

Bytes writeSerial(int item, const std::string& digits) {
    Bytes data{11, byte(static_cast<std::size_t>(item))};
    data.insert(data.end(), digits.begin(), digits.end());
    return family('E', data);
}

Bytes writePicture(const Key& key, const Bitmap& picture) {
    const auto width = static_cast<std::size_t>(picture.width);
    const auto height = static_cast<std::size_t>(picture.height);
    Bytes data{48,
               67,
               48,
               static_cast<std::uint8_t>(key[0]),
               static_cast<std::uint8_t>(key[1]),
               1,
               byte(width),
               byte(width, 8),
               byte(height),
               byte(height, 8),
               49};
    data.insert(data.end(), picture.bits.begin(), picture.bits.end());
    if (data.size() <= 0xFFFF) return family('L', data);
    Bytes out{kGs,
              '8',
              'L',
              byte(data.size()),
              byte(data.size(), 8),
              byte(data.size(), 16),
              byte(data.size(), 24)};
    out.insert(out.end(), data.begin(), data.end());
    return out;
}

Bytes deletePicture(const Key& key) {
    return family('L',
                  {48, 66, static_cast<std::uint8_t>(key[0]), static_cast<std::uint8_t>(key[1])});
}

} // namespace souffleur::provision
