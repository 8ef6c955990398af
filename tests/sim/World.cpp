#include "tests/sim/World.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "plugin/crypto/Encoding.h"

namespace souffleur::sim {
namespace {

constexpr int kDepthMax = 2;
/// Full rounds of everybody after which nothing may be left to do.
constexpr int kCalmRounds = 5;
constexpr unsigned kSometimes = 25;

DeviceClock drawClock(const TrueTime& time, Random& random) {
    const auto within = [&](TimeMs most) {
        return static_cast<TimeMs>(random.below(static_cast<std::uint64_t>(2 * most + 1))) - most;
    };
    switch (random.below(5)) {
    case 0:
    case 1:
        return {time, Timekeeping::exact, within(50), 50, 0};
    case 2:
    case 3: {
        constexpr TimeMs kOff[] = {kMinuteMs, 2 * kHourMs, 400 * kDayMs};
        return {time, Timekeeping::learning, within(kOff[random.below(3)]), 0,
                static_cast<int>(random.below(201)) - 100};
    }
    default: {
        constexpr TimeMs kOff[] = {10 * kMinuteMs, 3 * kHourMs, 30 * kDayMs};
        return {time, Timekeeping::lying, within(kOff[random.below(3)]), 50, 0};
    }
    }
}

template <typename T, std::size_t N>
const T& oneOf(Random& random, const T (&all)[N]) {
    return all[random.below(N)];
}

} // namespace

World::World(const HouseKeys& keys, std::uint64_t seed, const Switches& switches, bool talks)
    : _random(seed), _weather(draw(_random)), _switches(switches), _talks(talks),
      _disk(chance(_random, 70)) {
    _disk.seed(seed);
    const auto hub = _folder.path() / "hub";
    keys.giveTo(hub);
    _hub = std::make_unique<HubNode>(_disk, hub, _time, _random.below(UINT64_MAX));
    if (const auto opened = _hub->open(); !opened) wrong("head office: " + opened.error().text());
    _houseKey = _hub->home().houseKey();
    _network = std::make_unique<Network>(
        _time, _random, _weather, _switches,
        [this](const http::Request& request) { return _hub->answer(request); },
        [this] { meanwhile(); });
    for (std::size_t i = 0; i < _weather.tills; ++i) {
        const DeviceClock clock = drawClock(_time, _random);
        auto till = std::make_unique<TillNode>(
            TillParts{_disk, *_network, _houseKey, _weather.pullLimit},
            _folder.path() / ("till" + std::to_string(i)), i, clock, _random.below(UINT64_MAX));
        if (const auto done = _hub->store().enrol(till->enrolment()); !done)
            wrong("enrolment: " + done.error().text());
        if (const auto opened = till->open(); !opened) wrong("till: " + opened.error().text());
        _tills.push_back(std::move(till));
    }
    for (std::size_t i = 0; i < _weather.people; ++i)
        _people.push_back({SubjectId::random(_random), 0});
    _disk.lie(_switches.disksLie);
    tell(weatherText());
}

World::~World() = default;

std::string World::weatherText() const {
    const Weather& w = _weather;
    const auto n = [](auto number) { return " " + std::to_string(number); };
    std::string text = "weather: lost" + n(w.lost) + " cut" + n(w.cut) + " late" + n(w.late) +
                       " doubled" + n(w.doubled) + " answer lost" + n(w.answerLost) + " cut" +
                       n(w.answerCut) + ", box" + n(w.bodyMaxBytes) + ", bustle" + n(w.bustle) +
                       ", tills" + n(w.tills) + ", people" + n(w.people) + ", steps" + n(w.steps) +
                       ", deaths" + n(w.deaths) + ", parting" + n(w.parting) + ", erasing" +
                       n(w.erasing) + ", restoring" + n(w.restoring) + ", linking" + n(w.linking) +
                       ", page" + n(w.pullLimit);
    for (const auto& till : _tills) {
        text +=
            "; clock" + n(static_cast<int>(till->clock().kind())) + " off" + n(till->clock().off());
    }
    return text;
}

void World::tell(const std::string& line) {
    const std::string whole = std::to_string(_time.now() - kBegin) + " " + line;
    _story.update(whole).update("\n");
    if (_talks)
        (void) std::fprintf(stderr, "%s%s\n", std::string(_depth * 2, ' ').c_str(), whole.c_str());
}

void World::wrong(const std::string& what) {
    _wrongs.push_back(what);
    tell("WRONG " + what);
}

std::string World::story() {
    crypto::Sha256 copy = _story;
    return crypto::toHex(crypto::bytesOf(copy.finish()));
}

// ---------------------------------------------------------------- what happens

void World::run() {
    for (int i = 0; i < _weather.steps && _wrongs.empty(); ++i) step();
    if (_wrongs.empty()) becalm();
}

void World::step() {
    // Mostly seconds, now and then hours.
    _time.pass(static_cast<TimeMs>(_random.below(chance(_random, 8)    ? 6 * kHourMs
                                                 : chance(_random, 40) ? 10 * kMinuteMs
                                                                       : 20 * kSecondMs)));
    if (!_hub->up() && chance(_random, 30)) reviveHub();
    for (auto& till : _tills) {
        if (!till->up() && chance(_random, 30)) revive(*till);
    }
    if (chance(_random, kSometimes)) _network->deliverLate();
    if (!_hub->hasPower()) killHub();
    if (chance(_random, _weather.parting)) {
        TillNode& till = anyTill();
        till.sender().parted = !till.sender().parted;
        tell("till " + std::to_string(till.sender().number) +
             (till.sender().parted ? " parts" : " is back"));
    }
    if (chance(_random, _weather.deaths)) {
        if (chance(_random, 30)) {
            killHub();
        } else if (TillNode* till = someTillUp()) {
            kill(*till);
        }
    }
    if (chance(_random, 2 * _weather.deaths)) {
        // Sooner or later, in the middle of something.
        if (chance(_random, 40)) {
            if (_hub->up()) _hub->cutAfter(1 + _random.below(60));
        } else if (TillNode* till = someTillUp()) {
            till->cutAfter(1 + _random.below(40));
        }
    }
    if (chance(_random, _weather.erasing)) erase();
    if (chance(_random, _weather.restoring)) keepBackup();
    if (chance(_random, _weather.linking)) link();
    if (chance(_random, _weather.linking)) unlink();
    if (chance(_random, 5)) tidy();
    TillNode* till = someTillUp();
    if (till == nullptr) return;
    const std::uint64_t what = _random.below(100);
    if (what < 50) {
        say(*till);
    } else if (what < 53) {
        for (int i = 0; i < 20 && till->up(); ++i) say(*till); // a backlog
    } else if (what < 60) {
        takeBack(*till);
    } else if (what < 62 && till->clock().kind() == Timekeeping::learning) {
        const auto by = static_cast<TimeMs>(_random.below(2 * kHourMs)) - kHourMs;
        till->clock().step(by);
        tell("till " + std::to_string(till->sender().number) + " is set by " + std::to_string(by));
    } else {
        meet(*till);
    }
}

/// Others do something while a request is under way; so does this till's own cashier.
void World::meanwhile() {
    if (_depth >= kDepthMax || !chance(_random, _weather.bustle)) return;
    ++_depth;
    const std::uint64_t what = _random.below(100);
    TillNode* till = someTillUp();
    if (till == nullptr || what < 5) {
        if (!_hub->hasPower() || chance(_random, 20)) killHub();
        if (!_hub->up()) reviveHub();
    } else if (what < 50) {
        say(*till);
    } else if (what < 55) {
        if (chance(_random, _weather.erasing)) erase();
    } else if (!till->busy) {
        meet(*till);
    }
    --_depth;
}

TillNode* World::someTillUp() {
    std::vector<TillNode*> up;
    for (auto& till : _tills) {
        if (till->up() && till->hasPower()) up.push_back(till.get());
    }
    return up.empty() ? nullptr : up[_random.below(up.size())];
}

consent::Act World::somethingSaid() {
    using consent::Choice;
    static constexpr Choice kChoices[] = {Choice::given,    Choice::given,   Choice::given,
                                          Choice::refused,  Choice::refused, Choice::withdrawn,
                                          Choice::deferred, Choice::objected};
    static constexpr const char* kPurposes[] = {"newsletter", "newsletter", "brochure"};
    static constexpr const char* kChannels[] = {"email", "email", "post"};
    static constexpr consent::Method kMethods[] = {consent::Method::spoken, consent::Method::spoken,
                                                   consent::Method::screen, consent::Method::paper,
                                                   consent::Method::import};
    consent::Act act;
    act.controller = kController;
    act.method = oneOf(_random, kMethods);
    act.by = OperatorId::random(_random);
    const std::size_t count = 1 + _random.below(2);
    for (std::size_t i = 0; i < count; ++i) {
        consent::ChoiceItem item;
        item.choice = oneOf(_random, kChoices);
        item.purpose = oneOf(_random, kPurposes);
        item.channel = oneOf(_random, kChannels);
        if (consent::negative(item.choice) && chance(_random, 15)) item.purpose = consent::kAny;
        if (consent::negative(item.choice) && chance(_random, 15)) item.channel = consent::kAny;
        if (item.choice == Choice::given) item.confirm = chance(_random, 5);
        const bool twice = std::ranges::any_of(act.choices, [&](const consent::ChoiceItem& other) {
            return other.purpose == item.purpose && other.channel == item.channel;
        });
        if (!twice) act.choices.push_back(item);
    }
    return act;
}

void World::say(TillNode& till) {
    Said said;
    said.till = till.sender().number;
    const Customer& customer = _people[_random.below(_people.size())];
    consent::Act act = somethingSaid();
    act.place = "desk-" + std::to_string(_said.size());
    if (chance(_random, 70)) {
        std::vector<consent::Key> keys;
        for (const consent::ChoiceItem& item : act.choices)
            keys.push_back({kController, item.purpose, item.channel});
        if (const auto seen = till.ledger().negatives(customer.id, keys)) act.seen = *seen;
    }
    said.draft.subject = customer.id;
    if (chance(_random, 35)) {
        // A word of its own for each, so that it can be looked for.
        said.marker = "q" + crypto::toHex(crypto::bytesOf(crypto::sha256(
                                              customer.id.text() + std::to_string(_said.size()))))
                                .substr(0, 14);
        said.draft.person.displayName = "Anna " + said.marker;
        said.draft.person.language = "nl";
        const std::string address = said.marker + "@example.org";
        said.draft.person.contacts.push_back({"email", address, "email:" + address});
    }
    said.draft.body = std::move(act);
    said.key = "say-" + std::to_string(_said.size());
    _said.push_back(std::move(said));
    attempt(_said.size() - 1);
}

void World::takeBack(TillNode& till) {
    const std::size_t number = till.sender().number;
    const auto last = std::find_if(_said.rbegin(), _said.rend(), [&](const Said& each) {
        return each.till == number && each.acknowledged;
    });
    const auto* act = last == _said.rend() ? nullptr : std::get_if<consent::Act>(&last->draft.body);
    if (act == nullptr) return;
    Said said;
    said.till = number;
    said.draft.subject = last->draft.subject;
    said.draft.body = consent::Retract{last->acknowledged->id, act->by};
    said.key = "say-" + std::to_string(_said.size());
    _said.push_back(std::move(said));
    attempt(_said.size() - 1);
}

void World::attempt(std::size_t number) {
    Said& said = _said[number];
    TillNode& till = *_tills[said.till];
    said.lastTry = _time.now();
    if (said.tries++ == 0) said.firstTry = said.lastTry;
    std::string key = said.key;
    if (_switches.forgetKeys && said.tries > 1) key += "-again";
    if (chance(_random, _weather.deaths)) till.cutAfter(1 + _random.below(4));
    const auto done = till.ledger().append(said.draft, key);
    tell("till " + std::to_string(said.till) + " says " + std::to_string(number) + ": " +
         (done ? std::to_string(done->seq) : done.error().text()));
    if (done) {
        said.acknowledged = *done;
        if (done->repeated)
            said.lastTry = said.firstTry;
        else
            said.firstTry = said.lastTry;
        // A second later a machine whose power went says nothing any more, but this was heard.
    } else if (till.hasPower()) {
        wrong("an answer was not taken: " + done.error().text());
    }
    if (!till.hasPower() && !till.busy) kill(till);
}

void World::meet(TillNode& till) {
    till.busy = true;
    const auto done = till.loop().round();
    till.busy = false;
    tell("till " + std::to_string(till.sender().number) +
         " meets: " + (done ? "in step" : done.error().text()));
    if (!till.hasPower()) kill(till);
    if (!_hub->hasPower()) killHub();
}

void World::kill(TillNode& till) {
    till.cut();
    if (till.busy) return; // its round ends first, on a machine without power
    tell("till " + std::to_string(till.sender().number) + " dies");
    till.die(_random);
}

void World::killHub() {
    if (!_hub->up()) return;
    tell("head office dies");
    _hub->die(_random);
}

void World::revive(TillNode& till) {
    if (chance(_random, _weather.deaths)) till.cutAfter(1 + _random.below(20));
    const auto opened = till.open();
    tell("till " + std::to_string(till.sender().number) +
         " starts: " + (opened ? "ok" : opened.error().text()));
    if (!opened && till.hasPower()) wrong("a till does not start: " + opened.error().text());
    if (!till.hasPower()) return kill(till);
    for (std::size_t i = 0; i < _said.size() && till.up(); ++i) {
        const bool open = _said[i].till == till.sender().number && !_said[i].acknowledged;
        if (open && _said[i].tries == 1 && chance(_random, 60))
            attempt(i);
        else if (open)
            ++_said[i].tries; // its customer has left
    }
}

void World::reviveHub() {
    if (chance(_random, _weather.deaths)) _hub->cutAfter(1 + _random.below(20));
    const auto opened = _hub->open();
    tell(std::string("head office starts: ") + (opened ? "ok" : opened.error().text()));
    if (!opened && _hub->hasPower()) wrong("head office does not start: " + opened.error().text());
    if (!_hub->hasPower()) {
        tell("head office dies");
        _hub->die(_random);
    }
}

/// Head office goes back to what it saved only where its own chain said nothing since: what it says
/// itself nobody sends again.
void World::keepBackup() {
    if (!_hub->up() || _depth > 0) return;
    _hub->cutAfter(UINT64_MAX);
    if (_hub->saved() && _hub->savedSeq() == _hub->ownSeq() && chance(_random, 60)) {
        tell("head office goes back");
        _hub->restore();
    } else {
        tell("head office saves");
        _hub->save();
    }
    reviveHub();
}

void World::tidy() {
    if (_switches.neverTidy) return;
    if (TillNode* till = someTillUp()) {
        const auto done = till->ledger().maintain();
        if (!done && till->hasPower()) wrong("a till's care: " + done.error().text());
        if (!till->hasPower() && !till->busy) kill(*till);
    }
    if (_hub->up()) {
        const auto done = _hub->store().maintain();
        if (!done && _hub->hasPower()) wrong("head office's care: " + done.error().text());
        if (!_hub->hasPower()) killHub();
    }
}

void World::meetAll() {
    for (auto& till : _tills) {
        const auto done = till->loop().round();
        if (!done)
            wrong("till " + std::to_string(till->sender().number) +
                  " is stuck: " + done.error().text());
    }
}

void World::lookAfter() {
    if (_switches.neverTidy) return;
    for (auto& till : _tills) {
        if (const auto done = till->ledger().maintain(); !done)
            wrong("a till's care: " + done.error().text());
    }
    const auto done = _hub->store().maintain();
    if (!done || !*done) wrong("head office's care does not end");
    if (_switches.rot) rot();
}

/// A letter of a stored event becomes another: in a place by which nothing is looked up.
void World::rot() {
    _hub->close();
    const auto file = _hub->folder() / "hub.db";
    std::fstream in(file, std::ios::in | std::ios::out | std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    const std::size_t at = bytes.find("spoken");
    if (at != std::string::npos) {
        in.clear();
        in.seekp(static_cast<std::streamoff>(at));
        in.put('S');
    }
    in.close();
    reviveHub();
}

void World::becalm() {
    const Weather before = _weather;
    _weather = {};
    _weather.bodyMaxBytes = before.bodyMaxBytes;
    tell("calm");
    while (_network->anyLate()) _network->deliverLate();
    if (!_hub->hasPower()) killHub();
    if (_hub->up()) _hub->cutAfter(UINT64_MAX);
    if (!_hub->up()) reviveHub();
    for (auto& till : _tills) {
        till->sender().parted = false;
        if (till->up()) till->cutAfter(UINT64_MAX);
        if (!till->up()) revive(*till);
        if (till->up() && till->hasPower()) continue;
        wrong("a till is not up in the calm");
    }
    for (int i = 0; i < kCalmRounds && _wrongs.empty(); ++i) {
        _time.pass(15 * kSecondMs);
        meetAll();
    }
}

} // namespace souffleur::sim
