#include "plugin/http/EventStream.h"

#include <doctest/doctest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

using namespace souffleur;
using namespace souffleur::http;

namespace {

/// Collects what a stream writes; the test waits for words in it.
class Page final : public StreamWriter {
public:
    bool write(std::string_view bytes) override {
        std::unique_lock lock(_mutex);
        _changed.wait(lock, [this] { return !_held; });
        _text += bytes;
        _changed.notify_all();
        return !_gone;
    }
    [[nodiscard]] bool stopping() const override { return false; }

    bool waitFor(const std::string& word) {
        std::unique_lock lock(_mutex);
        return _changed.wait_for(lock, std::chrono::seconds(20),
                                 [&] { return _text.find(word) != std::string::npos; });
    }
    std::string text() {
        const std::lock_guard lock(_mutex);
        return _text;
    }
    void hold(bool held) {
        const std::lock_guard lock(_mutex);
        _held = held;
        _changed.notify_all();
    }
    void leave() {
        const std::lock_guard lock(_mutex);
        _gone = true;
    }

private:
    std::mutex _mutex;
    std::condition_variable _changed;
    std::string _text;
    bool _held = false;
    bool _gone = false;
};

EventStreamConfig config() {
    EventStreamConfig config;
    config.heartbeatMs = 20;
    config.queueMax = 4;
    config.ringMax = 3;
    config.maxSubscribers = 2;
    return config;
}

Request after(const std::string& id) {
    Request request;
    if (!id.empty()) request.headers.set("Last-Event-ID", id);
    return request;
}

std::string idIn(const std::string& text) {
    const auto at = text.rfind("id: ") + 4;
    return text.substr(at, text.find('\n', at) - at);
}

} // namespace

TEST_CASE("an event reaches every page, in order, with a heartbeat between") {
    SystemRandom random;
    EventStream events(config(), random);
    Page one;
    Page two;
    auto first = events.subscribe(Request{}).value();
    auto second =
        events.subscribe(Request{}, [](std::string_view name) { return name == "flag"; }).value();
    std::thread a([&] { first.stream(one); });
    std::thread b([&] { second.stream(two); });
    events.publish("printer", R"({"paper":"low"})");
    events.publish("flag", "{\n}");
    CHECK(one.waitFor("event: flag\ndata: {\ndata: }\n\n"));
    CHECK(two.waitFor("event: flag"));
    CHECK(one.waitFor(": \n\n"));
    CHECK(one.text().find("printer") < one.text().find("flag"));
    CHECK(two.text().find("printer") == std::string::npos);
    CHECK(one.text().starts_with("retry: 1000\n\n"));
    events.stop();
    a.join();
    b.join();
}

TEST_CASE("a page that comes back gets what it missed, or the word to load afresh") {
    SystemRandom random;
    EventStream events(config(), random);
    Page page;
    {
        auto response = events.subscribe(Request{}).value();
        std::thread reader([&] { response.stream(page); });
        events.publish("e", "1");
        REQUIRE(page.waitFor("data: 1"));
        page.leave();
        reader.join();
    }
    CHECK(events.subscribers() == 0);
    const std::string seen = idIn(page.text());
    for (const char* json : {"2", "3", "4"}) events.publish("e", json);

    const auto caughtUp = [&](const std::string& id) {
        Page again;
        auto response = events.subscribe(after(id)).value();
        std::thread reader([&] { response.stream(again); });
        CHECK(again.waitFor("data: "));
        again.leave();
        reader.join();
        return again.text();
    };
    const std::string missed = caughtUp(seen);
    CHECK(missed.find("data: 2") < missed.find("data: 3"));
    CHECK(missed.find("data: 4") != std::string::npos);
    CHECK(missed.find("resync") == std::string::npos);
    events.publish("e", "5");
    CHECK(caughtUp(seen).find("event: resync") != std::string::npos);
    for (const char* id : {"another-1", "x", "-", "another-99999999999999999999"}) {
        CHECK(caughtUp(id).find("event: resync") != std::string::npos);
    }
}

TEST_CASE("a page that does not read is told to load afresh, and holds nobody up") {
    SystemRandom random;
    EventStream events(config(), random);
    Page slow;
    slow.hold(true);
    auto response = events.subscribe(Request{}).value();
    std::thread reader([&] { response.stream(slow); });
    for (int i = 0; i < 100; ++i) events.publish("e", std::to_string(i));
    slow.hold(false);
    CHECK(slow.waitFor("event: resync"));
    events.publish("e", "\"after\"");
    CHECK(slow.waitFor("\"after\""));
    events.stop();
    reader.join();
}

TEST_CASE("pages are bounded, and a place comes back even when a stream never ran") {
    SystemRandom random;
    EventStream events(config(), random);
    {
        const auto one = events.subscribe(Request{});
        const auto two = events.subscribe(Request{});
        CHECK(one.has_value());
        CHECK(two.has_value());
        CHECK(events.subscribe(Request{}).error().code == Code::unavailable);
    }
    CHECK(events.subscribers() == 0);
    events.stop();
    CHECK_FALSE(events.subscribe(Request{}).has_value());
    CHECK_THROWS(events.publish("bad\nname", "{}"));
}
