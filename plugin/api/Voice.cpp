#include "plugin/api/Voice.h"

#include <algorithm>
#include <array>

#include "plugin/contact/Text.h"

namespace souffleur::api {

namespace {

using contact::firstChars;
using wire::JsonWriter;

constexpr std::array<std::string_view, 7> kLanguages{"nl", "ca", "es", "ru", "en", "de", "fr"};
constexpr std::size_t kOperatorsMax = 60;
constexpr std::size_t kReasonsMax = 6;
constexpr std::size_t kContactsMax = 12;
constexpr std::size_t kMaskedMax = 4;
constexpr std::size_t kNoticeRefsMax = 16;
constexpr std::size_t kPrinterReasonsMax = 8;
constexpr int kOrdersMax = 100000;
constexpr std::size_t kLanguageHeaderMaxBytes = 200;

/// The weight of "ru;q=0.8", in thousandths; 1000 when it has none.
int weightOf(std::string_view range) {
    const std::size_t at = range.find(";q=");
    if (at == std::string_view::npos) return 1000;
    const std::string_view digits = range.substr(at + 3);
    if (!digits.starts_with("0")) return 1000;
    int weight = 0;
    int scale = 100;
    for (const char c : digits.substr(std::min<std::size_t>(2, digits.size()))) {
        if (c < '0' || c > '9' || scale == 0) break;
        weight += (c - '0') * scale;
        scale /= 10;
    }
    return weight;
}

void textOrNull(JsonWriter& out, std::string_view key, std::string_view text, std::size_t max) {
    out.key(key);
    if (text.empty()) {
        out.null();
    } else {
        out.value(firstChars(text, max));
    }
}

void idOrNull(JsonWriter& out, std::string_view key, const Uuid& id) {
    out.key(key);
    if (id.none()) {
        out.null();
    } else {
        out.value(id);
    }
}

void tokenOrNull(JsonWriter& out, std::string_view key, const consent::Token& token) {
    textOrNull(out, key, token == consent::kAny ? std::string_view() : std::string_view(token), 64);
}

void options(JsonWriter& out, std::string_view key, const std::vector<counter::Option>& all,
             std::size_t max) {
    out.key(key).beginArray();
    for (std::size_t i = 0; i < all.size() && i < max; ++i) {
        out.beginObject()
            .field("id", all[i].id)
            .field("label", firstChars(all[i].label, 60))
            .endObject();
    }
    out.endArray();
}

std::string_view sourceName(counter::SituationSource source) {
    switch (source) {
    case counter::SituationSource::host:
        return "host";
    case counter::SituationSource::cashier:
        return "cashier";
    case counter::SituationSource::fallback:
        break;
    }
    return "default";
}

} // namespace

bool isPageLanguage(std::string_view language) noexcept {
    return std::find(kLanguages.begin(), kLanguages.end(), language) != kLanguages.end();
}

std::string pickLanguage(std::string_view acceptLanguage, std::string_view fallback) {
    std::string best(fallback);
    int bestWeight = 0;
    std::string_view rest = acceptLanguage.substr(0, kLanguageHeaderMaxBytes);
    while (!rest.empty()) {
        const std::size_t comma = rest.find(',');
        const std::string_view range = contact::trimmed(rest.substr(0, comma));
        const std::string_view tag = range.substr(0, range.find_first_of("-;"));
        const int weight = weightOf(range);
        if (weight > bestWeight && isPageLanguage(tag)) {
            best = tag;
            bestWeight = weight;
        }
        rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    }
    return best;
}

std::string_view Voice::known(std::string_view language) const noexcept {
    return isPageLanguage(language) ? language : std::string_view(_settings.language);
}

void Voice::momentAt(JsonWriter& out, TimeMs at, int offsetMin) {
    const TimeMs shift = offsetMin * kMinuteMs;
    const TimeMs ms = std::clamp(at, kMinTime, kMaxTime);
    const bool fits = ms + shift >= kMinTime && ms + shift <= kMaxTime;
    const int minutes = fits ? offsetMin : 0;
    std::string text = formatTime(fits ? ms + shift : ms);
    if (minutes != 0 && text.ends_with('Z')) {
        const int size = std::abs(minutes);
        const auto digit = [](int n) { return static_cast<char>('0' + n); };
        text.back() = minutes < 0 ? '-' : '+';
        text += {digit(size / 600), digit(size / 60 % 10), ':', digit(size % 60 / 10),
                 digit(size % 10)};
    }
    out.beginObject().field("ms", ms).field("text", text).endObject();
}

void Voice::momentOrNull(JsonWriter& out, std::string_view key, TimeMs at) const {
    out.key(key);
    if (at == 0) {
        out.null();
    } else {
        moment(out, at);
    }
}

void Voice::operatorTile(JsonWriter& out, const counter::OperatorTile& tile) const {
    out.beginObject()
        .field("operatorId", tile.id)
        .field("displayName", firstChars(tile.name, 80))
        .field("language", known(tile.language))
        .field("lockedOutForMs", std::clamp<TimeMs>(tile.lockedOutFor, 0, kDayMs))
        .endObject();
}

void Voice::session(JsonWriter& out, const counter::Session& session) const {
    out.beginObject().field("state", counter::name(session.stage)).key("operator");
    if (session.who) {
        operatorTile(out, *session.who);
    } else {
        out.null();
    }
    const std::string_view house = _policy ? _policy->controller.name : std::string_view();
    out.key("house").beginObject().field("name", firstChars(house, 120)).endObject();
    out.key("place")
        .beginObject()
        .field("placeId", _settings.placeId)
        .field("name", firstChars(_settings.placeName, 80))
        .endObject();
    out.field("language", known(_settings.language))
        .list("languages", _settings.languages)
        .field("unidentifiedAllowed", session.unidentifiedAllowed)
        .field("autoLockAfterMs", std::clamp<TimeMs>(session.autoLockAfterMs, 0, kDayMs))
        .field("version", firstChars(_settings.version, 40))
        .endObject();
}

void Voice::operators(JsonWriter& out, const std::vector<counter::OperatorTile>& tiles,
                      bool badges) const {
    out.beginObject().key("operators").beginArray();
    for (std::size_t i = 0; i < tiles.size() && i < kOperatorsMax; ++i) {
        operatorTile(out, tiles[i]);
    }
    out.endArray().field("badges", badges).endObject();
}

void Voice::customer(JsonWriter& out, const counter::Customer& customer) const {
    out.beginObject()
        .field("subjectId", customer.subject)
        .field("displayName", firstChars(customer.displayName, 200))
        .field("language", known(customer.language))
        .field("orders", std::clamp(customer.orders, 0, kOrdersMax));
    momentOrNull(out, "since", customer.since);
    out.field("isNew", customer.isNew).key("contacts").beginArray();
    for (std::size_t i = 0; i < customer.contacts.size() && i < kContactsMax; ++i) {
        const counter::DeskContact& contact = customer.contacts[i];
        out.beginObject()
            .field("contactId", contact.id)
            .field("kind", counter::name(contact.kind))
            .field("masked", firstChars(contact.masked, 120))
            .field("state", contact.state)
            .endObject();
    }
    out.endArray().endObject();
}

std::string Voice::purposeLabel(const consent::Token& purpose,
                                const consent::Token& channel) const {
    const consent::Purpose* offered = _policy ? _policy->purpose(purpose) : nullptr;
    const consent::Notice* notice = nullptr;
    if (offered != nullptr) {
        const bool any = channel == consent::kAny && !offered->channels.empty();
        notice = _policy->notice(*offered, any ? offered->channels.front() : channel, _language);
    }
    return notice == nullptr || notice->label.empty() ? purpose : notice->label;
}

void Voice::lastNo(JsonWriter& out, const consent::LastNo& no) const {
    const bool all = no.purpose == consent::kAny;
    out.beginObject().key("at");
    moment(out, no.at);
    out.field("place", firstChars(no.place, 80)).field("choice", consent::name(no.state));
    tokenOrNull(out, "channel", no.channel);
    tokenOrNull(out, "purpose", no.purpose);
    textOrNull(out, "purposeLabel", all ? std::string() : purposeLabel(no.purpose, no.channel), 80);
    out.endObject();
}

void Voice::flag(JsonWriter& out, const counter::DeskFlag& flag) const {
    out.beginObject().field("kind", consent::name(flag.kind)).key("reasons").beginArray();
    for (std::size_t i = 0; i < flag.reasons.size() && i < kReasonsMax; ++i) {
        const counter::Reason& reason = flag.reasons[i];
        out.beginObject().field("code", reason.code);
        if (reason.at != 0) {
            out.key("at");
            moment(out, reason.at);
        }
        if (reason.count > 0) out.field("count", reason.count);
        if (!reason.channel.empty()) out.field("channel", reason.channel);
        out.endObject();
    }
    out.endArray().key("lastNo");
    if (flag.lastNo) {
        lastNo(out, *flag.lastNo);
    } else {
        out.null();
    }
    out.key("asOf");
    moment(out, flag.asOf);
    out.field("ageMs", std::max<TimeMs>(flag.ageMs, 0));
    momentOrNull(out, "againAt", flag.againAt);
    out.endObject();
}

void Voice::question(JsonWriter& out, const counter::DeskQuestion& question) const {
    out.beginObject()
        .field("questionId", question.id)
        .field("purpose", question.purpose)
        .field("channel", question.channel)
        .field("label", firstChars(question.label, 60))
        .field("detail", firstChars(question.detail, 120))
        .field("noticeId", question.notice.id)
        .field("noticeVersion", question.notice.version)
        .field("noticeHash", question.notice.sha256)
        .field("language", known(question.notice.language))
        .field("asked", question.asked)
        .key("prechosen")
        .null();
    out.key("answered").beginObject().field("state", question.answered);
    momentOrNull(out, "at", question.answeredAt);
    out.endObject();
    textOrNull(out, "needsContact",
               question.needsContact ? counter::name(*question.needsContact) : std::string_view(),
               16);
    out.field("confirmBy", question.confirmBy).endObject();
}

const counter::PreferenceOptions& Voice::offered() const {
    static const counter::PreferenceOptions kNothing;
    for (const std::string& key : {_language, std::string()}) {
        const auto found = _settings.preferences.find(key);
        if (found != _settings.preferences.end()) return found->second;
    }
    return kNothing;
}

void Voice::preferences(JsonWriter& out, const counter::Preferences& preferences) const {
    out.beginObject().list("genres", preferences.genres);
    textOrNull(out, "frequency", preferences.frequency, 32);
    textOrNull(out, "language",
               isPageLanguage(preferences.language) ? preferences.language : std::string_view(), 8);
    out.key("options").beginObject();
    const counter::PreferenceOptions& all = offered();
    options(out, "genres", all.genres, 24);
    options(out, "frequencies", all.frequencies, 8);
    out.key("languages").beginArray();
    for (const std::string& language : all.languages) {
        if (isPageLanguage(language)) out.value(language);
    }
    out.endArray().endObject().endObject();
}

void Voice::rush(JsonWriter& out, const counter::Rush& rush) const {
    out.beginObject()
        .field("on", rush.on)
        .field("missed", std::min<std::uint32_t>(rush.missed, 1000000));
    momentOrNull(out, "until", rush.until);
    out.endObject();
}

void Voice::printer(JsonWriter& out, const counter::PrinterView& printer) {
    out.beginObject().field("state", printer.state).key("reasons").beginArray();
    for (std::size_t i = 0; i < printer.reasons.size() && i < kPrinterReasonsMax; ++i) {
        out.value(printer.reasons[i]);
    }
    out.endArray();
    textOrNull(out, "name", printer.name, 80);
    out.field("jobs", std::min<std::size_t>(printer.jobs, 1000)).endObject();
}

void Voice::sync(JsonWriter& out, const SyncView& sync) const {
    out.beginObject().field("state", sync.state);
    momentOrNull(out, "lastAt", sync.lastAt);
    out.field("pending", std::min<std::uint64_t>(sync.pending, 100000000));
    momentOrNull(out, "leaseUntil", sync.leaseUntil);
    out.endObject();
}

void Voice::desk(JsonWriter& out, const counter::Desk& desk, const SyncView& link) const {
    out.beginObject().field("revision", desk.revision);
    idOrNull(out, "questionSetId", desk.questionSet);
    const auto part = [&out](std::string_view key, const auto& value, const auto& write) {
        out.key(key);
        if (value) {
            write(*value);
        } else {
            out.null();
        }
    };
    part("customer", desk.customer, [&](const auto& value) { customer(out, value); });
    part("flag", desk.flag, [&](const auto& value) { flag(out, value); });
    out.key("questions").beginArray();
    for (const counter::DeskQuestion& each : desk.questions) question(out, each);
    out.endArray();
    part("script", desk.script, [&](const counter::ScriptLine& line) {
        out.beginObject()
            .field("text", firstChars(line.text, 600))
            .field("language", known(line.language));
        textOrNull(out, "translation", line.translation, 600);
        out.field("noticeRef", firstChars(line.noticeRef, 80)).endObject();
    });
    out.field("situation", consent::name(desk.situation))
        .field("situationSource", sourceName(desk.situationSource))
        .key("rush");
    rush(out, desk.rush);
    out.key("undo").beginObject().field("available", desk.undo.available);
    idOrNull(out, "actId", desk.undo.act.uuid);
    momentOrNull(out, "until", desk.undo.until);
    out.endObject();
    part("lastAct", desk.lastAct, [&](const auto& value) { act(out, value); });
    out.field("slipOffered", desk.slipOffered).field("drawerOffered", desk.drawerOffered);
    part("preferences", desk.preferences, [&](const auto& value) { preferences(out, value); });
    out.key("printer");
    printer(out, desk.printer);
    out.key("sync");
    sync(out, link);
    if (desk.screen) {
        out.key("screen")
            .beginObject()
            .field("state", counter::name(desk.screen->state))
            .field("showsContacts", desk.screen->showsContacts)
            .field("ended", counter::name(desk.screen->ended))
            .endObject();
    }
    out.endObject();
}

void Voice::act(JsonWriter& out, const counter::ActSummary& act) const {
    out.beginObject().field("actId", act.id).key("at");
    momentAt(out, act.at, act.offsetMin);
    textOrNull(out, "outcome", act.outcome, 32);
    out.key("choices").beginArray();
    for (const counter::ActChoice& choice : act.choices) {
        const bool all = choice.purpose == consent::kAny;
        out.beginObject();
        tokenOrNull(out, "purpose", choice.purpose);
        textOrNull(out, "purposeLabel", all ? std::string_view() : choice.purposeLabel, 80);
        tokenOrNull(out, "channel", choice.channel);
        out.field("choice", consent::name(choice.choice)).field("state", choice.state).endObject();
    }
    out.endArray()
        .field("method", consent::name(act.method))
        .field("place", firstChars(act.place, 80));
    textOrNull(out, "operator", act.operatorName, 80);
    out.key("noticeRefs").beginArray();
    for (std::size_t i = 0; i < act.noticeRefs.size() && i < kNoticeRefsMax; ++i) {
        out.value(firstChars(act.noticeRefs[i], 80));
    }
    out.endArray()
        .field("own", act.own)
        .field("undone", act.undone)
        .field("slip", act.slip)
        .endObject();
}

void Voice::acts(JsonWriter& out, const counter::ActPage& page) const {
    out.beginObject().key("acts").beginArray();
    for (const counter::ActSummary& each : page.acts) act(out, each);
    out.endArray();
    textOrNull(out, "next", page.next, 64);
    out.endObject();
}

void Voice::found(JsonWriter& out, const counter::FoundList& list) const {
    out.beginObject().key("results").beginArray();
    for (const counter::Found& person : list.people) {
        out.beginObject()
            .field("subjectId", person.subject)
            .field("displayName", firstChars(person.displayName, 200))
            .key("contacts")
            .beginArray();
        for (std::size_t i = 0; i < person.contacts.size() && i < kMaskedMax; ++i) {
            out.value(firstChars(person.contacts[i], 120));
        }
        out.endArray()
            .field("flagKind", consent::name(person.kind))
            .field("orders", std::clamp(person.orders, 0, kOrdersMax));
        momentOrNull(out, "since", person.since);
        out.endObject();
    }
    out.endArray()
        .field("step", list.typos ? "typos" : "exact")
        .field("more", list.more)
        .field("slip", counter::name(list.slip))
        .endObject();
}

void Voice::job(JsonWriter& out, const counter::PrintJob& job) const {
    const bool waits =
        job.state == counter::JobState::queued || job.state == counter::JobState::indeterminate;
    out.beginObject()
        .field("jobId", job.id)
        .field("actId", job.act)
        .field("state", counter::name(job.state))
        .key("at");
    moment(out, job.at);
    momentOrNull(out, "expiresAt", waits ? job.expiresAt : 0);
    out.endObject();
}

void Voice::notice(JsonWriter& out, const consent::Token& purpose,
                   const consent::Notice& notice) const {
    const std::string_view stop = _policy ? _policy->controller.withdrawUrl : std::string_view();
    out.beginObject()
        .field("noticeId", notice.ref.id)
        .field("version", notice.ref.version)
        .field("language", known(notice.ref.language))
        .field("hash", notice.ref.sha256)
        .field("purpose", purpose)
        .field("purposeLabel", firstChars(notice.label.empty() ? purpose : notice.label, 80))
        .field("question", firstChars(notice.line, 600))
        .field("text", firstChars(notice.text, 8000))
        .field("withdrawal", firstChars(stop, 600))
        .endObject();
}

} // namespace souffleur::api
