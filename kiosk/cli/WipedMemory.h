// Memory that is freed is wiped: what a visitor typed passes through parsers, buffers and strings
// that nobody wipes by hand.
#pragma once

namespace souffleur::cli {

/// From here on this process overwrites whatever `delete` gives back. For the kiosk's process; at
/// a till it would cost the flag its budget. Under the address sanitizer it does nothing.
void wipeFreedMemory() noexcept;

} // namespace souffleur::cli
