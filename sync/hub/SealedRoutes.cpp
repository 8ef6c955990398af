#include "sync/hub/SealedRoutes.h"

#include "sync/hub/OwnClock.h"
#include "sync/hub/SealedContent.h"

namespace souffleur::hub {
namespace {

constexpr std::string_view kKioskKind = "kiosk";
constexpr const char* kRetryAfterSeconds = "30";
constexpr std::size_t kTriedAtOnce = 50;
/// To be the next at the end of a kiosk's chain.
constexpr int kAttemptsMax = 8;

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
    const auto lost = lacks(*known, batch->told);
    if (!lost) return passOn(lost);
    answer.again = *lost;
    if (answer.again) {
        if (auto told = tellDaily("kiosk.again", known->id); !told) return passOn(told);
    }
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

Result<void> SealedRoutes::tellDaily(const char* what, const OriginId& kiosk) {
    const TimeMs now = _clock.now().at;
    {
        const std::lock_guard lock(_telling);
        TimeMs& last = _told[{what, kiosk}];
        if (last != 0 && now < last + kDayMs) return {};
        last = now;
    }
    return tell(what, kiosk);
}

Result<store::Origin> SealedRoutes::signerOf(const store::Origin& kiosk, const OriginId& id) const {
    if (id.none() || id == kiosk.id) return kiosk;
    auto former = _home.store().origin(id);
    if (former && former->kind != kKioskKind) return fail(Code::notFound, "no kiosk has this id");
    return former;
}

/// Does the store lack what it once said to have? Then it is one from a backup.
Result<bool> SealedRoutes::lacks(const store::Origin& kiosk,
                                 const std::vector<protocol::SealedTold>& told) const {
    for (const protocol::SealedTold& one : told) {
        const auto held =
            _home.store().countSealed(one.origin.none() ? kiosk.id : one.origin, one.from, one.to);
        if (!held) return passOn(held);
        if (*held < one.count) return true;
    }
    return false;
}

Result<protocol::SealedFate> SealedRoutes::later(const OriginId& kiosk) {
    if (auto told = tellDaily("kiosk.later", kiosk); !told) return passOn(told);
    return protocol::SealedFate::later;
}

Result<protocol::SealedFate> SealedRoutes::keep(const store::SealedKey& key,
                                                const protocol::SealedItem& item,
                                                const std::string& why) {
    const auto kept = _home.store().keepSealed(key, item.sealed, why, _clock.now().at);
    // No room: the kiosk has some.
    if (!kept && !passesBy(kept.error())) return later(key.origin);
    if (!kept) return passOn(kept);
    if (kept->had) return protocol::SealedFate::had;
    if (auto told = tell("kiosk.kept", key.origin); !told) return passOn(told);
    return protocol::SealedFate::kept;
}

Result<SealedRoutes::Said> SealedRoutes::saidBy(const protocol::SealedItem& item,
                                                const store::Origin& kiosk) const {
    const auto plain = _keys.open(item.key, item.sealed);
    if (!plain) return passOn(plain);
    const auto content = protocol::decodeContent(plain->view());
    if (!content) return passOn(content);
    // Whose slip it is, and whether its act is here yet, the store sees when it places it.
    if (const auto* slip = std::get_if<protocol::SlipWithdrawal>(&*content))
        return store::SlipNo{slip->code, slip->event, slip->at, slip->unc, slip->offsetMin, 0};
    auto events = checkSignUp(std::get<protocol::SignUp>(*content), kiosk);
    if (!events) return passOn(events);
    const auto known = _home.store().person(events->front().subject);
    if (known) return fail(Code::refused, "a kiosk may not speak for somebody on file");
    if (known.error().code != Code::notFound) return passOn(known);
    return *std::move(events);
}

Result<store::SealedResult> SealedRoutes::placeJudged(const http::Request& request,
                                                      store::SealedKey key,
                                                      const std::vector<store::Incoming>& events,
                                                      TimeMs now, store::SealedOf of) {
    for (int attempts = 1;; ++attempts) {
        const auto device = _home.store().origin(key.origin);
        if (!device) return passOn(device);
        if (auto judged = judgeAsking(_home, request, *device, device->seq + 1, events, now);
            !judged)
            return passOn(judged);
        key.judgedAt = device->seq;
        auto placed = _home.store().placeSealed(key, events, now, of);
        // A no of an earlier day found its act meanwhile, and went before these.
        if (placed || placed.error().code != Code::conflict) return placed;
        if (attempts == kAttemptsMax)
            return fail(Code::unavailable,
                        "this kiosk's chain goes on all the time: send it again");
    }
}

Result<store::SealedResult> SealedRoutes::place(const http::Request& request,
                                                const store::Origin& signer,
                                                const protocol::SealedItem& item,
                                                const store::SealedKey& key, bool decided) {
    const auto said = saidBy(item, signer);
    if (!said) return passOn(said);
    const bool shutOut = signer.status != store::OriginStatus::active;
    const auto of = shutOut ? store::SealedOf::shutOut : store::SealedOf::active;
    const TimeMs now = _clock.now().at;
    Result<store::SealedResult> placed;
    if (const auto* no = std::get_if<store::SlipNo>(&*said)) {
        // The code proves it, whichever kiosk read it.
        store::SlipNo shown = *no;
        shown.clockOff = clockOff(request, now);
        placed = _home.store().placeWithdrawal(key, shown, now, of);
    } else if (shutOut && !decided) {
        // Whether it was said before the kiosk was shut out, nobody can tell from it.
        return fail(Code::refused, "its kiosk is " + std::string(store::name(signer.status)) +
                                       ": somebody has to decide (souffleur-hub kept --take)");
    } else {
        placed = placeJudged(request, key, std::get<std::vector<store::Incoming>>(*said), now, of);
    }
    if (!placed) return placed;
    for (const auto& [holds, what] : {std::pair{placed->unplaced, "device.quarantined"},
                                      std::pair{placed->flagged, "device.wording-unknown"},
                                      std::pair{placed->twoOfOne, "kiosk.copied"}}) {
        if (!holds) continue;
        if (auto told = tell(what, signer.id); !told) return passOn(told);
    }
    return placed;
}

Result<protocol::SealedFate> SealedRoutes::takeOne(const http::Request& request,
                                                   const store::Origin& kiosk,
                                                   const protocol::SealedItem& item) {
    const auto former = signerOf(kiosk, item.origin);
    if (!former && former.error().code == Code::notFound) return later(kiosk.id);
    if (!former) return passOn(former);
    if (!protocol::checkItem(item, former->id, former->publicKey)) {
        if (auto told = tell("kiosk.unsigned", kiosk.id); !told) return passOn(told);
        return protocol::SealedFate::refused;
    }
    const std::lock_guard lock(_placing);
    const store::SealedKey key{former->id, item.number, crypto::sha256(item.sealed), item.key};
    const auto had = _home.store().hasSealed(key);
    if (!had) return passOn(had);
    if (*had) return protocol::SealedFate::had;
    const auto signer = _home.store().origin(former->id); // as it is now, with its chain's end
    if (!signer) return passOn(signer);
    const auto placed = place(request, *signer, item, key, false);
    if (placed) return placed->had ? protocol::SealedFate::had : protocol::SealedFate::placed;
    if (passesBy(placed.error())) return passOn(placed);
    // Of a later version: it is not lost here, and an updated head office reads it.
    if (placed.error().code == Code::unsupported) return later(kiosk.id);
    return keep(key, item, placed.error().text());
}

Result<SealedRoutes::Tried> SealedRoutes::tryKept(const OriginId& decided) {
    Tried done;
    store::SealedKey after;
    while (true) {
        const auto page = _home.store().keptSealed(after, kTriedAtOnce);
        if (!page) return passOn(page);
        if (page->empty()) return done;
        for (const store::KeptSealed& one : *page) {
            after = one.item;
            const std::lock_guard lock(_placing);
            const auto signer = _home.store().origin(one.item.origin);
            if (!signer) return passOn(signer);
            const protocol::SealedItem item{one.item.number, one.item.key, one.raw, {}};
            const auto placed =
                place(http::Request{}, *signer, item, one.item, signer->id == decided);
            if (!placed && passesBy(placed.error())) return passOn(placed);
            if (!placed) {
                ++done.kept;
            } else if (!placed->had) {
                ++done.placed;
                if (auto told = tell("kiosk.taken", signer->id); !told) return passOn(told);
            }
        }
    }
}

Result<void> SealedRoutes::tidy() {
    const auto keys = _home.store().intakeKeys();
    if (!keys) return passOn(keys);
    std::vector<std::uint64_t> numbers;
    for (const store::IntakeKey& key : *keys) numbers.push_back(key.number);
    if (_tried && numbers == _triedWith) return {};
    if (auto tried = tryKept({}); !tried) return passOn(tried);
    _triedWith = std::move(numbers);
    _tried = true;
    return {};
}

} // namespace souffleur::hub
