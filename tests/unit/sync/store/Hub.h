// A hub's folder and one invented person, for the suites of the store. Header only.
#pragma once

#include <memory>
#include <string>

#include <doctest/doctest.h>

#include "plugin/contact/Email.h"
#include "sync/store/Store.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestOrigin.h"
#include "tests/unit/sync/store/Database.h"

namespace souffleur::test {

inline constexpr TimeMs kNoon = 1795521600000;

inline wire::PersonData anna() {
    wire::PersonData person;
    person.displayName = "Anna Vermeer-Puig";
    person.language = "nl";
    person.contacts.push_back(
        {"email", "anna@example.org", contact::Email::parse("anna@example.org")->canonicalKey()});
    person.externalIds.push_back({"boxoffice", "4711"});
    return person;
}

inline std::unique_ptr<store::Store> open(const TemporaryFolder& folder) {
    auto opened = tryOpen(folder.text());
    REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().text()));
    return std::move(*opened);
}

/// Head office's own chain, which alone links, unlinks and erases.
inline TestOrigin headOffice(store::Store& hub) {
    TestOrigin office(9000);
    office.kind = "hub";
    REQUIRE(hub.enrol(office.enrolment()).has_value());
    return office;
}

inline std::string stateOf(const store::Store& hub, const SubjectId& subject) {
    const auto person = hub.person(subject);
    if (!person || person->states.empty()) return "none";
    return std::string(consent::name(person->states.front().view.state));
}

/// The least pack that lets a mail go out: one house, one rule.
inline consent::Policy pack() {
    consent::Policy policy;
    policy.controller.id = "house";
    consent::ChannelRule rule;
    rule.channel = "email";
    policy.rules.push_back(rule);
    return policy;
}

} // namespace souffleur::test
