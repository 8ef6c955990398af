#include "kiosk/lobby/Sender.h"

#include <algorithm>
#include <cstdio>

#include "plugin/crypto/PrivateFile.h"

namespace souffleur::lobby {
namespace {

constexpr const char* kIntakeFile = "intake.json";
/// Of sealed bytes in one request; as base64 they fit in what head office takes.
constexpr std::size_t kBatchBytes = 600 * 1024;
constexpr TimeMs kIntakeEveryMs = kHourMs;
constexpr TimeMs kWelcomeEveryMs = kMinuteMs;
/// What head office does not take for now is offered again after this.
constexpr TimeMs kLaterMs = 10 * kMinuteMs;
constexpr TimeMs kAgainEveryMs = kHourMs;
/// The latest time that head office told: rules are read by it while this clock is at 1970.
constexpr const char* kToldNote = "told-at";

} // namespace

Result<protocol::Intake> readIntake(const std::filesystem::path& folder,
                                    const protocol::Welcome& welcome) {
    std::error_code failed;
    if (!std::filesystem::exists(folder / kIntakeFile, failed))
        return fail(Code::notFound, "head office has not given its key for sign-ups yet");
    const auto text = crypto::readPrivateFile(folder / kIntakeFile);
    if (!text) return passOn(text);
    auto intake = protocol::decodeIntake(text->view());
    if (!intake) return intake;
    if (!welcome.logKey) return fail(Code::corrupt, "head office has no key that signs");
    if (auto ours = protocol::checkIntake(*intake, *welcome.logKey); !ours) return passOn(ours);
    return intake;
}

Sender::Sender(const protocol::Device& device, Parts parts, protocol::Welcome inForce,
               std::uint64_t intakeNumber, protocol::SyncConfig config)
    : _device(device), _parts(std::move(parts)), _inForce(std::move(inForce)),
      _intakeNumber(intakeNumber), _before(intakeNumber), _config(config),
      _link(device.hubUrl, device.tls(), _parts.clock,
            [this](TimeMs hub, TimeMs trip) { learnTime(hub, trip); }),
      _certificate(device, {_link, _parts.clock, [](const char*) {}}) {}

Sender::~Sender() {
    stop();
}

void Sender::learnTime(TimeMs hub, TimeMs roundTrip) {
    const TimeMs off = std::abs(_parts.clock.now().at - hub - roundTrip / 2);
    _parts.clock.synced(off + roundTrip);
    _hubNow = hub;
}

Result<void> Sender::askIntake() {
    const TimeMs now = _parts.clock.monotonicMs();
    if (_intakeNumber != 0 && now < _intakeAt) return {};
    auto answer = _link.get("/sync/v1/intake");
    if (!answer) return passOn(answer);
    const auto intake = protocol::decodeIntake(answer->body);
    if (!intake) return passOn(intake);
    if (!_inForce.logKey) return fail(Code::corrupt, "head office has no key that signs");
    if (auto ours = protocol::checkIntake(*intake, *_inForce.logKey); !ours) return ours;
    _intakeAt = now + kIntakeEveryMs;
    if (intake->number == _intakeNumber) {
        _before = _intakeNumber;
        return {};
    }
    // A head office that was put back may name an older one: it has no other, so it is taken.
    if (auto kept =
            crypto::writePrivateFile(_device.folder / kIntakeFile, protocol::encodeIntake(*intake));
        !kept)
        return kept;
    // A sign-up that is being sealed now may still use the one before: until the next look.
    _before = _intakeNumber == 0 ? intake->number : _intakeNumber;
    _intakeNumber = intake->number;
    _parts.onIntake(*intake);
    return {};
}

void Sender::askWelcome() {
    const TimeMs now = _parts.clock.monotonicMs();
    if (now < _welcomeAt) return;
    _welcomeAt = now + kWelcomeEveryMs;
    const auto fresh = _link.welcomeUnless(protocol::welcomeTag(_inForce));
    if (!fresh || !*fresh || (*fresh)->number < _inForce.number) return;
    const auto taken = _parts.onWelcome(**fresh);
    if (!taken) {
        (void) std::fprintf(stderr,
                            "souffleur: what head office has in force now cannot be used here, "
                            "nothing changes: %s\n",
                            taken.error().text().c_str());
        return;
    }
    if (_device.keepWelcome(**fresh)) _inForce = **fresh;
}

Result<void> Sender::sendOne(std::vector<protocol::SealedItem> items) {
    const auto oldest = _parts.store.oldestKey();
    if (!oldest) return passOn(oldest);
    auto told = _parts.store.told();
    if (!told) return passOn(told);
    protocol::SealedBatch batch;
    batch.items = std::move(items);
    batch.told = std::move(*told);
    // Under its own id it says nothing of it.
    const auto own = [&](auto& one) {
        if (one.origin == _device.origin) one.origin = {};
    };
    std::ranges::for_each(batch.items, own);
    std::ranges::for_each(batch.told, own);
    batch.needsFrom = std::min(_before, _intakeNumber);
    if (*oldest != 0) batch.needsFrom = std::min(*oldest, batch.needsFrom);
    auto answer = _link.postJson("/sync/v1/sealed", protocol::encodeSealedBatch(batch));
    if (!answer) return passOn(answer);
    const auto fates = protocol::decodeSealedAnswer(answer->body);
    if (!fates) return passOn(fates);
    if (auto settled = _parts.store.settle(fates->fates, _hubNow); !settled) return settled;
    const TimeMs now = _parts.clock.monotonicMs();
    for (const protocol::SealedAnswer::Fate& one : fates->fates) {
        if (one.fate != protocol::SealedFate::later) continue;
        if (_later.empty()) _laterAt = now + kLaterMs;
        _later.insert(one.number);
    }
    if (!fates->again || now < _againAt) return {};
    _againAt = now + kAgainEveryMs;
    if (auto again = _parts.store.sendAgain(); !again) return passOn(again);
    return {};
}

Result<void> Sender::sendAll() {
    if (_parts.clock.monotonicMs() >= _laterAt) _later.clear();
    std::uint64_t after = 0;
    bool said = false;
    while (true) {
        auto items = _parts.store.waiting(after, kBatchBytes);
        if (!items) return passOn(items);
        const bool last = items->empty();
        if (last && said) return {};
        if (!last) after = items->back().number;
        std::erase_if(*items, [&](const auto& item) { return _later.contains(item.number); });
        if (items->empty() && !last) continue;
        // Without any it still says which keys are needed, and hears what was lost.
        if (auto sent = sendOne(std::move(*items)); !sent) return sent;
        said = true;
        if (last) return {};
    }
}

/// Once their day is over, all of them together in the order of random ids: when one comes tells
/// nothing of when it was filled in.
Result<void> Sender::sendBallots() {
    const std::int64_t today = _parts.today();
    protocol::BallotId after;
    while (true) {
        const auto ballots = _parts.store.ballotsBefore(today, after);
        if (!ballots) return passOn(ballots);
        if (ballots->empty()) return {};
        after = ballots->back().id;
        auto answer = _link.postJson("/sync/v1/ballots", protocol::encodeBallots(*ballots));
        if (!answer) return passOn(answer);
        const auto told = protocol::decodeBallotsAnswer(answer->body);
        if (!told) return passOn(told);
        std::vector<protocol::BallotId> done;
        for (const protocol::BallotsAnswer::Fate& one : told->fates) {
            if (one.fate != protocol::BallotFate::later) done.push_back(one.id);
        }
        auto dropped = _parts.store.dropBallots(done, today - protocol::kBallotDaysMax);
        if (!dropped) return dropped;
    }
}

Result<void> Sender::round() {
    if (auto asked = askIntake(); !asked) {
        _certificate.check(asked.error().where == protocol::kExpired);
        return asked;
    }
    if (auto sent = sendAll(); !sent) return sent;
    // A head office that does not know them yet holds up nothing else.
    if (auto sent = sendBallots(); !sent && sent.error().code != Code::notFound) return sent;
    askWelcome();
    _certificate.check(false);
    if (const TimeMs told = _hubNow; told != 0) {
        if (auto dropped = _parts.store.forgetOld(told); !dropped) return passOn(dropped);
        if (auto noted = _parts.store.setNote(kToldNote, told); !noted) return noted;
    }
    return {};
}

void Sender::run() {
    protocol::Backoff backoff(_config, _parts.random);
    std::unique_lock lock(_mutex);
    while (!_stopping) {
        _nudged = false;
        lock.unlock();
        const auto done = round();
        const TimeMs wait =
            done ? backoff.afterSuccess() : backoff.afterFailure(_link.askedToWaitMs());
        const TimeMs at = _parts.clock.now().at;
        lock.lock();
        _status.online = done.has_value();
        _status.refused = !done && done.error().code == Code::refused;
        if (done) _status.lastContact = at;
        // No answer at the screen shortens a wait that head office needs.
        _wake.wait_for(lock, std::chrono::milliseconds(wait),
                       [&] { return _stopping || (_nudged && _status.online); });
    }
}

void Sender::start() {
    _thread = std::thread([this] { run(); });
}

void Sender::stop() {
    {
        const std::lock_guard lock(_mutex);
        _stopping = true;
    }
    _wake.notify_all();
    _link.cancelCall();
    if (_thread.joinable()) _thread.join();
}

void Sender::nudge() {
    {
        const std::lock_guard lock(_mutex);
        _nudged = true;
    }
    _wake.notify_all();
}

SenderStatus Sender::status() const {
    const std::lock_guard lock(_mutex);
    return _status;
}

} // namespace souffleur::lobby
