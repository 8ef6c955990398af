#include "plugin/intake/XlsxTable.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <exception>
#include <map>
#include <orcus/zip_archive.hpp>
#include <orcus/zip_archive_stream.hpp>

#include "plugin/contact/Text.h"
#include "plugin/intake/Xml.h"

namespace souffleur::intake {
namespace {

constexpr std::size_t kEntriesMax = 4096;
constexpr std::size_t kExcelColumns = 16384;

std::uint64_t littleEndian(std::string_view bytes, std::size_t at, std::size_t count) noexcept {
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < count; ++i)
        out |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
    return out;
}

/// What the central directory of the archive says it unpacks to (APPNOTE.TXT 4.3.12). Errors:
/// invalid, tooLarge.
Result<void> checkArchive(std::string_view zip) {
    constexpr std::size_t kEndBytes = 22;
    const std::size_t end = zip.rfind("PK\x05\x06");
    if (end == std::string_view::npos || end + kEndBytes > zip.size())
        return fail(Code::invalid, "the workbook is damaged or incomplete");
    std::size_t entries = std::min<std::size_t>(littleEndian(zip, end + 10, 2), kEntriesMax);
    std::size_t at = littleEndian(zip, end + 16, 4);
    std::uint64_t unpacked = 0;
    bool workbook = false;
    for (; entries > 0; --entries) {
        if (at + 46 > end || zip.substr(at, 4) != "PK\x01\x02")
            return fail(Code::invalid, "the workbook is damaged or incomplete");
        if ((littleEndian(zip, at + 8, 2) & 1U) != 0)
            return fail(Code::invalid,
                        "the workbook is protected with a password; save it without");
        const std::uint64_t packed = littleEndian(zip, at + 20, 4);
        const std::uint64_t size = littleEndian(zip, at + 24, 4);
        // Deflate cannot do better than about 1:1032.
        if (size > (packed + 64) * 1040) return fail(Code::invalid, "the workbook is damaged");
        unpacked += size;
        if (unpacked > kXlsxMaxUnpackedBytes)
            return fail(Code::tooLarge, "the workbook is too large; export it as CSV");
        const std::size_t nameBytes = littleEndian(zip, at + 28, 2);
        workbook |= zip.substr(at + 46, nameBytes) == "xl/workbook.xml";
        at += 46 + nameBytes + littleEndian(zip, at + 30, 2) + littleEndian(zip, at + 32, 2);
    }
    if (!workbook)
        return fail(Code::invalid, "this is an archive, not a workbook; export it as CSV or XLSX");
    return {};
}

/// Shortest text of a number as people would type it; whole numbers without a point.
std::string numberText(double value) {
    if (!std::isfinite(value)) return {};
    std::array<char, 64> buffer{};
    if (std::abs(value) < 1e15 && value == std::floor(value)) {
        const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(),
                                       static_cast<std::int64_t>(value));
        return {buffer.data(), end.ptr};
    }
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    return {buffer.data(), end.ptr};
}

std::string padded(int value, std::size_t width) {
    std::string out = std::to_string(value);
    return out.size() < width ? std::string(width - out.size(), '0') + out : out;
}

/// An Excel serial date as ISO 8601; the time only when there is one.
std::string dateText(double serial, bool since1904) {
    if (!(serial >= 1 && serial < 2957000)) // to the end of 9995
        return numberText(serial);
    auto days = static_cast<int>(serial);
    const auto seconds = static_cast<int>(std::lround((serial - days) * 86400));
    if (!since1904 && days < 60) ++days; // Excel believes in 29 February 1900, as Lotus 1-2-3 did
    const std::chrono::sys_days epoch =
        since1904 ? std::chrono::sys_days{std::chrono::year(1904) / 1 / 1}
                  : std::chrono::sys_days{std::chrono::year(1899) / 12 / 30};
    const std::chrono::sys_seconds moment =
        epoch + std::chrono::days(days) + std::chrono::seconds(seconds);
    const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(moment));
    std::string out = padded(static_cast<int>(date.year()), 4) + "-" +
                      padded(static_cast<int>(static_cast<unsigned>(date.month())), 2) + "-" +
                      padded(static_cast<int>(static_cast<unsigned>(date.day())), 2);
    const int inDay = seconds % 86400;
    if (inDay != 0)
        out += "T" + padded(inDay / 3600, 2) + ":" + padded(inDay / 60 % 60, 2) + ":" +
               padded(inDay % 60, 2);
    return out;
}

/// Style numbers whose cells hold dates (or times) as serial numbers.
class Styles final : public XmlHandler {
public:
    void start(std::string_view element, const XmlAttributes& attributes) override {
        if (element == "numFmt")
            _codes[number(attributes["numFmtId"])] = attributes["formatCode"];
        else if (element == "cellXfs")
            _inCells = true;
        else if (element == "xf" && _inCells)
            _cellFormats.push_back(number(attributes["numFmtId"]));
    }
    void end(std::string_view element) override { _inCells = _inCells && element != "cellXfs"; }
    void text(std::string_view /*text*/) override {}

    [[nodiscard]] bool isDate(std::size_t style) const {
        if (style >= _cellFormats.size()) return false;
        const std::size_t id = _cellFormats[style];
        // ECMA-376 part 1, 18.8.30: the built-in date and time formats.
        if ((id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) ||
            (id >= 50 && id <= 58))
            return true;
        const auto found = _codes.find(id);
        return found != _codes.end() && isDateCode(found->second);
    }

    static std::size_t number(std::string_view text) noexcept {
        std::size_t out = 0;
        std::from_chars(text.data(), text.data() + text.size(), out);
        return out;
    }

private:
    /// A year or day outside quotation marks, brackets and escapes.
    static bool isDateCode(std::string_view code) noexcept {
        bool quoted = false;
        bool bracket = false;
        for (std::size_t i = 0; i < code.size(); ++i) {
            const char c = code[i];
            if (c == '"')
                quoted = !quoted;
            else if (c == '\\')
                ++i;
            else if (c == '[' || c == ']')
                bracket = c == '[';
            else if (!quoted && !bracket &&
                     std::string_view("yYdD").find(c) != std::string_view::npos)
                return true;
        }
        return false;
    }

    std::map<std::size_t, std::string> _codes;
    std::vector<std::size_t> _cellFormats;
    bool _inCells = false;
};

class SharedStrings final : public XmlHandler {
public:
    void start(std::string_view element, const XmlAttributes& /*attributes*/) override {
        if (element == "si") strings.emplace_back();
        _phonetic += element == "rPh" ? 1 : 0;
        _inText = element == "t" && _phonetic == 0;
    }
    void end(std::string_view element) override {
        _phonetic -= element == "rPh" ? 1 : 0;
        _inText = false;
    }
    void text(std::string_view text) override {
        if (_inText && !strings.empty() && strings.back().size() <= kCellMaxBytes)
            strings.back() += text;
    }

    std::vector<std::string> strings;

private:
    int _phonetic = 0;
    bool _inText = false;
};

/// workbook.xml: the sheets and the date system.
class Workbook final : public XmlHandler {
public:
    void start(std::string_view element, const XmlAttributes& attributes) override {
        if (element == "workbookPr")
            since1904 = attributes["date1904"] == "1" || attributes["date1904"] == "true";
        else if (element == "sheet")
            sheets.emplace_back(attributes["name"], attributes["id"]);
    }
    void end(std::string_view /*element*/) override {}
    void text(std::string_view /*text*/) override {}

    bool since1904 = false;
    std::vector<std::pair<std::string, std::string>> sheets; ///< name, relationship
};

class Relationships final : public XmlHandler {
public:
    void start(std::string_view element, const XmlAttributes& attributes) override {
        if (element != "Relationship") return;
        const std::string_view target = attributes["Target"];
        const std::string path =
            target.starts_with('/') ? std::string(target.substr(1)) : "xl/" + std::string(target);
        byId[std::string(attributes["Id"])] = path;
        const std::string_view type = attributes["Type"];
        if (type.ends_with("/sharedStrings"))
            sharedStrings = path;
        else if (type.ends_with("/styles"))
            styles = path;
    }
    void end(std::string_view /*element*/) override {}
    void text(std::string_view /*text*/) override {}

    std::map<std::string, std::string> byId;
    std::string sharedStrings;
    std::string styles;
};

/// The rows of one sheet, handed out as they come.
class Sheet final : public XmlHandler {
public:
    Sheet(const SharedStrings& strings, const Styles& styles, bool since1904, const RowSink& sink)
        : _strings(strings), _styles(styles), _since1904(since1904), _sink(sink) {}

    void start(std::string_view element, const XmlAttributes& attributes) override {
        if (element == "row") {
            const std::size_t given = Styles::number(attributes["r"]);
            _row.number = given > 0 ? given : _row.number + 1;
            _row.cells.clear();
            _row.problem.clear();
            _column = 0;
        } else if (element == "c") {
            openCell(attributes);
        }
        _phonetic += element == "rPh" ? 1 : 0;
        _into = element == "v"                     ? &_value
                : element == "f"                   ? &_formula
                : element == "t" && _phonetic == 0 ? &_inline
                                                   : nullptr;
    }

    void end(std::string_view element) override {
        _phonetic -= element == "rPh" ? 1 : 0;
        _into = nullptr;
        if (element == "c")
            closeCell();
        else if (element == "row")
            closeRow();
    }

    void text(std::string_view text) override {
        if (_into == nullptr) return;
        if (_into->size() + text.size() > kCellMaxBytes)
            tooLarge = true;
        else
            *_into += text;
    }

    [[nodiscard]] bool done() const override { return tooLarge || _stopped; }
    [[nodiscard]] std::uint64_t row() const noexcept { return _row.number; }

    std::uint64_t count = 0;
    bool tooLarge = false;

private:
    void openCell(const XmlAttributes& attributes) {
        std::size_t column = 0;
        for (const char c : attributes["r"]) {
            if (c < 'A' || c > 'Z' || column > kExcelColumns) break;
            column = column * 26 + static_cast<std::size_t>(c - 'A' + 1);
        }
        _column = column > 0 ? column - 1 : _column;
        _type = attributes["t"];
        _style = Styles::number(attributes["s"]);
        _value.clear();
        _inline.clear();
        _formula.clear();
    }

    void closeCell() {
        const std::size_t column = _column++;
        std::string text = cellText();
        if (text.empty()) return;
        if (column >= kColumnsMax) {
            _row.problem = "the row has more than 512 cells";
            return;
        }
        if (!contact::isUtf8(text)) text = contact::cleanLine(text);
        if (_row.cells.size() <= column) _row.cells.resize(column + 1);
        _row.cells[column] = std::move(text);
    }

    [[nodiscard]] std::string cellText() const {
        if (_type == "s") {
            const std::size_t index = Styles::number(_value);
            return !_value.empty() && index < _strings.strings.size() ? _strings.strings[index]
                                                                      : std::string();
        }
        if (_type == "inlineStr") return _inline;
        if (_type == "b") return _value == "1" ? "true" : "false";
        if (_type == "e") return {}; // "#N/A"
        if (_value.empty()) return _formula.empty() ? std::string() : "=" + _formula;
        if (_type == "str" || _type == "d") return _value;
        double value = 0;
        const auto read = std::from_chars(_value.data(), _value.data() + _value.size(), value);
        if (read.ec != std::errc() || read.ptr != _value.data() + _value.size()) return _value;
        return _styles.isDate(_style) ? dateText(value, _since1904) : numberText(value);
    }

    void closeRow() {
        if (_row.cells.empty() && _row.problem.empty()) return;
        ++count;
        _stopped = !_sink(_row);
    }

    const SharedStrings& _strings;
    const Styles& _styles;
    bool _since1904;
    const RowSink& _sink;
    TableRow _row;
    std::size_t _column = 0;
    std::string _type;
    std::size_t _style = 0;
    std::string _value;
    std::string _inline;
    std::string _formula;
    std::string* _into = nullptr;
    int _phonetic = 0;
    bool _stopped = false;
};

/// orcus unpacks; it throws on a damaged archive, which is an outcome here.
class Archive {
public:
    explicit Archive(const std::string& bytes)
        : _stream(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()),
          _zip(&_stream) {}

    bool load() noexcept {
        try {
            _zip.load();
            return true;
        } catch (const std::exception&) {
            return false;
        }
    }

    /// A missing or damaged part is empty.
    std::string part(const std::string& name) const {
        try {
            std::vector<unsigned char> buffer;
            if (name.empty() || !_zip.read_file_entry(name, buffer)) return {};
            return {buffer.begin(), buffer.end()};
        } catch (const std::exception&) {
            return {};
        }
    }

    Result<void> read(const std::string& name, XmlHandler& handler) const {
        const std::string xml = part(name);
        if (xml.empty())
            return fail(Code::invalid, "the workbook is damaged; save it anew or export it as CSV");
        return parseXml(xml, handler);
    }

private:
    orcus::zip_archive_stream_blob _stream;
    orcus::zip_archive _zip;
};

} // namespace

XlsxTable::XlsxTable(std::string bytes, TableOptions options)
    : _bytes(std::move(bytes)), _options(std::move(options)) {}

Result<TableInfo> XlsxTable::read(const RowSink& sink, const Progress& progress) {
    if (_bytes.size() > kXlsxMaxBytes)
        return fail(Code::tooLarge, "the workbook is larger than 64 MiB; export it as CSV");
    if (const Result<void> archive = checkArchive(_bytes); !archive) return passOn(archive);
    Archive archive(_bytes);
    if (!archive.load()) return fail(Code::invalid, "the workbook is damaged or incomplete");
    Workbook book;
    Relationships relationships;
    if (const auto read = archive.read("xl/workbook.xml", book); !read) return passOn(read);
    if (const auto read = archive.read("xl/_rels/workbook.xml.rels", relationships); !read)
        return passOn(read);
    Styles styles;
    SharedStrings strings;
    for (const auto& [part, handler] : std::initializer_list<std::pair<std::string, XmlHandler*>>{
             {relationships.styles, &styles}, {relationships.sharedStrings, &strings}}) {
        if (part.empty()) continue;
        if (const auto read = archive.read(part, *handler); !read) return passOn(read);
    }
    const auto wanted =
        std::find_if(book.sheets.begin(), book.sheets.end(), [this](const auto& sheet) {
            return _options.sheet.empty() || sheet.first == _options.sheet;
        });
    if (wanted == book.sheets.end())
        return fail(Code::invalid,
                    "the workbook has no sheet of the name asked for; see the mapping's key sheet");
    TableInfo info{.format = "xlsx", .encoding = "utf-8"};
    const RowSink counted = [&](const TableRow& row) {
        if (progress && row.number % 1024 == 0) progress(0, 0);
        return sink(row);
    };
    Sheet sheet(strings, styles, book.since1904, counted);
    if (const auto read = archive.read(relationships.byId[wanted->second], sheet); !read)
        return passOn(read);
    if (sheet.tooLarge)
        return fail(Code::tooLarge, "a cell is larger than 64 KiB",
                    "row " + std::to_string(sheet.row()));
    if (progress) progress(_bytes.size(), _bytes.size());
    info.rows = sheet.count;
    return info;
}

bool looksLikeZip(std::string_view head) noexcept {
    return head.starts_with("PK\x03\x04");
}

} // namespace souffleur::intake
