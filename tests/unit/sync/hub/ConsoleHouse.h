// A house with its console, for the suites of this room. Header only.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>

#include "plugin/crypto/Encoding.h"
#include "plugin/crypto/Handle.h"
#include "plugin/wire/Json.h"
#include "sync/hub/ConsoleRoutes.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestOrigin.h"

namespace souffleur::test {

inline constexpr TimeMs kNow = 1795521600000;
inline constexpr const char* kPassword = "a long enough word";

class HandClock final : public Clock {
public:
    TimeMs at = kNow;
    [[nodiscard]] Reading now() const override { return {at, 0, 0}; }
    [[nodiscard]] TimeMs monotonicMs() const override { return at; }
};

inline http::SessionConfig sessionConfig() {
    http::SessionConfig config;
    config.cookieName = "souffleur_console";
    return config;
}

inline consent::Policy pack() {
    consent::Policy policy;
    policy.controller.id = "house";
    consent::ChannelRule rule;
    rule.channel = "email";
    policy.rules.push_back(rule);
    return policy;
}

/// Head office's own chain, as the hub has it.
class Chain final : public people::EventSink {
public:
    Chain(store::Store& store, const Clock& clock) : _store(store), _clock(clock) {
        _office.kind = "hub";
        auto enrolment = _office.enrolment();
        enrolment.name = "Head office";
        REQUIRE(store.enrol(enrolment));
    }
    Result<std::vector<EventId>> append(std::span<const people::NewEvent> events) override {
        std::vector<EventId> ids;
        for (const people::NewEvent& one : events) {
            const TimeMs at = one.at == 0 ? _clock.now().at : one.at;
            _office.unc = one.unc;
            ids.push_back(_office.add(one.subject, one.body, at).id);
            const std::size_t last = _office.events.size();
            if (auto placed = _office.push(_store, last, last, _clock.now().at); !placed)
                return passOn(placed);
        }
        return ids;
    }

private:
    store::Store& _store;
    const Clock& _clock;
    TestOrigin _office{9000};
};

/// A house with one till, three people and a member of staff a role.
struct House {
    test::TemporaryFolder folder;
    HandClock clock;
    SeededRandom random{5};
    consent::Policy policy = pack();
    std::unique_ptr<store::Store> store = store::openSqlite(folder.text(), {}).value();
    http::Sessions sessions{sessionConfig(), clock, random};
    Chain chain{*store, clock};
    crypto::SigningKey key = crypto::SigningKey::generate(random);
    hub::ConsoleSignIn signIn{*store, clock, random, crypto::Secret(std::string(32, 'p'))};
    hub::ConsoleRoutes routes{{*store, sessions, signIn, clock, random,
                               [] { return Result<crypto::Hash>(crypto::Hash{}); },
                               "https://127.0.0.1:8443", &policy, &key, OriginId{}, &chain}};
    http::Router router;
    test::TestOrigin till{9};
    std::vector<SubjectId> people;
    EventId first;

    House() {
        routes.addTo(router);
        const crypto::PinHasher hasher(crypto::Secret(std::string(32, 'p')));
        for (const char* role : {"marketing", "privacy", "it", "admin"}) {
            REQUIRE(store->putStaff({role, role, hasher.hash(kPassword, random).value(), 0, 0}));
        }
        auto enrolment = till.enrolment();
        enrolment.fingerprint = std::string(64, 'a');
        REQUIRE(store->enrol(enrolment));
        for (int n = 0; n < 3; ++n) {
            people.push_back(till.newSubject());
            const auto event =
                till.add(people.back(), test::act(consent::Choice::given), kNow - 10);
            if (n == 0) first = event.id;
        }
        REQUIRE(till.push(*store, 1, 3));
    }

    http::Response ask(http::Method method, const std::string& path, const std::string& role,
                       std::string body = "{}") {
        http::Request request;
        request.method = method;
        request.path = path.substr(0, path.find('?'));
        if (const auto at = path.find("after="); at != std::string::npos)
            request.query["after"] = path.substr(at + 6);
        if (path.find("limit=1") != std::string::npos) request.query["limit"] = "1";
        if (const auto at = path.find("without="); at != std::string::npos)
            request.query["without"] = path.substr(at + 8);
        request.body = std::move(body);
        request.principal = role;
        request.session = role.empty() ? "" : "session-of-" + role;
        return router.handle(std::move(request));
    }
    http::Response get(const std::string& path, const std::string& role) {
        return ask(http::Method::get, path, role);
    }
    http::Response post(const std::string& path, const std::string& role, std::string body) {
        return ask(http::Method::post, path, role, std::move(body));
    }
    http::Response signInFrom(const std::string& name, const std::string& password,
                              const std::string& address) {
        http::Request request;
        request.method = http::Method::post;
        request.path = "/api/v1/session";
        request.body = R"({"name":")" + name + R"(","password":")" + password + R"("})";
        request.peer.address = address;
        return router.handle(std::move(request));
    }
    int signInWith(const std::string& name, const std::string& password) {
        return signInFrom(name, password, "").status;
    }
    [[nodiscard]] std::size_t audited(const std::string& action) const {
        const auto rows = store->auditTrail(500).value();
        return static_cast<std::size_t>(
            std::count_if(rows.begin(), rows.end(),
                          [&](const store::AuditRow& row) { return row.action == action; }));
    }
};

} // namespace souffleur::test
