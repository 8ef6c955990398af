#include "plugin/ledger/Vocabulary.h"

#include "plugin/contact/SearchKey.h"
#include "tests/support/Property.h"

using namespace souffleur;
using namespace souffleur::ledger;

namespace {

/// Short words over few letters, so that near ones are common.
rc::Gen<std::string> someWord() {
    return rc::gen::container<std::string>(rc::gen::element('a', 'b', 'e', 'r', 's'));
}

} // namespace

TEST_CASE("near words are found, the nearest first, each once") {
    Vocabulary words;
    for (const char* word : {"bakker", "bakkers", "bekker", "jansen", "janssen"})
        words.add(word, 2);
    words.add("bakker", 1);
    const auto found = words.near("bakkr", 10);
    REQUIRE(found.size() >= 2);
    CHECK(found[0].word == "bakker");
    CHECK(found[0].typos == 1);
    CHECK(words.near("zzzzz", 10).empty());
    CHECK(words.near("jnasen", 1).at(0).word == "jansen");
    CHECK(words.near("bakker", 1).size() == 1);
}

TEST_CASE("uses counts beginnings, of early and of late words") {
    Vocabulary words;
    for (const char* word : {"anna", "annette", "berg"}) words.add(word, 5);
    words.add("an", 1);
    CHECK(words.usesOf("ann") == 10);
    CHECK(words.usesOf("an") == 11);
    CHECK(words.usesOf("annet") == 5);
    CHECK(words.usesOf("c") == 0);
    CHECK(Vocabulary().usesOf("a") == 0);
}

TEST_CASE("words longer than a machine word and the empty word do no harm") {
    Vocabulary words;
    words.add(std::string(200, 'a'), 1);
    words.add(std::string(300, 'a'), 1);
    words.add("", 1);
    CHECK(words.size() == 1);
    CHECK(words.near(std::string(100, 'a'), 5).size() <= 1);
    CHECK(words.near("", 5).empty());
}

PROPERTY("no word within the allowed distance is missed, and none is nearer than it is", [] {
    const std::string query = *someWord();
    const std::string word = *someWord();
    RC_PRE(!query.empty() && !word.empty());
    const std::size_t allowed = contact::typosAllowed(query.size());
    std::size_t expected = contact::editDistance(query, word, allowed);
    for (std::size_t length = query.size(); query.size() >= 4 && length < word.size(); ++length) {
        expected =
            std::min(expected, contact::editDistance(query, word.substr(0, length), allowed));
    }
    const auto typos = Spelling(query).typos(word);
    if (expected <= allowed)
        RC_ASSERT(typos == static_cast<int>(expected));
    else
        RC_ASSERT(!typos || *typos == static_cast<int>(allowed) + 1);
});
