// What the page asks of the process (openapi.yaml).
#include <algorithm>
#include <array>

#include "drivers/escpos/Raster.h"
#include "kiosk/lobby/Form.h"
#include "kiosk/lobby/LobbyParts.h"
#include "kiosk/lobby/Survey.h"
#include "plugin/contact/Text.h"
#include "plugin/slip/Slip.h"
#include "plugin/wire/JsonWriter.h"

namespace souffleur::lobby {
namespace {

constexpr int kQuietModules = 4; // ISO/IEC 18004: around a QR code
constexpr std::size_t kCodeMaxChars = 500;
constexpr std::size_t kTokenMaxChars = 64;
constexpr int kPaperColumns = 42;
constexpr const char* kStaff = "staff";

tl::unexpected<Problem> tooMany(TimeMs waitMs) {
    Problem problem{"too-many", {}, {}, {}};
    problem.retryAfterMs = waitMs;
    return tl::make_unexpected(std::move(problem));
}

/// Dark modules as runs, for one SVG path.
std::string pathOf(const escpos::Bitmap& code) {
    std::string path;
    for (int y = 0; y < code.height; ++y) {
        for (int x = 0; x < code.width;) {
            int end = x;
            while (end < code.width && code.at(end, y)) ++end;
            if (end == x) {
                ++x;
                continue;
            }
            const std::string run = std::to_string(end - x);
            path += "M" + std::to_string(x + kQuietModules) + " " +
                    std::to_string(y + kQuietModules) + "h" + run + "v1h-" + run + "z";
            x = end;
        }
    }
    return path;
}

/// The bare modules: drawQr may come with a quiet zone of its own.
escpos::Bitmap trimmed(const escpos::Bitmap& code) {
    int left = code.width;
    int top = code.height;
    int right = -1;
    int bottom = -1;
    for (int y = 0; y < code.height; ++y) {
        for (int x = 0; x < code.width; ++x) {
            if (!code.at(x, y)) continue;
            left = std::min(left, x);
            right = std::max(right, x);
            top = std::min(top, y);
            bottom = std::max(bottom, y);
        }
    }
    escpos::Bitmap out;
    if (right < left) return out;
    out.width = right - left + 1;
    out.height = bottom - top + 1;
    out.bits.assign(static_cast<std::size_t>(out.stride()) * static_cast<std::size_t>(out.height),
                    0);
    for (int y = 0; y < out.height; ++y) {
        for (int x = 0; x < out.width; ++x) {
            if (!code.at(x + left, y + top)) continue;
            const auto at = static_cast<std::size_t>(y) * static_cast<std::size_t>(out.stride()) +
                            static_cast<std::size_t>(x / 8);
            out.bits[at] = static_cast<std::uint8_t>(out.bits[at] | (1U << (7 - x % 8)));
        }
    }
    return out;
}

/// "https://example.org/w" of "https://example.org/w#CODE"; empty: no address.
std::string_view addressIn(std::string_view text) {
    text = contact::trimmed(text);
    const auto scheme = text.find("://");
    if (scheme == std::string_view::npos) return {};
    return text.substr(0, text.find('#'));
}

} // namespace

std::span<const Lobby::Parts::Row> Lobby::Parts::rows() {
    using http::Method;
    using P = Parts;
    static constexpr std::array<Row, 14> kRows{{
        {Method::post, "/session", false, &P::startSession},
        {Method::get, "/house", false, &P::getHouse},
        {Method::get, "/health", false, &P::getHealth},
        {Method::post, "/checks", false, &P::check},
        {Method::post, "/sign-ups", false, &P::signUp},
        {Method::post, "/sign-ups/slip", false, &P::printSlip},
        {Method::post, "/surveys", false, &P::fillIn},
        {Method::post, "/withdrawals", false, &P::withdraw},
        {Method::post, "/wipe", false, &P::wipe},
        {Method::post, "/staff/sign-in", false, &P::staffSignIn},
        {Method::post, "/staff/status", true, &P::staffStatus},
        {Method::post, "/staff/test-slip", true, &P::staffTestSlip},
        {Method::post, "/staff/sign-out", false, &P::staffSignOut},
        {Method::post, "/staff/close", true, &P::staffClose},
    }};
    return kRows;
}

Outcome<http::Response> Lobby::Parts::startSession(const http::Request& request) {
    auto form = Form::parse(request.body);
    if (!form) return tl::make_unexpected(std::move(form.error()));
    form->only({"launchToken"});
    const std::string token = form->text("launchToken", kTokenMaxChars);
    if (auto sound = form->done(); !sound) return tl::make_unexpected(std::move(sound.error()));
    auto granted = _sessions.trade(token);
    if (!granted) return refuse("launch-token-refused");
    // A disk that is full later costs the next launch, not the session that has just begun.
    (void) writeLaunchFile().has_value();
    wire::JsonWriter out;
    out.beginObject().field("secret", granted->secret).endObject();
    http::Response response = http::Response::json(out.take(), 201);
    response.headers.add("Set-Cookie", granted->setCookie);
    return response;
}

Outcome<http::Response> Lobby::Parts::getHouse(const http::Request& /*request*/) {
    return http::Response::json(house()->json);
}

std::string_view Lobby::Parts::printerWord() const {
    if (!_printer) return "none";
    const printer::Reasons reasons = _printer->state();
    if ((reasons & (printer::kBlocking | printer::kUnknown | printer::kNotDraining)) != 0)
        return "away";
    return (reasons & printer::kPaperNearEnd) != 0 ? "paper-low" : "ready";
}

bool Lobby::Parts::canPrint() const {
    const std::string_view word = printerWord();
    return word == "ready" || word == "paper-low";
}

Outcome<http::Response> Lobby::Parts::getHealth(const http::Request& /*request*/) {
    const char* reason = nullptr;
    if (!_sealing->ready()) reason = "not-ready";
    if (_store->room() == Room::none) reason = "no-room";
    wire::JsonWriter out;
    out.beginObject().field("takes", reason == nullptr).key("reason");
    if (reason == nullptr) {
        out.null();
    } else {
        out.value(reason);
    }
    out.field("printer", printerWord())
        .field("online", _sender->status().online)
        .field("houseRevision", house()->revision)
        .endObject();
    return http::Response::json(out.take());
}

Outcome<http::Response> Lobby::Parts::check(const http::Request& request) {
    if (const TimeMs wait = _checks.ask(_clock.monotonicMs()); wait > 0) return tooMany(wait);
    auto answer = checkTyped(request.body, countryOf(house()->inForce.policy));
    if (!answer) return tl::make_unexpected(std::move(answer.error()));
    return http::Response::json(std::move(*answer));
}

/// Nothing is asked of a visitor that would not be kept.
Outcome<void> Lobby::Parts::mayTake() {
    if (!_sealing->ready()) return refuse("not-ready");
    if (_store->room() == Room::none) return refuse("no-room");
    return {};
}

std::string Lobby::Parts::signedUp(const Taken& taken, const House& now) const {
    const auto& act = std::get<consent::Act>(taken.event.body);
    const std::string link =
        slip::withdrawLink(now.inForce.policy.controller.withdrawUrl, taken.handle);
    const auto drawn = escpos::drawQr(link, 1);
    const escpos::Bitmap code = drawn ? trimmed(*drawn) : escpos::Bitmap{};
    const bool confirm = std::any_of(act.choices.begin(), act.choices.end(), [](const auto& item) {
        return item.confirm && item.channel == "email";
    });
    wire::JsonWriter out;
    out.beginObject().key("slip").beginObject();
    out.field("code", crypto::slipCode(taken.handle)).field("link", link).key("qr").beginObject();
    out.field("size", code.width + 2 * kQuietModules)
        .field("path", pathOf(code))
        .endObject()
        .endObject();
    out.field("slipPrintable", canPrint()).field("confirmByMail", confirm).endObject();
    return out.take();
}

Outcome<http::Response> Lobby::Parts::signUp(const http::Request& request) {
    const std::lock_guard lock(_visitor);
    const auto now = house();
    auto visitor = readVisitor(
        request.body, {now->inForce.policy, now->questions, now->age, now->beside}, _folder);
    if (!visitor) return tl::make_unexpected(std::move(visitor.error()));
    if (_held && _held->requestId == visitor->requestId)
        return http::Response::json(_held->answer, 201);
    if (auto may = mayTake(); !may) return tl::make_unexpected(std::move(may.error()));
    const TimeMs mono = _clock.monotonicMs();
    if (const TimeMs wait = _minute.ask(mono); wait > 0) return tooMany(wait);
    if (const TimeMs wait = _hour.ask(mono); wait > 0) return tooMany(wait);
    auto taken = _sealing->signUp(*visitor, now->inForce.policy, rulesAt());
    if (!taken) return tl::make_unexpected(problemOf(taken.error()));
    (void) _store->setNote("last-sign-up", _clock.now().at);
    Held held{visitor->requestId, signedUp(*taken, *now), visitor->language, std::move(*taken),
              false};
    _held = std::move(held);
    _sender->nudge();
    return http::Response::json(_held->answer, 201);
}

/// Nothing that is kept of it, here or in a note, tells when it was.
Outcome<http::Response> Lobby::Parts::fillIn(const http::Request& request) {
    const std::lock_guard lock(_visitor);
    const auto now = house();
    auto filled = readSurvey(request.body, now->anonymous);
    if (!filled) return tl::make_unexpected(std::move(filled.error()));
    const auto taken = [] { return http::Response::json(R"({"taken":true})", 201); };
    if (_filledIn == filled->requestId) return taken();
    if (auto may = mayTake(); !may) return tl::make_unexpected(std::move(may.error()));
    if (const TimeMs wait = _surveys.ask(_clock.monotonicMs()); wait > 0) return tooMany(wait);
    filled->ballot.day = today();
    if (auto sealed = _sealing->ballot(filled->ballot); !sealed)
        return tl::make_unexpected(problemOf(sealed.error()));
    _filledIn = filled->requestId;
    return taken();
}

Outcome<void> Lobby::Parts::print(escpos::Document document) {
    if (!canPrint()) return refuse("printer-away");
    if (!_printer->submit(std::move(document))) return refuse("printer-away");
    return {};
}

Outcome<http::Response> Lobby::Parts::printSlip(const http::Request& request) {
    if (auto none = Form::none(request.body); !none)
        return tl::make_unexpected(std::move(none.error()));
    const std::lock_guard lock(_visitor);
    if (!_held || _held->printed) return refuse("slip-not-offered");
    const int columns = _printer ? _printer->profile().columns : kPaperColumns;
    auto paper = slip::slipDocument(_held->taken.event, house()->inForce.policy,
                                    _held->taken.handle, _held->language, {columns});
    if (!paper) return refuse("slip-not-offered");
    if (auto printed = print(std::move(*paper)); !printed)
        return tl::make_unexpected(std::move(printed.error()));
    _held->printed = true;
    return http::Response::json(R"({"queued":true})", 202);
}

Outcome<http::Response> Lobby::Parts::withdraw(const http::Request& request) {
    auto form = Form::parse(request.body);
    if (!form) return tl::make_unexpected(std::move(form.error()));
    form->only({"code", "language"});
    const std::string typed = form->text("code", kCodeMaxChars);
    (void) form->text("language", 2);
    if (auto sound = form->done(); !sound) return tl::make_unexpected(std::move(sound.error()));
    if (const TimeMs wait = _withdrawals.ask(_clock.monotonicMs()); wait > 0) return tooMany(wait);
    const crypto::SlipText slip = crypto::readSlip(typed);
    if (slip.kind == crypto::SlipText::Kind::mistyped) return refuse("code-mistyped");
    if (slip.kind != crypto::SlipText::Kind::code) return refuse("not-a-slip");
    const std::string_view address = addressIn(typed);
    if (!address.empty() && address != house()->inForce.policy.controller.withdrawUrl)
        return refuse("other-house");
    if (auto may = mayTake(); !may) return tl::make_unexpected(std::move(may.error()));
    const std::lock_guard lock(_visitor);
    if (auto sealed = _sealing->withdrawal(slip.handle); !sealed)
        return tl::make_unexpected(problemOf(sealed.error()));
    _sender->nudge();
    return http::Response::json(R"({"accepted":true})", 201);
}

Outcome<http::Response> Lobby::Parts::wipe(const http::Request& request) {
    if (auto none = Form::none(request.body); !none)
        return tl::make_unexpected(std::move(none.error()));
    const std::lock_guard lock(_visitor);
    if (_held) {
        crypto::wipe(_held->answer);
        crypto::wipe(_held->taken.handle.data(), _held->taken.handle.size());
    }
    _held.reset();
    _filledIn.reset();
    return http::Response::noContent();
}

std::string Lobby::Parts::statusJson() const {
    const SenderStatus sent = _sender->status();
    const auto moment = [](wire::JsonWriter& out, const char* name, TimeMs at) {
        if (at == 0) {
            out.key(name).null();
        } else {
            out.field(name, at);
        }
    };
    const Reading now = _clock.now();
    const Room room = _store->room();
    const char* enrolment = sent.refused ? "refused" : _sealing->ready() ? "active" : "pending";
    wire::JsonWriter out;
    out.beginObject().field("name", _device.name);
    out.field("waiting", _store->pending().value_or(0));
    moment(out, "lastSignUp", _store->note("last-sign-up").value_or(0));
    moment(out, "lastContact", sent.lastContact);
    out.field("printer", printerWord())
        .field("version", _options.version)
        .field("clock", now.at)
        .field("clockUncertain", now.unc > kHourMs);
    out.field("room", room == Room::plenty ? "plenty" : room == Room::little ? "little" : "none");
    out.field("enrolment", enrolment).endObject();
    return out.take();
}

Outcome<http::Response> Lobby::Parts::staffSignIn(const http::Request& request) {
    auto form = Form::parse(request.body);
    if (!form) return tl::make_unexpected(std::move(form.error()));
    form->only({"pin"});
    std::string pin = form->text("pin", 16);
    if (auto sound = form->done(); !sound) return tl::make_unexpected(std::move(sound.error()));
    auto right = _staff.check(pin);
    crypto::wipe(pin);
    if (!right) return tl::make_unexpected(std::move(right.error()));
    _sessions.setPrincipal(request.session, kStaff);
    _sessions.touch(request.session);
    return http::Response::json(statusJson());
}

Outcome<http::Response> Lobby::Parts::staffStatus(const http::Request& request) {
    if (auto none = Form::none(request.body); !none)
        return tl::make_unexpected(std::move(none.error()));
    return http::Response::json(statusJson());
}

Outcome<http::Response> Lobby::Parts::staffTestSlip(const http::Request& request) {
    if (auto none = Form::none(request.body); !none)
        return tl::make_unexpected(std::move(none.error()));
    escpos::Document page;
    page.title("Souffleur").text(_device.name, escpos::Align::centre).rule();
    page.text("nl ca es ru en de fr", escpos::Align::centre);
    if (auto printed = print(std::move(page)); !printed)
        return tl::make_unexpected(std::move(printed.error()));
    return http::Response::json(R"({"queued":true})", 202);
}

Outcome<http::Response> Lobby::Parts::staffSignOut(const http::Request& request) {
    if (auto none = Form::none(request.body); !none)
        return tl::make_unexpected(std::move(none.error()));
    _sessions.setPrincipal(request.session, "");
    return http::Response::noContent();
}

Outcome<http::Response> Lobby::Parts::staffClose(const http::Request& request) {
    if (auto none = Form::none(request.body); !none)
        return tl::make_unexpected(std::move(none.error()));
    if (_options.onClose) _options.onClose();
    return http::Response::json("{}", 202);
}

} // namespace souffleur::lobby
