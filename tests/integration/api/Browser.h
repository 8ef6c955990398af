// A page of the till over real HTTP: it launches, signs in and asks. Every answer can be written
// down for the check against the contract (tests/e2e/contract.test.mjs).
#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "plugin/api/PanelServer.h"
#include "plugin/http/Client.h"
#include "tests/support/Till.h"

namespace souffleur::test {

using nlohmann::json;

/// A till with its server; the launch file is in the till's folder.
struct Station : Till {
    std::unique_ptr<api::PanelServer> server;

    explicit Station(counter::CounterSettings settings = {}) : Till(std::move(settings)) {
        api::PanelConfig config;
        config.api = apiSettings();
        config.launchFile = launchFile();
        server = api::PanelServer::start({*till, feed, clock, random, {}}, config).value();
    }
    ~Station() { server->stop(); }
    [[nodiscard]] std::filesystem::path launchFile() const { return folder.path() / "panel.url"; }
    [[nodiscard]] std::string launchToken() const {
        std::ifstream in(launchFile());
        std::string line;
        std::getline(in, line);
        return line.substr(line.find("#launch=") + 8);
    }
};

struct Browser {
    Station& station;
    http::Client client;
    std::string cookie;
    std::string secret = "none";

    explicit Browser(Station& at, bool launched = true) : station(at) {
        if (!launched) return;
        const json begun = json::parse(
            send(http::Method::post, "/session", json{{"launchToken", at.launchToken()}}.dump())
                .body);
        secret = begun["secret"];
    }
    /// What the page itself would send; a test spoils one thing of it.
    http::ClientRequest request(http::Method method, const std::string& path,
                                std::string body = {}) const {
        http::ClientRequest out;
        out.method = method;
        const std::string origin = "http://127.0.0.1:" + std::to_string(station.server->port());
        out.url = origin + "/api/v1" + path;
        out.headers = {{"Accept-Language", "en"},
                       {"Origin", origin},
                       {"Sec-Fetch-Site", "same-origin"},
                       {"X-Souffleur-Session", secret}};
        if (!cookie.empty()) out.headers.set("Cookie", cookie);
        if (method == http::Method::post) {
            out.headers.set("Content-Type", "application/json");
            out.body = std::move(body);
        }
        return out;
    }
    http::ClientResponse send(const http::ClientRequest& asked) {
        auto answer = client.send(asked);
        REQUIRE(answer.has_value());
        return std::move(*answer);
    }
    http::ClientResponse send(http::Method method, const std::string& path, std::string body = {}) {
        auto answer = send(request(method, path, std::move(body)));
        const std::string set(answer.headers.get("Set-Cookie"));
        if (!set.empty()) cookie = set.substr(0, set.find(';'));
        note(method, path, answer);
        return answer;
    }
    http::ClientResponse get(const std::string& path) { return send(http::Method::get, path); }
    http::ClientResponse post(const std::string& path, const json& body) {
        return send(http::Method::post, path, body.dump());
    }
    void signIn() {
        REQUIRE(post("/session/sign-in", {{"operatorId", station.noor.text()}, {"pin", Till::kPin}})
                    .status == 200);
    }

    /// One line for each answer in the file that SOUFFLEUR_ANSWERS names, and `more`.
    static void note(http::Method method, const std::string& path,
                     const http::ClientResponse& answer, const std::string& more = {}) {
        const char* file = std::getenv("SOUFFLEUR_ANSWERS");
        if (file == nullptr || *file == 0 || answer.body.empty()) return;
        std::ofstream(file + more, std::ios::app)
            << json{{"method", std::string(http::methodName(method))},
                    {"path", path},
                    {"status", answer.status},
                    {"type", std::string(answer.headers.get("Content-Type"))},
                    {"body", json::parse(answer.body)}}
                   .dump()
            << "\n";
    }
};

inline std::string codeOf(const http::ClientResponse& answer) {
    const json body = json::parse(answer.body, nullptr, false);
    return body.is_object() ? body.value("code", "") : "";
}

} // namespace souffleur::test
