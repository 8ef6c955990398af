// A counter station without pages: the real follower, doors, counter and ledger, driven by lines.
//
//     pretix-harness FOLDER PRETIX.TOML
//
// Says "flag ID KIND" and "cleared ID KIND" as they happen; KIND has "+question" when there is one
// to read out, and is "nobody" when no customer is on the till. Understands "know ID", "state ID
// PURPOSE CHANNEL", "status", "verify" and "quit"; each is answered with one line of JSON. Ends at
// end of input.
#include <iostream>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>

#include "kiosk/terminal/Doors.h"
#include "kiosk/terminal/ShopEvents.h"
#include "plugin/contact/Email.h"
#include "plugin/crypto/Pin.h"
#include "plugin/policy/PackLoader.h"

using namespace souffleur;

namespace {

void say(const std::string& line) {
    static std::mutex mutex; // the follower's thread and ours
    const std::lock_guard lock(mutex);
    std::cout << line << std::endl;
}

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    return out + '"';
}

class Station {
public:
    Station(const std::string& folder, const host::PretixSettings& settings)
        : _pins(crypto::Secret(std::string(32, 'p'))) {
        _clock.synced(kSecondMs);
        policy::PackLoader loader(policy::sampleHouse("nl"));
        _policy = std::make_shared<const consent::Policy>(loader.builtIn("nl").value());
        ledger::LedgerOptions options;
        options.folder = folder + "/ledger";
        options.origin = OriginId::parse("0b9f3a52-6c1d-4f0e-8a37-5d2c4e6f8a10").value();
        options.contactKey.fill(7);
        _ledger = std::move(ledger::Ledger::open(options, _clock, _random).value());
        _counter = std::make_unique<counter::Counter>(
            counter::CounterParts{*_ledger, _pins, _clock, _random, _doors, nullptr},
            counter::CounterSettings{}, _policy);
        static_cast<void>(_counter->goUnidentified().value());
        _hosts = host::SelectionServer::start(folder + "/host.sock", _doors, _clock).value();
        _doors.open(*_counter, *_hosts, [] {});
        _events = std::make_unique<terminal::ShopEvents>(
            *_ledger, *_counter, _clock, _random,
            terminal::ShopEvents::Screen{[this](const host::Selection& customer) {
                                             _doors.selected(customer);
                                             say("flag " + customer.id + " " + flag());
                                         },
                                         [this](const host::Selection& customer) {
                                             _doors.cleared(customer.ref);
                                             say("cleared " + customer.id + " " + flag());
                                         }});
        _follower = std::move(
            host::PretixFollower::start(settings, *_events, *_events, _clock, _random).value());
    }
    ~Station() {
        _follower.reset();
        _doors.close();
        _hosts.reset();
    }
    Station(const Station&) = delete;
    Station& operator=(const Station&) = delete;

    /// Puts somebody on file as an import does: an address, nothing asked.
    void know(const std::string& id) {
        ledger::Draft draft;
        draft.subject = SubjectId::random(_random);
        const auto email = contact::Email::parse("known@example.org").value();
        draft.body = consent::Contact{"email", _ledger->contactKey(email.canonicalKey()),
                                      consent::ContactStatus::verified};
        draft.person.contacts.push_back({"email", email.display, email.canonicalKey()});
        draft.person.externalIds.push_back({"pretix", id});
        say(_ledger->append(draft) ? R"({"ok":true})" : R"({"ok":false})");
    }

    void state(const std::string& id, const consent::Token& purpose,
               const consent::Token& channel) const {
        const auto found = _ledger->findExternal("pretix", id).value();
        if (found.empty()) return say(R"({"state":"nobody","acts":[]})");
        const auto facts = _ledger->personFacts(found.front(), *_policy).value();
        const auto held = facts.states.find({purpose, channel});
        std::ostringstream out;
        out << R"({"state":)"
            << quoted(consent::name(held == facts.states.end()
                                        ? consent::State::unknown
                                        : consent::stateAsOf(held->second, _clock.now().at)))
            << R"(,"acts":[)";
        bool first = true;
        const auto events = _ledger->events(found.front(), 1000).value();
        for (const ledger::EventView& view : events) {
            const auto* act = std::get_if<consent::Act>(&view.event.body);
            if (act == nullptr) continue;
            const consent::ChoiceItem& item = act->choices.front();
            out << (first ? "" : ",") << R"({"choice":)" << quoted(consent::name(item.choice))
                << R"(,"purpose":)" << quoted(item.purpose) << R"(,"channel":)"
                << quoted(item.channel) << R"(,"method":)" << quoted(consent::name(act->method))
                << R"(,"source":)" << quoted(act->source) << R"(,"at":)"
                << quoted(formatTime(view.event.at)) << R"(,"unc":)" << view.event.unc
                << R"(,"seen":)" << act->seen.size() << "}";
            first = false;
        }
        say(out.str() + "]}");
    }

    void status() const {
        const host::FollowStatus now = _follower->status();
        std::ostringstream out;
        out << R"({"reached":)" << (now.reached ? "true" : "false") << R"(,"problem":)"
            << quoted(codeName(now.problem.code)) << R"(,"message":)" << quoted(now.problem.text())
            << R"(,"rounds":)" << now.rounds << R"(,"orders":)" << now.orders << R"(,"skipped":)"
            << now.skipped << R"(,"limited":)" << now.limited << "}";
        say(out.str());
    }

    void verify() const {
        const auto report = _ledger->verify();
        std::ostringstream out;
        out << R"({"ok":)" << (report ? "true" : "false") << R"(,"events":)"
            << (report ? report->events : 0) << "}";
        say(out.str());
    }

private:
    /// The flag's word, and whether there is a question to read out.
    [[nodiscard]] std::string flag() const {
        const counter::HostFlag now = _counter->hostFlag();
        if (now.quiet) return "nobody";
        return std::string(consent::name(now.kind)) + (now.script.empty() ? "" : "+question");
    }

    SystemClock _clock;
    SystemRandom _random;
    crypto::PinHasher _pins;
    terminal::Doors _doors;
    std::shared_ptr<const consent::Policy> _policy;
    std::unique_ptr<ledger::Ledger> _ledger;
    std::unique_ptr<counter::Counter> _counter;
    std::unique_ptr<host::SelectionServer> _hosts;
    std::unique_ptr<terminal::ShopEvents> _events;
    std::unique_ptr<host::PretixFollower> _follower;
};

int run(const std::string& folder, const std::string& config) {
    const auto settings = host::PretixSettings::load(config);
    if (!settings) {
        std::cerr << settings.error().text() << '\n';
        return 1;
    }
    Station station(folder, *settings);
    say("ready");
    std::string line;
    while (std::getline(std::cin, line)) {
        std::istringstream words(line);
        std::string command;
        std::string id;
        std::string purpose;
        std::string channel;
        words >> command >> id >> purpose >> channel;
        if (command == "know") station.know(id);
        if (command == "state") station.state(id, purpose, channel);
        if (command == "status") station.status();
        if (command == "verify") station.verify();
        if (command == "quit") break;
    }
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "usage: pretix-harness FOLDER PRETIX.TOML\n";
        return 2;
    }
    try {
        return run(argv[1], argv[2]);
    } catch (const std::exception& error) {
        std::cerr << "pretix-harness: " << error.what() << '\n';
        return 1;
    }
}
