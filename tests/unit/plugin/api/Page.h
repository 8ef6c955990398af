// The API called without sockets: what the router would do with a page's request.
#pragma once

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/support/Till.h"

namespace souffleur::test {

using nlohmann::json;

struct Page : Till {
    http::Sessions sessions;
    api::Api api;
    http::Router router;

    explicit Page(counter::CounterSettings settings = {}, bool signedIn = true)
        : Till(std::move(settings)), sessions({.cookieName = "souffleur_till"}, clock, random),
          api({*till, sessions, feed, clock, {}}, apiSettings()) {
        api.addTo(router);
        if (signedIn) REQUIRE(till->signIn(noor, kPin));
    }

    http::Response send(http::Method method, const std::string& path, std::string body = {},
                        const std::string& language = "en") {
        http::Request request;
        request.method = method;
        const auto target = http::parseTarget("/api/v1" + path).value();
        request.path = target.path;
        request.query = target.query;
        request.body = std::move(body);
        request.headers.set("Accept-Language", language);
        return router.handle(std::move(request));
    }
    http::Response get(const std::string& path, const std::string& language = "en") {
        return send(http::Method::get, path, {}, language);
    }
    http::Response post(const std::string& path, const json& body) {
        return send(http::Method::post, path, body.is_null() ? std::string() : body.dump());
    }
    /// Selected by the ticketing system; the desk as the page sees it.
    json select(const std::string& id = "C-1") {
        REQUIRE(till->hostSelected(stranger(id)));
        return json::parse(get("/desk").body);
    }
    json act(const json& desk, const std::string& outcome, const json& answers = json::array()) {
        clock.pass(kSecondMs); // nobody speaks twice in one moment
        return {{"idempotencyKey", Uuid::random(random).text()},
                {"questionSetId", desk["questionSetId"]},
                {"subjectId", desk["customer"]["subjectId"]},
                {"outcome", outcome},
                {"answers", answers},
                {"method", "spoken"},
                {"language", desk["customer"]["language"]}};
    }
    /// A yes to the first question of the desk.
    static json yes(const json& desk) {
        const json& question = desk["questions"][0];
        return json::array({{{"purpose", question["purpose"]},
                             {"channel", question["channel"]},
                             {"choice", "given"}}});
    }
};

inline std::string codeOf(const http::Response& response) {
    return json::parse(response.body).value("code", "");
}
/// "pointer code" of the first member at fault.
inline std::string faultOf(const http::Response& response) {
    const json body = json::parse(response.body);
    if (!body.contains("errors")) return {};
    return body["errors"][0]["pointer"].get<std::string>() + " " +
           body["errors"][0]["code"].get<std::string>();
}

} // namespace souffleur::test
