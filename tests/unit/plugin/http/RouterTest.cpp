#include "plugin/http/Router.h"

#include <stdexcept>

#include "tests/support/Property.h"

using namespace souffleur;
using namespace souffleur::http;

namespace {

Handler says(const char* text) {
    return [text](const Request&) -> Result<Response> { return Response::text(text); };
}

Request asking(Method method, std::string path) {
    Request request;
    request.method = method;
    request.path = std::move(path);
    return request;
}

} // namespace

TEST_CASE("a template gives its parameters, and a literal wins over one") {
    Router router;
    router.get("/api/v1/subjects/{id}/acts/{act}", [](const Request& request) -> Result<Response> {
        return Response::text(request.param("id") + "+" + request.param("act") +
                              request.param("none"));
    });
    router.get("/api/v1/subjects/{id}", says("one"));
    router.get("/api/v1/subjects/search", says("search"));
    CHECK(router.handle(asking(Method::get, "/api/v1/subjects/a b/acts/7")).body == "a b+7");
    CHECK(router.handle(asking(Method::get, "/api/v1/subjects/x")).body == "one");
    CHECK(router.handle(asking(Method::get, "/api/v1/subjects/search")).body == "search");
    CHECK(router.handle(asking(Method::get, "/api/v1/subjects/")).status == 404);
    CHECK(router.handle(asking(Method::get, "/api/v1/subjects")).status == 404);
}

TEST_CASE("a known path with another method is 405 and says which") {
    Router router;
    router.get("/a", says("get"));
    router.post("/a", says("post"));
    const Response response = router.handle(asking(Method::del, "/a"));
    CHECK(response.status == 405);
    CHECK(response.headers.get("Allow") == "GET, POST");
    CHECK(router.handle(asking(Method::head, "/a")).status == 200);
    CHECK(router.handle(asking(Method::options, "/a")).status == 405);
}

TEST_CASE("otherwise answers GET alone") {
    Router router;
    router.post("/api/x", says("post"));
    router.otherwise(says("asset"));
    CHECK(router.handle(asking(Method::get, "/any/where")).body == "asset");
    CHECK(router.handle(asking(Method::post, "/any/where")).status == 405);
    CHECK(router.handle(asking(Method::get, "/api/x")).status == 405);
}

TEST_CASE("a body over the route's limit is 413") {
    Router router;
    router.post("/a", says("ok"), {4});
    Request request = asking(Method::post, "/a");
    request.body = "1234";
    CHECK(router.handle(request).status == 200);
    request.body = "12345";
    CHECK(router.handle(request).status == 413);
}

TEST_CASE("doubled and malformed templates are bugs") {
    Router router;
    router.get("/a/{id}", says("x"));
    CHECK_THROWS_AS(router.get("/a/{other}", says("x")), std::logic_error);
    CHECK_THROWS_AS(router.get("a", says("x")), std::logic_error);
    CHECK_THROWS_AS(router.get("/a/{", says("x")), std::logic_error);
    CHECK_THROWS_AS(router.get("/a/x{id}", says("x")), std::logic_error);
}

TEST_CASE("an error becomes problem+json and an exception keeps its text to itself") {
    Router router;
    router.get("/error", [](const Request&) -> Result<Response> {
        return fail(Code::conflict, "the act was undone already", "acts/7");
    });
    router.get("/throws", [](const Request&) -> Result<Response> {
        throw std::runtime_error("anna@example.org");
    });
    router.get("/odd", [](const Request&) -> Result<Response> { throw 7; });
    const Response error = router.handle(asking(Method::get, "/error"));
    CHECK(error.status == 409);
    CHECK(error.headers.get("content-type") == "application/problem+json");
    CHECK(
        error.body ==
        R"({"type":"urn:souffleur:problem:conflict","title":"Conflict","status":409,"code":"conflict",)"
        R"("detail":"the act was undone already","where":"acts/7"})");
    const Response thrown = router.handle(asking(Method::get, "/throws"));
    CHECK(thrown.status == 500);
    CHECK(thrown.body.find("anna") == std::string::npos);
    CHECK(router.handle(asking(Method::get, "/odd")).status == 500);
}

TEST_CASE("targets that could mean two things are refused") {
    for (const char* target :
         {"",           "a",      "*",      "http://x/", "//a",     "/a//b", "/../a",
          "/%2e%2e/a",  "/a/./b", "/a%2fb", "/a%5cb",    "/a%00",   "/a%0a", "/%",
          "/%4",        "/%zz",   "/a b",   "/a\x01",    "/\xff",   "/%ff",  "/%c0%af",
          "/%ed%a0%80", "/a#b",   "/a?x=%", "/a?x=%00",  "/a?%ff=1"}) {
        CAPTURE(target);
        CHECK_FALSE(parseTarget(target).has_value());
    }
    CHECK_FALSE(parseTarget("/" + std::string(2048, 'a')).has_value());
    std::string many = "/?";
    for (int i = 0; i < 65; ++i) many += "a" + std::to_string(i) + "=1&";
    CHECK_FALSE(parseTarget(many).has_value());
}

TEST_CASE("targets are decoded") {
    const auto target = parseTarget("/a%20b/%D0%AF+/?q=x+y%2B&q=2&empty&&=").value();
    CHECK(target.path == "/a b/Я+/");
    CHECK(target.query.at("q") == "x y+");
    CHECK(target.query.at("empty").empty());
}

PROPERTY("percent-encoding comes back, and only clean text does", [](const std::string& text) {
    const auto decoded = percentDecode(percentEncode(text));
    if (decoded) RC_ASSERT(*decoded == text);
    const bool ascii =
        std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
    RC_ASSERT(!ascii || decoded.has_value());
})

PROPERTY("whatever is parsed routes to the segment it names", [](const std::string& text) {
    const std::string segment = percentEncode(text);
    const auto target = parseTarget("/x/" + segment + "/y");
    if (!target) return;
    Router router;
    std::string seen;
    router.get("/x/{id}/y", [&](const Request& request) -> Result<Response> {
        seen = request.param("id");
        return Response::noContent();
    });
    RC_ASSERT(router.handle(asking(Method::get, target->path)).status == 204);
    RC_ASSERT(seen == text);
})

PROPERTY("no bytes make the parser fail in another way", [](const std::string& bytes) {
    const auto target = parseTarget("/" + bytes);
    if (target) {
        RC_ASSERT(target->path.find('\0') == std::string::npos);
        RC_ASSERT(target->path.find("/../") == std::string::npos);
    }
})
