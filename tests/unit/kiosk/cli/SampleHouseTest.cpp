#include "kiosk/cli/SampleHouse.h"

#include <memory>
#include <set>
#include <sstream>

#include "plugin/intake/CsvTable.h"
#include "plugin/intake/RecordReader.h"
#include "tests/support/Property.h"

using namespace souffleur;
using namespace souffleur::cli;

namespace {

const TimeMs kNow = parseTime("2026-11-22").value();

struct Import {
    Result<intake::ReadResult> result = fail(Code::internal, "not run");
    std::map<std::string, intake::Record> people;
    std::vector<intake::Reject> rejects;
};

Import import(const std::string& bytes) {
    Import out;
    intake::CsvTable table(
        [&]() -> std::unique_ptr<std::istream> {
            return std::make_unique<std::istringstream>(bytes);
        },
        {});
    out.result = intake::readRecords(
        table, {}, kNow,
        [&](intake::Record&& record) {
            out.people.emplace(record.sourceId, std::move(record));
            return true;
        },
        [&](const intake::Reject& reject) { out.rejects.push_back(reject); });
    return out;
}

std::string sample(const SampleOptions& options, SampleHouse& house) {
    std::ostringstream out;
    house = writeSampleHouse(out, options);
    return out.str();
}

const intake::Permission* newsletter(const intake::Record& record) {
    for (const intake::Permission& permission : record.permissions) {
        if (permission.purpose == "newsletter" && permission.channel == "email") return &permission;
    }
    return nullptr;
}

} // namespace

TEST_CASE("the sample house is the same for the same seed and another for another") {
    SampleHouse house;
    const std::string one = sample({.people = 200, .seed = 7, .now = kNow}, house);
    CHECK(one == sample({.people = 200, .seed = 7, .now = kNow}, house));
    CHECK(one != sample({.people = 200, .seed = 8, .now = kNow}, house));
}

TEST_CASE("the sample house imports without a mapping file, every row a record or a reject with a "
          "reason") {
    SampleHouse house;
    const Import in = import(sample({.people = 5000, .seed = 1, .now = kNow}, house));
    REQUIRE(in.result);
    CHECK(in.result->counts.rows == house.rows);
    CHECK(in.rejects.size() == house.rejects);
    CHECK(house.rejects > 0);
    CHECK(in.people.size() >= 5000);
    CHECK(in.result->counts.warnings > 0);
    CHECK(house.flags.size() == 12);
    CHECK(house.examples.size() == 12);
    std::set<std::string> languages;
    std::size_t withPhone = 0;
    std::size_t orders = 0;
    for (const auto& [id, record] : in.people) {
        languages.insert(record.language);
        withPhone += record.phones.empty() ? 0 : 1;
        orders += record.orders.size();
        for (const contact::Email& email : record.emails) {
            const std::string_view domain = email.domain();
            const bool reserved = domain.ends_with("example.org") ||
                                  domain.ends_with("example.com") ||
                                  domain.ends_with("example.net") || domain.ends_with(".example") ||
                                  domain.ends_with(".con") || domain.ends_with(".nll");
            CHECK(reserved);
        }
    }
    CHECK(languages == std::set<std::string>{"nl", "ca", "es", "ru", "en", "de", "fr"});
    CHECK(withPhone > 3500);
    CHECK(orders > 8000);
}

TEST_CASE("the examples hold what their flag needs") {
    SampleHouse house;
    const Import in = import(sample({.people = 50, .seed = 3, .now = kNow}, house));
    for (const SamplePerson& person : house.examples) {
        CAPTURE(person.flag);
        REQUIRE(in.people.contains(person.customer));
        const intake::Record& record = in.people.at(person.customer);
        CHECK(record.name.display() == person.name);
        CHECK(record.warnings.empty());
        const intake::Permission* asked = newsletter(record);
        const bool yes = asked != nullptr && asked->answer == intake::Answer::given;
        if (person.flag == "ask")
            CHECK((record.permissions.empty() && record.orders.empty() && !record.emails.empty()));
        else if (person.flag == "soft")
            CHECK((record.permissions.empty() && !record.orders.empty()));
        else if (person.flag == "refresh")
            CHECK((yes && asked->at && *asked->at < kNow - 2 * 365 * kDayMs));
        else if (person.flag == "unconfirmed")
            CHECK((yes && asked->at && asked->confirmed == false));
        else if (person.flag == "partial")
            CHECK((yes && record.permissions.size() == 1 && asked->confirmed == true));
        else if (person.flag == "consented")
            CHECK((yes && record.permissions.size() == 7 && asked->confirmed == true));
        else if (person.flag == "legacy")
            CHECK((yes && !asked->at));
        else if (person.flag == "resting")
            CHECK((asked != nullptr && asked->answer == intake::Answer::refused && asked->at));
        else if (person.flag == "objected")
            CHECK((record.permissions.size() == 1 &&
                   record.permissions[0].answer == intake::Answer::objected));
        else if (person.flag == "no-address")
            CHECK((yes && record.emails.empty()));
        else if (person.flag == "bounced")
            CHECK((yes && record.emailBounced));
        else
            CHECK((person.flag == "restricted" && record.restricted));
    }
}

TEST_CASE("the sample house in Windows-1252 reads the same") {
    SampleHouse house;
    const Import in =
        import(sample({.people = 500, .seed = 2, .now = kNow, .windows1252 = true}, house));
    REQUIRE(in.result);
    CHECK(in.result->table.encoding == "windows-1252");
    CHECK(in.result->counts.rows == house.rows);
    bool accented = false;
    for (const auto& [id, record] : in.people) {
        CHECK(record.name.display().find('?') == std::string::npos);
        accented |= record.name.display().find("Zoë") != std::string::npos;
    }
    CHECK(accented);
}
