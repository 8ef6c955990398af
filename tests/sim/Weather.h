// What a run has to live with: drawn from its seed. And the faults beyond what any software can
// bear, by which the oracles are shown to see.
#pragma once

#include <cstddef>
#include <cstdint>

#include "plugin/base/Random.h"

namespace souffleur::sim {

/// True in `percent` of 100.
inline bool chance(Random& random, unsigned percent) {
    return random.below(100) < percent;
}

/// Chances in percent of each occasion.
struct Weather {
    // of a request
    unsigned lost = 0;
    unsigned cut = 0;     ///< half a body arrives
    unsigned late = 0;    ///< it arrives when its sender has long given up
    unsigned doubled = 0; ///< it arrives twice, at once or later
    // of an answer
    unsigned answerLost = 0;
    unsigned answerCut = 0;
    std::size_t bodyMaxBytes = 0; ///< a box on the way takes no more; 0 = takes all
    unsigned bustle = 0;          ///< others do something while a request is under way

    // of a run
    std::size_t tills = 2;
    std::size_t people = 4;
    int steps = 60;
    unsigned deaths = 0;  ///< a machine's power goes, now or in the middle of what it does
    unsigned parting = 0; ///< a till's network goes or comes back
    unsigned erasing = 0;
    unsigned linking = 0;   ///< head office takes two for one person, or no longer
    unsigned restoring = 0; ///< head office saves its database, or goes back to what it saved
    std::size_t pullLimit = 1000;
};

/// Everything that may go wrong, more or less of it.
inline Weather draw(Random& random) {
    const auto upTo = [&](unsigned most) { return static_cast<unsigned>(random.below(most + 1)); };
    Weather w;
    const unsigned storm = upTo(3); // calm, breeze, wind, storm
    w.lost = upTo(6 * storm);
    w.cut = upTo(3 * storm);
    w.late = upTo(3 * storm);
    w.doubled = upTo(4 * storm);
    w.answerLost = upTo(6 * storm);
    w.answerCut = upTo(3 * storm);
    w.bodyMaxBytes = chance(random, 20) ? 3000 + random.below(4000) : 0;
    w.bustle = upTo(25);
    w.tills = 2 + (chance(random, 40) ? 1 + random.below(2) : 0);
    w.people = 2 + random.below(5);
    w.steps = 20 + static_cast<int>(random.below(50));
    w.deaths = upTo(5 * upTo(2));
    w.parting = upTo(10);
    w.erasing = chance(random, 40) ? upTo(5) : 0;
    w.restoring = chance(random, 25) ? upTo(4) : 0;
    constexpr std::size_t kLimits[] = {2, 7, 50, 1000};
    w.pullLimit = kLimits[random.below(4)];
    w.linking = chance(random, 30) ? upTo(5) : 0;
    return w;
}

/// Faults of the simulated world that no software survives. Each is seen by at least one oracle;
/// that is what they are for.
struct Switches {
    bool dropPages = false;    ///< a box on the way empties pages of a pull and keeps their cursor
    bool forgeAnswers = false; ///< a box on the way acknowledges what it threw away, and hides it
    bool hideClocks = false;   ///< a box on the way takes away what devices say of their clocks
    bool refusePushes = false; ///< a box on the way refuses every push of more than one event
    bool disksLie = false;     ///< disks say that they synced, and did not
    bool forgetKeys = false;   ///< a cashier's page asks again under another key
    bool neverTidy = false;    ///< nobody looks after the files
    bool rot = false;          ///< a bit of head office's database turns
};

} // namespace souffleur::sim
