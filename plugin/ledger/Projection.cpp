#include "plugin/ledger/Projection.h"

#include <algorithm>
#include <limits>

#include "plugin/consent/LastWord.h"
#include "plugin/contact/Email.h"
#include "plugin/contact/Mask.h"
#include "plugin/contact/Phone.h"
#include "plugin/contact/PostalAddress.h"
#include "plugin/crypto/Encoding.h"

namespace souffleur::ledger {
namespace {

using consent::ContactStatus;

constexpr std::string_view kHidden = "•••";
/// Before the key that is left of an address; no canonical form begins so.
constexpr char kSealed = '#';

std::optional<crypto::Hash> keyFromHex(std::string_view hex) {
    const auto raw = crypto::fromHex(hex);
    if (!raw || raw->size() != crypto::Hash{}.size()) return std::nullopt;
    crypto::Hash out{};
    std::copy(raw->begin(), raw->end(), out.begin());
    return out;
}

/// Time first, then id: an order that arrival cannot change.
std::vector<const StoredEvent*> inTime(std::span<const StoredEvent> events) {
    std::vector<const StoredEvent*> out;
    out.reserve(events.size());
    for (const StoredEvent& each : events) out.push_back(&each);
    std::sort(out.begin(), out.end(), [](const StoredEvent* a, const StoredEvent* b) {
        return std::tie(a->event.at, a->event.id) < std::tie(b->event.at, b->event.id);
    });
    return out;
}

ContactRow* find(std::vector<ContactRow>& rows, const consent::Token& channel,
                 const crypto::Hash& key) {
    const auto found = std::find_if(rows.begin(), rows.end(), [&](const ContactRow& row) {
        return row.channel == channel && row.key == key;
    });
    return found == rows.end() ? nullptr : &*found;
}

template <typename T>
void takeNewer(T& into, const T& from) {
    if (from != T{}) into = from;
}

void mergeInto(wire::PersonData& into, const wire::PersonData& from) {
    takeNewer(into.name, from.name);
    takeNewer(into.displayName, from.displayName);
    // A new name without a form of its own must not be shown under the old one's.
    if (from.name != contact::PersonName{} && from.displayName.empty()) into.displayName.clear();
    takeNewer(into.language, from.language);
    takeNewer(into.birthYear, from.birthYear);
    takeNewer(into.address, from.address);
    takeNewer(into.order, from.order);
    for (const auto& point : from.contacts) {
        std::erase_if(into.contacts, [&](const wire::ContactPoint& old) {
            return old.channel == point.channel && old.canonical == point.canonical;
        });
        into.contacts.push_back(point);
    }
    for (const auto& id : from.externalIds) {
        if (std::find(into.externalIds.begin(), into.externalIds.end(), id) ==
            into.externalIds.end()) {
            into.externalIds.push_back(id);
        }
    }
    for (const auto& [key, value] : from.preferences) into.preferences[key] = value;
}

/// Removes what an erasure covers; notes what must be scrubbed.
TimeMs erasedUpTo(std::span<const StoredEvent> events) {
    TimeMs upTo = -1;
    for (const StoredEvent& each : events) {
        if (std::holds_alternative<consent::Erase>(each.event.body)) {
            upTo = std::max(upTo, each.event.at);
        }
    }
    return upTo;
}

/// Is the event of before an erasure of its subject, or may it be (plugin/doc/adr/0004)? All that
/// was on file here when the erasure came, whatever its clock said, and what is not certainly of
/// later: a till's own word about time keeps nobody's data.
class Erasures {
public:
    Erasures(std::span<const StoredEvent> events, const consent::Clocks& clocks) : _clocks(clocks) {
        for (const StoredEvent& each : events) {
            if (!std::holds_alternative<consent::Erase>(each.event.body)) continue;
            _last = std::max(_last, each.num);
            _until = std::max(_until, addSaturated(each.event.at, clocks.unc(each.event)));
        }
    }
    [[nodiscard]] bool any() const { return _last > 0; }
    [[nodiscard]] bool gone(const StoredEvent& stored) const {
        return any() &&
               (stored.num <= _last || consent::momentOf(stored.event, _clocks).earliest <= _until);
    }

private:
    const consent::Clocks& _clocks;
    std::int64_t _last = 0; ///< the row of the last one that came
    TimeMs _until = std::numeric_limits<TimeMs>::min();
};

/// What is restricted or a minor is settled with all that is said of it: settleWords.
void applyFact(SubjectRows& rows, const consent::Fact& fact) {
    if (fact.fact == "language")
        rows.language = fact.value;
    else if (fact.fact == "customer-since") {
        if (const auto at = parseTime(fact.value)) rows.customerSince = *at;
    }
}

void applyContact(SubjectRows& rows, const consent::Contact& contact) {
    const auto key = keyFromHex(contact.contactKey);
    if (!key) return;
    if (find(rows.contacts, contact.channel, *key) == nullptr)
        rows.contacts.push_back({contact.channel, *key, std::string(kHidden), contact.status});
}

bool bouncedOnCard(const wire::Card* card, const consent::Token& channel, const crypto::Hash& key) {
    return card != nullptr && std::ranges::any_of(card->contacts, [&](const auto& contact) {
               return contact.status == ContactStatus::bounced && contact.channel == channel &&
                      keyFromHex(contact.key) == key;
           });
}

/// Of all words that may be the last, the strictest (plugin/doc/adr/0004). A restriction or a
/// bounce on the hub's card stands until the hub lifts it: it knows when each word came, and which
/// are head office's.
void settleWords(SubjectRows& rows, std::span<const consent::Event* const> events,
                 const consent::Clocks& clocks, const wire::Card* card) {
    std::map<std::pair<std::string_view, std::string_view>, std::vector<const consent::Event*>>
        byAddress;
    std::vector<const consent::Event*> restricted;
    std::vector<const consent::Event*> minor;
    for (const consent::Event* event : events) {
        if (const auto* contact = std::get_if<consent::Contact>(&event->body))
            byAddress[{contact->channel, contact->contactKey}].push_back(event);
        const auto* fact = std::get_if<consent::Fact>(&event->body);
        if (fact != nullptr && fact->fact == "restricted") restricted.push_back(event);
        if (fact != nullptr && fact->fact == "minor") minor.push_back(event);
    }
    for (const auto& [address, said] : byAddress) {
        const auto key = keyFromHex(address.second);
        ContactRow* row = key ? find(rows.contacts, consent::Token(address.first), *key) : nullptr;
        if (row == nullptr) continue;
        row->status = consent::statusOf(consent::lastWords(said, clocks));
        if (bouncedOnCard(card, row->channel, row->key))
            row->status = consent::stricter(row->status, ContactStatus::bounced);
    }
    if (consent::factHolds(restricted, clocks)) rows.flags |= flag::kRestricted;
    if (consent::factHolds(minor, clocks)) rows.flags |= flag::kMinor;
}

/// What a purchase tells: its number to be found by, and since when the person buys.
void addPurchase(SubjectRows& rows, const Hasher& hasher, const consent::Body& body,
                 const wire::OrderDetails& order) {
    if (!order.number.empty()) rows.externalKeys.insert(hasher.number(order.number));
    const bool bought = std::holds_alternative<consent::Order>(body) && order.at > 0;
    if (bought && (rows.customerSince == 0 || order.at < rows.customerSince)) {
        rows.customerSince = order.at;
    }
}

/// What is shown of them: none that was taken away, in order.
void tidyContacts(std::vector<ContactRow>& contacts) {
    std::erase_if(contacts,
                  [](const ContactRow& row) { return row.status == ContactStatus::removed; });
    std::sort(contacts.begin(), contacts.end(),
              [](const ContactRow& a, const ContactRow& b) { return a.order() < b.order(); });
}

/// The events' payloads, in their order.
std::vector<std::optional<wire::PersonData>>
payloadsOf(std::span<const StoredEvent* const> events) {
    std::vector<std::optional<wire::PersonData>> out;
    for (const StoredEvent* each : events) {
        auto& person = out.emplace_back();
        if (each->payload.empty()) continue;
        if (auto read = wire::decodePayload(each->payload)) person = *std::move(read);
    }
    return out;
}

/// May the hub's card be shown? Who came back after an erasure is, by a card that the hub made when
/// it had every erasure that is here.
bool stands(const SubjectInput& input, bool anyErasure) {
    if (!input.card || input.card->erased) return false;
    return !anyErasure ||
           (input.card->erasedTo > 0 && input.card->erasedTo >= erasedUpTo(input.events));
}

} // namespace

std::string maskedOf(const wire::ContactPoint& point, const wire::PersonData& person) {
    const std::string_view canonical = point.canonical;
    if (canonical.starts_with(kSealed)) return point.typed;
    const std::string_view address = canonical.substr(canonical.find(':') + 1);
    if (canonical.starts_with("email:")) {
        if (const auto email = contact::Email::parse(address)) return contact::mask(*email);
    } else if (canonical.starts_with("phone:")) {
        if (const auto phone = contact::Phone::parse(address)) return contact::mask(*phone);
    } else if (canonical.starts_with("post:") && !person.address.lines.empty()) {
        return contact::mask(person.address);
    }
    return std::string(kHidden);
}

crypto::Hash keyOf(const Hasher& hasher, const wire::ContactPoint& point) {
    if (point.canonical.starts_with(kSealed)) {
        if (const auto key = keyFromHex(std::string_view(point.canonical).substr(1))) return *key;
    }
    return hasher.contact(point.canonical);
}

std::string sealedCanonical(const crypto::Hash& key) {
    return kSealed + crypto::toHex(crypto::bytesOf(key));
}

wire::PersonData Projector::merged(std::span<const StoredEvent> events) {
    wire::PersonData out;
    const TimeMs erased = erasedUpTo(events);
    for (const StoredEvent* each : inTime(events)) {
        if (each->payload.empty() || each->event.at <= erased) continue;
        if (const auto person = wire::decodePayload(each->payload)) mergeInto(out, *person);
    }
    return out;
}

void Projector::addCard(SubjectRows& rows, const wire::Card& card) {
    rows.display = card.displayName;
    rows.language = card.language;
    rows.orders = card.orders;
    rows.customerSince = card.customerSince;
    if (card.restricted) rows.flags |= flag::kRestricted;
    if (card.minor) rows.flags |= flag::kMinor;
    for (const auto& contact : card.contacts) {
        const auto key = keyFromHex(contact.key);
        if (key && find(rows.contacts, contact.channel, *key) == nullptr) {
            rows.contacts.push_back({contact.channel, *key, contact.masked, contact.status});
        }
    }
    for (const auto& hex : card.externalKeys) {
        if (const auto key = keyFromHex(hex)) rows.externalKeys.insert(*key);
    }
    rows.folded = _folder.fold(card.displayName);
}

void Projector::addPayload(SubjectRows& rows, const wire::PersonData& person) {
    const std::string shown =
        person.displayName.empty() ? person.name.display() : person.displayName;
    takeNewer(rows.display, shown);
    takeNewer(rows.language, person.language);
    takeNewer(rows.birthYear, person.birthYear);
    for (const auto& point : person.contacts) {
        const crypto::Hash key = keyOf(_hasher, point);
        ContactRow* row = find(rows.contacts, point.channel, key);
        if (row == nullptr) {
            rows.contacts.push_back({point.channel, key, maskedOf(point, person), {}});
        } else {
            row->masked = maskedOf(point, person);
        }
    }
    for (const auto& id : person.externalIds) {
        rows.externalKeys.insert(_hasher.external(id.system, id.value));
        rows.externalKeys.insert(_hasher.number(id.value));
    }
    if (!person.name.empty()) rows.folded = person.name.searchText(_folder);
    if (!person.displayName.empty()) {
        for (const std::string& word : _folder.tokens(person.displayName)) {
            if ((' ' + rows.folded + ' ').find(' ' + word + ' ') == std::string::npos) {
                rows.folded += rows.folded.empty() ? word : ' ' + word;
            }
        }
    }
}

void Projector::addEvent(SubjectRows& rows, const StoredEvent& stored,
                         const wire::PersonData* person, bool gone) {
    const consent::Body& body = stored.event.body;
    const auto* contact = std::get_if<consent::Contact>(&body);
    if (gone) {
        if (person != nullptr) {
            for (const auto& point : person->contacts) {
                rows.suppress.push_back(keyOf(_hasher, point));
            }
        }
        if (!stored.payload.empty()) rows.scrub.push_back(stored.num);
        if (contact != nullptr) {
            if (const auto key = keyFromHex(contact->contactKey)) rows.suppress.push_back(*key);
        }
        return;
    }
    if (person != nullptr) addPurchase(rows, _hasher, body, person->order);
    if (contact != nullptr) applyContact(rows, *contact);
    if (const auto* fact = std::get_if<consent::Fact>(&body)) applyFact(rows, *fact);
    if (!std::holds_alternative<consent::Erase>(body)) rows.flags |= flag::kKnown;
}

SubjectRows Projector::subject(const SubjectInput& input) {
    SubjectRows rows;
    const consent::Clocks unjudged;
    const consent::Clocks& clocks = input.clocks != nullptr ? *input.clocks : unjudged;
    const Erasures erasures(input.events, clocks);
    const bool cardErased = input.card && input.card->erased;
    const bool anyErased = erasures.any() || cardErased;
    const bool cardStands = stands(input, erasures.any());
    if (cardStands) addCard(rows, *input.card);
    rows.dropCard = input.card && !cardErased && !cardStands;
    if (anyErased) rows.flags |= flag::kErased;
    if (cardStands || (!anyErased && (input.card || !input.events.empty())))
        rows.flags |= flag::kKnown;

    const std::vector<const StoredEvent*> ordered = inTime(input.events);
    const std::vector<std::optional<wire::PersonData>> persons = payloadsOf(ordered);
    wire::PersonData merged;
    for (std::size_t i = 0; i < ordered.size(); ++i) {
        if (persons[i] && !erasures.gone(*ordered[i])) mergeInto(merged, *persons[i]);
    }
    addPayload(rows, merged);
    int orders = 0;
    std::vector<const consent::Event*> standing;
    for (std::size_t i = 0; i < ordered.size(); ++i) {
        const StoredEvent& each = *ordered[i];
        const bool gone = erasures.gone(each);
        addEvent(rows, each, persons[i] ? &*persons[i] : nullptr, gone);
        if (!gone) standing.push_back(&each.event);
        if (std::holds_alternative<consent::Order>(each.event.body)) ++orders;
    }
    settleWords(rows, standing, clocks, cardStands ? &*input.card : nullptr);
    rows.orders = std::max(rows.orders, orders);
    if (input.quarantined) rows.flags |= flag::kQuarantined;
    tidyContacts(rows.contacts);
    return rows;
}

} // namespace souffleur::ledger
