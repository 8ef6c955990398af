#include "tests/sim/Oracles.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "plugin/consent/Policy.h"
#include "plugin/consent/StateOf.h"
#include "plugin/ledger/Outbox.h"
#include "plugin/wire/Header.h"

namespace souffleur::sim {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kAll = 100'000;
constexpr const char* kPurposes[] = {"newsletter", "brochure", "donations"};
constexpr const char* kChannels[] = {"email", "post"};

/// An event as its device holds it.
struct Made {
    consent::Event event;
    std::string header;
};

std::string nameOf(const TillNode& till, std::size_t number) {
    return (till.up() ? "till " : "dead till ") + std::to_string(number);
}

std::optional<std::size_t> deskOf(const consent::Event& event) {
    const auto* act = std::get_if<consent::Act>(&event.body);
    if (act == nullptr || !act->place.starts_with("desk-")) return std::nullopt;
    std::size_t number = 0;
    const char* end = act->place.data() + act->place.size();
    const auto [at, error] = std::from_chars(act->place.data() + 5, end, number);
    return error == std::errc{} && at == end ? std::optional(number) : std::nullopt;
}

/// The whole log, as head office hands it out.
std::vector<store::Outgoing> logOf(const store::Store& store) {
    std::vector<store::Outgoing> all;
    store::Cursor at;
    while (true) {
        auto page = store.pull(at, 5000, OriginId{});
        if (!page) return all;
        std::move(page->events.begin(), page->events.end(), std::back_inserter(all));
        at = page->next;
        if (!page->more) return all;
    }
}

class Judge {
public:
    explicit Judge(World& world) : _world(world) {}

    void all() {
        gather();
        if (!_world.wrongs().empty()) return;
        once();
        everywhere();
        states();
        chains();
        nowhere();
        replay();
    }

private:
    void gather();
    void once();
    void everywhere();
    void atHub(const Made& made);
    void atTill(std::size_t number, const Made& made);
    void log();
    void states();
    void compare(const SubjectId& subject, const consent::Key& key,
                 const consent::History& history);
    void outvoted(const consent::Key& key, const consent::StateView& view,
                  const std::set<SubjectId>& person, const std::string& who);
    [[nodiscard]] bool outweighs(const Made& yes, const Made& no, consent::Choice choice) const;
    void chains();
    void nowhere();
    void replay();
    void wrong(const std::string& what) { _world.wrong(what); }
    store::Store& store() { return _world.hub().store(); }

    World& _world;
    std::map<EventId, Made> _made;       ///< at tills
    std::vector<consent::Event> _events; ///< the same, and head office's own
    std::set<EventId> _takenBack;
    std::vector<crypto::Hash> _heads; ///< of the tills' chains
};

/// Every till's own chain, from its own ledger.
void Judge::gather() {
    for (auto& till : _world.tills()) {
        const std::string who = nameOf(*till, till->sender().number);
        if (const auto rewound = till->ledger().outbox().rewind(0, {}); !rewound)
            return wrong(who + " cannot go back: " + rewound.error().text());
        const auto run = till->ledger().outbox().next(kAll, SIZE_MAX);
        if (!run) return wrong(who + " cannot read its chain: " + run.error().text());
        _heads.push_back(run->head);
        for (const ledger::OutboxEvent& each : run->events) {
            auto header = wire::decodeHeader(each.header);
            if (!header) return wrong(who + " holds an event that cannot be read");
            header->event.position = each.seq;
            if (const auto* undo = std::get_if<consent::Retract>(&header->event.body))
                _takenBack.insert(undo->target);
            _events.push_back(header->event);
            const EventId id = header->event.id;
            if (!_made.emplace(id, Made{std::move(header->event), each.header}).second)
                wrong("one event id stands twice");
        }
    }
}

/// What was acknowledged is there, once; what was not is there once or not at all.
void Judge::once() {
    std::map<std::size_t, std::size_t> desks;
    for (const auto& [id, made] : _made) {
        const auto desk = deskOf(made.event);
        if (desk && ++desks[*desk] > 1)
            wrong("answer " + std::to_string(*desk) + " was recorded twice");
    }
    for (std::size_t i = 0; i < _world.said().size(); ++i) {
        const Said& said = _world.said()[i];
        if (!said.acknowledged) continue;
        const auto found = _made.find(said.acknowledged->id);
        if (found == _made.end() || found->second.event.position != said.acknowledged->seq ||
            found->second.event.origin != _world.tills()[said.till]->origin())
            wrong("acknowledged answer " + std::to_string(i) + " is lost at its own till");
    }
}

void Judge::everywhere() {
    for (const auto& [id, made] : _made) {
        atHub(made);
        for (std::size_t i = 0; i < _world.tills().size(); ++i) atTill(i, made);
    }
    log();
    const std::size_t total = _events.size();
    const auto counts = store().counts(0);
    if (!counts || counts->events != total || counts->quarantined != 0)
        wrong("head office holds " + std::to_string(counts ? counts->events : 0) + " events and " +
              std::to_string(counts ? counts->quarantined : 0) + " in quarantine, of " +
              std::to_string(total));
    for (auto& till : _world.tills()) {
        const auto stats = till->ledger().stats();
        if (!stats || stats->events != total || stats->quarantined != 0)
            wrong(nameOf(*till, till->sender().number) + " holds " +
                  std::to_string(stats ? stats->events : 0) + " events and " +
                  std::to_string(stats ? stats->quarantined : 0) + " in quarantine, of " +
                  std::to_string(total));
    }
}

void Judge::atHub(const Made& made) {
    const auto held = store().event(made.event.id);
    if (!held || held->header != made.header || held->origin != made.event.origin ||
        held->seq != made.event.position)
        wrong("head office lacks event " + std::to_string(made.event.position) + " of a till" +
              (held ? " as it was made" : ""));
}

void Judge::atTill(std::size_t number, const Made& made) {
    const TillNode& till = *_world.tills()[number];
    const auto held = till.ledger().event(made.event.id);
    if (!held || held->header != made.header || held->event.position != made.event.position)
        wrong(nameOf(till, number) + " lacks event " + std::to_string(made.event.position) +
              " of a till" + (held ? " as it was made" : ""));
}

/// Head office's log: each event once, without a gap; its own events join the others.
void Judge::log() {
    std::map<std::size_t, std::set<std::uint64_t>> shards;
    std::set<EventId> seen;
    const OriginId hub = _world.hub().home().origin();
    for (const store::Outgoing& each : logOf(store())) {
        auto header = wire::decodeHeader(each.header);
        if (!header) return wrong("head office hands out what cannot be read");
        // What went ahead of the log comes again at its place.
        const bool again = !seen.insert(header->event.id).second;
        shards[each.shard].insert(each.position);
        if (again || each.origin != hub) continue;
        header->event.position = each.seq;
        _events.push_back(std::move(header->event));
    }
    std::size_t places = 0;
    for (const auto& [shard, positions] : shards) {
        if (*positions.begin() != 1 || *positions.rbegin() != positions.size())
            wrong("head office's log has a gap");
        places += positions.size();
    }
    if (seen.size() != _events.size() || places != seen.size())
        wrong("head office's log is not what was made");
}

// ---------------------------------------------------------------- what follows from them

void Judge::states() {
    const consent::Clocks clocks(_events);
    for (const Customer& customer : _world.people()) {
        const std::set<SubjectId> person = consent::linkedWith(customer.id, _events);
        const consent::History history(_events, person, clocks);
        for (const char* purpose : kPurposes) {
            for (const char* channel : kChannels)
                compare(customer.id, {kController, purpose, channel}, history);
        }
    }
}

void Judge::compare(const SubjectId& subject, const consent::Key& key,
                    const consent::History& history) {
    const consent::StateView expected = history.state(key);
    const std::set<SubjectId> person = consent::linkedWith(subject, _events);
    const auto check = [&](const std::string& who, const consent::StateView& view) {
        if (view != expected)
            wrong(who + " says " + std::string(consent::name(view.state)) + " of " + key.purpose +
                  " by " + key.channel + ", the events say " +
                  std::string(consent::name(expected.state)));
        if (view.state == consent::State::given) outvoted(key, view, person, who);
    };
    const auto held = store().state(subject, key);
    check("head office", held.value_or(consent::StateView{}));
    consent::Policy policy;
    policy.controller.id = kController;
    for (const char* purpose : kPurposes) {
        consent::Purpose one;
        one.id = purpose;
        one.channels.assign(std::begin(kChannels), std::end(kChannels));
        policy.purposes.push_back(one);
    }
    for (auto& till : _world.tills()) {
        const std::string who = nameOf(*till, till->sender().number);
        const auto facts = till->ledger().personFacts(subject, policy);
        if (!facts) return wrong(who + " cannot say: " + facts.error().text());
        const auto found = facts->states.find({key.purpose, key.channel});
        check(who, found == facts->states.end() ? consent::StateView{} : found->second);
        if (facts->restricted) wrong(who + " restricts a person for nothing");
    }
}

/// By the time that truly was: a no is outvoted by a yes that had seen it, came after it at the
/// same till, or was said later. Computed without the rules of plugin/consent.
void Judge::outvoted(const consent::Key& key, const consent::StateView& view,
                     const std::set<SubjectId>& person, const std::string& who) {
    const auto yes = _made.find(view.because);
    if (yes == _made.end()) return wrong(who + " holds a yes that nobody said");
    for (const auto& [id, made] : _made) {
        const auto* act = std::get_if<consent::Act>(&made.event.body);
        if (act == nullptr || !person.contains(made.event.subject) || _takenBack.contains(id))
            continue;
        for (const consent::ChoiceItem& item : act->choices) {
            const bool bears = consent::negative(item.choice) &&
                               (item.purpose == key.purpose || item.purpose == consent::kAny) &&
                               (item.channel == key.channel || item.channel == consent::kAny);
            if (bears && !outweighs(yes->second, made, item.choice))
                wrong(who + ": a " + std::string(consent::name(item.choice)) +
                      " was outvoted by what was said before it");
        }
    }
}

bool Judge::outweighs(const Made& yes, const Made& no, consent::Choice choice) const {
    const auto& act = std::get<consent::Act>(yes.event.body);
    if (choice != consent::Choice::refused &&
        !consent::StateRules{}.liftEvidence.contains(act.method))
        return false;
    const bool same = yes.event.subject == no.event.subject;
    if (consent::live(act.method) &&
        (std::ranges::find(act.seen, no.event.id) != act.seen.end() ||
         (same && yes.event.origin == no.event.origin && yes.event.position > no.event.position)))
        return true;
    if (!same) return false;
    const auto yesDesk = deskOf(yes.event);
    const auto noDesk = deskOf(no.event);
    if (choice == consent::Choice::objected || !yesDesk || !noDesk) return false;
    return _world.said()[*yesDesk].lastTry > _world.said()[*noDesk].firstTry;
}

void Judge::chains() {
    for (std::size_t i = 0; i < _world.tills().size(); ++i) {
        const TillNode& till = *_world.tills()[i];
        const auto report = till.ledger().verify();
        if (!report) wrong(nameOf(till, i) + " does not verify: " + report.error().text());
        const auto known = store().origin(till.origin());
        if (!known || known->head != _heads[i] || known->status != store::OriginStatus::active)
            wrong("head office holds another chain of till " + std::to_string(i));
    }
    if (const auto verified = store().verify(); !verified)
        wrong("head office does not verify: " + verified.error().text());
}

/// The personal data of erased people are in no file of any machine.
void Judge::nowhere() {
    std::set<std::string> words;
    for (const Erased& erased : _world.erased()) {
        for (const std::size_t i : erased.said) {
            const Said& said = _world.said()[i];
            if (said.lastTry <= erased.at) words.insert(said.marker);
        }
    }
    if (words.empty()) return;
    std::vector<fs::path> folders{_world.hub().folder()};
    for (auto& till : _world.tills()) folders.push_back(till->folder());
    for (const fs::path& folder : folders) {
        for (const auto& entry : fs::recursive_directory_iterator(folder)) {
            if (!entry.is_regular_file()) continue;
            std::ifstream in(entry.path(), std::ios::binary);
            const std::string bytes{std::istreambuf_iterator<char>(in), {}};
            for (const std::string& word : words) {
                if (bytes.find(word) != std::string::npos)
                    wrong("an erased word is still in " + folder.filename().string() + "/" +
                          entry.path().filename().string());
            }
        }
    }
}

/// Everything is sent again from the first event on (gather() went back to it): nothing changes.
void Judge::replay() {
    const auto before = store().verify();
    const auto count = store().counts(0);
    _world.meetAll();
    const auto after = store().verify();
    if (!before || !after || *before != *after || store().counts(0)->events != count->events)
        wrong("sending everything again changed something");
    for (auto& till : _world.tills()) {
        const auto pending = till->outbox().pending();
        if (!pending || *pending != 0) wrong("something is left to send");
        if (till->loop().status().state != protocol::SyncStatus::State::inStep)
            wrong("a till is not in step");
    }
}

} // namespace

void judge(World& world) {
    if (!world.wrongs().empty()) return;
    world.lookAfter();
    if (world.wrongs().empty()) Judge(world).all();
}

} // namespace souffleur::sim
