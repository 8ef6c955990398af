#include "plugin/intake/CsvTable.h"

#include <csv.h>

#include <algorithm>
#include <cstring>
#include <istream>

#include "plugin/contact/Text.h"
#include "plugin/intake/Decoder.h"

namespace souffleur::intake {
namespace {

constexpr std::size_t kHeadBytes = 64 * 1024;
constexpr std::size_t kChunkBytes = 64 * 1024;
/// A line may hold many cells, but a file without a line end is no table.
constexpr std::string_view kDelimiters = ",;\t|";

/// libcsv's callbacks are C; this is what their void* is.
class Rows {
public:
    Rows(const RowSink& sink, const Decoder& decoder, bool strictUtf8)
        : _sink(sink), _decoder(decoder), _strictUtf8(strictUtf8) {}

    void cell(const char* text, std::size_t length) {
        if (_row.cells.empty() && !_begun) {
            _row.number = rowLine;
            _begun = true;
        }
        if (length > kCellMaxBytes) tooLarge = true;
        if (_row.cells.size() == kColumnsMax) {
            _row.problem = "the row has more than 512 cells";
            return;
        }
        if (std::memchr(text, '\0', length) != nullptr) _row.problem = "the row holds NUL bytes";
        _row.cells.push_back(decoded({text, length}));
    }

    void end() {
        if (!_begun) return;
        repaired += _repairedRow ? 1 : 0;
        ++count;
        if (!stopped && !_sink(_row)) stopped = true;
        _row = {};
        _begun = false;
        _repairedRow = false;
    }

    std::uint64_t line = 1;    ///< being fed
    std::uint64_t rowLine = 1; ///< the open row began on
    std::uint64_t count = 0;
    std::uint64_t repaired = 0;
    bool stopped = false;
    bool tooLarge = false;

private:
    std::string decoded(std::string_view text) {
        if (!_strictUtf8) return _decoder.whole(text);
        if (contact::isUtf8(text)) return std::string(text);
        _repairedRow = true;
        return _decoder.whole(text);
    }

    const RowSink& _sink;
    const Decoder& _decoder;
    bool _strictUtf8;
    TableRow _row;
    bool _begun = false;
    bool _repairedRow = false;
};

void onCell(void* text, std::size_t length, void* rows) {
    static_cast<Rows*>(rows)->cell(static_cast<const char*>(text), length);
}

void onRow(int /*end*/, void* rows) {
    static_cast<Rows*>(rows)->end();
}

struct CsvParser {
    CsvParser() {
        if (csv_init(&parser, CSV_APPEND_NULL) != 0) throw std::bad_alloc();
        csv_set_blk_size(&parser, 1024);
    }
    ~CsvParser() { csv_free(&parser); }
    CsvParser(const CsvParser&) = delete;
    CsvParser& operator=(const CsvParser&) = delete;

    csv_parser parser{};
};

std::string readSome(std::istream& in, std::size_t bytes) {
    std::string out(bytes, '\0');
    in.read(out.data(), static_cast<std::streamsize>(bytes));
    out.resize(static_cast<std::size_t>(in.gcount()));
    return out;
}

/// Feeds line by line, so that every row knows the line it began on.
class Feeder {
public:
    Feeder(csv_parser& parser, Rows& rows, char lineEnd)
        : _parser(parser), _rows(rows), _lineEnd(lineEnd), _betweenRows(parser.pstate) {}

    Result<void> feed(std::string_view text) {
        while (!text.empty() && !_rows.stopped) {
            const std::size_t end = text.find(_lineEnd);
            const std::size_t length = end == std::string_view::npos ? text.size() : end + 1;
            if (_parser.pstate == _betweenRows) _rows.rowLine = _rows.line;
            if (csv_parse(&_parser, text.data(), length, onCell, onRow, &_rows) != length)
                throw std::bad_alloc();
            if (_rows.tooLarge || _parser.entry_pos > kCellMaxBytes)
                return fail(Code::tooLarge,
                            "a cell is larger than 64 KiB; perhaps a quotation mark is not closed",
                            "line " + std::to_string(_rows.line));
            if (end != std::string_view::npos) ++_rows.line;
            text.remove_prefix(length);
        }
        return {};
    }

private:
    csv_parser& _parser;
    Rows& _rows;
    char _lineEnd;
    int _betweenRows; ///< what libcsv calls the state of a fresh parser
};

std::size_t bomBytes(std::string_view head, std::string_view encoding) noexcept {
    if (encoding == "utf-8" && head.starts_with("\xEF\xBB\xBF")) return 3;
    if ((encoding == "utf-16le" && head.starts_with("\xFF\xFE")) ||
        (encoding == "utf-16be" && head.starts_with("\xFE\xFF")))
        return 2;
    return 0;
}

/// "sep=;" as Excel writes it on a line of its own; the delimiter, and how many bytes to skip.
std::pair<char, std::size_t> excelSeparator(std::string_view text) {
    constexpr std::string_view kMark = "sep=";
    if (contact::asciiLower(text.substr(0, kMark.size())) != kMark) return {'\0', 0};
    const std::size_t end = text.find('\n');
    std::string_view rest = text.substr(kMark.size(), end - kMark.size());
    if (rest.ends_with('\r')) rest.remove_suffix(1);
    if (end == std::string_view::npos || rest.size() != 1 ||
        kDelimiters.find(rest[0]) == std::string_view::npos)
        return {'\0', 0};
    return {rest[0], end + 1};
}

std::uint64_t sizeOf(std::istream& in) {
    in.seekg(0, std::ios::end);
    const auto end = in.tellg();
    in.clear();
    in.seekg(0);
    return end < 0 ? 0 : static_cast<std::uint64_t>(end);
}

struct Position {
    std::uint64_t done;
    std::uint64_t total;
};

/// `text`: what was read already, decoded.
Result<void> feedAll(std::istream& in, std::string text, std::size_t skip, Decoder& decoder,
                     Rows& rows, Feeder& feeder, Position& position, const Progress& progress) {
    std::string_view view = std::string_view(text).substr(skip);
    for (;;) {
        if (Result<void> fed = feeder.feed(view); !fed) return fed;
        if (progress) progress(position.done, position.total);
        if (rows.stopped || !in) break;
        std::string chunk = readSome(in, kChunkBytes);
        position.done += chunk.size();
        text = decoder.wide() ? decoder.part(chunk, !in) : std::move(chunk);
        view = text;
    }
    if (in.bad()) return fail(Code::unavailable, "the file could not be read to its end");
    return {};
}

/// The table's delimiter: asked for, said by Excel, or found out.
char delimiterOf(char asked, char said, std::string_view text) {
    if (asked != '\0') return asked;
    return said != '\0' ? said : sniffDelimiter(text);
}

} // namespace

CsvTable::CsvTable(std::function<std::unique_ptr<std::istream>()> open, TableOptions options)
    : _open(std::move(open)), _options(std::move(options)) {}

Result<TableInfo> CsvTable::read(const RowSink& sink, const Progress& progress) {
    const std::unique_ptr<std::istream> in = _open();
    if (!in || !*in) return fail(Code::unavailable, "the file cannot be read");
    const std::uint64_t total = sizeOf(*in);
    std::string chunk = readSome(*in, kHeadBytes);
    if (const std::string reason = notATable(chunk); !reason.empty())
        return fail(Code::invalid, reason);

    TableInfo info{.format = "csv",
                   .encoding =
                       _options.encoding.empty() ? sniffEncoding(chunk) : _options.encoding};
    Result<Decoder> decoder =
        Decoder::make(info.encoding == "utf-8" ? "windows-1252" : info.encoding);
    if (!decoder) return passOn(decoder);
    const std::uint64_t done = chunk.size();
    chunk.erase(0, bomBytes(chunk, info.encoding));
    const bool wide = decoder->wide();
    std::string text = wide ? decoder->part(chunk, false) : std::move(chunk);

    const auto [separator, skip] = excelSeparator(text);
    info.delimiter = delimiterOf(_options.delimiter, separator, text);
    _delimiter = info.delimiter;
    CsvParser csv;
    csv_set_delim(&csv.parser, static_cast<unsigned char>(info.delimiter));
    // A tab is white space to libcsv, which would swallow the delimiter; cells are trimmed when
    // they are used.
    csv_set_space_func(&csv.parser, [](unsigned char c) { return c == ' ' ? 1 : 0; });
    Rows rows(sink, *decoder, info.encoding == "utf-8" || wide);
    rows.line += skip > 0 ? 1 : 0;
    Feeder feeder(csv.parser, rows, text.find('\n') == std::string::npos ? '\r' : '\n');
    Position position{done, total};
    if (const Result<void> fed =
            feedAll(*in, std::move(text), skip, *decoder, rows, feeder, position, progress);
        !fed)
        return passOn(fed);
    if (!rows.stopped) csv_fini(&csv.parser, onCell, onRow, &rows);
    info.rows = rows.count;
    info.repaired = wide ? 0 : rows.repaired;
    return info;
}

} // namespace souffleur::intake
