#include "plugin/ledger/Search.h"

#include "Fixture.h"
#include "plugin/contact/Phone.h"
#include "plugin/crypto/Encoding.h"
#include "plugin/crypto/Handle.h"

using namespace souffleur;
using namespace souffleur::ledger;
using namespace souffleur::ledger::testing;

namespace {

struct House : Rig {
    House() {
        put(1, somebody("Anton", "Tsjechov", "anton@example.org"));
        put(2, somebody("Anna", "Bakker", "a.bakker@example.com"));
        put(3, somebody("Annette", "van den Berg"));
        put(4, somebody("Антон", "Чехов"));
        put(5, somebody("Jérôme", "Lefèvre"));
    }
    void put(std::uint64_t seed, wire::PersonData person) {
        person.externalIds = {{"card", "4711-" + std::to_string(seed)}};
        if (seed == 2) {
            const auto phone = contact::Phone::parse("06 00000012", "NL");
            if (phone) person.contacts.push_back({"phone", phone->display, phone->canonicalKey()});
        }
        add(idOf<SubjectId>(seed), consent::Fact{"minor", "no"}, std::move(person));
    }
    std::vector<std::string> find(std::string_view text, std::size_t limit = 20) {
        const auto result = ledger->search(text, limit);
        REQUIRE(result.has_value());
        std::vector<std::string> out;
        for (const SearchHit& hit : result->hits) out.push_back(hit.displayName);
        return out;
    }
};

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("beginnings of words find people, whole words come first") {
    House house;
    CHECK(house.find("anna") == Names{"Anna Bakker"});
    CHECK(house.find("ann") == Names{"Annette van den Berg", "Anna Bakker"});
    CHECK(house.find("an ba") == Names{"Anna Bakker"});
    CHECK(house.find("berg annette") == Names{"Annette van den Berg"});
    CHECK(house.find("LEFEVRE") == Names{"Jérôme Lefèvre"});
    CHECK(house.find("").empty());
    CHECK(house.find("  . ,").empty());
}

TEST_CASE(
    "the name that is all of what was typed comes before longer ones, newer though they are") {
    House house;
    house.put(6, somebody("Jan", "Schouten"));
    house.put(7, somebody("Jan-Willem", "van den Schouten"));
    house.put(8, somebody("Jan-Willem", "Schouten"));
    house.put(9, somebody("Jan", "van den Schouten"));
    house.put(10, somebody("Janneke", "Schouten"));
    const auto check = [&] {
        for (const char* typed : {"jan schouten", "Schouten, Jan"}) {
            CAPTURE(typed);
            const Names found = house.find(typed);
            REQUIRE(found.size() == 5);
            CHECK(found.front() == "Jan Schouten");
            CHECK(found.back() == "Janneke Schouten"); // a beginning only
        }
        CHECK(house.find("jan schouten", 1) == Names{"Jan Schouten"});
        for (const char* typed : {"jan v d schouten", "jan van den schouten"}) {
            CAPTURE(typed);
            CHECK(house.find(typed).front() == "Jan van den Schouten");
        }
        CHECK(house.find("jan-willem schouten").front() == "Jan-Willem Schouten");
    };
    SUBCASE("where one of the words is rare") {
        check();
    }
    SUBCASE("where all are common") {
        // Older than everybody above: the newest come first otherwise.
        for (std::uint64_t n = 100; n < 350; ++n) {
            house.put(n, somebody("Jan", "Bakker"));
            house.put(n + 1000, somebody("Piet", "van den Schouten"));
        }
        check();
    }
}

TEST_CASE("a Dutch particle is found however it was shortened, in the search or on file") {
    House house;
    house.put(6, somebody("Piet", "van der Mulder"));
    house.put(7, somebody("Kees", "Mulder"));
    house.put(8, somebody("Sanne", "van de Mulder"));
    house.put(9, somebody("Joris", "v.d. Mulder"));
    house.put(10, somebody("Roos", "vd Mulder"));
    house.put(11, somebody("Teun", "van 't Hoff"));
    const Names all{"Roos vd Mulder", "Joris v.d. Mulder", "Sanne van de Mulder",
                    "Piet van der Mulder"};
    for (const char* typed : {"vd mulder", "v.d. mulder", "v d mulder", "V/D Mulder", "mulder vd",
                              "vd muld", "van d mulder"}) {
        CAPTURE(typed);
        Names found = house.find(typed);
        std::ranges::sort(found);
        Names wanted = all;
        std::ranges::sort(wanted);
        CHECK(found == wanted);
    }
    CHECK(house.find("piet vd mulder") == Names{"Piet van der Mulder"});
    // Written out it is meant so; a name on file that is shortened may be it where no other is.
    CHECK(house.find("van der mulder") == Names{"Piet van der Mulder"});
    CHECK(house.find("roos van der mulder") == Names{"Roos vd Mulder"});
    CHECK(house.find("joris vander mulder") == Names{"Joris v.d. Mulder"});
    CHECK(house.ledger->search("sanne van der mulder", 5).value().hits.at(0).typos > 0);
    CHECK(house.find("vt hoff") == Names{"Teun van 't Hoff"});
    CHECK(house.find("van het hoff") == Names{"Teun van 't Hoff"});
    // With a typo as well.
    const auto typos = house.ledger->search("piet vd muldr", 5).value();
    REQUIRE(typos.hits.size() == 1);
    CHECK(typos.hits[0].typos > 0);
    // Alone it is the beginning of a name.
    CHECK(house.find("vd") == Names{"Roos vd Mulder"});
}

TEST_CASE("scripts meet") {
    House house;
    CHECK(house.find("чехов") == Names{"Антон Чехов"});
    CHECK(house.find("chekhov") == Names{"Антон Чехов"});
}

TEST_CASE("a typo or another spelling still finds, and says so") {
    House house;
    CHECK(house.find("bakkr") == Names{"Anna Bakker"});
    CHECK(house.find("anna bekker") == Names{"Anna Bakker"});
    const auto result = house.ledger->search("lefevrre", 5).value();
    REQUIRE(result.hits.size() == 1);
    CHECK(result.hits[0].typos > 0);
    CHECK_FALSE(result.hits[0].exact);
    CHECK(house.find("tschechow").size() == 2);
    CHECK(house.find("zzzzzzz").empty());
}

TEST_CASE("whole addresses and numbers find exactly one") {
    House house;
    CHECK(house.find("A.Bakker@Example.com") == Names{"Anna Bakker"});
    CHECK(house.find("4711 3") == Names{"Annette van den Berg"});
    CHECK(house.find("+31 6 00000012") == Names{"Anna Bakker"});
    CHECK(house.ledger->search("anton@example.org", 1).value().hits.at(0).exact);
    CHECK(house.find("b.akker@example.com").empty());
}

TEST_CASE("people who come later are found, with typos too") {
    House house;
    CHECK(house.find("qqqqqqq").empty());
    house.put(6, somebody("Wilhelmina", "Oosterveld"));
    CHECK(house.find("oosterveldt") == Names{"Wilhelmina Oosterveld"});
}

TEST_CASE("a new name replaces the old one in the search") {
    House house;
    house.clock.at += 1;
    house.put(2, somebody("Anna", "Smit"));
    CHECK(house.find("bakker").empty());
    CHECK(house.find("anna smit") == Names{"Anna Smit"});
}

TEST_CASE("the limit cuts and says that there is more") {
    House house;
    const auto result = house.ledger->search("a", 2).value();
    CHECK(result.hits.size() == 2);
    CHECK(result.more);
    CHECK(house.ledger->search("a", 0).error().code == Code::invalid);
    CHECK(house.ledger->search(std::string(1000, 'a'), 5).error().code == Code::tooLarge);
}

TEST_CASE("operators of the search language are only text") {
    House house;
    for (const char* text :
         {"\"", "anna AND", "NOT anna", "anna*", "folded:anna", "(", "^anna", "-"}) {
        CAPTURE(text);
        CHECK(house.ledger->search(text, 5).has_value());
    }
}

PROPERTY("no text makes the search fail", [](const std::string& text) {
    static House house;
    RC_ASSERT(house.ledger->search(std::string_view(text).substr(0, 200), 5).has_value());
});

TEST_CASE("the code on a slip finds whom its act is about, as people read it out") {
    House house;
    const crypto::Handle handle = crypto::randomHandle(house.random);
    consent::Act said = act({choice("newsletter", "email", consent::Choice::given)});
    said.withdrawHandleHash = crypto::toHex(crypto::bytesOf(crypto::handleHash(handle)));
    said.source = R"(a "slip":"text)"; // quotation marks of a text mislead nobody
    house.add(idOf<SubjectId>(2), said);
    house.add(idOf<SubjectId>(3), act({choice("newsletter", "email", consent::Choice::given)}));
    const std::string code = crypto::slipCode(handle);
    CHECK(house.find(code) == Names{"Anna Bakker"});
    std::string spoken = " ";
    for (const char c : code) {
        if (c != '-') spoken += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    CHECK(house.find(spoken) == Names{"Anna Bakker"});
    CHECK(house.ledger->search(code, 5)->hits.front().exact);
    // And the address in its QR code, pasted or typed by a scanner.
    std::string symbols = code;
    std::erase(symbols, '-');
    CHECK(house.find("https://voorbeeld.example.org/withdraw#" + symbols) == Names{"Anna Bakker"});
    CHECK(house.find(crypto::slipCode(crypto::randomHandle(house.random))).empty());
    std::string mistyped = code;
    mistyped.back() = mistyped.back() == 'X' ? 'Y' : 'X';
    CHECK(house.find(mistyped).empty());
    // An act of another till is found as well.
    Rig other(2);
    REQUIRE(other.ledger->applyForeign(house.exported(), {}, "").has_value());
    CHECK(other.ledger->search(code, 5)->hits.size() == 1);
}

TEST_CASE("the code on a slip that was taken back finds its holder, and says so") {
    House house;
    const crypto::Handle handle = crypto::randomHandle(house.random);
    consent::Act said = act({choice("newsletter", "email", consent::Choice::given)});
    said.withdrawHandleHash = crypto::toHex(crypto::bytesOf(crypto::handleHash(handle)));
    const EventId id = house.add(idOf<SubjectId>(2), said).id;
    CHECK_FALSE(house.ledger->search(crypto::slipCode(handle), 5)->takenBack);
    house.add(idOf<SubjectId>(2), consent::Retract{id, said.by});
    CHECK(house.find(crypto::slipCode(handle)) == Names{"Anna Bakker"});
    CHECK(house.ledger->search(crypto::slipCode(handle), 5)->takenBack);
    CHECK_FALSE(house.ledger->search("anna bakker", 5)->takenBack);
}

TEST_CASE("a member that this build does not know hides no slip, and is none") {
    Rig maker(2);
    const auto anna = idOf<SubjectId>(1);
    const crypto::Handle handle = crypto::randomHandle(maker.random);
    consent::Act said = act({choice("newsletter", "email", consent::Choice::refused)});
    said.withdrawHandleHash = crypto::toHex(crypto::bytesOf(crypto::handleHash(handle)));
    maker.add(anna, said);
    auto sent = maker.exported();
    const std::string other(64, 'b');
    sent.front().header.insert(1, R"("x":{"slip":")" + other + R"("},)");
    Rig rig;
    REQUIRE(rig.ledger->applyForeign(sent, {}, "").has_value());
    CHECK(rig.ledger->findSlip(said.withdrawHandleHash).value().subject == anna);
    CHECK(rig.ledger->search(crypto::slipCode(handle), 5)->hits.size() == 1);
    CHECK(rig.ledger->findSlip(other).error().code == Code::notFound);
}
