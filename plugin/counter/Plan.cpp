// From what the cashier pressed to what goes into the ledger.
#include <algorithm>

#include "plugin/counter/State.h"
#include "plugin/slip/Slip.h"

namespace souffleur::counter {
namespace {

using consent::Choice;
using consent::Method;

FieldError field(std::string pointer, std::string code) {
    return {std::move(pointer), std::move(code), std::nullopt};
}

bool fitsSituation(Method method, consent::Situation situation) {
    if (situation == consent::Situation::phone) {
        return method == Method::phone;
    }
    return method == Method::spoken || method == Method::screen || method == Method::paper;
}

/// A "no" to something that stands takes it back (GDPR 7(3)); to anything else it refuses.
Choice noTo(const Item& item) {
    return item.state == consent::State::given || item.state == consent::State::requested ||
                   item.pending
               ? Choice::withdrawn
               : Choice::refused;
}

const Item* itemFor(const std::vector<Item>& items, const Answer& answer) {
    const auto found = std::ranges::find_if(items, [&](const Item& item) {
        return item.purpose == answer.purpose && item.channel == answer.channel;
    });
    return found == items.end() ? nullptr : &*found;
}

/// The contact point as events name it; of no status yet.
consent::Contact keyed(const ledger::Ledger& ledger, const wire::ContactPoint& point) {
    return {point.channel, ledger.contactKey(point.canonical), consent::ContactStatus::unverified};
}

const ledger::ContactView* find(const std::vector<ledger::ContactView>& onFile,
                                const consent::Contact& contact) {
    const auto found = std::ranges::find_if(onFile, [&](const ledger::ContactView& each) {
        return each.channel == contact.channel && each.key == contact.contactKey;
    });
    return found == onFile.end() ? nullptr : &*found;
}

/// The answer, if there is one, names the address that was meant, which is on file.
void nameOnAnswer(std::vector<ledger::Draft>& drafts, const Reach& reach,
                  const wire::ContactPoint& point) {
    if (drafts.empty()) {
        return;
    }
    wire::PersonData& said = drafts.front().person;
    said.contacts.push_back(point);
    if (reach.kind == ContactKind::post) {
        said.address = reach.address;
    }
}

/// Does it take the place of `before`? Not of itself.
bool corrects(const Reach& reach, const ledger::ContactView& before, const ledger::Ledger& ledger) {
    return !reach.replaces.none() && contactId(before.key) == reach.replaces &&
           std::ranges::none_of(reach.points, [&](const wire::ContactPoint& point) {
               return keyed(ledger, point).contactKey == before.key;
           });
}

std::vector<FieldError> faults(const ActRequest& request, const std::vector<Item>& items) {
    std::vector<FieldError> out;
    const bool saves = request.outcome == ActOutcome::save;
    if (saves && request.answers.empty()) {
        out.push_back(field("/answers", "missing"));
    }
    if (!saves && !request.answers.empty()) {
        out.push_back(field("/answers", "out-of-range"));
    }
    if (request.answers.size() > kQuestionsMax) {
        out.push_back(field("/answers", "too-long"));
        return out;
    }
    for (std::size_t i = 0; i < request.answers.size(); ++i) {
        const Answer& answer = request.answers[i];
        const std::string at = "/answers/" + std::to_string(i);
        if (itemFor(items, answer) == nullptr) {
            out.push_back(field(at, "not-in-question-set"));
        }
        if (answer.choice != Choice::given && answer.choice != Choice::refused &&
            answer.choice != Choice::deferred) {
            out.push_back(field(at + "/choice", "out-of-range"));
        }
        const auto twin = [&](const Answer& other) {
            return other.purpose == answer.purpose && other.channel == answer.channel;
        };
        const auto end = request.answers.begin() + static_cast<std::ptrdiff_t>(i);
        if (std::any_of(request.answers.begin(), end, twin)) {
            out.push_back(field(at, "duplicate"));
        }
    }
    const bool speaksForAsked = request.outcome == ActOutcome::refuse ||
                                request.outcome == ActOutcome::notNow ||
                                request.outcome == ActOutcome::unclear;
    if (speaksForAsked && std::ranges::none_of(items, &Item::asked)) {
        out.push_back(field("/outcome", "out-of-range"));
    }
    if (request.contacts.size() > kNewContactsMax) {
        out.push_back(field("/contacts", "too-long"));
    }
    return out;
}

/// A yes that the law lets stand only beside another one, which is neither on file nor given now.
std::vector<FieldError> unfounded(const ActRequest& request, const consent::PersonFacts& facts,
                                  const consent::Policy& policy, TimeMs now) {
    std::vector<FieldError> out;
    for (std::size_t i = 0; i < request.answers.size(); ++i) {
        const Answer& answer = request.answers[i];
        const auto needed = policy.prerequisite(answer.purpose, answer.channel, now);
        if (answer.choice != Choice::given || !needed) {
            continue;
        }
        const auto held = facts.states.find(*needed);
        const auto given = [&](const Answer& other) {
            return other.purpose == needed->first && other.channel == needed->second;
        };
        // What is said now decides, whatever was said before.
        const auto saidNow = std::ranges::find_if(request.answers, given);
        const bool stands =
            saidNow != request.answers.end()
                ? saidNow->choice == Choice::given
                : held != facts.states.end() &&
                      consent::stateAsOf(held->second, now) == consent::State::given;
        if (!stands) {
            out.push_back(field("/answers/" + std::to_string(i), "needs-other-consent"));
        }
    }
    return out;
}

/// The plain choices, before the pack's rules are frozen into them.
std::vector<consent::ChoiceItem> said(const ActRequest& request, const std::vector<Item>& items) {
    std::vector<consent::ChoiceItem> out;
    const auto add = [&out](const consent::Token& purpose, const consent::Token& channel,
                            Choice choice) {
        consent::ChoiceItem item;
        item.purpose = purpose;
        item.channel = channel;
        item.choice = choice;
        out.push_back(std::move(item));
    };
    if (request.outcome == ActOutcome::stopEverything) {
        add(consent::Token(consent::kAny), consent::Token(consent::kAny), Choice::objected);
    } else if (request.outcome == ActOutcome::save) {
        for (const Answer& answer : request.answers) {
            const Item& item = *itemFor(items, answer);
            add(item.purpose, item.channel,
                answer.choice == Choice::refused ? noTo(item) : answer.choice);
        }
    } else {
        for (const Item& item : items) {
            if (item.asked) {
                add(item.purpose, item.channel,
                    request.outcome == ActOutcome::refuse ? noTo(item) : Choice::deferred);
            }
        }
    }
    return out;
}

} // namespace

Outcome<std::vector<Reach>> Counter::Parts::reaches(const std::vector<NewContact>& typed) {
    std::vector<Reach> out;
    std::vector<FieldError> wrong;
    for (std::size_t i = 0; i < typed.size(); ++i) {
        auto reach = reachOf(typed[i], settings.region, folder, "/contacts/" + std::to_string(i));
        if (reach) {
            out.push_back(std::move(*reach));
        } else {
            wrong.push_back(std::move(reach.error()));
        }
    }
    if (!wrong.empty()) {
        return refuseFields(std::move(wrong));
    }
    return out;
}

Outcome<std::vector<consent::ChoiceItem>> Counter::Parts::choices(const ActRequest& request,
                                                                  const std::vector<Reach>& typed,
                                                                  const Held& onFile) const {
    const OnDesk& it = *customer;
    if (auto wrong = faults(request, it.items); !wrong.empty()) {
        return refuseFields(std::move(wrong));
    }
    if (auto wrong = unfounded(request, it.facts, *policy, nowMs()); !wrong.empty()) {
        return refuseFields(std::move(wrong));
    }
    std::vector<consent::ChoiceItem> out = said(request, it.items);
    for (consent::ChoiceItem& choice : out) {
        if (choice.purpose == consent::kAny) {
            continue;
        }
        const Item& item = *itemFor(it.items, {choice.purpose, choice.channel, choice.choice});
        const bool isTyped = std::ranges::any_of(typed, [&](const Reach& reach) {
            return std::ranges::any_of(reach.points, [&](const wire::ContactPoint& point) {
                const ledger::ContactView* known = find(onFile, keyed(ledger, point));
                const bool works =
                    known != nullptr && known->status == consent::ContactStatus::verified;
                return point.channel == choice.channel && !works;
            });
        });
        // A yes without any address waits as well: whatever address comes is a new one.
        const bool newAddress = isTyped || item.unverified || item.needsAddress;
        policy->freeze(choice, request.method, nowMs(), newAddress, item.lifting, it.language);
        // It is later than every no of this till, and may be meant by somebody who was shown none
        // of them: only their own click makes it count.
        choice.confirm = choice.confirm || (item.unread && choice.choice == Choice::given);
    }
    return out;
}

Counter::Parts::Held Counter::Parts::held() const {
    auto person = ledger.person(customer->subject);
    if (!person) {
        return {};
    }
    std::erase_if(person->contacts, [](const ledger::ContactView& each) {
        return each.status == consent::ContactStatus::removed;
    });
    return std::move(person->contacts);
}

/// What is on file already keeps its status, whatever it is: that somebody typed it again neither
/// takes a confirmation away nor makes one that came back work (ADR 0004), and an undo leaves it
/// alone. The address itself comes along with the answer: it is the one that was meant.
void Counter::Parts::addContacts(Plan& plan, const std::vector<Reach>& reached, bool typed,
                                 const Held& onFile) const {
    const SubjectId& subject = customer->subject;
    for (const Reach& reach : reached) {
        for (const wire::ContactPoint& point : reach.points) {
            consent::Contact contact = keyed(ledger, point);
            if (find(onFile, contact) != nullptr) {
                if (typed) {
                    nameOnAnswer(plan.drafts, reach, point);
                }
                continue;
            }
            if (reach.works) {
                contact.status = consent::ContactStatus::verified;
            }
            ledger::Draft draft;
            draft.subject = subject;
            draft.body = contact;
            draft.person.contacts.push_back(point);
            draft.person.address = reach.address;
            plan.drafts.push_back(std::move(draft));
            // What the ticketing system supplies stays when the answer is taken back.
            if (typed) {
                plan.last.added.push_back(contact);
            }
        }
        for (const ledger::ContactView& before : onFile) {
            if (!corrects(reach, before, ledger)) {
                continue;
            }
            consent::Contact gone{before.channel, before.key, before.status};
            plan.last.replaced.push_back(gone);
            gone.status = consent::ContactStatus::removed;
            plan.drafts.push_back({subject, gone, {}, {}});
        }
    }
}

Outcome<Counter::Parts::Plan> Counter::Parts::plan(const ActRequest& request) {
    const OnDesk& it = *customer;
    if (!fitsSituation(request.method, situation)) {
        return refuseFields({field("/method", "out-of-range")});
    }
    if (request.language != it.language && !it.items.empty()) {
        return refuseFields({field("/language", "out-of-range")});
    }
    auto typed = reaches(request.contacts);
    if (!typed) {
        return tl::make_unexpected(typed.error());
    }
    if (!typed->empty() && restricted()) {
        return refuse(Code::notFound, "subject-unknown", "this person is not on the desk");
    }
    const Held onFile = held();
    auto items = choices(request, *typed, onFile);
    if (!items) {
        return tl::make_unexpected(items.error());
    }
    if (!stores()) {
        const bool onlyNo = std::ranges::all_of(
            *items, [](const consent::ChoiceItem& item) { return negative(item.choice); });
        if (!it.onFile || !onlyNo || !typed->empty()) {
            return refuse(Code::conflict, "no-pupils", "nothing is stored about pupils");
        }
    }
    Plan plan;
    plan.last.handle = crypto::randomHandle(random);
    plan.last.by = sitting.who();
    plan.last.outcome = request.outcome;
    plan.last.language = it.language;
    plan.last.when = clock.now();
    plan.last.monoMs = clock.monotonicMs();
    consent::Act act;
    act.controller = policy->controller.id;
    act.choices = std::move(*items);
    act.seen = it.seen;
    act.method = request.method;
    act.by = plan.last.by;
    act.place = settings.place;
    if (slip::leavesSomething(act)) {
        act.withdrawHandleHash = slip::handleHashHex(plan.last.handle);
    }
    ledger::Draft draft;
    draft.subject = it.subject;
    draft.body = std::move(act);
    draft.person = it.told;
    if (!it.onFile && draft.person.language.empty()) {
        draft.person.language = it.language;
    }
    draft.when = plan.last.when;
    plan.drafts.push_back(std::move(draft));
    addContacts(plan, *typed, true, onFile);
    if (!restricted()) {
        addContacts(plan, it.reaches, false, onFile);
    }
    return plan;
}

} // namespace souffleur::counter
