// Hot keys on X11: passive grabs on the root window (X Window System Protocol, GrabKey), the copied
// number by the CLIPBOARD selection (ICCCM 2). XCB and not Xlib: a refused grab is a value there
// and not a call of a process-wide handler.
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <xcb/xcb.h>
#include <xcb/xcb_keysyms.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <thread>
#include <vector>

#include "plugin/host/HotKey.h"

namespace souffleur::host {
namespace {

struct Freed {
    void operator()(void* memory) const noexcept { std::free(memory); }
};
template <typename T>
using Answer = std::unique_ptr<T, Freed>;

enum class Wish : std::uint8_t { panel, rush, number };

struct Grab {
    KeyName name;
    Wish wish = Wish::panel;
    xcb_keycode_t code = 0;
    std::uint16_t modifiers = 0;
};

// Of X11/keysymdef.h.
constexpr xcb_keysym_t kF1 = 0xffbe;
constexpr std::array<std::pair<std::string_view, xcb_keysym_t>, 5> kWords{
    {{"pause", 0xff13}, {"insert", 0xff63}, {"home", 0xff50}, {"end", 0xff57}, {"menu", 0xff67}}};

xcb_keysym_t keysymOf(const std::string& key) {
    for (const auto& [word, keysym] : kWords) {
        if (word == key) return keysym;
    }
    if (key.size() > 1 && key[0] == 'f') {
        return kF1 + static_cast<xcb_keysym_t>(std::strtol(key.c_str() + 1, nullptr, 10) - 1);
    }
    return static_cast<xcb_keysym_t>(key[0]); // Latin-1 keysyms are their characters
}

std::uint16_t modifiersOf(const KeyName& name) {
    return static_cast<std::uint16_t>(
        (name.ctrl ? XCB_MOD_MASK_CONTROL : 0) | (name.alt ? XCB_MOD_MASK_1 : 0) |
        (name.shift ? XCB_MOD_MASK_SHIFT : 0) | (name.super ? XCB_MOD_MASK_4 : 0));
}

/// Caps Lock and Num Lock change nothing.
constexpr std::array<std::uint16_t, 4> kLocks{0, XCB_MOD_MASK_LOCK, XCB_MOD_MASK_2,
                                              XCB_MOD_MASK_LOCK | XCB_MOD_MASK_2};
constexpr std::uint16_t kCounted =
    XCB_MOD_MASK_CONTROL | XCB_MOD_MASK_1 | XCB_MOD_MASK_SHIFT | XCB_MOD_MASK_4;

class X11HotKeys final : public HotKeys {
public:
    explicit X11HotKeys(HotKeyEvents& events) : _events(events), _stop(::eventfd(0, EFD_CLOEXEC)) {}
    ~X11HotKeys() override {
        const std::uint64_t one = 1;
        if (_thread.joinable()) {
            static_cast<void>(::write(_stop, &one, sizeof one));
            _thread.join();
        }
        if (_x != nullptr) ::xcb_disconnect(_x);
        ::close(_stop);
    }
    X11HotKeys(const X11HotKeys&) = delete;
    X11HotKeys& operator=(const X11HotKeys&) = delete;

    Result<void> open(const std::string& display, std::vector<Grab> grabs) {
        int screen = 0;
        _x = ::xcb_connect(display.empty() ? nullptr : display.c_str(), &screen);
        if (_stop < 0 || ::xcb_connection_has_error(_x) != 0) {
            return fail(Code::unavailable,
                        "hot keys need an X server and there is none: everything else works");
        }
        auto at = ::xcb_setup_roots_iterator(::xcb_get_setup(_x));
        for (; screen > 0; --screen) ::xcb_screen_next(&at);
        _root = at.data->root;
        _window = ::xcb_generate_id(_x);
        ::xcb_create_window(_x, XCB_COPY_FROM_PARENT, _window, _root, 0, 0, 1, 1, 0,
                            XCB_WINDOW_CLASS_INPUT_ONLY, XCB_COPY_FROM_PARENT, 0, nullptr);
        _clipboard = atom("CLIPBOARD");
        _utf8 = atom("UTF8_STRING");
        _taken = atom("SOUFFLEUR_NUMBER");
        _clients = atom("_NET_CLIENT_LIST");
        _title = atom("_NET_WM_NAME");
        _active = atom("_NET_ACTIVE_WINDOW");
        if (auto ok = grab(std::move(grabs)); !ok) return ok;
        _thread = std::thread([this] { serve(); });
        return {};
    }

private:
    xcb_atom_t atom(std::string_view name) {
        const auto cookie =
            ::xcb_intern_atom(_x, 0, static_cast<std::uint16_t>(name.size()), name.data());
        const Answer<xcb_intern_atom_reply_t> reply(::xcb_intern_atom_reply(_x, cookie, nullptr));
        return reply ? reply->atom : xcb_atom_t{XCB_ATOM_NONE};
    }

    Result<void> grab(std::vector<Grab> grabs) {
        xcb_key_symbols_t* symbols = ::xcb_key_symbols_alloc(_x);
        Result<void> done;
        for (Grab& each : grabs) {
            const Answer<xcb_keycode_t> codes(
                ::xcb_key_symbols_get_keycode(symbols, keysymOf(each.name.key)));
            each.code = codes ? *codes : xcb_keycode_t{0};
            each.modifiers = modifiersOf(each.name);
            done = each.code == 0
                       ? fail(Code::invalid, "this keyboard has no such hot key", each.name.key)
                       : grabOne(each);
            if (!done) break;
        }
        ::xcb_key_symbols_free(symbols);
        _grabs = std::move(grabs);
        return done;
    }

    Result<void> grabOne(const Grab& wanted) {
        for (const std::uint16_t lock : kLocks) {
            const auto cookie = ::xcb_grab_key_checked(
                _x, 0, _root, static_cast<std::uint16_t>(wanted.modifiers | lock), wanted.code,
                XCB_GRAB_MODE_ASYNC, XCB_GRAB_MODE_ASYNC);
            const Answer<xcb_generic_error_t> refused(::xcb_request_check(_x, cookie));
            if (refused) {
                return fail(Code::conflict, "another program has this hot key: choose another one",
                            wanted.name.key);
            }
        }
        return {};
    }

    void serve() {
        std::array<pollfd, 2> watched{
            {{::xcb_get_file_descriptor(_x), POLLIN, 0}, {_stop, POLLIN, 0}}};
        for (;;) {
            while (const Answer<xcb_generic_event_t> event{::xcb_poll_for_event(_x)}) take(*event);
            if (::xcb_connection_has_error(_x) != 0) return; // the desktop session is over
            if (::poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR) return;
            if (watched[1].revents != 0) return;
        }
    }

    void take(const xcb_generic_event_t& event) {
        switch (event.response_type & 0x7f) {
        case XCB_KEY_PRESS:
            pressed(reinterpret_cast<const xcb_key_press_event_t&>(event));
            break;
        case XCB_KEY_RELEASE:
            _releasedAt = reinterpret_cast<const xcb_key_release_event_t&>(event).time;
            break;
        case XCB_SELECTION_NOTIFY:
            copied(reinterpret_cast<const xcb_selection_notify_event_t&>(event));
            break;
        default:
            break;
        }
    }

    void pressed(const xcb_key_press_event_t& key) {
        // A key that is held down repeats as release and press of the same moment.
        if (_releasedAt != 0 && key.time == _releasedAt) return;
        for (const Grab& each : _grabs) {
            if (each.code != key.detail || each.modifiers != (key.state & kCounted)) continue;
            if (each.wish == Wish::panel) {
                raise(key.time);
                _events.panelWanted();
            }
            if (each.wish == Wish::rush) _events.rushWanted();
            if (each.wish == Wish::number) {
                ::xcb_convert_selection(_x, _window, _clipboard, _utf8, _taken, key.time);
                ::xcb_flush(_x);
            }
        }
    }

    Answer<xcb_get_property_reply_t> property(xcb_window_t window, xcb_atom_t name, xcb_atom_t type,
                                              std::uint32_t words, bool remove) {
        const auto cookie = ::xcb_get_property(_x, remove ? 1 : 0, window, name, type, 0, words);
        return Answer<xcb_get_property_reply_t>(::xcb_get_property_reply(_x, cookie, nullptr));
    }

    /// Asks the window manager for every window of ours (EWMH: _NET_CLIENT_LIST,
    /// _NET_ACTIVE_WINDOW).
    void raise(xcb_timestamp_t at) {
        constexpr std::uint32_t kWindowsMax = 256;
        constexpr std::uint32_t kTitleWords = 64;
        const auto list = property(_root, _clients, XCB_ATOM_WINDOW, kWindowsMax, false);
        if (!list || list->format != 32) return;
        const auto* windows =
            static_cast<const xcb_window_t*>(::xcb_get_property_value(list.get()));
        const int count = ::xcb_get_property_value_length(list.get()) / 4;
        for (int i = 0; i < count; ++i) {
            const auto title = property(windows[i], _title, _utf8, kTitleWords, false);
            if (!title || title->format != 8) continue;
            const std::string_view text{
                static_cast<const char*>(::xcb_get_property_value(title.get())),
                static_cast<std::size_t>(::xcb_get_property_value_length(title.get()))};
            if (text.find("Souffleur") == std::string_view::npos) continue;
            xcb_client_message_event_t wish{};
            wish.response_type = XCB_CLIENT_MESSAGE;
            wish.format = 32;
            wish.window = windows[i];
            wish.type = _active;
            wish.data.data32[0] = 2; // asked for by the user's own key
            wish.data.data32[1] = at;
            ::xcb_send_event(_x, 0, _root,
                             XCB_EVENT_MASK_SUBSTRUCTURE_REDIRECT |
                                 XCB_EVENT_MASK_SUBSTRUCTURE_NOTIFY,
                             reinterpret_cast<const char*>(&wish));
        }
        ::xcb_flush(_x);
    }

    void copied(const xcb_selection_notify_event_t& event) {
        if (event.property == XCB_ATOM_NONE) return; // nothing is copied, or no text
        const auto reply = property(_window, _taken, _utf8, kCopiedNumberMaxBytes / 4 + 4, true);
        // Longer ones stay where they are: no number is.
        if (!reply || reply->bytes_after != 0 || reply->format != 8) {
            ::xcb_delete_property(_x, _window, _taken);
            ::xcb_flush(_x);
            return;
        }
        const std::string number = customerNumberIn(
            {static_cast<const char*>(::xcb_get_property_value(reply.get())),
             static_cast<std::size_t>(::xcb_get_property_value_length(reply.get()))});
        if (!number.empty()) _events.numberTaken(number);
    }

    HotKeyEvents& _events;
    int _stop;
    xcb_connection_t* _x = nullptr;
    xcb_window_t _root = 0;
    xcb_window_t _window = 0;
    xcb_atom_t _clipboard = 0;
    xcb_atom_t _utf8 = 0;
    xcb_atom_t _taken = 0;
    xcb_atom_t _clients = 0;
    xcb_atom_t _title = 0;
    xcb_atom_t _active = 0;
    xcb_timestamp_t _releasedAt = 0;
    std::vector<Grab> _grabs;
    std::thread _thread;
};

} // namespace

Result<std::unique_ptr<HotKeys>> HotKeys::start(const HotKeySettings& settings,
                                                HotKeyEvents& events, const std::string& display) {
    std::vector<Grab> grabs;
    const std::array<std::pair<const std::string*, Wish>, 3> wishes{
        {{&settings.panel, Wish::panel},
         {&settings.rush, Wish::rush},
         {&settings.number, Wish::number}}};
    for (const auto& [text, wish] : wishes) {
        if (text->empty()) continue;
        auto name = keyNamed(*text);
        if (!name) return passOn(name);
        for (const Grab& other : grabs) {
            if (other.name == *name) {
                return fail(Code::invalid, "one hot key cannot do two things", *text);
            }
        }
        grabs.push_back({std::move(*name), wish, 0, 0});
    }
    auto keys = std::make_unique<X11HotKeys>(events);
    if (auto opened = keys->open(display, std::move(grabs)); !opened) return passOn(opened);
    return std::unique_ptr<HotKeys>(std::move(keys));
}

} // namespace souffleur::host
