// The quick way to read an act's header again. Internal to this room.
#pragma once

#include <optional>
#include <string_view>

#include "plugin/wire/Header.h"

namespace souffleur::wire {

/// Reads an act in the very form that encodeHeader gives it, member by member, without a parser.
/// `bytes` must be such that decodeHeader takes them: then what comes out is the same. Nothing
/// where they are written otherwise (another kind, order or member, an escaped character): that is
/// for the parser.
std::optional<Header> scanAct(std::string_view bytes);

} // namespace souffleur::wire
