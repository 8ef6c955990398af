#include "plugin/contact/NameParser.h"

#include <unicode/uchar.h>

#include <algorithm>

#include "plugin/contact/Text.h"
#include "plugin/contact/Unicode.h"

namespace souffleur::contact {
namespace {

struct Case {
    int upper = 0;
    int lower = 0;
    int letters = 0;
    int cyrillic = 0;
};

Case caseOf(std::string_view text) noexcept {
    Case out;
    for (std::size_t i = 0; i < text.size();) {
        const UChar32 c = nextChar(text, i);
        out.upper += u_isUUppercase(c) != 0 ? 1 : 0;
        out.lower += u_isULowercase(c) != 0 ? 1 : 0;
        out.letters += u_isalpha(c) != 0 ? 1 : 0;
        out.cyrillic += c >= 0x400 && c < 0x530 ? 1 : 0;
    }
    return out;
}

bool startsLower(std::string_view text) noexcept {
    for (std::size_t i = 0; i < text.size();) {
        const UChar32 c = nextChar(text, i);
        if (u_isalpha(c) != 0) return u_isULowercase(c) != 0;
    }
    return false;
}

bool isInitials(const NameWord& word) noexcept {
    return word.text.size() > 1 && word.text.find('.') != std::string::npos &&
           caseOf(word.text).lower <= 2 && caseOf(word.text).letters <= 6;
}

bool isParticleWord(const NameWord& word) {
    return startsLower(word.text) && isParticle(word.lower);
}

std::string join(const NameWords& words, std::size_t begin, std::size_t end) {
    std::string out;
    for (std::size_t i = begin; i < end; ++i) out += (out.empty() ? "" : " ") + words[i].text;
    return out;
}

NameWords slice(const NameWords& words, std::size_t begin, std::size_t end) {
    return {words.begin() + static_cast<std::ptrdiff_t>(begin),
            words.begin() + static_cast<std::ptrdiff_t>(end)};
}

bool iberian(NameLanguage language) noexcept {
    return language == NameLanguage::catalan || language == NameLanguage::spanish;
}

bool isConjunction(const NameWord& word, NameLanguage language) noexcept {
    return iberian(language) && (word.text == "i" || word.text == "y" || word.text == "e");
}

/// Where each unit (particles and the word they belong to) of an Iberian name begins.
std::vector<std::size_t> unitsOf(const NameWords& words) {
    std::vector<std::size_t> out;
    bool open = false;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (!open) out.push_back(i);
        open = isParticleWord(words[i]);
    }
    return out;
}

void readGiven(const NameWords& words, PersonName& out) {
    out.given = join(words, 0, words.size());
}

/// "А.П." or "Антон Павлович" or "А. П.".
void readRussianGiven(const NameWords& words, PersonName& out) {
    if (words.size() == 1 && isInitials(words[0])) {
        const std::string& text = words[0].text;
        const std::size_t dot = text.find('.');
        out.given = text.substr(0, dot + 1);
        out.patronymic = text.substr(dot + 1);
        return;
    }
    for (std::size_t i = 1; i < words.size(); ++i) {
        const bool last = i + 1 == words.size();
        if (isPatronymic(words[i].lower) ||
            (last && isInitials(words[i]) && isInitials(words[0]))) {
            out.given = join(words, 0, i);
            out.patronymic = join(words, i, words.size());
            return;
        }
    }
    readGiven(words, out);
}

bool isLatinPatronymic(const NameWord& word) {
    return isPatronymic(word.lower) && caseOf(word.text).cyrillic == 0;
}

void readRussian(const NameWords& words, PersonName& out) {
    const std::size_t n = words.size();
    if (n == 1) {
        out.family = words[0].text;
        return;
    }
    std::size_t patronymic = 0;
    for (std::size_t i = 1; i < n; ++i) {
        if (isPatronymic(words[i].lower))
            patronymic = i; // the last one: Абрамович is a family name too
    }
    bool familyFirst = patronymic + 1 == n && n > 2;
    if (patronymic == 0)
        familyFirst = isInitials(words[n - 1]) ||
                      (!isInitials(words[0]) &&
                       (isSlavicFamily(words[0].lower) || !isSlavicFamily(words[n - 1].lower)));
    if (n == 2 && patronymic == 1) { // "Антон Павлович", unless the first is a family name
        if (!isSlavicFamily(words[0].lower)) {
            out.given = words[0].text;
            out.patronymic = words[1].text;
            return;
        }
        familyFirst = false;
    }
    if (familyFirst) {
        out.family = words[0].text;
        readRussianGiven(slice(words, 1, n), out);
        return;
    }
    out.family = words[n - 1].text;
    readRussianGiven(slice(words, 0, n - 1), out);
}

void readIberian(const NameWords& words, NameLanguage language, PersonName& out) {
    std::size_t conjunction = 0;
    for (std::size_t i = 1; i + 1 < words.size(); ++i) {
        if (isConjunction(words[i], language)) conjunction = i;
    }
    const NameWords head = conjunction > 0 ? slice(words, 0, conjunction) : words;
    std::vector<std::size_t> units = unitsOf(head);
    // "María del Carmen", "Maria de la Mercè": the second unit belongs to the given name.
    if (units.size() > 2 && isMaria(words[0].lower) && isParticleWord(words[units[1]]))
        units.erase(units.begin() + 1);
    const std::size_t wanted = conjunction > 0 ? 1 : 2;
    std::size_t families = std::min(wanted, units.size() - 1);
    // "José María García": two given names and one family name cannot be told from one and two;
    // Spain has two.
    if (units.size() == 3 && (head[1].lower == "maría" || head[1].lower == "maria") && wanted == 2)
        families = 1;
    const std::size_t first = families == 0 ? 0 : units[units.size() - families];
    out.given = join(head, 0, first);
    readFamily(slice(words, first, words.size()), language, out);
}

/// The run of words in capitals beside words in mixed case ("Jean DUPONT", "GARCÍA LÓPEZ Ana"): the
/// family name.
bool readByCapitals(NameWords& words, NameLanguage language, PersonName& out) {
    const auto shouted = [](const NameWord& word) {
        const Case c = caseOf(word.text);
        return c.lower == 0 && c.upper >= 3;
    };
    std::size_t front = 0;
    while (front < words.size() && shouted(words[front])) ++front;
    std::size_t back = words.size();
    while (back > 0 && shouted(words[back - 1])) --back;
    const bool atBack = back < words.size();
    if (front == words.size() || (front == 0 && !atBack)) return false;
    NameWords family = atBack ? slice(words, back, words.size()) : slice(words, 0, front);
    NameWords given = atBack ? slice(words, 0, back) : slice(words, front, words.size());
    restoreCase(family, language);
    while (atBack && given.size() > 1 && isParticleWord(given.back())) {
        family.insert(family.begin(), given.back());
        given.pop_back();
    }
    readFamily(family, language, out);
    if (out.patronymic.empty() && language == NameLanguage::russian)
        readRussianGiven(given, out);
    else
        readGiven(given, out);
    return true;
}

void readWestern(NameWords words, NameLanguage language, PersonName& out) {
    const std::size_t n = words.size();
    if (n == 1) {
        out.family = words[0].text;
        return;
    }
    std::size_t family = n - 1;
    while (family > 1 && isSuffix(words[family].lower)) --family;
    // Everything from the first particle on, if a word is left before it and after it.
    for (std::size_t i = 0; i < family; ++i) {
        if (isParticleWord(words[i])) {
            family = i;
            break;
        }
        // Flanders writes its particles large: they are the name's first letters, also in the
        // index.
        const bool flemish = language == NameLanguage::dutch && i > 0 &&
                             isParticle(words[i].lower) && words[i].lower.size() > 1;
        if (flemish || (i > 0 && words[i].text.ends_with("-de"))) {
            family = i;
            break;
        }
    }
    out.given = join(words, 0, family);
    readFamily(slice(words, family, n), language, out);
}

void readTitles(NameWords& words, NameLanguage language, PersonName& out) {
    std::size_t count = 0;
    while (count + 1 < words.size() && isTitle(words[count].lower, language)) ++count;
    out.title = join(words, 0, count);
    words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(count));
}

/// "Berg, Jan van den": what stands behind the comma.
void readAfterComma(NameWords words, NameLanguage language, PersonName& out) {
    std::size_t particle = words.size();
    while (particle > 0 && isParticleWord(words[particle - 1])) --particle;
    if (particle < words.size()) out.particle = join(words, particle, words.size());
    words.resize(particle);
    readTitles(words, language, out);
    const bool cyrillic = std::any_of(words.begin(), words.end(), [](const NameWord& word) {
        return caseOf(word.text).cyrillic > 0 || isLatinPatronymic(word);
    });
    if (language == NameLanguage::russian || cyrillic)
        readRussianGiven(words, out);
    else
        readGiven(words, out);
}

} // namespace

NameWords splitWords(std::string_view cleaned) {
    NameWords out;
    for (std::size_t begin = 0; begin < cleaned.size();) {
        std::size_t end = cleaned.find(' ', begin);
        if (end == std::string_view::npos) end = cleaned.size();
        if (end > begin) {
            const std::string_view word = cleaned.substr(begin, end - begin);
            out.push_back({std::string(word), lowerCase(word)});
        }
        begin = end + 1;
    }
    return out;
}

bool caseLost(const NameWords& words) {
    Case all;
    for (const NameWord& word : words) {
        if (isInitials(word)) continue; // "J.P. de vries" says nothing by its initials
        const Case c = caseOf(word.text);
        all.upper += c.upper;
        all.lower += c.lower;
    }
    return (all.upper == 0 && all.lower > 0) || (all.lower == 0 && all.upper > 2);
}

void restoreCase(NameWords& words, NameLanguage language) {
    for (NameWord& word : words) {
        if (isParticle(word.lower) || isConjunction({word.lower, word.lower}, language)) {
            word.text = word.lower;
        } else if (isInitials(word)) {
            word.text = upperCase(word.text);
        } else {
            word.text = titleCase(word.text);
            if (language == NameLanguage::dutch && word.text.starts_with("Ij")) word.text[1] = 'J';
            if (isSuffix(word.lower) && word.lower.starts_with("i"))
                word.text = upperCase(word.text);
        }
    }
}

void readFamily(const NameWords& words, NameLanguage language, PersonName& out) {
    std::size_t begin = 0;
    while (begin + 1 < words.size() && isParticleWord(words[begin])) ++begin;
    if (begin > 0) out.particle = join(words, 0, begin);
    if (!iberian(language)) {
        out.family = join(words, begin, words.size());
        return;
    }
    for (std::size_t i = begin + 1; i + 1 < words.size(); ++i) {
        if (isConjunction(words[i], language)) {
            out.family = join(words, begin, i);
            out.conjunction = words[i].text;
            out.secondFamily = join(words, i + 1, words.size());
            return;
        }
    }
    const NameWords rest = slice(words, begin, words.size());
    const std::vector<std::size_t> units = unitsOf(rest);
    const std::size_t second = units.size() == 2 ? units[1] : rest.size();
    out.family = join(rest, 0, second);
    out.secondFamily = join(rest, second, rest.size());
}

void readName(std::string_view cleaned, NameLanguage language, PersonName& out) {
    std::string line(cleaned);
    for (std::size_t at = line.find(" - "); at != std::string::npos; at = line.find(" - ", at))
        line.replace(at, 3, 1, '-'); // "Jansen - Bakker"
    const std::size_t comma = line.find(',');
    if (comma != std::string::npos) {
        NameWords family = splitWords(std::string_view(line).substr(0, comma));
        std::string tail = line.substr(comma + 1);
        std::replace(tail.begin(), tail.end(), ',', ' ');
        NameWords given = splitWords(tail);
        // "Berg, van den, Jan": the particle first, then the name.
        std::size_t front = 0;
        while (front < given.size() && isParticleWord(given[front])) ++front;
        std::rotate(given.begin(), given.begin() + static_cast<std::ptrdiff_t>(front), given.end());
        if (caseLost(family)) restoreCase(family, language);
        if (caseLost(given)) restoreCase(given, language);
        readTitles(family, language, out);
        const std::string title = out.title;
        if (!family.empty()) {
            readFamily(family, language, out);
            const std::string own = out.particle;
            readAfterComma(given, language, out);
            if (!own.empty() && !out.particle.empty() && own != out.particle)
                out.particle = out.particle + " " + own;
            if (out.title.empty()) out.title = title;
            return;
        }
        line = tail;
    }
    NameWords words = splitWords(line);
    readTitles(words, language, out);
    if (caseLost(words))
        restoreCase(words, language);
    else if (readByCapitals(words, language, out))
        return;
    const bool russian = std::any_of(words.begin(), words.end(), [](const NameWord& word) {
        return caseOf(word.text).cyrillic > 0 || isLatinPatronymic(word);
    });
    if (russian || language == NameLanguage::russian)
        readRussian(words, out);
    else if (iberian(language))
        readIberian(words, language, out);
    else
        readWestern(std::move(words), language, out);
}

} // namespace souffleur::contact
