#include "plugin/api/Api.h"

#include <fstream>
#include <set>

#include "Paths.h"
#include "plugin/api/Problems.h"
#include "plugin/api/Views.h"
#include "tests/unit/plugin/api/Page.h"

using namespace souffleur;
using namespace souffleur::test;

namespace {

std::vector<std::string> contractLines() {
    std::ifstream in(std::string(kSourceDir) + "/plugin/api/openapi.yaml");
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    REQUIRE(lines.size() > 100);
    return lines;
}

/// "post /session none" for each operation of the contract, by the indentation it is written in.
std::set<std::string> promised() {
    std::set<std::string> all;
    bool paths = false;
    std::string path;
    std::string method;
    for (const std::string& line : contractLines()) {
        if (!line.empty() && line[0] != ' ') paths = line == "paths:";
        if (!paths) continue;
        if (line.starts_with("  /")) path = line.substr(2, line.size() - 3);
        for (const char* verb : {"get", "post", "put", "delete", "patch"}) {
            if (line == std::string("    ") + verb + ":") method = verb;
        }
        if (line.starts_with("      x-stage: ")) {
            all.insert(method + " " + path + " " + line.substr(15));
        }
    }
    return all;
}

/// Status by code, from the comments in the contract's list.
std::map<std::string, int> promisedCodes() {
    std::map<std::string, int> codes;
    for (const std::string& line : contractLines()) {
        const std::size_t hash = line.find("# ");
        if (!line.starts_with("            - ") || hash == std::string::npos) continue;
        const int status = std::atoi(line.c_str() + hash + 2);
        if (status >= 400) codes[line.substr(14, line.find(' ', 14) - 14)] = status;
    }
    return codes;
}

std::string concrete(std::string path) {
    for (const char* name : {"{actId}", "{subjectId}", "{jobId}"}) {
        const std::size_t at = path.find(name);
        if (at != std::string::npos) {
            path.replace(at, std::string(name).size(), "0192f0c1-6b1e-7c55-9a10-5a2f3e9d0b77");
        }
    }
    return path;
}

std::string lower(std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(c));
    return text;
}

} // namespace

TEST_CASE("every operation of the contract is served, and no other") {
    std::set<std::string> served;
    for (const auto& operation : api::Api::operations()) {
        served.insert(lower(std::string(http::methodName(operation.method))) + " " +
                      std::string(operation.path) + " " + std::string(operation.stage));
    }
    CHECK(promised().size() == 30);
    CHECK(served == promised());
}

TEST_CASE("every code of the contract has the status it promises") {
    const auto codes = promisedCodes();
    CHECK(codes.size() == 34);
    for (const auto& [code, status] : codes) {
        CAPTURE(code);
        // The guard makes these; the rest is the API's.
        if (code == "host-refused" || code == "origin-refused" || code == "peer-refused") continue;
        CHECK(api::statusOfProblem(code) == status);
    }
}

TEST_CASE("every operation needs its stage") {
    Page page({}, false);
    const auto ask = [&](const api::Api::Operation& operation) {
        return page.send(operation.method, concrete(std::string(operation.path)),
                         operation.method == http::Method::post ? "{}" : "");
    };
    const auto check = [&](const char* now, auto refused, const char* code) {
        for (const auto& operation : api::Api::operations()) {
            if (operation.stage == "none" || operation.stage == "launched") continue;
            CAPTURE(now);
            CAPTURE(operation.path);
            const auto answer = ask(operation);
            if (refused(operation.stage)) {
                CHECK(codeOf(answer) == code);
            } else if (answer.status >= 400) {
                CHECK(codeOf(answer) != "sign-in-needed");
                CHECK(codeOf(answer) != "locked");
            }
        }
    };
    check(
        "signed out", [](std::string_view) { return true; }, "sign-in-needed");
    REQUIRE(page.till->goUnidentified());
    check(
        "unidentified", [](std::string_view stage) { return stage == "operator"; },
        "sign-in-needed");
    REQUIRE(page.till->signIn(page.noor, Page::kPin));
    check(
        "signed in", [](std::string_view) { return false; }, "");
    page.till->lock();
    check(
        "locked", [](std::string_view) { return true; }, "locked");
}

TEST_CASE("an unknown query parameter is refused without being repeated") {
    Page page;
    for (const auto& operation : api::Api::operations()) {
        if (operation.path == "/feed") continue;
        CAPTURE(operation.path);
        const auto answer =
            page.send(operation.method, concrete(std::string(operation.path)) + "?anna=vermeer");
        CHECK(answer.status == 422);
        CHECK(faultOf(answer) == " unknown-member");
        CHECK(answer.body.find("anna") == std::string::npos);
    }
}

TEST_CASE("bodies that are no JSON object are malformed, members that will not do are named") {
    Page page;
    page.select();
    for (const auto& operation : api::Api::operations()) {
        if (operation.method != http::Method::post) continue;
        const std::string path = concrete(std::string(operation.path));
        CAPTURE(path);
        for (const std::string& body :
             {std::string("{"), std::string("[]"), std::string("\"x\""), std::string("null"),
              std::string("{\"a\":1,\"a\":1}"), std::string("{\"a\":\"\xff\"}"),
              std::string("{} {}"), std::string("{\"a\":\"\x1b\"}"), std::string(5000, '[')}) {
            CAPTURE(body.substr(0, 20));
            const auto answer = page.send(http::Method::post, path, body);
            CHECK(answer.status == 400);
            CHECK(codeOf(answer) == "malformed");
        }
        const auto strange = page.send(http::Method::post, path, R"({"vermeer":1})");
        CHECK(strange.status == 422);
        CHECK(faultOf(strange) == "/vermeer unknown-member");
        const auto large = page.send(http::Method::post, path, std::string(64 * 1024 + 1, ' '));
        CHECK(large.status == 413);
        CHECK(codeOf(large) == "too-large");
    }
}

TEST_CASE("a fault of the program says nothing of itself") {
    counter::Refusal refusal;
    refusal.problem = "something-new";
    refusal.message = "Anna Vermeer";
    const auto answer = api::problemResponse(refusal);
    CHECK(answer.status == 500);
    CHECK(codeOf(answer) == "internal");
    CHECK(answer.body.find("Anna") == std::string::npos);
}

TEST_CASE("status says how the till is, to anybody with a session") {
    Page page({}, false);
    page.api.setSync({"behind", 1'795'364'092'000, 7, 0});
    page.api.setHost({true, "abi"});
    const json status = json::parse(page.get("/status").body);
    CHECK(status["sync"]["state"] == "behind");
    CHECK(status["sync"]["pending"] == 7);
    CHECK(status["sync"]["lastAt"]["text"] == "2026-11-22T17:14:52.000+01:00");
    CHECK(status["sync"]["leaseUntil"].is_null());
    CHECK(status["host"] == json{{"connected", true}, {"kind", "abi"}});
    CHECK(status["pack"]["packId"] == "nl");
    CHECK(status["printer"]["state"] == "none");
}

TEST_CASE("notices are found by id, version and language") {
    Page page;
    const json desk = page.select();
    const std::string id = desk["questions"][0]["noticeId"];
    const json all = json::parse(page.get("/policy/notices?noticeId=" + id).body)["notices"];
    CHECK(all.size() == page.pack->languages.size());
    const json one =
        json::parse(page.get("/policy/notices?language=ru&noticeId=" + id).body)["notices"];
    REQUIRE(one.size() == 1);
    CHECK(one[0]["language"] == "ru");
    CHECK(one[0]["hash"].get<std::string>().size() == 64);
    CHECK(codeOf(page.get("/policy/notices?noticeId=" + id + "&version=77777")) == "not-found");
    CHECK(faultOf(page.get("/policy/notices")) == "/noticeId missing");
    CHECK(faultOf(page.get("/policy/notices?noticeId=Robert%27)")) == "/noticeId out-of-range");
    CHECK(faultOf(page.get("/policy/notices?noticeId=x&version=-1")) == "/version out-of-range");
    CHECK(faultOf(page.get("/policy/notices?noticeId=x&language=xx")) == "/language out-of-range");
}
