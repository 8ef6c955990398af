#include "sync/protocol/Pull.h"

#include "sync/protocol/Batch.h"
#include "sync/protocol/Enrolment.h"
#include "tests/support/Property.h"

using namespace souffleur;
using namespace souffleur::protocol;

namespace {

PullPage sample() {
    SeededRandom random(3);
    PullPage page;
    for (int i = 0; i < 5; ++i) {
        page.events.push_back({OriginId::random(random), static_cast<std::uint64_t>(i),
                               SubjectId::random(random), "{\"v\":1}"});
        wire::Card card;
        card.subject = page.events.back().subject;
        card.displayName = "Чехов, Антон";
        card.contacts.push_back(
            {"email", "a•••@example.org", std::string(64, 'a'), consent::ContactStatus::verified});
        page.cards.push_back(card);
    }
    page.cursor = "1.2.3";
    page.more = true;
    return page;
}

} // namespace

TEST_CASE("a page arrives as it was sent") {
    const auto read = decodePage(encodePage(sample()));
    REQUIRE(read.has_value());
    CHECK(*read == sample());
}

TEST_CASE("what need not be there may be missing") {
    SeededRandom random(8);
    const SubjectId subject = SubjectId::random(random);
    const auto page = decodePage("c\t{\"v\":1,\"subject\":\"" + subject.text() +
                                 "\",\"ver\":7}\n{\"cursor\":\"1\",\"more\":false}\n");
    REQUIRE(page.has_value());
    CHECK(page->cards.at(0).subject == subject);
    CHECK_FALSE(page->held.has_value());
    const std::string hash(64, 'a');
    CHECK(decodeAnswer(R"({"seq":3,"head":")" + hash + "\"}")->quarantined.empty());
    const auto welcome = decodeWelcome(R"({"houseKey":")" + hash + R"(","pack":"nl"})");
    REQUIRE(welcome.has_value());
    CHECK_FALSE(welcome->logKey.has_value());
    CHECK(welcome->number == 0);
    // And what came to be there since is passed over.
    CHECK(decodeAnswer(R"({"seq":3,"head":")" + hash + R"(","since":"later"})").has_value());
    CHECK(decodeRenewed(R"({"certificate":"x","chain":[]})").value() == "x");
}

TEST_CASE("a page cut anywhere is never taken for a whole one") {
    const std::string text = encodePage(sample());
    for (std::size_t length = 0; length < text.size(); ++length) {
        CAPTURE(length);
        CHECK_FALSE(decodePage(std::string_view(text).substr(0, length)).has_value());
    }
}

TEST_CASE("how far a chain is held reads back, and nothing else does") {
    Held held{17, {}};
    held.head[3] = 9;
    CHECK(parseHeld(heldText(held)).value() == held);
    const std::string head = heldText(held).substr(3);
    const std::vector<std::string> others{"",
                                          "/",
                                          "17",
                                          "/" + head,
                                          "-1/" + head,
                                          "17/" + head.substr(1),
                                          "17 /" + head,
                                          heldText(held) + "0",
                                          "99999999999999999999/" + head};
    for (const std::string& text : others) {
        CAPTURE(text);
        CHECK_FALSE(parseHeld(text).has_value());
    }
}

TEST_CASE("garbage is refused") {
    for (const char* text : {"", "\n", "<html></html>\n", "{\"cursor\":\"\",\"more\":1}\n",
                             "x\t{}\n{\"cursor\":\"\",\"more\":true}\n"}) {
        CAPTURE(text);
        CHECK_FALSE(decodePage(text).has_value());
    }
}
