#include "plugin/intake/RecordReader.h"

#include <algorithm>
#include <sstream>

#include "tests/support/Property.h"
#include "tests/unit/plugin/intake/Tables.h"

using namespace souffleur;
using namespace souffleur::intake;

namespace {

const TimeMs kNow = parseTime("2026-11-22").value();

struct Out {
    Result<ReadResult> result = fail(Code::internal, "not run");
    std::vector<Record> records;
    std::vector<Reject> rejects;
};

Out readText(const std::string& text, const std::optional<Mapping>& mapping = {}) {
    Out out;
    CsvTable table = csv(text);
    out.result = readRecords(
        table, mapping, kNow,
        [&](Record&& record) {
            out.records.push_back(std::move(record));
            return true;
        },
        [&](const Reject& reject) { out.rejects.push_back(reject); });
    return out;
}

std::string day(const std::optional<TimeMs>& at) {
    return at ? formatTime(*at).substr(0, 10) : "-";
}

} // namespace

TEST_CASE("headings of seven languages are guessed") {
    const char* files[] = {
        "Klantnummer;Aanhef;Voornaam;Tussenvoegsel;Achternaam;E-mailadres;Mobiel;Straat;Huisnummer;"
        "Postcode;Plaats;Land\n"
        "7;mevr.;Anna;van den;Berg;anna@example.org;06 12 00 00 12;Korte "
        "Straat;1;1234ab;Delft;Nederland\n",
        "Customer number,Title,First name,Last name,Email,Mobile,Address,Postcode,City,Country\n"
        "7,mevr.,Anna,van den Berg,anna@example.org,0031 6 12000012,Korte Straat "
        "1,1234AB,Delft,NL\n",
        "Kundennummer;Anrede;Vorname;Name;E-Mail-Adresse;Handy;Straße;PLZ;Ort;Land\n"
        "7;Frau;Anna;van den Berg;anna@example.org;+31612000012;Korte Straat 1;1234 "
        "AB;Delft;Niederlande\n",
        "Numéro client;Civilité;Prénom;Nom;Courriel;Portable;Adresse;Code postal;Ville;Pays\n"
        "7;Mme;Anna;van den Berg;anna@example.org;+31612000012;Korte Straat 1;1234 "
        "AB;Delft;Pays-Bas\n",
        "Número de cliente;Nombre;Apellidos;Correo electrónico;Móvil;Dirección;Código "
        "postal;Ciudad;País\n"
        "7;Anna;van den Berg;anna@example.org;+31612000012;Korte Straat 1;1234 AB;Delft;Países "
        "Bajos\n",
        "Número de client;Nom;Cognoms;Correu electrònic;Mòbil;Adreça;Codi postal;Ciutat;País\n"
        "7;Anna;van den Berg;anna@example.org;+31612000012;Korte Straat 1;1234 AB;Delft;Països "
        "Baixos\n",
        "Номер клиента;Имя;Фамилия;Эл. почта;Мобильный телефон;Улица;Индекс;Город;Страна\n"
        "7;Anna;van den Berg;anna@example.org;+31612000012;Korte Straat 1;1234 "
        "AB;Delft;Нидерланды\n",
    };
    for (const char* file : files) {
        CAPTURE(std::string(file));
        const Out out = readText(file);
        REQUIRE(out.result);
        REQUIRE(out.records.size() == 1);
        const Record& record = out.records[0];
        CHECK(record.row == 2);
        CHECK(record.sourceId == "7");
        CHECK(record.name.display() == "Anna van den Berg");
        CHECK(record.name.family == "Berg");
        CHECK(record.emails.at(0).canonical == "anna@example.org");
        CHECK(record.phones.at(0).e164 == "+31612000012");
        REQUIRE(record.address);
        CHECK(record.address->display() == "Korte Straat 1, 1234 AB Delft");
        CHECK(record.warnings.empty());
    }
}

TEST_CASE("permissions: yes, no, dates, confirmation, opt-out and objection") {
    const Out out = readText("Naam;E-mail;Nieuwsbrief;Nieuwsbrief datum;Nieuwsbrief "
                             "bevestigd;SMS;Afgemeld op;Niet benaderen\n"
                             "Jan Jansen;jan@example.org;ja;01-02-2024;nee;N;;\n"
                             "Piet Pieters;piet@example.org;J;31-02-2024;ja;;;\n"
                             "Marie Maas;marie@example.org;misschien;;;;12-03-2023;x\n"
                             "Kees Kok;kees@example.org;;01-02-2024;;✓;;nee\n"
                             "Lies Lof;lies@example.org;ДА;01-02-2099;;нет;nee;ja\n");
    REQUIRE(out.result);
    REQUIRE(out.records.size() == 5);
    const auto text = [](const Record& record) {
        std::string line;
        for (const Permission& p : record.permissions) {
            line += p.purpose + "/" + p.channel +
                    (p.answer == Answer::given     ? "+"
                     : p.answer == Answer::refused ? "-"
                     : p.answer == Answer::unclear ? "?"
                                                   : "!") +
                    day(p.at) + (p.confirmed ? *p.confirmed ? "c" : "u" : "") + " ";
        }
        return line;
    };
    CHECK(text(out.records[0]) == "newsletter/email+2024-02-01u last-minute/sms-- ");
    CHECK(text(out.records[1]) == "newsletter/email+-c ");
    CHECK(out.records[1].warnings.size() == 1);
    CHECK(text(out.records[2]) == "newsletter/email?- */*-2023-03-12 */*!- ");
    CHECK(out.records[2].warnings.size() == 1); // an unclear answer is no yes
    CHECK(text(out.records[3]) == "last-minute/sms+- ");
    CHECK(text(out.records[4]) == "newsletter/email+-u last-minute/sms-- */*!- ");
    for (const Record& record : out.records) {
        for (const std::string& warning : record.warnings)
            CHECK(warning.find("misschien") == std::string::npos);
    }
}

TEST_CASE("a name that cannot be taken leaves the no of its row standing") {
    const Out out = readText("Klantnummer;Voornaam;Achternaam;E-mail;Nieuwsbrief\n"
                             "7;Jan;=Vos();jan@example.org;nee\n"
                             "8;;@Bos;;nee\n"
                             "9;;=Maas;;ja\n"
                             ";;=Dam;;nee\n"
                             "10;Eva;=Dam;eva@example.org;ja\n");
    REQUIRE(out.result);
    REQUIRE(out.records.size() == 2);
    CHECK(out.records[0].name.empty());
    CHECK(out.records[0].permissions.at(0).answer == Answer::refused);
    CHECK(out.records[0].warnings.size() == 1);
    CHECK(out.records[1].sourceId == "8"); // its customer number says whose no it is
    CHECK(out.records[1].permissions.at(0).answer == Answer::refused);
    CHECK(out.rejects.size() == 3); // a yes under no name, twice, and a no of nobody
}

TEST_CASE("orders of one person on consecutive rows are one record") {
    const Out out =
        readText("Klantnummer;Naam;E-mail;Ordernummer;Orderdatum;Voorstelling;Genre;Bedrag\n"
                 "1;Jan Jansen;jan@example.org;A1;01-02-2024;Hamlet;toneel;€ 42,50\n"
                 "1;Jan Jansen;jan@example.org;A2;01-03-2024;Tosca;opera;1.234,00\n"
                 "2;Piet Pieters;;A3;2024-04-01 20:15;Macbeth;toneel;12,-\n"
                 "1;Jan Jansen;jan2@example.org;A4;onbekend;Medea;toneel;gratis\n");
    REQUIRE(out.result);
    REQUIRE(out.records.size() == 3);
    REQUIRE(out.records[0].orders.size() == 2);
    CHECK(out.records[0].orders[0].amountCents == 4250);
    CHECK(out.records[0].orders[1].amountCents == 123400);
    CHECK(out.records[1].orders.at(0).amountCents == 1200);
    CHECK(day(out.records[1].orders.at(0).at) == "2024-04-01");
    CHECK(out.records[2].row == 5);
    CHECK(out.records[2].warnings.size() == 2);
    CHECK(out.result->counts.rows == 4);
    CHECK(out.result->counts.records == 3);
}

TEST_CASE("rows that are none, and why") {
    const Out out = readText("Voornaam,Achternaam,E-mail,Telefoon\n"
                             "Jan,Jansen,jan@example.org,0612000012\n"
                             ",,,\n"
                             ",,geen,geen\n"
                             "Jan,Jansen,x@example.org,0612000012,extra\n"
                             "\"=HYPERLINK(\"\"http://example.org\"\")\",x,a@example.org,\n"
                             "" +
                             repeated(300, 'x') +
                             ",Jansen,b@example.org,\n"
                             ",,only@example.org,\n"
                             "piet@example.org,Pieters,0612000013,piet2@example.org\n");
    REQUIRE(out.result);
    REQUIRE(out.records.size() == 3);
    CHECK(out.records[1].name.empty());
    CHECK(out.records[1].emails.at(0).canonical == "only@example.org");
    // fields swapped: everything found its place
    CHECK(out.records[2].emails.size() == 2);
    CHECK(out.records[2].phones.size() == 1);
    CHECK(out.records[2].name.family == "Pieters");
    REQUIRE(out.rejects.size() == 5);
    CHECK(out.rejects[0].row == 3);
    CHECK(out.rejects[2].reason.find("more cells") != std::string::npos);
    CHECK(out.rejects[3].reason.find("formula") != std::string::npos);
    CHECK(out.rejects[4].reason.find("200") != std::string::npos);

    std::ostringstream file;
    RejectsWriter writer(file);
    writer.begin(out.result->headings);
    for (const Reject& reject : out.rejects) writer.write(reject);
    CsvTable again = csv(file.str());
    const Read read = readAll(again);
    REQUIRE(read.rows.size() == 6);
    CHECK(read.rows[0].cells[1] == "reason");
    CHECK(read.rows[4].cells[2] == "'=HYPERLINK(\"http://example.org\")");
}

TEST_CASE(
    "the rejects come with the delimiter of the source, so that what is mended reads the same") {
    for (const char delimiter : {',', ';', '\t', '|'}) {
        CAPTURE(delimiter);
        std::string text = "nr;naam;email\n1;;bad\n";
        std::replace(text.begin(), text.end(), ';', delimiter);
        CsvTable source = csv(text);
        CHECK(source.delimiter() == '\0');
        std::ostringstream file;
        RejectsWriter writer(file);
        char seen = '\0';
        const auto result = readRecords(
            source, std::nullopt, kNow, [](Record&&) { return true; },
            [&](const Reject& reject) {
                seen = source.delimiter();
                writer.begin({"nr", "naam", "email"}, seen);
                writer.write(reject);
            });
        REQUIRE(result);
        CHECK(seen == delimiter);
        CsvTable again = csv(file.str());
        const Read read = readAll(again);
        CHECK(read.info->delimiter == delimiter);
        REQUIRE(read.rows.size() == 2);
        CHECK(read.rows[1].cells[4] == "bad");
    }
}

TEST_CASE("cells are harmless to a spreadsheet") {
    const std::pair<const char*, const char*> cells[] = {
        {"", ""},
        {"plain", "plain"},
        {"=1+1", "'=1+1"},
        {"+31", "'+31"},
        {"-1", "'-1"},
        {"@SUM(1)", "'@SUM(1)"},
        {"a,b", "\"a,b\""},
        {"a\"b", "\"a\"\"b\""},
        {"\t=1", "\"'\t=1\""},
        {"\r=1", "\"'\r=1\""},
        {"a;b", "\"a;b\""},
    };
    for (const auto& [text, cell] : cells) CHECK(csvCell(text) == cell);
}

TEST_CASE("dates") {
    const std::pair<const char*, const char*> good[] = {
        {"2024-02-29", "2024-02-29T00:00:00.000Z"},
        {"29-02-2024", "2024-02-29T00:00:00.000Z"},
        {"1/2/2024", "2024-02-01T00:00:00.000Z"},
        {"01.02.2024 20:15", "2024-02-01T20:15:00.000Z"},
        {" 2024-02-01T20:15:30 ", "2024-02-01T20:15:30.000Z"},
        {"2024-02-01T20:15:30+01:00", "2024-02-01T19:15:30.000Z"},
        {"01-02-24", "2024-02-01T00:00:00.000Z"},
        {"01-02-99", "1999-02-01T00:00:00.000Z"},
        {"2024-02-01 20:15:30", "2024-02-01T20:15:30.000Z"},
    };
    for (const auto& [text, time] : good) {
        CAPTURE(std::string(text));
        CHECK(formatTime(readDate(text).value()) == time);
    }
    for (const char* text : {"", "0000-00-00", "30-02-2024", "2024-13-01", "onbekend", "20240201x",
                             "45000", "1/2", "2024-02-01 25:00", "01-02-1850"})
        CHECK_FALSE(readDate(text));
    CHECK(formatTime(readDate("12/31/2024", {"%m/%d/%Y"}).value()).substr(0, 10) == "2024-12-31");
    CHECK(formatTime(readDate("02/01/2024", {"%m/%d/%Y"}).value()).substr(0, 10) == "2024-02-01");
}

TEST_CASE("amounts") {
    const std::pair<const char*, std::int64_t> good[] = {
        {"12", 1200},         {"12,5", 1250},          {"12.50", 1250},   {"€ 1.234,56", 123456},
        {"1,234.56", 123456}, {"12,-", 1200},          {"-12,50", -1250}, {"1.234", 123400},
        {"EUR 0,00", 0},      {"1 234,50 ₽", 123450}};
    for (const auto& [text, cents] : good) {
        CAPTURE(std::string(text));
        CHECK(readAmount(text).value() == cents);
    }
    for (const char* text : {"", "gratis", "12-13", "9999999999999999999"})
        CHECK_FALSE(readAmount(text));
}

TEST_CASE("a mapping file") {
    const char* file = "format = 1\nsource = \"kassa 2026\"\nlanguage = \"ca\"\ncountry = "
                       "\"ES\"\ndates = [\"%m/%d/%Y\"]\n"
                       "group = false\ndelimiter = \"|\"\n[columns]\n\"Wie\" = "
                       "\"name.full\"\n\"Post\" = \"email\"\n"
                       "\"Wil\" = { purpose = \"newsletter\", channel = \"email\", date = "
                       "\"Toen\", yes = [\"graag\"], no = [\"ja\"] }\n"
                       "\"Weg\" = { means = \"objection\" }\n[constants]\n\"address.city\" = "
                       "\"Girona\"\n[values]\nno = [\"liever niet\"]\n";
    const auto mapping = Mapping::parse(file, "mapping.toml");
    REQUIRE(mapping);
    CHECK(mapping->table.delimiter == '|');
    const Out out =
        readText("Wie|Post|Wil|Toen|Weg\nMontserrat Roca i Puig|m@example.org|Graag|02/01/2024|\n"
                 "Jordi Vila Serra|j@example.org|liever niet||\nPau Font|p@example.org|ja||ja\n",
                 *mapping);
    REQUIRE(out.result);
    REQUIRE(out.records.size() == 3);
    CHECK(out.records[0].name.secondFamily == "Puig");
    CHECK(out.records[0].language == "ca");
    CHECK(out.records[0].source == "kassa 2026");
    CHECK(out.records[0].permissions.at(0).answer == Answer::given);
    CHECK(out.records[0].permissions.at(0).source == "kassa 2026: Wil");
    CHECK(day(out.records[0].permissions.at(0).at) == "2024-02-01");
    CHECK(out.records[1].permissions.at(0).answer == Answer::refused);
    CHECK(out.records[2].permissions.at(1).answer == Answer::refused); // the house's own word
    CHECK(out.records[2].permissions.at(0).answer == Answer::objected);

    const auto again = Mapping::parse(mapping->toToml(), "again.toml");
    REQUIRE(again);
    CHECK(again->toToml() == mapping->toToml());
    CHECK(readText("Naam\nJan\n", *mapping).result.error().message.find("Post") !=
          std::string::npos);
}

TEST_CASE("a mapping file with a mistake says where") {
    const std::pair<const char*, const char*> files[] = {
        {"format = 1\n[columns]\n\"Naam\" = \"nmae\"\n", "m.toml:3"},
        {"format = 1\n[columns]\n\"Naam\" = 7\n", "m.toml:3"},
        {"format = 1\nfoo = 1\n[columns]\n\"Naam\" = \"name.full\"\n", "m.toml:2"},
        {"format = 1\n[columns\n", "m.toml:2"},
        {"format = 1\n[columns]\n\"N\" = { purpose = \"newsletter\" }\n", "m.toml:3"},
        {"format = 2\n[columns]\n\"Naam\" = \"name.full\"\n", "m.toml"},
        {"format = 1\n", "m.toml:1"},
        {"format = 1\ndelimiter = \"x\"\n[columns]\n\"Naam\" = \"name.full\"\n", "m.toml:2"},
    };
    for (const auto& [file, where] : files) {
        CAPTURE(std::string(file));
        const auto mapping = Mapping::parse(file, "m.toml");
        REQUIRE_FALSE(mapping);
        CHECK(mapping.error().where == where);
    }
    CHECK_FALSE(Mapping::parse("[[[", "m.toml"));
    CHECK_FALSE(Mapping::parse("a = {", "m.toml"));
    CHECK(Mapping::guess({"foo", "bar"}).error().code == Code::invalid);
    CHECK(readText("").result.error().code == Code::invalid);
}

PROPERTY("no row is lost: every one is in a record or a reject",
         [](const std::vector<std::vector<std::string>>& rows) {
             std::string text = "Voornaam,Achternaam,E-mail,Nieuwsbrief\n";
             std::size_t count = 0;
             for (const auto& row : rows) {
                 std::string line;
                 for (const std::string& cell : row) {
                     if (cell.find('\0') == std::string::npos)
                         line += (line.empty() ? "" : ",") + csvCell(cell);
                 }
                 if (line.empty()) continue;
                 text += line + "\n";
                 ++count;
             }
             const Out out = readText(text);
             if (out.result) { // control characters may well look like a binary file
                 RC_ASSERT(out.records.size() + out.rejects.size() == out.result->counts.rows);
                 RC_ASSERT(out.result->counts.rows <= count + 1000);
             }
         });
