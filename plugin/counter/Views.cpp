#include <algorithm>

#include "plugin/contact/Mask.h"
#include "plugin/counter/State.h"
#include "plugin/counter/Undone.h"

namespace souffleur::counter {
namespace {

constexpr std::size_t kContactsShown = 12;
constexpr std::size_t kNoticeRefsMax = 16;

std::string contactState(consent::ContactStatus status, bool suppressed) {
    if (suppressed) {
        return "suppressed";
    }
    switch (status) {
    case consent::ContactStatus::verified:
        return "ok";
    case consent::ContactStatus::bounced:
        return "bounced";
    case consent::ContactStatus::unverified:
    case consent::ContactStatus::removed:
        break;
    }
    return "unconfirmed";
}

std::string stateOf(const consent::ChoiceItem& item, bool confirmed, TimeMs now) {
    if (item.choice != consent::Choice::given) {
        return std::string(consent::name(item.choice));
    }
    if (item.validUntil != consent::kForever && now >= item.validUntil) {
        return "expired";
    }
    return item.confirm && !confirmed ? "unconfirmed" : "given";
}

/// What the cashier pressed, as far as the choices tell.
std::string outcomeOf(const consent::Act& act) {
    if (!consent::live(act.method) || act.method == consent::Method::kiosk ||
        act.method == consent::Method::web) {
        return {};
    }
    const auto all = [&](auto test) { return std::ranges::all_of(act.choices, test); };
    using consent::Choice;
    if (all([](const consent::ChoiceItem& item) { return item.choice == Choice::objected; })) {
        return "stop-everything";
    }
    if (all([](const consent::ChoiceItem& item) { return item.choice == Choice::deferred; })) {
        return "not-now";
    }
    return all([](const consent::ChoiceItem& item) { return negative(item.choice); }) ? "refuse"
                                                                                      : "save";
}

} // namespace

std::string Counter::Parts::placeName(const consent::Token& place) const {
    return place == settings.place ? settings.placeName : place;
}

Customer Counter::Parts::customerView() const {
    const OnDesk& it = *customer;
    Customer view;
    view.subject = it.subject;
    view.language = it.language;
    view.isNew = !it.onFile;
    view.displayName = it.onFile ? it.view.displayName : it.told.displayName;
    view.orders = it.facts.orders;
    view.since = it.facts.customerSince;
    for (const ledger::ContactView& held : it.view.contacts) {
        const auto kind = kindOf(held.channel);
        const Uuid id = contactId(held.key);
        const bool shown = std::ranges::any_of(
            view.contacts, [&](const DeskContact& each) { return each.id == id; });
        if (!kind || shown || held.status == consent::ContactStatus::removed ||
            view.contacts.size() == kContactsShown) {
            continue;
        }
        const auto suppressed = ledger.suppressed(held.key);
        view.contacts.push_back(
            {id, *kind, held.masked, contactState(held.status, suppressed.value_or(true))});
    }
    for (const Reach& reach : it.reaches) {
        if (view.contacts.size() < kContactsShown) {
            view.contacts.push_back({contactId(ledger.contactKey(reach.points.front().canonical)),
                                     reach.kind, reach.masked, reach.works ? "ok" : "unconfirmed"});
        }
    }
    return view;
}

std::vector<DeskQuestion> Counter::Parts::questionViews(const std::string& language) const {
    std::vector<DeskQuestion> out;
    const auto method =
        situation == consent::Situation::phone ? consent::Method::phone : consent::Method::spoken;
    for (const Item& item : customer->items) {
        DeskQuestion question;
        question.id = item.id;
        question.purpose = item.purpose;
        question.channel = item.channel;
        const consent::Notice* words = policy->notice(item.purpose, item.channel, language);
        question.label = words != nullptr ? words->label : item.notice->label;
        question.detail = words != nullptr ? words->detail : item.notice->detail;
        question.notice = item.notice->ref;
        question.asked = item.asked;
        question.answered = answeredName(item);
        question.answeredAt = item.at;
        if (item.needsAddress) {
            question.needsContact = kindOf(item.channel);
        }
        question.confirmBy = confirmBy(item, *policy, method, nowMs());
        out.push_back(std::move(question));
    }
    return out;
}

std::optional<ScriptLine> Counter::Parts::script(const std::string& language) const {
    const auto first = std::ranges::find_if(customer->items, [this](const Item& item) {
        return item.asked && item.notice == customer->flag.line;
    });
    if (first == customer->items.end()) {
        return std::nullopt;
    }
    ScriptLine line;
    line.text = first->notice->line;
    line.language = first->notice->ref.language;
    line.noticeRef = first->notice->ref.id + '@' + std::to_string(first->notice->ref.version);
    const consent::Notice* own = policy->notice(first->purpose, first->channel, language);
    if (own != nullptr && own->ref.language != line.language) {
        line.translation = own->line;
    }
    return line;
}

Outcome<ActSummary> Counter::Parts::summary(const ledger::EventView& event,
                                            const std::vector<ledger::EventView>& all,
                                            const std::string& language) const {
    const auto* act = std::get_if<consent::Act>(&event.event.body);
    if (act == nullptr) {
        return refuse(Code::notFound, "not-found", "this event is no act");
    }
    ActSummary out;
    out.id = event.event.id;
    out.at = event.event.at;
    out.offsetMin = event.event.offsetMin;
    out.outcome = outcomeOf(*act);
    out.method = act->method;
    out.place = placeName(act->place);
    out.own = event.own;
    out.undone = undoneAmong(all).contains(out.id);
    if (event.own && !act->by.none()) {
        if (const auto who = ledger.operators().get(act->by)) {
            out.operatorName = who->name;
        }
    }
    if (const PrintJob* job = jobs.newestOf(out.id); job != nullptr) {
        out.slip = std::string(name(job->state));
    }
    for (const consent::ChoiceItem& item : act->choices) {
        const bool confirmed = std::ranges::any_of(all, [&](const ledger::EventView& each) {
            const auto* click = std::get_if<consent::Confirmed>(&each.event.body);
            return click != nullptr && click->target == out.id && click->channel == item.channel;
        });
        const consent::Notice* words = policy->notice(item.purpose, item.channel, language);
        out.choices.push_back({item.purpose, words != nullptr ? words->label : item.purpose,
                               item.channel, item.choice, stateOf(item, confirmed, nowMs())});
        const std::string ref = item.notice.id + '@' + std::to_string(item.notice.version);
        if (!item.notice.id.empty() && out.noticeRefs.size() < kNoticeRefsMax &&
            std::ranges::find(out.noticeRefs, ref) == out.noticeRefs.end()) {
            out.noticeRefs.push_back(ref);
        }
    }
    return out;
}

} // namespace souffleur::counter
