#include "kiosk/terminal/PolicyWatch.h"

#include <cstdio>

#include "kiosk/terminal/Terminal.h"
#include "plugin/counter/Counter.h"
#include "plugin/ledger/Ledger.h"
#include "plugin/policy/Wordings.h"
#include "sync/agent/HttpHub.h"

namespace souffleur::terminal {
namespace {

/// Of nodes that serve that many different ones, no more is told until one of them is taken.
constexpr std::size_t kRefusedMax = 16;

/// The wordings that acts of this till name, of those that the policy has too.
policy::FrozenWordings frozenOf(const ledger::Ledger& ledger, const consent::Policy& policy) {
    policy::FrozenWordings frozen;
    for (const consent::Notice* notice : policy::wordingsOf(policy)) {
        const std::string key = policy::wordingKey(notice->ref) + ' ';
        const std::string held = ledger.setting("wording:" + notice->ref.id).value_or("");
        if (held.find(key + notice->ref.sha256) != std::string::npos) continue;
        const std::size_t at = held.find(key);
        if (at == std::string::npos) continue;
        frozen[policy::wordingKey(notice->ref)] =
            held.substr(at + key.size(), notice->ref.sha256.size());
    }
    return frozen;
}

} // namespace

PolicyWatch::PolicyWatch(const protocol::Device& device, Parts parts, protocol::Welcome inForce,
                         TimeMs everyMs)
    : _device(device), _parts(parts), _inForce(std::move(inForce)), _everyMs(everyMs),
      _asked(protocol::welcomeTag(_inForce)) {}

void PolicyWatch::check() {
    const TimeMs now = _parts.clock.monotonicMs();
    if (now < _nextAt) return;
    _nextAt = now + _everyMs;
    const auto fresh = _parts.hub.welcomeUnless(_asked);
    if (!fresh || !*fresh) return; // away, or nothing new
    const bool changed = **fresh != _inForce;
    const auto taken = take(**fresh);
    // A full disk is no fault of the pack: it is tried again.
    if (taken || taken.error().code != Code::storage) _asked = protocol::welcomeTag(**fresh);
    if (!news(**fresh, changed, taken.has_value())) return;
    (void) _parts.ledger.audit("system", taken ? "policy.in-force" : "policy.refused",
                               (*fresh)->packName);
    if (taken) return;
    (void) std::fprintf(stderr,
                        "souffleur: what head office has in force now cannot be used here, nothing "
                        "changes: %s\n",
                        taken.error().text().c_str());
}

bool PolicyWatch::news(const protocol::Welcome& fresh, bool changed, bool taken) {
    if (taken) {
        if (changed) _refused.clear();
        return changed;
    }
    return _refused.size() < kRefusedMax && _refused.insert(protocol::welcomeTag(fresh)).second;
}

Result<void> PolicyWatch::take(const protocol::Welcome& fresh) {
    if (fresh == _inForce) return {};
    if (fresh.houseKey != _inForce.houseKey) {
        return fail(Code::conflict,
                    "it has another key for addresses: this till must be enrolled anew in a new "
                    "folder");
    }
    if (fresh.number < _inForce.number || (fresh.number != 0 && fresh.number == _inForce.number)) {
        return fail(
            Code::conflict,
            "it is of before what is in force here: head office was restored from a backup; "
            "put its present house file in its place, or change the old one (a remark is "
            "enough) and start head office anew");
    }
    auto policy = policyFrom(fresh);
    if (!policy) return passOn(policy);
    // Another house file fills other particulars into the same wordings; each text has its hash. A
    // wording that changed by itself kept its number, and may not.
    if (fresh.houseToml == _inForce.houseToml) {
        auto kept = policy::checkFrozen(**policy, frozenOf(_parts.ledger, **policy));
        if (!kept) return kept;
    }
    if (auto kept = _device.keepWelcome(fresh); !kept) return kept;
    _inForce = fresh;
    // What the ledger refuses now it is asked again at the next customer.
    (void) _parts.counter.offerPolicy(*std::move(policy));
    return {};
}

} // namespace souffleur::terminal
