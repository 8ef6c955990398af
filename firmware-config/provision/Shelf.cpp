#include "firmware-config/provision/Shelf.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <utility>

#include "firmware-config/provision/Codec.h"

namespace souffleur::provision {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFolders = 1000;
constexpr const char* kJournal = "journal.json";

/// Letters, digits and hyphens as they are, all else as _hex: any serial number is a name of its
/// own.
std::string folderName(const std::string& serial) {
    constexpr const char* kHex = "0123456789abcdef";
    std::string name;
    for (const char c : serial) {
        const bool plain =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
        if (plain) {
            name += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        name += {'_', kHex[byte >> 4U], kHex[byte & 15U]};
    }
    return name;
}

tl::unexpected<Error> storage(const char* what, const fs::path& file, int error) {
    return fail(Fault::storage, std::string(what) + " " + file.string() + ": " +
                                    std::strerror(error)); // NOLINT(concurrency-mt-unsafe)
}

class Handle {
public:
    explicit Handle(int fd) : _fd(fd) {}
    ~Handle() {
        if (_fd >= 0) ::close(_fd);
    }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    [[nodiscard]] int get() const { return _fd; }

private:
    int _fd;
};

bool writeAll(int fd, const std::string& bytes) {
    std::size_t done = 0;
    while (done < bytes.size()) {
        const auto count = ::write(fd, bytes.data() + done, bytes.size() - done);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        done += static_cast<std::size_t>(count);
    }
    return true;
}

bool syncFolder(const fs::path& folder) {
    const Handle handle(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return handle.get() >= 0 && ::fsync(handle.get()) == 0;
}

Result<void> makeFolder(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder.parent_path(), error);
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        return storage("cannot make", folder, errno);
    return {};
}

/// The text of our own file; nothing when there is none.
Result<std::optional<std::string>> own(const fs::path& file) {
    std::error_code error;
    if (!fs::exists(file, error)) return std::nullopt;
    auto text = readFile(file, kMaxFileBytes);
    if (!text) return fail(Fault::storage, text.error().message);
    return *std::move(text);
}

tl::unexpected<Error> damaged(const fs::path& file) {
    return fail(Fault::storage,
                file.string() + " is damaged; look at it, and move it away when it is of no use");
}

} // namespace

Result<std::string> readFile(const fs::path& file, std::size_t most) {
    const Handle handle(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat about {};
    if (handle.get() < 0 || ::fstat(handle.get(), &about) != 0) {
        return fail(Fault::settings, "cannot read " + file.string() + ": " +
                                         std::strerror(errno)); // NOLINT(concurrency-mt-unsafe)
    }
    if (!S_ISREG(about.st_mode)) return fail(Fault::settings, file.string() + " is no plain file");
    if (std::cmp_greater(about.st_size, most)) {
        return fail(Fault::settings, file.string() + " has " + std::to_string(about.st_size) +
                                         " bytes; " + std::to_string(most) + " are allowed");
    }
    std::string text(static_cast<std::size_t>(about.st_size), '\0');
    std::size_t done = 0;
    while (done < text.size()) {
        const auto count = ::read(handle.get(), text.data() + done, text.size() - done);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        done += static_cast<std::size_t>(count);
    }
    text.resize(done);
    return text;
}

Result<void> writeFile(const fs::path& file, const std::string& bytes) {
    const fs::path part = file.string() + ".part";
    {
        const Handle handle(
            ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (handle.get() < 0) return storage("cannot write", part, errno);
        if (::fchmod(handle.get(), 0600) != 0 || !writeAll(handle.get(), bytes) ||
            ::fsync(handle.get()) != 0) {
            return storage("cannot write", part, errno);
        }
    }
    if (::rename(part.c_str(), file.c_str()) != 0) return storage("cannot write", file, errno);
    if (!syncFolder(file.has_parent_path() ? file.parent_path() : "."))
        return storage("cannot write", file, errno);
    return {};
}

Shelf Shelf::look(const fs::path& folder, const std::string& serial) {
    return Shelf(folder / folderName(serial));
}

Result<Shelf> Shelf::hold(const fs::path& folder, const std::string& serial) {
    return holdAt(folder, folderName(serial), serial);
}

Result<Shelf> Shelf::hold(const fs::path& folder, const Journal& journal) {
    return holdAt(folder, journal.shelf, journal.shelf);
}

Result<Shelf> Shelf::holdAt(const fs::path& folder, const std::string& name,
                            const std::string& whose) {
    Shelf shelf(folder / name);
    if (auto made = makeFolder(folder); !made) return passOn(made);
    if (auto made = makeFolder(shelf._folder); !made) return passOn(made);
    const auto file = shelf._folder / "lock";
    shelf._lock = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (shelf._lock < 0) return storage("cannot write", file, errno);
    if (::flock(shelf._lock, LOCK_EX | LOCK_NB) != 0) {
        return fail(Fault::line, "another program is setting up the printer " + whose +
                                     "; wait until it has ended");
    }
    return shelf;
}

Shelf::Shelf(Shelf&& other) noexcept
    : _folder(std::move(other._folder)), _lock(std::exchange(other._lock, -1)) {}

Shelf::~Shelf() {
    if (_lock >= 0) ::close(_lock);
}

Result<Record> Shelf::record() const {
    const auto file = _folder / "record.json";
    const auto text = own(file);
    if (!text) return passOn(text);
    if (!*text) return Record{};
    auto record = recordFrom(**text);
    if (!record) return damaged(file);
    return *std::move(record);
}

Result<void> Shelf::keep(const Record& record) const {
    return writeFile(_folder / "record.json", toJson(record));
}

Result<std::optional<Journal>> Shelf::journal() const {
    const auto file = _folder / kJournal;
    const auto text = own(file);
    if (!text) return passOn(text);
    if (!*text) return std::nullopt;
    auto journal = journalFrom(**text);
    if (!journal) return damaged(file);
    journal->shelf = _folder.filename().string();
    return journal;
}

Result<void> Shelf::keep(const Journal& journal) const {
    return writeFile(_folder / kJournal, toJson(journal));
}

Result<void> Shelf::endJournal() const {
    const auto file = _folder / kJournal;
    if (::unlink(file.c_str()) != 0 && errno != ENOENT)
        return storage("cannot remove", file, errno);
    if (!syncFolder(_folder)) return storage("cannot write", _folder, errno);
    return {};
}

Result<fs::path> Shelf::keep(const Backup& backup) const {
    const std::time_t seconds = backup.at / 1000;
    std::tm parts{};
    (void) ::gmtime_r(&seconds, &parts);
    std::array<char, 32> stamp{};
    (void) std::strftime(stamp.data(), stamp.size(), "%Y%m%dT%H%M%SZ", &parts);
    const std::string base = std::string("backup-") + stamp.data();
    fs::path file = _folder / (base + ".json");
    std::error_code error;
    for (int n = 2; fs::exists(file, error) && n < 1000; ++n)
        file = _folder / (base + "-" + std::to_string(n) + ".json");
    if (auto written = writeFile(file, toJson(backup)); !written) return passOn(written);
    return file;
}

std::vector<Journal> openJournals(const fs::path& folder) {
    std::vector<Journal> found;
    std::error_code error;
    std::size_t seen = 0;
    for (fs::directory_iterator it(folder, error), end; !error && it != end && seen < kMaxFolders;
         it.increment(error), ++seen) {
        const auto text = own(it->path() / kJournal);
        if (!text || !*text) continue;
        auto journal = journalFrom(**text);
        if (!journal) continue;
        journal->shelf = it->path().filename().string();
        found.push_back(*std::move(journal));
    }
    return found;
}

Result<Backup> readBackup(const fs::path& file) {
    const auto text = readFile(file, kMaxFileBytes);
    if (!text) return passOn(text);
    auto backup = backupFrom(*text);
    if (!backup) {
        return fail(Fault::settings,
                    file.string() + " is no backup of a printer that this program wrote");
    }
    return *std::move(backup);
}

} // namespace souffleur::provision
