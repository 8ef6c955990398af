// A person's name in parts, as seven languages order them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plugin/base/Result.h"

namespace souffleur::contact {

class Folder;

/// Separate columns of an export; any may be empty. `full` is used when given and family are both
/// empty.
struct NameColumns {
    std::string title{};
    std::string initials{}; ///< "J.P.", taken for the given name when there is none
    std::string given{};
    std::string patronymic{};
    std::string particle{}; ///< Dutch "tussenvoegsel", German "von"
    std::string family{};
    std::string secondFamily{};
    std::string full{};
};

/// Value type; every part is cleaned (Text.h) and at most limits::kNameMaxChars code points.
/// Languages are two-letter codes (nl ca es ru en de fr), anything else is read like en.
///
/// Examples of parse: nl "J. van den Berg" is given "J.", particle "van den", family "Berg"; ru
/// "Чехов Антон Павлович" is family first, patronymic "Павлович"; ca "Montserrat Roca i Puig" and
/// es "Ana García López" have a second family name ("i"/"y" is kept in `conjunction`); "Berg, Jan
/// van den" is understood in all languages.
struct PersonName {
    std::string title;        ///< "Dr.", "mevr.", "Sra."; never part of search or sort
    std::string given;        ///< given names, all of them
    std::string patronymic;   ///< Russian otchestvo
    std::string particle;     ///< "van den", "von", "de la": shown, not sorted by
    std::string family;       ///< first family name
    std::string conjunction;  ///< "i" or "y" between the two family names, mostly empty
    std::string secondFamily; ///< Catalan and Spanish second family name
    std::string displayAs;    ///< the person's own free form and order; empty: composed

    /// Reads one string. Errors: invalid (no letter in it), tooLarge (over 4 x kNameMaxChars).
    static Result<PersonName> parse(std::string_view text, std::string_view language = {});
    /// Reads columns; a family column like "Berg, van den", "van den Berg" or "Roca i Puig" is
    /// taken apart as the language has it. Columns all in capitals or all lower case are put in
    /// title case. Errors: as parse.
    static Result<PersonName> fromColumns(const NameColumns& columns,
                                          std::string_view language = {});

    /// displayAs, or given patronymic particle family conjunction second, as spoken ("Jan van den
    /// Berg").
    [[nodiscard]] std::string display() const;
    /// Formal: with title ("dr. Jan van den Berg").
    [[nodiscard]] std::string formal() const;
    /// The card-index form "Berg, Jan van den"; "Чехов, Антон Павлович"; "Roca i Puig, Montserrat".
    [[nodiscard]] std::string sortKey() const;
    /// "van den Berg", "Roca i Puig".
    [[nodiscard]] std::string familyName() const;
    /// The folded words to index for search; family first; no title.
    [[nodiscard]] std::string searchText(Folder& folder) const;
    /// Folded given + family for comparing two people ("jan|van den berg"): equal keys mean the
    /// same spelling up to case, accents and script.
    [[nodiscard]] std::string canonicalKey(Folder& folder) const;
    [[nodiscard]] bool empty() const noexcept;

    bool operator==(const PersonName&) const = default;
};

} // namespace souffleur::contact
