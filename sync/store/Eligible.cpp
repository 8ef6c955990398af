// Who may be written to: consent's eligible(), fed from the log (DESIGN 4, rules 3 to 8).
#include <algorithm>
#include <map>

#include "plugin/consent/Proposals.h"
#include "plugin/crypto/Encoding.h"
#include "sync/store/Judged.h"
#include "sync/store/Projection.h"
#include "sync/store/SqlStore.h"

namespace souffleur::store {
namespace {

/// A contact point of one channel, over all subjects of the person.
struct Point {
    ContactRow row;
    crypto::Hash key{};
    bool bounced = false;
};

crypto::Hash keyFrom(std::string_view bytes) {
    crypto::Hash key{};
    if (bytes.size() == key.size()) std::copy(bytes.begin(), bytes.end(), key.begin());
    return key;
}

} // namespace

std::unique_ptr<Judged> SqlStore::judged(Projection& projection, const SubjectId& subject) const {
    if (!query("subject-get").with(subject).step()) return nullptr;
    std::set<SubjectId> members = projection.component(subject);
    auto events = projection.history(members);
    auto person = std::make_unique<Judged>(std::move(members), std::move(events),
                                           projection.clocks(), _rules);
    for (const SubjectId& one : person->subjects) {
        Query row = query("subject-get");
        if (row.with(one).step()) {
            person->restricted = person->restricted || row.number(4) != 0;
            person->minor = person->minor || row.number(10) != 0;
            person->erased = person->erased && row.number(5) != 0 && row.text(2).empty();
        }
        person->unread = person->unread || query("quarantined-negatives").with(one).step();
    }
    return person;
}

std::vector<consent::State> SqlStore::othersAt(Projection& projection, const crypto::Hash& address,
                                               const consent::Key& key,
                                               const std::set<SubjectId>& except) const {
    std::vector<SubjectId> holders;
    {
        Query row = query("contact-holders");
        for (row.with(address); row.step();) holders.push_back(SubjectId{row.uuid(0)});
    }
    std::vector<consent::State> states;
    std::set<SubjectId> done = except;
    for (const SubjectId& holder : holders) {
        if (done.contains(holder)) continue;
        const auto other = judged(projection, holder);
        if (!other) continue;
        done.insert(other->subjects.begin(), other->subjects.end());
        // A stranger's word at a kiosk is nobody's no here.
        const auto events = consent::binding(other->events, other->subjects);
        const bool whole = events == other->events;
        states.push_back(
            whole ? other->history.state(key).state
                  : consent::History(events, other->subjects, projection.clocks(), _rules)
                        .state(key)
                        .state);
    }
    return states;
}

std::vector<EligibilityRow> SqlStore::verdicts(Projection& projection, const Judged& person,
                                               const EligibilityQuery& asked,
                                               const consent::Policy& policy) const {
    std::map<crypto::Hash, Point> points;
    for (const SubjectId& subject : person.subjects) {
        Query row = query("contacts-of");
        for (row.with(subject); row.step();) {
            const auto status = contactStatusFrom(row.text(3));
            if (row.text(0) != asked.channel || status == consent::ContactStatus::removed) continue;
            const crypto::Hash key = keyFrom(row.bytes(1));
            Point& point = points[key];
            point.key = key;
            point.bounced = point.bounced || status == consent::ContactStatus::bounced;
            if (point.row.status != "verified")
                point.row = {asked.channel, row.text(2), crypto::toHex(row.bytes(1)), row.text(3)};
        }
    }
    // An address is confirmed by its mail, by who took it, or because it came with the customer
    // from the box office: what a visitor typed at a till or a kiosk is not, until then.
    std::set<std::string> confirmed;
    for (const consent::Event& event : person.events) {
        if (!person.subjects.contains(event.subject)) continue;
        if (const auto* mail = std::get_if<consent::Confirmed>(&event.body))
            confirmed.insert(mail->contactKey);
        const auto* contact = std::get_if<consent::Contact>(&event.body);
        if (contact == nullptr) continue;
        // What head office says of an address by itself (it bounced, it works again) is as certain
        // as its clock; what an import brought is not.
        const bool brought = event.unc >= kDayMs;
        Query origin = query("origin-get");
        if (brought && origin.with(event.origin).step() && origin.text(1) == "hub")
            confirmed.insert(contact->contactKey);
    }
    const consent::Key key{policy.controller.id, asked.purpose, asked.channel};
    consent::EligibilityInput input;
    input.state = person.history.state(key);
    input.objected = person.history.objected(key.controller);
    input.restricted = person.restricted;
    input.erased = person.erased;
    input.quarantinedNegative = person.unread;
    input.minor = person.minor;
    if (const auto needed = policy.prerequisite(asked.purpose, asked.channel, asked.at)) {
        input.prerequisite =
            person.history.state({policy.controller.id, needed->first, needed->second});
    }
    std::vector<EligibilityRow> out;
    for (auto& [hash, point] : points) {
        input.contactPresent = true;
        input.contactBounced = point.bounced;
        input.contactVerified = point.row.status == "verified" || confirmed.contains(point.row.key);
        input.suppressed = query("suppressed").with(hash).step();
        input.othersAtAddress = othersAt(projection, hash, key, person.subjects);
        out.push_back({std::move(point.row),
                       consent::eligible(input, policy, asked.purpose, asked.channel, asked.at)});
    }
    if (out.empty())
        out.push_back({{asked.channel, "", "", ""},
                       consent::eligible(input, policy, asked.purpose, asked.channel, asked.at)});
    return out;
}

Result<std::vector<EligibilityRow>> SqlStore::eligibility(const EligibilityQuery& asked,
                                                          const consent::Policy& policy) const {
    return guarded([&]() -> Result<std::vector<EligibilityRow>> {
        Projection projection(_statements, _folder, _keys, _rules);
        const auto person = judged(projection, asked.person);
        if (!person) return fail(Code::notFound, "no such person");
        return verdicts(projection, *person, asked, policy);
    });
}

Result<bool> SqlStore::reachable(const SubjectId& subject, const consent::Policy& policy,
                                 TimeMs now) const {
    return guarded([&]() -> Result<bool> {
        Projection projection(_statements, _folder, _keys, _rules);
        const auto person = judged(projection, subject);
        if (!person) return fail(Code::notFound, "no such person");
        for (const consent::Key& key : person->history.keys()) {
            if (key.controller != policy.controller.id ||
                !consent::permits(consent::stateAsOf(person->history.state(key), now)))
                continue;
            const auto rows =
                verdicts(projection, *person, {subject, key.purpose, key.channel, now}, policy);
            if (std::any_of(rows.begin(), rows.end(),
                            [](const EligibilityRow& row) { return row.verdict.eligible; }))
                return true;
        }
        return false;
    });
}

Result<std::uint64_t> SqlStore::reachable(const consent::Policy& policy, TimeMs now) const {
    auto persons = guarded([&]() -> Result<std::vector<SubjectId>> {
        std::vector<SubjectId> out;
        Query row = query("permitting-persons");
        while (row.step()) out.push_back(SubjectId{row.uuid(0)});
        return out;
    });
    if (!persons) return passOn(persons);
    std::uint64_t count = 0;
    for (const SubjectId& person : *persons) {
        const auto one = reachable(person, policy, now);
        if (!one) return passOn(one);
        count += *one ? 1 : 0;
    }
    return count;
}

Result<bool> SqlStore::saidNoAt(const std::string& contactKey, const consent::Key& key,
                                const SubjectId& except) const {
    return guarded([&]() -> Result<bool> {
        const auto bytes = crypto::fromHex(contactKey);
        if (!bytes || bytes->size() != crypto::Hash{}.size())
            return fail(Code::invalid, "not a contact key");
        Projection projection(_statements, _folder, _keys, _rules);
        const auto states =
            othersAt(projection, keyFrom(*bytes), key, projection.component(except));
        return std::any_of(states.begin(), states.end(),
                           [](consent::State state) { return consent::negative(state); });
    });
}

Result<bool> SqlStore::proposed(const SubjectId& subject) const {
    return guarded([&]() -> Result<bool> {
        Projection projection(_statements, _folder, _keys, _rules);
        const auto person = judged(projection, subject);
        if (!person) return fail(Code::notFound, "no such person");
        return consent::onlyProposed(person->events, person->subjects);
    });
}

Result<consent::StateView> SqlStore::state(const SubjectId& subject,
                                           const consent::Key& key) const {
    return guarded([&]() -> Result<consent::StateView> {
        Projection projection(_statements, _folder, _keys, _rules);
        const auto person = judged(projection, subject);
        if (!person) return fail(Code::notFound, "no such person");
        return person->history.state(key);
    });
}

} // namespace souffleur::store
