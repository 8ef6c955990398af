// From a visitor's answers to a durable sealed item; plain text never leaves this memory.
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "kiosk/lobby/SealedStore.h"
#include "kiosk/lobby/Visitor.h"
#include "plugin/base/Random.h"
#include "plugin/crypto/SigningKey.h"
#include "sync/protocol/Sealed.h"

namespace souffleur::lobby {

/// What is left of a sign-up for its slip: nothing of it is personal.
struct Taken {
    consent::Event event;
    crypto::Handle handle{}; ///< on the slip alone
};

/// Thread-safe.
class Sealing {
public:
    struct Who {
        OriginId origin;
        consent::Token place;
    };
    /// Borrows store, key, clock and random.
    Sealing(Who who, SealedStore& store, const crypto::SigningKey& key, const Clock& clock,
            Random& random);

    /// What to seal for from now on; none yet: nothing is taken.
    void use(protocol::Intake intake);
    [[nodiscard]] bool ready() const;
    /// Durable when it returns. `rulesAt`: the time by which the pack's rules are read (a clock at
    /// 1970 is before every rule). Errors: unavailable (no key yet), storage, and the codecs'.
    Result<Taken> signUp(const Visitor& visitor, const consent::Policy& policy, TimeMs rulesAt);
    /// The same for the code of an old slip.
    Result<void> withdrawal(const crypto::Handle& code);
    /// An anonymous questionnaire, which names nobody: without a number, apart from the rest.
    Result<void> ballot(const protocol::Ballot& ballot);

private:
    Result<protocol::Intake> intake() const;
    Result<void> seal(const protocol::SealedContent& content);

    Who _who;
    SealedStore& _store;
    const crypto::SigningKey& _key;
    const Clock& _clock;
    Random& _random;
    mutable std::mutex _mutex;
    std::optional<protocol::Intake> _intake;
};

} // namespace souffleur::lobby
