#include "sync/hub/LogViews.h"

#include "sync/hub/ConsoleViews.h"

namespace souffleur::hub {

Result<http::Response> logSince(const LogVoice& voice, const http::Request& request) {
    const auto asked = request.query.find("from");
    const auto from =
        protocol::parseSizes(asked == request.query.end() ? std::string() : asked->second);
    if (!from) return passOn(from);
    auto growth = voice.store.growth(*from);
    if (!growth) return passOn(growth);
    return http::Response::json(protocol::encodeLogAnswer(
        {protocol::signLog(voice.log, growth->heads, voice.now, voice.key),
         std::move(growth->paths)}));
}

Result<protocol::ProofInclusion> inclusionOf(const LogVoice& voice, const EventId& event) {
    auto held = voice.store.inclusion(event);
    if (!held) return passOn(held);
    return protocol::ProofInclusion{
        held->heads.at(held->shard).size, std::move(held->path),
        crypto::shardPath(held->heads, held->shard),
        protocol::signLog(voice.log, held->heads, voice.now, voice.key).head};
}

Result<std::string> proofOf(const LogVoice& voice, const EventId& event) {
    // The place first: an event that has one keeps it.
    auto inclusion = inclusionOf(voice, event);
    if (!inclusion && inclusion.error().code != Code::conflict) return passOn(inclusion);
    const auto row = voice.store.event(event);
    if (!row) return passOn(row);
    const auto origin = voice.store.origin(row->origin);
    if (!origin) return passOn(origin);
    protocol::Proof proof = proofFrom(*row, *origin, voice.now);
    if (inclusion) proof.inclusion = *std::move(inclusion);
    return protocol::encodeProof(proof, &voice.key);
}

} // namespace souffleur::hub
