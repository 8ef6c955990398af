#include "sync/store/PostgresBatch.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

namespace souffleur::store {
namespace {

/// PostgreSQL takes 65,535 arguments in one statement.
constexpr std::size_t kArgumentsMax = 60000;

bool isWordChar(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// The word behind `at`, past spaces; empty where none stands there (a bracket, a text).
std::string_view wordAt(std::string_view text, std::size_t at) {
    while (at < text.size() && std::isspace(static_cast<unsigned char>(text[at])) != 0) ++at;
    std::size_t end = at;
    while (end < text.size() && isWordChar(text[end])) ++end;
    return text.substr(at, end - at);
}

std::vector<std::string> namesIn(std::string_view list) {
    std::vector<std::string> names;
    for (std::size_t at = 0; at < list.size();) {
        const std::string_view word = wordAt(list, at);
        if (word.empty()) {
            ++at;
            continue;
        }
        names.emplace_back(word);
        at = static_cast<std::size_t>(word.data() - list.data()) + word.size();
    }
    return names;
}

} // namespace

std::string tableWritten(std::string_view text) {
    constexpr std::array<std::string_view, 3> kBegins{"INSERT INTO ", "UPDATE ", "DELETE FROM "};
    for (const std::string_view begin : kBegins) {
        if (text.starts_with(begin)) return std::string(wordAt(text, begin.size()));
    }
    return {};
}

std::set<std::string> tablesRead(std::string_view text) {
    std::set<std::string> tables;
    for (const std::string_view before : {std::string_view("FROM "), std::string_view("JOIN ")}) {
        for (std::size_t at = text.find(before); at != std::string_view::npos;
             at = text.find(before, at + 1)) {
            if (const auto word = wordAt(text, at + before.size()); !word.empty())
                tables.emplace(word);
        }
    }
    return tables;
}

std::string forEachKey(std::string_view text) {
    std::string inner(text);
    for (std::size_t at = inner.find("$1"); at != std::string::npos; at = inner.find("$1", at))
        inner.replace(at, 2, "k.key");
    return "SELECT k.n, q.* FROM unnest($1::bytea[]) WITH ORDINALITY AS k(key, n) "
           "CROSS JOIN LATERAL (" +
           inner + ") AS q";
}

std::string arrayOf(std::span<const std::string> keys) {
    std::string out = "{";
    for (const std::string& key : keys) {
        // \x… with its backslash escaped for the array's quotes.
        out.append(out.size() > 1 ? "," : "").append("\"\\").append(key).append("\"");
    }
    return out + "}";
}

std::optional<ManyRows> ManyRows::of(std::string_view text) {
    constexpr std::string_view kValues = "VALUES (";
    const std::size_t values = text.find(kValues);
    const std::size_t open = text.find('(');
    if (!text.starts_with("INSERT INTO ") || values == std::string_view::npos || open > values)
        return std::nullopt;
    const std::size_t close = text.find(')', open);
    const std::size_t end = text.find(')', values);
    ManyRows out;
    out.table = tableWritten(text);
    out.names = namesIn(text.substr(open + 1, close - open - 1));
    out.columns = out.names.size();
    // Each value is an argument, in the order of the columns: nothing else is for many rows.
    std::string expected;
    for (std::size_t i = 1; i <= out.columns; ++i)
        expected += (i > 1 ? ", $" : "$") + std::to_string(i);
    const std::size_t begin = values + kValues.size();
    if (text.substr(begin, end - begin) != expected) return std::nullopt;
    out.head = std::string(text.substr(0, values)) + "VALUES ";
    out.tail = std::string(text.substr(end + 1));
    if (out.tail.find('$') != std::string::npos) return std::nullopt;
    constexpr std::string_view kConflict = "ON CONFLICT (";
    const std::size_t conflict = out.tail.find(kConflict);
    if (conflict != std::string::npos && out.tail.find("DO UPDATE") != std::string::npos) {
        const std::size_t from = conflict + kConflict.size();
        for (const std::string& name :
             namesIn(std::string_view(out.tail).substr(from, out.tail.find(')', from) - from)))
            out.key.push_back(
                static_cast<std::size_t>(std::ranges::find(out.names, name) - out.names.begin()));
    }
    return out;
}

bool ManyRows::plain() const {
    return tail.find_first_not_of(" \n") == std::string::npos;
}

std::string ManyRows::text(std::size_t rows) const {
    std::string out = head;
    std::size_t argument = 0;
    for (std::size_t row = 0; row < rows; ++row) {
        out += row > 0 ? ",(" : "(";
        for (std::size_t column = 0; column < columns; ++column)
            out.append(column > 0 ? ",$" : "$").append(std::to_string(++argument));
        out += ')';
    }
    return out + tail;
}

std::vector<std::vector<const SqlValues*>> ManyRows::parts(std::span<const SqlValues> rows) const {
    const std::size_t most =
        std::max<std::size_t>(1, kArgumentsMax / std::max<std::size_t>(1, columns));
    std::vector<std::vector<const SqlValues*>> out;
    std::set<SqlValues> keys;
    for (const SqlValues& row : rows) {
        SqlValues its;
        for (const std::size_t column : key) its.push_back(row.at(column));
        const bool fresh = key.empty() || keys.insert(its).second;
        if (out.empty() || !fresh || out.back().size() >= most) {
            out.emplace_back();
            keys = {std::move(its)};
        }
        out.back().push_back(&row);
    }
    return out;
}

} // namespace souffleur::store
