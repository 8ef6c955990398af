#include "plugin/http/Router.h"

#include <algorithm>
#include <stdexcept>

namespace souffleur::http {

namespace {

std::vector<std::string> split(std::string_view path) {
    std::vector<std::string> segments;
    std::string_view rest = path.empty() ? path : path.substr(1);
    for (;;) {
        const std::size_t slash = rest.find('/');
        segments.emplace_back(rest.substr(0, slash));
        if (slash == std::string_view::npos) return segments;
        rest.remove_prefix(slash + 1);
    }
}

bool isParameter(const std::string& segment) {
    return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

bool wellFormed(std::string_view pathTemplate, const std::vector<std::string>& segments) {
    if (pathTemplate.empty() || pathTemplate.front() != '/') return false;
    return std::all_of(segments.begin(), segments.end(), [](const std::string& segment) {
        return isParameter(segment) || segment.find_first_of("{}") == std::string::npos;
    });
}

/// Equal but for the names of parameters.
bool sameShape(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const std::string& x, const std::string& y) {
                          return isParameter(x) ? isParameter(y) : x == y;
                      });
}

bool fits(const std::vector<std::string>& shape, const std::vector<std::string>& path) {
    return std::equal(shape.begin(), shape.end(), path.begin(), path.end(),
                      [](const std::string& want, const std::string& got) {
                          return isParameter(want) ? !got.empty() : want == got;
                      });
}

/// True when `a` has a literal at the first place where the two differ in kind.
bool moreLiteral(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
        if (isParameter(a[i]) != isParameter(b[i])) return isParameter(b[i]);
    }
    return false;
}

bool answers(Method route, Method asked) {
    return route == asked || (route == Method::get && asked == Method::head);
}

Response notAllowed(const std::vector<Method>& allowed) {
    Response response =
        Response::problem({Code::invalid, "this address does not know that method", {}}, 405);
    std::string names;
    for (const Method method : allowed) {
        names += (names.empty() ? "" : ", ") + std::string(methodName(method));
    }
    response.headers.set("Allow", names);
    return response;
}

} // namespace

void Router::add(Method method, std::string_view pathTemplate, Handler handler,
                 RouteOptions options) {
    auto segments = split(pathTemplate);
    const bool known = std::any_of(_routes.begin(), _routes.end(), [&](const auto& route) {
        return route->method == method && sameShape(route->segments, segments);
    });
    if (known || !wellFormed(pathTemplate, segments)) {
        throw std::logic_error("router: malformed or doubled: " + std::string(pathTemplate));
    }
    _routes.push_back(
        std::make_unique<Route>(Route{method, std::move(segments), std::move(handler), options}));
}

void Router::otherwise(Handler handler) {
    _otherwise = std::make_unique<Route>(Route{Method::get, {}, std::move(handler), {}});
}

Router::Match Router::find(Method method, std::string_view path) const {
    const auto segments = split(path);
    Match match;
    for (const auto& route : _routes) {
        if (!fits(route->segments, segments)) continue;
        if (!answers(route->method, method)) {
            match.allowed.push_back(route->method);
        } else if (match.route == nullptr || moreLiteral(route->segments, match.route->segments)) {
            match.route = route.get();
        }
    }
    if (match.route == nullptr && match.allowed.empty() && _otherwise) {
        if (answers(Method::get, method)) {
            match.route = _otherwise.get();
            return match;
        }
        match.allowed.push_back(Method::get);
    }
    if (match.route == nullptr) return match;
    match.allowed.clear();
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const std::string& shape = match.route->segments[i];
        if (isParameter(shape)) match.params[shape.substr(1, shape.size() - 2)] = segments[i];
    }
    return match;
}

std::optional<Response> Router::refusal(const Match& match, std::size_t bodyBytes) {
    if (match.route == nullptr) {
        if (!match.allowed.empty()) return notAllowed(match.allowed);
        return Response::problem({Code::notFound, "there is nothing at this address", {}});
    }
    if (bodyBytes > match.route->options.maxBodyBytes) {
        return Response::problem(
            {Code::tooLarge,
             "the body may have " + std::to_string(match.route->options.maxBodyBytes) + " bytes",
             {}});
    }
    return std::nullopt;
}

Response Router::handle(Request request) const {
    Match match = find(request.method, request.path);
    if (auto refused = refusal(match, request.body.size())) return std::move(*refused);
    request.params = std::move(match.params);
    return callSafely(match.route->handler, request);
}

Response callSafely(const Handler& handler, const Request& request) noexcept {
    // One of the four edges where exceptions end (STYLE, "Errors"). What they say may hold personal
    // data.
    try {
        auto response = handler(request);
        if (response) return std::move(*response);
        return Response::problem(response.error());
    } catch (...) {
        return Response::problem(
            {Code::internal, "this is a fault of the program; it was not done", {}});
    }
}

} // namespace souffleur::http
