// What the first bytes of a file say about it.
#include <algorithm>
#include <array>
#include <fstream>
#include <vector>

#include "plugin/contact/Text.h"
#include "plugin/intake/CsvTable.h"
#include "plugin/intake/XlsxTable.h"

namespace souffleur::intake {
namespace {

constexpr std::size_t kSniffedLines = 30;

struct Signature {
    std::string_view bytes;
    std::string_view what;
};

using namespace std::string_view_literals;

constexpr Signature kSignatures[] = {
    {"\x89PNG\r\n\x1a\n"sv, "a PNG picture"},
    {"\xFF\xD8\xFF"sv, "a JPEG picture"},
    {"GIF8"sv, "a GIF picture"},
    {"%PDF-"sv, "a PDF document"},
    {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv, "an old Excel file (.xls)"},
    {"SQLite format 3\0"sv, "an SQLite database"},
    {"\x1F\x8B"sv, "a gzip archive"},
    {"7z\xBC\xAF\x27\x1C"sv, "a 7-Zip archive"},
    {"Rar!\x1A\x07"sv, "a RAR archive"},
    {"{\\rtf"sv, "a text document (RTF)"},
    {"\x7F"
     "ELF"sv,
     "a program"},
    {"MZ\x90"sv, "a program"},
};

/// How often `delimiter` stands outside quotation marks in each of the first lines.
std::vector<std::size_t> countPerLine(std::string_view text, char delimiter) {
    std::vector<std::size_t> out;
    std::size_t count = 0;
    bool quoted = false;
    bool any = false;
    for (const char c : text) {
        if (c == '"')
            quoted = !quoted;
        else if ((c == '\n' || c == '\r') && !quoted) {
            if (any) out.push_back(count);
            if (out.size() == kSniffedLines) return out;
            count = 0;
            any = false;
            continue;
        } else if (c == delimiter && !quoted)
            ++count;
        any = true;
    }
    if (any && out.empty()) out.push_back(count); // one line without an end
    return out;
}

std::string_view withoutCutLetter(std::string_view head) noexcept {
    std::size_t end = head.size();
    for (int back = 0; back < 3 && end > 0 && (head[end - 1] & 0xC0) == 0x80; ++back) --end;
    if (end > 0 && (head[end - 1] & 0x80) != 0) --end;
    return head.substr(0, end);
}

/// Text of a Cyrillic code page is runs of high bytes; of a Western one, single high bytes between
/// ASCII.
bool cyrillicRuns(std::string_view head) noexcept {
    std::size_t high = 0;
    std::size_t inRuns = 0;
    for (std::size_t i = 0; i < head.size(); ++i) {
        if ((head[i] & 0x80) == 0) continue;
        ++high;
        inRuns += (i > 0 && (head[i - 1] & 0x80) != 0) ||
                          (i + 1 < head.size() && (head[i + 1] & 0x80) != 0)
                      ? 1
                      : 0;
    }
    return high > 0 && inRuns * 10 > high * 7;
}

} // namespace

char sniffDelimiter(std::string_view head) {
    char best = ',';
    std::size_t bestScore = 0;
    for (const char delimiter : {',', ';', '\t', '|'}) {
        const std::vector<std::size_t> counts = countPerLine(head, delimiter);
        if (counts.empty() || counts.front() == 0) continue;
        // Lines that agree with the heading count most, then how many columns it makes.
        const auto agreeing =
            static_cast<std::size_t>(std::count(counts.begin(), counts.end(), counts.front()));
        const std::size_t score =
            agreeing * 1000 / counts.size() * 100 + std::min<std::size_t>(counts.front(), 99);
        if (score > bestScore) {
            bestScore = score;
            best = delimiter;
        }
    }
    return best;
}

std::string sniffEncoding(std::string_view head) {
    if (head.starts_with("\xEF\xBB\xBF")) return "utf-8";
    if (head.starts_with("\xFF\xFE")) return "utf-16le";
    if (head.starts_with("\xFE\xFF")) return "utf-16be";
    std::size_t evenNul = 0;
    std::size_t oddNul = 0;
    for (std::size_t i = 0; i < head.size(); ++i) {
        if (head[i] == '\0') ++(i % 2 == 0 ? evenNul : oddNul);
    }
    const std::size_t quarter = head.size() / 4;
    if (oddNul > quarter && evenNul * 10 < oddNul) return "utf-16le";
    if (evenNul > quarter && oddNul * 10 < evenNul) return "utf-16be";
    if (contact::isUtf8(withoutCutLetter(head))) return "utf-8";
    return cyrillicRuns(head) ? "windows-1251" : "windows-1252";
}

std::string notATable(std::string_view head) {
    for (const Signature& signature : kSignatures) {
        if (head.starts_with(signature.bytes))
            return "this is " + std::string(signature.what) +
                   ", not a table; export it as CSV or XLSX";
    }
    const std::string start = contact::asciiLower(contact::trimmed(head.substr(0, 256)));
    if (start.starts_with("<!doctype html") || start.starts_with("<html"))
        return "this is a web page, not a table; export it as CSV or XLSX";
    if (start.starts_with("<?xml"))
        return "this is an XML file, not a table; export it as CSV or XLSX";
    const std::string encoding = sniffEncoding(head);
    if (!encoding.starts_with("utf-16")) {
        const auto controls = std::count_if(head.begin(), head.end(), [](char c) {
            const auto byte = static_cast<unsigned char>(c);
            return byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r';
        });
        if (static_cast<std::size_t>(controls) * 10 > head.size())
            return "this is a binary file, not a table; export it as CSV or XLSX";
    }
    return {};
}

Result<std::unique_ptr<Table>> openTable(const std::string& path, const TableOptions& options) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return fail(Code::notFound, "the file cannot be opened");
    std::string head(8, '\0');
    in.read(head.data(), static_cast<std::streamsize>(head.size()));
    if (in.bad() || (in.gcount() == 0 && !in.eof()))
        return fail(Code::unavailable, "the file cannot be read; is it a folder?");
    head.resize(static_cast<std::size_t>(in.gcount()));
    if (!looksLikeZip(head))
        return std::make_unique<CsvTable>(
            [path]() -> std::unique_ptr<std::istream> {
                return std::make_unique<std::ifstream>(path, std::ios::binary);
            },
            options);
    in.clear();
    in.seekg(0, std::ios::end);
    const auto size = static_cast<std::size_t>(std::max<std::streamoff>(0, in.tellg()));
    if (size > kXlsxMaxBytes)
        return fail(Code::tooLarge, "the workbook is larger than 64 MiB; export it as CSV");
    std::string bytes(size, '\0');
    in.seekg(0);
    in.read(bytes.data(), static_cast<std::streamsize>(size));
    if (!in) return fail(Code::unavailable, "the file could not be read to its end");
    return std::make_unique<XlsxTable>(std::move(bytes), options);
}

} // namespace souffleur::intake
