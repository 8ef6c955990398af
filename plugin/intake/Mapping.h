// Which column is what: from a mapping file (TOML) or guessed from the headings in seven languages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plugin/base/Result.h"
#include "plugin/intake/Table.h"

namespace souffleur::intake {

/// What a column can hold. The name in a mapping file stands behind it.
enum class Field {
    ignore,       ///< "ignore"
    id,           ///< "id": customer number
    title,        ///< "name.title"
    initials,     ///< "name.initials"
    given,        ///< "name.given"
    patronymic,   ///< "name.patronymic"
    particle,     ///< "name.particle"
    family,       ///< "name.family"
    secondFamily, ///< "name.second-family"
    fullName,     ///< "name.full"
    language,     ///< "language"
    email,        ///< "email": may be mapped more than once, like phone
    phone,        ///< "phone"
    street,       ///< "address.street"
    houseNumber,  ///< "address.number"
    line2,        ///< "address.line2"
    postalCode,   ///< "address.code"
    city,         ///< "address.city"
    country,      ///< "address.country"
    permission,   ///< { purpose, channel, date, confirmed, yes, no }
    emailBounced, ///< "bounced"
    restricted,   ///< "restricted"
    orderId,      ///< "order.id"
    orderDate,    ///< "order.date"
    orderEvent,   ///< "order.event"
    orderGenre,   ///< "order.genre"
    orderAmount,  ///< "order.amount"
};

/// The stable name of a field in mapping files ("name.given"); "permission" for permissions.
[[nodiscard]] std::string_view fieldName(Field field) noexcept;

/// How to read the words of a permission column.
enum class Meaning {
    answer,    ///< yes is yes, no is no
    optOut,    ///< yes, or a date, is a refusal ("afgemeld op"); no says nothing; "opt-out"
    objection, ///< yes, or a date, is an objection ("do not contact"); no says nothing; "objection"
};

struct ColumnMapping {
    std::string heading{}; ///< as in the file; compared folded
    Field field = Field::ignore;
    std::string purpose{}; ///< permissions only
    std::string channel{}; ///< permissions only
    Meaning meaning = Meaning::answer;
    std::string
        dateHeading{}; ///< permissions: the column with the date of the answer, may be empty
    std::string confirmedHeading{}; ///< permissions: the column that tells of a double opt-in
    std::vector<std::string> yes{}; ///< further words for yes in this column, folded
    std::vector<std::string> no{};
};

/// A mapping file:
///
///     format = 1
///     source = "ticketing export"      # provenance of everything read
///     language = "nl"                  # when a row does not say
///     country = "NL"                   # for national telephone numbers and postal codes
///     dates = ["%d-%m-%Y"]             # tried before the built-in ones; %d %m %Y %y %H %M %S
///     group = true                     # consecutive rows with one id are one person
///     delimiter = ";"                  # optional, as encoding and sheet
///     [columns]
///     "Voornaam" = "name.given"
///     "Nieuwsbrief" = { purpose = "newsletter", channel = "email", date = "Nieuwsbrief sinds", yes
///     = ["J"] } [constants] "address.city" = "Delft"         # a value for a field that no column
///     holds [values] yes = ["graag"]                  # further words for all permissions no =
///     ["liever niet"] objected = ["nooit meer"]
struct Mapping {
    std::string source{};
    std::string language{};
    std::string country = "NL";
    std::vector<std::string> dates{};
    bool group = true;
    TableOptions table{};
    std::vector<ColumnMapping> columns{};
    std::vector<std::pair<Field, std::string>> constants{};
    std::vector<std::string> yes{};
    std::vector<std::string> no{};
    std::vector<std::string> objected{};

    /// Errors: invalid, with file, line and key ("mapping.toml:7 columns.Naam"). At most 256 KiB.
    static Result<Mapping> parse(std::string_view toml, std::string_view fileName);
    /// Guesses from the heading row; columns it does not know are ignored. Errors: invalid (no
    /// column of a name or contact point found: a mapping file is needed).
    static Result<Mapping> guess(const std::vector<std::string>& headings);
    /// The mapping as a file that `parse` reads: a guess to be corrected by hand.
    [[nodiscard]] std::string toToml() const;
};

} // namespace souffleur::intake
