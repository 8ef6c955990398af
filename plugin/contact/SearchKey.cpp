#include "plugin/contact/SearchKey.h"

#include <algorithm>
#include <array>

namespace souffleur::contact {
namespace {

struct Sound {
    std::string_view letters;
    char sound;
};

// Longest first. What a European may hear as a hard or affricate "ch" is one class: the Dutch "ch"
// of "Tsjechov" is the English "kh" of "Chekhov". Coarse on purpose: distance ranks afterwards.
constexpr Sound kSounds[] = {
    {"shch", 's'}, {"tsch", 'k'}, {"schtsch", 's'}, {"tch", 'k'}, {"tsj", 'k'}, {"tsh", 'k'},
    {"sch", 's'},  {"chs", 'k'},  {"ch", 'k'},      {"kh", 'k'},  {"tx", 'k'},  {"cz", 'k'},
    {"ck", 'k'},   {"gh", 'g'},   {"sh", 's'},      {"sj", 's'},  {"sz", 's'},  {"zh", 's'},
    {"zj", 's'},   {"th", 't'},   {"dt", 't'},      {"ph", 'f'},  {"ts", 's'},  {"tz", 's'},
    {"ks", 'k'},   {"ij", ' '},
};

char singleSound(char c) noexcept {
    switch (c) {
    case 'b':
    case 'p':
        return 'p';
    case 'c':
    case 'k':
    case 'q':
    case 'x':
        return 'k';
    case 'd':
    case 't':
        return 't';
    case 'f':
    case 'v':
    case 'w':
        return 'f';
    case 's':
    case 'z':
        return 's';
    case 'g':
    case 'l':
    case 'm':
    case 'n':
    case 'r':
        return c;
    default:
        return ' '; // vowels, h, j, y, digits
    }
}

} // namespace

std::string soundKey(std::string_view word) {
    std::string out;
    char last = ' ';
    bool first = true;
    for (std::size_t i = 0; i < word.size() && out.size() < kSoundMaxChars;) {
        const auto* found =
            std::find_if(std::begin(kSounds), std::end(kSounds), [&](const Sound& s) {
                return word.substr(i, s.letters.size()) == s.letters;
            });
        const bool known = found != std::end(kSounds);
        const char sound = known ? found->sound : singleSound(word[i]);
        const bool letter = word[i] >= 'a' && word[i] <= 'z';
        if (sound != ' ' && sound != last)
            out += sound;
        else if (sound == ' ' && first && letter)
            out += 'a'; // a vowel counts at the beginning only
        last = sound;
        first = false;
        i += known ? found->letters.size() : 1;
    }
    return out;
}

std::vector<std::string> trigrams(std::string_view word) {
    std::vector<std::string> out;
    if (word.empty()) return out;
    const std::string padded = "  " + std::string(word) + " ";
    for (std::size_t i = 0; i + 3 <= padded.size(); ++i) out.push_back(padded.substr(i, 3));
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

std::size_t editDistance(std::string_view a, std::string_view b, std::size_t max) {
    if (a.size() > b.size()) std::swap(a, b);
    if (b.size() - a.size() > max) return max + 1;
    constexpr std::size_t kStack = 64;
    std::array<std::size_t, 3 * (kStack + 1)> small{};
    std::vector<std::size_t> large;
    const std::size_t width = a.size() + 1;
    if (width > kStack) large.resize(3 * width);
    std::size_t* before = width > kStack ? large.data() : small.data();
    std::size_t* last = before + width;
    std::size_t* row = last + width;
    for (std::size_t i = 0; i < width; ++i) last[i] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
        row[0] = j;
        std::size_t best = j;
        for (std::size_t i = 1; i < width; ++i) {
            const std::size_t change = last[i - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[i] = std::min({last[i] + 1, row[i - 1] + 1, change});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[i] = std::min(row[i], before[i - 2] + 1);
            best = std::min(best, row[i]);
        }
        // A swap reaches back one row, so the row before may still hold a way below the limit.
        const std::size_t bestBefore = *std::min_element(last, last + width);
        if (best > max && bestBefore > max) return max + 1;
        std::swap(before, last);
        std::swap(last, row);
    }
    return std::min(last[a.size()], max + 1);
}

} // namespace souffleur::contact
