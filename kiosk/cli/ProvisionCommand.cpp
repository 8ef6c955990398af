// Settings and logos of receipt printers: what firmware-config/provision found and did, in words.
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cstdio>

#include "drivers/transport/Transport.h"
#include "firmware-config/provision/Provisioner.h"
#include "kiosk/cli/Commands.h"
#include "kiosk/terminal/Profiles.h"

namespace souffleur::cli {
namespace {

constexpr int kDiffers = 2;

int failed(const provision::Error& error) {
    (void) std::fprintf(stderr, "souffleur: %s\n", error.message.c_str());
    return 1;
}

/// The till of this folder must not print meanwhile, nor start: its own lock is taken.
class TillClosed {
public:
    explicit TillClosed(const std::filesystem::path& data)
        : _fd(::open((data / "ledger" / "lock").c_str(), O_RDWR | O_CLOEXEC)) {
        _closed = _fd < 0 || ::flock(_fd, LOCK_EX | LOCK_NB) == 0;
    }
    ~TillClosed() {
        if (_fd >= 0) ::close(_fd);
    }
    TillClosed(const TillClosed&) = delete;
    TillClosed& operator=(const TillClosed&) = delete;
    [[nodiscard]] bool closed() const { return _closed; }

private:
    int _fd;
    bool _closed = false;
};

provision::Provisioner provisioner(const Context& context, const ProvisionOptions& options,
                                   std::vector<printer::Model> models) {
    provision::Provisioner::Options how;
    how.folder = context.data / "printers";
    how.serial = options.serial;
    how.replaceUnknown = options.replaceUnknown;
    how.onStep = [](const std::string& step, bool large) {
        if (large) (void) std::fprintf(stderr, "souffleur: %s\n", step.c_str());
    };
    return {std::move(models), options.device, transport::fromAddress,
            [&clock = context.clock] { return clock.now().at; }, std::move(how)};
}

int said(const provision::Result<provision::Report>& report, const ProvisionOptions& options,
         bool written) {
    if (!report) return failed(report.error());
    const auto words = options.json ? provision::reportJson(*report, written)
                                    : provision::reportText(*report, written);
    (void) std::fputs(words.c_str(), stdout);
    return 0;
}

int stillOpen() {
    return failed({provision::Fault::line,
                   "the till of this data folder is open, and it may print: close it first"});
}

} // namespace

int provisionPlan(const Context& context, const ProvisionOptions& options) {
    auto models = terminal::printerModels();
    if (!models) return failed(models.error());
    const auto settings = provision::readSettings(options.settings, *models);
    if (!settings) return failed(settings.error());
    if (!options.preview.empty()) {
        const auto* const model = provision::modelById(*models, settings->target.model);
        const auto png = provision::preview(*settings, *model);
        if (!png) return failed(png.error());
        const std::string bytes(png->begin(), png->end());
        if (auto written = provision::writeFile(options.preview, bytes); !written)
            return failed(written.error());
    }
    const TillClosed till(context.data);
    if (!till.closed()) return stillOpen();
    const auto report = provisioner(context, options, std::move(*models)).plan(*settings);
    const int code = said(report, options, false);
    if (code != 0) return code;
    return report->changes.empty() && !report->interrupted ? 0 : kDiffers;
}

int provisionApply(const Context& context, const ProvisionOptions& options) {
    const TillClosed till(context.data);
    if (!till.closed()) return stillOpen();
    auto models = terminal::printerModels();
    if (!models) return failed(models.error());
    const auto settings = provision::readSettings(options.settings, *models);
    if (!settings) return failed(settings.error());
    return said(provisioner(context, options, std::move(*models)).apply(*settings), options, true);
}

int provisionBackup(const Context& context, const ProvisionOptions& options) {
    const TillClosed till(context.data);
    if (!till.closed()) return stillOpen();
    auto models = terminal::printerModels();
    if (!models) return failed(models.error());
    return said(provisioner(context, options, std::move(*models)).backup(options.model), options,
                false);
}

int provisionRestore(const Context& context, const ProvisionOptions& options) {
    const TillClosed till(context.data);
    if (!till.closed()) return stillOpen();
    auto models = terminal::printerModels();
    if (!models) return failed(models.error());
    return said(provisioner(context, options, std::move(*models)).restore(options.backup), options,
                true);
}

} // namespace souffleur::cli
