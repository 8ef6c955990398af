#include "plugin/api/Voice.h"

#include <nlohmann/json.hpp>

#include "tests/support/Property.h"

using namespace souffleur;
using namespace souffleur::api;

namespace {

nlohmann::json momentOf(TimeMs at, int offsetMin) {
    static const ApiSettings settings;
    wire::JsonWriter out;
    Voice(settings, "en", offsetMin, nullptr).moment(out, at);
    return nlohmann::json::parse(out.take());
}

} // namespace

TEST_CASE("a moment is told in UTC milliseconds and in the till's time") {
    CHECK(momentOf(1795364100000, 60)["text"] == "2026-11-22T17:15:00.000+01:00");
    CHECK(momentOf(1795364100000, 60)["ms"] == 1795364100000);
    CHECK(momentOf(1795364100000, 0)["text"] == "2026-11-22T16:15:00.000Z");
    CHECK(momentOf(1795364100000, -210)["text"] == "2026-11-22T12:45:00.000-03:30");
    CHECK(momentOf(0, -60)["text"] == "1970-01-01T00:00:00.000Z");
    CHECK(momentOf(4070908800000, 60)["text"] == "2099-01-01T01:00:00.000+01:00");
    CHECK(momentOf(kMaxTime, 60)["text"] == "9999-12-31T23:59:59.999Z");
    CHECK(momentOf(kUncInfinite, 60)["ms"] == kMaxTime);
}

TEST_CASE("the text of a moment is the same instant") {
    CHECK(rc::check("moments come back", [](std::uint32_t seconds) {
        const int offset = *rc::gen::inRange(-840, 841);
        const TimeMs at = TimeMs{seconds} * 1000;
        const auto told = momentOf(at, offset);
        RC_ASSERT(parseTime(told["text"].get<std::string>()).value() == at);
    }));
}

TEST_CASE("the reader's language is the heaviest that we know") {
    CHECK(pickLanguage("ca", "en") == "ca");
    CHECK(pickLanguage("xx, nl-BE;q=0.8, ru;q=0.85", "en") == "ru");
    CHECK(pickLanguage("nl;q=0, de;q=0.001", "en") == "de");
    CHECK(pickLanguage("nl;q=0", "en") == "en");
    CHECK(pickLanguage("", "fr") == "fr");
    CHECK(pickLanguage(",,;q=;;q=0.5,*", "fr") == "fr");
    CHECK(pickLanguage(std::string(100000, ','), "fr") == "fr");
}

TEST_CASE("any header gives a language that the contract knows") {
    CHECK(rc::check("total", [](const std::string& header) {
        RC_ASSERT(isPageLanguage(pickLanguage(header, "en")));
    }));
}
