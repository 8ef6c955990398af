// Heads and paths as members of a JSON object; for the codecs of this room.
#pragma once

#include "plugin/wire/Json.h"
#include "plugin/wire/JsonWriter.h"
#include "sync/protocol/Log.h"

namespace souffleur::protocol {

/// Writes log, at, size, root and signature into the object that is open.
void writeHead(wire::JsonWriter& out, const LogHead& head);
/// Reads them; what is wrong stays in the reader.
LogHead readHead(wire::JsonReader& in);
/// A member that holds hashes as hex, bottom first.
void writePath(wire::JsonWriter& out, std::string_view key, const crypto::TreePath& path);
crypto::TreePath readPath(wire::JsonReader& in, std::string_view key);

} // namespace souffleur::protocol
