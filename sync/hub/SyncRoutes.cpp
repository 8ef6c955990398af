#include "sync/hub/SyncRoutes.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "plugin/crypto/Encoding.h"
#include "plugin/wire/Header.h"
#include "sync/hub/Asking.h"
#include "sync/hub/HubOrigin.h"
#include "sync/hub/LogViews.h"
#include "sync/hub/OwnClock.h"
#include "sync/hub/Snapshots.h"
#include "sync/protocol/Batch.h"
#include "sync/protocol/Pull.h"

namespace souffleur::hub {
namespace {

constexpr std::size_t kPullDefault = 500;
constexpr std::string_view kTerminalKind = "terminal";
constexpr std::string_view kKioskKind = "kiosk";
/// A till tells of an alarm once, and again while answers get lost; one that takes it back and
/// forth fills no audit trail.
constexpr int kAlarmsADay = 48;
constexpr const char* kCoding = "Content-Encoding";

/// The time after which a device asks again where this hub can do nothing for now.
constexpr const char* kRetryAfterSeconds = "30";

Result<std::string> bodyOf(const http::Request& request) {
    const std::string_view coding = request.headers.get("Content-Encoding");
    if (coding.empty() || coding == "identity") return request.body;
    if (coding == protocol::kZstdCoding)
        return protocol::decompress(request.body, limits::kBatchMaxBytes);
    return fail(Code::unsupported, "a batch comes plain or as zstd", kCoding);
}

/// A failure that passes by says when to come back, so that a house full of devices does not hurry
/// a hub that is in trouble; a body in another coding is named as what it is.
Result<http::Response> orLater(Result<http::Response> answer) {
    if (answer) return answer;
    const Error& error = answer.error();
    if (error.code == Code::unsupported && error.where == kCoding)
        return http::Response::problem(error, 415);
    if (error.code != Code::unavailable && error.code != Code::storage) return answer;
    http::Response later = http::Response::problem(error);
    later.headers.set("Retry-After", kRetryAfterSeconds);
    return later;
}

std::vector<store::Incoming> incomingFrom(protocol::Batch& batch) {
    std::vector<store::Incoming> events;
    events.reserve(batch.events.size());
    for (protocol::WireEvent& event : batch.events) {
        events.push_back(
            {event.subject, event.negative, std::move(event.header), std::move(event.payload)});
    }
    return events;
}

struct Range {
    std::uint64_t first = 0;
    std::size_t size = 0;
};

/// "bytes=0-1023", one range with both ends; no more than a part may be.
std::optional<Range> rangeOf(std::string_view text) {
    constexpr std::string_view kUnit = "bytes=";
    if (!text.starts_with(kUnit)) return std::nullopt;
    text.remove_prefix(kUnit.size());
    const char* end = text.data() + text.size();
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    const auto from = std::from_chars(text.data(), end, first);
    if (from.ec != std::errc{} || from.ptr == end || *from.ptr != '-') return std::nullopt;
    const auto to = std::from_chars(from.ptr + 1, end, last);
    if (to.ec != std::errc{} || to.ptr != end || last < first) return std::nullopt;
    const std::uint64_t size = std::min<std::uint64_t>(last - first, // one less: cannot overflow
                                                       protocol::kSnapshotPartMaxBytes - 1);
    return Range{first, static_cast<std::size_t>(size) + 1};
}

} // namespace

void SyncRoutes::addTo(http::Router& router) {
    const http::RouteOptions batch{limits::kBatchMaxBytes};
    // Every answer carries the hub's clock: devices learn from it how far theirs can be trusted.
    const auto timed = [this](Result<http::Response> (SyncRoutes::*handler)(const http::Request&)) {
        return [this, handler](const http::Request& request) -> Result<http::Response> {
            const TimeMs now = _clock.now().at;
            // By such a clock nobody is judged, and nobody's is set.
            if (auto sane = checkOwnClock(now); !sane) return orLater(passOn(sane));
            auto response = orLater((this->*handler)(request));
            if (response)
                response->headers.set("X-Souffleur-Time", std::to_string(_clock.now().at));
            return response;
        };
    };
    router.post("/sync/v1/enrol", timed(&SyncRoutes::enrol));
    router.get("/sync/v1/welcome", timed(&SyncRoutes::welcome));
    router.post("/sync/v1/renew", timed(&SyncRoutes::renew));
    router.post("/sync/v1/push", timed(&SyncRoutes::push), batch);
    router.post("/sync/v1/urgent", timed(&SyncRoutes::urgent), batch);
    router.get("/sync/v1/pull", timed(&SyncRoutes::pull));
    router.get("/sync/v1/lease", timed(&SyncRoutes::lease));
    if (_snapshots != nullptr) {
        router.get("/sync/v1/snapshot", timed(&SyncRoutes::snapshot));
        router.get("/sync/v1/snapshot/{id}", timed(&SyncRoutes::snapshotPart));
    }
    router.get("/sync/v1/log", timed(&SyncRoutes::log));
    router.post("/sync/v1/log/alarm", timed(&SyncRoutes::logAlarm));
}

Result<store::Origin> SyncRoutes::device(const http::Request& request, May may) {
    return deviceAsking(_home, request, may, _clock.now().at);
}

Result<store::Origin> SyncRoutes::till(const http::Request& request, May may) {
    auto known = device(request, may);
    if (known && known->kind == kKioskKind)
        return fail(Code::refused, "a kiosk sends what is sealed, and reads nobody", "kiosk");
    return known;
}

Result<http::Response> SyncRoutes::enrol(const http::Request& request) {
    auto application = protocol::decodeEnrolRequest(request.body);
    if (!application) return passOn(application);
    auto fingerprint = crypto::publicKeyFingerprint(application->csrPem);
    if (!fingerprint) return passOn(fingerprint);
    const TimeMs now = _clock.now().at;
    auto origin = _home.store().redeem(crypto::sha256(application->secret), now);
    if (!origin && origin.error().code != Code::notFound) return passOn(origin);
    if (!origin) return fail(Code::refused, origin.error().message);
    const auto known = _home.store().origin(application->origin);
    if (known) return fail(Code::conflict, "this device is enrolled already");
    if (known.error().code != Code::notFound) return passOn(known);
    origin->id = application->origin;
    origin->publicKey = application->publicKey;
    origin->fingerprint = crypto::toHex(crypto::bytesOf(*fingerprint));
    origin->status = store::OriginStatus::pending;
    origin->enrolledAt = now;
    const std::lock_guard lock(_home.issuing());
    auto certificate = _home.authority().issueClient(
        application->csrPem, application->origin.text(), now - kHourMs, now + kDeviceLifeMs);
    if (!certificate) return passOn(certificate);
    if (auto stored = _home.store().enrol(*origin); !stored) return passOn(stored);
    if (auto audited =
            _home.store().audit({now, origin->id.text(), "device.enrol", origin->fingerprint});
        !audited) {
        return passOn(audited);
    }
    return http::Response::json(protocol::encodeEnrolAnswer(
        {*certificate, _home.authority().certificatePem(), origin->name, origin->place}));
}

Result<http::Response> SyncRoutes::renew(const http::Request& request) {
    const auto known = device(request, May::send);
    if (!known) return passOn(known);
    const auto asked = protocol::decodeRenewal(request.body);
    if (!asked) return passOn(asked);
    const auto key = crypto::publicKeyFingerprint(asked->csrPem);
    if (!key) return passOn(key);
    // Who approved the device compared this key's fingerprint: another key is another device.
    if (*key != request.peer.fingerprint)
        return fail(Code::refused, "a certificate is renewed for the key that it was made for");
    const TimeMs now = _clock.now().at;
    // One that is yet to begin was made while this clock ran ahead.
    const TimeMs begins = request.peer.notBefore;
    if (begins <= now && request.peer.notAfter - now > protocol::kRenewBeforeMs) {
        return fail(Code::conflict, "this device's certificate is good until " +
                                        formatTime(request.peer.notAfter).substr(0, 10));
    }
    const std::lock_guard lock(_home.issuing());
    // No later than the one before: should this clock run ahead, it is good once that is set right.
    auto certificate = _home.authority().issueClient(
        asked->csrPem, known->id.text(), std::min(now - kHourMs, begins), now + kDeviceLifeMs);
    if (!certificate) return passOn(certificate);
    // An answer that got lost is given again, and told once a day.
    TimeMs& last = _renewed[known->id];
    if (now - last >= kDayMs) {
        auto told = _home.store().audit({now, known->id.text(), "device.renew", known->id.text()});
        if (!told) return passOn(told);
        last = now;
    }
    return http::Response::json(protocol::encodeRenewed(*certificate));
}

Result<http::Response> SyncRoutes::welcome(const http::Request& request) {
    const auto known = device(request, May::read);
    if (!known) return passOn(known);
    protocol::Welcome told = _welcome;
    // The key that addresses are recognised by is of no use to who reads nobody.
    if (known->kind == kKioskKind) told.houseKey = {};
    const std::string tag = '"' + protocol::welcomeTag(told) + '"';
    http::Response response;
    if (request.headers.get("If-None-Match") == tag) {
        response.status = 304;
    } else {
        response = http::Response::json(protocol::encodeWelcome(told));
    }
    response.headers.set("ETag", tag);
    return response;
}

Result<SyncRoutes::Received> SyncRoutes::receive(const http::Request& request) {
    const auto known = till(request, May::send);
    if (!known) return passOn(known);
    const auto body = bodyOf(request);
    if (!body) return passOn(body);
    auto batch = protocol::decodeBatch(*body);
    if (!batch) return passOn(batch);
    if (batch->origin != known->id) return fail(Code::refused, "this batch is another device's");
    if (auto sound = protocol::checkBatch(*batch, known->publicKey); !sound) return passOn(sound);
    Received received{batch->origin,
                      batch->firstSeq,
                      batch->prev,
                      {},
                      known->status == store::OriginStatus::frozen};
    received.events = incomingFrom(*batch);
    return received;
}

Result<store::Placed> SyncRoutes::place(const http::Request& request, const Received& batch) {
    const std::lock_guard lock(_placing);
    const auto device = _home.store().origin(batch.origin);
    if (!device) return passOn(device);
    // A gap or a fork is refused below, as often as it comes: nothing of it is judged.
    bool fits = batch.firstSeq == device->seq + 1 && batch.prev == device->head;
    if (batch.firstSeq > 0 && batch.firstSeq <= device->seq) {
        const auto same = _home.store().sameAsPlaced(batch.origin, batch.firstSeq, batch.events);
        if (!same) return passOn(same);
        fits = *same;
    }
    if (device->status == store::OriginStatus::active && fits) {
        if (auto judged =
                judgeAsking(_home, request, *device, batch.firstSeq, batch.events, _clock.now().at);
            !judged)
            return passOn(judged);
    }
    return _home.store().place(batch.origin, batch.firstSeq, batch.prev, batch.events,
                               _clock.now().at);
}

Result<void> SyncRoutes::alarm(const Error& refusal, const Received& batch) {
    if (refusal.where != "fork" || batch.frozen) return {}; // told once
    return _home.store().audit({_clock.now().at, "system", "device.forked", batch.origin.text()});
}

Result<http::Response> SyncRoutes::push(const http::Request& request) {
    const auto batch = receive(request);
    if (!batch) return passOn(batch);
    auto placed = place(request, *batch);
    if (!placed) {
        if (auto told = alarm(placed.error(), *batch); !told) return passOn(told);
        return passOn(placed);
    }
    for (const auto& [count, action] : {std::pair{placed->quarantined.size(), "device.quarantined"},
                                        std::pair{placed->flagged, "device.wording-unknown"}}) {
        if (count == 0) continue;
        auto told = _home.store().audit({_clock.now().at, "system", action, batch->origin.text()});
        if (!told) return passOn(told);
    }
    protocol::PushAnswer answer{placed->seq, placed->head, {}};
    for (const auto& one : placed->quarantined)
        answer.quarantined.emplace_back(one.seq, one.reason);
    return http::Response::json(protocol::encodeAnswer(answer));
}

Result<http::Response> SyncRoutes::urgent(const http::Request& request) {
    const auto batch = receive(request);
    if (!batch) return passOn(batch);
    if (batch->frozen) {
        auto kept = _home.store().keepForked(batch->origin, batch->firstSeq, batch->events,
                                             _clock.now().at);
        if (!kept) return passOn(kept);
        return http::Response::noContent();
    }
    for (const store::Incoming& event : batch->events) {
        const auto header = wire::decodeHeader(event.header);
        if (!header || !wire::isNegative(header->event)) continue; // only a no may jump the queue
        if (auto placed = _home.store().placeCopy(batch->origin, event, _clock.now().at); !placed)
            return passOn(placed);
    }
    return http::Response::noContent();
}

Result<http::Response> SyncRoutes::pull(const http::Request& request) {
    const auto known = till(request, May::read);
    if (!known) return passOn(known);
    const auto at = request.query.find("cursor");
    const auto cursor =
        store::Cursor::parse(at == request.query.end() ? std::string() : at->second);
    if (!cursor) return passOn(cursor);
    std::size_t limit = kPullDefault;
    if (const auto asked = request.query.find("limit"); asked != request.query.end()) {
        const std::string& text = asked->second;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
        if (error != std::errc{} || end != text.data() + text.size())
            return fail(Code::invalid, "limit is a number");
    }
    const auto from = _home.store().servedFrom(known->id, *cursor);
    if (!from) return passOn(from);
    auto page = _home.store().pull(*from, limit, known->id);
    if (!page) return passOn(page);
    protocol::PullPage out;
    for (store::Outgoing& event : page->events) {
        out.events.push_back({event.origin, event.seq, event.subject, std::move(event.header)});
    }
    out.cards = std::move(page->cards);
    out.cursor = page->next.text();
    out.more = page->more;
    auto noted = _home.store().served(known->id, *from, page->next, _clock.now().at);
    if (!noted) return passOn(noted);
    http::Response response;
    response.headers = {{"Content-Type", "application/x-ndjson"}, {"Vary", "Accept-Encoding"}};
    response.headers.set(protocol::kHeldHeader, protocol::heldText({known->seq, known->head}));
    response.body = protocol::encodePage(out);
    if (protocol::acceptsZstd(request.headers.get("Accept-Encoding"))) {
        response.headers.set(kCoding, std::string(protocol::kZstdCoding));
        response.body = protocol::compress(response.body);
    }
    return response;
}

Result<http::Response> SyncRoutes::lease(const http::Request& request) {
    constexpr std::size_t kVaultHexChars = 32;
    const auto known = till(request, May::send);
    if (!known) return passOn(known);
    if (known->kind != kTerminalKind) return fail(Code::refused, "only a till has a lease");
    const auto of = request.query.find("of");
    if (of == request.query.end() || of->second.size() != kVaultHexChars ||
        of->second.find_first_not_of("0123456789abcdef") != std::string::npos) {
        return fail(Code::invalid, "a lease is of 32 hex digits", "of");
    }
    const bool reads = till(request, May::read).has_value();
    auto response = http::Response::json(
        protocol::encodeLease({_clock.now().at, reads ? _leaseMs : 0, _home.leaseKey(of->second)}));
    response.headers.set("Cache-Control", "no-store");
    return response;
}

Result<http::Response> SyncRoutes::snapshot(const http::Request& request) {
    const auto known = device(request, May::read);
    if (!known) return passOn(known);
    if (known->kind != kTerminalKind) return fail(Code::refused, "only a till begins with one");
    const auto made = _snapshots->latest();
    if (!made) return passOn(made);
    return http::Response::json(protocol::encodeManifest(*made));
}

Result<http::Response> SyncRoutes::snapshotPart(const http::Request& request) {
    const auto known = device(request, May::read);
    if (!known) return passOn(known);
    if (known->kind != kTerminalKind) return fail(Code::refused, "only a till begins with one");
    const std::string& id = request.param("id");
    const auto range = rangeOf(request.headers.get("Range"));
    if (!range) return fail(Code::invalid, "a snapshot is asked for by a range of bytes", "Range");
    const auto made = _snapshots->manifest(id);
    if (!made) return passOn(made);
    auto part = _snapshots->part(id, range->first, range->size);
    if (!part) return passOn(part);
    const std::uint64_t end = range->first + part->size();
    if (end == made->bytes) {
        // Whoever has the last byte has them all, or asks for them again: what its answers name as
        // seen, it was shown (rule 9).
        const auto cursor = store::Cursor::parse(made->cursor);
        if (!cursor) return passOn(cursor);
        auto noted = _home.store().served(known->id, store::Cursor{}, *cursor, _clock.now().at);
        if (!noted) return passOn(noted);
    }
    http::Response response;
    response.status = 206;
    response.headers = {{"Content-Type", "application/zstd"}};
    response.headers.set("Content-Range", "bytes " + std::to_string(range->first) + "-" +
                                              std::to_string(end - 1) + "/" +
                                              std::to_string(made->bytes));
    response.body = *std::move(part);
    return response;
}

Result<http::Response> SyncRoutes::log(const http::Request& request) {
    if (auto known = till(request, May::read); !known) return passOn(known);
    return logSince({_home.store(), _home.origin(), _home.signingKey(), _clock.now().at}, request);
}

Result<http::Response> SyncRoutes::logAlarm(const http::Request& request) {
    const auto known = till(request, May::read);
    if (!known) return passOn(known);
    const auto fault = protocol::decodeLogAlarm(request.body);
    if (!fault) return passOn(fault);
    {
        const std::lock_guard lock(_listening);
        const TimeMs now = _clock.monotonicMs();
        Said& said = _said[known->id];
        if (said.times == 0 || now - said.since >= kDayMs) said = {now, 0};
        if (++said.times > kAlarmsADay)
            return fail(Code::unavailable, "this device said enough of the log for today");
    }
    auto noted =
        _home.store().noteLogAlarm(known->id, std::string(protocol::name(*fault)), _clock.now().at);
    if (!noted) return passOn(noted);
    return http::Response::noContent();
}

} // namespace souffleur::hub
