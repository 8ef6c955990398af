// What is sent: bytes of the three command sets. Pure. Inside the display room, and its tests.
#pragma once

#include "drivers/display/Display.h"

namespace souffleur::display {

using Bytes = std::vector<std::uint8_t>;

/// After the line was opened: a known state, whatever was there before.
[[nodiscard]] Bytes beginBytes(const Settings& settings);
/// Empties the display.
[[nodiscard]] Bytes clearBytes(const Settings& settings);
/// Both lines, whole: nothing of an earlier screen is left.
[[nodiscard]] Bytes screenBytes(const Settings& settings, const Screen& screen);

} // namespace souffleur::display
