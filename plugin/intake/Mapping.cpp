#include "plugin/intake/Mapping.h"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <stdexcept>

#include "plugin/base/Limits.h"
#include "plugin/base/TomlGuard.h"

namespace souffleur::intake {
namespace {

constexpr std::size_t kFileMaxBytes = 256 * 1024;

constexpr std::pair<Field, std::string_view> kNames[] = {
    {Field::ignore, "ignore"},
    {Field::id, "id"},
    {Field::title, "name.title"},
    {Field::initials, "name.initials"},
    {Field::given, "name.given"},
    {Field::patronymic, "name.patronymic"},
    {Field::particle, "name.particle"},
    {Field::family, "name.family"},
    {Field::secondFamily, "name.second-family"},
    {Field::fullName, "name.full"},
    {Field::language, "language"},
    {Field::email, "email"},
    {Field::phone, "phone"},
    {Field::street, "address.street"},
    {Field::houseNumber, "address.number"},
    {Field::line2, "address.line2"},
    {Field::postalCode, "address.code"},
    {Field::city, "address.city"},
    {Field::country, "address.country"},
    {Field::permission, "permission"},
    {Field::emailBounced, "bounced"},
    {Field::restricted, "restricted"},
    {Field::orderId, "order.id"},
    {Field::orderDate, "order.date"},
    {Field::orderEvent, "order.event"},
    {Field::orderGenre, "order.genre"},
    {Field::orderAmount, "order.amount"},
};

std::optional<Field> fieldOf(std::string_view name) {
    for (const auto& [field, text] : kNames) {
        if (text == name && field != Field::permission) return field;
    }
    return std::nullopt;
}

bool isToken(std::string_view text) {
    return !text.empty() && text.size() <= limits::kTokenMaxChars &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == ':' ||
                      c == '*';
           });
}

/// Walks the TOML once; the first thing wrong ends it with file, line and key.
class Reader {
public:
    explicit Reader(std::string_view file) : _file(file) {}

    Result<Mapping> read(const toml::table& table) {
        for (const auto& [key, node] : table) top(key.str(), node);
        if (_out.columns.empty()) wrong(table, "columns", "names no column");
        if (_error) return tl::make_unexpected(*_error);
        if (table["format"].value_or(0) != 1)
            return fail(Code::unsupported, "the mapping file has to begin with format = 1",
                        std::string(_file));
        return std::move(_out);
    }

private:
    void top(std::string_view key, const toml::node& node) {
        if (key == "format") return;
        if (key == "source")
            _out.source = text(key, node);
        else if (key == "language")
            _out.language = text(key, node);
        else if (key == "country")
            _out.country = text(key, node);
        else if (key == "encoding")
            _out.table.encoding = text(key, node);
        else if (key == "sheet")
            _out.table.sheet = text(key, node);
        else if (key == "dates")
            _out.dates = texts(key, node);
        else if (key == "delimiter")
            delimiter(node);
        else if (key == "group")
            group(node);
        else if (key == "columns" || key == "constants" || key == "values")
            section(key, node);
        else
            wrong(node, key, "is not a key of a mapping file");
    }

    void delimiter(const toml::node& node) {
        const std::string value = text("delimiter", node);
        if (value.size() == 1 && std::string_view(",;\t|").find(value[0]) != std::string_view::npos)
            _out.table.delimiter = value[0];
        else
            wrong(node, "delimiter", "has to be one of , ; | or a tab");
    }

    void group(const toml::node& node) {
        if (const auto value = node.value<bool>())
            _out.group = *value;
        else
            wrong(node, "group", "has to be true or false");
    }

    void section(std::string_view name, const toml::node& node) {
        const toml::table* table = node.as_table();
        if (table == nullptr) return wrong(node, name, "has to be a table");
        for (const auto& [key, value] : *table) {
            if (name == "columns")
                column(key.str(), value);
            else if (name == "constants")
                constant(key.str(), value);
            else
                values(key.str(), value);
        }
    }

    void column(std::string_view heading, const toml::node& node) {
        const std::string key = "columns." + std::string(heading);
        if (_out.columns.size() == kColumnsMax) return wrong(node, key, "is one column too many");
        ColumnMapping out{.heading = std::string(heading)};
        if (const auto name = node.value<std::string>()) {
            const std::optional<Field> field = fieldOf(*name);
            if (!field) return wrong(node, key, "names no field that exists");
            out.field = *field;
        } else if (const toml::table* table = node.as_table()) {
            out.field = Field::permission;
            for (const auto& [part, value] : *table) permissionPart(key, part.str(), value, out);
            if (out.meaning != Meaning::answer && out.purpose.empty() && out.channel.empty())
                out.purpose = out.channel = "*";
            if (!isToken(out.purpose) || !isToken(out.channel))
                return wrong(node, key, "needs a purpose and a channel (lower-case words)");
        } else {
            return wrong(node, key, "has to be a field or a permission in braces");
        }
        _out.columns.push_back(std::move(out));
    }

    void permissionPart(const std::string& key, std::string_view part, const toml::node& node,
                        ColumnMapping& out) {
        if (part == "purpose")
            out.purpose = text(key, node);
        else if (part == "channel")
            out.channel = text(key, node);
        else if (part == "date")
            out.dateHeading = text(key, node);
        else if (part == "confirmed")
            out.confirmedHeading = text(key, node);
        else if (part == "yes")
            out.yes = texts(key, node);
        else if (part == "no")
            out.no = texts(key, node);
        else if (part == "means" && text(key, node) == "opt-out")
            out.meaning = Meaning::optOut;
        else if (part == "means" && text(key, node) == "objection")
            out.meaning = Meaning::objection;
        else if (part != "means" || text(key, node) != "answer")
            wrong(node, key + "." + std::string(part), "is not known for a permission");
    }

    void constant(std::string_view name, const toml::node& node) {
        const std::optional<Field> field = fieldOf(name);
        if (!field)
            return wrong(node, "constants." + std::string(name), "names no field that exists");
        _out.constants.emplace_back(*field, text(name, node));
    }

    void values(std::string_view name, const toml::node& node) {
        if (name == "yes")
            _out.yes = texts(name, node);
        else if (name == "no")
            _out.no = texts(name, node);
        else if (name == "objected")
            _out.objected = texts(name, node);
        else
            wrong(node, "values." + std::string(name), "is not one of yes, no, objected");
    }

    std::string text(std::string_view key, const toml::node& node) {
        if (const auto value = node.value<std::string>(); value && value->size() <= 1024)
            return *value;
        wrong(node, key, "has to be text");
        return {};
    }

    std::vector<std::string> texts(std::string_view key, const toml::node& node) {
        std::vector<std::string> out;
        const toml::array* array = node.as_array();
        if (array == nullptr || array->size() > 256) {
            wrong(node, key, "has to be a list of texts");
            return out;
        }
        for (const toml::node& item : *array) out.push_back(text(key, item));
        return out;
    }

    void wrong(const toml::node& node, std::string_view key, std::string_view why) {
        if (_error) return;
        const auto line = node.source().begin.line;
        _error =
            Error{Code::invalid,
                  "the mapping's key " + std::string(key.substr(0, 100)) + " " + std::string(why),
                  std::string(_file) + ":" + std::to_string(line)};
    }

    std::string_view _file;
    Mapping _out;
    std::optional<Error> _error;
};

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20 || byte == 0x7F) {
            constexpr std::string_view kHex = "0123456789ABCDEF";
            out += "\\u00";
            out += kHex[byte >> 4U];
            out += kHex[byte & 15U];
        } else {
            out += c;
        }
    }
    return out + "\"";
}

void list(std::ostream& out, std::string_view key, const std::vector<std::string>& items,
          std::string_view end) {
    if (items.empty()) return;
    out << key << " = [";
    for (std::size_t i = 0; i < items.size(); ++i) out << (i == 0 ? "" : ", ") << quoted(items[i]);
    out << "]" << end;
}

void line(std::ostream& out, std::string_view key, std::string_view value) {
    if (!value.empty()) out << key << " = " << quoted(value) << "\n";
}

void permission(std::ostream& out, const ColumnMapping& column) {
    out << "{ purpose = " << quoted(column.purpose) << ", channel = " << quoted(column.channel);
    if (column.meaning != Meaning::answer)
        out << ", means = "
            << (column.meaning == Meaning::optOut ? "\"opt-out\"" : "\"objection\"");
    if (!column.dateHeading.empty()) out << ", date = " << quoted(column.dateHeading);
    if (!column.confirmedHeading.empty())
        out << ", confirmed = " << quoted(column.confirmedHeading);
    list(out, ", yes", column.yes, "");
    list(out, ", no", column.no, "");
    out << " }";
}

} // namespace

std::string_view fieldName(Field field) noexcept {
    for (const auto& [known, name] : kNames) {
        if (known == field) return name;
    }
    return "ignore";
}

Result<Mapping> Mapping::parse(std::string_view toml, std::string_view fileName) {
    if (toml.size() > kFileMaxBytes)
        return fail(Code::tooLarge, "the mapping file is larger than 256 KiB",
                    std::string(fileName));
    if (const auto safe = guardToml(toml, fileName); !safe) return passOn(safe);
    // toml++ throws; what it throws is an outcome here.
    try {
        return Reader(fileName).read(toml::parse(toml));
    } catch (const toml::parse_error& error) {
        return fail(Code::invalid,
                    "the mapping file is no TOML: " + std::string(error.description()),
                    std::string(fileName) + ":" + std::to_string(error.source().begin.line));
    } catch (const std::runtime_error&) { // its assertions (CMakeLists.txt)
        return fail(Code::invalid, "the mapping file is no TOML", std::string(fileName));
    }
}

std::string Mapping::toToml() const {
    std::ostringstream out;
    out << "format = 1\n";
    line(out, "source", source);
    line(out, "language", language);
    line(out, "country", country);
    line(out, "encoding", table.encoding);
    line(out, "sheet", table.sheet);
    if (table.delimiter != '\0') line(out, "delimiter", std::string_view(&table.delimiter, 1));
    list(out, "dates", dates, "\n");
    out << "group = " << (group ? "true" : "false") << "\n\n[columns]\n";
    for (const ColumnMapping& column : columns) {
        out << quoted(column.heading) << " = ";
        if (column.field == Field::permission)
            permission(out, column);
        else
            out << quoted(fieldName(column.field));
        out << "\n";
    }
    if (!constants.empty()) out << "\n[constants]\n";
    for (const auto& [field, value] : constants)
        out << quoted(fieldName(field)) << " = " << quoted(value) << "\n";
    if (!yes.empty() || !no.empty() || !objected.empty()) out << "\n[values]\n";
    list(out, "yes", yes, "\n");
    list(out, "no", no, "\n");
    list(out, "objected", objected, "\n");
    return out.str();
}

} // namespace souffleur::intake
