#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>

#include "drivers/scanner/Scanner.h"
#include "kiosk/cli/Commands.h"
#include "plugin/base/StopSignal.h"

namespace souffleur::cli {
namespace {

/// Prints what it hears, a line a code.
class Printing final : public scanner::Events {
public:
    void scanned(const scanner::Code& code) override {
        const auto at =
            std::chrono::duration_cast<std::chrono::milliseconds>(code.at.time_since_epoch());
        (void) std::printf("%s\t%s\t%s\t%s\n", formatTime(at.count()).c_str(),
                           std::string(scanner::name(code.source)).c_str(),
                           code.symbology.empty() ? "-" : code.symbology.c_str(),
                           code.text.c_str());
        (void) std::fflush(stdout);
        ++_count;
    }
    void changed(scanner::State /*state*/, const std::string& words) override {
        (void) std::fprintf(stderr, "souffleur: %s\n", words.c_str());
    }
    [[nodiscard]] std::size_t count() const { return _count; }

private:
    std::atomic<std::size_t> _count{0};
};

} // namespace

int watchScanner(const WatchOptions& options) {
    constexpr TimeMs kLookMs = 50;
    StopSignal stop(options.withParent);
    Printing printing;
    const auto ours = [&options](std::string_view text) {
        return options.ours.empty() ||
               std::any_of(options.ours.begin(), options.ours.end(),
                           [&](const std::string& one) { return text.starts_with(one); });
    };
    const auto scanner = scanner::Scanner::start(options.address, ours, printing);
    if (!scanner) return failed(Error{Code::invalid, scanner.error().message, ""});
    while (!stop.wait(options.count > 0 ? kLookMs : -1)) {
        if (options.count > 0 && printing.count() >= options.count) break;
    }
    return 0;
}

} // namespace souffleur::cli
