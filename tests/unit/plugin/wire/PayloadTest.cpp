#include "plugin/wire/Payload.h"

#include "plugin/wire/Card.h"
#include "tests/support/Property.h"

using namespace souffleur;
using namespace souffleur::wire;

namespace {

PersonData person() {
    PersonData out;
    out.name.given = "Антон";
    out.name.patronymic = "Павлович";
    out.name.family = "Чехов";
    out.displayName = "Антон Чехов";
    out.language = "ru";
    out.birthYear = 1960;
    out.contacts = {{"email", "A@Example.org", "email:a@example.org"}};
    out.address = {{"Korte Straat 1"}, "1234 AB", "Delft", "NL"};
    out.externalIds = {{"pretix", "customer:ABC12"}, {"card", "4711"}};
    out.preferences = {{"genre:jazz", "yes"}, {"frequency", "monthly"}};
    out.order = {"R-1", 1763800000000, {"Три сестры"}, 4500, "EUR"};
    return out;
}

Salt salt() {
    Salt out{};
    out.fill(7);
    return out;
}

} // namespace

TEST_CASE("a person comes back as they went, behind 32 bytes of salt") {
    const std::string bytes = encodePayload(salt(), person()).value();
    CHECK(bytes.substr(0, 32) == std::string(32, '\7'));
    CHECK(bytes[32] == '{');
    CHECK(decodePayload(bytes).value() == person());
    CHECK(encodePayload(salt(), decodePayload(bytes).value()).value() == bytes);
}

TEST_CASE("an empty person is a version and nothing else") {
    CHECK(personJson({}) == R"({"v":1})");
    CHECK(parsePersonJson(R"({"v":1,"later":[]})").value().empty());
}

TEST_CASE("bad payloads are refused") {
    CHECK(decodePayload("short").error().code == Code::invalid);
    for (const char* json :
         {R"({})", R"({"v":1,"name":"x"})", R"({"v":1,"name":{"given":3}})", R"({"v":1,"born":12})",
          R"({"v":1,"contacts":[{"ch":"E mail","typed":"","canonical":"x"}]})",
          R"({"v":1,"prefs":[]})", R"({"v":1,"name":{"given":"a\u0007"}})",
          R"({"v":1,"address":{"lines":["1","2","3","4","5"]}})"}) {
        CAPTURE(json);
        CHECK_FALSE(parsePersonJson(json).has_value());
    }
    CHECK(parsePersonJson(R"({"v":2})").error().code == Code::unsupported);
}

TEST_CASE("what may not be read may not be written") {
    PersonData bad = person();
    bad.name.given = "esc\x1b[31m";
    CHECK_FALSE(encodePayload(salt(), bad).has_value());
    bad = person();
    bad.name.family = "\xff";
    CHECK_FALSE(encodePayload(salt(), bad).has_value());
    bad = person();
    bad.name.family.assign(10'000'000, 'x');
    CHECK_FALSE(encodePayload(salt(), bad).has_value());
    bad = person();
    bad.contacts.resize(17, bad.contacts[0]);
    CHECK(encodePayload(salt(), bad).error().code == Code::tooLarge);
}

TEST_CASE("a card comes back as it went") {
    Card card;
    SeededRandom random(3);
    card.subject = SubjectId::random(random);
    card.version = 42;
    card.displayName = "J. van den Berg";
    card.language = "nl";
    card.contacts = {{"email", "a•••@example.org", "00ff", consent::ContactStatus::verified}};
    card.externalKeys = {"aa11"};
    card.orders = 3;
    card.customerSince = 1500000000000;
    card.minor = true;
    CHECK(decodeCard(encodeCard(card).value()).value() == card);
    card.erased = true;
    const Card gone = decodeCard(encodeCard(card).value()).value();
    CHECK(gone.erased);
    CHECK(gone.displayName.empty());
    CHECK(gone.version == 42);
}

TEST_CASE("bad cards are refused") {
    Card card;
    CHECK_FALSE(encodeCard(card).has_value());
    CHECK(decodeCard(R"({"v":9})").error().code == Code::unsupported);
    CHECK_FALSE(decodeCard(R"({"v":1,"subject":"x","ver":1})").has_value());
    CHECK_FALSE(decodeCard("garbage").has_value());
}
