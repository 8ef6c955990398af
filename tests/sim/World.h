// One run: a house of some tills and its head office, people who say things, and everything that
// can go wrong, drawn from one seed. Single-threaded: the same seed is the same run.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/sim/Nodes.h"
#include "tests/support/TemporaryFolder.h"

namespace souffleur::sim {

inline constexpr const char* kController = "house";

/// What somebody said, or took back, at a till: asked for once or, after a death, twice.
struct Said {
    std::size_t till = 0;
    ledger::Draft draft;
    std::string key;     ///< of idempotency
    TimeMs firstTry = 0; ///< true time
    TimeMs lastTry = 0;
    int tries = 0;
    std::optional<ledger::Appended> acknowledged;
    std::string marker; ///< of its personal data; empty = none
};

/// A person of the run.
struct Customer {
    SubjectId id;
    unsigned erasures = 0; ///< acknowledged by head office
};

struct Erased {
    SubjectId subject;
    TimeMs at = 0;                 ///< true time
    std::vector<std::size_t> said; ///< what was said of the person before, with personal data
};

/// Two whom head office took for one person.
struct Linked {
    SubjectId one;
    SubjectId other;
    EventId link;
};

class World {
public:
    World(const HouseKeys& keys, std::uint64_t seed, const Switches& switches, bool talks);
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    /// The run, and the calm after it: all are up and reach each other, long enough that nothing
    /// may be left to do.
    void run();

    [[nodiscard]] HubNode& hub() { return *_hub; }
    [[nodiscard]] std::vector<std::unique_ptr<TillNode>>& tills() { return _tills; }
    [[nodiscard]] const std::vector<Said>& said() const { return _said; }
    [[nodiscard]] const std::vector<Customer>& people() const { return _people; }
    [[nodiscard]] const std::vector<Erased>& erased() const { return _erased; }
    [[nodiscard]] const Switches& switches() const { return _switches; }
    [[nodiscard]] const test::LossyDisk& disk() const { return _disk; }
    /// Everybody meets head office once, and must succeed.
    void meetAll();
    /// What each machine does for its files when it is idle; and rot, where that is switched on.
    void lookAfter();
    void wrong(const std::string& what);
    [[nodiscard]] const std::vector<std::string>& wrongs() const { return _wrongs; }
    /// A hash over all that happened.
    [[nodiscard]] std::string story();
    [[nodiscard]] std::string weatherText() const;

private:
    void step();
    void meanwhile();
    void say(TillNode& till);
    void takeBack(TillNode& till);
    void attempt(std::size_t number);
    void meet(TillNode& till);
    void kill(TillNode& till);
    void killHub();
    void revive(TillNode& till);
    void reviveHub();
    void erase();
    void keepBackup();
    void link();
    void unlink();
    std::optional<EventId> order(people::NewEvent event, const char* what);
    [[nodiscard]] std::vector<consent::Event> onFile(const SubjectId& subject) const;
    void tidy();
    void rot();
    void becalm();
    consent::Act somethingSaid();
    TillNode& anyTill() { return *_tills[_random.below(_tills.size())]; }
    TillNode* someTillUp();
    void tell(const std::string& line);

    SeededRandom _random;
    Weather _weather;
    Switches _switches;
    bool _talks;
    TrueTime _time;
    test::TemporaryFolder _folder;
    test::LossyDisk _disk;
    std::unique_ptr<HubNode> _hub;
    crypto::Hash _houseKey{};
    std::unique_ptr<Network> _network;
    std::vector<std::unique_ptr<TillNode>> _tills;
    std::vector<Customer> _people;
    std::vector<Said> _said;
    std::vector<Erased> _erased;
    std::vector<Linked> _linked;
    std::vector<std::string> _wrongs;
    crypto::Sha256 _story;
    int _depth = 0;
};

} // namespace souffleur::sim
