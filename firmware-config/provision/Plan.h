// The differences between what a printer holds and what it shall hold, and the steps that end them.
// Pure.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "drivers/printer/Model.h"
#include "firmware-config/provision/Conversation.h"
#include "firmware-config/provision/Error.h"
#include "firmware-config/provision/Values.h"

namespace souffleur::provision {

/// One rewrite of the memory that wears out.
struct Step {
    enum class Kind { remove, define, switches, values, serial };
    Kind kind = Kind::define;
    std::string name; ///< "logo L1", "memory switches"
    Bytes command;
    Key key{};    ///< of remove and define
    int item = 0; ///< of serial
};

struct Plan {
    std::vector<Change> changes;
    std::vector<Step> steps; ///< pictures first: they need no setting mode
    /// Pictures whose content nobody knows and which the steps would end.
    std::vector<Key> lost;
    std::vector<std::string> notes;
    std::int64_t bytesNeeded = 0; ///< by the pictures, beyond what they set free

    [[nodiscard]] bool empty() const { return steps.empty(); }
};

[[nodiscard]] Plan difference(const Present& present, const Target& target,
                              const printer::Model& model);

/// Pictures that we wrote and that still stand there: printers never tell a picture's content, so
/// this holds only while their keys and the room beside them are as we left them.
void recognise(Present& present, const Record& record);

/// When `writes` more may follow within `perDay` in any 24 hours; `now` or earlier: at once. A
/// moment that lies ahead (the clock was set back) counts as now.
[[nodiscard]] std::int64_t allowedAt(const std::vector<std::int64_t>& writes, int perDay, int more,
                                     std::int64_t now);
/// Rewrites left now.
[[nodiscard]] int writesLeft(const std::vector<std::int64_t>& writes, int perDay, std::int64_t now);

/// The target that brings a backup back.
[[nodiscard]] Target targetOf(const Backup& backup);

} // namespace souffleur::provision
