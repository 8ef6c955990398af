#include "plugin/api/Problems.h"

#include <array>

#include "plugin/contact/Text.h"
#include "plugin/wire/JsonWriter.h"

namespace souffleur::api {

namespace {

struct Known {
    std::string_view problem;
    int status;
    std::string_view title;
};

constexpr std::array<Known, 31> kKnown{{
    {"malformed", 400, "The body is not the JSON it should be"},
    {"session-needed", 401, "There is no session"},
    {"launch-token-refused", 401, "The launch token is unknown, used or too old"},
    {"pin-wrong", 401, "The PIN is wrong"},
    {"badge-unknown", 401, "The badge is not known"},
    {"sign-in-needed", 403, "Somebody must sign in first"},
    {"unidentified-not-allowed", 403, "This till does not record without a sign-in"},
    {"lease-over", 403, "Without a lease from head office nobody on file is shown here"},
    {"drawer-not-allowed", 403, "The house opens the drawer with a sale only"},
    {"not-found", 404, "There is no such thing"},
    {"subject-unknown", 404, "There is no such person"},
    {"method-not-allowed", 405, "This address does not know that method"},
    {"stale-questions", 409, "The questions on the screen are no longer current"},
    {"idempotency-conflict", 409, "The key was used with another body"},
    {"slip-not-offered", 409, "There is no slip for this act now"},
    {"job-not-indeterminate", 409, "The print job is in no doubt"},
    {"reprint-over", 409, "The slip is too old to be printed again"},
    {"no-pupils", 409, "Nothing is stored about pupils"},
    {"screen-away", 409, "No screen for customers is open at this till"},
    {"nothing-to-ask", 409, "There is nothing to show to the customer"},
    {"not-with-you", 409, "These questions are not with the customer any more"},
    {"undo-over", 410, "It is too late to undo this act"},
    {"too-large", 413, "The body is too large"},
    {"media-type", 415, "Only application/json is accepted"},
    {"invalid", 422, "Some members of the request will not do"},
    {"language-not-worded", 422, "There is no wording in this language"},
    {"locked", 423, "The till is locked"},
    {"operator-locked-out", 423, "Too many wrong PINs"},
    {"too-many", 429, "Too much at once"},
    {"storage-unavailable", 503, "The disk does not take the answer; nothing was stored"},
    {"printer-unavailable", 503, "There is no printer"},
}};

constexpr Known kInternal{"internal", 500, "A fault of the program"};
constexpr std::size_t kErrorsMax = 16;
constexpr std::size_t kDetailMaxChars = 400;
constexpr TimeMs kRetryMaxMs = kDayMs;

const Known& find(std::string_view problem) noexcept {
    for (const Known& known : kKnown) {
        if (known.problem == problem) return known;
    }
    return kInternal;
}

void writeFields(wire::JsonWriter& out, const std::vector<counter::FieldError>& fields) {
    out.key("errors").beginArray();
    for (std::size_t i = 0; i < fields.size() && i < kErrorsMax; ++i) {
        out.beginObject().field("pointer", fields[i].pointer).field("code", fields[i].code);
        if (fields[i].suggestion) out.field("suggestion", *fields[i].suggestion);
        out.endObject();
    }
    out.endArray();
}

} // namespace

int statusOfProblem(std::string_view problem) noexcept {
    return find(problem).status;
}

http::Response problemResponse(const counter::Refusal& refusal, std::string_view desk) {
    const Known& known = find(refusal.problem);
    wire::JsonWriter out;
    out.beginObject()
        .field("type", "about:blank")
        .field("title", known.title)
        .field("status", known.status)
        .field("code", known.problem);
    // What a bug says of itself may hold anything; it stays inside.
    if (known.status != 500 && !refusal.message.empty() && refusal.message != known.title) {
        out.field("detail", contact::firstChars(refusal.message, kDetailMaxChars));
    }
    if (!refusal.fields.empty()) writeFields(out, refusal.fields);
    if (refusal.attemptsLeft >= 0) out.field("attemptsLeft", refusal.attemptsLeft);
    const TimeMs wait = std::min(refusal.retryAfterMs, kRetryMaxMs);
    if (wait > 0) out.field("retryAfterMs", wait);
    if (!desk.empty()) out.key("desk").raw(desk);
    out.endObject();
    http::Response response{
        known.status,
        {{"Content-Type", "application/problem+json"}, {"Cache-Control", "no-store"}},
        out.take(),
        {}};
    if (wait > 0) {
        response.headers.set("Retry-After", std::to_string((wait + kSecondMs - 1) / kSecondMs));
    }
    return response;
}

} // namespace souffleur::api
