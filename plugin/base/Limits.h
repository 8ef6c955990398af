// Bounds that several rooms must agree on. Units last. A bound that only one room needs lives
// there.
#pragma once

#include <cstddef>

namespace souffleur::limits {

inline constexpr std::size_t kEventMaxBytes = 64 * 1024;   ///< header + payload of one event
inline constexpr std::size_t kBatchMaxEvents = 1000;       ///< events in one push
inline constexpr std::size_t kBatchMaxBytes = 1024 * 1024; ///< a push after decompression
inline constexpr std::size_t kApiBodyMaxBytes = 64 * 1024; ///< a request body on a loopback API
inline constexpr std::size_t kNameMaxChars = 200;          ///< one part of a person's name
inline constexpr std::size_t kEmailMaxBytes = 254;         ///< RFC 5321, path limit
inline constexpr std::size_t kAddressLineMaxChars = 200;   ///< a line of a postal address
inline constexpr std::size_t kChoicesMax = 64;             ///< choices in one act
inline constexpr std::size_t kSeenMax = 128;               ///< negatives named in one act
inline constexpr std::size_t kTokenMaxChars = 64;          ///< purpose, channel, place, notice ids

} // namespace souffleur::limits
