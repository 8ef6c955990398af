// Whom the ticketing system means.
#include <algorithm>
#include <tuple>

#include "plugin/contact/Email.h"
#include "plugin/counter/State.h"

namespace souffleur::counter {

namespace {

constexpr std::size_t kHintMaxBytes = 400;

/// Host hints may hold anything: a control character in one makes it useless.
std::string cleaned(std::string_view text) {
    std::string out;
    for (const char c : text.substr(0, kHintMaxBytes)) {
        const auto byte = static_cast<unsigned char>(c);
        out += byte < 0x20 || byte == 0x7F ? ' ' : c;
    }
    return out;
}

} // namespace

OnDesk Counter::Parts::recognise(const HostCustomer& host) {
    OnDesk next;
    next.basket = host.basket;
    next.hintLanguage = host.language;
    wire::PersonData& told = next.told;
    if (!host.name.empty()) {
        if (auto name = contact::PersonName::parse(cleaned(host.name), host.language)) {
            told.name = std::move(*name);
            told.displayName = told.name.display();
        }
    }
    std::string mail;
    const auto hint = [&](ContactKind kind, const std::string& value) {
        if (value.empty()) {
            return;
        }
        if (auto reach = reachOf({kind, cleaned(value), true, {}}, settings.region, folder, "")) {
            reach->works = policy->hostAddressesVerified;
            if (kind == ContactKind::email) {
                mail = reach->points.front().canonical;
            }
            next.reaches.push_back(std::move(*reach));
        }
    };
    hint(ContactKind::email, host.email);
    hint(ContactKind::phone, host.phone);
    told.externalIds.push_back({host.system, cleaned(host.id)});
    if (!host.card.empty()) {
        told.externalIds.push_back({"card", cleaned(host.card)});
    }
    if (const auto known = ledger.findExternal(host.system, cleaned(host.id));
        known && !known->empty()) {
        next.subject = known->front();
        told = {};
        return next;
    }
    // Equal e-mail alone is not a person; with an equal name it is (rule 7).
    if (const auto holder = holderOf(mail, told.name)) {
        next.subject = *holder;
        told.name = {};
        told.displayName.clear();
        return next;
    }
    next.subject = SubjectId::random(random);
    return next;
}

/// Who is on file with this address under this name, as spelt but for case, accents and script.
std::optional<SubjectId> Counter::Parts::holderOf(const std::string& address,
                                                  const contact::PersonName& name) {
    if (address.empty() || name.empty()) {
        return std::nullopt;
    }
    const auto holders = ledger.findContact(address);
    for (const SubjectId& holder : holders ? *holders : std::vector<SubjectId>{}) {
        // Of people whom others captured a till has no more than the name that is shown.
        const auto person = ledger.person(holder);
        const auto known = person
                               ? contact::PersonName::parse(person->displayName, person->language)
                               : Result<contact::PersonName>(fail(Code::notFound, ""));
        const bool same =
            person && (folder.fold(person->displayName) == folder.fold(name.display()) ||
                       (known && known->canonicalKey(folder) == name.canonicalKey(folder)));
        if (same) {
            return holder;
        }
    }
    return std::nullopt;
}

/// Of any of these addresses; nobody while the till may not read.
std::optional<SubjectId> Counter::Parts::holderAmong(const std::vector<Reach>& reaches,
                                                     const contact::PersonName& name) {
    if (!mayRead()) {
        return std::nullopt;
    }
    for (const Reach& reach : reaches) {
        for (const wire::ContactPoint& point : reach.points) {
            if (const auto holder = holderOf(point.canonical, name)) {
                return holder;
            }
        }
    }
    return std::nullopt;
}

Outcome<bool> Counter::onFile(std::string_view system, std::string_view id) const {
    const std::lock_guard lock(_parts->mutex);
    if (auto may = _parts->mayRead(); !may) {
        return tl::make_unexpected(may.error());
    }
    const auto known = _parts->ledger.findExternal(system, cleaned(id));
    if (!known) {
        return refuse(known.error());
    }
    return !known->empty();
}

/// A stranger who was selected before their record had come from head office or another till: the
/// desk goes over to the record that is there now.
void Counter::Parts::meetAgain() {
    OnDesk& it = *customer;
    if (it.onFile || it.hostKey.empty() || it.told.externalIds.empty()) {
        return;
    }
    const wire::ExternalId& id = it.told.externalIds.front();
    const auto known = ledger.findExternal(id.system, id.value);
    if (known && !known->empty()) {
        it.subject = known->front();
        it.told = {};
        it.print.clear();
    }
}

void Counter::othersReceipt() {
    const Parts::Entry entry(*_parts);
    if (_parts->customer && _parts->customer->fromPaper) {
        _parts->leave();
    }
}

void Counter::Parts::leaveOldPaper(TimeMs monoMs) {
    if (customer && customer->fromPaper &&
        monoMs - std::max({customer->toldMonoMs, sitting.touchedMs(),
                           handed ? handed->touchedMonoMs : 0}) >=
            kFromPaperMs) {
        leave();
    }
}

void Counter::hostPassed(const HostCustomer& host) {
    const Parts::Entry entry(*_parts);
    Parts& parts = *_parts;
    const std::string hostKey = host.system + '\n' + host.id;
    if (!parts.rush.on || host.id.empty() || !consent::isToken(host.system) ||
        (parts.customer && parts.customer->hostKey == hostKey)) {
        return;
    }
    // Who is on the desk stays there, with wordings of the pack in force: no other comes into
    // force.
    std::optional<OnDesk> before = std::move(parts.customer);
    const auto situation = std::pair(parts.situation, parts.situationSource);
    parts.seat(parts.recognise(host), host.situation);
    static_cast<void>(parts.look()); // counts
    parts.customer = std::move(before);
    std::tie(parts.situation, parts.situationSource) = situation;
    parts.changed();
}

} // namespace souffleur::counter
