// What head office says itself: erasures, links, unlinks.
#include <set>

#include "plugin/consent/StateOf.h"
#include "plugin/wire/Header.h"
#include "tests/sim/World.h"

namespace souffleur::sim {

void World::erase() {
    if (!_hub->up()) return;
    Customer& customer = _people[_random.below(_people.size())];
    people::NewEvent erase;
    erase.subject = customer.id;
    erase.body = consent::Erase{};
    const auto newest = _hub->store().newestPayload(customer.id);
    if (newest && *newest > _time.now()) erase.at = *newest;
    if (order(std::move(erase), "an erasure")) {
        ++customer.erasures;
        Erased erased{customer.id, _time.now(), {}};
        for (std::size_t i = 0; i < _said.size(); ++i) {
            if (_said[i].draft.subject == customer.id && !_said[i].marker.empty())
                erased.said.push_back(i);
        }
        _erased.push_back(std::move(erased));
        _hub->dropSaved();
    }
}

/// Head office says something itself. Nothing: it died of it.
std::optional<EventId> World::order(people::NewEvent event, const char* what) {
    const auto done = _hub->home().chain().append(std::span(&event, 1));
    tell("head office orders " + std::string(what) + ": " + (done ? "ok" : done.error().text()));
    if (!done && _hub->hasPower())
        wrong(std::string(what) + " was not taken: " + done.error().text());
    if (!_hub->hasPower()) killHub();
    return done ? std::optional(done->front()) : std::nullopt;
}

void World::link() {
    if (!_hub->up()) return;
    const SubjectId one = _people[_random.below(_people.size())].id;
    const SubjectId other = _people[_random.below(_people.size())].id;
    if (one == other) return;
    people::NewEvent event;
    event.subject = one;
    event.body = consent::Link{other, "operator"};
    if (const auto id = order(std::move(event), "a link")) _linked.push_back({one, other, *id});
}

std::vector<consent::Event> World::onFile(const SubjectId& subject) const {
    std::vector<consent::Event> out;
    const auto rows = _hub->store().proof(subject);
    if (!rows) return out;
    for (const store::ProofRow& row : *rows) {
        auto header = wire::decodeHeader(row.header);
        if (!header) continue;
        header->event.position = row.seq;
        out.push_back(std::move(header->event));
    }
    return out;
}

/// All noes of the person go to both sides.
void World::unlink() {
    if (!_hub->up() || _linked.empty()) return;
    const Linked ended = _linked[_random.below(_linked.size())];
    std::vector<consent::Event> all;
    for (const Customer& customer : _people) {
        for (consent::Event& event : onFile(customer.id)) all.push_back(std::move(event));
    }
    const std::set<SubjectId> person = consent::linkedWith(ended.one, all);
    std::erase_if(all, [&](const consent::Event& each) { return !person.contains(each.subject); });
    people::NewEvent event;
    event.subject = ended.one;
    event.body = consent::Unlink{ended.link, ended.other, consent::negativesToCopy(all)};
    (void) order(std::move(event), "an unlink");
}

} // namespace souffleur::sim
