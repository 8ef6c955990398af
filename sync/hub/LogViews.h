// The log as head office shows it: signed heads, and proofs that it holds an event and begins with
// what it was (sync/protocol/Log.h).
#pragma once

#include <string>

#include "plugin/http/Message.h"
#include "sync/hub/Home.h"
#include "sync/protocol/Proof.h"

namespace souffleur::hub {

/// Who speaks, with what key, at what moment. All borrowed.
struct LogVoice {
    const store::Store& store;
    const OriginId& log; ///< the hub's own id
    const crypto::SigningKey& key;
    TimeMs now = 0;
};

/// Head and consistency proofs since the sizes in the query's `from`, as JSON. Errors: invalid
/// (`from`), and Store::growth()'s.
Result<http::Response> logSince(const LogVoice& voice, const http::Request& request);
/// That the log holds the event. Errors: Store::inclusion()'s.
Result<protocol::ProofInclusion> inclusionOf(const LogVoice& voice, const EventId& event);
/// The proof of one event with its place in the log, whole, as it is handed out. An advance copy
/// has no place yet and goes without. Errors: notFound, corrupt.
Result<std::string> proofOf(const LogVoice& voice, const EventId& event);

} // namespace souffleur::hub
