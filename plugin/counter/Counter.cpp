#include "plugin/counter/Counter.h"

#include <algorithm>
#include <charconv>

#include "plugin/counter/State.h"
#include "plugin/crypto/Pin.h"
#include "plugin/ledger/Ledger.h"

namespace souffleur::counter {

namespace {

/// Well formed, and no PIN gives it: who does not exist takes as long to refuse as who does.
constexpr const char* kNobodysPin = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
                                    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The refusal of an attempt that was not even tried.
tl::unexpected<Refusal> lockedOut(const Error& error, TimeMs now) {
    if (error.code != Code::locked) {
        return refuse(error);
    }
    auto refusal = refuse(Code::locked, "operator-locked-out", "too many wrong attempts");
    TimeMs until = now;
    std::from_chars(error.where.data(), error.where.data() + error.where.size(), until);
    refusal.value().retryAfterMs = std::max<TimeMs>(0, until - now);
    return refusal;
}

tl::unexpected<Refusal> wrong(std::string_view problem, const char* message, int failures) {
    auto refusal = refuse(Code::refused, problem, message);
    refusal.value().attemptsLeft = std::max(0, ledger::Operators::kFailuresMax - failures);
    return refusal;
}

} // namespace

Counter::Counter(CounterParts parts, CounterSettings settings,
                 std::shared_ptr<const consent::Policy> policy)
    : _parts(std::make_unique<Parts>(parts, std::move(settings), std::move(policy))) {}

Counter::~Counter() = default;

void Counter::attach(printer::Printer* printer, std::string name) {
    const Parts::Entry entry(*_parts);
    _parts->printer = printer;
    _parts->printerName = std::move(name);
    _parts->changed();
}

Outcome<void> Counter::usePolicy(std::shared_ptr<const consent::Policy> policy) {
    const Parts::Entry entry(*_parts);
    if (const auto done = _parts->ledger.useRules(policy->stateRules(_parts->nowMs())); !done) {
        return refuse(done.error());
    }
    // Items borrow wordings from the old pack: let them go before it does.
    if (_parts->customer) {
        _parts->customer->items.clear();
        _parts->customer->flag = {};
    }
    _parts->policy = std::move(policy);
    auto looked = _parts->look();
    _parts->changed();
    return looked;
}

Outcome<void> Counter::keepRules() {
    {
        const Parts::Entry entry(*_parts);
        const consent::StateRules rules = _parts->policy->stateRules(_parts->nowMs());
        if (const auto done = _parts->ledger.useRules(rules); !done) {
            return refuse(done.error());
        }
    }
    ledgerChanged();
    return {};
}

std::shared_ptr<const consent::Policy> Counter::policy() const {
    const std::lock_guard lock(_parts->mutex);
    return _parts->policy;
}

void Counter::tick() {
    const Parts::Entry entry(*_parts);
    Parts& parts = *_parts;
    parts.lockWhatIsLeft();
    if (parts.handed && !parts.handedStands()) {
        parts.changed();
    }
    if (parts.undoShown && !parts.undoOpen()) {
        parts.changed();
    }
    parts.leaveOldPaper(parts.clock.monotonicMs());
    if (parts.curtain == 0 || parts.settings.rushBeforeCurtainMs == 0) {
        return;
    }
    const TimeMs now = parts.nowMs();
    const bool near = now >= parts.curtain - parts.settings.rushBeforeCurtainMs;
    const bool over = now >= parts.curtain;
    const bool byClock = parts.rush.on && parts.rush.until != 0;
    if (near && !over && !parts.rush.on) {
        parts.rush = {true, 0, 0, parts.curtain};
    } else if (over && byClock) {
        parts.rush.on = false;
        parts.rush.until = 0;
    } else {
        return;
    }
    if (over || !near) {
        parts.curtain = 0;
    }
    static_cast<void>(parts.look());
    parts.say([rush = parts.rush](CounterEvents& to) { to.rushChanged(rush); });
    parts.changed();
}

void Counter::ledgerChanged() {
    const Parts::Entry entry(*_parts);
    if (!_parts->customer) {
        return;
    }
    const std::string before = _parts->customer->print;
    const consent::FlagKind kind = _parts->customer->flag.kind;
    const TimeMs asOf = _parts->customer->flag.asOf;
    _parts->meetAgain();
    if (_parts->look() &&
        (before != _parts->customer->print || kind != _parts->customer->flag.kind ||
         asOf != _parts->customer->flag.asOf)) {
        _parts->changed();
    }
}

void Counter::setCurtain(TimeMs at) {
    const std::lock_guard lock(_parts->mutex);
    _parts->curtain = at;
}

Session Counter::session() const {
    const std::lock_guard lock(_parts->mutex);
    return _parts->sitting.view(_parts->nowMs());
}

Outcome<std::vector<OperatorTile>> Counter::operators() const {
    const std::lock_guard lock(_parts->mutex);
    return _parts->sitting.tiles(_parts->nowMs());
}

Outcome<bool> Counter::badgesInUse() const {
    const auto rows = _parts->ledger.operators().list();
    if (!rows) {
        return refuse(rows.error());
    }
    return std::ranges::any_of(*rows,
                               [](const ledger::Operator& row) { return !row.badge.empty(); });
}

Outcome<Session> Counter::signIn(OperatorId who, std::string_view pin) {
    Parts& parts = *_parts;
    // Counting and hashing go without the mutex: a till must not stand still while somebody
    // guesses.
    const TimeMs now = parts.nowMs();
    const auto row = parts.ledger.operators().attempt(who, now);
    if (!row) {
        return lockedOut(row.error(), now);
    }
    const auto right = parts.pins.verify(pin, row->pin.empty() ? kNobodysPin : row->pin);
    if (!right) {
        return refuse(right.error());
    }
    if (!*right) {
        const Parts::Entry entry(parts);
        // What is asked for may be any id: only those on file are noted.
        parts.audit("sign-in-failed", row->id.none() ? std::string() : row->id.text());
        return wrong("pin-wrong", "this is not the PIN", row->failures);
    }
    static_cast<void>(parts.ledger.operators().succeeded(who));
    return parts.begin(*row, now);
}

Outcome<Session> Counter::signInByBadge(std::string_view code, bool scanned) {
    Parts& parts = *_parts;
    const TimeMs now = parts.nowMs();
    const auto door = scanned ? ledger::BadgeDoor::scanner : ledger::BadgeDoor::reader;
    const auto failures = parts.ledger.operators().attemptBadge(now, door);
    if (!failures) {
        return lockedOut(failures.error(), now);
    }
    const auto badge = parts.pins.badge(code);
    const auto row = badge ? parts.ledger.operators().holder(*badge)
                           : Result<ledger::Operator>(fail(Code::notFound, "no badge"));
    if (!row) {
        if (row.error().code != Code::notFound) {
            return refuse(row.error());
        }
        const Parts::Entry entry(parts);
        parts.audit("badge-failed", "");
        return wrong("badge-unknown", "nobody here has this badge", *failures);
    }
    static_cast<void>(parts.ledger.operators().badgeSucceeded(door));
    return parts.begin(*row, now);
}

Session Counter::Parts::begin(const ledger::Operator& row, TimeMs now) {
    const Entry entry(*this);
    sitting.signedIn(row, clock.monotonicMs());
    audit("sign-in", "");
    Session view = sitting.view(now);
    say([view](CounterEvents& to) { to.sessionChanged(view); });
    changed();
    return view;
}

Session Counter::signOut() {
    const Parts::Entry entry(*_parts);
    _parts->audit("sign-out", "");
    _parts->sitting.signOut();
    _parts->endHandOver(ScreenEnd::takenBack);
    Session view = _parts->sitting.view(_parts->nowMs());
    _parts->say([view](CounterEvents& to) { to.sessionChanged(view); });
    return view;
}

Session Counter::lock() {
    const Parts::Entry entry(*_parts);
    _parts->audit("lock", "");
    _parts->sitting.lock();
    _parts->endHandOver(ScreenEnd::takenBack);
    Session view = _parts->sitting.view(_parts->nowMs());
    _parts->say([view](CounterEvents& to) { to.sessionChanged(view); });
    return view;
}

Outcome<Session> Counter::goUnidentified() {
    const Parts::Entry entry(*_parts);
    const auto gone = _parts->sitting.goUnidentified(_parts->nowMs(), _parts->clock.monotonicMs());
    if (!gone) {
        return tl::make_unexpected(gone.error());
    }
    _parts->audit("unidentified", "");
    Session view = _parts->sitting.view(_parts->nowMs());
    _parts->say([view](CounterEvents& to) { to.sessionChanged(view); });
    _parts->changed();
    return view;
}

Outcome<OperatorId> Counter::enrolOperator(OperatorId id, std::string_view name,
                                           std::string_view role, std::string_view pin) {
    ledger::Operator row;
    if (!id.none()) {
        if (const auto old = _parts->ledger.operators().get(id)) {
            row = *old;
        }
    }
    row.id = id.none() ? OperatorId::random(_parts->random) : id;
    row.name = std::string(name);
    row.role = std::string(role);
    if (!pin.empty()) {
        auto hash = _parts->pins.hash(pin, _parts->random);
        if (!hash) {
            return refuse(hash.error());
        }
        row.pin = std::move(*hash);
    }
    const auto put = _parts->ledger.operators().put(row);
    const std::lock_guard lock(_parts->mutex);
    if (!put) {
        return refuse(put.error());
    }
    _parts->audit("enrol-operator", row.id.text());
    return row.id;
}

HostFlag Counter::hostFlag() const {
    const std::lock_guard lock(_parts->mutex);
    HostFlag flag;
    flag.quiet = !_parts->customer || _parts->rush.on || !_parts->sitting.mayCapture();
    if (!_parts->customer) {
        return flag;
    }
    const OnDesk& it = *_parts->customer;
    flag.kind = it.flag.kind;
    flag.asOf = it.flag.asOf;
    if (it.flag.line != nullptr && !flag.quiet) {
        flag.script = it.flag.line->line;
        flag.scriptLanguage = it.flag.line->ref.language;
    }
    return flag;
}

Outcome<HostFlag> Counter::hostSelected(const HostCustomer& host) {
    if (host.system.empty() || host.id.empty() || !consent::isToken(host.system)) {
        hostCleared();
        return hostFlag();
    }
    {
        const Parts::Entry entry(*_parts);
        const std::string hostKey = host.system + '\n' + host.id;
        if (_parts->customer && _parts->customer->hostKey == hostKey) {
            // The same sale goes on: undo and the last answer stay.
            if (host.bySystem) {
                _parts->customer->basket = host.basket;
            }
            _parts->customer->fromPaper = _parts->customer->fromPaper && host.fromPaper;
            if (_parts->situationSource != SituationSource::cashier &&
                (host.bySystem || host.situation)) {
                _parts->settleSituation(host.situation);
            }
        } else {
            OnDesk next = _parts->recognise(host);
            next.hostKey = hostKey;
            next.fromPaper = host.fromPaper;
            _parts->arrive(std::move(next), host.situation);
        }
        _parts->customer->toldMonoMs = _parts->clock.monotonicMs();
        if (auto looked = _parts->look(); !looked) {
            _parts->leave();
            return tl::make_unexpected(looked.error());
        }
        _parts->audit("select", _parts->customer->subject.text());
        _parts->changed();
    }
    return hostFlag();
}

void Counter::hostCleared() {
    const Parts::Entry entry(*_parts);
    _parts->leave();
}

Outcome<Desk> Counter::desk(const std::string& language) const {
    const Parts::Entry entry(*_parts);
    Parts& parts = *_parts;
    if (auto may = parts.sitting.mayCapture(); !may) {
        return tl::make_unexpected(may.error());
    }
    Desk desk;
    desk.revision = parts.revision;
    desk.situation = parts.situation;
    desk.situationSource = parts.situationSource;
    desk.rush = parts.rush;
    desk.printer = viewOf(parts.printer, parts.printerName);
    desk.drawerOffered = parts.drawerOffered();
    desk.screen = parts.screenView();
    if (!parts.customer) {
        return desk;
    }
    const OnDesk& it = *parts.customer;
    desk.questionSet = it.questionSet;
    desk.customer = parts.customerView();
    desk.questions = parts.questionViews(language);
    if (!parts.rush.on) {
        desk.script = parts.script(language);
        DeskFlag flag;
        flag.kind = it.flag.kind;
        flag.reasons =
            reasonsOf(it.flag, it.facts, *parts.policy, it.basket, parts.situation, parts.nowMs());
        dateWaiting(flag.reasons, it.items);
        if (it.flag.lastNo && it.view.subjects.size() > 1) {
            flag.reasons.push_back(
                {"records-linked", 0, static_cast<int>(it.view.subjects.size()), {}});
        }
        if (it.doubtedAt != 0) {
            flag.reasons.push_back({"clock-in-doubt", it.doubtedAt, 0, {}});
        }
        flag.lastNo = it.flag.lastNo;
        if (flag.lastNo) {
            flag.lastNo->place = parts.placeName(flag.lastNo->place);
        }
        flag.asOf = it.flag.asOf;
        flag.ageMs = it.flag.asOf == 0 ? 0 : std::max<TimeMs>(0, parts.nowMs() - it.flag.asOf);
        flag.againAt = it.flag.againAt;
        desk.flag = std::move(flag);
    }
    if (it.flag.kind != consent::FlagKind::restricted) {
        desk.preferences = it.preferences;
    }
    if (it.last && !it.last->undone) {
        const auto event = parts.ledger.event(it.last->id);
        if (event) {
            if (auto summary = parts.summary(*event, {}, language)) {
                summary->outcome = std::string(name(it.last->outcome));
                desk.lastAct = std::move(*summary);
            }
        }
        desk.undo.act = it.last->id;
        desk.undo.available = parts.undoOpen();
        desk.undo.until = it.last->when.at + consent::kRetractMaxMs;
        desk.slipOffered = parts.prints() && parts.printer != nullptr;
    }
    return desk;
}

Outcome<void> Counter::select(SubjectId subject) {
    const Parts::Entry entry(*_parts);
    auto may = _parts->sitting.mayCapture();
    return may ? _parts->open(subject) : may;
}

Outcome<void> Counter::selectFound(SubjectId subject) {
    const Parts::Entry entry(*_parts);
    auto may = _parts->sitting.mayLook();
    return may ? _parts->open(subject) : may;
}

Outcome<void> Counter::Parts::open(SubjectId subject) {
    sitting.touch(clock.monotonicMs());
    if (customer && customer->subject == subject) {
        customer->fromPaper = false;
        return {};
    }
    if (auto may = mayRead(); !may) {
        return may;
    }
    const auto person = ledger.person(subject);
    if (!person) {
        return person.error().code == Code::notFound
                   ? Outcome<void>(refuse(Code::notFound, "subject-unknown",
                                          "nobody is on file under this id"))
                   : Outcome<void>(refuse(person.error()));
    }
    OnDesk next;
    next.subject = subject;
    arrive(std::move(next), std::nullopt);
    auto looked = look();
    if (!looked) {
        leave();
        return looked;
    }
    audit("select", subject.text());
    changed();
    return {};
}

Outcome<void> Counter::clear() {
    const Parts::Entry entry(*_parts);
    if (auto may = _parts->sitting.mayCapture(); !may) {
        return may;
    }
    _parts->sitting.touch(_parts->clock.monotonicMs());
    _parts->leave();
    return {};
}

Outcome<void> Counter::setSituation(consent::Situation situation, bool keep) {
    const Parts::Entry entry(*_parts);
    if (auto may = _parts->sitting.mayCapture(); !may) {
        return may;
    }
    _parts->sitting.touch(_parts->clock.monotonicMs());
    _parts->situation = situation;
    _parts->situationSource = SituationSource::cashier;
    _parts->kept = keep ? std::optional(situation) : std::nullopt;
    auto looked = _parts->look();
    _parts->changed();
    return looked;
}

Outcome<void> Counter::setRush(bool on) {
    const Parts::Entry entry(*_parts);
    if (auto may = _parts->sitting.mayCapture(); !may) {
        return may;
    }
    _parts->sitting.touch(_parts->clock.monotonicMs());
    if (on != _parts->rush.on) {
        // The count stays to be read after the rush; a new rush begins at nought.
        _parts->rush = on ? Rush{true, 0, 0, 0}
                          : Rush{false, _parts->rush.missed, _parts->rush.missedQuestions, 0};
        if (!on) {
            _parts->curtain = 0; // the hand wins over the clock until the next curtain is set
        }
        if (_parts->customer) {
            _parts->customer->countedMissed = false;
        }
        _parts->say([rush = _parts->rush](CounterEvents& to) { to.rushChanged(rush); });
    }
    auto looked = _parts->look();
    _parts->changed();
    return looked;
}

Outcome<void> Counter::setLanguage(const std::string& language) {
    const Parts::Entry entry(*_parts);
    if (auto may = _parts->sitting.mayCapture(); !may) {
        return may;
    }
    _parts->sitting.touch(_parts->clock.monotonicMs());
    const auto& worded = _parts->policy->languages;
    if (std::ranges::find(worded, language) == worded.end()) {
        return refuse(Code::invalid, "language-not-worded", "the pack has no wording in it");
    }
    if (_parts->customer) {
        _parts->customer->language = language;
    }
    auto looked = _parts->look();
    _parts->changed();
    return looked;
}

} // namespace souffleur::counter
