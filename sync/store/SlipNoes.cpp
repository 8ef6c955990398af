// Noes by the code of a slip that kiosks took: placed with their act, whichever of the two comes
// first.
#include "plugin/base/Clock.h"
#include "plugin/consent/StateOf.h"
#include "plugin/crypto/Chain.h"
#include "plugin/crypto/Encoding.h"
#include "plugin/wire/Header.h"
#include "sync/store/Placer.h"
#include "sync/store/SqlStore.h"

namespace souffleur::store {
namespace {

/// Head office's estimate of the clock, which no judgement names: the act may come much later.
SlipNo weighed(SlipNo no, const Origin& kiosk) {
    const auto beyond = [&no](TimeMs off) {
        return no.unc != kUncInfinite && off > addSaturated(no.unc, consent::kClockMarginMs);
    };
    if (beyond(no.clockOff)) no.unc = no.clockOff;
    if (beyond(kiosk.reached - no.at)) no.unc = kUncInfinite; // it ran back
    return no;
}

} // namespace

Result<Incoming> withdrawalOf(const SlipNo& no, std::string_view act, const OriginId& kiosk,
                              const consent::Token& place) {
    const auto said = wire::decodeStoredHeader(act);
    if (!said) return passOn(said);
    const auto* agreed = std::get_if<consent::Act>(&said->event.body);
    if (agreed == nullptr) return fail(Code::invalid, "this slip stands for no answer");
    consent::Act taken;
    taken.controller = agreed->controller;
    taken.method = consent::Method::kiosk;
    taken.place = place;
    for (const consent::ChoiceItem& item : agreed->choices) {
        consent::ChoiceItem back;
        back.purpose = item.purpose;
        back.channel = item.channel;
        back.choice = consent::Choice::withdrawn;
        taken.choices.push_back(std::move(back));
    }
    consent::Event event;
    event.id = no.event;
    event.origin = kiosk;
    event.subject = said->event.subject;
    event.at = no.at;
    const TimeMs latest = addSaturated(no.at, addSaturated(no.unc, consent::kClockMarginMs));
    event.unc = latest < said->event.at ? kUncInfinite : no.unc;
    event.offsetMin = no.offsetMin;
    event.body = std::move(taken);
    auto header = wire::encodeHeader(event, "");
    if (!header) return passOn(header);
    return Incoming{event.subject, true, std::move(*header), {}};
}

void SqlStore::placeAtEnd(Projection& projection, const Origin& device,
                          std::span<const Incoming> events, TimeMs now, Placed& placed) {
    Placer placer(_statements, projection, device.id, now, false);
    placer.ahead(events);
    placed.head = device.head;
    placed.seq = device.seq;
    for (const Incoming& event : events) {
        const crypto::Hash leaf = crypto::leafHash(event.header);
        placed.head = crypto::chainNext(placed.head, leaf);
        placer.placeOne(++placed.seq, event, leaf, placed);
    }
    placer.finish();
    query("origin-move").with(placed.seq, placed.head, now, placer.reached(), device.id).run();
    placeEarly(projection, placer.slips());
}

bool SqlStore::placeEarly(Projection& projection, const std::vector<std::string>& slips) {
    if (slips.empty() || !query("early-any").step()) return false;
    struct Waiting {
        std::string slip;
        SlipNo no;
        OriginId kiosk;
        TimeMs received = 0;
        std::string act;
    };
    std::vector<Waiting> all;
    for (const std::string& slip : slips) {
        Query row = query("early-ready");
        for (row.with(Blob{slip}); row.step();) {
            Waiting& one = all.emplace_back();
            one.slip = slip;
            one.no.event = EventId{row.uuid(0)};
            one.kiosk = OriginId{row.uuid(1)};
            one.no.at = row.number(2);
            one.no.unc = row.number(3);
            one.no.offsetMin = static_cast<int>(row.number(4));
            one.received = row.number(5);
            one.act = row.bytes(6);
        }
    }
    for (const Waiting& one : all) {
        Origin kiosk;
        {
            Query row = query("origin-get");
            if (!row.with(one.kiosk).step()) continue;
            kiosk = readOrigin(row);
        }
        const auto event = withdrawalOf(one.no, one.act, kiosk.id, kiosk.place);
        if (!event) continue; // it stays
        // Revoked or not: head office itself writes this chain, and took the no in while it was.
        Placed placed;
        placeAtEnd(projection, kiosk, std::span(&*event, 1), one.received, placed);
        query("early-drop").with(Blob{one.slip}, one.no.event).run();
    }
    return !all.empty();
}

Result<SealedResult> SqlStore::placeWithdrawal(const SealedKey& item, const SlipNo& no, TimeMs now,
                                               SealedOf of) {
    auto result = transaction([&]() -> Result<SealedResult> {
        auto begun = beginSealed(item, of);
        if (!begun) return passOn(begun);
        if (begun->done.had) return begun->done;
        const Origin& kiosk = begun->kiosk;
        const SlipNo said = weighed(no, kiosk);
        const std::string slip = crypto::toHex(crypto::bytesOf(crypto::handleHash(no.code)));
        std::string act;
        {
            Query row = query("act-by-slip");
            if (row.with(Blob{slip}).step()) act = row.bytes(0);
        }
        std::vector<Incoming> events;
        if (act.empty()) {
            Query count = query("early-count");
            count.with(item.origin).step();
            if (static_cast<std::uint64_t>(count.number(0)) >= kEarlyMax)
                return fail(Code::tooLarge, "too many slips of this device are not on file");
            query("early-put")
                .with(Blob{slip}, said.event, item.origin, said.at, said.unc, said.offsetMin, now)
                .run();
        } else {
            auto event = withdrawalOf(said, act, kiosk.id, kiosk.place);
            if (!event) return passOn(event);
            events.push_back(*std::move(event));
        }
        return endSealed(item, *std::move(begun), events, now);
    });
    if (result) forget();
    return result;
}

} // namespace souffleur::store
