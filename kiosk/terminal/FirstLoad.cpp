#include "kiosk/terminal/FirstLoad.h"

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "plugin/crypto/PrivateFile.h"
#include "plugin/ledger/SnapshotLoad.h"
#include "sync/agent/HttpHub.h"

namespace souffleur::terminal {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLedgerFile = "ledger.db";
constexpr const char* kLoadingFolder = "ledger-loading";
constexpr int kStepPercent = 10;
/// A ledger with its operators and nobody else is far smaller.
constexpr std::uintmax_t kEmptyMaxBytes = 1024 * 1024;

/// Operators may have been enrolled; nothing was said, and nothing pulled.
Result<bool> isNew(const ledger::LedgerOptions& options, const FirstLoadParts& parts) {
    std::error_code failed;
    const auto size = fs::file_size(options.folder / kLedgerFile, failed);
    if (failed) return true;
    if (size > kEmptyMaxBytes) return false; // without opening it twice at each start
    auto ledger = ledger::Ledger::open(options, parts.clock, parts.random);
    if (!ledger) return passOn(ledger);
    const auto stats = (*ledger)->stats();
    if (!stats) return passOn(stats);
    const auto cursor = (*ledger)->cursor();
    if (!cursor) return passOn(cursor);
    return stats->events == 0 && stats->subjects == 0 && cursor->empty();
}

/// Loads beside the ledger, and takes its place in one step.
Result<std::uint64_t> load(const ledger::LedgerOptions& options, const fs::path& beside,
                           const fs::path& snapshot, const FirstLoadParts& parts) {
    std::error_code failed;
    fs::remove_all(beside, failed);
    fs::create_directories(beside, failed);
    fs::permissions(beside, fs::perms::owner_all, failed);
    const fs::path place = options.folder / kLedgerFile;
    if (fs::exists(place)) fs::copy_file(place, beside / kLedgerFile, failed);
    if (failed) return fail(Code::storage, "the folder beside the ledger cannot be written");
    std::uint64_t people = 0;
    {
        ledger::LedgerOptions other = options;
        other.folder = beside;
        auto ledger = ledger::Ledger::open(other, parts.clock, parts.random);
        if (!ledger) return passOn(ledger);
        const auto loaded =
            ledger::loadSnapshot(**ledger, snapshot, [&](std::uint64_t) { return parts.wait(0); });
        if (!loaded) return passOn(loaded);
        people = loaded->people;
    } // closed: one file, whole
    fs::create_directories(options.folder, failed);
    fs::permissions(options.folder, fs::perms::owner_all, failed);
    fs::rename(beside / kLedgerFile, place, failed);
    if (failed) return fail(Code::storage, "the loaded ledger cannot be put in its place");
    return people;
}

/// What is recorded from now on must not go with the rename in a power cut.
Result<void> syncPlace(const fs::path& folder) {
    if (auto kept = crypto::syncFolder(folder); !kept) return kept;
    return crypto::syncFolder(fs::absolute(folder).parent_path()); // it may be as new
}

/// From the first byte fetched to the ledger in its place.
Result<bool> fetchAndLoad(const protocol::Device& device, const crypto::PublicKey& key,
                          const ledger::LedgerOptions& options, const FirstLoadParts& parts) {
    int said = 0;
    const auto progress = [&](std::uint64_t done, std::uint64_t of) {
        const int percent = of == 0 ? 100 : static_cast<int>(done * 100 / of);
        if (percent < said + kStepPercent && percent != 100) return;
        if (percent == said) return;
        said = percent;
        parts.say("fetching what head office knows: " + std::to_string(percent) + " %");
    };
    agent::SnapshotFetch fetch({parts.hub, parts.clock, parts.random, parts.wait, progress},
                               device.folder, key);
    const auto file = fetch.run();
    if (!file) {
        // An older head office makes none, and one that is away is waited for by the sync loop.
        if (file.error().code != Code::notFound)
            parts.say("this till begins without a snapshot: " + file.error().text());
        return false;
    }
    const auto people = load(options, device.folder / kLoadingFolder, *file, parts);
    std::error_code ignored;
    fs::remove(*file, ignored);
    if (!people) {
        parts.say("this till begins without a snapshot: " + people.error().text());
        return false;
    }
    if (auto kept = syncPlace(options.folder); !kept) return passOn(kept);
    parts.say("loaded " + std::to_string(*people) + " people from head office");
    return true;
}

} // namespace

Result<bool> firstLoad(const protocol::Device& device, const protocol::Welcome& welcome,
                       const ledger::LedgerOptions& options, const FirstLoadParts& parts) {
    std::error_code ignored;
    fs::remove_all(device.folder / kLoadingFolder, ignored); // of a load that was broken off
    const auto fresh = welcome.logKey ? isNew(options, parts) : false;
    if (!fresh) return passOn(fresh);
    bool stopped = false;
    Result<bool> loaded = false;
    if (*fresh) {
        FirstLoadParts stoppable = parts;
        stoppable.wait = [&](TimeMs ms) {
            stopped = !parts.wait(ms);
            return !stopped;
        };
        loaded = fetchAndLoad(device, *welcome.logKey, options, stoppable);
    }
    fs::remove_all(device.folder / kLoadingFolder, ignored);
    // There are names in them. Who was told to stop goes on with them at the next start.
    if (!stopped) agent::SnapshotFetch::forget(device.folder);
    return loaded;
}

Result<void> firstLoad(const protocol::Device& device, const protocol::Welcome& welcome,
                       const ledger::LedgerOptions& options, const Clock& clock, Random& random,
                       const std::function<bool(TimeMs waitMs)>& wait) {
    agent::HttpHub hub(device.hubUrl, device.tls(), clock, {});
    const auto sleeps = [](TimeMs ms) {
        std::this_thread::sleep_for(std::chrono::milliseconds(ms));
        return true;
    };
    const auto loaded =
        firstLoad(device, welcome, options,
                  {hub, clock, random, wait ? wait : sleeps, [](const std::string& line) {
                       (void) std::fprintf(stderr, "souffleur: %s\n", line.c_str());
                   }});
    if (!loaded) return passOn(loaded);
    return {};
}

} // namespace souffleur::terminal
