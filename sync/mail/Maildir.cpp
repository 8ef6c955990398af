#include "sync/mail/Maildir.h"

#include "plugin/crypto/PrivateFile.h"
#include "sync/mail/Settings.h"
#include "sync/mail/Smtp.h"

namespace souffleur::mail {

namespace fs = std::filesystem;

Result<std::unique_ptr<Transport>> Maildir::open(const fs::path& folder) {
    std::error_code failed;
    for (const char* each : {"tmp", "new", "cur"}) {
        fs::create_directories(folder / each, failed);
        if (failed) return fail(Code::storage, "the maildir cannot be made", folder.string());
    }
    fs::permissions(folder, fs::perms::owner_all, failed);
    return std::unique_ptr<Transport>(new Maildir(folder));
}

Delivery Maildir::send(const Outgoing& message) {
    const std::string file = message.id + ".souffleur";
    const fs::path made = _folder / "tmp" / file;
    if (auto written = crypto::writePrivateFile(made, message.text); !written)
        return {Delivery::Outcome::unreachable, written.error().message};
    std::error_code failed;
    fs::rename(made, _folder / "new" / file, failed);
    if (failed) return {Delivery::Outcome::unreachable, "the maildir cannot be written"};
    if (auto synced = crypto::syncFolder(_folder / "new"); !synced)
        return {Delivery::Outcome::unreachable, synced.error().message};
    return {Delivery::Outcome::accepted, {}};
}

Result<std::unique_ptr<Transport>> makeTransport(const Settings& settings) {
    if (settings.way == Settings::Way::maildir) return Maildir::open(settings.folder);
    return Smtp::make(settings);
}

} // namespace souffleur::mail
