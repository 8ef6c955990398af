// What happens between the doors: a ticketing system selects, the counter answers, pages and sync
// are told.
#pragma once

#include <mutex>
#include <vector>

#include "plugin/counter/Counter.h"
#include "plugin/host/SelectionServer.h"

namespace souffleur::terminal {

/// Wires host, counter and listeners. Set up before the first event; afterwards any thread.
class Doors final : public counter::CounterEvents, public host::HostEvents {
public:
    /// `language`: of the words that a ticketing system shows. Before open().
    void speak(std::string language) { _language = std::move(language); }
    /// All borrowed until close().
    void open(counter::Counter& counter, host::SelectionServer& hosts,
              std::function<void()> onChange);
    /// A further listener (the page's feed); borrowed.
    void addListener(counter::CounterEvents& listener) { _listeners.push_back(&listener); }
    /// Nothing is passed on any more.
    void close();

    void selected(const host::Selection& selection) override;
    void passed(const host::Selection& selection) override;
    void cleared(const host::SelectionRef& ref) override;
    void completed(const host::Completed& order) override;

    void deskChanged(std::uint64_t revision, bool selected) override;
    void jobChanged(const counter::PrintJob& job) override;
    void printerChanged(const counter::PrinterView& printer) override;
    void sessionChanged(const counter::Session& session) override;
    void rushChanged(const counter::Rush& rush) override;
    void drawerStayedShut() override;

private:
    void publish(const counter::HostFlag& flag);

    std::string _language = "en";
    std::vector<counter::CounterEvents*> _listeners;
    std::mutex _mutex; ///< guards what follows; never held during a call out
    counter::Counter* _counter = nullptr;
    host::SelectionServer* _hosts = nullptr;
    std::function<void()> _onChange;
    host::SelectionRef _present;
};

} // namespace souffleur::terminal
