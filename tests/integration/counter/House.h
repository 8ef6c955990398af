// A box office of one till: real ledger, real pack, clock in hand.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "plugin/contact/Email.h"
#include "plugin/counter/Counter.h"
#include "plugin/crypto/Pin.h"
#include "plugin/ledger/Ledger.h"
#include "plugin/ledger/Operators.h"
#include "plugin/policy/PackLoader.h"
#include "tests/support/HandClock.h"
#include "tests/support/Property.h"
#include "tests/support/TemporaryFolder.h"

namespace souffleur::test {

/// Writes down what the counter tells.
class Heard final : public counter::CounterEvents {
public:
    void deskChanged(std::uint64_t revision, bool selected) override {
        const std::lock_guard lock(_mutex);
        revisions.push_back(revision);
        hasCustomer = selected;
    }
    void jobChanged(const counter::PrintJob& job) override {
        const std::lock_guard lock(_mutex);
        jobs.push_back(job);
        _changed.notify_all();
    }
    void printerChanged(const counter::PrinterView&) override {}
    void sessionChanged(const counter::Session& session) override {
        const std::lock_guard lock(_mutex);
        stages.push_back(session.stage);
    }
    void rushChanged(const counter::Rush& rush) override {
        const std::lock_guard lock(_mutex);
        missed = rush.missed;
    }
    void drawerStayedShut() override {
        const std::lock_guard lock(_mutex);
        ++drawersShut;
        _changed.notify_all();
    }
    bool waitForShutDrawer() {
        std::unique_lock lock(_mutex);
        return _changed.wait_for(lock, std::chrono::seconds(60), [&] { return drawersShut > 0; });
    }
    /// Waits until the newest job is in `state`.
    bool waitForJob(counter::JobState state) {
        std::unique_lock lock(_mutex);
        return _changed.wait_for(lock, std::chrono::seconds(60),
                                 [&] { return !jobs.empty() && jobs.back().state == state; });
    }

    std::vector<std::uint64_t> revisions;
    bool hasCustomer = false;
    std::vector<counter::PrintJob> jobs;
    std::vector<counter::Stage> stages;
    std::uint32_t missed = 0;
    int drawersShut = 0;

private:
    std::mutex _mutex;
    std::condition_variable _changed;
};

inline constexpr const char* kPin = "204816";

class House {
public:
    explicit House(counter::CounterSettings settings = {}, const std::string& pack = "nl",
                   bool signedIn = true)
        : pins(crypto::Secret(std::string(32, 'p'))) {
        policy::PackLoader loader(policy::sampleHouse(pack));
        pack_ = std::make_shared<const consent::Policy>(loader.builtIn(pack).value());
        _options.folder = folder.path() / "ledger";
        _options.origin = OriginId::random(random);
        _options.contactKey.fill(7);
        settings.preferences.genres = {{"theatre", "Theatre"}, {"jazz", "Jazz"}};
        settings.preferences.frequencies = {{"monthly", "Monthly"}};
        settings.preferences.languages = {"nl", "en"};
        _settings = std::move(settings);
        start();
        noor = till->enrolOperator({}, "Noor", "cashier", kPin).value();
        if (signedIn) {
            REQUIRE(till->signIn(noor, kPin));
        }
    }

    /// The process ended and begins anew, with nobody on the desk and nobody signed in.
    void restart() {
        till.reset();
        ledger.reset();
        start();
    }

    [[nodiscard]] const consent::Policy& pack() const { return *pack_; }
    [[nodiscard]] counter::Desk desk() { return till->desk("en").value(); }

    /// A customer whom the ticketing system knows and we do not.
    counter::HostCustomer stranger(const std::string& id = "C-1") {
        counter::HostCustomer host;
        host.system = "pretix";
        host.id = id;
        host.name = "Anna Vermeer";
        host.email = "anna@example.org";
        host.language = "nl";
        return host;
    }
    counter::Desk select(const counter::HostCustomer& host) {
        REQUIRE(till->hostSelected(host));
        return desk();
    }
    counter::Desk select(const std::string& id = "C-1") { return select(stranger(id)); }

    counter::ActRequest answer(const counter::Desk& desk, counter::ActOutcome outcome) {
        clock.pass(kSecondMs); // nobody speaks twice in one moment
        counter::ActRequest request;
        request.idempotencyKey = Uuid::random(random);
        request.questionSet = desk.questionSet;
        request.subject = desk.customer->subject;
        request.outcome = outcome;
        request.language = desk.customer->language;
        return request;
    }
    counter::ActRequest say(const counter::Desk& desk, const std::string& purpose,
                            const std::string& channel, consent::Choice choice) {
        counter::ActRequest request = answer(desk, counter::ActOutcome::save);
        request.answers.push_back({purpose, channel, choice});
        return request;
    }
    consent::State state(SubjectId subject, const std::string& purpose,
                         const std::string& channel) {
        const auto facts = ledger->personFacts(subject, pack()).value();
        const auto found = facts.states.find({purpose, channel});
        return found == facts.states.end() ? consent::State::unknown
                                           : consent::stateAsOf(found->second, clock.at);
    }
    [[nodiscard]] std::uint64_t events() const { return ledger->stats().value().events; }

    TemporaryFolder folder;
    HandClock clock{1'790'000'000'000}; // 2026-09-21
    SeededRandom random{42};
    crypto::PinHasher pins;
    Heard heard;
    std::unique_ptr<ledger::Ledger> ledger;
    std::unique_ptr<counter::Counter> till;
    OperatorId noor;

private:
    void start() {
        ledger = std::move(ledger::Ledger::open(_options, clock, random).value());
        till = std::make_unique<counter::Counter>(
            counter::CounterParts{*ledger, pins, clock, random, heard}, _settings, pack_);
    }

    ledger::LedgerOptions _options;
    counter::CounterSettings _settings;
    std::shared_ptr<const consent::Policy> pack_;
};

/// What is asked now, as "purpose/channel", in the order of the rows.
inline std::vector<std::string> askedKeys(const counter::Desk& desk) {
    std::vector<std::string> out;
    for (const counter::DeskQuestion& question : desk.questions) {
        if (question.asked) {
            out.push_back(question.purpose + "/" + question.channel);
        }
    }
    return out;
}

} // namespace souffleur::test
