// Method and path template to handler.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/base/Limits.h"
#include "plugin/http/Message.h"

namespace souffleur::http {

struct RouteOptions {
    std::size_t maxBodyBytes = limits::kApiBodyMaxBytes;
};

/// Routes are added before the server starts; find() is then free of locks. Templates are matched
/// segment by segment; `{name}` takes one non-empty segment; a literal segment wins over a
/// parameter.
class Router {
public:
    struct Route {
        Method method = Method::get;
        std::vector<std::string> segments;
        Handler handler;
        RouteOptions options;
    };
    struct Match {
        const Route* route = nullptr; ///< borrowed from the router; null: see allowed
        std::map<std::string, std::string> params;
        std::vector<Method> allowed; ///< methods the path has, when the asked one is not among them
    };

    /// Throws std::logic_error for a malformed template or a route that is there already.
    void add(Method method, std::string_view pathTemplate, Handler handler,
             RouteOptions options = {});
    void get(std::string_view path, Handler handler) { add(Method::get, path, std::move(handler)); }
    void post(std::string_view path, Handler handler, RouteOptions options = {}) {
        add(Method::post, path, std::move(handler), options);
    }
    void put(std::string_view path, Handler handler, RouteOptions options = {}) {
        add(Method::put, path, std::move(handler), options);
    }
    void del(std::string_view path, Handler handler) { add(Method::del, path, std::move(handler)); }
    /// Answers GET for every path that no route has: page assets.
    void otherwise(Handler handler);

    /// HEAD finds GET. `path` is decoded.
    [[nodiscard]] Match find(Method method, std::string_view path) const;
    /// The answer when there is no route or the body is too long for it; nothing: call the handler.
    [[nodiscard]] static std::optional<Response> refusal(const Match& match, std::size_t bodyBytes);
    /// find and call, with every failure as a problem: what the server does, and what tests call.
    [[nodiscard]] Response handle(Request request) const;

private:
    std::vector<std::unique_ptr<Route>> _routes;
    std::unique_ptr<Route> _otherwise;
};

/// Calls a handler and turns errors and exceptions into problem+json; no exception's text leaves.
Response callSafely(const Handler& handler, const Request& request) noexcept;

/// The path and query of a request target. Errors: invalid (not origin-form, broken escapes,
/// control characters, invalid UTF-8, an encoded slash, "." or ".." segments, over 2048 bytes).
struct Target {
    std::string path;
    std::map<std::string, std::string> query;
};
Result<Target> parseTarget(std::string_view target);
/// Percent-decoding; `plus`: '+' is a space. Errors: invalid.
Result<std::string> percentDecode(std::string_view text, bool plus = false);
/// Everything but unreserved characters (RFC 3986) escaped.
std::string percentEncode(std::string_view text);

} // namespace souffleur::http
