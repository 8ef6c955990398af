// A look at a TOML file before it is parsed: Debian's toml++ 3.3 has undefined behaviour on letters
// outside of texts and comments (https://toml.io/en/v1.0.0 has none there).
#pragma once

#include <string_view>

#include "plugin/base/Result.h"

namespace souffleur {

/// Refuses a byte of 0x80 or more outside of quoted texts (basic, literal, over several lines) and
/// comments. A byte order mark at the start may stand. `file` names the file in the error. Any
/// bytes may come in; time is linear. Thread-safe. Errors: invalid, with file and line.
Result<void> guardToml(std::string_view toml, std::string_view file);

} // namespace souffleur
