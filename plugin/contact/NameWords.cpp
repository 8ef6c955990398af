#include "plugin/contact/NameWords.h"

#include <algorithm>
#include <array>

namespace souffleur::contact {
namespace {

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& words, std::string_view word) noexcept {
    return std::find(words.begin(), words.end(), word) != words.end();
}

template <std::size_t N>
bool endsWithOne(const std::array<std::string_view, N>& endings, std::string_view word) noexcept {
    return std::any_of(endings.begin(), endings.end(), [&](std::string_view ending) {
        return word.size() > ending.size() + 1 && word.ends_with(ending);
    });
}

constexpr auto kParticles = std::to_array<std::string_view>({
    "van", "vd",  "v.d.", "v/d", "v.",    "vande", "vanden", "vander", "ver",  "de",
    "den", "der", "d.",   "het", "'t",    "’t",    "ter",    "ten",    "te",   "tot",
    "op",  "aan", "bij",  "in",  "onder", "over",  "uit",    "uijt",   "voor", "'s",
    "’s",  "von", "vom",  "zu",  "zum",   "zur",   "dem",    "am",     "auf",  "du",
    "des", "la",  "le",   "les", "del",   "dels",  "las",    "los",    "el",   "al",
    "da",  "di",  "do",   "dos", "das",   "della", "af",     "af.",    "ibn",  "bin",
});

constexpr auto kTitles = std::to_array<std::string_view>({
    "dr",     "prof",         "ing",     "drs",      "ir",   "dhr",        "hr",   "de heer",
    "heer",   "mevr",         "mevrouw", "mw",       "mej",  "mejuffrouw", "mr",   "mrs",
    "ms",     "miss",         "mx",      "sir",      "dame", "lord",       "lady", "rev",
    "herr",   "frau",         "fr",      "fräulein", "dipl", "mme",        "mlle", "monsieur",
    "madame", "mademoiselle", "me",      "sr",       "sra",  "srta",       "sr/a", "señor",
    "señora", "senyor",       "senyora", "don",      "doña", "dña",        "dª",   "г-н",
    "г-жа",   "господин",     "госпожа", "гр",       "проф", "др",         "д-р",  "ds",
    "bc",     "bac",          "familie", "fam",      "mgr",  "jhr",        "jkvr",
});

constexpr auto kSuffixes = std::to_array<std::string_view>(
    {"jr", "jr.", "sr.", "junior", "ii", "iii", "iv", "phd", "msc", "ma", "mba"});

constexpr auto kPatronymics = std::to_array<std::string_view>({
    "ович",   "евич",    "ич",      "овна",  "евна",  "ична",   "инична", "оглы",
    "кызы",   "ович.",   "ovich",   "evich", "ovna",  "evna",   "ichna",  "ovitsj",
    "evitsj", "owitsch", "ewitsch", "ovitx", "evitx", "ovitch", "evitch",
});

constexpr auto kSlavicFamilies = std::to_array<std::string_view>({
    "ов",   "ова",  "ев",    "ева",  "ёв",   "ёва",  "ин", "ина", "ын", "ына",
    "ский", "ская", "цкий",  "цкая", "ской", "енко", "ко", "ук",  "юк", "чук",
    "ян",   "дзе",  "швили", "ых",   "их",   "ой",   "ец", "ый",  "ая",
});

constexpr auto kMarias =
    std::to_array<std::string_view>({"maría", "maria", "mª", "ma", "m.", "josé", "jose"});

} // namespace

NameLanguage nameLanguage(std::string_view code) noexcept {
    code = code.substr(0, 2);
    if (code == "nl") return NameLanguage::dutch;
    if (code == "ca") return NameLanguage::catalan;
    if (code == "es") return NameLanguage::spanish;
    if (code == "ru") return NameLanguage::russian;
    if (code == "de") return NameLanguage::german;
    if (code == "fr") return NameLanguage::french;
    return NameLanguage::other;
}

bool isParticle(std::string_view lower) noexcept {
    return contains(kParticles, lower);
}

bool isTitle(std::string_view lower, NameLanguage language) noexcept {
    const bool dot = !lower.empty() && lower.back() == '.';
    // One letter is a title in one language and an initial in all others.
    if (lower == "m." && language == NameLanguage::french) return true;
    if ((lower == "d." || lower == "d.ª") && language == NameLanguage::spanish) return true;
    if (dot) lower.remove_suffix(1);
    // Short ones that are names elsewhere need their dot or their language.
    if (lower == "me" || lower == "fr" || lower == "ma")
        return dot && (language == NameLanguage::french || language == NameLanguage::german);
    if (lower == "don")
        return language == NameLanguage::spanish || language == NameLanguage::catalan;
    if (lower == "dame" || lower == "lord" || lower == "lady" || lower == "miss")
        return language == NameLanguage::other;
    return contains(kTitles, lower);
}

bool isSuffix(std::string_view lower) noexcept {
    return contains(kSuffixes, lower);
}
bool isPatronymic(std::string_view lower) noexcept {
    return endsWithOne(kPatronymics, lower);
}
bool isSlavicFamily(std::string_view lower) noexcept {
    return endsWithOne(kSlavicFamilies, lower);
}
bool isMaria(std::string_view lower) noexcept {
    return contains(kMarias, lower);
}

} // namespace souffleur::contact
