// Does a piece of a receipt hold a payment card's number? Inside the tap only.
#pragma once

#include <cstdint>
#include <span>

namespace souffleur::host {

/// True when in doubt: 13 to 19 digits that begin like a card and pass the Luhn check, also in
/// groups (spaces, hyphens, a line's end), at any place of a longer number; 15 to 19 that pass it,
/// whatever they begin with, as a number of its own or in groups as on a card; such groups also
/// with `. / _ ( )` or up to eight blanks between them; a masked number ("**** 1234",
/// "411111XXXXXX1111"); digits as on a magnetic track (ISO/IEC 7813). Keeps nothing. At most
/// kCardTextMax bytes are looked at; cost linear in them.
[[nodiscard]] bool holdsCard(std::span<const std::uint8_t> text) noexcept;

inline constexpr std::size_t kCardTextMax = 1024;

} // namespace souffleur::host
