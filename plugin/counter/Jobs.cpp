#include "plugin/counter/Jobs.h"

#include <algorithm>
#include <array>
#include <utility>

namespace souffleur::counter {

PrintJob& Jobs::add(const PrintJob& job, printer::JobId paper) {
    if (_rows.size() >= kJobsKept) {
        const auto over = std::ranges::find_if(_rows, [](const Row& row) {
            return row.job.state == JobState::printed || row.job.state == JobState::failed ||
                   row.job.state == JobState::expired;
        });
        _rows.erase(over == _rows.end() ? _rows.begin() : over);
    }
    return _rows.emplace_back(Row{job, paper}).job;
}

PrintJob* Jobs::find(const Uuid& id) {
    const auto found =
        std::ranges::find_if(_rows, [&](const Row& row) { return row.job.id == id; });
    return found == _rows.end() ? nullptr : &found->job;
}

PrintJob* Jobs::findPaper(printer::JobId paper) {
    const auto found =
        std::ranges::find_if(_rows, [&](const Row& row) { return row.paper == paper; });
    return found == _rows.end() ? nullptr : &found->job;
}

const PrintJob* Jobs::newestOf(const EventId& act) const {
    const PrintJob* newest = nullptr;
    for (const Row& row : _rows) {
        if (row.job.act == act) {
            newest = &row.job;
        }
    }
    return newest;
}

std::vector<EventId> Jobs::waiting() const {
    std::vector<EventId> out;
    for (const Row& row : _rows) {
        if (row.job.state == JobState::queued) {
            out.push_back(row.job.act);
        }
    }
    return out;
}

printer::JobId Jobs::paper(const Uuid& id) const {
    const auto found =
        std::ranges::find_if(_rows, [&](const Row& row) { return row.job.id == id; });
    return found == _rows.end() ? 0 : found->paper;
}

void Jobs::again(const Uuid& id, printer::JobId paper) {
    for (Row& row : _rows) {
        if (row.job.id == id) {
            row.paper = paper;
        }
    }
}

std::string Jobs::tag(const Uuid& id, const EventId& act) {
    return "slip " + id.text() + ' ' + act.text();
}

std::optional<Jobs::Tagged> Jobs::fromTag(std::string_view tag) {
    constexpr std::string_view kStart = "slip ";
    if (!tag.starts_with(kStart)) {
        return std::nullopt;
    }
    tag.remove_prefix(kStart.size());
    const auto gap = std::min(tag.find(' '), tag.size());
    const auto id = Uuid::parse(tag.substr(0, gap));
    const auto act = EventId::parse(tag.substr(std::min(gap + 1, tag.size())));
    if (!id || !act) {
        return std::nullopt;
    }
    return Tagged{*id, *act};
}

JobState stateOf(printer::JobEnd end) noexcept {
    switch (end) {
    case printer::JobEnd::printed:
        return JobState::printed;
    case printer::JobEnd::indeterminate:
        return JobState::indeterminate;
    case printer::JobEnd::expired:
        return JobState::expired;
    case printer::JobEnd::failed:
        break;
    }
    return JobState::failed;
}

PrinterView viewOf(const printer::Printer* printer, const std::string& name) {
    PrinterView view;
    if (printer == nullptr) {
        return view;
    }
    view.name = name;
    view.jobs = printer->queued();
    const printer::Reasons reasons = printer->state();
    static constexpr std::array<std::pair<printer::Reasons, const char*>, 6> kWords{{
        {printer::kPaperEnd, "paper-out"},
        {printer::kPaperNearEnd, "paper-low"},
        {printer::kCoverOpen, "cover-open"},
        {printer::kCutterError, "cutter"},
        {printer::kOffline | printer::kUnreachable | printer::kNotDraining, "disconnected"},
        {printer::kMechanicalError | printer::kFatalError, "unknown"},
    }};
    for (const auto& [bits, word] : kWords) {
        if ((reasons & bits) != 0) {
            view.reasons.emplace_back(word);
        }
    }
    const bool away =
        (reasons & (printer::kOffline | printer::kUnreachable | printer::kNotDraining)) != 0;
    view.state = away                                  ? "offline"
                 : (reasons & printer::kBlocking) != 0 ? "attention"
                 : view.jobs > 0                       ? "busy"
                                                       : "ready";
    return view;
}

} // namespace souffleur::counter
