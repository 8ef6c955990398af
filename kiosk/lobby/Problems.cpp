#include "kiosk/lobby/Problems.h"

#include <array>

#include "plugin/wire/JsonWriter.h"

namespace souffleur::lobby {
namespace {

struct Known {
    std::string_view code;
    int status;
    std::string_view title;
};

constexpr std::array<Known, 18> kKnown{{
    {"malformed", 400, "The body is not the JSON it should be"},
    {"launch-token-refused", 401, "The launch token is unknown, used or too old"},
    {"pin-wrong", 401, "The PIN is wrong"},
    {"staff-needed", 403, "Staff must sign in first"},
    {"no-staff-menu", 404, "No PIN was set for the staff menu"},
    {"stale-questions", 409, "The questions on the screen are no longer current"},
    {"slip-not-offered", 409, "There is no slip to print now"},
    {"too-large", 413, "The body is too large"},
    {"invalid", 422, "Some members of the request will not do"},
    {"too-young", 422, "The answers of a child are not taken"},
    {"code-mistyped", 422, "The code is not whole, or mistyped"},
    {"not-a-slip", 422, "This is no code of a slip"},
    {"other-house", 422, "This slip is of another house"},
    {"staff-locked-out", 423, "Too many wrong PINs"},
    {"too-many", 429, "Too much at once"},
    {"not-ready", 503, "Head office has not approved this kiosk yet"},
    {"printer-away", 503, "The printer cannot print now"},
    {"no-room", 507, "The disk is full; nothing was taken"},
}};
constexpr Known kInternal{"internal", 500, "A fault of the program"};
constexpr std::size_t kErrorsMax = 16;

const Known& find(std::string_view code) {
    for (const Known& known : kKnown) {
        if (known.code == code) return known;
    }
    return kInternal;
}

} // namespace

Problem problemOf(const Error& error) {
    if (error.code == Code::storage) return {"no-room", {}, {}, {}};
    return {"internal", {}, {}, {}};
}

http::Response response(const Problem& problem) {
    const Known& known = find(problem.code);
    wire::JsonWriter out;
    out.beginObject()
        .field("type", "about:blank")
        .field("title", known.title)
        .field("status", known.status)
        .field("code", known.code);
    if (problem.attemptsLeft) out.field("attemptsLeft", *problem.attemptsLeft);
    if (problem.retryAfterMs) out.field("retryAfterMs", *problem.retryAfterMs);
    if (!problem.errors.empty()) {
        out.key("errors").beginArray();
        for (std::size_t i = 0; i < problem.errors.size() && i < kErrorsMax; ++i) {
            out.beginObject().field("pointer", problem.errors[i].pointer);
            out.field("code", problem.errors[i].code).endObject();
        }
        out.endArray();
    }
    out.endObject();
    http::Response response = http::Response::json(out.take(), known.status);
    response.headers.set("Content-Type", "application/problem+json");
    return response;
}

} // namespace souffleur::lobby
