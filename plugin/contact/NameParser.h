// Private to plugin/contact: takes one line apart into the parts of a name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plugin/contact/NameWords.h"
#include "plugin/contact/PersonName.h"

namespace souffleur::contact {

/// A word of a name with its lower-case form, made once.
struct NameWord {
    std::string text;
    std::string lower;
};

using NameWords = std::vector<NameWord>;

[[nodiscard]] NameWords splitWords(std::string_view cleaned);

/// Words all in capitals or all in small letters have lost their case: title case, particles small.
[[nodiscard]] bool caseLost(const NameWords& words);
void restoreCase(NameWords& words, NameLanguage language);

/// A family column or the right part of a name: particle, family, conjunction, second family.
void readFamily(const NameWords& words, NameLanguage language, PersonName& out);

/// A whole name without commas, or with one ("Berg, Jan van den").
void readName(std::string_view cleaned, NameLanguage language, PersonName& out);

} // namespace souffleur::contact
