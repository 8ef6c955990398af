#include "plugin/http/Message.h"

#include <doctest/doctest.h>

using namespace souffleur;
using namespace souffleur::http;

TEST_CASE("header names compare without case") {
    Headers headers{{"Content-Type", "a"}, {"X", "1"}, {"x", "2"}};
    CHECK(headers.get("content-type") == "a");
    CHECK(headers.count("X") == 2);
    headers.set("x", "3");
    CHECK(headers.count("X") == 1);
    CHECK(headers.get("X") == "3");
    CHECK_FALSE(headers.has("Y"));
}

TEST_CASE("cookies are found by their whole name") {
    Request request;
    request.headers = {{"Cookie", "ab=1; b=2;c=; d"}, {"Cookie", "e=5"}};
    CHECK(request.cookie("b") == "2");
    CHECK(request.cookie("e") == "5");
    CHECK(request.cookie("c").empty());
    CHECK(request.cookie("a").empty());
    CHECK(request.cookie("d").empty());
}

TEST_CASE("the media type has no parameters and no case") {
    Request request;
    request.headers = {{"Content-Type", "Application/JSON ; charset=utf-8"}};
    CHECK(request.contentType() == "application/json");
}

TEST_CASE("every code has a status, and broken text does not stop a problem") {
    for (const Code code : {Code::invalid, Code::notFound, Code::conflict, Code::refused,
                            Code::locked, Code::tooLarge, Code::unavailable, Code::storage,
                            Code::corrupt, Code::unsupported, Code::internal}) {
        CHECK(statusOf(code) >= 400);
        CHECK(reasonPhrase(statusOf(code)) != "Other");
    }
    CHECK(Response::problem({Code::invalid, "\xff", {}}).status == 400);
    CHECK(Response::problem({Code::refused, "x", {}}, 401).status == 401);
}

TEST_CASE("methods have names") {
    for (const Method method : {Method::get, Method::head, Method::post, Method::put, Method::patch,
                                Method::del, Method::options}) {
        CHECK(parseMethod(methodName(method)) == method);
    }
    CHECK_FALSE(parseMethod("get").has_value());
    CHECK_FALSE(parseMethod("BREW").has_value());
}
