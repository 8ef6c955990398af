// A printer's listener that remembers, and waits with a deadline instead of sleeping. Header only.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "drivers/printer/Printer.h"
#include "tests/support/Eventually.h"

namespace souffleur::test {

class Told final : public printer::Listener {
public:
    void jobRestored(const printer::RestoredJob& job) override {
        const std::scoped_lock lock(_mutex);
        _restored.push_back(job);
    }
    void jobEnded(const printer::JobReport& report) override {
        const std::scoped_lock lock(_mutex);
        _reports.push_back(report);
        _changed.notify_all();
    }
    void stateChanged(printer::Reasons reasons) override {
        const std::scoped_lock lock(_mutex);
        _states.push_back(reasons);
        _changed.notify_all();
    }

    /// Whole as soon as anything else was told.
    std::vector<printer::RestoredJob> restored() {
        const std::scoped_lock lock(_mutex);
        return _restored;
    }

    /// Waits for a report with this end.
    std::optional<printer::JobReport> waitFor(printer::JobId id, printer::JobEnd end) {
        std::unique_lock lock(_mutex);
        std::optional<printer::JobReport> found;
        _changed.wait_for(lock, kDeadline, [&] {
            for (const auto& report : _reports) {
                if (report.id == id && report.end == end) found = report;
            }
            return found.has_value();
        });
        return found;
    }

    std::optional<printer::JobReport> waitFor(printer::JobId id) {
        std::unique_lock lock(_mutex);
        std::optional<printer::JobReport> found;
        _changed.wait_for(lock, kDeadline, [&] {
            for (const auto& report : _reports) {
                if (report.id == id) found = report;
            }
            return found.has_value();
        });
        return found;
    }

    /// True as soon as any state so far, or the next ones, fit.
    bool waitForState(const std::function<bool(printer::Reasons)>& fits) {
        std::unique_lock lock(_mutex);
        return _changed.wait_for(lock, kDeadline, [&] {
            for (const printer::Reasons state : _states) {
                if (fits(state)) return true;
            }
            return false;
        });
    }

    /// Has any state so far been like that?
    bool sawState(const std::function<bool(printer::Reasons)>& fits) {
        const std::scoped_lock lock(_mutex);
        return std::ranges::any_of(_states, fits);
    }

    std::vector<printer::JobReport> reports() {
        const std::scoped_lock lock(_mutex);
        return _reports;
    }

private:
    static constexpr std::chrono::seconds kDeadline{60};
    std::mutex _mutex;
    std::condition_variable _changed;
    std::vector<printer::JobReport> _reports;
    std::vector<printer::RestoredJob> _restored;
    std::vector<printer::Reasons> _states;
};

} // namespace souffleur::test
