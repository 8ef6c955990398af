// What a till makes of what a hub, or a box on the way to it, answers.
#include "sync/agent/HttpHub.h"

#include <doctest/doctest.h>

#include <deque>

using namespace souffleur;
using namespace souffleur::agent;

namespace {

/// Answers as it was told, and keeps what it was asked.
class Scripted final : public http::Carrier {
public:
    explicit Scripted(std::deque<http::ClientResponse>& answers,
                      std::vector<http::ClientRequest>& asked)
        : _answers(answers), _asked(asked) {}
    Result<http::ClientResponse> send(const http::ClientRequest& request) override {
        _asked.push_back(request);
        if (_answers.empty()) return fail(Code::unavailable, "nobody is there");
        auto answer = _answers.front();
        _answers.pop_front();
        return answer;
    }
    void cancel() override {}

private:
    std::deque<http::ClientResponse>& _answers;
    std::vector<http::ClientRequest>& _asked;
};

struct Till {
    std::deque<http::ClientResponse> answers;
    std::vector<http::ClientRequest> asked;
    SystemClock clock;
    HttpHub hub{"https://hub.example.org", std::make_unique<Scripted>(answers, asked), clock, {}};
    protocol::Batch batch;

    Till() {
        SeededRandom random(4);
        batch.origin = OriginId::random(random);
        batch.events.push_back({SubjectId::random(random), false, R"({"v":1})", ""});
        protocol::seal(batch, crypto::SigningKey::generate(random));
    }
    Result<protocol::PushAnswer> push(int status, http::Headers headers = {},
                                      std::string body = {}) {
        answers.push_back({status, std::move(headers), std::move(body)});
        return hub.push(batch);
    }
    [[nodiscard]] std::string accepted() const {
        return protocol::encodeAnswer({batch.lastSeq(), batch.head, {}});
    }
};

} // namespace

TEST_CASE("a refusal of any kind is an error that deletes nothing, and none is for ever") {
    Till till;
    // The classes that the loop knows: refused and conflict are told, all else is tried again.
    CHECK(till.push(401).error().code == Code::refused);
    CHECK(till.push(403).error().code == Code::refused);
    CHECK(till.push(409).error().code == Code::conflict);
    CHECK(till.push(413).error().code == Code::tooLarge);
    for (const int status : {400, 404, 422, 500, 501, 502, 503, 507})
        CHECK(till.push(status).error().code == Code::unavailable);
    // A redirect, or a sign-in page of a guest network, is no acknowledgement.
    CHECK_FALSE(till.push(302, {{"Location", "http://198.51.100.1/"}}).has_value());
    CHECK_FALSE(till.push(200, {}, "<html>").has_value());
    CHECK(till.push(200, {}, till.accepted()).has_value());
}

TEST_CASE("how long the hub asked to be left alone is known until the next answer") {
    Till till;
    CHECK(till.hub.retryAfterMs() == 0);
    (void) till.push(503, {{"Retry-After", "30"}});
    CHECK(till.hub.retryAfterMs() == 30 * kSecondMs);
    (void) till.push(503);
    CHECK(till.hub.retryAfterMs() == 0);
    for (const char* odd :
         {"", "-5", "soon", "30s", "Wed, 21 Oct 2026 07:28:00 GMT", "99999999999"}) {
        (void) till.push(503, {{"Retry-After", odd}});
        CHECK(till.hub.retryAfterMs() == 0);
    }
    (void) till.push(503, {{"Retry-After", "30"}});
    (void) till.push(200, {{"Retry-After", "30"}}, till.accepted());
    CHECK(till.hub.retryAfterMs() == 0);
}

TEST_CASE("a batch goes as zstd, and plain to whoever does not take that") {
    Till till;
    REQUIRE(till.push(200, {}, till.accepted()).has_value());
    CHECK(till.asked.back().headers.get("Content-Encoding") == "zstd");
    CHECK(protocol::decompress(till.asked.back().body, limits::kBatchMaxBytes) ==
          protocol::encodeBatch(till.batch));
    till.answers.push_back({415, {}, ""});
    REQUIRE(till.push(200, {}, till.accepted()).has_value());
    CHECK(till.asked.size() == 3);
    CHECK_FALSE(till.asked.back().headers.has("Content-Encoding"));
    CHECK(till.asked.back().body == protocol::encodeBatch(till.batch));
    till.answers.push_back({204, {}, ""});
    CHECK(till.hub.urgent(till.batch).has_value()); // as it goes from now on
    CHECK_FALSE(till.asked.back().headers.has("Content-Encoding"));
    CHECK_FALSE(till.push(415).has_value());
    CHECK(till.asked.size() == 5); // no endless to and fro
}

TEST_CASE("a page comes as zstd or plain, and a bomb is none") {
    Till till;
    protocol::PullPage page;
    page.cursor = "7";
    const std::string text = protocol::encodePage(page);
    till.answers.push_back({200, {}, text});
    CHECK(till.hub.pull("", 10)->cursor == "7");
    CHECK(till.asked.back().headers.get("Accept-Encoding") == "zstd");
    till.answers.push_back({200, {{"Content-Encoding", "zstd"}}, protocol::compress(text)});
    CHECK(till.hub.pull("", 10)->cursor == "7");
    till.answers.push_back({200,
                            {{"Content-Encoding", "zstd"}},
                            protocol::compress(std::string(protocol::kPageMaxBytes + 1, '\n'))});
    CHECK(till.hub.pull("", 10).error().code == Code::tooLarge);
}
