// The words for states, ends and refusals.
#include <array>
#include <utility>

#include "drivers/printer/Printer.h"

namespace souffleur::printer {

std::string reasonsText(Reasons reasons) {
    static constexpr std::array<std::pair<Reason, std::string_view>, 11> kNames = {{
        {kOffline, "offline"},
        {kCoverOpen, "cover-open"},
        {kPaperNearEnd, "paper-near-end"},
        {kPaperEnd, "paper-end"},
        {kCutterError, "cutter-error"},
        {kMechanicalError, "mechanical-error"},
        {kFatalError, "fatal-error"},
        {kUnreachable, "unreachable"},
        {kNotDraining, "not-draining"},
        {kUnknown, "unknown"},
        {kDrawerSignal, "drawer-signal"},
    }};
    std::string text;
    for (const auto& [reason, name] : kNames) {
        if ((reasons & reason) == 0) continue;
        if (!text.empty()) text += ',';
        text += name;
    }
    return text.empty() ? "ready" : text;
}

std::string_view jobEndName(JobEnd end) noexcept {
    switch (end) {
    case JobEnd::printed:
        return "printed";
    case JobEnd::failed:
        return "failed";
    case JobEnd::indeterminate:
        return "indeterminate";
    case JobEnd::expired:
        return "expired";
    }
    return "failed";
}

std::string_view refusalText(Refusal refusal) noexcept {
    switch (refusal) {
    case Refusal::queueFull:
        return "too many slips are waiting for the printer";
    case Refusal::stopping:
        return "the printer is being shut down";
    case Refusal::unknownJob:
        return "there is no such job, or it has ended already";
    case Refusal::noDrawer:
        return "this model of printer opens no drawer";
    case Refusal::badTag:
        return "a job's tag is one line of at most 128 bytes";
    }
    return "refused";
}

} // namespace souffleur::printer
