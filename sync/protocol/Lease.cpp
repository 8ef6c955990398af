#include "sync/protocol/Lease.h"

#include "plugin/wire/Json.h"
#include "plugin/wire/JsonWriter.h"
#include "sync/protocol/HashText.h"

namespace souffleur::protocol {

std::string encodeLease(const Lease& lease) {
    wire::JsonWriter out;
    out.beginObject().field("at", lease.at).field("ms", lease.lengthMs);
    return out.field("key", hashText(lease.key)).endObject().take();
}

Result<Lease> decodeLease(std::string_view json) {
    Lease lease;
    wire::JsonReader in(wire::Json::parse(json));
    lease.at = in.time("at");
    lease.lengthMs = in.integer("ms", 0, kLeaseMaxMs);
    const auto key = parseHash(in.string("key", 64));
    if (auto ok = in.done(); !ok) return passOn(ok);
    if (!key) return passOn(key);
    lease.key = *key;
    return lease;
}

} // namespace souffleur::protocol
