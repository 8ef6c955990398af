// The buffers that connections read into and write from outlive them: the library keeps them for
// the next ones, with what passed through.
#pragma once

namespace souffleur::http {

/// Overwrites those that no connection uses now. For processes in which personal data passes; about
/// once a second. Thread-safe.
void wipeFreeBuffers();

} // namespace souffleur::http
