// The part of a header that depends on its kind. Internal to this room.
#pragma once

#include <string_view>

#include "plugin/base/Result.h"
#include "plugin/consent/Event.h"

namespace souffleur::wire {

class JsonReader;
class JsonWriter;

/// Appends the members of the kind to the object that `out` is in.
void writeBody(JsonWriter& out, const consent::Body& body);
/// Reads them. Errors: invalid, tooLarge, unsupported (unknown kind).
Result<consent::Body> readBody(JsonReader& in, std::string_view kind);
/// Whether the values may stand on the wire. Errors: invalid, tooLarge.
Result<void> checkBody(const consent::Body& body);

} // namespace souffleur::wire
