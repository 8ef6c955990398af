#include "plugin/ledger/GatheredLog.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstdint>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

namespace souffleur::ledger {
namespace {

/// A capture is half of it; more is written in pieces. SQLite's VFS for POSIX writes 128 KiB less
/// one byte at once at the most (seekAndWriteFd in os_unix.c).
constexpr std::size_t kHeldMaxBytes = 64 * 1024;

struct Held;

} // namespace

struct GatheredLog::State {
    sqlite3_vfs vfs{}; ///< first: SQLite hands us its address
    sqlite3_vfs* real = nullptr;
    std::string name;
    bool on = true;
    Held* log = nullptr; ///< of the file that is open now
};

namespace {

/// What of a log was written and is not in its file yet: one run of bytes.
struct Held {
    GatheredLog::State& owner;
    std::vector<char> bytes;
    sqlite3_int64 at = 0;
    /// Nothing is held back where a write may damage its neighbours: there SQLite fills up the
    /// sector after the sync that ends a transaction, and readers look for it (walWriteToLog in
    /// wal.c).
    bool through = false;
    /// Bytes that SQLite takes for written could not be.
    bool lost = false;

    [[nodiscard]] bool gathers() const { return owner.on && !through; }
};

/// SQLite hands us memory for this and the real file behind it.
struct File {
    sqlite3_file base;
    sqlite3_file* real;
    Held* held;
};

File& self(sqlite3_file* file) {
    return *reinterpret_cast<File*>(file);
}

const sqlite3_io_methods& methods(const File& file) {
    return *file.real->pMethods;
}

/// Writes down what is held. After a failure everything fails until the log is told to forget, and
/// never as a full disk: SQLite may take back one statement for that, and commit over the hole.
int letGo(const File& file) {
    Held& held = *file.held;
    if (held.lost) return SQLITE_IOERR_WRITE;
    if (held.bytes.empty()) return SQLITE_OK;
    const int code = methods(file).xWrite(file.real, held.bytes.data(),
                                          static_cast<int>(held.bytes.size()), held.at);
    held.bytes.clear();
    held.lost = code != SQLITE_OK;
    return held.lost ? SQLITE_IOERR_WRITE : SQLITE_OK;
}

int closeFile(sqlite3_file* file) {
    File& mine = self(file);
    // Held here is only what belongs to no transaction that was committed.
    if (mine.held->owner.log == mine.held) mine.held->owner.log = nullptr;
    delete mine.held;
    mine.held = nullptr;
    return methods(mine).xClose(mine.real);
}

int readFile(sqlite3_file* file, void* out, int bytes, sqlite3_int64 at) {
    const File& mine = self(file);
    if (const int code = letGo(mine); code != SQLITE_OK) return code;
    return methods(mine).xRead(mine.real, out, bytes, at);
}

int writeFile(sqlite3_file* file, const void* data, int size, sqlite3_int64 at) {
    const File& mine = self(file);
    Held& held = *mine.held;
    const auto bytes = static_cast<std::size_t>(size);
    const bool follows = at == held.at + static_cast<sqlite3_int64>(held.bytes.size());
    if (held.lost || !follows || !held.gathers() || held.bytes.size() + bytes > kHeldMaxBytes) {
        if (const int code = letGo(mine); code != SQLITE_OK) return code;
    }
    if (!held.gathers() || bytes > kHeldMaxBytes) {
        return methods(mine).xWrite(mine.real, data, size, at);
    }
    if (held.bytes.empty()) held.at = at;
    try {
        const auto* first = static_cast<const char*>(data);
        held.bytes.insert(held.bytes.end(), first, first + bytes);
    } catch (const std::bad_alloc&) {
        return SQLITE_IOERR_NOMEM; // no exception may pass through SQLite
    }
    return SQLITE_OK;
}

int truncateFile(sqlite3_file* file, sqlite3_int64 size) {
    const File& mine = self(file);
    if (const int code = letGo(mine); code != SQLITE_OK) return code;
    return methods(mine).xTruncate(mine.real, size);
}

int syncFile(sqlite3_file* file, int flags) {
    const File& mine = self(file);
    if (const int code = letGo(mine); code != SQLITE_OK) return code;
    return methods(mine).xSync(mine.real, flags);
}

int sizeOfFile(sqlite3_file* file, sqlite3_int64* size) {
    const File& mine = self(file);
    if (const int code = letGo(mine); code != SQLITE_OK) return code;
    return methods(mine).xFileSize(mine.real, size);
}

int lockFile(sqlite3_file* file, int level) {
    return methods(self(file)).xLock(self(file).real, level);
}

int unlockFile(sqlite3_file* file, int level) {
    return methods(self(file)).xUnlock(self(file).real, level);
}

int reservedLock(sqlite3_file* file, int* held) {
    return methods(self(file)).xCheckReservedLock(self(file).real, held);
}

int control(sqlite3_file* file, int op, void* argument) {
    return methods(self(file)).xFileControl(self(file).real, op, argument);
}

int sectorSize(sqlite3_file* file) {
    return methods(self(file)).xSectorSize(self(file).real);
}

int characteristics(sqlite3_file* file) {
    return methods(self(file)).xDeviceCharacteristics(self(file).real);
}

/// A log is neither mapped nor shared: the first version of the methods is enough.
constexpr sqlite3_io_methods kMethods = {
    1,        closeFile,  readFile,     writeFile, truncateFile, syncFile,        sizeOfFile,
    lockFile, unlockFile, reservedLock, control,   sectorSize,   characteristics, nullptr,
    nullptr,  nullptr,    nullptr,      nullptr,   nullptr,
};

int openFile(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* outFlags) {
    auto& state = *reinterpret_cast<GatheredLog::State*>(vfs);
    if ((flags & SQLITE_OPEN_WAL) == 0) {
        return state.real->xOpen(state.real, name, file, flags, outFlags);
    }
    File& mine = *new (file) File{};
    mine.real = reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + sizeof(File));
    mine.held = new (std::nothrow) Held{state, {}, 0, false, false};
    if (mine.held == nullptr) return SQLITE_NOMEM;
    const int code = state.real->xOpen(state.real, name, mine.real, flags, outFlags);
    if (code == SQLITE_OK) {
        mine.base.pMethods = &kMethods;
        mine.held->through = (methods(mine).xDeviceCharacteristics(mine.real) &
                              SQLITE_IOCAP_POWERSAFE_OVERWRITE) == 0;
        state.log = mine.held;
        return code;
    }
    delete mine.held;
    mine.held = nullptr;
    if (mine.real->pMethods != nullptr) mine.real->pMethods->xClose(mine.real);
    return code;
}

} // namespace

GatheredLog::GatheredLog() : _state(std::make_unique<State>()) {
    State& state = *_state;
    state.real = sqlite3_vfs_find(nullptr);
    if (state.real == nullptr) throw std::runtime_error("SQLite has no VFS");
    state.name = "souffleur-log-" + std::to_string(reinterpret_cast<std::uintptr_t>(&state));
    state.vfs = *state.real; // pAppData too: what is not ours below is called with our address
    state.vfs.iVersion = std::min(state.vfs.iVersion, 2); // no system calls to replace
    state.vfs.pNext = nullptr;
    state.vfs.zName = state.name.c_str();
    state.vfs.szOsFile = static_cast<int>(sizeof(File)) + state.real->szOsFile;
    state.vfs.xOpen = openFile;
    if (sqlite3_vfs_register(&state.vfs, 0) != SQLITE_OK) {
        throw std::runtime_error("SQLite takes no VFS");
    }
}

GatheredLog::~GatheredLog() {
    sqlite3_vfs_unregister(&_state->vfs);
}

const char* GatheredLog::name() const noexcept {
    return _state->name.c_str();
}

void GatheredLog::gather(bool on) noexcept {
    _state->on = on;
}

void GatheredLog::forget() noexcept {
    if (_state->log == nullptr) return;
    _state->log->bytes.clear();
    _state->log->lost = false;
}

} // namespace souffleur::ledger
