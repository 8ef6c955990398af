// One conversation with a printer: open, ask, send, wait for the confirmation. Inside the printer
// room only.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>

#include "drivers/escpos/Encoder.h"
#include "drivers/escpos/Status.h"
#include "drivers/printer/Model.h"
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
    /// Once it is open and nothing blocks: asks its name (`GS I` 67), once for each opening, for
    /// behind the same address may stand another one, and for a new name its maker (66); a second
    /// each, and hears all else meanwhile. What does not answer is asked kAsksMax times in a row:
    /// at once where it had a name, which is forgotten then, else at as many openings; then no more
    /// until it was away or the connection broke. False when the line broke.
    bool meet();
    /// Its state by what it said so far; kUnknown from one-way lines.
    [[nodiscard]] Reasons heard() const { return twoWay() ? reasons() : Reasons{kUnknown}; }
    /// What is known of it by now; an answer that came late is in it as well.
    [[nodiscard]] Seen seen() const;
    /// The latest look was left to another one who shares the line: it says nothing of the printer.
    [[nodiscard]] bool gaveWay() const {
        return _transport->shared() && _broken && _broken->fault == transport::Fault::busy;
    }
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
    /// Of the questions before and after a job, no two alike within a conversation.
    struct JobIds {
        escpos::ProcessId first; ///< answered: what others sent before is on paper
        escpos::ProcessId last;  ///< answered: so is the job
    };
    /// Sends a job (without process ids) and waits for its end. `progress` hears of every change of
    /// state meanwhile and says whether to go on.
    Outcome print(escpos::Bytes bytes, const JobIds& ids, const Progress& progress);

private:
    using Clock = std::chrono::steady_clock;
    static constexpr int kAsksMax = 3;

    void hear(const escpos::StatusEvent& event);
    void hearName(const std::string& text);
    void forget();
    void drop();
    void clearPrinter();
    void forgetMaker();
    bool askIdentity(std::uint8_t what, const bool& answered);
    bool askMaker();
    enum class Asked { yes, notNow, broken };
    Asked ask();
    bool listen(Clock::time_point until);
    void drain();
    void frame(escpos::Bytes& bytes, const JobIds& ids);
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
    escpos::ProcessId _first{};               ///< of the job in progress
    bool _alone = false;                      ///< it came back: what the printer holds is the job's
    std::optional<std::uint8_t> _transmitted; ///< latest answer to GS r
    int _asked = 0;                           ///< real-time requests of this conversation
    int _answers = 0;                         ///< and their answers
    Clock::time_point _heard;                 ///< when the latest byte came
    std::optional<transport::Error> _broken;  ///< of the latest read or write
    std::deque<std::uint8_t> _identities;     ///< `GS I n` asked and not answered yet
    bool _open = false;
    bool _met = false;       ///< it has said its name since it was opened
    bool _named = false;     ///< it has said its name since it was asked last
    bool _makerSaid = false; ///< and its maker
    int _meetings = 0;       ///< that it left without a name in time, since the last with one
    int _silent = 0;         ///< and without one that came late
    int _makerAsks = 0;      ///< for this name
    std::string _name;       ///< its answer to `GS I 67`
    std::string _maker;      ///< and to 66
    transport::Plate _plate;
    std::size_t _flush = 0; ///< NULs that finish any command which the last job left open
};

} // namespace souffleur::printer
