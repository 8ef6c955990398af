#include "kiosk/terminal/Doors.h"

#include "kiosk/terminal/FlagWords.h"

namespace souffleur::terminal {
namespace {

counter::HostCustomer customerFrom(const host::Selection& selection) {
    counter::HostCustomer customer;
    customer.system = selection.system;
    customer.id = selection.id;
    customer.name = selection.name;
    customer.email = selection.email;
    customer.phone = selection.phone;
    customer.card = selection.card;
    customer.language = selection.language;
    customer.fromPaper = selection.fromPaper;
    customer.bySystem = selection.ref != host::SelectionRef{};
    if (selection.situation)
        customer.situation = static_cast<consent::Situation>(*selection.situation);
    for (const host::BasketItem& item : selection.basket) {
        if (!item.partner.empty()) customer.basket.partners.push_back(item.partner);
        if (!item.genre.empty()) customer.basket.genres.push_back(item.genre);
    }
    return customer;
}

} // namespace

void Doors::open(counter::Counter& counter, host::SelectionServer& hosts,
                 std::function<void()> onChange) {
    const std::lock_guard lock(_mutex);
    _counter = &counter;
    _hosts = &hosts;
    _onChange = std::move(onChange);
}

void Doors::close() {
    const std::lock_guard lock(_mutex);
    _counter = nullptr;
    _hosts = nullptr;
    _onChange = nullptr;
}

void Doors::selected(const host::Selection& selection) {
    counter::Counter* counter = nullptr;
    {
        const std::lock_guard lock(_mutex);
        _present = selection.ref;
        counter = _counter;
    }
    if (counter == nullptr) return;
    if (const auto flag = counter->hostSelected(customerFrom(selection))) publish(*flag);
}

void Doors::passed(const host::Selection& selection) {
    counter::Counter* counter = nullptr;
    {
        const std::lock_guard lock(_mutex);
        counter = _counter;
    }
    if (counter != nullptr) counter->hostPassed(customerFrom(selection));
}

void Doors::cleared(const host::SelectionRef& ref) {
    counter::Counter* counter = nullptr;
    {
        const std::lock_guard lock(_mutex);
        if (!(_present == ref)) return; // a later customer is on the desk already
        _present = {};
        counter = _counter;
    }
    if (counter != nullptr) counter->hostCleared();
}

void Doors::completed(const host::Completed&) {
    // A finished sale changes nothing that may be asked; the order itself comes by import or
    // follower.
}

void Doors::publish(const counter::HostFlag& flag) {
    host::SelectionServer* hosts = nullptr;
    host::FlagView view;
    {
        const std::lock_guard lock(_mutex);
        hosts = _hosts;
        view.ref = _present;
    }
    if (hosts == nullptr || view.ref == host::SelectionRef{}) return;
    if (!flag.quiet) {
        view.kind = consent::name(flag.kind);
        view.icon = flagIcon(flag.kind);
        view.words = flagWords(flag.kind, _language);
        view.script = flag.script;
        view.scriptLanguage = flag.scriptLanguage;
        view.asOf = flag.asOf;
    }
    hosts->publishFlag(view);
}

void Doors::deskChanged(std::uint64_t revision, bool selected) {
    for (counter::CounterEvents* listener : _listeners) listener->deskChanged(revision, selected);
    counter::Counter* counter = nullptr;
    std::function<void()> onChange;
    {
        const std::lock_guard lock(_mutex);
        counter = _counter;
        onChange = _onChange;
    }
    if (counter != nullptr && selected) publish(counter->hostFlag());
    if (onChange) onChange();
}

void Doors::jobChanged(const counter::PrintJob& job) {
    for (counter::CounterEvents* listener : _listeners) listener->jobChanged(job);
}

void Doors::drawerStayedShut() {
    for (counter::CounterEvents* listener : _listeners) listener->drawerStayedShut();
}

void Doors::printerChanged(const counter::PrinterView& printer) {
    for (counter::CounterEvents* listener : _listeners) listener->printerChanged(printer);
}

void Doors::sessionChanged(const counter::Session& session) {
    for (counter::CounterEvents* listener : _listeners) listener->sessionChanged(session);
    counter::Counter* counter = nullptr;
    {
        const std::lock_guard lock(_mutex);
        counter = _counter;
    }
    if (counter == nullptr) return;
    // Who left the till leaves nothing on the ticketing screen; who comes hears of the desk itself.
    if (const counter::HostFlag flag = counter->hostFlag(); flag.quiet) publish(flag);
}

void Doors::rushChanged(const counter::Rush& rush) {
    for (counter::CounterEvents* listener : _listeners) listener->rushChanged(rush);
}

} // namespace souffleur::terminal
