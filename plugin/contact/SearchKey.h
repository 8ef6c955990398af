// Search with typos: cheap keys that a wrong or foreign spelling shares with the right one. All
// functions take folded words (Folder) and are pure and thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace souffleur::contact {

/// How a word sounds, roughly: consonant classes without vowels, so that the European spellings of
/// a Slavic, Dutch or German name fall together ("chekhov", "tsjechov", "tschechow", "cechov" are
/// all "kkf"). At most kSoundMaxChars letters; empty for a word without letters. A key for
/// candidates, to be ranked by distance.
inline constexpr std::size_t kSoundMaxChars = 16;
[[nodiscard]] std::string soundKey(std::string_view word);

/// The distinct three-letter windows of "  word " (as pg_trgm does), sorted.
[[nodiscard]] std::vector<std::string> trigrams(std::string_view word);

/// Optimal string alignment distance (insert, delete, replace, swap neighbours), or `max` + 1 when
/// it is larger than `max`. Bytes are letters: folded words are ASCII. O(length * max).
[[nodiscard]] std::size_t editDistance(std::string_view a, std::string_view b, std::size_t max);

/// The typos a word of this length may have: 0 up to 3 letters, 1 up to 6, 2 beyond.
[[nodiscard]] constexpr std::size_t typosAllowed(std::size_t length) noexcept {
    return length <= 3 ? 0 : length <= 6 ? 1 : 2;
}

} // namespace souffleur::contact
