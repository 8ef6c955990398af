// CsvTable, XlsxTable and what is sniffed.
#include "plugin/intake/Table.h"

#include <array>
#include <filesystem>
#include <fstream>

#include "tests/support/Property.h"
#include "tests/unit/plugin/intake/Tables.h"

using namespace souffleur;
using namespace souffleur::intake;

namespace souffleur::intake {
namespace {

std::uint32_t crc32(const std::string& bytes) {
    std::uint32_t crc = 0xFFFFFFFFU;
    for (const char c : bytes) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
    }
    return ~crc;
}

std::string little(std::uint64_t value, std::size_t bytes) {
    std::string out;
    for (std::size_t i = 0; i < bytes; ++i)
        out.push_back(static_cast<char>((value >> (8 * i)) & 0xFFU));
    return out;
}

} // namespace

std::string storedZip(const std::vector<std::pair<std::string, std::string>>& files) {
    std::string out;
    std::string directory;
    for (const auto& [name, content] : files) {
        const std::string common = little(20, 2) + little(0, 2) + little(0, 2) + little(0, 4) +
                                   little(crc32(content), 4) + little(content.size(), 4) +
                                   little(content.size(), 4) + little(name.size(), 2) +
                                   little(0, 2);
        directory += "PK\x01\x02" + little(20, 2) + common + little(0, 2) + little(0, 2) +
                     little(0, 2) + little(0, 4) + little(out.size(), 4) + name;
        out += "PK\x03\x04" + common + name + content;
    }
    const std::size_t start = out.size();
    out += directory;
    out += "PK\x05\x06" + little(0, 4) + little(files.size(), 2) + little(files.size(), 2) +
           little(directory.size(), 4) + little(start, 4) + little(0, 2);
    return out;
}

std::string workbook(const std::string& sheetData, const std::string& workbookProperties) {
    const std::string head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    const std::string main = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"";
    const std::string office =
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    return storedZip({
        {"[Content_Types].xml", head + "<Types/>"},
        {"xl/workbook.xml", head + "<workbook " + main + " xmlns:r=\"" + office + "\">" +
                                workbookProperties +
                                "<sheets><sheet name=\"Klanten\" sheetId=\"1\" "
                                "r:id=\"rId1\"/><sheet name=\"Leeg\" sheetId=\"2\" "
                                "r:id=\"rId4\"/></sheets></workbook>"},
        {"xl/_rels/workbook.xml.rels",
         head + "<Relationships><Relationship Id=\"rId1\" Type=\"" + office +
             "/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"rId2\" Type=\"" +
             office +
             "/sharedStrings\" Target=\"/xl/sharedStrings.xml\"/><Relationship Id=\"rId3\" "
             "Type=\"" +
             office + "/styles\" Target=\"styles.xml\"/><Relationship Id=\"rId4\" Type=\"" +
             office + "/worksheet\" Target=\"worksheets/sheet2.xml\"/></Relationships>"},
        {"xl/sharedStrings.xml",
         head + "<sst " + main +
             "><si><t>Naam</t></si><si><r><t>Ri</t></r><r><rPr><b/></rPr><t>ch</t></r>"
             "<rPh sb=\"0\" eb=\"1\"><t>phonetic</t></rPh></si><si><t xml:space=\"preserve\"> E "
             "&amp; mail </t></si></sst>"},
        {"xl/styles.xml",
         head + "<styleSheet " + main +
             "><numFmts count=\"2\"><numFmt numFmtId=\"164\" "
             "formatCode=\"dd\\-mm\\-yyyy;@\"/><numFmt numFmtId=\"165\" "
             "formatCode=\"[Red]0.00&quot; days&quot;\"/></numFmts><cellStyleXfs><xf "
             "numFmtId=\"14\"/></cellStyleXfs>"
             "<cellXfs count=\"4\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf "
             "numFmtId=\"164\"/><xf "
             "numFmtId=\"165\"/></cellXfs></styleSheet>"},
        {"xl/worksheets/sheet1.xml",
         head + "<worksheet " + main + "><sheetData>" + sheetData + "</sheetData></worksheet>"},
        {"xl/worksheets/sheet2.xml", head + "<worksheet " + main + "><sheetData/></worksheet>"},
    });
}
} // namespace souffleur::intake

TEST_CASE("csv: shapes") {
    struct Case {
        const char* text;
        const char* rows;
        char delimiter;
    };
    const Case cases[] = {
        {"a,b\n1,2\n", "1:a|b 2:1|2", ','},
        {"a;b\r\n1;2\r\n", "1:a|b 2:1|2", ';'},
        {"a\tb\n1\t2\n", "1:a|b 2:1|2", '\t'},
        {"a|b\n1|2", "1:a|b 2:1|2", '|'},
        {"a,b\r1,2\r", "1:a|b 2:1|2", ','},
        {"\xEF\xBB\xBF"
         "a,b\n1,2\n",
         "1:a|b 2:1|2", ','},
        {"sep=;\r\na;b\r\n1;2,5\r\n", "2:a|b 3:1|2,5", ';'},
        {"naam;bedrag\nJan;1,50\nPiet;2,75\n", "1:naam|bedrag 2:Jan|1,50 3:Piet|2,75", ';'},
        {"a,b\n\"1\n2\",\"x,\"\"y\"\"\"\n3,4\n", "1:a|b 2:1\n2|x,\"y\" 4:3|4", ','},
        {"a,b\n\n\n1,2\n", "1:a|b 4:1|2", ','},
        {"a,b\n1\n1,2,3\n", "1:a|b 2:1 3:1|2|3", ','},
        {"a,b\n,\n", "1:a|b 2:|", ','},
        {"a\tb\n\t2\n", "1:a|b 2:|2", '\t'},
        {"naam\nJan\n", "1:naam 2:Jan", ','},
        {"", "", ','},
    };
    for (const Case& c : cases) {
        CAPTURE(std::string(c.text));
        CsvTable table = csv(c.text);
        const Read read = readAll(table);
        REQUIRE(read.info);
        CHECK(read.text() == c.rows);
        CHECK(read.info->delimiter == c.delimiter);
        CHECK(read.info->rows == read.rows.size());
        CHECK(readAll(table).text() == read.text()); // may be read again
    }
}

TEST_CASE("csv: encodings") {
    const auto wide = [](const std::u16string& text, bool little, bool bom) {
        std::string out;
        for (const char16_t unit : (bom ? u"\xFEFF" + text : text)) {
            const auto low = static_cast<char>(unit & 0xFF);
            const auto high = static_cast<char>(unit >> 8);
            out += little ? std::string{low, high} : std::string{high, low};
        }
        return out;
    };
    struct Case {
        std::string bytes;
        const char* encoding;
        const char* rows;
    };
    const std::u16string text = u"naam;plaats\nЧехов;Ялта\nZoë;Ĳmuiden\n";
    const char* rows = "1:naam|plaats 2:Чехов|Ялта 3:Zoë|Ĳmuiden";
    const std::u16string plain = u"naam;plaats\nJan;Delft\n";
    const Case cases[] = {
        {"naam;plaats\nЧехов;Ялта\nZoë;Ĳmuiden\n", "utf-8", rows},
        {wide(text, true, true), "utf-16le", rows},
        {wide(text, false, true), "utf-16be", rows},
        {wide(plain, true, false), "utf-16le", "1:naam|plaats 2:Jan|Delft"},
        {wide(plain, false, false), "utf-16be", "1:naam|plaats 2:Jan|Delft"},
        {"naam;prijs\nZo\xEB;\x80 12\n", "windows-1252", "1:naam|prijs 2:Zoë|€ 12"},
        {"name;city\n\xD7\xE5\xF5\xEE\xE2;\xDF\xEB\xF2\xE0\n", "windows-1251",
         "1:name|city 2:Чехов|Ялта"},
    };
    for (const Case& c : cases) {
        CAPTURE(std::string(c.encoding));
        CsvTable table = csv(c.bytes);
        const Read read = readAll(table);
        REQUIRE(read.info);
        CHECK(read.info->encoding == c.encoding);
        CHECK(read.text() == c.rows);
    }
    CsvTable named = csv("naam\n\xC5\xBE\n", {.encoding = "iso-8859-2"});
    CHECK(readAll(named).text() == "1:naam 2:Ĺž");
    CsvTable unknown = csv("a,b\n", {.encoding = "klingon"});
    CHECK(readAll(unknown).info.error().code == Code::unsupported);
}

TEST_CASE("csv: a stray Windows-1252 row in a UTF-8 file is repaired and counted") {
    std::string text = "naam,plaats\n";
    while (text.size() < 70'000) // beyond what is sniffed
        text += "Zoë,Delft\n";
    CsvTable table = csv(text + "Zo\xEB,Delft\n");
    const Read read = readAll(table);
    REQUIRE(read.info);
    CHECK(read.info->repaired == 1);
    CHECK(read.rows.back().cells[0] == "Zoë");
}

TEST_CASE("csv: UTF-16 letters across the edges of what is read at once") {
    std::string bytes = "\xFF\xFE";
    std::size_t rows = 0;
    while (bytes.size() < 300'000) {
        for (const char16_t unit : std::u16string(u"Чехов;𝄞é\n")) {
            bytes += static_cast<char>(unit & 0xFF);
            bytes += static_cast<char>(unit >> 8);
        }
        ++rows;
    }
    CsvTable table = csv(bytes);
    const Read read = readAll(table);
    REQUIRE(read.info);
    REQUIRE(read.rows.size() == rows);
    for (const TableRow& row : read.rows)
        REQUIRE(row.cells == std::vector<std::string>{"Чехов", "𝄞é"});
}

TEST_CASE("csv: what is no table is refused in one clear line") {
    const std::pair<std::string, const char*> files[] = {
        {"\x89PNG\r\n\x1a\n" + repeated(100, 'x'), "PNG"},
        {"\xFF\xD8\xFF\xE0", "JPEG"},
        {"%PDF-1.7", "PDF"},
        {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", ".xls"},
        {"<!DOCTYPE html><html>", "web page"},
        {"\x1F\x8B\x08", "gzip"},
        {repeated(100, '\x01'), "binary"},
    };
    for (const auto& [bytes, word] : files) {
        CsvTable table = csv(bytes);
        const Read read = readAll(table);
        REQUIRE_FALSE(read.info);
        CHECK(read.info.error().code == Code::invalid);
        CHECK(read.info.error().message.find(word) != std::string::npos);
    }
}

TEST_CASE("csv: bounds") {
    CsvTable cell = csv("a,b\n1," + repeated(10 * 1024 * 1024, 'x') + "\n");
    CHECK(readAll(cell).info.error().code == Code::tooLarge);
    CsvTable open = csv("a,b\n1,2\n3,\"" + repeated(200'000, 'x') + "\n4,5\n");
    const Error error = readAll(open).info.error();
    CHECK(error.code == Code::tooLarge);
    CHECK(error.where == "line 3");
    CsvTable columns = csv(repeated(2000, ',') + "\n");
    CHECK(readAll(columns).rows.at(0).problem.find("512") != std::string::npos);
    CsvTable nul = csv(std::string("naam,plaats,email\nJan,De\0lft,x\nPiet,Gouda,y\n", 45));
    const Read read = readAll(nul);
    REQUIRE(read.info);
    CHECK_FALSE(read.rows.at(1).problem.empty());
    CHECK(read.rows.at(2).problem.empty());
    CsvTable stop = csv("a\nb\nc\n");
    std::size_t seen = 0;
    CHECK(stop.read([&](const TableRow&) { return ++seen < 2; }, {})->rows == 2);
    CsvTable none({[]() -> std::unique_ptr<std::istream> { return nullptr; }, {}});
    CHECK(readAll(none).info.error().code == Code::unavailable);
}

PROPERTY("csv: what is quoted comes back", [] {
    const auto cell =
        rc::gen::container<std::string>(rc::gen::element('a', 'b', ' ', ',', ';', '"', '\n', '\t'));
    const auto rows = *rc::gen::container<std::vector<std::vector<std::string>>>(
        rc::gen::container<std::vector<std::string>>(3, cell));
    std::string text = "one,two,three\n";
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            text += i == 0 ? "\"" : ",\"";
            for (const char c : row[i]) text += c == '"' ? std::string("\"\"") : std::string(1, c);
            text += "\"";
        }
        text += "\n";
    }
    CsvTable table = csv(text, {.delimiter = ','});
    const Read read = readAll(table);
    RC_ASSERT(read.info.has_value());
    RC_ASSERT(read.rows.size() == rows.size() + 1);
    for (std::size_t i = 0; i < rows.size(); ++i) RC_ASSERT(read.rows[i + 1].cells == rows[i]);
});

TEST_CASE("xlsx: strings, dates, numbers, formulas, gaps") {
    XlsxTable table(
        workbook("<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c><c "
                 "r=\"C1\" t=\"s\"><v>2</v></c></row>"
                 "<row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is><r><t>In</t></r><r><t> "
                 "line</t></r></is></c>"
                 "<c r=\"B2\" s=\"1\"><v>45000</v></c><c r=\"C2\" s=\"2\"><v>45000.75</v></c><c "
                 "r=\"D2\" s=\"3\"><v>12.5</v></c></row>"
                 "<row/>"
                 "<row r=\"5\"><c r=\"B5\"><v>612000012</v></c><c r=\"D5\" t=\"b\"><v>1</v></c><c "
                 "r=\"AA5\"><v>1E-2</v></c></row>"
                 "<row><c><f>1+1</f><v>2</v></c><c t=\"str\"><f>HYPERLINK(\"x\")</f><v>x &lt; "
                 "y</v></c><c><f>NOW()</f></c>"
                 "<c t=\"e\"><v>#N/A</v></c><c t=\"d\"><v>2024-01-02</v></c><c "
                 "s=\"1\"><v>1</v></c><c s=\"1\"><v>61</v></c></row>"),
        {});
    const Read read = readAll(table);
    REQUIRE(read.info);
    CHECK(read.info->format == "xlsx");
    CHECK(read.text() == "1:Naam|Rich| E & mail  2:In line|2023-03-15|2023-03-15T18:00:00|12.5 "
                         "5:|612000012||true" +
                             repeated(23, '|') +
                             "0.01 "
                             "6:2|x < y|=NOW()||2024-01-02|1900-01-01|1900-03-01");
}

TEST_CASE("xlsx: the date system of 1904 and sheets by name") {
    XlsxTable table(workbook("<row r=\"1\"><c r=\"A1\" s=\"1\"><v>43538</v></c></row>",
                             "<workbookPr date1904=\"1\"/>"),
                    {});
    CHECK(readAll(table).text() == "1:2023-03-15");
    XlsxTable empty(workbook("<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>"), {.sheet = "Leeg"});
    CHECK(readAll(empty).info->rows == 0);
    XlsxTable missing(workbook(""), {.sheet = "Weg"});
    CHECK(readAll(missing).info.error().code == Code::invalid);
}

TEST_CASE("xlsx: damaged, foreign and oversized workbooks") {
    const std::string good =
        workbook("<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>x</t></is></c></row>");
    for (std::size_t cut : {std::size_t{10}, good.size() / 2, good.size() - 10}) {
        XlsxTable table(good.substr(0, cut), {});
        CHECK(readAll(table).info.error().code == Code::invalid);
    }
    XlsxTable xml(workbook("<row r=\"1\"><c r=A1></c></row>"), {});
    CHECK(readAll(xml).info.error().code == Code::invalid);
    XlsxTable crossed(workbook("<row r=\"1\"><c r=\"A1\"><v>1</row>"), {});
    CHECK(readAll(crossed).info.error().code == Code::invalid);
    XlsxTable entities(
        workbook("<row r=\"1\"><c t=\"inlineStr\"><is><t>&#x416;&#38;&quot;&bad;&</t></is></c>"
                 "<c t=\"inlineStr\"><is><t><![CDATA[<b>]]><!-- x --></t></is></c></row>"),
        {});
    CHECK(readAll(entities).text() == "1:Ж&\"&bad;&|<b>");
    XlsxTable other(storedZip({{"word/document.xml", "<w/>"}}), {});
    CHECK(readAll(other).info.error().message.find("not a workbook") != std::string::npos);
    XlsxTable cell(workbook("<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>" +
                            repeated(70'000, 'x') + "</t></is></c></row>"),
                   {});
    CHECK(readAll(cell).info.error().code == Code::tooLarge);
    std::string bomb = good; // says that it unpacks to 4 GB
    for (std::size_t at = bomb.find("PK\x01\x02"); at != std::string::npos;
         at = bomb.find("PK\x01\x02", at + 1))
        bomb.replace(at + 24, 4, "\xFF\xFF\xFF\xFF");
    XlsxTable packed(bomb, {});
    CHECK_FALSE(readAll(packed).info);
}

PROPERTY("xlsx: no damaged part does harm", [] {
    std::string sheet =
        "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>x &amp; y</t></is></c></row><!-- -->";
    const int changes = *rc::gen::inRange(1, 4);
    for (int i = 0; i < changes; ++i)
        sheet[*rc::gen::inRange<std::size_t>(0, sheet.size())] = *rc::gen::element(
            '<', '>', '/', '!', '-', '"', '&', ';', '=', ' ', 'x', '\0', '[', ']', '?');
    XlsxTable table(workbook(sheet), {});
    const Read read = readAll(table);
    RC_ASSERT(!read.info || read.rows.size() <= 1);
});

PROPERTY("xlsx: no damaged byte does harm", [] {
    std::string bytes =
        workbook("<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>x</t></is></c></row>");
    const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
    bytes[at] = static_cast<char>(*rc::gen::inRange(0, 256));
    XlsxTable table(bytes, {});
    const Read read = readAll(table);
    RC_ASSERT(!read.info || read.rows.size() <= 1);
});

TEST_CASE("files are opened by what they hold") {
    const std::filesystem::path folder =
        std::filesystem::temp_directory_path() / ("souffleur-table-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    const auto write = [&](const char* name, const std::string& bytes) {
        std::ofstream(folder / name, std::ios::binary) << bytes;
        return (folder / name).string();
    };
    auto sheet =
        openTable(write("export.csv", workbook("<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>")));
    REQUIRE(sheet);
    CHECK(readAll(**sheet).info->format == "xlsx");
    auto text = openTable(write("export.xlsx", "a,b\n"));
    REQUIRE(text);
    CHECK(readAll(**text).info->format == "csv");
    CHECK(openTable((folder / "none").string()).error().code == Code::notFound);
    CHECK_FALSE(openTable(folder.string()));
    std::filesystem::remove_all(folder);
}
