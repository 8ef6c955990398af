#include "plugin/ledger/Vocabulary.h"

#include <algorithm>
#include <limits>
#include <unordered_set>

#include "plugin/contact/SearchKey.h"

namespace souffleur::ledger {
namespace {

constexpr std::size_t kPrefixMinLetters = 4;
constexpr std::size_t kSoundMinLetters = 2;
constexpr std::size_t kBits = 64;
constexpr std::uint32_t kOtherLetter = 1U << 26U;

std::uint32_t lettersOf(std::string_view word) noexcept {
    std::uint32_t out = 0;
    for (const char c : word) {
        out |= c >= 'a' && c <= 'z' ? 1U << static_cast<unsigned>(c - 'a') : kOtherLetter;
    }
    return out;
}

/// FNV-1a, never 0 for a usable key.
std::uint32_t soundHash(std::string_view word) {
    const std::string key = contact::soundKey(word);
    if (key.size() < kSoundMinLetters) return 0;
    std::uint32_t out = 2166136261U;
    for (const char c : key) out = (out ^ static_cast<unsigned char>(c)) * 16777619U;
    return out == 0 ? 1 : out;
}

/// Are at most `allowed` of the wanted letters missing? Clears a bit at a time: allowed is 2 at
/// most.
bool nearlyAll(std::uint32_t wanted, std::uint32_t had, std::size_t allowed) noexcept {
    std::uint32_t missing = wanted & ~had;
    for (std::size_t i = 0; i < allowed; ++i) missing &= missing - 1U;
    return missing == 0;
}

} // namespace

Spelling::Spelling(std::string_view word)
    : _size(std::min(word.size(), kBits)), _allowed(contact::typosAllowed(word.size())),
      _letters(lettersOf(word)), _sound(soundHash(word)) {
    for (std::size_t i = 0; i < _size; ++i) {
        _places[static_cast<unsigned char>(word[i])] |= std::uint64_t{1} << i;
    }
}

/// The smallest distance to `word` or, where that is allowed, to one of its beginnings.
std::size_t Spelling::distance(std::string_view word) const noexcept {
    const std::uint64_t last = std::uint64_t{1} << (_size - 1);
    const std::size_t farthest = std::min(word.size(), _size + _allowed);
    const bool beginnings = _size >= kPrefixMinLetters;
    std::uint64_t up = ~std::uint64_t{0}; // vertical steps of +1 and -1
    std::uint64_t down = 0;
    std::uint64_t diagonal = 0;
    std::uint64_t before = 0;
    std::size_t score = _size;
    std::size_t best = _allowed + 1;
    for (std::size_t j = 0; j < farthest; ++j) {
        const std::uint64_t here = _places[static_cast<unsigned char>(word[j])];
        const std::uint64_t swapped = ((~diagonal & here) << 1U) & before;
        diagonal = (((here & up) + up) ^ up) | here | down | swapped;
        std::uint64_t right = down | ~(diagonal | up);
        std::uint64_t left = diagonal & up;
        if ((right & last) != 0) ++score;
        if ((left & last) != 0) --score;
        right = (right << 1U) | 1U;
        left <<= 1U;
        up = left | ~(diagonal | right);
        down = right & diagonal;
        before = here;
        const std::size_t length = j + 1;
        if (length == word.size() || (beginnings && length >= _size)) best = std::min(best, score);
    }
    return best;
}

std::optional<int> Spelling::typos(std::string_view word) const {
    return typos(word, lettersOf(word), soundHash(word));
}

std::optional<int> Spelling::typos(std::string_view word, std::uint32_t letters,
                                   std::uint32_t sound) const {
    const bool fits = word.size() + _allowed >= _size &&
                      (_size >= kPrefixMinLetters || word.size() <= _size + _allowed);
    if (_size > 0 && fits && nearlyAll(_letters, letters, _allowed)) {
        const std::size_t typos = distance(word);
        if (typos <= _allowed) return static_cast<int>(typos);
    }
    // The same sound is a match at any distance, behind the small typos.
    if (_sound != 0 && _sound == sound) return static_cast<int>(_allowed) + 1;
    return std::nullopt;
}

void Vocabulary::add(std::string_view word, std::uint32_t uses) {
    if (word.empty() || word.size() > std::numeric_limits<std::uint8_t>::max() ||
        _entries.size() >= kWordsMax) {
        return;
    }
    const bool ordered =
        _ordered == _entries.size() && (_entries.empty() || this->word(_entries.back()) <= word);
    if (ordered) ++_ordered;
    _entries.push_back({static_cast<std::uint32_t>(_letters.size()), lettersOf(word),
                        soundHash(word), uses, static_cast<std::uint8_t>(word.size())});
    _letters += word;
}

void Vocabulary::fit() {
    _entries.shrink_to_fit();
    _letters.shrink_to_fit();
}

std::uint64_t Vocabulary::usesOf(std::string_view beginning) const {
    std::uint64_t sum = 0;
    const auto end = _entries.begin() + static_cast<std::ptrdiff_t>(_ordered);
    auto at = std::lower_bound(
        _entries.begin(), end, beginning,
        [this](const Entry& entry, std::string_view wanted) { return word(entry) < wanted; });
    for (; at != end && word(*at).starts_with(beginning); ++at) sum += at->uses;
    for (at = end; at != _entries.end(); ++at) {
        if (word(*at).starts_with(beginning)) sum += at->uses;
    }
    return sum;
}

std::vector<Vocabulary::Match> Vocabulary::near(std::string_view query, std::size_t limit) const {
    const Spelling wanted(query);
    struct Hit {
        int typos;
        std::size_t off; ///< difference in length
        const Entry* entry;
    };
    std::vector<Hit> hits;
    for (const Entry& entry : _entries) {
        const std::string_view candidate = word(entry);
        if (const auto typos = wanted.typos(candidate, entry.letters, entry.sound)) {
            const std::size_t longer = std::max(candidate.size(), query.size());
            const std::size_t shorter = std::min(candidate.size(), query.size());
            hits.push_back({*typos, longer - shorter, &entry});
        }
    }
    std::sort(hits.begin(), hits.end(), [&](const Hit& a, const Hit& b) {
        return std::tuple{a.typos, a.off, word(*a.entry)} <
               std::tuple{b.typos, b.off, word(*b.entry)};
    });
    std::vector<Match> out;
    for (const Hit& hit : hits) {
        const std::string_view found = word(*hit.entry);
        if (!out.empty() && out.back().word == found) continue;
        if (out.size() == limit) break;
        out.push_back({std::string(found), hit.typos, hit.entry->uses});
    }
    return out;
}

} // namespace souffleur::ledger
