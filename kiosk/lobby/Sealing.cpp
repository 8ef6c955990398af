#include "kiosk/lobby/Sealing.h"

#include <span>

#include "plugin/crypto/Encoding.h"
#include "plugin/crypto/Sealed.h"
#include "plugin/slip/Slip.h"
#include "plugin/wire/Header.h"

namespace souffleur::lobby {

Sealing::Sealing(Who who, SealedStore& store, const crypto::SigningKey& key, const Clock& clock,
                 Random& random)
    : _who(std::move(who)), _store(store), _key(key), _clock(clock), _random(random) {}

void Sealing::use(protocol::Intake intake) {
    const std::lock_guard lock(_mutex);
    _intake = std::move(intake);
}

bool Sealing::ready() const {
    const std::lock_guard lock(_mutex);
    return _intake.has_value();
}

Result<protocol::Intake> Sealing::intake() const {
    const std::lock_guard lock(_mutex);
    if (!_intake) return fail(Code::unavailable, "head office has not given its key yet");
    return *_intake;
}

Result<void> Sealing::seal(const protocol::SealedContent& content) {
    const auto intake = this->intake();
    if (!intake) return passOn(intake);
    const auto plain = protocol::encodeContent(content);
    if (!plain) return passOn(plain);
    auto sealed = crypto::seal(intake->certificatePem, plain->view());
    if (!sealed) return passOn(sealed);
    return _store.add([&](std::uint64_t number) -> Result<protocol::SealedItem> {
        protocol::SealedItem item{number, intake->number, std::move(*sealed), {}, _who.origin};
        protocol::sign(item, _who.origin, _key);
        return item;
    });
}

Result<Taken> Sealing::signUp(const Visitor& visitor, const consent::Policy& policy,
                              TimeMs rulesAt) {
    Taken taken;
    taken.handle = crypto::randomHandle(_random);
    const Reading now = _clock.now();
    consent::Act act;
    act.controller = policy.controller.id;
    act.method = consent::Method::kiosk;
    act.place = _who.place;
    for (const consent::ChoiceItem& answer : visitor.choices) {
        consent::ChoiceItem item = answer;
        policy.freeze(item, consent::Method::kiosk, rulesAt, true, false, visitor.language);
        item.notice = answer.notice; // what was shown is what is stored
        // Whoever typed the address may be anybody: the pack may ask for more, never for less.
        item.confirm = item.choice == consent::Choice::given &&
                       (item.confirm || consent::addressed(item.channel));
        act.choices.push_back(std::move(item));
    }
    if (slip::leavesSomething(act)) act.withdrawHandleHash = slip::handleHashHex(taken.handle);
    taken.event.id = EventId{Uuid::timed(now.at, _random)};
    taken.event.origin = _who.origin;
    taken.event.subject = SubjectId::random(_random);
    taken.event.at = now.at;
    taken.event.unc = now.unc;
    taken.event.offsetMin = now.offsetMin;
    taken.event.body = std::move(act);
    wire::Salt salt{};
    _random.fill(std::as_writable_bytes(std::span{salt}));
    auto payload = wire::encodePayload(salt, visitor.person);
    if (!payload) return passOn(payload);
    auto header =
        wire::encodeHeader(taken.event, crypto::toHex(crypto::bytesOf(crypto::sha256(*payload))));
    if (!header) return passOn(header);
    protocol::SignUp signUp;
    signUp.events.push_back({std::move(*header), std::move(*payload)});
    protocol::SealedContent content(std::move(signUp));
    auto sealed = seal(content);
    for (protocol::SignUp::Item& item : std::get<protocol::SignUp>(content).events)
        crypto::wipe(item.payload);
    if (!sealed) return passOn(sealed);
    return taken;
}

Result<void> Sealing::withdrawal(const crypto::Handle& code) {
    const Reading now = _clock.now();
    return seal(protocol::SlipWithdrawal{code, EventId{Uuid::timed(now.at, _random)}, now.at,
                                         now.unc, now.offsetMin});
}

Result<void> Sealing::ballot(const protocol::Ballot& ballot) {
    const auto intake = this->intake();
    if (!intake) return passOn(intake);
    const auto plain = protocol::encodeBallot(ballot);
    if (!plain) return passOn(plain);
    auto sealed = crypto::seal(intake->certificatePem, plain->view());
    if (!sealed) return passOn(sealed);
    protocol::SealedBallot item{
        protocol::BallotId::random(_random), intake->number, std::move(*sealed), {}};
    protocol::sign(item, _who.origin, _key);
    return _store.addBallot(item, ballot.day);
}

} // namespace souffleur::lobby
