#include "plugin/ledger/Replay.h"

#include <sstream>

#include "Fixture.h"
#include "plugin/wire/Json.h"

using namespace souffleur;
using namespace souffleur::ledger;
using namespace souffleur::ledger::testing;
using consent::Choice;
using consent::State;

namespace {

std::string exportOf(const Ledger& ledger) {
    std::string out;
    REQUIRE(ledger
                .exportNdjson(false,
                              [&](std::string_view line) {
                                  out.append(line).append("\n");
                                  return true;
                              })
                .has_value());
    return out;
}

struct Replayed {
    ReplayReport report;
    std::vector<std::string> lines;
};

Replayed replayed(const std::string& text, bool lenient = false) {
    std::istringstream in(text);
    Replayed out;
    const auto report = replay(in, {}, 1763800000000 + kDayMs, lenient,
                               [&](const std::string& line) { out.lines.push_back(line); });
    REQUIRE_MESSAGE(report.has_value(), (report ? "" : report.error().text()));
    out.report = *report;
    return out;
}

std::string member(const std::string& line, const char* key) {
    return std::string(wire::Json::parse(line).value().at(key).value().asString().value());
}

} // namespace

TEST_CASE("replaying an export gives the states that the ledger has") {
    Rig rig;
    const auto a = idOf<SubjectId>(1);
    const auto b = idOf<SubjectId>(2);
    rig.add(a, act({choice("newsletter", "email", Choice::given)}));
    const Appended no = rig.add(b, act({choice("newsletter", "email", Choice::refused)}));
    const Appended link = rig.add(a, consent::Link{b, "operator"});
    rig.add(idOf<SubjectId>(3), act({choice("*", "*", Choice::objected)}));
    rig.add(a, consent::Unlink{link.id, b, {no.id}});
    const Replayed out = replayed(exportOf(*rig.ledger));
    CHECK(out.report.events == 5);
    CHECK(out.report.subjects == 3);
    std::size_t compared = 0;
    for (const std::string& line : out.lines) {
        if (member(line, "purpose") != "newsletter") continue;
        const auto subject = SubjectId::parse(member(line, "subject")).value();
        CHECK(member(line, "state") == consent::name(rig.state(subject, "newsletter", "email")));
        ++compared;
    }
    CHECK(compared == 2);
}

TEST_CASE("order and doubling of the lines do not matter") {
    Rig rig;
    for (std::uint64_t i = 1; i < 6; ++i) {
        rig.add(idOf<SubjectId>(i % 2), act({choice("newsletter", "email", Choice::refused)}));
        rig.add(idOf<SubjectId>(i % 2), act({choice("newsletter", "email", Choice::given)}));
    }
    const std::string text = exportOf(*rig.ledger);
    std::vector<std::string> lines;
    std::istringstream split(text);
    for (std::string line; std::getline(split, line);) lines.push_back(line);
    std::string backwards;
    for (auto it = lines.rbegin(); it != lines.rend(); ++it) backwards += *it + "\n" + *it + "\n";
    CHECK(replayed(backwards).lines == replayed(text).lines);
    CHECK(replayed(backwards).report.events == 10);
}

TEST_CASE("a bare header is an event too") {
    Rig rig;
    const Appended done =
        rig.add(idOf<SubjectId>(1), act({choice("offers", "post", Choice::given)}));
    const Replayed out = replayed(rig.ledger->event(done.id).value().header + "\r\n\n");
    REQUIRE(out.lines.size() == 1);
    CHECK(member(out.lines[0], "state") == "given");
}

TEST_CASE("a bad line is named, or passed over when asked") {
    Rig rig;
    rig.add(idOf<SubjectId>(1), act({choice("offers", "post", Choice::given)}));
    const std::string text = exportOf(*rig.ledger) + "garbage\n";
    std::istringstream in(text);
    const auto failed = replay(in, {}, 0, false, [](const std::string&) {});
    REQUIRE_FALSE(failed.has_value());
    CHECK(failed.error().where == "line 2");
    CHECK(replayed(text, true).report.unreadable == 1);
    CHECK(replayed(text, true).lines.size() == 1);
}
