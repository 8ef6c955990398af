// A till of one box office behind its API: real ledger, real pack, real counter, clock in hand.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "plugin/api/Api.h"
#include "plugin/api/Feed.h"
#include "plugin/api/ScreenFeed.h"
#include "plugin/counter/Counter.h"
#include "plugin/crypto/Pin.h"
#include "plugin/crypto/SigningKey.h"
#include "plugin/http/Router.h"
#include "plugin/http/Sessions.h"
#include "plugin/ledger/Ledger.h"
#include "plugin/policy/PackLoader.h"
#include "tests/support/Folder.h"
#include "tests/support/HandClock.h"

namespace souffleur::test {

/// Ledger, counter and feed, wired as the terminal wires them. Noor may sign in with kPin.
class Till {
public:
    static constexpr const char* kPin = "204816";

    explicit Till(counter::CounterSettings settings = {}, api::FeedConfig feeding = {})
        : pins(crypto::Secret(std::string(32, 'p'))), signing(crypto::SigningKey::generate(random)),
          feed(feeding) {
        const policy::PackLoader loader(policy::sampleHouse("nl"));
        pack = std::make_shared<const consent::Policy>(loader.builtIn("nl").value());
        ledger::LedgerOptions options;
        options.folder = folder.path() / "ledger";
        options.origin = OriginId::random(random);
        options.contactKey.fill(7);
        options.rules = pack->stateRules(clock.now().at);
        ledger = std::move(ledger::Ledger::open(options, clock, random).value());
        settings.preferences = preferences();
        settings.placeName = "Kassa 1";
        till = std::make_unique<counter::Counter>(
            counter::CounterParts{*ledger, pins, clock, random, both, &signing}, settings, pack);
        noor = till->enrolOperator({}, "Noor", "cashier", kPin).value();
    }

    static counter::PreferenceOptions preferences() {
        return {{{"theatre", "Theatre"}, {"jazz", "Jazz"}}, {{"monthly", "Monthly"}}, {"nl", "en"}};
    }
    static api::ApiSettings apiSettings() {
        api::ApiSettings settings;
        settings.placeName = "Kassa 1";
        settings.preferences[""] = preferences();
        return settings;
    }
    /// A customer whom the ticketing system knows and we do not.
    static counter::HostCustomer stranger(const std::string& id = "C-1") {
        counter::HostCustomer host;
        host.system = "pretix";
        host.id = id;
        host.name = "Anna Vermeer";
        host.email = "anna." + id + "@example.org";
        host.language = "nl";
        return host;
    }

    Folder folder;
    HandClock clock{1'795'364'100'000}; // 2026-11-22
    SystemRandom random;
    crypto::PinHasher pins;
    crypto::SigningKey signing;
    /// Tells the pages' feeds, as the terminal's doors do.
    struct Both final : counter::CounterEvents {
        counter::CounterEvents& first;
        counter::CounterEvents& second;
        Both(counter::CounterEvents& one, counter::CounterEvents& other)
            : first(one), second(other) {}
        void deskChanged(std::uint64_t revision, bool selected) override {
            first.deskChanged(revision, selected);
            second.deskChanged(revision, selected);
        }
        void jobChanged(const counter::PrintJob& job) override { first.jobChanged(job); }
        void printerChanged(const counter::PrinterView& printer) override {
            first.printerChanged(printer);
        }
        void sessionChanged(const counter::Session& session) override {
            first.sessionChanged(session);
            second.sessionChanged(session);
        }
        void rushChanged(const counter::Rush& rush) override { first.rushChanged(rush); }
        void drawerStayedShut() override { first.drawerStayedShut(); }
    };
    api::Feed feed;
    api::ScreenFeed screenFeed{50};
    Both both{feed, screenFeed};
    std::shared_ptr<const consent::Policy> pack;
    std::unique_ptr<ledger::Ledger> ledger;
    std::unique_ptr<counter::Counter> till;
    OperatorId noor;
};

} // namespace souffleur::test
