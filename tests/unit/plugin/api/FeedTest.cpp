#include "plugin/api/Feed.h"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "tests/unit/plugin/api/Page.h"

using namespace souffleur;
using namespace souffleur::test;

namespace {

/// A page's end of the stream, read by a thread of the test.
class Reader final : public http::StreamWriter {
public:
    Reader(const http::Response& response)
        : _thread([this, stream = response.stream] {
              stream(*this);
              const std::lock_guard lock(_mutex);
              _over = true;
              _changed.notify_all();
          }) {}
    ~Reader() override {
        leave();
        _thread.join();
    }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    bool write(std::string_view bytes) override {
        std::unique_lock lock(_mutex);
        _text += bytes;
        _changed.notify_all();
        _changed.wait(lock, [this] { return !_held || _gone; });
        return !_gone;
    }
    [[nodiscard]] bool stopping() const override {
        const std::lock_guard lock(_mutex);
        return _gone;
    }
    /// Waits until `text` has come and forgets all up to it; gives what came with it.
    std::string until(const std::string& text) {
        std::unique_lock lock(_mutex);
        const bool came = _changed.wait_for(lock, std::chrono::seconds(60),
                                            [&] { return _text.find(text) != std::string::npos; });
        REQUIRE(came);
        const std::size_t end = _text.find("\n\n", _text.find(text)) + 2;
        std::string out = _text.substr(0, end);
        _text.erase(0, end);
        return out;
    }
    bool over() {
        std::unique_lock lock(_mutex);
        return _changed.wait_for(lock, std::chrono::seconds(60), [&] { return _over; });
    }
    void leave() {
        const std::lock_guard lock(_mutex);
        _gone = true;
        _changed.notify_all();
    }
    /// A page that does not read.
    void hold(bool held) {
        const std::lock_guard lock(_mutex);
        _held = held;
        _changed.notify_all();
    }

private:
    mutable std::mutex _mutex;
    std::condition_variable _changed;
    std::string _text;
    bool _gone = false;
    bool _held = false;
    bool _over = false;
    std::thread _thread;
};

class Painter final : public api::FeedPainter {
public:
    std::atomic<bool> hidden{false};
    std::atomic<bool> welcome{true};
    std::atomic<int> desks{0};
    std::atomic<std::uint64_t> revision{1};

    DeskPicture deskPicture(const std::string& language) override {
        ++desks;
        if (hidden) return {};
        return {"{\"desk\":\"" + language + "\"}", revision, revision % 2 == 0};
    }
    std::string sessionPicture(const std::string&) override { return "{\"session\":1}"; }
    std::string printerPicture(const counter::PrinterView& printer) override {
        return "\"" + printer.state + "\"";
    }
    std::string syncPicture() override { return "{\"sync\":1}"; }
    std::string rushPicture(const counter::Rush& rush) override {
        return std::to_string(rush.missed);
    }
    std::string jobPicture(const counter::PrintJob& job) override { return std::to_string(job.at); }
    bool mayListen(const http::Request&) override { return welcome; }
};

api::FeedConfig quick() {
    api::FeedConfig config;
    config.heartbeatMs = 20;
    config.syncEveryMs = 1;
    return config;
}

} // namespace

TEST_CASE("a page hears the session first, then the desk in its language") {
    api::Feed feed(quick());
    Painter painter;
    Reader reader(feed.subscribe({}, "ru", painter));
    CHECK(reader.until("cleared").starts_with(
        "event: lock\ndata: {\"session\":1}\n\nid: 1\nevent: cleared\ndata: {\"desk\":\"ru\"}"));
    painter.revision = 2;
    feed.deskChanged(2, true);
    CHECK(reader.until("flag").find("id: 2\nevent: flag\n") != std::string::npos);
    painter.hidden = true;
    feed.sessionChanged({});
    CHECK(reader.until("lock").find("desk") == std::string::npos);
    feed.rushChanged({true, 4, 0, 0});
    CHECK(reader.until("missed").find("data: 4") != std::string::npos);
    feed.printerChanged({"offline", {}, "", 0});
    CHECK(reader.until("printer").find("\"offline\"") != std::string::npos);
    CHECK(feed.printer().state == "offline");
    feed.syncChanged();
    CHECK(reader.until("sync").find("{\"sync\":1}") != std::string::npos);
    counter::PrintJob job;
    job.at = 77;
    feed.jobChanged(job);
    CHECK(reader.until("job").find("data: 77") != std::string::npos);
    CHECK(reader.until(":\n\n").ends_with(":\n\n")); // alive
}

TEST_CASE("a scan that led to nobody is told once, and before whoever comes after it") {
    api::Feed feed(quick());
    Painter painter;
    Reader reader(feed.subscribe({}, "en", painter));
    (void) reader.until("cleared");
    feed.scanFailed(api::ScanTrouble::slipUnknown);
    CHECK(reader.until("slip-unknown")
              .ends_with("event: scan\ndata: {\"code\":\"slip-unknown\"}\n\n"));
    Reader later(feed.subscribe({}, "en", painter));
    CHECK(later.until("cleared").find("scan") == std::string::npos);

    const auto slow = [&](auto events) {
        reader.hold(true);
        feed.syncChanged(); // it stops at what it is told now
        (void) reader.until("sync");
        events();
        reader.hold(false);
    };
    slow([&] {
        feed.deskChanged(3, true);
        feed.scanFailed(api::ScanTrouble::orderUnknown);
    });
    CHECK(reader.until("order-unknown").find("cleared") != std::string::npos);
    slow([&] {
        feed.scanFailed(api::ScanTrouble::orderUnknown);
        feed.deskChanged(4, true);
    });
    CHECK(reader.until("order-unknown").find("cleared") == std::string::npos);
    (void) reader.until("cleared");
    slow([&] {
        feed.scanFailed(api::ScanTrouble::badgeUnknown);
        feed.sessionChanged({});
    });
    CHECK(reader.until("cleared").find("badge-unknown") == std::string::npos);
}

TEST_CASE("a page that comes later hears of slips that wait or are in doubt, and of no others") {
    api::Feed feed(quick());
    Painter painter;
    SeededRandom random(1);
    const auto job = [&](counter::JobState state, TimeMs at) {
        counter::PrintJob made;
        made.id = Uuid::random(random);
        made.state = state;
        made.at = at;
        return made;
    };
    auto waits = job(counter::JobState::queued, 71);
    auto doubt = job(counter::JobState::queued, 72);
    feed.jobChanged(waits);
    feed.jobChanged(doubt);
    doubt.state = counter::JobState::indeterminate;
    doubt.at = 73;
    feed.jobChanged(doubt);
    feed.jobChanged(job(counter::JobState::printed, 74));
    waits.state = counter::JobState::expired;
    feed.jobChanged(waits);
    Reader reader(feed.subscribe({}, "en", painter));
    const std::string first = reader.until("data: 73");
    for (const char* other : {"data: 71", "data: 72", "data: 74"}) {
        CHECK(first.find(other) == std::string::npos);
    }
}

TEST_CASE("a slow page gets the newest desk once, and too many jobs make it ask again") {
    api::Feed feed(quick());
    Painter painter;
    Reader reader(feed.subscribe({}, "en", painter));
    reader.hold(true);
    reader.until("cleared");
    const int before = painter.desks;
    for (std::uint64_t i = 0; i < 1000; ++i) feed.deskChanged(i, true);
    counter::PrintJob job;
    for (job.at = 1000; job.at < 1065; ++job.at) feed.jobChanged(job);
    reader.hold(false);
    const std::string told = reader.until("event: resync");
    CHECK(told.find("data: 1064") != std::string::npos);
    CHECK(told.find("data: 1000") == std::string::npos);
    CHECK(told.find("{\"revision\":999}") != std::string::npos);
    CHECK(painter.desks <= before + 2);
}

TEST_CASE("the oldest page gives way, a gone one gives its place back") {
    api::FeedConfig config = quick();
    config.maxPages = 2;
    api::Feed feed(config);
    Painter painter;
    Reader first(feed.subscribe({}, "en", painter));
    Reader second(feed.subscribe({}, "en", painter));
    CHECK(feed.pages() == 2);
    Reader third(feed.subscribe({}, "en", painter));
    CHECK(first.over());
    CHECK(feed.pages() == 2);
    second.leave();
    CHECK(second.over());
    { const auto unused = feed.subscribe({}, "en", painter); }
    third.until("lock");
}

TEST_CASE("a stream ends with its session and with the feed") {
    api::Feed feed(quick());
    Painter painter;
    Reader reader(feed.subscribe({}, "en", painter));
    reader.until("lock");
    painter.welcome = false;
    CHECK(reader.over());
    painter.welcome = true;
    Reader other(feed.subscribe({}, "en", painter));
    other.until("lock");
    feed.stop();
    CHECK(other.over());
    Reader late(feed.subscribe({}, "en", painter));
    CHECK(late.over());
}

TEST_CASE("what the counter tells arrives as the contract's events") {
    Page page;
    http::Request request;
    const auto granted = page.sessions.grant();
    request.method = http::Method::get;
    request.path = "/api/v1/feed";
    request.headers = {{"Cookie", granted.setCookie.substr(0, granted.setCookie.find(';'))},
                       {"X-Souffleur-Session", granted.secret},
                       {"Accept-Language", "nl"}};
    const auto response = page.router.handle(request);
    CHECK(response.headers.get("Content-Type") == "text/event-stream");
    Reader reader(response);
    const std::string first = reader.until("cleared");
    CHECK(first.find("\"state\":\"signed-in\"") != std::string::npos);
    REQUIRE(page.till->hostSelected(Page::stranger()));
    CHECK(reader.until("event: flag").find("Anna Vermeer") != std::string::npos);
    page.till->lock();
    CHECK(reader.until("event: lock").find("\"state\":\"locked\"") != std::string::npos);
    REQUIRE(page.till->hostSelected(Page::stranger("C-2")));
    page.api.setSync({"offline", 0, 3, 0});
    const std::string hidden = reader.until("event: sync");
    CHECK(hidden.find("Anna") == std::string::npos);
    CHECK(hidden.find("\"pending\":3") != std::string::npos);
    REQUIRE(page.till->signIn(page.noor, Page::kPin));
    CHECK(reader.until("event: flag").find("Anna Vermeer") != std::string::npos);
}
