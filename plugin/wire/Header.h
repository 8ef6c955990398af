// The header of an event: the bytes that are hashed, chained, stored and shipped verbatim
// (FORMAT.md). Pseudonymous: no free text, nothing personal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "plugin/base/Result.h"
#include "plugin/consent/Event.h"

namespace souffleur::wire {

/// The header version this build writes. It reads this one; older ones as FORMAT.md says.
inline constexpr std::uint32_t kHeaderVersion = 1;

/// A header as values. `event.position` is not in the bytes (position is the place in the chain)
/// and stays 0.
struct Header {
    std::uint32_t version = kHeaderVersion;
    consent::Event event;
    std::string commitment; ///< lower-case hex SHA-256 of the payload bytes; empty = no payload
};

/// Canonical bytes: the same event and commitment always give the same bytes. Everything that
/// decodeHeader refuses is refused here too. Errors: invalid, tooLarge.
Result<std::string> encodeHeader(const consent::Event& event, std::string_view commitmentHex);

/// Strict: duplicate keys, wrong types, bad UTF-8, times outside kMinTime..kMaxTime, malformed
/// tokens, more choices or `seen` than limits allow are Code::invalid; more than
/// limits::kEventMaxBytes is tooLarge; an unknown version or kind is unsupported. Unknown members
/// are passed over: keep the bytes, they are the event.
Result<Header> decodeHeader(std::string_view bytes);

/// The same for bytes that decodeHeader took before, or encodeHeader made, and that were only
/// stored since: keys are not compared one with another again.
Result<Header> decodeStoredHeader(std::string_view bytes);

/// The commitment alone, without reading the rest where the bytes are canonical: for verifying
/// millions. `header` must have been decoded before. Errors: invalid.
Result<std::string> headerCommitment(std::string_view header);

/// Do two headers tell the same, whoever sent them? A device that enrolled anew sends under its new
/// id what it had said under the old one: all but origin and position is equal.
bool sameAnswer(const Header& one, const Header& other);

/// Whether the event is a negative that travels first and suppresses even when it cannot be placed:
/// an act with at least one refused, withdrawn or objected choice, or an erase.
bool isNegative(const consent::Event& event) noexcept;

} // namespace souffleur::wire
