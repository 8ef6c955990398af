// Questions to one printer and its answers, each with a deadline. Layouts: Epson's ESC/POS command
// reference, `GS I`, `GS ( E` fn 1 to 6, 11, 12, `GS ( L` fn 48, 51, 64 to 67. One question at a
// time, for after some of them a printer must hear nothing until it has answered.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "drivers/escpos/Encoder.h"
#include "drivers/escpos/Status.h"
#include "drivers/transport/Transport.h"
#include "firmware-config/provision/Error.h"
#include "firmware-config/provision/Values.h"

namespace souffleur::provision {

using escpos::Bytes;

struct Timing {
    int openMs = 3000;
    int answerMs = 3000;   ///< what every printer answers
    int probeMs = 1000;    ///< what a model may not know
    int writeMs = 15000;   ///< the answer behind a rewrite: it is busy meanwhile
    int settleMs = 1000;   ///< quiet after the reset that ends the setting mode
    int restartMs = 30000; ///< until it answers again
};

/// One thread; every call blocks, no longer than Timing says.
class Conversation {
public:
    Conversation(std::unique_ptr<transport::Transport> line, Timing timing);

    /// Ends a question that an earlier program may have left half asked. Errors: line (unreachable,
    /// held by another program, denied: with the udev rule), settings (a one-way line).
    [[nodiscard]] Result<void> open();
    /// Ends what an earlier program may have left half said: so many NULs complete any command, and
    /// outside of one a NUL is nothing; CAN ends a list of keys that waits for its response.
    [[nodiscard]] Result<void> flush(std::uint64_t unfinished);

    /// Errors of all below: line, silent, garbled.

    /// Errors: also notReady.
    [[nodiscard]] Result<Identity> identify();
    /// Errors: also notReady (cover, paper, an error: somebody must go there first).
    [[nodiscard]] Result<void> ready();

    /// `wait` in milliseconds; Nothing: it does not know that switch, value or item.
    [[nodiscard]] Result<std::optional<std::string>> memorySwitch(int number, int wait);
    [[nodiscard]] Result<std::optional<int>> value(int number, int wait);
    [[nodiscard]] Result<std::optional<std::string>> serial(int item, int wait);
    /// Errors: also noRoom (it does not say: it keeps no pictures by key).
    [[nodiscard]] Result<int> freeBytes(int wait);
    [[nodiscard]] Result<std::set<Key>> keys();

    /// `GS ( E` fn 1: waits for its notice.
    [[nodiscard]] Result<void> enter();
    /// fn 2: it resets itself; back when it answers again, on a fresh line if the old one broke.
    [[nodiscard]] Result<void> leave();
    /// The same where it answers on another line afterwards: other settings of a serial one.
    [[nodiscard]] Result<void> leaveFor(std::unique_ptr<transport::Transport> line);
    [[nodiscard]] Result<void> send(const Bytes& bytes);
    [[nodiscard]] const Timing& timing() const { return _timing; }
    [[nodiscard]] std::string describe() const { return _line->describe(); }

private:
    using Wanted = std::function<bool(const escpos::StatusEvent&)>;
    [[nodiscard]] Result<bool> listen(int ms, const Wanted& wanted);
    [[nodiscard]] Result<std::optional<std::string>> ask(const Bytes& question, std::uint8_t kind,
                                                         int wait);
    [[nodiscard]] Result<std::optional<std::string>> identity(std::uint8_t n, int wait);
    [[nodiscard]] Result<std::optional<std::string>> item(int fn, std::uint8_t kind, int number,
                                                          int wait);
    [[nodiscard]] Result<void> catchUp();
    [[nodiscard]] Result<void> meet(Result<bool> quiet);
    [[nodiscard]] tl::unexpected<Error> silent() const;
    [[nodiscard]] tl::unexpected<Error> garbled(const std::string& what) const;

    std::unique_ptr<transport::Transport> _line;
    Timing _timing;
    std::deque<escpos::StatusEvent> _heard; ///< at most kMaxHeard
    escpos::StatusReader _reader;
};

/// `GS ( E` fn 3: only the bits that are no '2' change.
[[nodiscard]] Bytes writeSwitches(const std::map<int, std::string>& switches);
/// fn 5.
[[nodiscard]] Bytes writeValues(const std::map<int, int>& values);
/// fn 11.
[[nodiscard]] Bytes writeSerial(int item, const std::string& digits);
/// `GS ( L` or, when it is long, `GS 8 L` fn 67. The bits must be free of real-time commands.
[[nodiscard]] Bytes writePicture(const Key& key, const Bitmap& picture);
/// fn 66.
[[nodiscard]] Bytes deletePicture(const Key& key);

} // namespace souffleur::provision
