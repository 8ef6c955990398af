// The sections of a receipt. Internal to this room.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plugin/slip/Receipt.h"
#include "plugin/wire/Header.h"

namespace souffleur::wire {
class JsonWriter;
}

namespace souffleur::slip {

inline constexpr std::string_view kReceiptFormat = "souffleur-receipt-1";

/// The value of "receipt", whole.
void writeReceiptBody(wire::JsonWriter& out, const ReceiptInput& input, const wire::Header& header,
                      const std::vector<const consent::Notice*>& wordings,
                      const crypto::PublicKey& key);
/// "act": what the header says, in words. Nothing but the header decides it.
std::string actJson(const wire::Header& header);
/// "events" (ISO/IEC TS 27560). Nothing but the header decides it.
std::string eventsJson(const wire::Header& header);
/// A UUID (version 8) from the header's hash: the same act always has the same receipt id.
std::string receiptIdOf(std::string_view headerBytes);

} // namespace souffleur::slip
