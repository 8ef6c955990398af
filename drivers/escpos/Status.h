// Bytes from a printer: one reader splits automatic status, real-time answers, process-id and GS I
// replies, and the answers to settings commands.
//
// How it keeps its place (fixed bits of Epson's ESC/POS reference): the first byte of an automatic
// status is 0xx1xx00, a real-time answer is 0xx1xx10, and the other three bytes of an automatic
// status are 0xx0xxxx. So an automatic status that was cut short ends at the first byte that is no
// such rest, a real-time answer may stand between its bytes, and both may stand between those of a
// text reply as long as they are control characters. What a reply was cut short by is read afresh.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <span>
#include <string>
#include <variant>

#include "drivers/escpos/Encoder.h"

namespace souffleur::escpos {

/// What a printer says of itself. Epson ESC/POS reference, `GS a` and `DLE EOT`.
struct Condition {
    bool offline = false;
    bool coverOpen = false;
    bool paperNearEnd = false;
    bool paperEnd = false;
    bool cutterError = false;
    bool mechanicalError = false; ///< recoverable by the operator, or the head is too hot
    bool fatalError = false;      ///< needs a power cycle or service
    bool drawerPin = false;       ///< level of pin 3
    bool operator==(const Condition&) const = default;
};

/// Four bytes sent by themselves on every change (`GS a`); the whole condition.
struct AutomaticStatus {
    Condition condition;
    std::array<std::uint8_t, 4> raw{};
};
/// The answer to `DLE EOT n`; `n` is what was announced with expectRealTime, 0 when unasked.
struct RealTimeStatus {
    int n = 0;
    std::uint8_t raw = 0;
};
/// The answer to `GS r 1`, only read when announced with expectTransmitted.
struct TransmittedStatus {
    std::uint8_t raw = 0;
};
/// Everything up to this id is on paper.
struct ProcessDone {
    ProcessId id{};
};
/// The answer to `GS I n`, without its header and NUL, at most 80 bytes.
struct Identity {
    std::string text;
};
/// The answer to a settings command (`GS ( E`, `GS ( L`): 37h, what kind, text, NUL. Only read when
/// announced with expectSetting. `text` may hold 1Fh between its fields, at most 96 bytes.
struct Setting {
    std::uint8_t kind = 0;
    std::string text;
};
/// Bytes that fit nothing; dropped.
struct Stray {
    std::uint8_t byte = 0;
};

using StatusEvent = std::variant<AutomaticStatus, RealTimeStatus, TransmittedStatus, ProcessDone,
                                 Identity, Setting, Stray>;

/// Overlays the answer to `DLE EOT n` on a condition.
void apply(const RealTimeStatus& answer, Condition& condition) noexcept;

/// Incremental; resynchronises at the first byte that cannot belong to what it was reading. One
/// thread.
class StatusReader {
public:
    using Sink = std::function<void(const StatusEvent&)>;
    explicit StatusReader(Sink sink);

    /// Announces a `DLE EOT n` just sent; answers come in order. At most 16 are remembered.
    void expectRealTime(int n);
    /// Announces a `GS r 1` just sent.
    void expectTransmitted();
    /// Announces a `GS I n` just sent; unannounced text is noise.
    void expectIdentity();
    /// Announces a settings command just sent that is answered; unannounced ones are noise.
    void expectSetting();
    /// The answers still announced will not come any more: the printer lost them.
    void forgetRealTime();
    /// The time for an answer to `GS I` is over: one that stands without its NUL is dropped, for it
    /// would swallow what comes next. One that has not begun stays announced.
    void endIdentity();
    void feed(std::span<const std::uint8_t> bytes);
    /// Forgets half-read replies and announcements: the connection is new.
    void reset();

private:
    void take(std::uint8_t byte);
    void takeIdle(std::uint8_t byte);
    bool takeAutomatic(std::uint8_t byte);
    void takeReply(std::uint8_t byte);
    void endReply();
    void giveUp(std::uint8_t byte);
    void tellRealTime(std::uint8_t byte);

    enum class State { idle, identity, process, setting };
    Sink _sink;
    State _state = State::idle;
    std::string _reply;
    AutomaticStatus _automatic;
    std::size_t _automaticCount = 0; ///< bytes of it so far; 0 = none is being read
    std::deque<int> _realTime;
    int _transmitted = 0;
    int _identities = 0;
    int _settings = 0;
};

} // namespace souffleur::escpos
