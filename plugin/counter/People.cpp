#include <algorithm>
#include <array>

#include "plugin/counter/State.h"

namespace souffleur::counter {
namespace {

constexpr std::size_t kContactsPerHit = 4;
constexpr std::size_t kEventsMax = 1000;
constexpr std::size_t kGenresMax = 24;
constexpr std::size_t kNamePartMaxBytes = 400; // the contract's 100 characters
constexpr std::size_t kPageMax = 100;

tl::unexpected<Refusal> notOnDesk() {
    return refuse(Code::notFound, "subject-unknown", "this person is not on the desk");
}

bool known(const std::vector<Option>& options, const std::string& id) {
    return std::ranges::any_of(options, [&](const Option& option) { return option.id == id; });
}

/// What the house does not offer cannot be chosen.
std::vector<FieldError> faults(const Preferences& wanted, const PreferenceOptions& options) {
    std::vector<FieldError> out;
    if (wanted.genres.size() > kGenresMax) {
        out.push_back({"/genres", "too-long", std::nullopt});
        return out;
    }
    for (std::size_t i = 0; i < wanted.genres.size(); ++i) {
        if (!known(options.genres, wanted.genres[i])) {
            out.push_back({"/genres/" + std::to_string(i), "out-of-range", std::nullopt});
        }
    }
    if (!wanted.frequency.empty() && !known(options.frequencies, wanted.frequency)) {
        out.push_back({"/frequency", "out-of-range", std::nullopt});
    }
    if (!wanted.language.empty() &&
        std::ranges::find(options.languages, wanted.language) == options.languages.end()) {
        out.push_back({"/language", "out-of-range", std::nullopt});
    }
    return out;
}

void put(wire::PersonData& person, const Preferences& wanted, const Preferences& before) {
    for (const std::string& genre : before.genres) {
        person.preferences["genre:" + genre] = "no";
    }
    for (const std::string& genre : wanted.genres) {
        person.preferences["genre:" + genre] = "yes";
    }
    if (!wanted.frequency.empty() || !before.frequency.empty()) {
        person.preferences["frequency"] = wanted.frequency;
    }
    if (!wanted.language.empty()) {
        person.language = wanted.language;
    }
}

/// The same without personal payload, for rules and audiences that look at facts.
std::vector<consent::Fact> factsOf(const Preferences& wanted, const Preferences& before) {
    std::vector<consent::Fact> out;
    for (const std::string& genre : before.genres) {
        if (std::ranges::find(wanted.genres, genre) == wanted.genres.end()) {
            out.push_back({"preference:" + genre, "no"});
        }
    }
    for (const std::string& genre : wanted.genres) {
        if (std::ranges::find(before.genres, genre) == before.genres.end()) {
            out.push_back({"preference:" + genre, "yes"});
        }
    }
    if (wanted.frequency != before.frequency) {
        out.push_back({"frequency", wanted.frequency});
    }
    if (wanted.language != before.language && !wanted.language.empty()) {
        out.push_back({"language", wanted.language});
    }
    return out;
}

SlipSearch slipSearched(std::string_view text) {
    switch (crypto::readSlip(text).kind) {
    case crypto::SlipText::Kind::code:
        return SlipSearch::unknown;
    case crypto::SlipText::Kind::mistyped:
        return SlipSearch::mistyped;
    case crypto::SlipText::Kind::other:
        break;
    }
    return SlipSearch::none;
}

} // namespace

std::string_view name(SlipSearch slip) noexcept {
    static constexpr std::array<std::string_view, 4> kNames{"none", "unknown", "mistyped",
                                                            "taken-back"};
    return kNames[static_cast<std::size_t>(slip)];
}

Outcome<FoundList> Counter::search(std::string_view text, std::size_t limit) {
    const Parts::Entry entry(*_parts);
    Parts& parts = *_parts;
    if (auto may = parts.sitting.mayLook(); !may) {
        return tl::make_unexpected(may.error());
    }
    parts.sitting.touch(parts.clock.monotonicMs());
    if (auto may = parts.mayRead(); !may) {
        return tl::make_unexpected(may.error());
    }
    const auto found = parts.ledger.search(text, std::clamp<std::size_t>(limit, 1, kSearchMax));
    if (!found) {
        return refuse(found.error());
    }
    FoundList out;
    out.more = found->more;
    for (const ledger::SearchHit& hit : found->hits) {
        const auto facts = parts.ledger.personFacts(hit.subject, *parts.policy);
        if (!facts) {
            return refuse(facts.error());
        }
        Found row;
        row.subject = hit.subject;
        row.displayName = hit.displayName;
        for (const ledger::ContactView& contact : hit.contacts) {
            const bool twice =
                std::ranges::find(row.contacts, contact.masked) != row.contacts.end();
            if (!twice && row.contacts.size() < kContactsPerHit) {
                row.contacts.push_back(contact.masked);
            }
        }
        row.kind =
            consent::flagOf(*facts, *parts.policy, {}, parts.situation, {}, parts.nowMs()).kind;
        row.orders = facts->orders;
        row.since = facts->customerSince;
        out.typos = out.typos || hit.typos > 0;
        out.people.push_back(std::move(row));
    }
    if (out.people.empty()) {
        out.slip = slipSearched(text);
    } else if (found->takenBack) {
        out.slip = SlipSearch::takenBack;
    }
    parts.audit("search", std::to_string(out.people.size()) + "-found");
    return out;
}

Outcome<bool> Counter::newPerson(const NewPerson& person) {
    const Parts::Entry entry(*_parts);
    Parts& parts = *_parts;
    if (auto may = parts.sitting.mayCapture(); !may) {
        return tl::make_unexpected(may.error());
    }
    parts.sitting.touch(parts.clock.monotonicMs());
    if (const Parts::Done* before = parts.done(person.idempotencyKey); before != nullptr) {
        const bool there = parts.customer && parts.customer->subject == before->subject;
        return there ? Outcome<bool>(true)
                     : Outcome<bool>(refuse(Code::conflict, "idempotency-conflict",
                                            "this person is no longer on the desk"));
    }
    if (!parts.stores()) {
        return refuse(Code::conflict, "no-pupils", "nothing is stored about pupils");
    }
    std::vector<FieldError> wrong;
    if (person.given.size() > kNamePartMaxBytes || person.family.size() > kNamePartMaxBytes) {
        wrong.push_back({"/name", "too-long", std::nullopt});
    }
    if (person.contacts.size() > kNewContactsMax) {
        wrong.push_back({"/contacts", "too-long", std::nullopt});
    }
    contact::NameColumns columns;
    columns.given = person.given;
    columns.family = person.family;
    auto parsed = wrong.empty() ? contact::PersonName::fromColumns(columns, person.language)
                                : Result<contact::PersonName>{};
    if (!parsed) {
        wrong.push_back({"/name", "missing", std::nullopt});
    }
    // An address typed into the wrong field would be taken apart and greeted as a name.
    if ((person.given + person.family).find('@') != std::string::npos) {
        wrong.push_back({"/name", "not-a-name", std::nullopt});
    }
    if (!wrong.empty()) {
        return refuseFields(std::move(wrong));
    }
    auto reaches = parts.reaches(person.contacts);
    if (!reaches) {
        return tl::make_unexpected(reaches.error());
    }
    OnDesk next;
    next.hintLanguage = person.language;
    // Who is on file under this name and address is no new person: what they said stands.
    if (const auto holder = parts.holderAmong(*reaches, *parsed)) {
        next.subject = *holder;
    } else {
        next.subject = SubjectId::random(parts.random);
        next.told.displayName = parsed->display();
        next.told.name = std::move(*parsed);
        next.told.language = person.language;
        next.reaches = std::move(*reaches);
    }
    const std::optional<consent::Situation> same = parts.situationSource == SituationSource::host
                                                       ? std::optional(parts.situation)
                                                       : std::nullopt;
    parts.arrive(std::move(next), same);
    auto looked = parts.look();
    if (!looked) {
        parts.leave();
        return tl::make_unexpected(looked.error());
    }
    parts.remember({person.idempotencyKey, {}, {}, parts.customer->subject});
    parts.audit("new-person", parts.customer->subject.text());
    parts.changed();
    return false;
}

Outcome<ActPage> Counter::acts(SubjectId subject, std::string_view after, std::size_t limit,
                               const std::string& language) {
    const Parts::Entry entry(*_parts);
    Parts& parts = *_parts;
    if (auto may = parts.sitting.mayLook(); !may) {
        return tl::make_unexpected(may.error());
    }
    parts.sitting.touch(parts.clock.monotonicMs());
    if (auto may = parts.mayRead(); !may) {
        return tl::make_unexpected(may.error());
    }
    const bool pending =
        parts.customer && parts.customer->subject == subject && !parts.customer->onFile;
    const auto events = pending ? Result<std::vector<ledger::EventView>>{}
                                : parts.ledger.events(subject, kEventsMax);
    if (!events) {
        return events.error().code == Code::notFound
                   ? Outcome<ActPage>(refuse(Code::notFound, "subject-unknown",
                                             "nobody is on file under this id"))
                   : Outcome<ActPage>(refuse(events.error()));
    }
    ActPage page;
    bool started = after.empty();
    for (const ledger::EventView& event : *events) {
        if (!std::holds_alternative<consent::Act>(event.event.body)) {
            continue;
        }
        if (!started) {
            started = event.event.id.text() == after;
            continue;
        }
        if (page.acts.size() == std::clamp<std::size_t>(limit, 1, kPageMax)) {
            page.next = page.acts.back().id.text();
            break;
        }
        if (auto summary = parts.summary(event, *events, language)) {
            page.acts.push_back(std::move(*summary));
        }
    }
    parts.audit("view-acts", subject.text());
    return page;
}

Outcome<void> Counter::setPreferences(SubjectId subject, const Preferences& wanted) {
    const Parts::Entry entry(*_parts);
    Parts& parts = *_parts;
    if (auto may = parts.sitting.mayCapture(); !may) {
        return may;
    }
    parts.sitting.touch(parts.clock.monotonicMs());
    if (!parts.customer || parts.customer->subject != subject || parts.restricted()) {
        return notOnDesk();
    }
    if (!parts.stores()) {
        return refuse(Code::conflict, "no-pupils", "nothing is stored about pupils");
    }
    if (auto wrong = faults(wanted, parts.settings.preferences); !wrong.empty()) {
        return refuseFields(std::move(wrong));
    }
    OnDesk& it = *parts.customer;
    if (!it.onFile) {
        put(it.told, wanted, it.preferences);
        it.preferences = wanted;
        parts.changed();
        return {};
    }
    std::vector<ledger::Draft> drafts;
    for (const consent::Fact& fact : factsOf(wanted, it.preferences)) {
        ledger::Draft draft;
        draft.subject = subject;
        draft.body = fact;
        if (drafts.empty()) {
            put(draft.person, wanted, it.preferences);
        }
        drafts.push_back(std::move(draft));
    }
    if (drafts.empty()) {
        return {};
    }
    if (const auto done = parts.ledger.append(drafts); !done) {
        return refuse(done.error());
    }
    parts.audit("preferences", subject.text());
    static_cast<void>(parts.look());
    parts.changed();
    return {};
}

Outcome<void> Counter::addContact(SubjectId subject, const NewContact& contact) {
    const Parts::Entry entry(*_parts);
    Parts& parts = *_parts;
    if (auto may = parts.sitting.mayCapture(); !may) {
        return may;
    }
    parts.sitting.touch(parts.clock.monotonicMs());
    if (!parts.customer || parts.customer->subject != subject || parts.restricted()) {
        return notOnDesk();
    }
    if (!parts.stores()) {
        return refuse(Code::conflict, "no-pupils", "nothing is stored about pupils");
    }
    auto reach = reachOf(contact, parts.settings.region, parts.folder, "");
    if (!reach) {
        return refuseFields({std::move(reach.error())});
    }
    OnDesk& it = *parts.customer;
    if (it.onFile) {
        Parts::Plan plan;
        parts.addContacts(plan, {*reach}, true, parts.held());
        if (plan.drafts.empty()) {
            return {}; // on file already
        }
        if (const auto done = parts.ledger.append(plan.drafts); !done) {
            return refuse(done.error());
        }
    } else {
        std::erase_if(it.reaches, [&](const Reach& held) { return held.kind == reach->kind; });
        it.reaches.push_back(std::move(*reach));
    }
    parts.audit("contact", subject.text());
    static_cast<void>(parts.look());
    parts.changed();
    return {};
}

} // namespace souffleur::counter
