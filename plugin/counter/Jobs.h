// Slips on their way to paper. Internal to this room; guarded by the counter's mutex.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/printer/Printer.h"
#include "plugin/counter/Desk.h"

namespace souffleur::counter {

/// The last slip jobs; at most kJobsKept. The oldest whose end is known goes first: what the
/// cashier is asked about, or waits for, stays as long as there is one.
class Jobs {
public:
    static constexpr std::size_t kJobsKept = 64;

    PrintJob& add(const PrintJob& job, printer::JobId paper);
    [[nodiscard]] PrintJob* find(const Uuid& id);
    [[nodiscard]] PrintJob* findPaper(printer::JobId paper);
    [[nodiscard]] const PrintJob* newestOf(const EventId& act) const;
    /// The answers whose slips wait for the printer.
    [[nodiscard]] std::vector<EventId> waiting() const;
    [[nodiscard]] printer::JobId paper(const Uuid& id) const;
    /// The job was queued once more under another number.
    void again(const Uuid& id, printer::JobId paper);

    /// What the printer keeps with a slip, so that it is known after a restart. Nothing personal.
    [[nodiscard]] static std::string tag(const Uuid& id, const EventId& act);
    struct Tagged {
        Uuid id;
        EventId act;
    };
    [[nodiscard]] static std::optional<Tagged> fromTag(std::string_view tag);

private:
    struct Row {
        PrintJob job;
        printer::JobId paper = 0;
    };
    std::deque<Row> _rows;
};

/// How a job that ended looks to the cashier.
JobState stateOf(printer::JobEnd end) noexcept;
PrinterView viewOf(const printer::Printer* printer, const std::string& name);

} // namespace souffleur::counter
