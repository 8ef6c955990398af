// All words of all names in memory, for the search with typos: a few bytes a word, scanned whole.
// A scan of 200,000 words with the filters below takes about a millisecond, misses nothing that an
// edit distance would find, and needs no index of its own. Internal to this room.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace souffleur::ledger {

/// One word of a query, prepared to be compared with many: edit distance with swaps of neighbours
/// (optimal string alignment) computed a machine word at a time (H. Hyyrö, "A bit-vector algorithm
/// for computing Levenshtein and Damerau edit distances", 2003). Immutable; thread-safe.
class Spelling {
public:
    /// Letters beyond the 64th are left out.
    explicit Spelling(std::string_view word);

    /// The typos between this and `word`, or a beginning of `word` (the cashier is still typing); a
    /// word of the same sound counts as one typo more than is allowed. Nothing = not near.
    [[nodiscard]] std::optional<int> typos(std::string_view word) const;
    /// The same with what a Vocabulary keeps of `word`.
    [[nodiscard]] std::optional<int> typos(std::string_view word, std::uint32_t letters,
                                           std::uint32_t sound) const;

private:
    [[nodiscard]] std::size_t distance(std::string_view word) const noexcept;

    std::size_t _size = 0;
    std::size_t _allowed = 0;
    std::uint32_t _letters = 0;
    std::uint32_t _sound = 0;
    std::array<std::uint64_t, 256> _places{}; ///< for each byte, where the word holds it
};

/// Not thread-safe.
class Vocabulary {
public:
    /// Words beyond this are left out, the last to come.
    static constexpr std::size_t kWordsMax = 1'000'000;

    /// A word may be added twice; it is found once. `uses`: names that hold it, about.
    void add(std::string_view word, std::uint32_t uses);
    /// Gives back what growing left over; after the last of many words.
    void fit();
    /// About how many names hold a word that begins so; 0 = surely none. Words that were added in
    /// order are found by halving, later ones one by one.
    [[nodiscard]] std::uint64_t usesOf(std::string_view beginning) const;

    struct Match {
        std::string word;
        int typos = 0;
        std::uint32_t uses = 0;
    };
    /// Words within the typos allowed for the query's length, or with its sound; also words that
    /// begin so (the cashier is still typing). Best first, at most `limit`.
    [[nodiscard]] std::vector<Match> near(std::string_view query, std::size_t limit) const;
    [[nodiscard]] std::size_t size() const noexcept { return _entries.size(); }

private:
    struct Entry {
        std::uint32_t at = 0;      ///< in _letters
        std::uint32_t letters = 0; ///< a bit for each letter of the alphabet and one for others
        std::uint32_t sound = 0;   ///< hash of its sound key; 0 = none
        std::uint32_t uses = 0;
        std::uint8_t size = 0;
    };
    [[nodiscard]] std::string_view word(const Entry& entry) const noexcept {
        return std::string_view(_letters).substr(entry.at, entry.size);
    }

    std::string _letters;
    std::vector<Entry> _entries;
    std::size_t _ordered = 0; ///< entries from the front that are in order
};

} // namespace souffleur::ledger
