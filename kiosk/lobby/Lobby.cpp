#include "kiosk/lobby/Lobby.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "kiosk/lobby/LobbyParts.h"
#include "plugin/crypto/Encoding.h"
#include "plugin/crypto/PrivateFile.h"
#include "plugin/crypto/Secret.h"
#include "plugin/http/Buffers.h"

namespace souffleur::assets {
std::span<const http::Asset> kiosk();
} // namespace souffleur::assets

namespace souffleur::lobby {
namespace {

constexpr std::string_view kApi = "/api/kiosk/v1";
/// The page's other address: plugin/doc/adr/0014.
constexpr std::string_view kAgain = "/again";
constexpr int kWipeEveryMs = 1000;
/// A connection's buffers are wiped once it has ended.
constexpr int kKeepAliveMs = 200;
constexpr TimeMs kStaffIdleMs = 2 * kMinuteMs;

http::SessionConfig sessionConfig() {
    http::SessionConfig config;
    config.cookieName = "souffleur_kiosk";
    // The kiosk's own, not a visitor's: as long as the screen stands there.
    config.launchMs = 365 * kDayMs;
    config.lifetimeMs = 365 * kDayMs;
    config.idleMs = kStaffIdleMs; // of who is signed in: staff
    config.maxSessions = 4;
    return config;
}

/// Short texts stand on the stack itself, and so did a visitor's name in the frames below this one:
/// deeper than any operation goes.
[[gnu::noinline]] void wipeStackBelow() {
    constexpr std::size_t kDeep = 256 * 1024;
    std::array<unsigned char, kDeep> below; // NOLINT(cppcoreguidelines-pro-type-member-init)
    crypto::wipe(below.data(), below.size());
}

http::Assets pageFiles(const std::filesystem::path& uiDir) {
    return uiDir.empty() ? http::Assets(assets::kiosk()) : http::Assets(uiDir);
}

} // namespace

Lobby::Parts::Parts(const protocol::Device& device, LobbyOptions options, SystemClock& clock,
                    Random& random)
    : _device(device), _options(std::move(options)), _clock(clock), _random(random),
      _staff(device.folder, device.pepper, clock), _minute(_options.signUpsAMinute, kMinuteMs),
      _hour(_options.signUpsAnHour, kHourMs), _surveys(_options.signUpsAMinute, kMinuteMs),
      _sessions(sessionConfig(), clock, random), _assets(pageFiles(_options.uiDir)) {}

Result<void> Lobby::Parts::open() {
    const auto welcome = _device.welcome();
    if (!welcome) return passOn(welcome);
    auto theme = readTheme(_device.folder);
    if (!theme) return passOn(theme);
    _theme = std::move(*theme);
    auto signing = _device.signingKey();
    if (!signing) return passOn(signing);
    _signing.emplace(std::move(*signing));
    auto store = SealedStore::open(_device.folder);
    if (!store) return passOn(store);
    _store = std::move(*store);
    if (_options.makePrinter) {
        auto made = _options.makePrinter(*this);
        if (!made) return passOn(made);
        _printer = std::move(*made);
    }
    if (auto used = useHouse(*welcome); !used) return used;
    _sealing = std::make_unique<Sealing>(Sealing::Who{_device.origin, _device.place}, *_store,
                                         *_signing, _clock, _random);
    std::uint64_t intakeNumber = 0;
    if (auto intake = readIntake(_device.folder, *welcome)) {
        intakeNumber = intake->number;
        _sealing->use(std::move(*intake));
    }
    protocol::SyncConfig pace;
    pace.intervalMs = _options.syncIntervalMs;
    _sender = std::make_unique<Sender>(
        _device,
        Sender::Parts{*_store, _clock, _random,
                      [this](const protocol::Intake& intake) { _sealing->use(intake); },
                      [this](const protocol::Welcome& fresh) { return useHouse(fresh); },
                      [this] { return today(); }},
        *welcome, intakeNumber, pace);
    return openServer();
}

Result<void> Lobby::Parts::useHouse(const protocol::Welcome& welcome) {
    auto inForce = policy::inForce(welcome.packName, welcome.packToml, welcome.houseToml);
    if (!inForce) return passOn(inForce);
    auto surveys = policy::questionnairesOf(welcome.packName, welcome.houseToml);
    if (!surveys) return passOn(surveys);
    auto fresh = houseOf(std::move(*inForce), std::move(*surveys));
    const std::lock_guard lock(_mutex);
    _house = std::move(fresh);
    return {};
}

std::shared_ptr<House> Lobby::Parts::houseOf(policy::InForce inForce,
                                             std::vector<policy::Questionnaire> surveys) const {
    const TimeMs at = std::max(rulesAt(), inForce.policy.validFrom);
    auto house = std::make_shared<House>();
    house->inForce = std::move(inForce);
    house->surveys = std::move(surveys);
    house->anonymous = policy::activeAt(house->surveys, true, at);
    house->beside = policy::activeAt(house->surveys, false, at);
    house->questions = questionsOf(house->inForce.policy, at, house->beside);
    house->age = ageOf(house->inForce.policy, house->questions, at);
    std::string json = houseJson({house->inForce, house->questions, house->anonymous, house->beside,
                                  _theme, _options.idle, _printer != nullptr, _staff.exists(), at});
    house->revision = crypto::toHex(crypto::bytesOf(crypto::sha256(json))).substr(0, 16);
    json.insert(1, "\"revision\":\"" + house->revision + "\",");
    house->json = std::move(json);
    return house;
}

/// A rule or a questionnaire may begin or end while the kiosk stands there.
void Lobby::Parts::renewHouse() {
    const auto before = house();
    const TimeMs at = rulesAt();
    if (policy::activeAt(before->surveys, true, at) == before->anonymous &&
        policy::activeAt(before->surveys, false, at) == before->beside)
        return;
    auto fresh = houseOf(policy::InForce(before->inForce), before->surveys);
    const std::lock_guard lock(_mutex);
    if (_house == before) _house = std::move(fresh); // else head office was first
}

std::int64_t Lobby::Parts::today() const {
    return _options.today ? _options.today()
                          : protocol::localDay(rulesAt(), _clock.now().offsetMin);
}

std::shared_ptr<const House> Lobby::Parts::house() const {
    const std::lock_guard lock(_mutex);
    return _house;
}

/// Not by a clock at 1970, before every rule: by the latest time that head office told.
TimeMs Lobby::Parts::rulesAt() const {
    TimeMs at = std::max(_clock.now().at, _store->note("told-at").value_or(0));
    if (const auto now = house()) at = std::max(at, now->inForce.policy.validFrom);
    return at;
}

Result<void> Lobby::Parts::openServer() {
    http::ServerConfig wanted;
    wanted.port = _options.port;
    wanted.clients = 2;
    wanted.findPeerUser = true;
    wanted.keepAliveMs = kKeepAliveMs;
    auto server = http::Server::bind(wanted);
    if (!server) return passOn(server);
    _server = std::move(*server);
    http::GuardConfig rules = http::GuardConfig::forPort(_server->port());
    rules.openPaths = {std::string(kApi) + "/session"};
    rules.secretOnReads = true;
    _guard = std::make_unique<http::LoopbackGuard>(rules, &_sessions);
    addRoutes();
    _router.get(kAgain, [this](const http::Request& request) { return pageAgain(request); });
    _router.otherwise(_assets.handler());
    if (auto written = writeLaunchFile(); !written) return written;
    _server->start(_router, {_guard.get()});
    return {};
}

void Lobby::Parts::addRoutes() {
    for (const Row& row : rows()) {
        _router.add(row.method, std::string(kApi).append(row.path),
                    [this, &row](const http::Request& request) -> Result<http::Response> {
                        return answer(row, request);
                    });
    }
}

http::Response Lobby::Parts::answer(const Row& row, const http::Request& request) {
    if (row.staff) {
        if (request.principal.empty()) return response(Problem{"staff-needed", {}, {}, {}});
        _sessions.touch(request.session);
    }
    auto outcome = (this->*row.operation)(request);
    wipeStackBelow();
    return outcome ? std::move(*outcome) : response(outcome.error());
}

/// The same page, isolated: a browser never lets it share a process with the page at "/". So
/// whoever goes from one to the other leaves the process that knew the last visitor, and it ends.
Result<http::Response> Lobby::Parts::pageAgain(const http::Request& request) const {
    http::Request first = request;
    first.path = "/";
    auto response = _assets.serve(first);
    if (response) response->headers.set("Cross-Origin-Embedder-Policy", "require-corp");
    return response;
}

std::string Lobby::Parts::launchUrl() {
    return _server->origin() + "/#launch=" + _sessions.launchToken();
}

Result<void> Lobby::Parts::writeLaunchFile() {
    const auto file =
        _options.launchFile.empty() ? _device.folder / "kiosk.launch" : _options.launchFile;
    return crypto::writePrivateFile(file, launchUrl() + "\n");
}

/// What a visitor typed stays in no buffer for longer than a moment after the page let go of it.
void Lobby::Parts::wipeUntilStopped() {
    std::unique_lock lock(_mutex);
    while (!_stopping) {
        _wake.wait_for(lock, std::chrono::milliseconds(kWipeEveryMs), [this] { return _stopping; });
        lock.unlock();
        http::wipeFreeBuffers();
        renewHouse();
        lock.lock();
    }
}

void Lobby::Parts::start() {
    _sender->start();
    _wiper = std::thread([this] { wipeUntilStopped(); });
}

void Lobby::Parts::stop() {
    {
        const std::lock_guard lock(_mutex);
        _stopping = true;
    }
    _wake.notify_all();
    if (_wiper.joinable()) _wiper.join();
    if (_server) _server->stop();
    if (_sender) _sender->stop();
    _printer.reset();
}

Lobby::Lobby(std::unique_ptr<Parts> parts) : _parts(std::move(parts)) {}
Lobby::~Lobby() = default;

Result<std::unique_ptr<Lobby>> Lobby::open(const protocol::Device& device, LobbyOptions options,
                                           SystemClock& clock, Random& random) {
    auto parts = std::make_unique<Parts>(device, std::move(options), clock, random);
    if (auto opened = parts->open(); !opened) return passOn(opened);
    return std::unique_ptr<Lobby>(new Lobby(std::move(parts)));
}

void Lobby::start() {
    _parts->start();
}

void Lobby::stop() {
    _parts->stop();
}

std::uint16_t Lobby::port() const noexcept {
    return _parts->_server->port();
}

std::string Lobby::url() const {
    return _parts->_server->origin() + "/";
}

std::vector<std::string> Lobby::routes() {
    std::vector<std::string> out;
    for (const Parts::Row& row : Parts::rows())
        out.push_back(std::string(http::methodName(row.method)) + " " + std::string(kApi) +
                      std::string(row.path));
    return out;
}

} // namespace souffleur::lobby
