// Brings one printer to its declared settings: read, compare, back up, write the differences, read
// back. A power cut at any moment, of the PC or of the printer, leaves a journal from which the
// next apply goes on.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "drivers/printer/Model.h"
#include "drivers/transport/Transport.h"
#include "firmware-config/provision/Conversation.h"
#include "firmware-config/provision/Error.h"
#include "firmware-config/provision/Settings.h"
#include "firmware-config/provision/Shelf.h"

namespace souffleur::provision {

/// What was found, and done.
struct Report {
    std::string device; ///< "tcp 192.0.2.7:9100"
    Identity printer;
    std::string model; ///< a profile's id
    /// plan: what differs. apply, restore: what was written.
    std::vector<Change> changes;
    std::vector<std::string> notes;
    std::filesystem::path backup; ///< empty: none was made
    bool interrupted = false;     ///< an earlier apply is unfinished (plan) or was finished by this
    int writes = 0;               ///< rewrites that the changes need, or needed
    int writesLeft = 0;           ///< in this day
};

class Provisioner {
public:
    /// Milliseconds since 1970, of the wall clock: a day's writes count while no process runs.
    using Clock = std::function<std::int64_t()>;
    /// transport::fromAddress.
    using Connect =
        std::function<transport::Result<std::unique_ptr<transport::Transport>>(const std::string&)>;

    struct Options {
        std::filesystem::path folder; ///< what is kept of all printers; made when first needed
        Timing timing{};
        std::string serial{};        ///< stands in for the number that a printer does not tell
        bool replaceUnknown = false; ///< end pictures that nobody could bring back
        /// Hears of every step before it is done; `large` ones are progress for people.
        std::function<void(const std::string& step, bool large)> onStep{};
    };

    /// Nothing is opened yet. One thread; all below block, bounded by Timing a question.
    Provisioner(std::vector<printer::Model> models, std::string address, Connect connect,
                Clock clock, Options options);
    ~Provisioner();
    Provisioner(const Provisioner&) = delete;
    Provisioner& operator=(const Provisioner&) = delete;

    /// Reads and compares; writes nothing, neither there nor here.
    [[nodiscard]] Result<Report> plan(const Settings& settings);
    /// Backs up, writes the differences, reads back. Nothing to do: nothing is written. After an
    /// interrupted one: finishes that, when it is for the same settings. Errors leave it resumable.
    [[nodiscard]] Result<Report> apply(const Settings& settings);
    /// Saves all that the model's profile knows how to read. `model`: empty = what the printer says
    /// it is.
    [[nodiscard]] Result<Report> backup(const std::string& model);
    /// Brings a backup back, in the same way as apply.
    [[nodiscard]] Result<Report> restore(const std::filesystem::path& file);

private:
    class Session;
    struct Open {
        std::vector<Journal> own;    ///< of this address, or of no known one
        std::vector<Journal> others; ///< of other addresses
    };
    [[nodiscard]] Open openJournalsAt(bool writing) const;
    [[nodiscard]] Result<std::unique_ptr<Session>> connect(bool writing);

    std::vector<printer::Model> _models;
    std::string _address;
    Connect _connect;
    Clock _clock;
    Options _options;
};

/// For people, as a plan: `~ memory switch 1-3: off -> on`.
[[nodiscard]] std::string reportText(const Report& report, bool written);
[[nodiscard]] std::string reportJson(const Report& report, bool written);

/// The address at which a serial line is found once these settings are in force; others unchanged.
[[nodiscard]] std::string readdressed(const std::string& address,
                                      const std::map<int, std::string>& serial);

} // namespace souffleur::provision
