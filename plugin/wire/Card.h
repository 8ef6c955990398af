// What a till is told of a subject that others captured: made by the hub, never a trimmed payload.
// Enough to recognise a person and to find them again by an exact key, not enough to copy a
// customer file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/base/Clock.h"
#include "plugin/base/Id.h"
#include "plugin/base/Result.h"
#include "plugin/consent/Event.h"

namespace souffleur::wire {

struct CardContact {
    consent::Token channel;
    std::string masked; ///< "a•••@example.org"
    std::string key;    ///< keyed hash of the canonical address, hex
    consent::ContactStatus status = consent::ContactStatus::unverified;

    bool operator==(const CardContact&) const = default;
};

struct Card {
    SubjectId subject;
    /// Grows with every change at the hub (its time in ms, or a position); the larger one wins.
    std::uint64_t version = 0;
    std::string displayName;
    std::string language;
    std::vector<CardContact> contacts;
    std::vector<std::string> externalKeys; ///< keyed hashes of "ext:system:value", hex
    int orders = 0;
    TimeMs customerSince = 0; ///< 0 = unknown
    bool restricted = false;
    bool minor = false;
    bool erased = false; ///< everything else is empty then
    /// The latest erasure of the subject that the hub had when it made this card (UTC ms, the
    /// event's time); 0 = none, or of an older hub. Without it a till that holds that erasure
    /// cannot tell who came back from what is to go.
    TimeMs erasedTo = 0;

    bool operator==(const Card&) const = default;
};

/// Errors: invalid, tooLarge (limits::kEventMaxBytes).
Result<std::string> encodeCard(const Card& card);
/// Strict as decodeHeader. Errors: invalid, tooLarge, unsupported.
Result<Card> decodeCard(std::string_view json);

} // namespace souffleur::wire
