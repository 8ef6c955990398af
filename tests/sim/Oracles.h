// What must be so after a run, whatever happened in it.
#pragma once

#include "tests/sim/World.h"

namespace souffleur::sim {

/// Looks at everything once the calm is over, and tells the world what is wrong.
void judge(World& world);

} // namespace souffleur::sim
