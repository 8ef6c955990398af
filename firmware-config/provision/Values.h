// What a printer's memory holds, what it shall hold, and what we keep of it. Plain values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "drivers/escpos/Document.h"

namespace souffleur::provision {

using escpos::Bitmap;
/// Two characters, 20h..7Eh: the name of a picture in a printer's memory (`GS ( L`).
using Key = std::string;

[[nodiscard]] bool same(const Bitmap& a, const Bitmap& b);

/// What the printer says of itself (`GS I` 65 to 68); empty = no answer.
struct Identity {
    std::string firmware;
    std::string maker;
    std::string name;
    std::string serial;
};

/// Items of the serial line: `GS ( E` fn 11 and 12.
enum SerialItem : int { kBaud = 1, kParity = 2, kFlow = 3, kDataBits = 4 };

/// What was read. Printers never tell what a picture looks like: one is only known if we wrote it.
struct Present {
    std::map<int, std::string> switches; ///< number 1..8 to its bits 8 to 1, '0' and '1'
    std::map<int, int> values;           ///< customized values, number to 0..65535
    std::map<int, std::string> serial;   ///< SerialItem to digits, as sent
    bool picturesRead = false;           ///< else nothing is known of the next two
    std::map<Key, std::optional<Bitmap>> pictures;
    int freeBytes = 0; ///< of the memory for pictures
};

/// What shall be. What is not named stays as it is.
struct Target {
    std::string model;                   ///< a profile's id
    std::map<int, std::string> switches; ///< as above; '2' = leave this bit
    std::map<int, int> values;
    std::map<int, std::string> serial;
    std::map<Key, Bitmap> pictures;
    std::set<Key> removed;
    bool exact = false; ///< a backup's: pictures that are named nowhere here go, too
    std::set<Key>
        untold; ///< with `exact`: they were there and nobody knows what they are; they stay

    [[nodiscard]] bool asksPictures() const {
        return exact || !pictures.empty() || !removed.empty();
    }
};

/// Of one printer, over all runs.
struct Record {
    std::vector<std::int64_t> writes; ///< moments of the last rewrites, ms since 1970
    std::set<Key> keys;               ///< pictures it had after our last look
    int freeBytes = 0;                ///< and the room left beside them
    std::map<Key, Bitmap> pictures;   ///< those of them that we wrote
    Key doubtful;                     ///< was being written or deleted; empty = none
};

/// An apply that has begun and not ended.
struct Journal {
    std::int64_t startedAt = 0;
    std::string address; ///< where the printer was; empty: of an earlier version
    std::string backup;  ///< file from before it
    std::string shelf;   ///< the folder that it was found in; not written
    Target target;
    bool settingMode = false;     ///< the printer may stand in its setting mode
    std::uint64_t unfinished = 0; ///< bytes of a command that may have gone out in part
};

/// What a printer held at one moment. A picture without content was there and is not known.
struct Backup {
    std::int64_t at = 0;
    std::string model;
    Identity identity;
    Present held;
};

/// One difference, in words.
struct Change {
    std::string what; ///< "memory switch 1-3", "print-density", "baud", "logo L1"
    std::string from;
    std::string to;
    bool operator==(const Change&) const = default;
};

} // namespace souffleur::provision
