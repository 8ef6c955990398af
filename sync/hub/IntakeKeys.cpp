#include "sync/hub/IntakeKeys.h"

#include <algorithm>
#include <span>

#include "plugin/crypto/Aead.h"
#include "plugin/crypto/Certificates.h"
#include "plugin/crypto/Sealed.h"

namespace souffleur::hub {
namespace {

std::string about(std::uint64_t number) {
    return "souffleur-intake-key-1 " + std::to_string(number);
}

/// The newest that has rested; the first of all serves at once.
const store::IntakeKey& inUse(const std::vector<store::IntakeKey>& keys, TimeMs now) {
    for (auto it = keys.rbegin(); it != keys.rend(); ++it) {
        if (now - it->madeAt >= kIntakeRestMs) return *it;
    }
    return keys.front();
}

} // namespace

Result<void> IntakeKeys::make(std::uint64_t number, TimeMs now) {
    const crypto::Secret key = crypto::newTlsKey();
    const std::string name = "Souffleur sign-ups " + std::to_string(number);
    const auto request = crypto::makeRequest(key.view(), name);
    if (!request) return passOn(request);
    store::IntakeKey made{number, {}, {}, now};
    {
        const std::lock_guard lock(_home.issuing());
        auto certificate =
            _home.authority().issueRecipient(*request, name, now - kDayMs, now + kAuthorityLifeMs);
        if (!certificate) return passOn(certificate);
        made.certificatePem = std::move(*certificate);
    }
    crypto::Nonce nonce{};
    _random.fill(std::as_writable_bytes(std::span{nonce}));
    auto sealed = crypto::sealWith(_home.intakeSecret(), nonce, about(number), key.view());
    if (!sealed) return passOn(sealed);
    made.sealedKey = std::move(*sealed);
    if (auto put = _home.store().putIntakeKey(made); !put) return put;
    return _home.store().audit({now, "system", "intake.key-made", std::to_string(number)});
}

Result<protocol::Intake> IntakeKeys::current() {
    const std::lock_guard lock(_mutex);
    const TimeMs now = _clock.now().at;
    auto keys = _home.store().intakeKeys();
    if (!keys) return passOn(keys);
    if (keys->empty() || now - keys->back().madeAt >= kIntakeLifeMs) {
        const std::uint64_t next = keys->empty() ? 1 : keys->back().number + 1;
        if (auto made = make(next, now); !made) return passOn(made);
        keys = _home.store().intakeKeys();
        if (!keys) return passOn(keys);
    }
    const store::IntakeKey& key = inUse(*keys, now);
    protocol::Intake intake{key.number, key.certificatePem, {}};
    intake.signature = _home.signingKey().sign(protocol::intakeSigningInput(intake));
    return intake;
}

Result<crypto::Secret> IntakeKeys::open(std::uint64_t number, std::string_view sealed) const {
    const auto keys = _home.store().intakeKeys();
    if (!keys) return passOn(keys);
    const auto found = std::find_if(keys->begin(), keys->end(), [&](const store::IntakeKey& key) {
        return key.number == number;
    });
    if (found == keys->end()) return fail(Code::notFound, "its key is not here any more");
    const auto key = crypto::openWith(_home.intakeSecret(), about(number), found->sealedKey);
    if (!key) return fail(Code::corrupt, "its key cannot be read");
    return crypto::openSealed(key->view(), found->certificatePem, sealed);
}

Result<void> IntakeKeys::tidy() {
    const std::lock_guard lock(_mutex);
    const auto keys = _home.store().intakeKeys();
    if (!keys) return passOn(keys);
    if (keys->size() < 2) return {};
    const auto needs = _home.store().intakeNeeds();
    const auto devices = _home.store().origins();
    if (!needs) return passOn(needs);
    if (!devices) return passOn(devices);
    std::uint64_t oldest = inUse(*keys, _clock.now().at).number;
    for (const store::Origin& device : *devices) {
        if (device.kind != "kiosk" || device.status == store::OriginStatus::revoked) continue;
        const auto said = std::find_if(needs->begin(), needs->end(),
                                       [&](const auto& one) { return one.first == device.id; });
        if (said != needs->end()) {
            oldest = std::min(oldest, said->second);
            continue;
        }
        // It never sent anything: it may hold what it sealed since it is here.
        oldest = std::min(oldest, inUse(*keys, device.enrolledAt).number);
    }
    // What is kept here is read when somebody decides, or a later build can.
    const auto kept = _home.store().keptCounts();
    if (!kept) return passOn(kept);
    for (const store::KeptCount& one : *kept) oldest = std::min(oldest, one.oldestKey);
    if (oldest <= keys->front().number) return {};
    if (auto dropped = _home.store().dropIntakeKeys(oldest); !dropped) return dropped;
    return _home.store().audit(
        {_clock.now().at, "system", "intake.keys-destroyed", std::to_string(oldest)});
}

} // namespace souffleur::hub
