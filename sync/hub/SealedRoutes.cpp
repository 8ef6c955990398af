#include "sync/hub/SealedRoutes.h"

#include "sync/hub/OwnClock.h"
#include "sync/hub/SealedContent.h"

namespace souffleur::hub {
namespace {

constexpr std::string_view kKioskKind = "kiosk";
constexpr const char* kRetryAfterSeconds = "30";

Result<http::Response> orLater(Result<http::Response> answer) {
    if (answer) return answer;
    const Error& error = answer.error();
    if (error.code != Code::unavailable && error.code != Code::storage) return answer;
    http::Response later = http::Response::problem(error);
    later.headers.set("Retry-After", kRetryAfterSeconds);
    return later;
}

/// Is it nothing about the item itself: the next attempt may succeed?
bool passesBy(const Error& error) {
    return error.code == Code::unavailable || error.code == Code::storage ||
           error.code == Code::internal;
}

} // namespace

void SealedRoutes::addTo(http::Router& router) {
    const auto timed =
        [this](Result<http::Response> (SealedRoutes::*handler)(const http::Request&)) {
            return [this, handler](const http::Request& request) -> Result<http::Response> {
                if (auto sane = checkOwnClock(_clock.now().at); !sane) return orLater(passOn(sane));
                auto response = orLater((this->*handler)(request));
                if (response)
                    response->headers.set("X-Souffleur-Time", std::to_string(_clock.now().at));
                return response;
            };
        };
    router.get("/sync/v1/intake", timed(&SealedRoutes::intake));
    router.post("/sync/v1/sealed", timed(&SealedRoutes::take), {protocol::kSealedBodyMaxBytes});
}

Result<store::Origin> SealedRoutes::kiosk(const http::Request& request, May may) {
    auto known = deviceAsking(_home, request, may, _clock.now().at);
    if (known && known->kind != kKioskKind)
        return fail(Code::refused, "this address is for kiosks", "kind");
    if (known && known->status != store::OriginStatus::active)
        return fail(Code::refused, "this kiosk must be enrolled anew",
                    std::string(store::name(known->status)));
    return known;
}

Result<http::Response> SealedRoutes::intake(const http::Request& request) {
    if (auto known = kiosk(request, May::send); !known) return passOn(known);
    const auto now = _keys.current();
    if (!now) return passOn(now);
    return http::Response::json(protocol::encodeIntake(*now));
}

Result<http::Response> SealedRoutes::take(const http::Request& request) {
    const auto known = kiosk(request, May::send);
    if (!known) return passOn(known);
    const auto batch = protocol::decodeSealedBatch(request.body);
    if (!batch) return passOn(batch);
    protocol::SealedAnswer answer;
    for (const protocol::SealedItem& item : batch->items) {
        const auto fate = takeOne(request, *known, item);
        if (!fate) return passOn(fate);
        answer.fates.push_back({item.number, *fate});
    }
    if (batch->needsFrom != 0) {
        if (auto noted = _home.store().noteIntakeNeed(known->id, batch->needsFrom); !noted)
            return passOn(noted);
    }
    return http::Response::json(protocol::encodeSealedAnswer(answer));
}

Result<void> SealedRoutes::tell(const char* what, const OriginId& kiosk) {
    return _home.store().audit({_clock.now().at, "system", what, kiosk.text()});
}

Result<protocol::SealedFate> SealedRoutes::keep(const store::SealedKey& key,
                                                const protocol::SealedItem& item,
                                                const std::string& why) {
    const auto kept = _home.store().keepSealed(key, item.sealed, why, _clock.now().at);
    if (!kept && !passesBy(kept.error())) return protocol::SealedFate::refused;
    if (!kept) return passOn(kept);
    if (kept->had) return protocol::SealedFate::had;
    if (auto told = tell("kiosk.kept", key.origin); !told) return passOn(told);
    return protocol::SealedFate::kept;
}

Result<std::vector<store::Incoming>> SealedRoutes::eventsOf(const protocol::SealedItem& item,
                                                            const store::Origin& kiosk) const {
    const auto plain = _keys.open(item.key, item.sealed);
    if (!plain) return passOn(plain);
    const auto content = protocol::decodeContent(plain->view());
    if (!content) return passOn(content);
    if (const auto* signUp = std::get_if<protocol::SignUp>(&*content)) {
        auto events = checkSignUp(*signUp, kiosk);
        if (!events) return events;
        const auto known = _home.store().person(events->front().subject);
        if (known) return fail(Code::refused, "a kiosk may not speak for somebody on file");
        if (known.error().code != Code::notFound) return passOn(known);
        return events;
    }
    const auto& slip = std::get<protocol::SlipWithdrawal>(*content);
    const auto act = _home.store().actBySlip(slip.code);
    // Nobody's slip: nothing to take back, and nobody is told.
    if (!act && act.error().code == Code::notFound) return std::vector<store::Incoming>{};
    if (!act) return passOn(act);
    const auto row = _home.store().event(act->act);
    if (!row) return passOn(row);
    auto taken = withdrawalOf(slip, row->header, kiosk);
    if (!taken) return passOn(taken);
    return std::vector<store::Incoming>{std::move(*taken)};
}

Result<protocol::SealedFate> SealedRoutes::takeOne(const http::Request& request,
                                                   const store::Origin& kiosk,
                                                   const protocol::SealedItem& item) {
    if (!protocol::checkItem(item, kiosk.id, kiosk.publicKey)) {
        if (auto told = tell("kiosk.unsigned", kiosk.id); !told) return passOn(told);
        return protocol::SealedFate::refused;
    }
    const std::lock_guard lock(_placing);
    const store::SealedKey key{kiosk.id, item.number, crypto::sha256(item.sealed), item.key};
    const auto had = _home.store().hasSealed(key);
    if (!had) return passOn(had);
    if (*had) return protocol::SealedFate::had;
    const auto events = eventsOf(item, kiosk);
    if (!events && passesBy(events.error())) return passOn(events);
    if (!events) return keep(key, item, events.error().text());
    const auto device = _home.store().origin(kiosk.id);
    if (!device) return passOn(device);
    const TimeMs now = _clock.now().at;
    if (auto judged = judgeAsking(_home, request, *device, device->seq + 1, *events, now); !judged)
        return passOn(judged);
    const auto placed = _home.store().placeSealed(key, *events, now);
    if (!placed) return passOn(placed);
    for (const auto& [holds, what] : {std::pair{placed->unplaced, "device.quarantined"},
                                      std::pair{placed->flagged, "device.wording-unknown"},
                                      std::pair{placed->twoOfOne, "kiosk.copied"}}) {
        if (!holds) continue;
        if (auto told = tell(what, kiosk.id); !told) return passOn(told);
    }
    return placed->had ? protocol::SealedFate::had : protocol::SealedFate::placed;
}

} // namespace souffleur::hub
