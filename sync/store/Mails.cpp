// Mails that ask for a confirmation: which answers want one, which may still go out, and what a
// link in one leads to (plugin/doc/adr/0012).
#include <algorithm>

#include "plugin/crypto/Encoding.h"
#include "plugin/wire/Header.h"
#include "plugin/wire/Payload.h"
#include "sync/store/Judged.h"
#include "sync/store/Projection.h"
#include "sync/store/SqlStore.h"

namespace souffleur::store {
namespace {

constexpr const char* kCursor = "mail-cursor";
constexpr const char* kEmail = "email";
constexpr const char* kMaybe = "maybe";
constexpr const char* kConfirmed = "confirmed";
constexpr const char* kNotMe = "not-me";
constexpr std::uint64_t kLookMax = 500; ///< events in one transaction
constexpr std::size_t kMessageBytes = 16;
constexpr int kAnswerDays = 14; ///< where the pack asks at once or never again
/// Longer than any rule looks back.
constexpr TimeMs kKeptMs = 400 * kDayMs;

TimeMs answerMs(const consent::Policy& policy) {
    return (policy.reask.unconfirmedDays > 0 ? policy.reask.unconfirmedDays : kAnswerDays) * kDayMs;
}

bool byMail(const consent::ChoiceItem& item) {
    return item.choice == consent::Choice::given && item.channel == kEmail;
}

/// The mail that the answer wants; nothing: none.
std::optional<MailKind> wantedFor(const consent::Act& act, const consent::Policy& policy) {
    if (act.controller != policy.controller.id || !consent::live(act.method)) return std::nullopt;
    if (std::ranges::any_of(act.choices,
                            [](const auto& item) { return byMail(item) && item.confirm; }))
        return MailKind::confirm;
    const bool spoken =
        act.method == consent::Method::spoken || act.method == consent::Method::phone;
    const bool counts = std::ranges::any_of(act.choices, [](const auto& item) {
        return byMail(item) && item.basis == consent::Basis::consent;
    });
    if (spoken && counts) return MailKind::notice;
    return std::nullopt;
}

/// The keyed hash of the e-mail address that came with an event; empty: none did.
std::string keyIn(std::string_view payload, const StoreKeys& keys) {
    if (payload.empty()) return {};
    const auto person = wire::decodePayload(payload);
    if (!person) return {};
    for (const wire::ContactPoint& point : person->contacts) {
        if (point.channel == kEmail)
            return std::string(crypto::bytesOf(contactHashOf(keys, point.canonical)));
    }
    return {};
}

crypto::Hash hashFrom(std::string_view bytes) {
    crypto::Hash hash{};
    std::copy_n(bytes.begin(), std::min(bytes.size(), hash.size()), hash.begin());
    return hash;
}

/// What speaks against any mail to the person; empty: nothing.
std::string_view standsAgainst(const Judged& person, const consent::Token& controller) {
    if (person.restricted) return "restricted";
    if (person.minor) return "minor";
    if (person.unread) return "unread";
    return person.history.objected(controller) ? "objected" : "";
}

} // namespace

std::string_view name(MailKind kind) noexcept {
    return kind == MailKind::confirm ? "confirm" : "notice";
}

struct SqlStore::Mail {
    SubjectId subject;
    EventId act;
    std::string key; ///< bytes
    MailKind kind = MailKind::confirm;
    std::string kiosk;
    TimeMs foundAt = 0;
    TimeMs due = 0;
    TimeMs expires = 0;
    int attempts = 0;
    TimeMs triedAt = 0;
    std::string message; ///< bytes; empty: never tried
    std::string outcome;
    int maybes = 0;
};

/// An event of the log that may want a mail.
struct SqlStore::FoundAct {
    consent::Event event;
    std::string payload;
};

SqlStore::Mail SqlStore::mailFrom(Query& row) {
    return {SubjectId{row.uuid(0)},
            EventId{row.uuid(1)},
            std::string(row.bytes(2)),
            row.text(3) == name(MailKind::notice) ? MailKind::notice : MailKind::confirm,
            row.text(4),
            row.number(5),
            row.number(6),
            row.number(7),
            static_cast<int>(row.number(8)),
            row.number(9),
            std::string(row.bytes(10)),
            row.text(11),
            static_cast<int>(row.number(13))};
}

std::vector<SqlStore::Mail> SqlStore::mailsOfSubject(const SubjectId& subject) const {
    std::vector<Mail> all;
    Query row = query("mails-of");
    for (row.with(subject); row.step();) all.push_back(mailFrom(row));
    return all;
}

std::optional<ContactRow> SqlStore::mailAddress(const SubjectId& subject,
                                                const std::string& keyBytes) const {
    Query row = query("contacts-of");
    for (row.with(subject); row.step();) {
        if (row.text(0) == kEmail && row.bytes(1) == keyBytes)
            return ContactRow{kEmail, row.text(2), crypto::toHex(keyBytes), row.text(3)};
    }
    return std::nullopt;
}

/// The address that came with the answer, else one on file: first one known to be theirs.
std::string SqlStore::mailKeyFor(const FoundAct& found) const {
    if (std::string key = keyIn(found.payload, _keys); !key.empty()) return key;
    std::string best;
    Query row = query("contacts-of");
    for (row.with(found.event.subject); row.step();) {
        const auto status = contactStatusFrom(row.text(3));
        const bool works = status == consent::ContactStatus::verified ||
                           status == consent::ContactStatus::unverified;
        if (row.text(0) != kEmail || !works || row.text(2).empty()) continue;
        if (best.empty() || status == consent::ContactStatus::verified) best = row.bytes(1);
    }
    return best;
}

void SqlStore::findMail(Projection& projection, const FoundAct& found,
                        const consent::Policy& policy, const MailRules& rules, TimeMs now) {
    const consent::Event& event = found.event;
    const auto* act = std::get_if<consent::Act>(&event.body);
    if (act == nullptr || event.subject.none() || projection.gone(event, true)) return;
    const auto kind = wantedFor(*act, policy);
    const TimeMs expires = event.received + answerMs(policy);
    if (!kind || expires <= now) return;
    const std::string key = mailKeyFor(found);
    if (key.empty()) return; // looked at again once an address comes
    const std::string kiosk = act->method == consent::Method::kiosk ? act->place : std::string();
    query("mail-put")
        .with(event.subject, event.id, Blob{key}, name(*kind), kiosk, now,
              event.received + rules.settleMs, expires, Blob{std::string_view{}})
        .run();
}

/// The next events: those that are acts, and whose addresses came since `since`.
std::size_t SqlStore::lookOn(Cursor& cursor, TimeMs since, std::vector<FoundAct>& acts,
                             std::set<SubjectId>& again) const {
    const Cursor heads = shardHeads();
    std::size_t looked = 0;
    for (std::size_t shard = 0; shard < kShards && looked < kLookMax; ++shard) {
        // A store that went back to a backup looks at its last events once more.
        cursor.position[shard] = std::min(cursor.position[shard], heads.position[shard]);
        if (cursor.position[shard] == heads.position[shard]) continue;
        Query row = query("mail-events");
        for (row.with(static_cast<std::uint64_t>(shard), cursor.position[shard], kLookMax - looked);
             row.step(); ++looked) {
            cursor.position[shard] = static_cast<std::uint64_t>(row.number(0));
            const std::string kind = row.text(6);
            if (kind != "act" && kind != "contact") continue;
            auto header = wire::decodeStoredHeader(row.bytes(3));
            if (!header) continue;
            header->event.received = row.number(4);
            std::string payload(row.bytes(5));
            // What an import brings is nobody's answer.
            const bool fresh = header->event.unc < kDayMs && header->event.received > since;
            if (fresh && (kind == "contact" || !keyIn(payload, _keys).empty()))
                again.insert(header->event.subject);
            if (kind == "act") acts.push_back({std::move(header->event), std::move(payload)});
        }
    }
    return looked;
}

std::vector<SqlStore::FoundAct> SqlStore::actsOf(const SubjectId& subject) const {
    std::vector<FoundAct> all;
    Query row = query("events-told");
    for (row.with(subject); row.step();) {
        auto header = wire::decodeStoredHeader(row.bytes(2));
        if (!header) continue;
        header->event.received = row.number(3);
        all.push_back({std::move(header->event), std::string(row.bytes(5))});
    }
    return all;
}

Result<std::size_t> SqlStore::findMails(const consent::Policy& policy, const MailRules& rules,
                                        TimeMs now) {
    return transaction([&]() -> Result<std::size_t> {
        Cursor cursor;
        {
            Query row = query("setting-get");
            if (row.with(kCursor).step())
                cursor = Cursor::parse(std::string(row.bytes(0))).value_or(Cursor{});
        }
        Projection projection(_statements, _folder, _keys, _rules);
        std::vector<FoundAct> acts;
        std::set<SubjectId> again;
        const std::size_t looked = lookOn(cursor, now - answerMs(policy), acts, again);
        for (const FoundAct& one : acts) findMail(projection, one, policy, rules, now);
        for (const SubjectId& subject : again) {
            for (const FoundAct& one : actsOf(subject))
                findMail(projection, one, policy, rules, now);
        }
        if (looked > 0) query("setting-put").with(kCursor, Blob{cursor.text()}).run();
        return looked;
    });
}

/// Why it may not go out any more; empty: it may.
std::string SqlStore::mailRefusal(Projection& projection, const Judged& person, const Mail& mail,
                                  const consent::Policy& policy) const {
    const auto found = std::ranges::find(person.events, mail.act, &consent::Event::id);
    const auto* act =
        found == person.events.end() ? nullptr : std::get_if<consent::Act>(&found->body);
    if (act == nullptr || person.erased || projection.gone(*found, true)) return "erased";
    if (const auto why = standsAgainst(person, policy.controller.id); !why.empty())
        return std::string(why);
    const crypto::Hash key = hashFrom(mail.key);
    if (query("suppressed").with(key).step()) return "suppressed";
    const auto address = mailAddress(mail.subject, mail.key);
    if (!address || address->address.empty() || address->status == "removed") return "no-address";
    if (address->status == "bounced") return "bounced";
    std::vector<consent::Event> events = person.events;
    if (mail.kind == MailKind::confirm) {
        consent::Event& yes = events.emplace_back(*found);
        yes.id.uuid.bytes[0] = static_cast<std::uint8_t>(yes.id.uuid.bytes[0] ^ 0xFFU);
        yes.body = consent::Confirmed{mail.act, kEmail, address->key};
    }
    // Would its answer count now? Undone, taken back or outdone meanwhile, it would not.
    const consent::History with(events, person.subjects, projection.clocks(), _rules);
    for (const consent::ChoiceItem& item : act->choices) {
        if (!byMail(item) || (mail.kind == MailKind::confirm && !item.confirm)) continue;
        const consent::Key asked{act->controller, item.purpose, item.channel};
        const consent::StateView then = with.state(asked);
        if (then.because != mail.act || !consent::permits(then.state)) continue;
        const consent::StateView before = person.history.state(asked);
        const bool already = before.because == mail.act && consent::permits(before.state);
        if (mail.kind == MailKind::confirm && already) continue;
        const auto others = othersAt(projection, key, asked, person.subjects);
        if (std::ranges::none_of(others, [](consent::State one) { return consent::negative(one); }))
            return {};
    }
    return "settled";
}

/// Until when it must wait; 0: it may go out.
TimeMs SqlStore::mailWaits(const Judged& person, const Mail& mail, const MailRules& rules,
                           TimeMs now) const {
    TimeMs until = 0;
    const TimeMs since = now - rules.betweenMs;
    const auto last = [&](Query& row) {
        row.step();
        if (row.number(0) > 0) until = std::max(until, row.number(0) + rules.betweenMs);
    };
    // A notice waits for whatever went out; a confirmation is not held up by notices.
    const std::string_view beside =
        mail.kind == MailKind::confirm ? name(MailKind::notice) : std::string_view{};
    {
        Query row = query("mails-tried");
        last(row.with(Blob{mail.key}, since, Blob{mail.message}, beside));
    }
    if (mail.kind == MailKind::notice) {
        for (const SubjectId& subject : person.subjects) {
            Query row = query("mails-tried-of");
            last(row.with(subject, since, Blob{mail.message}));
        }
    }
    if (mail.kiosk.empty()) return until;
    for (const auto& [most, within] :
         {std::pair{rules.kioskPerHour, kHourMs}, std::pair{rules.kioskPerDay, kDayMs}}) {
        Query row = query("mails-kiosk");
        row.with(mail.kiosk, now - within, Blob{mail.message}).step();
        if (static_cast<std::uint64_t>(row.number(0)) >= most)
            until = std::max(until, row.number(1) + within);
    }
    return until;
}

std::optional<MailJob> SqlStore::tryClaim(Projection& projection, const Mail& mail,
                                          const consent::Policy& policy, const MailRules& rules,
                                          const crypto::Hash& token, TimeMs now) {
    const auto end = [&](const Mail& one, std::string_view outcome) {
        query("mail-end").with(outcome, now, one.subject, one.act, Blob{one.key}).run();
    };
    const auto person = judged(projection, mail.subject);
    if (mail.expires <= now || !person) {
        end(mail, person ? "expired" : "erased");
        return std::nullopt;
    }
    if (query("mails-stopped").with(Blob{mail.key}, now - rules.stopMs).step()) {
        end(mail, "stopped");
        return std::nullopt;
    }
    if (const std::string why = mailRefusal(projection, *person, mail, policy); !why.empty()) {
        end(mail, why);
        return std::nullopt;
    }
    if (const TimeMs until = mailWaits(*person, mail, rules, now); until > now) {
        query("mail-postpone").with(until, mail.subject, mail.act, Blob{mail.key}).run();
        return std::nullopt;
    }
    MailJob job;
    job.subject = mail.subject;
    job.kind = mail.kind;
    job.message = mail.message.empty()
                      ? std::string(crypto::bytesOf(token)).substr(0, kMessageBytes)
                      : mail.message;
    job.key = crypto::toHex(mail.key);
    job.address = mailAddress(mail.subject, mail.key)->address;
    job.attempts = mail.attempts + 1;
    job.since = mail.foundAt;
    {
        Query row = query("subject-get");
        if (row.with(mail.subject).step()) job.language = row.text(3);
    }
    // One message for all that waits for this address to answer, of the same person.
    for (const Mail& one : mailsOfSubject(mail.subject)) {
        const bool same = one.key == mail.key && one.kind == mail.kind && one.outcome.empty() &&
                          (one.message.empty() || one.message == job.message);
        if (!same || (one.act != mail.act && (one.due > now || one.expires <= now))) continue;
        if (one.act != mail.act && !mailRefusal(projection, *person, one, policy).empty()) continue;
        Query row = query("event-by-id");
        if (!row.with(one.act).step()) continue;
        job.headers.emplace_back(row.bytes(2));
        job.expires = std::max(job.expires, one.expires);
        job.maybes = std::max(job.maybes, one.maybes);
        query("mail-claim")
            .with(now + rules.leaseMs, now, Blob{job.message}, one.subject, one.act, Blob{one.key})
            .run();
    }
    query("mail-token-put").with(token, mail.subject, Blob{job.message}, job.expires).run();
    return job;
}

Result<std::optional<MailJob>> SqlStore::claimMail(const consent::Policy& policy,
                                                   const MailRules& rules,
                                                   const crypto::Hash& token, TimeMs now) {
    return transaction([&]() -> Result<std::optional<MailJob>> {
        std::vector<Mail> due;
        {
            Query row = query("mails-due");
            for (row.with(now); row.step();) due.push_back(mailFrom(row));
        }
        Projection projection(_statements, _folder, _keys, _rules);
        for (const Mail& mail : due) {
            if (auto job = tryClaim(projection, mail, policy, rules, token, now)) return job;
        }
        if (due.empty()) {
            query("mail-tokens-old").with(now - kDayMs).run();
            query("mails-old").with(now - kKeptMs).run();
        }
        return std::optional<MailJob>();
    });
}

Result<void> SqlStore::mailTried(const MailJob& job, const std::string& outcome, TimeMs again,
                                 TimeMs now) {
    return transaction([&]() -> Result<void> {
        if (outcome.empty())
            query("mail-message-again").with(again, job.subject, Blob{job.message}).run();
        else if (outcome == kMaybe)
            query("mail-message-maybe").with(again, job.subject, Blob{job.message}).run();
        else
            query("mail-message-end").with(outcome, now, job.subject, Blob{job.message}, "").run();
        return {};
    });
}

/// One yes that the link's message asked about; nothing where its address is gone.
void SqlStore::addToLink(MailLink& link, const Mail& one) const {
    const bool notMe = one.outcome == kNotMe;
    const auto address = mailAddress(one.subject, one.key);
    if (!address || address->address.empty()) return;
    const bool removed = address->status == "removed";
    if (removed && !notMe) return;
    Query row = query("event-by-id");
    if (!row.with(one.act).step()) return;
    link.headers.emplace_back(row.bytes(2));
    link.kind = one.kind;
    link.key = address->key;
    link.address = address->address;
    link.expires = std::max(link.expires, one.expires);
    link.notMe = link.notMe || notMe;
    link.removed = removed;
}

Result<MailLink> SqlStore::mailLink(const crypto::Hash& token, TimeMs now) const {
    return guarded([&]() -> Result<MailLink> {
        const auto none = fail(Code::notFound, "this link does not lead anywhere any more");
        MailLink link;
        std::string message;
        {
            Query row = query("mail-token");
            if (!row.with(token, now).step()) return none;
            link.subject = SubjectId{row.uuid(0)};
            message = row.bytes(1);
        }
        Projection projection(_statements, _folder, _keys, _rules);
        const auto person = judged(projection, link.subject);
        if (!person || person->erased) return none;
        for (const Mail& one : mailsOfSubject(link.subject)) {
            // However its message ended: a copy may have arrived.
            if (one.message == message && one.outcome != kConfirmed) addToLink(link, one);
        }
        if (link.headers.empty()) return none;
        Query row = query("subject-get");
        if (row.with(link.subject).step()) link.language = row.text(3);
        return link;
    });
}

Result<void> SqlStore::mailAnswered(const crypto::Hash& token, const std::string& outcome,
                                    TimeMs now) {
    return transaction([&]() -> Result<void> {
        SubjectId subject;
        std::string message;
        {
            Query row = query("mail-token");
            if (!row.with(token, now).step()) return fail(Code::notFound, "no such link");
            subject = SubjectId{row.uuid(0)};
            message = row.bytes(1);
        }
        const int changed = query("mail-message-answered")
                                .with(outcome, now, subject, Blob{message}, kConfirmed, kNotMe)
                                .run();
        if (changed == 0) return fail(Code::notFound, "answered already");
        return {};
    });
}

Result<std::vector<MailRow>> SqlStore::mailsOf(const SubjectId& person) const {
    return guarded([&]() -> Result<std::vector<MailRow>> {
        Projection projection(_statements, _folder, _keys, _rules);
        std::vector<MailRow> all;
        for (const SubjectId& subject : projection.component(person)) {
            for (const Mail& one : mailsOfSubject(subject))
                all.push_back({one.act, one.kind, one.outcome, one.foundAt, one.due, one.triedAt,
                               one.expires});
        }
        return all;
    });
}

Result<MailCounts> SqlStore::mailCounts(TimeMs since) const {
    return guarded([&]() -> Result<MailCounts> {
        MailCounts counts;
        Query row = query("mails-counted");
        for (row.with(since); row.step();)
            counts.emplace_back(row.text(0), static_cast<std::uint64_t>(row.number(1)));
        return counts;
    });
}

} // namespace souffleur::store
