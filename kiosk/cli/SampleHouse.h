// The sample house of the demo: an invented theatre's customers as a ticketing export would hold
// them.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <map>
#include <string>
#include <vector>

#include "plugin/base/Clock.h"

namespace souffleur::cli {

struct SampleOptions {
    std::size_t people = 5000; ///< customers; a few come twice under another number
    std::uint64_t seed = 1;    ///< the same options give the same bytes
    TimeMs now = 0;            ///< answers and orders lie in the years before it
    char delimiter = ';';
    bool rough = true; ///< with the dirt of real exports
    bool windows1252 =
        false; ///< that encoding, and then only names it can write; else UTF-8 with BOM
};

/// A customer of whom it is known what the panel shall show after the import.
struct SamplePerson {
    std::string customer; ///< number in the export
    std::string name;     ///< as spoken
    std::string flag;     ///< "no-address", as consent::name(FlagKind) has it
};

struct SampleHouse {
    std::size_t rows = 0;                     ///< data rows, one an order
    std::size_t rejects = 0;                  ///< rows among them that cannot be read
    std::map<std::string, std::size_t> flags; ///< how many customers are meant for which flag
    std::vector<SamplePerson>
        examples; ///< one for every flag, in the export's first rows and free of dirt
};

/// Writes the export as CSV. Headings are Dutch and need no mapping file; consecutive rows of one
/// customer are one person with several orders. Names are Dutch, Catalan, Spanish, Russian,
/// English, German, French and Greek in four scripts or spellings; addresses are at example domains
/// (RFC 2606) or mistyped top-level domains that do not exist, telephone numbers in ranges kept for
/// fiction (GB, FR, DE) or not given out (NL 06 0000 0000).
SampleHouse writeSampleHouse(std::ostream& out, const SampleOptions& options);

} // namespace souffleur::cli
