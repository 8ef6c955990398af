#include <algorithm>
#include <array>

#include "plugin/counter/State.h"
#include "plugin/crypto/Hash.h"
#include "plugin/policy/Wordings.h"
#include "plugin/slip/Receipt.h"
#include "plugin/slip/Slip.h"

namespace souffleur::counter {
namespace {

/// The request without its key, hashed: what a repeated key is compared by.
std::string bodyHash(const ActRequest& request) {
    std::string text = request.questionSet.text() + request.subject.text() +
                       std::string(name(request.outcome)) +
                       std::string(consent::name(request.method)) + request.language;
    for (const Answer& answer : request.answers) {
        text += '\n' + answer.purpose + '|' + answer.channel + '|' +
                std::string(consent::name(answer.choice));
    }
    for (const NewContact& contact : request.contacts) {
        text += '\n' + std::string(name(contact.kind)) + (contact.confirmed ? "!" : "?") +
                contact.replaces.text() + contact.value;
    }
    const crypto::Hash hash = crypto::sha256(text);
    return {hash.begin(), hash.end()};
}

} // namespace

/// A wording freezes with the first act that names it: written down before the act, so that no act
/// ever names a wording that may still change.
Outcome<void> Counter::Parts::freezeWordings(const consent::Act& act) {
    for (const consent::ChoiceItem& item : act.choices) {
        if (item.notice.id.empty()) {
            continue;
        }
        const std::string setting = "wording:" + item.notice.id;
        std::string held = ledger.setting(setting).value_or("");
        const std::string line = policy::wordingKey(item.notice) + ' ' + item.notice.sha256 + '\n';
        if (held.find(line) != std::string::npos) {
            continue;
        }
        held += line;
        if (const auto put = ledger.putSetting(setting, held); !put) {
            return refuse(put.error());
        }
    }
    return {};
}

Outcome<Counter::Unattributed> Counter::unattributed() const {
    const std::lock_guard lock(_parts->mutex);
    if (auto may = _parts->sitting.mayLook(); !may) {
        return tl::make_unexpected(may.error());
    }
    auto open = _parts->ledger.unattributed(kUnattributedMax);
    if (!open) {
        return refuse(open.error());
    }
    if (!_parts->readable) {
        for (std::string& name : open->customers) name.clear();
    }
    return Unattributed{std::move(open->acts), std::move(open->customers), open->total};
}

Outcome<void> Counter::attribute(EventId act) {
    const Parts::Entry entry(*_parts);
    if (auto may = _parts->sitting.mayLook(); !may) {
        return may;
    }
    if (const auto done = _parts->ledger.attribute(act, _parts->sitting.who().text()); !done) {
        return done.error().code == Code::notFound
                   ? Outcome<void>(refuse(Code::notFound, "not-found",
                                          "this act has a name, or is not on file"))
                   : Outcome<void>(refuse(done.error()));
    }
    return {};
}

/// The page sends an answer again when it did not hear that it was stored: also when the till went
/// down in between and has nobody on the desk now.
Outcome<std::optional<ActSummary>> Counter::Parts::doneBeforeRestart(const ActRequest& request,
                                                                     const std::string& body,
                                                                     const std::string& language) {
    const auto before = ledger.earlier(request.idempotencyKey.text());
    if (!before) {
        if (before.error().code != Code::notFound) {
            return refuse(before.error());
        }
        return std::optional<ActSummary>();
    }
    if (!before->request.empty() && before->request != body) {
        return refuse(Code::conflict, "idempotency-conflict",
                      "this key was used for another answer");
    }
    ActSummary act;
    act.id = before->events.front().id;
    if (const auto event = ledger.event(act.id)) {
        if (auto full = summary(*event, {}, language)) {
            act = std::move(*full);
        }
    }
    act.outcome = std::string(name(request.outcome));
    remember({request.idempotencyKey, body, act, request.subject});
    return std::optional<ActSummary>(std::move(act));
}

Outcome<Counter::Recorded> Counter::record(const ActRequest& request, const std::string& language) {
    const Parts::Entry entry(*_parts);
    Parts& parts = *_parts;
    if (auto may = parts.sitting.mayCapture(); !may) {
        return tl::make_unexpected(may.error());
    }
    parts.sitting.touch(parts.clock.monotonicMs());
    return parts.take(request, language, ScreenEnd::takenBack);
}

Outcome<Counter::Recorded> Counter::Parts::take(const ActRequest& request,
                                                const std::string& language, ScreenEnd ends) {
    const std::string body = bodyHash(request);
    if (const Done* before = done(request.idempotencyKey); before != nullptr) {
        if (before->body != body) {
            return refuse(Code::conflict, "idempotency-conflict",
                          "this key was used for another answer");
        }
        return Recorded{before->act, true};
    }
    if (auto before = doneBeforeRestart(request, body, language); !before || *before) {
        if (!before) {
            return tl::make_unexpected(std::move(before.error()));
        }
        return Recorded{std::move(**before), true};
    }
    const auto stale = [] {
        return refuse(Code::conflict, "stale-questions",
                      "the questions on the screen are no longer current; nothing was stored");
    };
    if (!customer || customer->subject != request.subject) {
        return stale();
    }
    // What another till said meanwhile must be on the screen before it can be answered.
    if (auto looked = look(); !looked) {
        return tl::make_unexpected(looked.error());
    }
    if (customer->questionSet != request.questionSet ||
        (request.questionSet.none() && request.outcome != ActOutcome::stopEverything)) {
        changed();
        return stale();
    }
    auto planned = plan(request);
    if (!planned) {
        return tl::make_unexpected(planned.error());
    }
    if (const auto frozen = freezeWordings(std::get<consent::Act>(planned->drafts.front().body));
        !frozen) {
        return tl::make_unexpected(frozen.error());
    }
    const auto appended = ledger.append(planned->drafts, request.idempotencyKey.text(), body);
    if (!appended) {
        return refuse(appended.error());
    }
    // From here on the answer is on the disk: nothing below may turn it into a failure.
    OnDesk& it = *customer;
    const ledger::Appended& first = appended->front();
    planned->last.id = first.id;
    it.last = std::move(planned->last);
    it.told = {};
    it.reaches.clear();
    it.onFile = true;
    endHandOver(ends);
    audit("record", first.id.text());
    static_cast<void>(look());
    Recorded stored{{}, first.repeated};
    stored.act.id = first.id;
    if (const auto event = ledger.event(first.id)) {
        if (auto told = summary(*event, {}, language)) {
            stored.act = std::move(*told);
        }
    }
    stored.act.outcome = std::string(name(request.outcome));
    remember({request.idempotencyKey, body, stored.act, request.subject});
    changed();
    return stored;
}

/// Every yes on file that rule 5 does not count yet.
slip::OwnHand Counter::Parts::ownHand() const {
    slip::OwnHand out;
    for (const auto& [key, view] : customer->facts.states) {
        if (view.pending &&
            (view.state == consent::State::withdrawn || view.state == consent::State::objected)) {
            out.insert(key);
        }
    }
    return out;
}

/// The retract, and the addresses as they were before.
Outcome<void> Counter::Parts::takeBack(const Reading& now) {
    LastAct& last = *customer->last;
    std::vector<ledger::Draft> drafts;
    // Of the moment that was looked at: a disk that takes its time must not make it too late.
    drafts.push_back({customer->subject, consent::Retract{last.id, last.by}, {}, now});
    for (consent::Contact contact : last.added) {
        contact.status = consent::ContactStatus::removed;
        drafts.push_back({customer->subject, contact, {}, now});
    }
    for (const consent::Contact& contact : last.replaced) {
        drafts.push_back({customer->subject, contact, {}, now});
    }
    if (const auto done = ledger.append(drafts, "undo-" + last.id.text()); !done) {
        return refuse(done.error());
    }
    last.undone = true;
    return {};
}

/// What still waits for the printer does not come out for an answer that is undone. What is being
/// printed, or is out, stays as it is: the page says so, and the code takes nothing back any more.
void Counter::Parts::dropSlip(EventId act) {
    const PrintJob* newest = jobs.newestOf(act);
    PrintJob* job = newest == nullptr ? nullptr : jobs.find(newest->id);
    if (job == nullptr || printer == nullptr || job->state == JobState::printed) {
        return;
    }
    // Refused where the printer has it in work. A waiting one ends as failed: not on paper.
    const auto gone = printer->discard(jobs.paper(job->id));
    if (gone && job->state == JobState::indeterminate) {
        job->state = JobState::failed; // nobody asks about it, and it is not printed again
        job->expiresAt = 0;
        say([job = *job](CounterEvents& to) { to.jobChanged(job); });
    }
}

/// A slip that waits because the printer cannot print would come out beside the next customer: it
/// is theirs who have gone.
void Counter::Parts::dropSlipsOfOthers(const SubjectId& next) {
    if (printer == nullptr || (printer->state() & printer::kBlocking) == 0) {
        return;
    }
    for (const EventId& act : jobs.waiting()) {
        const auto said = ledger.event(act);
        if (!said || said->event.subject != next) {
            dropSlip(act);
        }
    }
}

Outcome<void> Counter::undo(EventId act) {
    const Parts::Entry entry(*_parts);
    Parts& parts = *_parts;
    if (auto may = parts.sitting.mayCapture(); !may) {
        return may;
    }
    parts.sitting.touch(parts.clock.monotonicMs());
    const bool isLast = parts.customer && parts.customer->last && parts.customer->last->id == act;
    if (isLast && parts.customer->last->undone) {
        return {};
    }
    const Reading now = parts.clock.now();
    if (!isLast || !parts.undoOpen(now)) {
        return refuse(Code::conflict, "undo-over",
                      "only the last answer, by the same operator, before the next customer and "
                      "within five minutes");
    }
    if (auto done = parts.takeBack(now); !done) {
        return done;
    }
    parts.dropSlip(act);
    parts.audit("undo", act.text());
    static_cast<void>(parts.look());
    parts.changed();
    return {};
}

Outcome<PrintJob> Counter::printSlip(EventId act) {
    const Parts::Entry entry(*_parts);
    Parts& parts = *_parts;
    if (auto may = parts.sitting.mayCapture(); !may) {
        return tl::make_unexpected(may.error());
    }
    parts.sitting.touch(parts.clock.monotonicMs());
    if (!parts.customer || !parts.customer->last || parts.customer->last->id != act ||
        parts.customer->last->undone) {
        return refuse(Code::notFound, "not-found", "only the last answer on the desk is printed");
    }
    if (!parts.prints()) {
        return refuse(Code::conflict, "slip-not-offered", "this situation prints nothing");
    }
    if (parts.printer == nullptr) {
        return refuse(Code::unavailable, "printer-unavailable", "no printer is configured");
    }
    const PrintJob* running = parts.jobs.newestOf(act);
    if (running != nullptr &&
        (running->state == JobState::queued || running->state == JobState::printing ||
         running->state == JobState::indeterminate)) {
        return *running;
    }
    const auto event = parts.ledger.event(act);
    if (!event) {
        return refuse(event.error());
    }
    const LastAct& last = *parts.customer->last;
    auto paper = slip::slipDocument(event->event, *parts.policy, last.handle, last.language,
                                    {parts.printer->profile().columns}, parts.ownHand());
    if (!paper) {
        return refuse(paper.error());
    }
    const Uuid id = Uuid::random(parts.random);
    const auto submitted = parts.printer->submit(std::move(*paper), Jobs::tag(id, act));
    if (!submitted) {
        return refuse(Code::unavailable, "printer-unavailable",
                      std::string(printer::refusalText(submitted.error())));
    }
    const TimeMs now = parts.nowMs();
    PrintJob& job =
        parts.jobs.add({id, act, JobState::queued, now, now + kSlipExpiresMs}, *submitted);
    parts.audit("print", act.text());
    parts.say([job](CounterEvents& to) { to.jobChanged(job); });
    parts.changed();
    return job;
}

Outcome<PrintJob> Counter::decide(Uuid id, bool reprint) {
    const Parts::Entry entry(*_parts);
    Parts& parts = *_parts;
    if (auto may = parts.sitting.mayCapture(); !may) {
        return tl::make_unexpected(may.error());
    }
    PrintJob* job = parts.jobs.find(id);
    if (job == nullptr) {
        return refuse(Code::notFound, "not-found", "no such job");
    }
    if (job->state != JobState::indeterminate || parts.printer == nullptr) {
        return refuse(Code::conflict, "job-not-indeterminate",
                      "the job is known to be on paper, or not");
    }
    if (reprint) {
        const auto again = parts.printer->reprint(parts.jobs.paper(id));
        if (!again && again.error() == printer::Refusal::unknownJob) {
            return refuse(Code::conflict, "reprint-over",
                          "the slip is older than two minutes and was dropped");
        }
        if (!again) {
            return refuse(Code::unavailable, "printer-unavailable",
                          std::string(printer::refusalText(again.error())));
        }
        parts.jobs.again(id, *again);
        job->state = JobState::queued; // with the time that it had left
    } else {
        // Forgotten by the printer already: the cashier's word stands all the same.
        static_cast<void>(parts.printer->discard(parts.jobs.paper(id)));
        job->state = JobState::printed;
        job->expiresAt = 0;
    }
    job->at = parts.nowMs();
    parts.audit(reprint ? "reprint" : "print-seen", job->act.text());
    parts.say([job = *job](CounterEvents& to) { to.jobChanged(job); });
    parts.changed();
    return *job;
}

void Counter::jobPrinting(printer::JobId paper, bool printing) {
    const Parts::Entry entry(*_parts);
    PrintJob* job = _parts->jobs.findPaper(paper);
    if (job == nullptr) {
        return;
    }
    job->state = printing ? JobState::printing : JobState::queued;
    job->at = _parts->nowMs();
    _parts->say([job = *job](CounterEvents& to) { to.jobChanged(job); });
    _parts->changed();
}

Outcome<void> Counter::openDrawer() {
    const Parts::Entry entry(*_parts);
    Parts& parts = *_parts;
    if (auto may = parts.sitting.mayLook(); !may) {
        return may;
    }
    parts.sitting.touch(parts.clock.monotonicMs());
    if (!parts.policy->opensDrawer) {
        parts.audit("drawer-refused", "");
        return refuse(Code::refused, "drawer-not-allowed",
                      "the house opens the drawer with a sale only (house.toml, drawer)");
    }
    if (parts.printer == nullptr) {
        return refuse(Code::unavailable, "printer-unavailable", "no printer is configured");
    }
    const TimeMs mono = parts.clock.monotonicMs();
    const TimeMs wait = parts.drawerMonoMs ? *parts.drawerMonoMs + kDrawerEveryMs - mono : 0;
    if (wait > 0) {
        auto refusal = refuse(Code::unavailable, "too-many", "the drawer was opened just now");
        refusal.value().retryAfterMs = wait;
        return refusal;
    }
    const printer::Reasons reasons = parts.printer->state();
    if ((reasons & (printer::kBlocking | printer::kNotDraining)) != 0) {
        return refuse(Code::unavailable, "printer-unavailable",
                      "the printer would not do it now: " + printer::reasonsText(reasons));
    }
    // Noted first: no drawer opens that nobody is noted for.
    if (auto noted = parts.audited("drawer", ""); !noted) {
        return refuse(noted.error());
    }
    const auto kicked = parts.printer->kickDrawer();
    if (!kicked) {
        parts.audit("drawer-failed", "");
        return refuse(Code::unavailable, "printer-unavailable",
                      std::string(printer::refusalText(kicked.error())));
    }
    parts.drawerMonoMs = mono;
    parts.drawerJob = *kicked;
    return {};
}

void Counter::Parts::drawerEnded(const printer::JobReport& report) {
    if (drawerJob != report.id) return;
    drawerJob.reset();
    if (report.end != printer::JobEnd::failed && report.end != printer::JobEnd::expired) return;
    // Who asked was told that it is on its way.
    drawerMonoMs.reset();
    audit("drawer-failed", "");
    say([](CounterEvents& to) { to.drawerStayedShut(); });
}

void Counter::jobEnded(const printer::JobReport& report) {
    const Parts::Entry entry(*_parts);
    PrintJob* job = _parts->jobs.findPaper(report.id);
    if (job == nullptr) {
        _parts->drawerEnded(report);
        return;
    }
    job->state = stateOf(report.end);
    job->at = _parts->nowMs();
    if (job->state != JobState::indeterminate) {
        job->expiresAt = 0;
    }
    _parts->say([job = *job](CounterEvents& to) { to.jobChanged(job); });
    _parts->changed();
}

void Counter::jobRestored(const printer::RestoredJob& restored) {
    const auto found = Jobs::fromTag(restored.tag);
    if (!found) {
        return;
    }
    const Parts::Entry entry(*_parts);
    const TimeMs now = _parts->nowMs();
    const PrintJob& job = _parts->jobs.add(
        {found->id, found->act, restored.indeterminate ? JobState::indeterminate : JobState::queued,
         now, now + kSlipExpiresMs - restored.ageMs},
        restored.id);
    _parts->say([job](CounterEvents& to) { to.jobChanged(job); });
    _parts->changed();
}

void Counter::stateChanged(printer::Reasons /*reasons*/) {
    const Parts::Entry entry(*_parts);
    const PrinterView view = viewOf(_parts->printer, _parts->printerName);
    _parts->say([view](CounterEvents& to) { to.printerChanged(view); });
    // The desk tells of the printer too: an answer made before this must not be taken for newer.
    _parts->changed();
}

Outcome<std::string> Counter::receipt(EventId act, const std::string& language) {
    const Parts::Entry entry(*_parts);
    Parts& parts = *_parts;
    if (auto may = parts.sitting.mayLook(); !may) {
        return tl::make_unexpected(may.error());
    }
    parts.sitting.touch(parts.clock.monotonicMs());
    if (parts.signing == nullptr) {
        return refuse(Code::unsupported, "not-found", "this till has no key to sign receipts with");
    }
    const auto event = parts.ledger.event(act);
    if (!event) {
        return refuse(event.error());
    }
    if (!std::holds_alternative<consent::Act>(event->event.body)) {
        return refuse(Code::notFound, "not-found", "this event is no act");
    }
    slip::ReceiptInput input;
    input.header = event->header;
    input.position = event->event.position;
    input.policy = parts.policy.get();
    input.language = language;
    input.issuedAt = parts.nowMs();
    auto made = slip::makeReceipt(input, *parts.signing);
    if (!made) {
        return refuse(made.error());
    }
    parts.audit("receipt", act.text());
    return std::move(*made);
}

} // namespace souffleur::counter
