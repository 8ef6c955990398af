// The customer's own screen: who has it, what it shows, and what comes back from it.
#include <algorithm>
#include <array>

#include "plugin/counter/State.h"
#include "plugin/crypto/Hash.h"

namespace souffleur::counter {
namespace {

/// What a repeated key is compared by.
std::string bodyHash(const ScreenAnswer& answer) {
    std::string text = answer.handOver.text();
    for (const Answer& each : answer.answers) {
        text += '\n' + each.purpose + '|' + each.channel + '|' +
                std::string(consent::name(each.choice));
    }
    for (const ScreenAddress& each : answer.contacts) {
        text += '\n' + std::string(name(each.kind)) + (each.confirmed ? "!" : "?") +
                (each.corrects ? "~" : "+") + each.value;
    }
    const crypto::Hash hash = crypto::sha256(text);
    return {hash.begin(), hash.end()};
}

tl::unexpected<Refusal> notWithYou() {
    return refuse(Code::conflict, "not-with-you",
                  "these questions are not with the customer any more; nothing was stored");
}

/// A yes stands, whatever its basis; one that waits for the customer's own hand does not.
bool holdsYes(const Item& item) {
    if (item.state == consent::State::withdrawn || item.state == consent::State::objected) {
        return false;
    }
    return consent::permits(item.state) || item.state == consent::State::requested || item.pending;
}

const Item* rowOf(const std::vector<Item>& items, const Answer& answer) {
    const auto found = std::ranges::find_if(items, [&](const Item& item) {
        return item.purpose == answer.purpose && item.channel == answer.channel;
    });
    return found == items.end() ? nullptr : &*found;
}

bool has(const std::vector<Uuid>& ids, const Uuid& id) {
    return std::ranges::find(ids, id) != ids.end();
}

/// The address on file that a correction takes the place of: one that came back, else the first.
const DeskContact* contactOf(const std::vector<DeskContact>& contacts, ContactKind kind) {
    const DeskContact* found = nullptr;
    for (const DeskContact& each : contacts) {
        const bool better =
            found == nullptr || (each.state == "bounced" && found->state != "bounced");
        if (each.kind == kind && better) {
            found = &each;
        }
    }
    return found;
}

} // namespace

bool Counter::Parts::handedStands() const {
    return handed && customer && screenThere.value_or(false) && sitting.mayCapture() &&
           sitting.who() == handed->by && customer->subject == handed->subject &&
           customer->questionSet == handed->questionSet &&
           clock.monotonicMs() - handed->touchedMonoMs < kScreenIdleMs;
}

bool Counter::Parts::isHanded(const Uuid& handOver) const {
    return handedStands() && handed->id == handOver;
}

void Counter::Parts::endHandOver(ScreenEnd how) {
    if (!handed) {
        return;
    }
    handed.reset();
    screenEnded = how;
}

void Counter::Parts::settleHandOver() {
    if (!handed || handedStands()) {
        return;
    }
    const bool idle = clock.monotonicMs() - handed->touchedMonoMs >= kScreenIdleMs;
    endHandOver(!screenThere.value_or(false) ? ScreenEnd::gone
                : idle                       ? ScreenEnd::idle
                                             : ScreenEnd::changed);
}

void Counter::Parts::forgetHandOver() {
    handed.reset();
    screenEnded = ScreenEnd::none;
    screenDone.reset();
}

/// What is to be asked and what the cashier marked; where that is nothing, all that may become a
/// yes: whoever wants to lift an old no does it there.
std::vector<Uuid> Counter::Parts::openRows(const std::vector<Uuid>& marked) const {
    std::vector<Uuid> wanted;
    std::vector<Uuid> open;
    for (const Item& item : customer->items) {
        if (item.asked || has(marked, item.id)) {
            wanted.push_back(item.id);
        }
        if (!holdsYes(item)) {
            open.push_back(item.id);
        }
    }
    return wanted.empty() ? open : wanted;
}

std::vector<ScreenContact> Counter::Parts::screenContacts() const {
    std::vector<ScreenContact> out;
    const Customer view = customerView();
    for (const ContactKind kind : {ContactKind::email, ContactKind::phone, ContactKind::post}) {
        bool wanted = false;
        bool lacking = false;
        for (const Item& item : customer->items) {
            if (has(handed->items, item.id) && kindOf(item.channel) == kind) {
                wanted = true;
                lacking = lacking || item.needsAddress;
            }
        }
        if (!wanted) {
            continue;
        }
        const DeskContact* held = contactOf(view.contacts, kind);
        const bool shown = handed->showsContacts && !lacking && held != nullptr && !restricted();
        out.push_back({kind, lacking, shown ? held->masked : std::string()});
    }
    return out;
}

std::optional<DeskScreen> Counter::Parts::screenView() const {
    if (!screenThere) {
        return std::nullopt;
    }
    DeskScreen view;
    const bool stands = handedStands();
    view.state = stands         ? ScreenState::customer
                 : *screenThere ? ScreenState::ready
                                : ScreenState::away;
    view.showsContacts = stands && handed->showsContacts;
    view.ended = screenEnded;
    return view;
}

/// In the words of record(): the same rules from there on.
Outcome<ActRequest> Counter::Parts::requestFrom(const ScreenAnswer& answer) const {
    ActRequest request;
    request.idempotencyKey = answer.idempotencyKey;
    request.questionSet = handed->questionSet;
    request.subject = handed->subject;
    request.outcome = ActOutcome::save;
    request.answers = answer.answers;
    request.method = consent::Method::screen;
    request.language = customer->language;
    for (std::size_t i = 0; i < answer.answers.size(); ++i) {
        const Item* row = rowOf(customer->items, answer.answers[i]);
        if (row == nullptr || !has(handed->items, row->id)) {
            return refuseFields(
                {{"/answers/" + std::to_string(i), "not-in-question-set", std::nullopt}});
        }
    }
    const Customer view = customerView();
    const std::vector<ScreenContact> shown = screenContacts();
    for (const ScreenAddress& each : answer.contacts) {
        const auto about = std::ranges::find(shown, each.kind, &ScreenContact::kind);
        const DeskContact* held = contactOf(view.contacts, each.kind);
        // One that came back is always corrected; one that works only where it was seen.
        const bool replaces =
            held != nullptr && about != shown.end() &&
            (held->state == "bounced" || (each.corrects && !about->masked.empty()));
        request.contacts.push_back(
            {each.kind, each.value, each.confirmed, replaces ? held->id : Uuid{}});
    }
    return request;
}

void Counter::screenPresent(bool there) {
    const Parts::Entry entry(*_parts);
    if (_parts->screenThere == there) {
        return;
    }
    _parts->screenThere = there;
    _parts->changed();
}

Outcome<void> Counter::handOver(const HandOver& request) {
    const Parts::Entry entry(*_parts);
    Parts& parts = *_parts;
    if (auto may = parts.sitting.mayCapture(); !may) {
        return may;
    }
    parts.sitting.touch(parts.clock.monotonicMs());
    if (auto looked = parts.look(); !looked) {
        return looked;
    }
    if (!parts.customer || request.questionSet.none() ||
        parts.customer->questionSet != request.questionSet) {
        parts.changed();
        return refuse(Code::conflict, "stale-questions",
                      "the questions on the screen are no longer current");
    }
    if (!parts.screenThere.value_or(false)) {
        return refuse(Code::conflict, "screen-away",
                      "no screen for customers is open at this till");
    }
    std::vector<Uuid> rows = parts.openRows(request.marked);
    if (rows.empty() || parts.situation == consent::Situation::phone) {
        return refuse(Code::conflict, "nothing-to-ask", "there is nothing to show to the customer");
    }
    if (parts.handedStands() && parts.handed->items == rows) {
        parts.handed->showsContacts = request.showContacts;
    } else {
        parts.handed =
            Handed{Uuid::random(parts.random), parts.customer->subject, parts.customer->questionSet,
                   parts.sitting.who(),        std::move(rows),         request.showContacts,
                   parts.clock.monotonicMs()};
        parts.screenEnded = ScreenEnd::none;
        parts.audit("hand-over", parts.customer->subject.text());
    }
    parts.changed();
    return {};
}

Outcome<void> Counter::takeBack() {
    const Parts::Entry entry(*_parts);
    if (auto may = _parts->sitting.mayCapture(); !may) {
        return may;
    }
    _parts->sitting.touch(_parts->clock.monotonicMs());
    if (_parts->handed) {
        _parts->endHandOver(ScreenEnd::takenBack);
        _parts->changed();
    }
    return {};
}

ScreenView Counter::shown() const {
    const std::lock_guard lock(_parts->mutex);
    const Parts& parts = *_parts;
    ScreenView view;
    view.house = parts.policy->controller.name;
    view.houseLanguage =
        parts.policy->languages.empty() ? parts.settings.language : parts.policy->languages.front();
    if (!parts.handedStands()) {
        return view;
    }
    view.handOver = parts.handed->id;
    view.language = parts.customer->language;
    view.languages = parts.policy->languages;
    for (const Item& item : parts.customer->items) {
        if (has(parts.handed->items, item.id)) {
            view.questions.push_back(
                {item.purpose, item.channel, *item.notice, kindOf(item.channel)});
        }
    }
    view.contacts = parts.screenContacts();
    return view;
}

Outcome<void> Counter::speakOnScreen(Uuid handOver, const std::string& language) {
    const Parts::Entry entry(*_parts);
    Parts& parts = *_parts;
    if (!parts.isHanded(handOver)) {
        return notWithYou();
    }
    const auto& worded = parts.policy->languages;
    if (std::ranges::find(worded, language) == worded.end()) {
        return refuse(Code::invalid, "language-not-worded", "the pack has no wording in it");
    }
    parts.customer->language = language;
    if (auto looked = parts.look(); !looked) {
        parts.endHandOver(ScreenEnd::changed);
        parts.changed();
        return notWithYou();
    }
    // Another wording is another question: what was answered before it does not count for it.
    parts.handed->id = Uuid::random(parts.random);
    parts.handed->questionSet = parts.customer->questionSet;
    parts.handed->touchedMonoMs = parts.clock.monotonicMs();
    parts.changed();
    return {};
}

Outcome<void> Counter::touchScreen(Uuid handOver) {
    const Parts::Entry entry(*_parts);
    if (!_parts->isHanded(handOver)) {
        return notWithYou();
    }
    _parts->handed->touchedMonoMs = _parts->clock.monotonicMs();
    return {};
}

Outcome<Counter::Recorded> Counter::answerOnScreen(const ScreenAnswer& answer) {
    const Parts::Entry entry(*_parts);
    Parts& parts = *_parts;
    const std::string body = bodyHash(answer);
    if (parts.screenDone && parts.screenDone->handOver == answer.handOver &&
        parts.screenDone->key == answer.idempotencyKey) {
        if (parts.screenDone->body != body) {
            return refuse(Code::conflict, "idempotency-conflict",
                          "this key was used for another answer");
        }
        return Recorded{parts.screenDone->act, true};
    }
    // What another till said meanwhile may have changed what was asked.
    if (!parts.isHanded(answer.handOver)) {
        return notWithYou();
    }
    if (!parts.look() || !parts.isHanded(answer.handOver)) {
        parts.changed();
        return notWithYou();
    }
    auto request = parts.requestFrom(answer);
    if (!request) {
        return tl::make_unexpected(std::move(request.error()));
    }
    parts.handed->touchedMonoMs = parts.clock.monotonicMs();
    auto recorded = parts.take(*request, parts.settings.language, ScreenEnd::answered);
    if (!recorded) {
        return recorded.error().problem == "stale-questions"
                   ? Outcome<Recorded>(notWithYou())
                   : Outcome<Recorded>(tl::make_unexpected(std::move(recorded.error())));
    }
    parts.screenDone = ScreenDone{answer.handOver, answer.idempotencyKey, body, recorded->act};
    return recorded;
}

Outcome<void> Counter::giveBack(Uuid handOver) {
    const Parts::Entry entry(*_parts);
    if (!_parts->isHanded(handOver)) {
        return notWithYou();
    }
    _parts->endHandOver(ScreenEnd::givenBack);
    _parts->changed();
    return {};
}

} // namespace souffleur::counter
