// `souffleur printer …`: what is plugged in, and does it print.
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <optional>

#include "drivers/printer/Printer.h"
#include "drivers/transport/UsbTransport.h"
#include "kiosk/cli/Commands.h"
#include "kiosk/cli/PrinterWords.h"
#include "kiosk/terminal/Profiles.h"

namespace souffleur::cli {
namespace {

using std::chrono::milliseconds;

/// Hears of one job.
class Ear final : public printer::Listener {
public:
    void jobEnded(const printer::JobReport& report) override {
        const std::scoped_lock lock(_mutex);
        _report = report;
        _changed.notify_all();
    }
    void stateChanged(printer::Reasons /*reasons*/) override {}
    std::optional<printer::JobReport> waitForEnd(milliseconds longest) {
        std::unique_lock lock(_mutex);
        _changed.wait_for(lock, longest, [this] { return _report.has_value(); });
        return _report;
    }

private:
    std::mutex _mutex;
    std::condition_variable _changed;
    std::optional<printer::JobReport> _report;
};

Result<printer::Choice> choiceOf(const std::string& profile) {
    auto model = terminal::printerModel(profile.empty() ? terminal::kAnyPrinter : profile);
    if (!model) return passOn(model);
    printer::Choice choice{.model = *std::move(model)};
    if (!profile.empty()) return choice;
    auto models = terminal::printerModels();
    if (!models) return passOn(models);
    choice.others = *std::move(models);
    choice.tell = [](const printer::Model&, const std::string& line) {
        (void) std::fprintf(stderr, "souffleur: %s\n", line.c_str());
    };
    return choice;
}

} // namespace

int listPrinters() {
    constexpr transport::Milliseconds kLongest{5000};
    const auto models = terminal::printerModels();
    if (!models) return failed(models.error());
    const auto found = transport::listUsbPrinters(listedIds(*models), kLongest);
    if (!found) return failed(Error{Code::unavailable, found.error().message, ""});
    if (found->empty()) {
        (void) std::fputs("souffleur: no receipt printer on USB; is it plugged in and switched "
                          "on? One on the network or a serial line is not listed: try "
                          "`souffleur printer test tcp://host:9100`\n",
                          stderr);
        return 0;
    }
    for (const auto& one : *found) (void) std::fputs(printerWords(one, *models).c_str(), stdout);
    const std::string trouble = listTrouble(*found);
    return trouble.empty() ? 0 : failed(Error{Code::refused, trouble, ""});
}

int testPrinter(const Context& context, const PrinterOptions& options) {
    auto choice = choiceOf(options.profile);
    if (!choice) return failed(choice.error());
    auto line = transport::fromAddress(options.device);
    if (!line) return failed(Error{Code::invalid, line.error().message, ""});
    Ear ear;
    printer::Printer printer(
        *std::move(choice), *std::move(line),
        [&clock = context.clock] { return clock.monotonicMs(); }, ear);
    const auto job = printer.submit(testSlip(printer.describe()));
    if (!job) {
        return failed(Error{Code::unsupported, std::string(printer::refusalText(job.error())), ""});
    }
    const auto report = ear.waitForEnd(milliseconds{options.waitMs});
    const std::string state = printer::reasonsText(printer.state());
    if (!report) {
        return failed(
            Error{Code::unavailable,
                  printer.describe() + ": nothing was done in time; the printer is " + state, ""});
    }
    if (report->end != printer::JobEnd::printed) {
        return failed(Error{Code::unavailable, printer.describe() + ": " + report->message, ""});
    }
    (void) std::printf("%s: the test slip is out, %s; profile %s, state %s\n",
                       printer.describe().c_str(), evidenceWords(report->evidence),
                       printer.profile().id.c_str(), state.c_str());
    return 0;
}

} // namespace souffleur::cli
