#include "plugin/intake/PretixClient.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "plugin/http/Client.h"
#include "plugin/http/Router.h"

namespace souffleur::intake {
namespace {

constexpr TimeMs kRetryAfterMaxMs = kHourMs;
/// Only what is used is asked for: other people's data stay where they are.
constexpr const char* kOrderFields =
    "&include=code&include=event&include=status&include=testmode&include=email&include=phone"
    "&include=locale&include=datetime&include=last_modified&include=total&include=customer"
    "&include=sales_channel&include=invoice_address.name&include=positions.positionid&include="
    "positions.attendee_name"
    "&include=positions.attendee_email&include=positions.answers";

std::string lowered(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

bool isPort(std::string_view text) {
    return !text.empty() && text.size() <= 5 &&
           std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool isHost(std::string_view host) {
    return !host.empty() && host.size() <= 253 && std::ranges::all_of(host, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
               c == '_' || c == '[' || c == ']' || c == ':';
    });
}

bool isSlug(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.';
    }) && text.find_first_not_of('.') != std::string_view::npos;
}

/// This machine, however it is written: the token may go there in the clear.
bool isLoopback(std::string_view origin) {
    return origin.starts_with("http://127.0.0.1:") || origin.starts_with("http://localhost:") ||
           origin.starts_with("http://[::1]:");
}

std::size_t authorityEnd(std::string_view url, std::size_t begin) {
    return std::min(url.find_first_of("/?#", begin), url.size());
}

/// Seconds (RFC 9110, 10.2.3). The date form is answered by our own backoff.
TimeMs retryAfter(std::string_view header) {
    std::int64_t seconds = 0;
    const auto [end, bad] = std::from_chars(header.data(), header.data() + header.size(), seconds);
    if (bad != std::errc{} || end != header.data() + header.size() || seconds < 0) return 0;
    return std::min<std::int64_t>(seconds, kRetryAfterMaxMs / kSecondMs) * kSecondMs;
}

/// "Sun, 22 Nov 2026 17:20:10 GMT": the server's own clock, when no page says it (RFC 9110, 5.6.7).
TimeMs dateHeader(std::string_view text) {
    static constexpr std::array<std::string_view, 12> kMonths{
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    if (text.size() != 29 || !text.ends_with(" GMT")) return 0;
    const auto month = std::ranges::find(kMonths, text.substr(8, 3));
    if (month == kMonths.end()) return 0;
    const auto number = static_cast<int>(month - kMonths.begin()) + 1;
    const std::string iso = std::string(text.substr(12, 4)) + (number < 10 ? "-0" : "-") +
                            std::to_string(number) + "-" + std::string(text.substr(5, 2)) + "T" +
                            std::string(text.substr(17, 8)) + "Z";
    return parseTime(iso).value_or(0);
}

TimeMs generatedAt(const http::Headers& headers) {
    if (const auto at = parseTime(headers.get("X-Page-Generated"))) return *at;
    return dateHeader(headers.get("Date"));
}

Result<void> checkStatus(int status) {
    if (status == 200) return {};
    if (status == 401 || status == 403) {
        return fail(Code::refused, "pretix refuses the token: check that it exists and that its "
                                   "team may see orders and customers");
    }
    if (status == 404) return fail(Code::notFound, "pretix does not know what was asked for");
    if (status == 429) return fail(Code::unavailable, "pretix asks us to slow down");
    if (status >= 300 && status < 400) {
        return fail(Code::refused, "pretix answers with a redirect, which is not followed: set the "
                                   "address that it redirects to");
    }
    if (status >= 500) return fail(Code::unavailable, "pretix is out of order; trying again later");
    return fail(Code::corrupt, "pretix answered in a way that is not expected (status " +
                                   std::to_string(status) + ")");
}

} // namespace

Result<std::string> originOf(std::string_view url) {
    const auto bad = [] {
        return fail(Code::invalid, "the address has to be http:// or https:// with a host and "
                                   "without a user");
    };
    if (url.size() > 2048 || std::ranges::any_of(url, [](char c) {
            return static_cast<unsigned char>(c) <= 0x20 || c == '\\' || c == 0x7f;
        })) {
        return bad();
    }
    const std::size_t colon = url.find("://");
    if (colon == std::string_view::npos) return bad();
    const std::string scheme = lowered(url.substr(0, colon));
    if (scheme != "http" && scheme != "https") return bad();
    const std::size_t begin = colon + 3;
    std::string host = lowered(url.substr(begin, authorityEnd(url, begin) - begin));
    std::string port = scheme == "http" ? "80" : "443";
    const std::size_t at = host.rfind(':');
    if (at != std::string::npos && host.find(']', at) == std::string::npos) {
        port = host.substr(at + 1);
        host.resize(at);
        if (!isPort(port)) return bad();
    }
    if (!isHost(host)) return bad();
    return scheme + "://" + host + ":" + port;
}

struct PretixClient::State {
    State(PretixAccess given, std::string from, std::string under)
        : access(std::move(given)), origin(std::move(from)), base(std::move(under)),
          client(clientConfig(access)) {}

    static http::ClientConfig clientConfig(const PretixAccess& access) {
        http::ClientConfig config;
        config.connectTimeoutMs = access.connectTimeoutMs;
        config.timeoutMs = access.timeoutMs;
        config.maxResponseBytes = access.maxResponseBytes;
        if (lowered(access.url.substr(0, 6)) == "https:") {
            config.tls.emplace();
            config.tls->caFile = access.caFile;
        }
        return config;
    }

    Result<http::ClientResponse> get(const std::string& url) {
        retryAfterMs = 0;
        auto answer = client.get(
            url, {{"Authorization", "Token " + access.token}, {"Accept", "application/json"}});
        if (!answer) return passOn(answer);
        if (answer->status == 429 || answer->status == 503) {
            retryAfterMs = retryAfter(answer->headers.get("Retry-After"));
        }
        if (const auto fine = checkStatus(answer->status); !fine) return passOn(fine);
        return answer;
    }

    /// A link that the server gave: only back to where the token belongs.
    [[nodiscard]] Result<void> checkNext(const std::string& next, std::string_view resource) const {
        const auto from = originOf(next);
        if (!from || *from != origin) {
            return fail(Code::refused, "pretix points to another server for its next page; nothing "
                                       "was sent there. Does pretix know its own address?");
        }
        const std::size_t path = authorityEnd(next, next.find("://") + 3);
        const std::string wanted = pathOf(base) + std::string(resource);
        if (next.compare(path, wanted.size() + 1, wanted + "?") != 0 ||
            next.find('#') != std::string::npos) {
            return fail(Code::refused, "the next link from pretix leads out of its list");
        }
        return {};
    }

    static std::string pathOf(const std::string& url) {
        return url.substr(authorityEnd(url, url.find("://") + 3));
    }

    template <typename Parse>
    auto page(const std::string& url, Parse parse) -> decltype(parse(std::string_view{})) {
        const auto answer = get(url);
        if (!answer) return passOn(answer);
        auto parsed = parse(answer->body);
        if (parsed) parsed->generated = generatedAt(answer->headers);
        return parsed;
    }

    const PretixAccess access;
    const std::string origin;
    const std::string base; ///< "https://…/api/v1/organizers/house"
    http::Client client;
    TimeMs retryAfterMs = 0;
};

PretixClient::PretixClient(std::unique_ptr<State> state) : _state(std::move(state)) {}
PretixClient::~PretixClient() = default;

Result<std::unique_ptr<PretixClient>> PretixClient::make(PretixAccess access) {
    auto origin = originOf(access.url);
    if (!origin) return passOn(origin);
    if (access.url.find_first_of("?#") != std::string::npos) {
        return fail(Code::invalid, "the address of pretix has no ? or #", "url");
    }
    if (origin->starts_with("http:") && !isLoopback(*origin)) {
        return fail(Code::invalid,
                    "pretix on another machine needs https: the token would travel in the clear",
                    "url");
    }
    if (!isSlug(access.organizer)) {
        return fail(Code::invalid, "the organizer is the short form in pretix's addresses",
                    "organizer");
    }
    if (access.token.empty() || access.token.size() > 256 ||
        std::ranges::any_of(access.token, [](char c) { return c <= 0x20 || c > 0x7e; })) {
        return fail(Code::invalid, "the token file has to hold one API token", "token_file");
    }
    std::string base = access.url;
    while (base.ends_with('/')) base.pop_back();
    base += "/api/v1/organizers/" + access.organizer;
    return std::unique_ptr<PretixClient>(new PretixClient(
        std::make_unique<State>(std::move(access), std::move(*origin), std::move(base))));
}

Result<PretixClient::OrderPage> PretixClient::orders(TimeMs modifiedSince) {
    auto page = _state->page(_state->base + "/orders/?ordering=-last_modified&modified_since=" +
                                 http::percentEncode(formatTime(modifiedSince)) + kOrderFields,
                             parsePretixOrders);
    if (!page && page.error().code == Code::notFound) {
        return fail(Code::notFound, "pretix knows no such organizer, or is older than 2023.8",
                    "organizer");
    }
    return page;
}

Result<PretixClient::OrderPage> PretixClient::nextOrders(const std::string& next) {
    if (const auto fine = _state->checkNext(next, "/orders/"); !fine) return passOn(fine);
    return _state->page(next, parsePretixOrders);
}

Result<PretixClient::CustomerPage> PretixClient::customers(const std::string& next) {
    if (next.empty()) return _state->page(_state->base + "/customers/", parsePretixCustomers);
    if (const auto fine = _state->checkNext(next, "/customers/"); !fine) return passOn(fine);
    return _state->page(next, parsePretixCustomers);
}

Result<PretixCustomer> PretixClient::customer(const std::string& identifier) {
    if (!isSlug(identifier)) return fail(Code::invalid, "this is no customer of pretix");
    const auto answer = _state->get(_state->base + "/customers/" + identifier + "/");
    if (!answer) return passOn(answer);
    return parsePretixCustomer(answer->body);
}

TimeMs PretixClient::retryAfterMs() const noexcept {
    return _state->retryAfterMs;
}

void PretixClient::cancel() {
    _state->client.cancel();
}

} // namespace souffleur::intake
