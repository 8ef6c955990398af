#include "plugin/http/Message.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace souffleur::http {

namespace {

constexpr std::array<std::pair<Method, std::string_view>, 7> kMethods{
    {{Method::get, "GET"},
     {Method::head, "HEAD"},
     {Method::post, "POST"},
     {Method::put, "PUT"},
     {Method::patch, "PATCH"},
     {Method::del, "DELETE"},
     {Method::options, "OPTIONS"}}};

char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool sameName(std::string_view a, std::string_view b) noexcept {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

/// What a status says by itself, in the words of the pages' contracts.
std::string_view stableCode(int status, Code code) noexcept {
    switch (status) {
    case 400:
    case 411:
        return "malformed";
    case 401:
        return "session-needed";
    case 405:
    case 501:
        return "method-not-allowed";
    case 415:
        return "media-type";
    default:
        return codeName(code);
    }
}

std::string_view trimmed(std::string_view text) noexcept {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

} // namespace

std::string_view methodName(Method method) noexcept {
    for (const auto& [value, name] : kMethods) {
        if (value == method) return name;
    }
    return "GET";
}

std::optional<Method> parseMethod(std::string_view name) noexcept {
    for (const auto& [value, text] : kMethods) {
        if (text == name) return value;
    }
    return std::nullopt;
}

std::string_view reasonPhrase(int status) noexcept {
    static constexpr std::array<std::pair<int, std::string_view>, 30> kReasons{
        {{200, "OK"},
         {201, "Created"},
         {202, "Accepted"},
         {204, "No Content"},
         {206, "Partial Content"},
         {302, "Found"},
         {303, "See Other"},
         {304, "Not Modified"},
         {400, "Bad Request"},
         {401, "Unauthorized"},
         {403, "Forbidden"},
         {404, "Not Found"},
         {405, "Method Not Allowed"},
         {406, "Not Acceptable"},
         {408, "Request Timeout"},
         {409, "Conflict"},
         {410, "Gone"},
         {411, "Length Required"},
         {413, "Content Too Large"},
         {414, "URI Too Long"},
         {415, "Unsupported Media Type"},
         {416, "Range Not Satisfiable"},
         {422, "Unprocessable Content"},
         {423, "Locked"},
         {429, "Too Many Requests"},
         {500, "Internal Server Error"},
         {501, "Not Implemented"},
         {503, "Service Unavailable"},
         {507, "Insufficient Storage"},
         {412, "Precondition Failed"}}};
    for (const auto& [value, reason] : kReasons) {
        if (value == status) return reason;
    }
    return "Other";
}

void Headers::add(std::string name, std::string value) {
    _fields.emplace_back(std::move(name), std::move(value));
}

void Headers::set(std::string_view name, std::string value) {
    std::erase_if(_fields, [&](const Field& field) { return sameName(field.first, name); });
    _fields.emplace_back(std::string(name), std::move(value));
}

std::string_view Headers::get(std::string_view name) const noexcept {
    for (const Field& field : _fields) {
        if (sameName(field.first, name)) return field.second;
    }
    return {};
}

bool Headers::has(std::string_view name) const noexcept {
    return count(name) > 0;
}

std::size_t Headers::count(std::string_view name) const noexcept {
    return static_cast<std::size_t>(
        std::count_if(_fields.begin(), _fields.end(),
                      [&](const Field& field) { return sameName(field.first, name); }));
}

std::string Request::cookie(std::string_view name) const {
    for (const auto& [field, value] : headers.all()) {
        if (!sameName(field, "Cookie")) continue;
        std::string_view rest = value;
        while (!rest.empty()) {
            const std::string_view pair = trimmed(rest.substr(0, rest.find(';')));
            const std::size_t equals = pair.find('=');
            if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
                return std::string(pair.substr(equals + 1));
            }
            const std::size_t next = rest.find(';');
            rest = next == std::string_view::npos ? std::string_view() : rest.substr(next + 1);
        }
    }
    return {};
}

std::string Request::contentType() const {
    std::string_view value = headers.get("Content-Type");
    std::string type(trimmed(value.substr(0, value.find(';'))));
    std::transform(type.begin(), type.end(), type.begin(), lower);
    return type;
}

const std::string& Request::param(const std::string& name) const {
    static const std::string kNone;
    const auto found = params.find(name);
    return found == params.end() ? kNone : found->second;
}

Response Response::json(std::string body, int status) {
    return {status,
            {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}},
            std::move(body),
            {}};
}

Response Response::text(std::string body, int status) {
    return {status,
            {{"Content-Type", "text/plain; charset=utf-8"}, {"Cache-Control", "no-store"}},
            std::move(body),
            {}};
}

Response Response::noContent() {
    return {204, {{"Cache-Control", "no-store"}}, {}, {}};
}

Response Response::streaming(std::string contentType, std::function<void(StreamWriter&)> stream) {
    return {200,
            {{"Content-Type", std::move(contentType)}, {"Cache-Control", "no-store"}},
            {},
            std::move(stream)};
}

Response Response::problem(const Error& error, int status, std::string_view stable) {
    const std::string name(codeName(error.code));
    const int code = status == 0 ? statusOf(error.code) : status;
    if (stable.empty()) stable = stableCode(code, error.code);
    nlohmann::ordered_json body{{"type", "urn:souffleur:problem:" + name},
                                {"title", std::string(reasonPhrase(code))},
                                {"status", code},
                                {"code", std::string(stable)},
                                {"detail", error.message}};
    if (!error.where.empty()) body["where"] = error.where;
    // Replaces what is not UTF-8 instead of throwing: this is the last resort of every failure.
    return {code,
            {{"Content-Type", "application/problem+json"}, {"Cache-Control", "no-store"}},
            body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace),
            {}};
}

int statusOf(Code code) noexcept {
    switch (code) {
    case Code::invalid:
        return 400;
    case Code::notFound:
        return 404;
    case Code::conflict:
        return 409;
    case Code::refused:
        return 403;
    case Code::locked:
        return 423;
    case Code::tooLarge:
        return 413;
    case Code::unavailable:
        return 503;
    case Code::storage:
        return 507;
    case Code::corrupt:
        return 422;
    case Code::unsupported:
        return 501;
    case Code::internal:
        break;
    }
    return 500;
}

} // namespace souffleur::http
