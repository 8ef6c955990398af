#include "plugin/intake/RowReader.h"

#include <algorithm>

#include "plugin/base/Limits.h"
#include "plugin/contact/Text.h"

namespace souffleur::intake {
namespace {

constexpr std::size_t kWarningsMax = 16;
constexpr std::size_t kContactPointsMax = 16;
constexpr std::size_t kLabelMaxChars = 200;
/// 1980-01-01: what is older is a default value of some database, not an answer.
constexpr TimeMs kOldest = 315532800000;

constexpr std::string_view kYes[] = {
    "ja",      "j",       "yes",          "y",         "true",
    "1",       "x",       "si",           "s",         "da",
    "oui",     "o",       "waar",         "wahr",      "on",
    "aan",     "opt in",  "ingeschreven", "aangemeld", "subscribed",
    "granted", "akkoord", "ok",           "vrai",      "verdadero"};
constexpr std::string_view kNo[] = {
    "nee",    "n",      "no",    "false", "0",       "net",           "non",      "nein",
    "onwaar", "falsch", "off",   "uit",   "opt out", "uitgeschreven", "afgemeld", "unsubscribed",
    "denied", "faux",   "falso", "ne"};
constexpr std::string_view kObjected[] = {
    "nooit",          "never", "bezwaar", "objected", "do not contact", "nooit meer",
    "niet benaderen", "nunca", "mai",     "nie",      "jamais",         "nikogda"};

constexpr std::pair<std::string_view, std::string_view> kLanguages[] = {
    {"nl", "nl"},         {"nederlands", "nl"}, {"dutch", "nl"},    {"nld", "nl"},
    {"vlaams", "nl"},     {"holandes", "nl"},   {"ca", "ca"},       {"catala", "ca"},
    {"catalan", "ca"},    {"catalaans", "ca"},  {"cat", "ca"},      {"catalan espanol", "ca"},
    {"es", "es"},         {"espanol", "es"},    {"spanish", "es"},  {"spaans", "es"},
    {"castellano", "es"}, {"castella", "es"},   {"spa", "es"},      {"ru", "ru"},
    {"russkiy", "ru"},    {"russian", "ru"},    {"russisch", "ru"}, {"rus", "ru"},
    {"ruso", "ru"},       {"en", "en"},         {"english", "en"},  {"engels", "en"},
    {"ingles", "en"},     {"eng", "en"},        {"anglais", "en"},  {"englisch", "en"},
    {"de", "de"},         {"deutsch", "de"},    {"german", "de"},   {"duits", "de"},
    {"deu", "de"},        {"ger", "de"},        {"aleman", "de"},   {"fr", "fr"},
    {"francais", "fr"},   {"french", "fr"},     {"frans", "fr"},    {"fra", "fr"},
    {"fre", "fr"},        {"frances", "fr"},
};

template <typename Range>
std::set<std::string> setOf(const Range& words) {
    return {std::begin(words), std::end(words)};
}

/// Ticks are no letters and would fold to nothing.
std::string_view tick(std::string_view text) noexcept {
    return text == "✓" || text == "✔" || text == "☑" ? "x" : text;
}

bool looksLikePhone(std::string_view text) noexcept {
    return std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }) >=
           7;
}

std::string label(std::string_view text) {
    return std::string(contact::firstChars(contact::cleanLine(text), kLabelMaxChars));
}

bool takesBack(const Record& record) {
    return std::any_of(record.permissions.begin(), record.permissions.end(),
                       [](const Permission& one) { return one.answer != Answer::given; });
}

template <typename Point>
void addPoint(std::vector<Point>& points, Point&& point) {
    if (points.size() < kContactPointsMax &&
        std::find(points.begin(), points.end(), point) == points.end())
        points.push_back(std::forward<Point>(point));
}

} // namespace

RowReader::RowReader(const Mapping& mapping, TimeMs now, std::size_t columns)
    : _mapping(&mapping), _now(now), _columns(columns) {}

Result<RowReader> RowReader::make(const Mapping& mapping, const std::vector<std::string>& headings,
                                  TimeMs now) {
    RowReader out(mapping, now, headings.size());
    out._headings = headings;
    std::vector<std::string> folded;
    folded.reserve(headings.size());
    for (const std::string& heading : headings) folded.push_back(out._folder.fold(heading));
    out._words = out.wordsOf({});
    for (const ColumnMapping& column : mapping.columns) {
        const Result<std::size_t> at = out.columnOf(column.heading, folded);
        if (!at) return passOn(at);
        if (column.field != Field::permission) {
            out._byField[static_cast<std::size_t>(column.field)].push_back(*at);
            if (column.field >= Field::orderId) out._orderColumns.insert(*at);
            continue;
        }
        PermissionColumn permission{column, *at, kNone, kNone, out.wordsOf(column)};
        for (auto [heading, target] :
             {std::pair(&column.dateHeading, &permission.date),
              std::pair(&column.confirmedHeading, &permission.confirmed)}) {
            if (heading->empty()) continue;
            const Result<std::size_t> companion = out.columnOf(*heading, folded);
            if (!companion) return passOn(companion);
            *target = *companion;
        }
        out._permissions.push_back(std::move(permission));
    }
    return out;
}

Result<std::size_t> RowReader::columnOf(const std::string& heading,
                                        const std::vector<std::string>& folded) {
    const auto found = std::find(folded.begin(), folded.end(), _folder.fold(heading));
    if (found == folded.end())
        return fail(Code::invalid,
                    "the file has no column \"" + label(heading) + "\" that the mapping names",
                    "line 1");
    return static_cast<std::size_t>(found - folded.begin());
}

Words RowReader::wordsOf(const ColumnMapping& column) {
    Words out{setOf(kYes), setOf(kNo), setOf(kObjected)};
    const auto add = [this](std::set<std::string>& to, const std::vector<std::string>& words) {
        for (const std::string& word : words) to.insert(_folder.fold(word));
    };
    // What the house says of a column beats the built-in words: "N" may be "nieuwsbrief".
    for (const auto& [yes, no] :
         {std::pair(&_mapping->yes, &_mapping->no), std::pair(&column.yes, &column.no)}) {
        for (const std::string& word : *yes) out.no.erase(_folder.fold(word));
        for (const std::string& word : *no) out.yes.erase(_folder.fold(word));
        add(out.yes, *yes);
        add(out.no, *no);
    }
    add(out.objected, _mapping->objected);
    return out;
}

const std::string& RowReader::cell(const TableRow& row, std::size_t column) {
    static const std::string kEmpty;
    return column < row.cells.size() ? row.cells[column] : kEmpty;
}

const std::string& RowReader::value(const TableRow& row, Field field) const {
    for (const std::size_t column : _byField[static_cast<std::size_t>(field)]) {
        if (!contact::trimmed(cell(row, column)).empty()) return cell(row, column);
    }
    for (const auto& [constant, text] : _mapping->constants) {
        if (constant == field) return text;
    }
    return cell(row, kNone);
}

void RowReader::warn(Record& record, std::string_view what, std::size_t column) const {
    if (record.warnings.size() >= kWarningsMax) return;
    std::string text = "the " + std::string(what);
    if (column < _headings.size()) text += " in column \"" + label(_headings[column]) + "\"";
    record.warnings.push_back(text + " could not be read and was left out");
}

std::variant<Record, std::string> RowReader::read(const TableRow& row) {
    if (!row.problem.empty()) return row.problem;
    for (std::size_t i = _columns; i < row.cells.size(); ++i) {
        if (!contact::trimmed(row.cells[i]).empty())
            return "the row has more cells than the heading; perhaps a delimiter stands in a cell "
                   "without quotation marks";
    }
    Record out;
    out.row = row.number;
    out.source = _mapping->source;
    out.sourceId = label(value(row, Field::id));
    if (_mapping->group && !out.sourceId.empty() && sameButOrder(row)) {
        readOrder(row, out); // the rest was read with the row before
        return out;
    }
    const std::string language = _folder.fold(value(row, Field::language).substr(0, 64));
    for (const auto& [word, code] : kLanguages) {
        if (language == word || language.substr(0, 3) == std::string(code) + " ") // "nl NL"
            out.language = code;
    }
    if (out.language.empty()) out.language = _mapping->language;
    const std::string problem = readName(row, out);
    readAddress(row, out);
    for (const std::size_t column : _byField[static_cast<std::size_t>(Field::email)])
        readEmails(cell(row, column), column, out);
    for (const std::size_t column : _byField[static_cast<std::size_t>(Field::phone)])
        readPhone(cell(row, column), column, out);
    for (const PermissionColumn& column : _permissions) readPermission(row, column, out);
    const bool nobody = out.name.empty() && out.emails.empty() && out.phones.empty();
    if (takesBack(out) && (!nobody || !out.sourceId.empty())) { // a no is kept whoever says it
        if (!problem.empty()) warn(out, "name", kNone);
    } else if (!problem.empty()) {
        return problem;
    } else if (nobody) {
        return "the row has no name, no e-mail address and no telephone number that can be read";
    }
    _last = row.cells;
    readOrder(row, out);
    out.emailBounced = isYes(value(row, Field::emailBounced));
    out.restricted = isYes(value(row, Field::restricted));
    return out;
}

bool RowReader::sameButOrder(const TableRow& row) const {
    if (_last.empty() || row.cells.size() != _last.size()) return false;
    for (std::size_t i = 0; i < _last.size(); ++i) {
        if (!_orderColumns.contains(i) && row.cells[i] != _last[i]) return false;
    }
    return true;
}

std::string RowReader::readName(const TableRow& row, Record& record) const {
    contact::NameColumns columns{
        .title = value(row, Field::title),
        .initials = value(row, Field::initials),
        .given = value(row, Field::given),
        .patronymic = value(row, Field::patronymic),
        .particle = value(row, Field::particle),
        .family = value(row, Field::family),
        .secondFamily = value(row, Field::secondFamily),
        .full = value(row, Field::fullName),
    };
    for (std::string* part : {&columns.given, &columns.family, &columns.full}) {
        const std::string_view text = contact::trimmed(*part);
        if (text.starts_with('=') || text.starts_with('@')) return "the name looks like a formula";
        if (text.find('@') != std::string_view::npos) { // an address in the wrong field
            if (auto email = contact::Email::parse(text))
                addPoint(record.emails, std::move(*email));
            part->clear();
        }
    }
    Result<contact::PersonName> name = contact::PersonName::fromColumns(columns, record.language);
    if (name) {
        record.name = std::move(*name);
        return {};
    }
    // No name: a contact point may do.
    return name.error().code == Code::invalid ? std::string{} : name.error().message;
}

void RowReader::readEmails(std::string_view text, std::size_t column, Record& record) const {
    if (contact::trimmed(text).empty()) return;
    if (auto whole = contact::Email::parse(text)) return addPoint(record.emails, std::move(*whole));
    bool found = false;
    if (text.size() <= 1024) {
        for (std::size_t begin = 0; begin < text.size();) { // "a@example.org; b@example.org"
            const std::size_t end = std::min(text.find_first_of(";,/ \t\r\n", begin), text.size());
            if (auto email = contact::Email::parse(text.substr(begin, end - begin))) {
                addPoint(record.emails, std::move(*email));
                found = true;
            }
            begin = end + 1;
        }
    }
    if (found) return;
    const bool swapped = text.find('@') == std::string_view::npos && looksLikePhone(text);
    if (swapped) {
        if (auto phone = contact::Phone::parse(contact::trimmed(text), _mapping->country))
            return addPoint(record.phones, std::move(*phone));
    }
    warn(record, "e-mail address", column);
}

void RowReader::readPhone(std::string_view text, std::size_t column, Record& record) const {
    text = contact::trimmed(text);
    if (text.empty()) return;
    if (text.find('@') != std::string_view::npos) {
        if (auto email = contact::Email::parse(text))
            return addPoint(record.emails, std::move(*email));
    }
    const std::string country = record.address && !record.address->country.empty()
                                    ? record.address->country
                                    : _mapping->country;
    // A spreadsheet takes 0612… for a number and eats the zero.
    for (const std::string& attempt : {std::string(text), "0" + std::string(text)}) {
        auto phone = contact::Phone::parse(attempt, country);
        if (!phone && country != _mapping->country)
            phone = contact::Phone::parse(attempt, _mapping->country);
        if (phone) return addPoint(record.phones, std::move(*phone));
    }
    warn(record, "telephone number", column);
}

void RowReader::readAddress(const TableRow& row, Record& record) const {
    std::string street = value(row, Field::street);
    const std::string& number = value(row, Field::houseNumber);
    if (!number.empty()) street += " " + number;
    const std::string& code = value(row, Field::postalCode);
    const std::string& city = value(row, Field::city);
    if (contact::trimmed(street).empty() && contact::trimmed(code).empty())
        return; // a city alone is no address
    auto address = contact::PostalAddress::make({street, value(row, Field::line2)}, code, city,
                                                value(row, Field::country), _mapping->country);
    if (address)
        record.address = std::move(*address);
    else
        warn(record, "postal address", kNone);
}

std::optional<TimeMs> RowReader::readPast(std::string_view text, std::size_t column,
                                          std::string_view what, Record& record) const {
    if (contact::trimmed(text).empty()) return std::nullopt;
    const Result<TimeMs> at = readDate(text, _mapping->dates);
    if (at && *at >= kOldest && *at <= _now + kDayMs) return *at;
    warn(record, what, column);
    return std::nullopt;
}

bool RowReader::isYes(std::string_view text) {
    return _words.yes.contains(_folder.fold(tick(contact::trimmed(text.substr(0, 64)))));
}

void RowReader::readPermission(const TableRow& row, const PermissionColumn& column,
                               Record& record) {
    const std::string_view text = contact::trimmed(cell(row, column.column));
    if (text.empty()) return;
    const std::string word = _folder.fold(tick(text.substr(0, 64)));
    Permission out{.purpose = column.mapping.purpose, .channel = column.mapping.channel};
    out.source = column.mapping.heading;
    if (!_mapping->source.empty()) out.source = _mapping->source + ": " + out.source;
    const bool yes = column.words.yes.contains(word);
    const bool no = column.words.no.contains(word);
    const Result<TimeMs> date =
        yes || no ? fail(Code::invalid, {}) : readDate(text, _mapping->dates);
    if (column.words.objected.contains(word)) {
        out.answer = Answer::objected;
    } else if (column.mapping.meaning == Meaning::answer) {
        out.answer = yes ? Answer::given : no ? Answer::refused : Answer::unclear;
        if (!yes && !no) warn(record, "answer", column.column);
    } else {
        if (no) return;
        // Whatever else stands in a column of people who do not want to be written to is a no.
        out.answer =
            column.mapping.meaning == Meaning::objection ? Answer::objected : Answer::refused;
        if (date) out.at = readPast(text, column.column, "date", record);
    }
    if (column.date != kNone)
        out.at = readPast(cell(row, column.date), column.date, "date", record);
    if (column.confirmed != kNone && out.answer == Answer::given)
        out.confirmed = isYes(cell(row, column.confirmed)) ||
                        readDate(cell(row, column.confirmed), _mapping->dates);
    record.permissions.push_back(std::move(out));
}

void RowReader::readOrder(const TableRow& row, Record& record) const {
    Order out;
    out.id = label(value(row, Field::orderId));
    const std::string& date = value(row, Field::orderDate);
    out.event = label(value(row, Field::orderEvent));
    if (out.id.empty() && out.event.empty() && contact::trimmed(date).empty()) return;
    out.genre = label(value(row, Field::orderGenre));
    out.at = readPast(date, kNone, "date of an order", record);
    const std::string& amount = value(row, Field::orderAmount);
    if (!contact::trimmed(amount).empty()) {
        if (const Result<std::int64_t> cents = readAmount(amount))
            out.amountCents = *cents;
        else
            warn(record, "amount of an order", kNone);
    }
    record.orders.push_back(std::move(out));
}

void mergeRecord(Record& into, Record&& more) {
    if (into.name.empty()) into.name = std::move(more.name);
    for (contact::Email& email : more.emails) addPoint(into.emails, std::move(email));
    for (contact::Phone& phone : more.phones) addPoint(into.phones, std::move(phone));
    if (!into.address) into.address = std::move(more.address);
    for (Permission& permission : more.permissions) {
        if (std::find(into.permissions.begin(), into.permissions.end(), permission) ==
            into.permissions.end())
            into.permissions.push_back(std::move(permission));
    }
    for (Order& order : more.orders) {
        if (std::find(into.orders.begin(), into.orders.end(), order) == into.orders.end())
            into.orders.push_back(std::move(order));
    }
    into.emailBounced |= more.emailBounced;
    into.restricted |= more.restricted;
    for (std::string& warning : more.warnings) {
        const bool known =
            std::find(into.warnings.begin(), into.warnings.end(), warning) != into.warnings.end();
        if (!known && into.warnings.size() < kWarningsMax)
            into.warnings.push_back(std::move(warning));
    }
}

} // namespace souffleur::intake
