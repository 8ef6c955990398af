// One conversation with a printer: open, ask, send, wait for the confirmation. Inside the printer
// room only.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "drivers/escpos/Encoder.h"
#include "drivers/escpos/Status.h"
#include "drivers/printer/Printer.h"

namespace souffleur::printer {

/// Owned and used by the printer's thread; `cancel` from any.
class Line {
public:
    Line(const escpos::Profile& profile, std::unique_ptr<transport::Transport> transport,
         const Options& options);

    /// Opens, if it is not open, and asks how the printer is. The answer's reasons; kUnknown from
    /// one-way lines.
    Reasons look();
    void close();
    void cancel() { _transport->cancel(); }
    [[nodiscard]] std::string describe() const { return _transport->describe(); }
    [[nodiscard]] bool twoWay() const { return _profile.status && _transport->canRead(); }

    struct Outcome {
        bool nothingSent = false; ///< not one byte went out: the job may wait and try again
        JobEnd end = JobEnd::failed;
        Evidence evidence = Evidence::none;
        std::string message;
    };
    using Progress = std::function<bool(Reasons)>;
    /// Sends a job (without process id) and waits for its end. `progress` hears of every change of
    /// state meanwhile and says whether to go on.
    Outcome print(escpos::Bytes bytes, const escpos::ProcessId& id, const Progress& progress);

private:
    using Clock = std::chrono::steady_clock;

    void hear(const escpos::StatusEvent& event);
    enum class Asked { yes, notNow, broken };
    Asked ask();
    bool listen(Clock::time_point until);
    void drain();
    void frame(escpos::Bytes& bytes, const escpos::ProcessId& id);
    Outcome send(const escpos::Bytes& bytes, const Progress& progress);
    bool waitsForPaper(Clock::time_point lastMoment, const Progress& progress);
    bool askAgain(Clock::time_point now);
    Outcome confirm(const escpos::ProcessId& id, const Progress& progress);
    [[nodiscard]] std::optional<Outcome> confirmed(const escpos::ProcessId& id) const;
    [[nodiscard]] Reasons reasons() const;

    const escpos::Profile& _profile;
    const Options& _options;
    std::unique_ptr<transport::Transport> _transport;
    escpos::StatusReader _reader;
    escpos::Condition _condition;
    std::optional<escpos::ProcessId> _done;   ///< latest id that came back
    std::optional<std::uint8_t> _transmitted; ///< latest answer to GS r
    int _asked = 0;                           ///< real-time requests of this conversation
    int _answers = 0;                         ///< and their answers
    Clock::time_point _heard;                 ///< when the latest byte came
    std::optional<transport::Error> _broken;  ///< of the latest read or write
    std::size_t _flush = 0; ///< NULs that finish any command which the last job left open
};

} // namespace souffleur::printer
