#include "sync/people/Importer.h"

#include <algorithm>
#include <utility>

#include "plugin/base/Limits.h"
#include "plugin/consent/Eligibility.h"
#include "plugin/contact/Email.h"

namespace souffleur::people {
namespace {

constexpr std::size_t kFlushEvents = 900;
constexpr std::size_t kGenreMaxChars = 32;

wire::PersonData personFrom(const intake::Record& record, const consent::Token& system,
                            contact::Folder& folder) {
    wire::PersonData person;
    person.name = record.name;
    person.language = record.language;
    for (const auto& email : record.emails)
        person.contacts.push_back({"email", email.display, email.canonicalKey()});
    for (const auto& phone : record.phones) {
        person.contacts.push_back(
            {phone.takesSms() ? "sms" : "phone", phone.display, phone.canonicalKey()});
        if (!phone.takesSms()) continue;
        for (const char* channel : {"phone", "messaging"}) // chat apps go by the mobile number
            person.contacts.push_back({channel, phone.display, phone.canonicalKey()});
    }
    if (record.address) {
        person.address = *record.address;
        person.contacts.push_back(
            {"post", record.address->display(), record.address->canonicalKey(folder)});
    }
    if (!record.sourceId.empty()) person.externalIds.push_back({system, record.sourceId});
    return person;
}

/// A genre as a token: "Klassieke muziek" is "klassieke-muziek"; empty when nothing is left.
consent::Token genreToken(contact::Folder& folder, const std::string& genre) {
    std::string token = folder.fold(genre);
    std::replace(token.begin(), token.end(), ' ', '-');
    if (token.size() > kGenreMaxChars) token.resize(kGenreMaxChars);
    return consent::isToken(token) ? token : std::string();
}

bool holds(const wire::PersonData& person, const std::string& channel) {
    return std::any_of(person.contacts.begin(), person.contacts.end(),
                       [&](const wire::ContactPoint& c) { return c.channel == channel; });
}

/// What the record says something of; an unclear answer is one too.
std::set<std::pair<std::string, std::string>> answered(const intake::Record& record) {
    std::set<std::pair<std::string, std::string>> out;
    for (const intake::Permission& permission : record.permissions)
        out.emplace(permission.purpose, permission.channel);
    return out;
}

bool objects(const intake::Record& record) {
    return std::any_of(record.permissions.begin(), record.permissions.end(),
                       [](const auto& one) { return one.answer == intake::Answer::objected; });
}

} // namespace

Importer::Importer(store::Store& store, EventSink& sink, const consent::Policy& policy,
                   const store::StoreKeys& keys, Random& random, Options options)
    : _store(store), _sink(sink), _policy(policy), _keys(keys), _random(random),
      _options(std::move(options)) {}

Result<bool> Importer::suppressed(const wire::PersonData& person) {
    for (const wire::ContactPoint& contact : person.contacts) {
        auto found = _store.suppressed(store::contactKey(_keys, contact.canonical));
        if (!found) return found;
        if (*found) return true;
    }
    return false;
}

Result<Importer::Match> Importer::match(const intake::Record& record,
                                        const wire::PersonData& person) {
    Match match;
    if (!record.sourceId.empty()) {
        if (const auto seen = _bySourceId.find(record.sourceId); seen != _bySourceId.end()) {
            return Match{seen->second, {}, true};
        }
        auto known = _store.byExternalId(_options.system, record.sourceId);
        if (!known) return passOn(known);
        if (!known->empty()) return Match{known->front(), {}, true};
    }
    match.subject = SubjectId::random(_random);
    const std::string name = record.name.canonicalKey(_folder);
    for (const wire::ContactPoint& contact : person.contacts) {
        // An equal address alone never links: families share one. The name must be the same too.
        if (contact.channel == "post" || name.empty()) continue;
        const std::string key = contact.canonical + "|" + name;
        const auto [entry, fresh] = _byAddressAndName.emplace(key, match.subject);
        if (!fresh && match.sameAs.none()) match.sameAs = entry->second;
        if (!match.sameAs.none()) continue;
        auto holder = holderNamed(contact, name);
        if (!holder) return passOn(holder);
        match.sameAs = *holder;
    }
    return match;
}

Result<SubjectId> Importer::holderNamed(const wire::ContactPoint& contact,
                                        const std::string& name) {
    auto holders = _store.byContactKey(store::contactKey(_keys, contact.canonical));
    if (!holders) return passOn(holders);
    for (const SubjectId& holder : *holders) {
        const auto row = _store.person(holder);
        if (!row) continue;
        const auto other = contact::PersonName::parse(row->display, row->language);
        if (!other || other->canonicalKey(_folder) != name) continue;
        // A stranger may have typed both at a kiosk: that links to nobody by itself.
        const auto proposed = _store.proposed(holder);
        if (!proposed) return passOn(proposed);
        if (!*proposed) return holder;
    }
    return SubjectId{};
}

void Importer::addPerson(const intake::Record& record, const SubjectId& subject,
                         const wire::PersonData& person) {
    bool first = true;
    for (const wire::ContactPoint& contact : person.contacts) {
        consent::Contact body;
        body.channel = contact.channel;
        body.contactKey = store::contactKey(_keys, contact.canonical);
        const bool bounced = contact.channel == "email" && record.emailBounced && first;
        // Where the house says that its ticketing system knows its addresses to reach the customer,
        // that holds of an export of it as well: a spoken yes then counts at once.
        body.status = bounced                         ? consent::ContactStatus::bounced
                      : _policy.hostAddressesVerified ? consent::ContactStatus::verified
                                                      : consent::ContactStatus::unverified;
        add({subject, body, first ? person : wire::PersonData{}, _options.now, kDayMs});
        first = false;
    }
    if (first && !person.empty()) {
        const std::string language = person.language.empty() ? "und" : person.language;
        add({subject, consent::Fact{"language", language}, person, _options.now, kDayMs});
    }
    if (record.restricted)
        add({subject, consent::Fact{"restricted", "yes"}, {}, _options.now, kDayMs});
}

void Importer::addOrders(const intake::Record& record, const SubjectId& subject) {
    for (const intake::Order& order : record.orders) {
        consent::Order body;
        body.source = _options.system;
        body.amountCents = order.amountCents;
        if (const auto genre = genreToken(_folder, order.genre); !genre.empty())
            body.genres.push_back(genre);
        wire::PersonData details;
        details.order.number = order.id;
        details.order.at = order.at.value_or(0);
        if (!order.event.empty()) details.order.items.push_back(order.event);
        details.order.amountCents = order.amountCents;
        add({subject, body, details, order.at.value_or(_options.now), kDayMs});
        ++_counts.orders;
    }
}

consent::ChoiceItem Importer::choiceFor(const intake::Permission& permission,
                                        std::string& source) const {
    consent::ChoiceItem item;
    item.purpose = permission.purpose;
    item.channel = permission.channel;
    source = permission.source.substr(0, limits::kTokenMaxChars);
    if (permission.answer != intake::Answer::given) {
        const bool objected = permission.answer == intake::Answer::objected;
        item.choice = objected ? consent::Choice::objected : consent::Choice::refused;
        return item;
    }
    item.choice = consent::Choice::given;
    const consent::ChannelRule* rule = _policy.rule(item.purpose, item.channel, _options.now);
    if (permission.at) {
        item.basis = consent::Basis::consent;
        // A confirmation that the source does not tell of did not happen; one that it asked for
        // and did not get is waited for, whatever the pack asks.
        item.confirm =
            permission.confirmed ? !*permission.confirmed : rule != nullptr && rule->doubleOptIn;
        if (rule != nullptr && rule->expiryMonths > 0)
            item.validUntil = addMonths(*permission.at, rule->expiryMonths);
    } else {
        item.basis = consent::Basis::legacy;
        if (source.empty()) source = _options.system;
        if (rule != nullptr && rule->legacyMonths > 0)
            item.validUntil = addMonths(_options.now, rule->legacyMonths);
    }
    return item;
}

Result<bool> Importer::refusedOnFile(const SubjectId& person, const consent::Key& key) const {
    if (person.none()) return false;
    const auto held = _store.state(person, key);
    if (held) return consent::negative(held->state);
    // Not yet in the store if it stood in an earlier line of this very file.
    if (held.error().code == Code::notFound) return false;
    return passOn(held);
}

Result<std::vector<intake::Permission>> Importer::weigh(const intake::Record& record,
                                                        const Match& match) {
    std::vector<intake::Permission> out;
    for (const intake::Permission& permission : record.permissions) {
        bool bears = true;
        if (permission.answer == intake::Answer::unclear) {
            auto doubt = doubted(permission, match);
            if (!doubt) return passOn(doubt);
            if (*doubt) ++_counts.doubts;
            // A dry run's prospects weigh it against what else the file says.
            bears = *doubt || _options.dryRun;
        } else if (permission.answer != intake::Answer::given) {
            ++_counts.negatives;
        }
        if (bears) out.push_back(permission);
    }
    return out;
}

Result<bool> Importer::doubted(const intake::Permission& permission, const Match& match) {
    if (!match.known && match.sameAs.none()) return false;
    if (auto written = flush(); !written) return passOn(written); // an earlier row of this file
    for (const SubjectId& subject : {match.subject, match.sameAs}) {
        if (subject.none()) continue;
        const auto held =
            _store.state(subject, {_policy.controller.id, permission.purpose, permission.channel});
        if (!held && held.error().code == Code::notFound) continue;
        if (!held) return passOn(held);
        const bool stands = consent::permits(held->state) || held->pending;
        if (stands && (permission.at || !consent::live(held->method))) return true;
    }
    return false;
}

Result<consent::StateView> Importer::prerequisiteOf(const consent::ChoiceItem& item,
                                                    const intake::Record& record,
                                                    const SubjectId& onFile) const {
    consent::StateView view;
    const auto needed = _policy.prerequisite(item.purpose, item.channel, _options.now);
    if (!needed) return view;
    const consent::Key key{_policy.controller.id, needed->first, needed->second};
    if (!onFile.none()) {
        const auto held = _store.state(onFile, key);
        if (held) view = *held;
        if (!held && held.error().code != Code::notFound) return passOn(held);
        if (consent::negative(view.state)) return view;
    }
    for (const intake::Permission& permission : record.permissions) {
        std::string source;
        const consent::ChoiceItem beside = choiceFor(permission, source);
        if (beside.purpose != key.purpose || beside.channel != key.channel) continue;
        if (beside.choice != consent::Choice::given) return consent::StateView{};
        if (beside.basis != consent::Basis::consent || beside.confirm) continue;
        view.state = consent::State::given;
        view.validUntil = beside.validUntil;
    }
    return view;
}

Result<bool> Importer::willReach(const consent::ChoiceItem& item, const std::string& source,
                                 const intake::Record& record, const wire::PersonData& person,
                                 const Match& match) const {
    if (item.confirm || record.restricted) return false;
    const consent::Key key{_policy.controller.id, item.purpose, item.channel};
    const SubjectId& onFile = match.known ? match.subject : match.sameAs;
    consent::EligibilityInput input;
    auto said = refusedOnFile(onFile, key);
    if (!said) return said;
    if (*said) return false;
    const bool weak = item.basis != consent::Basis::consent;
    if (weak && source.empty()) return false;
    input.state.state = item.basis == consent::Basis::softOptIn ? consent::State::softOptIn
                        : weak                                  ? consent::State::legacy
                                                                : consent::State::given;
    input.state.because = EventId{match.subject.uuid}; // any: it will be an event of this import
    input.state.basis = item.basis;
    input.state.method = consent::Method::import;
    input.state.validUntil = item.validUntil;
    auto beside = prerequisiteOf(item, record, onFile);
    if (!beside) return passOn(beside);
    input.prerequisite = *beside;
    bool first = true;
    for (const wire::ContactPoint& contact : person.contacts) {
        const bool newest = contact.channel == "email" && std::exchange(first, false);
        if (contact.channel != item.channel) continue;
        const std::string address = store::contactKey(_keys, contact.canonical);
        const auto refused = _store.saidNoAt(address, key, onFile);
        if (!refused) return passOn(refused);
        input.contactPresent = true;
        input.contactVerified = true; // it came with the customer from the box office
        input.contactBounced = newest && record.emailBounced;
        input.othersAtAddress.clear();
        if (*refused) input.othersAtAddress.push_back(consent::State::refused);
        if (consent::eligible(input, _policy, item.purpose, item.channel, _options.now).eligible)
            return true;
    }
    return false;
}

Result<void> Importer::addPermissions(const intake::Record& record, const Match& match,
                                      const wire::PersonData& person) {
    bool reachable = false;
    const auto counted = prospect(match);
    if (!counted) return passOn(counted);
    const auto note = [&](const consent::ChoiceItem& item, const std::string& source, TimeMs at) {
        if (reachable && !_options.dryRun) return Result<void>{};
        const auto will = willReach(item, source, record, person, match);
        if (!will) return Result<void>(passOn(will));
        if (!*will) return Result<void>{};
        reachable = true;
        promise(*counted, item, at, person);
        return Result<void>{};
    };
    const auto bearing = weigh(record, match);
    if (!bearing) return passOn(bearing);
    for (const intake::Permission& permission : *bearing) {
        consent::Act act;
        act.controller = _policy.controller.id;
        act.method = consent::Method::import;
        act.place = _options.place;
        act.choices.push_back(choiceFor(permission, act.source));
        const consent::ChoiceItem& item = act.choices.front();
        if (item.choice != consent::Choice::given) {
            promise(*counted, item, permission.at.value_or(_options.now), person);
        } else {
            ++(item.basis == consent::Basis::legacy ? _counts.legacy : _counts.consents);
            if (auto noted = note(item, act.source, permission.at.value_or(0)); !noted)
                return noted;
        }
        add({match.subject, act, {}, permission.at.value_or(_options.now), kDayMs});
    }
    TimeMs bought = 0;
    const consent::Act soft = softOptIn(record, person, answered(record), bought);
    for (const consent::ChoiceItem& item : soft.choices) {
        if (auto noted = note(item, soft.source, 0); !noted) return noted;
    }
    if (!soft.choices.empty()) {
        add({match.subject, soft, {}, bought, kDayMs});
        ++_counts.softOptIns;
    }
    if (reachable && !objects(record)) ++_counts.reachable;
    return {};
}

consent::Act Importer::softOptIn(const intake::Record& record, const wire::PersonData& person,
                                 const std::set<std::pair<std::string, std::string>>& answered,
                                 TimeMs& at) {
    const auto last = std::max_element(
        record.orders.begin(), record.orders.end(),
        [](const auto& a, const auto& b) { return a.at.value_or(0) < b.at.value_or(0); });
    consent::Act act;
    if (last == record.orders.end() || !last->at || last->id.empty()) return act;
    at = *last->at;
    act.controller = _policy.controller.id;
    act.method = consent::Method::import;
    act.place = _options.place;
    act.source = ("order:" + _folder.fold(last->id)).substr(0, limits::kTokenMaxChars);
    std::replace(act.source.begin(), act.source.end(), ' ', '-');
    for (const consent::Purpose& purpose : _policy.purposes) {
        // Similar products of the house's own: neither a partner's, nor what it never asks about
        // (a gift to a charity is no ticket).
        if (!purpose.partner.empty() || !purpose.askedAtCounter ||
            purpose.dpv != "dpv:DirectMarketing")
            continue;
        for (const consent::Token& channel : purpose.channels) {
            const consent::ChannelRule* rule = _policy.rule(purpose.id, channel, _options.now);
            // A rule of one purpose is an exception that a house must qualify for (charities): a
            // file of ticket buyers does not show that it does.
            if (rule == nullptr || rule->purpose != consent::kAny ||
                !rule->basis.contains(consent::Basis::softOptIn)) {
                continue;
            }
            if (answered.contains({purpose.id, channel}) || !holds(person, channel)) continue;
            consent::ChoiceItem item;
            item.purpose = purpose.id;
            item.channel = channel;
            item.choice = consent::Choice::given;
            item.basis = consent::Basis::softOptIn;
            if (rule->softMonths > 0) item.validUntil = addMonths(*last->at, rule->softMonths);
            if (item.validUntil > _options.now) act.choices.push_back(item);
        }
    }
    return act;
}

Result<void> Importer::take(const intake::Record& record) {
    ++_counts.records;
    wire::PersonData person = personFrom(record, _options.system, _folder);
    const auto erased = suppressed(person);
    if (!erased) return passOn(erased);
    if (*erased) {
        ++_counts.suppressed;
        return {};
    }
    auto found = match(record, person);
    if (!found) return passOn(found);
    if (!record.sourceId.empty()) _bySourceId.emplace(record.sourceId, found->subject);
    ++(found->known ? _counts.known : _counts.newSubjects);
    if (!found->sameAs.none() && found->sameAs != found->subject) {
        ++_counts.linked;
        add({found->subject,
             consent::Link{found->sameAs, "same-address-and-name"},
             {},
             _options.now,
             kDayMs});
    }
    addPerson(record, found->subject, person);
    addOrders(record, found->subject);
    if (auto added = addPermissions(record, *found, person); !added) return added;
    if (_pending.size() >= kFlushEvents) return flush();
    return {};
}

std::vector<std::string> Importer::addresses(const wire::PersonData& person,
                                             std::string_view channel) const {
    std::vector<std::string> out;
    for (const wire::ContactPoint& contact : person.contacts) {
        if (channel == consent::kAny || contact.channel == channel)
            out.push_back(store::contactKey(_keys, contact.canonical));
    }
    return out;
}

void Importer::promise(const SubjectId& person, const consent::ChoiceItem& item, TimeMs at,
                       const wire::PersonData& data) {
    if (!_options.dryRun) return;
    const consent::Key key{_policy.controller.id, item.purpose, item.channel};
    if (item.choice == consent::Choice::given) {
        const bool dated = item.basis == consent::Basis::consent;
        _prospects.yes(person, {key, dated ? at : 0, addresses(data, item.channel)});
        return;
    }
    _prospects.no(person, key, at, addresses(data, consent::kAny));
    if (item.choice == consent::Choice::objected) _prospects.objects(person);
}

Result<SubjectId> Importer::prospect(const Match& match) {
    if (!_options.dryRun) return match.subject;
    // Linked by a row of this file, or by what is on file.
    if (!match.sameAs.none()) {
        const auto linked = _prospectOf.find(match.sameAs);
        _prospectOf.emplace(match.subject,
                            linked == _prospectOf.end() ? match.sameAs : linked->second);
    }
    const auto root = _prospectOf.find(match.subject);
    SubjectId person = root == _prospectOf.end() ? match.subject : root->second;
    const auto held = _store.person(person);
    if (held) person = held->person;
    if (!held && held.error().code != Code::notFound) return passOn(held);
    if (!_prospects.knows(person)) {
        const auto before = reachableNow(match);
        if (!before) return passOn(before);
        _prospects.begin(person, *before);
    }
    return person;
}

Result<bool> Importer::reachableNow(const Match& match) const {
    const SubjectId& subject = match.known ? match.subject : match.sameAs;
    if (subject.none()) return false;
    auto before = _store.reachable(subject, _policy, _options.now);
    if (!before && before.error().code == Code::notFound) return false;
    return before;
}

Result<void> Importer::flush() {
    if (!_options.dryRun && !_pending.empty()) {
        if (auto written = _sink.append(_pending); !written) return passOn(written);
    }
    _pending.clear();
    return {};
}

Result<void> Importer::finish() {
    _counts.newlyReachable = _prospects.newlyReachable();
    return flush();
}

} // namespace souffleur::people
