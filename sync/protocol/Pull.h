// A page of what others captured: their headers verbatim and a hub-made card per subject (DESIGN
// 6).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/base/Id.h"
#include "plugin/base/Result.h"
#include "plugin/crypto/Hash.h"
#include "plugin/wire/Card.h"

namespace souffleur::protocol {

struct ForeignEvent {
    OriginId origin;
    std::uint64_t seq = 0;
    SubjectId subject;
    std::string header; ///< verbatim

    bool operator==(const ForeignEvent&) const = default;
};

/// How far the hub holds a device's chain; as text "17/" and the head in hex.
struct Held {
    std::uint64_t seq = 0;
    crypto::Hash head{};

    bool operator==(const Held&) const = default;
};
std::string heldText(const Held& held);
/// Errors: invalid.
Result<Held> parseHeld(std::string_view text);
/// The header of a pull's answer that tells it of the device that asks.
inline constexpr const char* kHeldHeader = "X-Souffleur-Held";

struct PullPage {
    std::vector<ForeignEvent> events;
    std::vector<wire::Card> cards;
    std::string cursor; ///< opaque
    bool more = false;
    std::optional<Held> held; ///< of who asks; beside the page's bytes, and not of older hubs

    bool operator==(const PullPage&) const = default;
};

/// At most this many bytes for a page, uncompressed.
inline constexpr std::size_t kPageMaxBytes = 16 * 1024 * 1024;

/// Lines: `e` TAB {origin,seq,subject} TAB header; `c` TAB card; last {cursor,more}.
std::string encodePage(const PullPage& page);
/// A page without its last line was cut off: Code::corrupt. Other errors: invalid, tooLarge.
Result<PullPage> decodePage(std::string_view text);

} // namespace souffleur::protocol
