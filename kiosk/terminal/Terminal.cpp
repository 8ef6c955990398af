#include "kiosk/terminal/Terminal.h"

#include <condition_variable>
#include <cstdio>
#include <thread>

#include "drivers/printer/Printer.h"
#include "drivers/transport/UsbWatch.h"
#include "kiosk/terminal/CustomerDisplay.h"
#include "kiosk/terminal/Doors.h"
#include "kiosk/terminal/FirstLoad.h"
#include "kiosk/terminal/HotKeyActions.h"
#include "kiosk/terminal/PolicyWatch.h"
#include "kiosk/terminal/Preferences.h"
#include "kiosk/terminal/Profiles.h"
#include "kiosk/terminal/ScanActions.h"
#include "kiosk/terminal/ShopEvents.h"
#include "kiosk/terminal/SyncShown.h"
#include "kiosk/terminal/TapActions.h"
#include "plugin/api/Api.h"
#include "plugin/api/Feed.h"
#include "plugin/api/PanelServer.h"
#include "plugin/api/ScreenFeed.h"
#include "plugin/api/ScreenServer.h"
#include "plugin/counter/Counter.h"
#include "plugin/crypto/Pin.h"
#include "plugin/host/PretixFollower.h"
#include "plugin/host/TapMemory.h"
#include "plugin/ledger/Ledger.h"
#include "sync/agent/HttpHub.h"
#include "sync/agent/LedgerEnds.h"
#include "sync/protocol/CertificateWatch.h"

namespace souffleur::terminal {

namespace {

constexpr TimeMs kTickMs = 1000;
constexpr TimeMs kMaintainMs = kMinuteMs;
/// Holds the upper pages of every index of a million people.
constexpr std::size_t kCacheKib = 4 * 1024;

} // namespace

ledger::LedgerOptions ledgerOptions(const protocol::Device& device,
                                    const protocol::Welcome& welcome, const consent::Policy& policy,
                                    TimeMs now) {
    ledger::LedgerOptions options;
    options.folder = device.folder / "ledger";
    options.origin = device.origin;
    options.formerly = device.former;
    options.contactKey = welcome.houseKey;
    options.rules = policy.stateRules(now);
    options.cacheKib = kCacheKib;
    return options;
}

class Terminal::Parts {
public:
    Parts(const protocol::Device& device, TerminalOptions options, SystemClock& clock,
          Random& random)
        : _device(device), _options(std::move(options)), _clock(clock), _random(random),
          _pins(crypto::Secret(std::string(crypto::bytesOf(device.pepper)))) {}
    ~Parts() { stop(); }
    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;

    Result<void> open();
    void start();
    void stop();

private:
    friend class Terminal;
    Result<void> openLedger(const protocol::Welcome& welcome);
    Result<void> openCounter();
    Result<void> openPrinter();
    Result<void> openDoors();
    Result<void> openSync(const protocol::Welcome& welcome);
    Result<void> openPanel();
    Result<void> openScreen();
    Result<void> openHotKeys();
    Result<void> openShop();
    void heedSync(const protocol::SyncStatus& status);
    Result<void> openDisplay();
    Result<void> openScanner();
    void showSync(const protocol::SyncStatus& status);
    [[nodiscard]] api::LedgerView ledgerView() const;
    void tickUntilStopped();
    void learnTime(TimeMs hub, TimeMs roundTrip);

    protocol::Device _device;
    TerminalOptions _options;
    SystemClock& _clock;
    Random& _random;
    Doors _doors;
    crypto::PinHasher _pins;
    std::optional<crypto::SigningKey> _signing;
    std::shared_ptr<const consent::Policy> _policy;
    // In the order of construction; destroyed in reverse.
    std::unique_ptr<api::Feed> _feed;
    std::unique_ptr<api::ScreenFeed> _screenFeed;
    std::unique_ptr<CustomerDisplay> _customerDisplay;
    std::unique_ptr<ledger::Ledger> _ledger;
    std::unique_ptr<counter::Counter> _counter;
    TapActions _tapActions{_doors, _clock};
    std::unique_ptr<host::Tap> _tap;
    std::unique_ptr<printer::Printer> _printer;
    std::unique_ptr<transport::UsbWatch> _usbWatch;
    std::unique_ptr<api::PanelServer> _panel;
    std::unique_ptr<api::ScreenServer> _screen;
    std::unique_ptr<host::SelectionServer> _hosts;
    std::unique_ptr<HotKeyActions> _hotKeyActions;
    std::unique_ptr<host::HotKeys> _hotKeys;
    std::unique_ptr<ScanActions> _scanActions;
    std::unique_ptr<scanner::Scanner> _scanner;
    std::unique_ptr<ShopEvents> _shopEvents;
    std::unique_ptr<host::PretixFollower> _shop;
    std::unique_ptr<agent::HttpHub> _hub;
    std::unique_ptr<PolicyWatch> _policyWatch;
    std::unique_ptr<protocol::CertificateWatch> _certificateWatch;
    std::unique_ptr<agent::LogWatch> _logWatch;
    std::unique_ptr<agent::LeaseWatch> _lease;
    std::unique_ptr<agent::LedgerOutbox> _outbox;
    std::unique_ptr<agent::LedgerReplica> _replica;
    std::unique_ptr<protocol::SyncLoop> _sync;

    std::mutex _mutex;
    std::condition_variable _wake;
    bool _stopping = false;
    std::thread _ticker;
};

Result<void> Terminal::Parts::open() {
    const auto welcome = _device.welcome();
    if (!welcome) return passOn(welcome);
    auto policy = policyFrom(*welcome);
    if (!policy) return passOn(policy);
    _policy = std::move(*policy);
    if (_options.language.empty() && !_policy->languages.empty())
        _options.language = _policy->languages.front().substr(0, 2);
    _doors.speak(_options.language);
    auto signing = _device.signingKey();
    if (!signing) return passOn(signing);
    _signing.emplace(std::move(*signing));
    if (auto opened = openLedger(*welcome); !opened) return opened;
    if (auto opened = openCounter(); !opened) return opened;
    if (auto opened = openDisplay(); !opened) return opened;
    if (auto opened = openPrinter(); !opened) return opened;
    if (auto opened = openSync(*welcome); !opened) return opened;
    if (auto opened = openPanel(); !opened) return opened;
    if (auto opened = openScreen(); !opened) return opened;
    if (auto opened = openDoors(); !opened) return opened;
    if (auto opened = openHotKeys(); !opened) return opened;
    if (auto opened = openScanner(); !opened) return opened;
    return openShop();
}

Result<void> Terminal::Parts::openLedger(const protocol::Welcome& welcome) {
    const auto options = ledgerOptions(_device, welcome, *_policy, _clock.now().at);
    if (auto done = firstLoad(_device, welcome, options, _clock, _random, _options.wait); !done)
        return done;
    auto ledger = ledger::Ledger::open(options, _clock, _random);
    if (!ledger) return passOn(ledger);
    _ledger = std::move(*ledger);
    return {};
}

Result<void> Terminal::Parts::openCounter() {
    _feed = std::make_unique<api::Feed>();
    _doors.addListener(*_feed);
    _screenFeed = std::make_unique<api::ScreenFeed>();
    _doors.addListener(*_screenFeed);
    counter::CounterSettings settings;
    settings.place = _device.place;
    settings.placeName = _device.name;
    settings.language = _options.language;
    settings.preferences = preferenceOptions(*_policy, _options.language);
    _counter = std::make_unique<counter::Counter>(
        counter::CounterParts{*_ledger, _pins, _clock, _random, _doors, &*_signing},
        std::move(settings), _policy);
    _counter->setReadable(agent::leaseStands(*_ledger, _clock));
    return {};
}

Result<void> Terminal::Parts::openPrinter() {
    if (_options.printer.empty()) {
        if (!_options.tap.any()) return {};
        return fail(Code::invalid, "the print tap needs the real printer behind it", "--printer");
    }
    const bool named = !_options.printerProfile.empty();
    auto model = printerModel(named ? _options.printerProfile : kAnyPrinter);
    if (!model) return passOn(model);
    printer::Choice choice{.model = *model};
    if (!named) {
        auto others = printerModels();
        if (!others) return passOn(others);
        choice.others = std::move(*others);
        choice.tell = [this](const printer::Model& found, const std::string& text) {
            _tapActions.useProfile(found.profile);
            (void) std::fprintf(stderr, "souffleur: %s\n", text.c_str());
        };
    }
    auto line = transport::fromAddress(_options.printer);
    if (!line) return fail(Code::invalid, line.error().message);
    if (_options.tap.any()) {
        host::TapMemory::refuseDumps();
        _tapActions.prepare(*_counter, model->profile, _options.language);
        _options.tap.hintMs = host::kTapHintMs;
        auto tap = host::Tap::start(_options.tap, std::move(*line), _tapActions);
        if (!tap) return passOn(tap);
        _tap = std::move(*tap);
        *line = _tap->slipLine();
    }
    _printer = std::make_unique<printer::Printer>(
        std::move(choice), std::move(*line), [this] { return _clock.monotonicMs(); }, *_counter,
        printer::Options{},
        std::make_unique<printer::FolderJobStore>(_device.folder / "print-queue",
                                                  [this] { return _clock.now().at; }));
    _counter->attach(_printer.get(), _printer->describe());
    if (_options.printer.starts_with("usb://")) {
        // Without it a replug shows at the next look, seconds later.
        auto watch = transport::UsbWatch::start(
            [this](const transport::UsbChange&) { _printer->lookAgain(); });
        if (watch) _usbWatch = std::move(*watch);
    }
    return {};
}

Result<void> Terminal::Parts::openDisplay() {
    if (_options.display.empty()) return {};
    display::Settings settings;
    const auto commands = display::commandSetByName(_options.displayCommands);
    if (!commands) {
        return fail(Code::invalid, "a display's commands are escpos, cd5220 or dsp800",
                    "--display-commands");
    }
    settings.commands = *commands;
    settings.brightness = _options.displayBrightness;
    if (!_options.displayPage.empty()) {
        settings.page = escpos::codePageByName(_options.displayPage);
        if (!settings.page)
            return fail(Code::invalid, "there is no such code page", "--display-page");
    }
    auto shown = CustomerDisplay::start(
        {[this] { return _counter->policy(); },
         [settings, address = _options.display](std::vector<display::Screen> screens)
             -> display::Result<std::unique_ptr<display::Display>> {
             auto line = transport::plainFromAddress(address);
             if (!line) return tl::make_unexpected(line.error());
             return display::Display::start(std::move(*line), settings, std::move(screens));
         },
         [this](const std::string& language) { return _counter->desk(language); }});
    if (!shown) return fail(Code::invalid, shown.error().message, "--display");
    _customerDisplay = std::move(*shown);
    _doors.addListener(*_customerDisplay);
    return {};
}

Result<void> Terminal::Parts::openScanner() {
    if (_options.scanner.empty()) return {};
    auto patterns = host::ScanPatterns::load(_options.scanPatterns);
    if (!patterns) return passOn(patterns);
    _scanActions = std::make_unique<ScanActions>(
        *_counter, *_ledger, *_feed, _doors, std::move(*patterns), [](const std::string& line) {
            (void) std::fprintf(stderr, "souffleur: %s\n", line.c_str());
        });
    auto scanner = scanner::Scanner::start(
        _options.scanner, [this](std::string_view code) { return _scanActions->ours(code); },
        *_scanActions);
    if (!scanner) return fail(Code::invalid, scanner.error().message, "--scanner");
    _scanner = std::move(*scanner);
    return {};
}

void Terminal::Parts::learnTime(TimeMs hub, TimeMs roundTrip) {
    const TimeMs off = std::abs(_clock.now().at - hub - roundTrip / 2);
    _clock.synced(off + roundTrip);
}

Result<void> Terminal::Parts::openSync(const protocol::Welcome& welcome) {
    _hub =
        std::make_unique<agent::HttpHub>(_device.hubUrl, _device.tls(), _clock,
                                         [this](TimeMs hub, TimeMs trip) { learnTime(hub, trip); });
    _lease = std::make_unique<agent::LeaseWatch>(agent::LeaseWatch::Parts{*_hub, *_ledger, _clock},
                                                 _options.leaseIntervalMs);
    _outbox = std::make_unique<agent::LedgerOutbox>(*_ledger, [this] { return _lease->need(); });
    _replica = std::make_unique<agent::LedgerReplica>(*_ledger, _clock,
                                                      [this] { _counter->ledgerChanged(); });
    protocol::SyncConfig config;
    config.intervalMs = _options.syncIntervalMs;
    _sync = std::make_unique<protocol::SyncLoop>(
        *_outbox, *_replica, *_hub, *_signing, _clock, _random, config,
        [this](const protocol::SyncStatus& status) { heedSync(status); });
    _policyWatch = std::make_unique<PolicyWatch>(
        _device, PolicyWatch::Parts{*_hub, *_ledger, *_counter, _clock}, welcome,
        _options.policyIntervalMs);
    const auto note = [this](const char* what) { (void) _ledger->audit("system", what, ""); };
    _certificateWatch = std::make_unique<protocol::CertificateWatch>(
        _device, protocol::CertificateWatch::Parts{*_hub, _clock, note});
    _logWatch = std::make_unique<agent::LogWatch>(
        agent::LogWatch::Parts{*_hub, *_ledger, _clock},
        [this] {
            const auto told = _device.welcome();
            return told ? told->logKey : std::nullopt;
        },
        _options.logIntervalMs);
    return {};
}

/// On the sync loop's thread, after each round.
void Terminal::Parts::heedSync(const protocol::SyncStatus& status) {
    using State = protocol::SyncStatus::State;
    if (status.state == State::inStep) _lease->renew();
    if (status.state == State::refused && status.reason == agent::kLeaseWithdrawn)
        _lease->withdraw();
    _counter->setReadable(_lease->readable());
    showSync(status);
    const bool expired = status.state == State::refused && status.reason == protocol::kExpired;
    if (expired || status.state == State::inStep) _certificateWatch->check(expired);
    if (status.state != State::inStep) return;
    _policyWatch->check();
    _logWatch->check();
}

void Terminal::Parts::showSync(const protocol::SyncStatus& status) {
    if (_panel) _panel->api().setSync(syncView(status, _lease->until()));
}

api::LedgerView Terminal::Parts::ledgerView() const {
    api::LedgerView view;
    const auto stats = _ledger->stats();
    if (!stats) {
        view.state = stats.error().code == Code::corrupt ? "damaged" : "disk-full";
        return view;
    }
    if (_logWatch) view.logAlarm = protocol::name(_logWatch->fault());
    view.events = stats->events;
    view.subjects = stats->subjects;
    return view;
}

Result<void> Terminal::Parts::openPanel() {
    api::PanelConfig config;
    config.port = _options.apiPort;
    config.uiDir = _options.uiDir;
    config.launchFile =
        _options.launchFile.empty() ? _device.folder / "panel.launch" : _options.launchFile;
    config.api.placeId = _device.place;
    config.api.placeName = _device.name;
    config.api.language = _options.language;
    for (const std::string& language : config.api.languages)
        config.api.preferences[language] = preferenceOptions(*_policy, language);
    auto panel = api::PanelServer::start(
        {*_counter, *_feed, _clock, _random, [this] { return ledgerView(); }}, config);
    if (!panel) return passOn(panel);
    _panel = std::move(*panel);
    showSync(_sync->status());
    return {};
}

Result<void> Terminal::Parts::openScreen() {
    if (!_options.screenPort) return {};
    api::ScreenConfig config;
    config.port = *_options.screenPort;
    config.uiDir = _options.screenUiDir;
    config.launchFile = _options.screenLaunchFile.empty() ? _device.folder / "screen.launch"
                                                          : _options.screenLaunchFile;
    auto screen = api::ScreenServer::start({*_counter, *_screenFeed, _clock, _random}, config);
    if (!screen) return passOn(screen);
    _screen = std::move(*screen);
    return {};
}

Result<void> Terminal::Parts::openDoors() {
    if (_options.hostSocket.empty()) _options.hostSocket = host::SelectionServer::defaultPath();
    auto hosts = host::SelectionServer::start(_options.hostSocket, _doors, _clock);
    if (!hosts) return passOn(hosts);
    _hosts = std::move(*hosts);
    _doors.open(*_counter, *_hosts, [this] { _sync->nudge(); });
    return {};
}

Result<void> Terminal::Parts::openHotKeys() {
    if (!_options.hotKeys.any()) return {};
    _hotKeyActions =
        std::make_unique<HotKeyActions>(*_counter, *_feed, _doors, _options.hotKeySystem);
    auto keys = host::HotKeys::start(_options.hotKeys, *_hotKeyActions);
    if (keys) {
        _hotKeys = std::move(*keys);
        return {};
    }
    if (keys.error().code == Code::invalid) return passOn(keys);
    // No screen, or the key is taken: the sale does not wait for a key.
    (void) std::fprintf(stderr, "souffleur: %s\n", keys.error().text().c_str());
    return {};
}

Result<void> Terminal::Parts::openShop() {
    if (_options.pretix.empty()) return {};
    auto settings = host::PretixSettings::load(_options.pretix);
    if (!settings) return passOn(settings);
    _shopEvents = std::make_unique<ShopEvents>(
        *_ledger, *_counter, _clock, _random,
        ShopEvents::Screen{
            [this](const host::Selection& customer) { _doors.selected(customer); },
            [this](const host::Selection& customer) { _doors.cleared(customer.ref); }});
    auto shop = host::PretixFollower::start(std::move(*settings), *_shopEvents, *_shopEvents,
                                            _clock, _random);
    if (!shop) return passOn(shop);
    _shop = std::move(*shop);
    return {};
}

void Terminal::Parts::tickUntilStopped() {
    TimeMs maintainAt = _clock.monotonicMs() + kMaintainMs;
    std::unique_lock lock(_mutex);
    while (!_stopping) {
        _wake.wait_for(lock, std::chrono::milliseconds(kTickMs), [this] { return _stopping; });
        if (_stopping) return;
        lock.unlock();
        _counter->setReadable(_lease->tick());
        _counter->tick();
        _tapActions.heedPack();
        if (_customerDisplay) _customerDisplay->tick();
        _panel->api().setHost({_hosts->stats().clients > 0, "abi"});
        if (_clock.monotonicMs() >= maintainAt) {
            maintainAt = _clock.monotonicMs() + kMaintainMs;
            _panel->tick();
            if (_screen) _screen->tick();
            // A failure here (a full disk) is met again, and told, by the next capture.
            (void) _counter->keepRules();
            (void) _ledger->maintain();
        }
        lock.lock();
    }
}

void Terminal::Parts::start() {
    _sync->start();
    _ticker = std::thread([this] { tickUntilStopped(); });
}

void Terminal::Parts::stop() {
    {
        const std::lock_guard lock(_mutex);
        _stopping = true;
    }
    _wake.notify_all();
    if (_ticker.joinable()) _ticker.join();
    _hotKeys.reset();
    _scanner.reset();
    _shop.reset();
    _tap.reset();
    _doors.close();
    if (_sync) _sync->stop();
    _hosts.reset();
    if (_screen) _screen->stop();
    if (_panel) _panel->stop();
    if (_counter) _counter->attach(nullptr);
    _usbWatch.reset();
    _printer.reset();
}

Terminal::Terminal(std::unique_ptr<Parts> parts) : _parts(std::move(parts)) {}
Terminal::~Terminal() = default;

Result<std::unique_ptr<Terminal>> Terminal::open(const protocol::Device& device,
                                                 const TerminalOptions& options, SystemClock& clock,
                                                 Random& random) {
    auto parts = std::make_unique<Parts>(device, options, clock, random);
    if (auto opened = parts->open(); !opened) return passOn(opened);
    return std::unique_ptr<Terminal>(new Terminal(std::move(parts)));
}

void Terminal::start() {
    _parts->start();
}
void Terminal::stop() {
    _parts->stop();
}
std::uint16_t Terminal::apiPort() const noexcept {
    return _parts->_panel->port();
}
std::string Terminal::panelUrl() const {
    return _parts->_panel->url();
}
std::string Terminal::screenUrl() const {
    return _parts->_screen ? _parts->_screen->url() : std::string();
}
std::string Terminal::hostSocket() const {
    return _parts->_options.hostSocket;
}
std::uint16_t Terminal::tapPort() const noexcept {
    return _parts->_tap ? _parts->_tap->port() : std::uint16_t{0};
}
protocol::SyncStatus Terminal::syncStatus() const {
    return _parts->_sync->status();
}

} // namespace souffleur::terminal
