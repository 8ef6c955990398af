#include "sync/store/Projection.h"

#include <algorithm>

#include "plugin/contact/Email.h"
#include "plugin/crypto/Chain.h"
#include "plugin/crypto/Encoding.h"
#include "plugin/wire/Header.h"
#include "plugin/wire/Payload.h"

namespace souffleur::store {
namespace {

std::string noticeText(const consent::NoticeRef& ref) {
    if (ref.id.empty()) return {};
    return ref.id + "@" + std::to_string(ref.version) + "#" + ref.sha256 + "@" + ref.language;
}

/// "state,method,event,at,until;" for each weaker permission behind the state.
std::string fallbacksText(const consent::StateView& view) {
    std::string text;
    for (const consent::Fallback& one : view.fallbacks) {
        if (one.state == consent::State::unknown) break;
        text.append(consent::name(one.state))
            .append(",")
            .append(consent::name(one.method))
            .append(",");
        text += one.because.text() + "," + std::to_string(one.at) + "," +
                std::to_string(one.validUntil) + ";";
    }
    return text;
}

std::string_view statusName(consent::ContactStatus status) {
    switch (status) {
    case consent::ContactStatus::unverified:
        return "unverified";
    case consent::ContactStatus::verified:
        return "verified";
    case consent::ContactStatus::bounced:
        return "bounced";
    case consent::ContactStatus::removed:
        break;
    }
    return "removed";
}

} // namespace

consent::ContactStatus contactStatusFrom(std::string_view name) {
    for (const auto status : {consent::ContactStatus::verified, consent::ContactStatus::bounced,
                              consent::ContactStatus::removed}) {
        if (statusName(status) == name) return status;
    }
    return consent::ContactStatus::unverified; // also "", known from a payload only
}

crypto::Hash contactHashOf(const StoreKeys& keys, std::string_view canonicalKey) {
    return crypto::hmacSha256(crypto::bytesOf(keys.contactKey), canonicalKey);
}

TimeMs Projection::erasedTo(const SubjectId& subject) {
    Query row = query("subject-get");
    return row.with(subject).step() ? row.number(5) : 0;
}

void Projection::apply(const consent::Event& event, std::string_view payload) {
    _touched.insert(event.subject);
    {
        Query row = query("copied-to");
        for (row.with(event.id); row.step();) _touched.insert(SubjectId{row.uuid(0)});
    }
    applyPersonal(event, payload);
    if (const auto* link = std::get_if<consent::Link>(&event.body)) {
        query("link-put").with(event.subject, event.id, link->other, "link", false).run();
        query("link-put").with(link->other, event.id, event.subject, "link", false).run();
        query("subject-touch").with(link->other, link->other, event.at).run();
        _touched.insert(link->other);
    } else if (const auto* unlink = std::get_if<consent::Unlink>(&event.body)) {
        for (const auto& [side, other] :
             {std::pair{event.subject, unlink->other}, std::pair{unlink->other, event.subject}}) {
            query("link-put").with(side, unlink->target, other, "link", true).run();
            query("link-put").with(side, event.id, other, "unlink", true).run();
            for (const EventId& negative : unlink->copied)
                query("copied-put").with(side, negative).run();
        }
        query("subject-touch").with(unlink->other, unlink->other, event.at).run();
        _touched.insert(unlink->other);
    } else if (std::holds_alternative<consent::Erase>(event.body)) {
        applyErase(event);
    } else if (const auto* judgement = std::get_if<consent::ClockJudgement>(&event.body)) {
        applyClock(*judgement);
    } else if (std::holds_alternative<consent::Order>(event.body)) {
        Query orders = query("orders-of");
        orders.with(event.subject).step();
        query("subject-orders").with(orders.number(0), orders.number(1), event.subject).run();
    }
}

void Projection::applyPersonal(const consent::Event& event, std::string_view payload) {
    const bool erased = event.at <= erasedTo(event.subject);
    if (!erased && !payload.empty()) applyPayload(event, payload);
    if (const auto* contact = std::get_if<consent::Contact>(&event.body);
        contact != nullptr && !erased) {
        if (const auto key = crypto::fromHex(contact->contactKey); key && !key->empty()) {
            query("contact-put")
                .with(event.subject, contact->channel, Blob{*key}, "", statusName(contact->status),
                      event.at)
                .run();
        }
    }
    if (const auto* fact = std::get_if<consent::Fact>(&event.body)) {
        if (fact->fact == "restricted") {
            query("subject-restricted").with(fact->value == "yes", event.at, event.subject).run();
        } else if (fact->fact == "language" && !erased) {
            query("subject-language").with(fact->value, event.at, event.subject).run();
        }
    }
}

void Projection::suppressLate(const consent::Event& event, std::string_view payload) {
    _erased = true;
    const TimeMs since = erasedTo(event.subject);
    if (const auto read = wire::decodePayload(payload)) {
        for (const wire::ContactPoint& point : read->contacts) {
            const crypto::Hash key = contactHashOf(_keys, point.canonical);
            query("suppress").with(Blob{crypto::bytesOf(key)}, since, "erased").run();
        }
    }
    if (const auto* contact = std::get_if<consent::Contact>(&event.body)) {
        if (const auto key = crypto::fromHex(contact->contactKey); key && !key->empty())
            query("suppress").with(Blob{*key}, since, "erased").run();
    }
}

void Projection::applyErase(const consent::Event& event) {
    _erased = true;
    {
        // The address goes, its keyed hash stays: no later import revives this person.
        Query row = query("contacts-of");
        std::vector<std::string> keys;
        for (row.with(event.subject); row.step();) keys.emplace_back(row.bytes(1));
        for (const std::string& key : keys)
            query("suppress").with(Blob{key}, event.at, "erased").run();
    }
    query("payload-drop").with(event.subject, event.at).run();
    query("quarantine-forget").with(event.subject).run();
    query("forked-forget").with(event.subject).run();
    query("contacts-drop").with(event.subject).run();
    query("externals-drop").with(event.subject).run();
    query("tokens-drop").with(event.subject).run();
    query("subject-erased").with(event.at, event.subject).run();
    // What the person said after the erasure stands.
    const TimeMs erased = erasedTo(event.subject);
    std::vector<std::pair<consent::Event, std::string>> later;
    {
        Query row = query("events-since");
        for (row.with(event.subject, erased); row.step();)
            later.emplace_back(eventFrom(row), row.bytes(3));
    }
    for (const auto& [one, payload] : later) applyPersonal(one, payload);
}

void Projection::applyClock(const consent::ClockJudgement& judgement) {
    _clocksLoaded = false;
    Query row = query("subjects-of-origin");
    const auto last = std::min<std::uint64_t>(judgement.to, INT64_MAX);
    for (row.with(judgement.about, judgement.from, last); row.step();)
        _touched.insert(SubjectId{row.uuid(0)});
}

void Projection::applyPayload(const consent::Event& event, std::string_view payload) {
    const auto read = wire::decodePayload(payload);
    if (!read) return; // kept verbatim in the log; a newer hub will read it
    const std::string display =
        read->displayName.empty() ? read->name.display() : read->displayName;
    if (!display.empty()) {
        query("subject-name").with(display, event.at, event.subject).run();
        indexName(event.subject, display);
    }
    if (!read->language.empty()) {
        query("subject-language").with(read->language, event.at, event.subject).run();
    }
    for (const wire::ContactPoint& point : read->contacts) {
        query("contact-put")
            .with(event.subject, point.channel, contactHashOf(_keys, point.canonical), point.typed,
                  "", event.at - 1)
            .run();
    }
    for (const wire::ExternalId& id : read->externalIds) {
        query("external-put").with(event.subject, id.system, id.value).run();
    }
}

void Projection::indexName(const SubjectId& subject, std::string_view display) {
    for (const std::string& token : _folder.tokens(display))
        query("token-put").with(subject, token).run();
}

std::set<SubjectId> Projection::component(const SubjectId& subject) {
    std::set<SubjectId> members{subject};
    std::vector<SubjectId> open{subject};
    while (!open.empty()) {
        const SubjectId next = open.back();
        open.pop_back();
        Query row = query("links-of");
        for (row.with(next); row.step();) {
            const SubjectId other{row.uuid(0)};
            if (members.insert(other).second) open.push_back(other);
        }
    }
    return members;
}

consent::Event Projection::eventFrom(Query& row) {
    auto header = wire::decodeHeader(row.bytes(2));
    if (!header) return {}; // cannot happen: what is placed was read once
    header->event.position = static_cast<std::uint64_t>(row.number(1));
    return std::move(header->event);
}

std::vector<consent::Event> Projection::history(const std::set<SubjectId>& subjects) {
    std::vector<consent::Event> events;
    std::set<EventId> extra;
    for (const SubjectId& subject : subjects) {
        Query row = query("events-of");
        for (row.with(subject); row.step();) events.push_back(eventFrom(row));
        Query unlinks = query("unlinks-of");
        for (unlinks.with(subject); unlinks.step();) extra.insert(EventId{unlinks.uuid(0)});
    }
    std::set<EventId> copied;
    for (const EventId& id : extra) {
        Query row = query("event-by-id");
        if (!row.with(id).step()) continue;
        events.push_back(eventFrom(row));
        if (const auto* unlink = std::get_if<consent::Unlink>(&events.back().body)) {
            copied.insert(unlink->copied.begin(), unlink->copied.end());
        }
    }
    for (const EventId& id : copied) {
        Query row = query("event-by-id");
        if (row.with(id).step()) events.push_back(eventFrom(row));
    }
    addUnread(subjects, events);
    return events;
}

/// A no that cannot be read is a no to everything: to the domain, a copied negative that is
/// missing.
void Projection::addUnread(const std::set<SubjectId>& subjects,
                           std::vector<consent::Event>& events) {
    consent::Unlink unread;
    for (const SubjectId& subject : subjects) {
        Query row = query("quarantined-negatives");
        for (row.with(subject); row.step();) {
            const crypto::Hash leaf = crypto::leafHash(row.bytes(0));
            EventId& id = unread.copied.emplace_back();
            std::copy_n(leaf.begin(), id.uuid.bytes.size(), id.uuid.bytes.begin());
        }
    }
    if (unread.copied.empty()) return;
    consent::Event& stand = events.emplace_back();
    stand.subject = *subjects.begin();
    stand.body = std::move(unread);
}

const consent::Clocks& Projection::clocks() {
    if (_clocksLoaded) return _clocks;
    _clocks = consent::Clocks{};
    Query row = query("clock-events");
    while (row.step()) {
        const consent::Event event = eventFrom(row);
        if (const auto* judgement = std::get_if<consent::ClockJudgement>(&event.body))
            _clocks.add(*judgement);
    }
    _clocksLoaded = true;
    return _clocks;
}

void Projection::settlePerson(const std::set<SubjectId>& subjects) {
    const SubjectId person = *subjects.begin();
    for (const SubjectId& subject : subjects) {
        query("subject-person").with(person, subject).run();
        query("states-drop").with(subject).run();
    }
    const std::vector<consent::Event> events = history(subjects);
    const consent::History history(events, subjects, clocks(), _rules);
    for (const consent::Key& key : history.keys()) {
        const consent::StateView view = history.state(key);
        query("state-put")
            .with(person, key.controller, key.purpose, key.channel, consent::name(view.state),
                  view.because, view.at, view.place, consent::name(view.method),
                  consent::name(view.basis), view.validUntil, view.pending, noticeText(view.notice),
                  view.deferredAt, fallbacksText(view))
            .run();
    }
}

void Projection::settle() {
    std::set<SubjectId> done;
    for (const SubjectId& subject : _touched) {
        if (subject.none() || done.contains(subject)) continue;
        const std::set<SubjectId> person = component(subject);
        settlePerson(person);
        done.insert(person.begin(), person.end());
    }
    _touched.clear();
}

} // namespace souffleur::store
