#include "tests/sim/Nodes.h"

#include <stdexcept>

#include "plugin/crypto/Encoding.h"

namespace souffleur::sim {
namespace {

namespace fs = std::filesystem;

/// What a head office keeps in its database.
constexpr const char* kFiles[] = {"hub.db", "hub.db-wal"};

} // namespace

HouseKeys::HouseKeys(const fs::path& folder) : _folder(folder) {
    const TrueTime begin;
    const HubClock clock(begin);
    SystemRandom random;
    const auto home = hub::Home::found(_folder, clock, random);
    if (!home) throw std::runtime_error(home.error().text());
}

void HouseKeys::giveTo(const fs::path& hub) const {
    fs::create_directories(hub);
    fs::permissions(hub, fs::perms::owner_all);
    fs::copy(_folder / "authority", hub / "authority");
    for (const char* each : {"tls.key", "tls.pem"}) fs::copy_file(_folder / each, hub / each);
}

Machine::Machine(test::LossyDisk& disk, fs::path folder) : _disk(disk), _folder(std::move(folder)) {
    fs::create_directories(_folder);
    _disk.separate(_folder.string());
}

HubNode::HubNode(test::LossyDisk& disk, fs::path folder, const TrueTime& time, std::uint64_t seed)
    : Machine(disk, std::move(folder)), _clock(time), _random(seed) {}

Result<void> HubNode::open() {
    auto opened = hub::Home::found(folder(), _clock, _random);
    if (!opened) return passOn(opened);
    _home = std::move(*opened);
    protocol::Welcome welcome;
    welcome.houseKey = _home->houseKey();
    welcome.packName = "nl";
    _routes = std::make_unique<hub::SyncRoutes>(*_home, _clock, welcome);
    _router = std::make_unique<http::Router>();
    _routes->addTo(*_router);
    return {};
}

void HubNode::close() {
    _router.reset();
    _routes.reset();
    _home.reset();
}

void HubNode::die(Random& random) {
    cut();
    close();
    settle(random);
}

std::optional<http::Response> HubNode::answer(const http::Request& request) {
    if (!up() || !hasPower()) return std::nullopt;
    http::Response response = _router->handle(request);
    // Who has no power says nothing, whatever it would have said.
    return hasPower() ? std::optional(std::move(response)) : std::nullopt;
}

std::uint64_t HubNode::ownSeq() const {
    const auto self = store().origin(_home->origin());
    return self ? self->seq : 0;
}

void HubNode::save() {
    _savedSeq = ownSeq();
    close();
    dropSaved();
    fs::create_directories(folder() / "saved");
    for (const char* each : kFiles) {
        if (fs::exists(folder() / each)) fs::copy_file(folder() / each, folder() / "saved" / each);
    }
    _saved = true;
}

void HubNode::restore() {
    close();
    for (const char* each : kFiles) {
        fs::remove(folder() / each);
        const fs::path copy = folder() / "saved" / each;
        if (fs::exists(copy)) fs::copy_file(copy, folder() / each);
    }
    fs::remove(folder() / "hub.db-shm");
}

void HubNode::dropSaved() {
    _saved = false;
    fs::remove_all(folder() / "saved");
}

TillNode::TillNode(TillParts parts, fs::path folder, std::size_t number, DeviceClock clock,
                   std::uint64_t seed)
    : Machine(parts.disk, std::move(folder)), _parts(parts), _clock(clock), _random(seed),
      _origin(OriginId::random(_random)), _key(crypto::SigningKey::generate(_random)) {
    _sender.number = number;
    _sender.fingerprint = crypto::sha256(_origin.text());
}

store::Origin TillNode::enrolment() const {
    store::Origin origin;
    origin.id = _origin;
    origin.kind = "terminal";
    origin.name = "Till " + std::to_string(_sender.number);
    origin.place = "till-" + std::to_string(_sender.number);
    origin.publicKey = _key.publicKey();
    origin.fingerprint = crypto::toHex(crypto::bytesOf(_sender.fingerprint));
    origin.status = store::OriginStatus::active;
    origin.enrolledAt = kBegin;
    return origin;
}

Result<void> TillNode::open() {
    ledger::LedgerOptions options;
    options.folder = folder();
    options.origin = _origin;
    options.contactKey = _parts.houseKey;
    options.cacheKib = 512;
    auto opened = ledger::Ledger::open(options, _clock, _random);
    if (!opened) return passOn(opened);
    _ledger = std::move(*opened);
    auto wire =
        std::make_unique<Wire>(_parts.network, _sender, [this] { return hasPower() && up(); });
    _hub = std::make_unique<agent::HttpHub>(
        "https://hub.example.org", std::move(wire), _clock,
        [this](TimeMs hub, TimeMs roundTrip) { _clock.learn(hub, roundTrip); });
    _outbox = std::make_unique<agent::LedgerOutbox>(*_ledger);
    _replica = std::make_unique<agent::LedgerReplica>(*_ledger, _clock, nullptr);
    protocol::SyncConfig config;
    config.pullLimit = _parts.pullLimit;
    _loop = std::make_unique<protocol::SyncLoop>(*_outbox, *_replica, *_hub, _key, _clock, _random,
                                                 config, nullptr);
    return {};
}

void TillNode::close() {
    _loop.reset();
    _replica.reset();
    _outbox.reset();
    _hub.reset();
    _ledger.reset();
}

void TillNode::die(Random& random) {
    cut();
    close();
    settle(random);
    _clock.restart();
}

} // namespace souffleur::sim
