#include "plugin/contact/Particle.h"

#include <doctest/doctest.h>

#include "plugin/contact/Folder.h"

using namespace souffleur::contact;

namespace {

/// Does the name hold the particle of the query?
bool meet(const char* query, const char* name) {
    Folder folder;
    const auto particle = particleIn(folder.tokens(query));
    REQUIRE(particle.has_value());
    return particle->in(folder.tokens(name));
}

} // namespace

TEST_CASE("a shortened particle stands for all that it may be") {
    for (const char* query : {"vd mulder", "v.d. mulder", "v/d mulder", "van d. mulder"}) {
        CAPTURE(query);
        for (const char* name : {"Jan van de Mulder", "Jan van den Mulder", "Jan van der Mulder",
                                 "Jan v.d. Mulder", "Jan vd Mulder", "Jan Vander Mulder"})
            CHECK(meet(query, name));
        for (const char* name : {"Jan de Mulder", "Jan van Mulder", "Jan van 't Mulder", "V. Mul"})
            CHECK_FALSE(meet(query, name));
    }
    CHECK(meet("vh hoff", "Jan van 't Hoff"));
    CHECK(meet("van het hoff", "Jan van 't Hoff"));
    CHECK_FALSE(meet("vh hoff", "Jan van der Hoff"));
}

TEST_CASE("one that is written out is itself, or its shortened forms") {
    CHECK(meet("van der mulder", "Jan v.d. Mulder"));
    CHECK(meet("vander mulder", "Jan van der Mulder"));
    CHECK_FALSE(meet("van der mulder", "Jan van den Mulder"));
    CHECK_FALSE(meet("vanden mulder", "Jan van der Mulder"));
    const std::vector<std::string> query{"jan", "van", "der", "mulder"};
    const auto found = particleIn(query);
    REQUIRE(found.has_value());
    CHECK_FALSE(found->shortened);
    CHECK(found->others(query) == std::vector<std::string>{"jan", "mulder"});
}

TEST_CASE("names that only look like one are none, nor is one alone") {
    using Words = std::vector<std::string>;
    for (const Words& query :
         {Words{"vd"}, Words{"van", "der"}, Words{}, Words{"van", "mulder"}, Words{"vant", "hof"},
          Words{"vera", "d"}, Words{"de", "boer"}, Words{"v"}})
        CHECK_FALSE(particleIn(query).has_value());
}
