// Where what is kept of one printer stands: `<folder>/<serial number>/record.json`, `journal.json`
// while an apply is unfinished, `backup-<time>.json`. Folders 0700, files 0600, each written whole
// and synced: after a power cut there is the old content or the new.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "firmware-config/provision/Error.h"
#include "firmware-config/provision/Values.h"

namespace souffleur::provision {

/// Blocks on the disk. One thread.
class Shelf {
public:
    /// Reads only: makes nothing, holds nothing.
    [[nodiscard]] static Shelf look(const std::filesystem::path& folder, const std::string& serial);
    /// Makes the folder and holds it: two programs never work on one printer. Errors: storage, line
    /// (another program has it).
    [[nodiscard]] static Result<Shelf> hold(const std::filesystem::path& folder,
                                            const std::string& serial);
    /// The same for the printer of a journal that was found there.
    [[nodiscard]] static Result<Shelf> hold(const std::filesystem::path& folder,
                                            const Journal& journal);
    Shelf(Shelf&& other) noexcept;
    Shelf& operator=(Shelf&&) = delete;
    ~Shelf();

    /// An empty one when there is none. Errors: storage (also: damaged, for then the count of
    /// writes is lost).
    [[nodiscard]] Result<Record> record() const;
    [[nodiscard]] Result<void> keep(const Record& record) const;
    [[nodiscard]] Result<std::optional<Journal>> journal() const;
    [[nodiscard]] Result<void> keep(const Journal& journal) const;
    [[nodiscard]] Result<void> endJournal() const;
    /// The file's path; a second one in the same second gets a number.
    [[nodiscard]] Result<std::filesystem::path> keep(const Backup& backup) const;

private:
    explicit Shelf(std::filesystem::path folder) : _folder(std::move(folder)) {}
    [[nodiscard]] static Result<Shelf> holdAt(const std::filesystem::path& folder,
                                              const std::string& name, const std::string& whose);

    std::filesystem::path _folder;
    int _lock = -1;
};

/// Journals of whatever printer: before it has said who it is, nobody knows which of them is its
/// own. What cannot be read is passed over here.
[[nodiscard]] std::vector<Journal> openJournals(const std::filesystem::path& folder);

/// Errors: settings (no backup, too large).
[[nodiscard]] Result<Backup> readBackup(const std::filesystem::path& file);

/// At most `most` bytes of a regular file; nothing is read of a larger one. Errors: settings.
[[nodiscard]] Result<std::string> readFile(const std::filesystem::path& file, std::size_t most);
/// Whole or not at all, 0600. Errors: storage.
[[nodiscard]] Result<void> writeFile(const std::filesystem::path& file, const std::string& bytes);

} // namespace souffleur::provision
