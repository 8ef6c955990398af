// Asks a pretix installation for orders and customers of one organizer.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "plugin/base/Clock.h"
#include "plugin/base/Result.h"
#include "plugin/intake/Pretix.h"

namespace souffleur::intake {

struct PretixAccess {
    std::string url;       ///< "https://tickets.example.org"; plain http for this machine only
    std::string organizer; ///< slug
    std::string token;     ///< API token of a team; goes into the Authorization header only
    /// Authorities that the server's certificate may come from.
    std::filesystem::path caFile = "/etc/ssl/certs/ca-certificates.crt";
    int connectTimeoutMs = 5000;
    int timeoutMs = 15000;
    std::size_t maxResponseBytes = 8 * 1024 * 1024; ///< of one page
};

/// One request at a time, from one thread; cancel() from any. The token never leaves the server's
/// origin: no redirect is followed and a `next` link elsewhere is refused.
///
/// Errors of all requests: unavailable (no connection, timeout, cancelled, 5xx; 429: see
/// retryAfterMs), refused (401, 403: the token; a redirect; a foreign next link), notFound
/// (customer; organizer, or a pretix older than 2023.8), corrupt (what came is no page of pretix),
/// tooLarge.
class PretixClient {
public:
    /// Errors: invalid (URL, organizer or token malformed; http to another machine).
    [[nodiscard]] static Result<std::unique_ptr<PretixClient>> make(PretixAccess access);
    ~PretixClient();
    PretixClient(const PretixClient&) = delete;
    PretixClient& operator=(const PretixClient&) = delete;

    using OrderPage = PretixPage<PretixOrder>;
    using CustomerPage = PretixPage<PretixCustomer>;

    /// Orders of all events that changed at or after `modifiedSince`, latest change first: what
    /// changes while pages are turned comes twice at worst and is never jumped over.
    [[nodiscard]] Result<OrderPage> orders(TimeMs modifiedSince);
    [[nodiscard]] Result<OrderPage> nextOrders(const std::string& next);
    /// All customers; `next` empty begins anew.
    [[nodiscard]] Result<CustomerPage> customers(const std::string& next = {});
    /// Errors: also notFound.
    [[nodiscard]] Result<PretixCustomer> customer(const std::string& identifier);

    /// How long the last request's 429 or 503 told us to wait, at most an hour; 0 = it did not.
    [[nodiscard]] TimeMs retryAfterMs() const noexcept;
    /// The running request ends with unavailable, and so does each later one.
    void cancel();

private:
    struct State;
    explicit PretixClient(std::unique_ptr<State> state);
    std::unique_ptr<State> _state;
};

/// The part of a URL that says who answers ("https://tickets.example.org:443", lower case).
/// Errors: invalid (no http or https URL, a user in it, control characters).
[[nodiscard]] Result<std::string> originOf(std::string_view url);

} // namespace souffleur::intake
