// One till at the tap: its bytes to the printer, the printer's to it. Inside the tap only.
#pragma once

#include <atomic>
#include <chrono>
#include <optional>

#include "plugin/host/HostSocket.h"
#include "plugin/host/TapAnalyser.h"
#include "plugin/host/TapCuts.h"
#include "plugin/host/TapJob.h"
#include "plugin/host/TapLine.h"

namespace souffleur::host {

/// A till's place at the tap. The session says how it is used, the door whether it is wanted.
struct TapPlace {
    /// Of the steady clock: nothing came since, nothing is on its way, and the till waits for no
    /// answer. 0: it is in use.
    std::atomic<std::chrono::steady_clock::rep> idleSince{0};
    /// By another one: a session that is idle leaves, any other takes this back.
    std::atomic<bool> wanted{false};
};

/// Runs on a thread of its own. Bytes are passed on first and looked at afterwards. A till that
/// does not read the printer's answers keeps those waiting, never its receipt.
class TapSession {
public:
    struct Manner {
        bool endless = false; ///< a pseudo-terminal, whose till comes and goes unseen
        transport::Milliseconds receiptGap{1500}; ///< silence that ends a receipt without a cut
        transport::Milliseconds hintPatience{0};  ///< a cut waits so long for a line; 0 = never
        bool seen = true;                         ///< else its receipts pass, and are not looked at
        TapPlace* place = nullptr;                ///< borrowed; none: it is its own
    };
    /// `fd`: non-blocking.
    TapSession(Descriptor fd, Manner manner, TapLine& line, TapAnalyser& analyser,
               const std::atomic<bool>& stop);
    /// Until the till has gone and all of its bytes are with the printer, the printer broke, or the
    /// till's place was wanted.
    void run();

private:
    using Clock = std::chrono::steady_clock;

    bool openPrinter();
    bool step();
    bool ending();
    void heedHello();
    bool receiptCame();
    void whileWaiting();
    [[nodiscard]] bool idle() const;
    bool stays();
    void lastWord();
    void waitForTill();
    bool takeFromTill();
    bool passToPrinter();
    bool passOurs(std::vector<std::uint8_t>& bytes);
    bool endSlip();
    void lookForCuts();
    void upToCut();
    bool passBack();
    bool takeTurn();
    bool giveWay();
    bool owed();
    [[nodiscard]] transport::Milliseconds quiet() const;

    Descriptor _fd;
    Manner _manner;
    TapLine& _line;
    TapTurn _turn;
    TapAnalyser& _analyser;
    const std::atomic<bool>& _stop;
    TapMemory _memory;
    std::size_t _filled = 0;                      ///< from the till
    std::size_t _passed = 0;                      ///< of those, to the printer
    std::size_t _clear = 0;                       ///< of those, free to pass
    std::optional<TapCuts> _cuts;                 ///< while there may be hints
    std::vector<std::uint8_t> _hint;              ///< to go before what is clear next
    std::vector<std::uint8_t> _again;             ///< to go before all else: settings of the tills
    std::size_t _back = 0;                        ///< from the printer, not yet taken by the till
    TapJobWords _words;                           ///< started: the till wants to hear them
    bool _greeted = false;                        ///< its first bytes came: a hello, or a receipt
    bool _begun = false;                          ///< it was told to begin
    bool _sent = false;                           ///< a byte of it went to the printer
    bool _taken = false;                          ///< all of it was taken there
    bool _ended = false;                          ///< the till sends no more
    bool _broken = false;                         ///< the printer left, or never came
    bool _paused = true;                          ///< the analyser knows of the silence
    std::uint64_t _expected = 0;                  ///< TapAnalyser::expected, of which we know
    std::uint64_t _owed = 0;                      ///< bytes of the printer that this till waits for
    bool _mute = false;                           ///< it was waited for in vain
    Clock::time_point _lastAt = Clock::now();     ///< of the till's bytes
    Clock::time_point _progressAt = Clock::now(); ///< of the printer's taking them
    Clock::time_point _answerAt = Clock::now();   ///< of the printer's bytes
};

} // namespace souffleur::host
