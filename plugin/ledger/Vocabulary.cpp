#include "plugin/ledger/Vocabulary.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <unordered_set>

#include "plugin/contact/SearchKey.h"

namespace souffleur::ledger {
namespace {

constexpr std::size_t kPrefixMinLetters = 4;
constexpr std::size_t kSoundMinLetters = 2;
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

unsigned missing(std::uint32_t wanted, std::uint32_t had) noexcept {
    return static_cast<unsigned>(std::popcount(wanted & ~had));
}

} // namespace

void Vocabulary::add(std::string_view word) {
    if (word.empty() || word.size() > std::numeric_limits<std::uint8_t>::max() ||
        _entries.size() >= kWordsMax) {
        return;
    }
    _entries.push_back({static_cast<std::uint32_t>(_letters.size()), lettersOf(word),
                        soundHash(word), static_cast<std::uint8_t>(word.size())});
    _letters += word;
}

std::vector<Vocabulary::Match> Vocabulary::near(std::string_view query, std::size_t limit) const {
    const std::size_t allowed = contact::typosAllowed(query.size());
    const std::uint32_t letters = lettersOf(query);
    const std::uint32_t sound = soundHash(query);
    const auto distance = [&](const Entry& entry) -> std::size_t {
        const std::string_view candidate = word(entry);
        std::size_t best = allowed + 1;
        if (missing(letters, entry.letters) <= allowed) {
            if (candidate.size() <= query.size() + allowed) {
                best = contact::editDistance(query, candidate, allowed);
            }
            if (best > allowed && candidate.size() > query.size() &&
                query.size() >= kPrefixMinLetters) {
                best = contact::editDistance(query, candidate.substr(0, query.size()), allowed);
            }
        }
        // The same sound is a match at any distance, ranked behind the small typos.
        if (best > allowed && sound != 0 && sound == entry.sound)
            best = allowed + 1;
        else if (best > allowed)
            best = std::numeric_limits<std::size_t>::max();
        return best;
    };
    std::vector<Match> out;
    for (const Entry& entry : _entries) {
        if (missing(letters, entry.letters) > allowed && (sound == 0 || sound != entry.sound)) {
            continue;
        }
        const std::size_t typos = distance(entry);
        if (typos != std::numeric_limits<std::size_t>::max()) {
            out.push_back({std::string(word(entry)), static_cast<int>(typos)});
        }
    }
    std::sort(out.begin(), out.end(), [&](const Match& a, const Match& b) {
        const auto off = [&](const Match& m) {
            return m.word.size() > query.size() ? m.word.size() - query.size()
                                                : query.size() - m.word.size();
        };
        return std::tuple{a.typos, off(a), a.word} < std::tuple{b.typos, off(b), b.word};
    });
    out.erase(std::unique(out.begin(), out.end(),
                          [](const Match& a, const Match& b) { return a.word == b.word; }),
              out.end());
    if (out.size() > limit) out.resize(limit);
    return out;
}

} // namespace souffleur::ledger
