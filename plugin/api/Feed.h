// The pages' feed (GET /feed): what changed, as server-sent events in each reader's language.
// Events that picture a state (desk, session, printer, sync, rush) are made when a page takes them,
// so a slow page gets the newest picture once instead of every old one; print jobs are queued.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "plugin/counter/CounterEvents.h"
#include "plugin/http/Message.h"

namespace souffleur::api {

/// Makes the data of events, when a page takes them. Called on the pages' own threads; may block as
/// long as the counter does. `language`: of the page.
class FeedPainter {
public:
    virtual ~FeedPainter() = default;
    /// The picture as JSON; empty while the till hides it. `selected`: is a customer on it?
    struct DeskPicture {
        std::string json;
        std::uint64_t revision = 0;
        bool selected = false;
    };
    virtual DeskPicture deskPicture(const std::string& language) = 0;
    virtual std::string sessionPicture(const std::string& language) = 0;
    virtual std::string printerPicture(const counter::PrinterView& printer) = 0;
    virtual std::string syncPicture() = 0;
    virtual std::string rushPicture(const counter::Rush& rush) = 0;
    virtual std::string jobPicture(const counter::PrintJob& job) = 0;
    /// May this page still listen? Asked before each write.
    virtual bool mayListen(const http::Request& request) = 0;
};

/// Why what was scanned led to nobody, or whom it led to holds nothing that counts. What was
/// scanned is never told.
enum class ScanTrouble : std::uint8_t {
    orderUnknown,
    slipUnknown,
    slipMistyped,
    slipHidden,    ///< whose slip it is is for who is signed in
    slipTakenBack, ///< whom it was given to is on the desk; its act was undone
    badgeUnknown,
    badgeLockedOut,
    leaseOver,
    failed,
};
std::string_view name(ScanTrouble trouble) noexcept; ///< "order-unknown"

struct FeedConfig {
    std::size_t maxPages = 8; ///< each takes a thread of the server; the oldest gives way
    std::size_t queueMax = 64;
    int heartbeatMs = 10000; ///< a comment line; a gone page is noticed only on write
    int syncEveryMs = 1000;  ///< `sync` at most this often
};

/// Make it before the counter, whose events it hears. Thread-safe; nothing here blocks on a page.
class Feed final : public counter::CounterEvents {
public:
    explicit Feed(FeedConfig config = {});
    ~Feed() override;
    Feed(const Feed&) = delete;
    Feed& operator=(const Feed&) = delete;

    void deskChanged(std::uint64_t revision, bool selected) override;
    void jobChanged(const counter::PrintJob& job) override;
    void printerChanged(const counter::PrinterView& printer) override;
    void sessionChanged(const counter::Session& session) override;
    void rushChanged(const counter::Rush& rush) override;
    void drawerStayedShut() override;
    void syncChanged();
    /// The cashier asked for the page by a key outside it.
    void frontWanted();
    /// Something was scanned that changed nothing, or that is a slip of no effect. Told to the
    /// pages there are, once, before any later customer.
    void scanFailed(ScanTrouble trouble);

    /// The streaming answer of one page. The painter must outlive stop() and the stream.
    http::Response subscribe(const http::Request& request, std::string language,
                             FeedPainter& painter);
    /// The printer as last told.
    [[nodiscard]] counter::PrinterView printer() const;
    [[nodiscard]] std::size_t pages() const;
    /// Ends all streams; later ones end at once.
    void stop();

private:
    struct State;
    std::shared_ptr<State> _state;
};

} // namespace souffleur::api
