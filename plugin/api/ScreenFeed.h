// What the customer's screen hears (GET /feed of screen.yaml): the picture it shows, whole,
// whenever it is another one. It hears nothing else of the till.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "plugin/counter/CounterEvents.h"
#include "plugin/http/Message.h"

namespace souffleur::api {

/// Make it before the counter, whose events it hears. Thread-safe; nothing here blocks on a page.
/// There is one page: a newer one takes the place of an older one.
class ScreenFeed final : public counter::CounterEvents {
public:
    struct Painter {
        std::function<std::string()> picture; ///< JSON; may block as long as the counter does
        std::function<bool()> mayListen;      ///< asked before each write
    };

    explicit ScreenFeed(int heartbeatMs = 2000); ///< a gone page is noticed only on write
    ~ScreenFeed() override;
    ScreenFeed(const ScreenFeed&) = delete;
    ScreenFeed& operator=(const ScreenFeed&) = delete;

    void deskChanged(std::uint64_t revision, bool selected) override;
    void sessionChanged(const counter::Session& session) override;
    void rushChanged(const counter::Rush&) override {}
    void jobChanged(const counter::PrintJob&) override {}
    void printerChanged(const counter::PrinterView&) override {}

    /// Hears true with the first page and false when there is none any more, one call at a time,
    /// without locks of this. Empty: nobody wants to know. Set while no page is there.
    void onPresence(std::function<void(bool)> hook);
    /// The streaming answer of a page. What the painter borrows must outlive stop().
    http::Response subscribe(Painter painter);
    /// Ends all streams; later ones end at once.
    void stop();

private:
    struct State;
    std::shared_ptr<State> _state;
};

} // namespace souffleur::api
