#include "sync/hub/Asking.h"

#include <charconv>
#include <cstdlib>
#include <optional>

#include "plugin/crypto/Encoding.h"
#include "sync/hub/ClockJudge.h"
#include "sync/hub/HubOrigin.h"
#include "sync/protocol/Enrolment.h"

namespace souffleur::hub {

namespace {

/// What the device's clock showed when it asked.
std::optional<TimeMs> clockShown(const http::Request& request) {
    const std::string_view text = request.headers.get("X-Souffleur-Clock");
    TimeMs shown = 0;
    const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), shown);
    const bool whole = error == std::errc{} && at == text.data() + text.size();
    if (!whole || shown < kMinTime || shown > kMaxTime) return std::nullopt;
    return shown;
}

} // namespace

TimeMs clockOff(const http::Request& request, TimeMs now) {
    const auto shown = clockShown(request);
    return shown ? std::abs(*shown - now) : 0;
}

Result<store::Origin> deviceAsking(const Home& home, const http::Request& request, May may,
                                   TimeMs now) {
    if (!request.peer.tls || !request.peer.hasCertificate) {
        return fail(Code::refused, "this address is for enrolled devices");
    }
    auto origin =
        home.store().originByFingerprint(crypto::toHex(crypto::bytesOf(request.peer.fingerprint)));
    if (!origin && origin.error().code != Code::notFound) return passOn(origin);
    if (!origin) return fail(Code::refused, "this device is not enrolled here", "unknown");
    const bool forked = origin->status == store::OriginStatus::frozen && may == May::send;
    if (origin->status != store::OriginStatus::active && !forked) {
        return fail(Code::refused,
                    "this device is " + std::string(store::name(origin->status)) +
                        ": head office must approve it",
                    std::string(store::name(origin->status)));
    }
    if (may == May::read && request.peer.notAfter < now) {
        return fail(Code::refused, "this device's certificate has expired: it must renew",
                    protocol::kExpired);
    }
    return origin;
}

Result<void> judgeAsking(const Home& home, const http::Request& request,
                         const store::Origin& device, std::uint64_t firstSeq,
                         std::span<const store::Incoming> events, TimeMs now) {
    const ClockEvidence evidence{device.id,           firstSeq,      device.seq, now,
                                 clockShown(request), device.reached};
    if (judgeClock(evidence, events, {}).empty()) return {};
    const auto known = home.store().clocks();
    if (!known) return passOn(known);
    std::vector<people::NewEvent> judgements;
    for (const consent::ClockJudgement& judgement : judgeClock(evidence, events, *known))
        judgements.push_back({SubjectId{}, judgement, {}, 0, kSecondMs});
    if (judgements.empty()) return {};
    if (auto written = home.chain().append(judgements); !written) return passOn(written);
    return home.store().audit({evidence.now, "system", "device.clock-judged", device.id.text()});
}

} // namespace souffleur::hub
