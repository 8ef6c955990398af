// rooms: kiosk-terminal plugin-host plugin-api plugin-counter plugin-policy plugin-ledger
// A key that is really pressed, on an X server without a screen, and what the page hears of it.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xcb/xcb.h>

#include <array>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <thread>

#include "kiosk/terminal/HotKeyActions.h"
#include "tests/support/Till.h"

using namespace souffleur;

namespace {

pid_t spawn(std::vector<std::string> words, const std::string& display, int keepFd = -1) {
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    std::vector<std::string> environment{"DISPLAY=" + display, "PATH=/usr/bin:/bin"};
    std::vector<char*> envp;
    for (std::string& entry : environment) envp.push_back(entry.data());
    envp.push_back(nullptr);
    posix_spawn_file_actions_t actions{};
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    if (keepFd >= 0) ::posix_spawn_file_actions_adddup2(&actions, keepFd, 3);
    pid_t pid = -1;
    REQUIRE(::posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), envp.data()) == 0);
    ::posix_spawn_file_actions_destroy(&actions);
    return pid;
}

/// Xvfb on the first display that is free, by its own choice.
class Screen {
public:
    Screen() {
        std::array<int, 2> ends{};
        REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
        _pid = spawn({"Xvfb", "-displayfd", "3", "-screen", "0", "320x200x24", "-nolisten", "tcp"},
                     "", ends[1]);
        ::close(ends[1]);
        std::string number;
        char c = 0;
        while (::read(ends[0], &c, 1) == 1 && c != '\n') number += c; // ends when Xvfb ends
        ::close(ends[0]);
        REQUIRE_MESSAGE(!number.empty(), "Xvfb did not start");
        display = ":" + number;
    }
    ~Screen() {
        ::kill(_pid, SIGTERM);
        ::waitpid(_pid, nullptr, 0);
    }
    Screen(const Screen&) = delete;
    Screen& operator=(const Screen&) = delete;

    void press(const std::string& key) const {
        int status = -1;
        const pid_t pid = spawn({"xdotool", "key", key}, display);
        REQUIRE(::waitpid(pid, &status, 0) == pid);
        REQUIRE(status == 0);
    }

    std::string display;

private:
    pid_t _pid = -1;
};

/// Has something on the clipboard, as a ticketing system that was just copied from. With a window
/// of the panel's name, and the ear of a window manager.
class Desktop {
public:
    Desktop(const std::string& display, std::string copied)
        : _x(::xcb_connect(display.c_str(), nullptr)), _copied(std::move(copied)) {
        REQUIRE(::xcb_connection_has_error(_x) == 0);
        const auto* screen = ::xcb_setup_roots_iterator(::xcb_get_setup(_x)).data;
        window = ::xcb_generate_id(_x);
        ::xcb_create_window(_x, XCB_COPY_FROM_PARENT, window, screen->root, 0, 0, 1, 1, 0,
                            XCB_WINDOW_CLASS_INPUT_OUTPUT, screen->root_visual, 0, nullptr);
        constexpr std::string_view kTitle = "Souffleur, Kassa 1";
        ::xcb_change_property(_x, XCB_PROP_MODE_REPLACE, window, atom("_NET_WM_NAME"),
                              atom("UTF8_STRING"), 8, kTitle.size(), kTitle.data());
        ::xcb_change_property(_x, XCB_PROP_MODE_REPLACE, screen->root, atom("_NET_CLIENT_LIST"),
                              XCB_ATOM_WINDOW, 32, 1, &window);
        const std::uint32_t mask = XCB_EVENT_MASK_SUBSTRUCTURE_REDIRECT;
        ::xcb_change_window_attributes(_x, screen->root, XCB_CW_EVENT_MASK, &mask);
        _active = atom("_NET_ACTIVE_WINDOW");
        ::xcb_set_selection_owner(_x, window, atom("CLIPBOARD"), XCB_CURRENT_TIME);
        std::free(::xcb_get_input_focus_reply(_x, ::xcb_get_input_focus(_x), nullptr)); // all done
        _thread = std::thread([this] { serve(); });
    }
    ~Desktop() {
        ::shutdown(::xcb_get_file_descriptor(_x), SHUT_RDWR);
        _thread.join();
        ::xcb_disconnect(_x);
    }
    Desktop(const Desktop&) = delete;
    Desktop& operator=(const Desktop&) = delete;

    xcb_window_t window = 0;
    /// Was the window manager asked for our window?
    bool wasRaised() {
        std::unique_lock lock(_mutex);
        return _changed.wait_for(lock, std::chrono::seconds(60), [&] { return _raised == window; });
    }

private:
    xcb_atom_t atom(std::string_view name) {
        auto* reply = ::xcb_intern_atom_reply(
            _x, ::xcb_intern_atom(_x, 0, static_cast<std::uint16_t>(name.size()), name.data()),
            nullptr);
        const xcb_atom_t out = reply->atom;
        std::free(reply);
        return out;
    }
    void serve() {
        while (auto* event = ::xcb_wait_for_event(_x)) {
            const int kind = event->response_type & 0x7f;
            if (kind == XCB_CLIENT_MESSAGE) {
                const auto* wish = reinterpret_cast<const xcb_client_message_event_t*>(event);
                const std::lock_guard lock(_mutex);
                if (wish->type == _active) _raised = wish->window;
                _changed.notify_all();
            }
            if (kind == XCB_SELECTION_REQUEST) {
                const auto* ask = reinterpret_cast<const xcb_selection_request_event_t*>(event);
                ::xcb_change_property(_x, XCB_PROP_MODE_REPLACE, ask->requestor, ask->property,
                                      ask->target, 8, static_cast<std::uint32_t>(_copied.size()),
                                      _copied.data());
                xcb_selection_notify_event_t told{};
                told.response_type = XCB_SELECTION_NOTIFY;
                told.requestor = ask->requestor;
                told.selection = ask->selection;
                told.target = ask->target;
                told.property = ask->property;
                told.time = ask->time;
                ::xcb_send_event(_x, 0, ask->requestor, 0, reinterpret_cast<const char*>(&told));
                ::xcb_flush(_x);
            }
            std::free(event);
        }
    }

    xcb_connection_t* _x;
    std::string _copied;
    xcb_atom_t _active = 0;
    std::mutex _mutex;
    std::condition_variable _changed;
    xcb_window_t _raised = 0;
    std::thread _thread;
};

/// What a page would read of the feed.
class Reader final : public http::StreamWriter {
public:
    explicit Reader(const http::Response& response)
        : _thread([this, stream = response.stream] { stream(*this); }) {}
    ~Reader() override {
        {
            const std::lock_guard lock(_mutex);
            _gone = true;
        }
        _thread.join();
    }
    bool write(std::string_view bytes) override {
        const std::lock_guard lock(_mutex);
        _text += bytes;
        _changed.notify_all();
        return !_gone;
    }
    [[nodiscard]] bool stopping() const override {
        const std::lock_guard lock(_mutex);
        return _gone;
    }
    void until(const std::string& text) {
        std::unique_lock lock(_mutex);
        REQUIRE(_changed.wait_for(lock, std::chrono::seconds(60),
                                  [&] { return _text.find(text) != std::string::npos; }));
        _text.erase(0, _text.find(text) + text.size());
    }

private:
    mutable std::mutex _mutex;
    std::condition_variable _changed;
    std::string _text;
    bool _gone = false;
    std::thread _thread;
};

class Painter final : public api::FeedPainter {
public:
    explicit Painter(counter::Counter& till) : _till(till) {}
    DeskPicture deskPicture(const std::string&) override {
        const auto desk = _till.desk("en");
        if (!desk) return {};
        const bool selected = desk->customer.has_value();
        return {selected ? "{\"new\":true}" : "{}", desk->revision, selected};
    }
    std::string sessionPicture(const std::string&) override { return "{}"; }
    std::string printerPicture(const counter::PrinterView&) override { return "{}"; }
    std::string syncPicture() override { return "{}"; }
    std::string rushPicture(const counter::Rush& rush) override {
        return rush.on ? "{\"on\":true}" : "{\"on\":false}";
    }
    std::string jobPicture(const counter::PrintJob&) override { return "{}"; }
    bool mayListen(const http::Request&) override { return true; }

private:
    counter::Counter& _till;
};

/// Hands selections to the counter, as the terminal's doors do.
class Door final : public host::HostEvents {
public:
    explicit Door(counter::Counter& till) : _till(till) {}
    void selected(const host::Selection& selection) override {
        counter::HostCustomer customer;
        customer.system = selection.system;
        customer.id = selection.id;
        static_cast<void>(_till.hostSelected(customer));
    }
    void cleared(const host::SelectionRef&) override {}
    void completed(const host::Completed&) override {}

private:
    counter::Counter& _till;
};

} // namespace

TEST_CASE("a key that is really pressed is an event of the page's feed") {
    const Screen screen;
    Desktop desktop(screen.display, "C-4711\n");
    test::Till house({}, {.heartbeatMs = 100});
    REQUIRE(house.till->signIn(house.noor, test::Till::kPin));
    Painter painter(*house.till);
    Door door(*house.till);
    terminal::HotKeyActions actions(*house.till, house.feed, door, "boxoffice");
    const auto keys =
        host::HotKeys::start({"ctrl+alt+s", "f9", "ctrl+f10"}, actions, screen.display);
    REQUIRE_MESSAGE(keys.has_value(), (keys ? "" : keys.error().text()));
    {
        Reader page(house.feed.subscribe({}, "en", painter));
        page.until("event: cleared");
        screen.press("ctrl+alt+s");
        page.until("event: front");
        CHECK(desktop.wasRaised());
        screen.press("F9");
        page.until("{\"on\":true}");
        screen.press("F9");
        page.until("{\"on\":false}");
        screen.press("ctrl+F10");
        page.until("event: flag");
        CHECK(house.till->desk("en")->customer.has_value());
    }
    // Another program's key is not taken from it.
    const auto second = host::HotKeys::start({"", "f9", ""}, actions, screen.display);
    REQUIRE_FALSE(second);
    CHECK(second.error().code == Code::conflict);
}
