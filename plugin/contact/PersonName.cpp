#include "plugin/contact/PersonName.h"

#include <unicode/uchar.h>

#include "plugin/base/Limits.h"
#include "plugin/contact/Folder.h"
#include "plugin/contact/NameParser.h"
#include "plugin/contact/Text.h"
#include "plugin/contact/Unicode.h"

namespace souffleur::contact {
namespace {

constexpr std::size_t kInputMaxBytes = limits::kNameMaxChars * 4 * 4;

bool hasLetter(std::string_view text) noexcept {
    for (std::size_t i = 0; i < text.size();) {
        const UChar32 c = nextChar(text, i);
        if (u_isalpha(c) != 0) return true;
    }
    return false;
}

tl::unexpected<Error> tooLong() {
    return fail(Code::tooLarge, "a part of the name is longer than 200 letters");
}

Result<PersonName> checked(PersonName name) {
    const std::string* parts[] = {&name.title,        &name.given,    &name.patronymic,
                                  &name.particle,     &name.family,   &name.conjunction,
                                  &name.secondFamily, &name.displayAs};
    bool letter = false;
    for (const std::string* part : parts) {
        if (charCount(*part) > limits::kNameMaxChars) return tooLong();
        letter |= part != &name.title && hasLetter(*part);
    }
    if (!letter) return fail(Code::invalid, "the name has no letters");
    return name;
}

/// Quotation marks around a whole field are the exporter's, not the person's.
std::string cleanName(std::string_view text) {
    std::string out = cleanLine(text);
    while (out.size() > 1 && out.front() == '"' && out.back() == '"')
        out = cleanLine(std::string_view(out).substr(1, out.size() - 2));
    return out;
}

std::string restored(std::string_view text, NameLanguage language) {
    NameWords words = splitWords(text);
    // "JP" is two initials.
    if (!caseLost(words)) return std::string(text);
    restoreCase(words, language);
    std::string out;
    for (const NameWord& word : words) out += (out.empty() ? "" : " ") + word.text;
    return out;
}

std::string spaced(std::initializer_list<std::string_view> parts) {
    std::string out;
    for (const std::string_view part : parts) {
        if (part.empty()) continue;
        // "d'" and "l'" stand against the name they belong to.
        const bool tight = out.empty() || out.ends_with("'") || out.ends_with("’");
        if (!tight) out += ' ';
        out += part;
    }
    return out;
}

void readFamilyColumn(const std::string& column, NameLanguage language, PersonName& out) {
    std::string text = column;
    // "Berg, van den": the particle behind a comma.
    if (const std::size_t comma = text.find(','); comma != std::string::npos) {
        const std::string head = text.substr(0, comma);
        const std::string tail(trimmed(std::string_view(text).substr(comma + 1)));
        NameWords words = splitWords(tail);
        bool particles = !words.empty();
        for (const NameWord& word : words) particles = particles && isParticle(word.lower);
        text = particles ? lowerCase(tail) + " " + head : head + " " + tail;
    }
    NameWords words = splitWords(restored(cleanLine(text), language));
    if (!words.empty()) readFamily(words, language, out);
}

} // namespace

Result<PersonName> PersonName::parse(std::string_view text, std::string_view language) {
    if (text.size() > kInputMaxBytes) return tooLong();
    const std::string line = cleanName(text);
    if (!hasLetter(line)) return fail(Code::invalid, "the name has no letters");
    PersonName out;
    readName(line, nameLanguage(language), out);
    return checked(std::move(out));
}

Result<PersonName> PersonName::fromColumns(const NameColumns& columns, std::string_view code) {
    for (const std::string* column :
         {&columns.title, &columns.initials, &columns.given, &columns.patronymic, &columns.particle,
          &columns.family, &columns.secondFamily, &columns.full}) {
        if (column->size() > kInputMaxBytes) return tooLong();
    }
    const NameLanguage language = nameLanguage(code);
    const std::string given = cleanName(columns.given);
    const std::string family = cleanName(columns.family);
    if (!hasLetter(given) && !hasLetter(family)) {
        Result<PersonName> whole = parse(columns.full, code);
        if (whole && whole->title.empty()) whole->title = cleanName(columns.title);
        return whole;
    }
    PersonName out;
    readFamilyColumn(family, language, out);
    out.title = cleanName(columns.title);
    out.given = restored(given, language);
    if (out.given.empty()) out.given = upperCase(cleanName(columns.initials));
    out.patronymic = restored(cleanName(columns.patronymic), language);
    if (const std::string particle = cleanName(columns.particle); !particle.empty())
        out.particle = caseLost(splitWords(particle)) ? lowerCase(particle) : particle;
    if (const std::string second = cleanName(columns.secondFamily); !second.empty()) {
        if (!out.secondFamily.empty()) // the first column was no pair after all
            out.family += " " + out.secondFamily;
        out.secondFamily = restored(second, language);
    }
    // "Антон Павлович" in the column of given names.
    if (const std::size_t space = out.given.rfind(' ');
        out.patronymic.empty() && space != std::string::npos &&
        isPatronymic(lowerCase(out.given.substr(space + 1)))) {
        out.patronymic = out.given.substr(space + 1);
        out.given.resize(space);
    }
    return checked(std::move(out));
}

std::string PersonName::familyName() const {
    return spaced({particle, family, conjunction, secondFamily});
}

std::string PersonName::display() const {
    return displayAs.empty() ? spaced({given, patronymic, familyName()}) : displayAs;
}

std::string PersonName::formal() const {
    return spaced({title, display()});
}

std::string PersonName::sortKey() const {
    const std::string last = spaced({family, conjunction, secondFamily});
    const std::string first = spaced({given, patronymic, particle});
    if (last.empty()) return first.empty() ? displayAs : first;
    return first.empty() ? last : last + ", " + first;
}

std::string PersonName::searchText(Folder& folder) const {
    return folder.fold(spaced({family, secondFamily, given, patronymic, particle, displayAs}));
}

std::string PersonName::canonicalKey(Folder& folder) const {
    return folder.fold(given) + "|" + folder.fold(familyName());
}

bool PersonName::empty() const noexcept {
    return given.empty() && patronymic.empty() && family.empty() && secondFamily.empty() &&
           displayAs.empty();
}

} // namespace souffleur::contact
