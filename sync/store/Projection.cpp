#include "sync/store/Projection.h"

#include <algorithm>

#include "plugin/consent/LastWord.h"
#include "plugin/contact/Email.h"
#include "plugin/crypto/Chain.h"
#include "plugin/crypto/Encoding.h"
#include "plugin/wire/Header.h"
#include "plugin/wire/Payload.h"

namespace souffleur::store {
namespace {

/// Touched subjects of whom all is read at once.
constexpr std::size_t kAheadMax = 1000;

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

/// Its time, but never later than when it came.
TimeMs heardAt(const consent::Event& event) {
    return std::min(event.at, event.received);
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

std::vector<consent::Event> Projection::erasures(const SubjectId& subject) {
    std::vector<consent::Event> out;
    Query row = query("erasures-of");
    for (row.with(subject); row.step();) out.push_back(eventFrom(row));
    return out;
}

bool Projection::toldOf(const SubjectId& subject, const Cursor& acknowledged) {
    Query row = query("erasures-of");
    for (row.with(subject); row.step();) {
        const auto shard = static_cast<std::size_t>(row.number(4)) % kShards;
        if (static_cast<std::uint64_t>(row.number(5)) > acknowledged.position[shard]) return false;
    }
    return true;
}

bool Projection::gone(const consent::Event& event, bool told) {
    if (erasedTo(event.subject) == 0) return false;
    const consent::Moment said = consent::momentOf(event, clocks());
    const std::vector<consent::Event> all = erasures(event.subject);
    return std::any_of(all.begin(), all.end(), [&](const consent::Event& erase) {
        return erase.id != event.id && (!told || event.received <= erase.received ||
                                        said.earliest <= consent::momentOf(erase, clocks()).latest);
    });
}

void Projection::apply(const consent::Event& event, bool stands, std::string_view payload) {
    _touched.insert(event.subject);
    {
        Query row = query("copied-to");
        for (row.with(event.id); row.step();) _touched.insert(SubjectId{row.uuid(0)});
    }
    if (const auto* undo = std::get_if<consent::Retract>(&event.body)) {
        Query row = query("copied-to");
        for (row.with(undo->target); row.step();) _touched.insert(SubjectId{row.uuid(0)});
    }
    if (stands) applyPersonal(event, payload);
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
    if (!payload.empty()) applyPayload(event, payload);
    if (const auto* contact = std::get_if<consent::Contact>(&event.body)) {
        if (const auto key = crypto::fromHex(contact->contactKey); key && !key->empty()) {
            // Its status is settled with all that is said of it.
            query("contact-put")
                .with(event.subject, contact->channel, Blob{*key}, "", "", TimeMs{0})
                .later();
        }
    }
    if (const auto* fact = std::get_if<consent::Fact>(&event.body);
        fact != nullptr && fact->fact == "language" && !event.subject.none()) {
        query("subject-language")
            .with(event.subject, event.subject, fact->value, heardAt(event))
            .later();
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
    query("quarantine-forget").with(event.subject).run();
    query("forked-forget").with(event.subject).run();
    query("subject-erased").with(event.at, event.subject).run();
    readAgain(event.subject);
}

void Projection::readAgain(const SubjectId& subject) {
    struct Kept {
        consent::Event event;
        bool told = true;
        std::string payload;
    };
    std::vector<Kept> all;
    {
        Query row = query("events-told");
        for (row.with(subject); row.step();)
            all.push_back({eventFrom(row), row.number(4) != 0, std::string(row.bytes(5))});
    }
    for (const char* each : {"contacts-drop", "externals-drop", "tokens-drop", "subject-unnamed"})
        query(each).with(subject).run();
    for (const Kept& one : all) {
        if (!gone(one.event, one.told)) {
            applyPersonal(one.event, one.payload);
            continue;
        }
        // The address goes, its keyed hash stays: no later import revives this person.
        suppressLate(one.event, one.payload);
        if (!one.payload.empty()) query("payload-drop").with(subject, one.event.id).run();
    }
}

void Projection::applyClock(const consent::ClockJudgement& judgement) {
    _clocksLoaded = false;
    Query row = query("subjects-of-origin");
    const auto last = std::min<std::uint64_t>(judgement.to, INT64_MAX);
    for (row.with(judgement.about, judgement.from, last); row.step();)
        _rejudged.insert(SubjectId{row.uuid(0)});
    _touched.insert(_rejudged.begin(), _rejudged.end());
}

void Projection::applyPayload(const consent::Event& event, std::string_view payload) {
    const auto read = wire::decodePayload(payload);
    if (!read) return; // kept verbatim in the log; a newer hub will read it
    const std::string display =
        read->displayName.empty() ? read->name.display() : read->displayName;
    if (!event.subject.none()) applyWho(event, display, read->language);
    if (!display.empty()) indexName(event.subject, display);
    for (const wire::ContactPoint& point : read->contacts) {
        query("contact-put")
            .with(event.subject, point.channel, contactHashOf(_keys, point.canonical), point.typed,
                  "", heardAt(event))
            .later();
    }
    for (const wire::ExternalId& id : read->externalIds) {
        query("external-put").with(event.subject, id.system, id.value).later();
    }
}

void Projection::applyWho(const consent::Event& event, const std::string& display,
                          const std::string& language) {
    const TimeMs heard = heardAt(event);
    if (!display.empty() && !language.empty()) {
        query("subject-said")
            .with(event.subject, event.subject, display, heard, language, heard)
            .later();
    } else if (!display.empty()) {
        query("subject-name").with(event.subject, event.subject, display, heard).later();
    } else if (!language.empty()) {
        query("subject-language").with(event.subject, event.subject, language, heard).later();
    }
}

void Projection::indexName(const SubjectId& subject, std::string_view display) {
    for (const std::string& token : _folder.tokens(display))
        query("token-put").with(subject, token).later();
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
    header->event.received = row.number(3);
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
    std::set<SubjectId> undoing;
    for (const EventId& id : copied) {
        Query row = query("event-by-id");
        if (!row.with(id).step()) continue;
        events.push_back(eventFrom(row));
        if (!subjects.contains(events.back().subject)) undoing.insert(events.back().subject);
    }
    // A copied act may have been undone by its own origin: its subject's retracts matter too.
    for (const SubjectId& subject : undoing) {
        Query row = query("events-of");
        for (row.with(subject); row.step();) {
            consent::Event event = eventFrom(row);
            if (std::holds_alternative<consent::Retract>(event.body))
                events.push_back(std::move(event));
        }
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
        bool known = false;
        {
            Query row = query("subject-get");
            known = row.with(subject).step() && SubjectId{row.uuid(1)} == person;
        }
        if (!known) query("subject-person").with(person, subject).run();
        if (query("states-of").with(subject).step()) query("states-drop").with(subject).later();
    }
    const std::vector<consent::Event> events = history(subjects);
    settleWords(subjects, events);
    const consent::History history(events, subjects, clocks(), _rules);
    for (const consent::Key& key : history.keys()) {
        const consent::StateView view = history.state(key);
        query("state-put")
            .with(person, key.controller, key.purpose, key.channel, consent::name(view.state),
                  view.because, view.at, view.place, consent::name(view.method),
                  consent::name(view.basis), view.validUntil, view.pending, noticeText(view.notice),
                  view.deferredAt, fallbacksText(view))
            .later();
    }
}

bool Projection::ours(const OriginId& origin) {
    const auto [found, added] = _ours.try_emplace(origin, false);
    if (added) {
        Query row = query("origin-get");
        found->second = row.with(origin).step() && row.text(1) == "hub";
    }
    return found->second;
}

consent::IsHeadOffice Projection::headOffice() {
    return [this](const OriginId& origin) { return ours(origin); };
}

void Projection::settleAddresses(const std::vector<consent::Event>& events,
                                 const SubjectId& subject) {
    std::map<std::pair<std::string_view, std::string_view>, std::vector<const consent::Event*>>
        byAddress;
    // A click in a mail: the address worked then, whatever was noted of it before.
    std::map<std::pair<std::string_view, std::string_view>, std::vector<const consent::Event*>>
        clicks;
    for (const consent::Event& event : events) {
        if (event.subject != subject) continue;
        if (const auto* said = std::get_if<consent::Contact>(&event.body))
            byAddress[{said->channel, said->contactKey}].push_back(&event);
        if (const auto* click = std::get_if<consent::Confirmed>(&event.body))
            clicks[{click->channel, click->contactKey}].push_back(&event);
    }
    for (const auto& [address, said] : byAddress) {
        const auto key = crypto::fromHex(address.second);
        if (!key || key->empty()) continue;
        const std::vector<const consent::Event*> last = consent::lastWords(said, clocks());
        consent::ContactStatus status =
            consent::statusOf(consent::decidingWords(said, clocks(), headOffice()));
        if (const auto found = clicks.find(address);
            found != clicks.end() && status == consent::ContactStatus::bounced) {
            std::vector<const consent::Event*> all = said;
            all.insert(all.end(), found->second.begin(), found->second.end());
            status = consent::statusOf(consent::decidingWords(all, clocks(), headOffice()));
        }
        const bool released =
            status == consent::ContactStatus::removed &&
            std::all_of(last.begin(), last.end(), [this](const consent::Event* event) {
                return std::get<consent::Contact>(event->body).status ==
                           consent::ContactStatus::removed &&
                       ours(event->origin);
            });
        query("contact-status")
            .with(statusName(status), released, subject, address.first, Blob{*key})
            .run();
    }
}

void Projection::settleWords(const std::set<SubjectId>& subjects,
                             const std::vector<consent::Event>& events) {
    for (const SubjectId& subject : subjects) {
        settleAddresses(events, subject);
        const bool any = std::any_of(events.begin(), events.end(), [&](const consent::Event& one) {
            const auto* fact = std::get_if<consent::Fact>(&one.body);
            return fact != nullptr && one.subject == subject && fact->fact != "language";
        });
        if (!any) continue;
        query("subject-facts")
            .with(consent::factHolds(events, subject, "restricted", clocks(), headOffice()),
                  consent::factHolds(events, subject, "minor", clocks(), headOffice()), subject)
            .run();
    }
}

void Projection::readAhead(std::set<SubjectId>::const_iterator from) {
    if (!_statements.distant()) return;
    std::vector<std::string> keys;
    for (; from != _touched.end() && keys.size() < kAheadMax; ++from) keys.push_back(keyOf(*from));
    for (const char* each : {"subject-get", "states-of", "links-of", "events-of", "unlinks-of",
                             "quarantined-negatives"})
        _statements.ahead(each, keys);
}

void Projection::settle() {
    // A clock that is believed less can make more of what was said one of before the erasure.
    for (const SubjectId& subject : _rejudged) {
        if (erasedTo(subject) != 0) readAgain(subject);
    }
    _rejudged.clear();
    std::set<SubjectId> done;
    std::size_t at = 0;
    for (auto each = _touched.begin(); each != _touched.end(); ++each, ++at) {
        if (at % kAheadMax == 0) readAhead(each);
        const SubjectId& subject = *each;
        if (subject.none() || done.contains(subject)) continue;
        const std::set<SubjectId> person = component(subject);
        settlePerson(person);
        done.insert(person.begin(), person.end());
    }
    _touched.clear();
}

} // namespace souffleur::store
