#include "tests/integration/power_loss/LossyDisk.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <new>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>

#include "plugin/base/Random.h"

namespace souffleur::test {
namespace {

constexpr sqlite3_int64 kSector = 512;
constexpr const char* kName = "souffleur-lossy";

/// What of one file is not synced: each changed sector as it was, and the length as it was.
struct Unsynced {
    std::map<sqlite3_int64, std::string> sectors;
    std::optional<sqlite3_int64> length;
};

/// What loses its power at once.
struct Machine {
    std::map<std::string, Unsynced> files;
    std::uint64_t changesLeft = UINT64_MAX;
    bool off = false;

    /// True when this change may still happen.
    bool change() {
        if (off) return false;
        off = --changesLeft == 0;
        return !off;
    }
};

std::string canonical(const std::string& folder) {
    return folder.empty() ? folder : std::filesystem::canonical(folder).string() + "/";
}

} // namespace

struct LossyDisk::State {
    sqlite3_vfs vfs{};
    sqlite3_vfs* real = nullptr;
    std::mutex mutex; ///< guards what follows
    std::map<std::string, Machine> machines{{{}, {}}};
    std::uint64_t lost = 0;
    bool lies = false;
    bool powersafe = false;
    SeededRandom random{0};

    Machine& of(const std::string& path) {
        for (auto& [folder, machine] : machines) {
            if (!folder.empty() && path.starts_with(folder)) return machine;
        }
        return machines[{}];
    }
    Machine& named(const std::string& folder) { return machines.at(canonical(folder)); }
};

namespace {

/// SQLite hands us memory for this and the real file behind it.
struct File {
    sqlite3_file base;
    LossyDisk::State* state;
    Machine* machine;
    std::string* path; ///< nullptr for a file without a name: nobody will look for it afterwards
    sqlite3_file* real;
};

File& self(sqlite3_file* file) {
    return *reinterpret_cast<File*>(file);
}

sqlite3_file* realOf(sqlite3_file* file) {
    return self(file).real;
}

const sqlite3_io_methods& realMethods(sqlite3_file* file) {
    return *realOf(file)->pMethods;
}

/// Keeps the sectors that `bytes` from `at` touch as they are now, once per sync.
void keep(File& file, sqlite3_int64 at, sqlite3_int64 bytes) {
    Unsynced& unsynced = file.machine->files[*file.path];
    sqlite3_int64 size = 0;
    file.real->pMethods->xFileSize(file.real, &size);
    if (!unsynced.length) unsynced.length = size;
    for (sqlite3_int64 sector = at / kSector; sector * kSector < at + bytes; ++sector) {
        if (unsynced.sectors.contains(sector)) continue;
        std::string was(static_cast<std::size_t>(kSector), '\0');
        // A short read leaves zeros, which is what a disk holds where nothing was written yet.
        file.real->pMethods->xRead(file.real, was.data(), static_cast<int>(kSector),
                                   sector * kSector);
        unsynced.sectors.emplace(sector, std::move(was));
    }
}

int closeFile(sqlite3_file* file) {
    File& mine = self(file);
    const int code =
        mine.real->pMethods == nullptr ? SQLITE_OK : realMethods(file).xClose(mine.real);
    delete mine.path;
    mine.path = nullptr;
    return code;
}

int readFile(sqlite3_file* file, void* out, int bytes, sqlite3_int64 at) {
    return realMethods(file).xRead(realOf(file), out, bytes, at);
}

int writeFile(sqlite3_file* file, const void* data, int bytes, sqlite3_int64 at) {
    File& mine = self(file);
    const std::lock_guard lock(mine.state->mutex);
    if (!mine.machine->change()) return SQLITE_IOERR_WRITE;
    if (mine.path != nullptr) keep(mine, at, bytes);
    return realMethods(file).xWrite(mine.real, data, bytes, at);
}

int truncateFile(sqlite3_file* file, sqlite3_int64 size) {
    File& mine = self(file);
    const std::lock_guard lock(mine.state->mutex);
    if (!mine.machine->change()) return SQLITE_IOERR_TRUNCATE;
    if (mine.path != nullptr) {
        // What lay behind the new end never comes back in part: a file system that takes a
        // truncation back takes back all that was written since.
        Unsynced& unsynced = mine.machine->files[*mine.path];
        unsynced.sectors.erase(unsynced.sectors.lower_bound((size + kSector - 1) / kSector),
                               unsynced.sectors.end());
        unsynced.length = std::min(unsynced.length.value_or(size), size);
    }
    return realMethods(file).xTruncate(mine.real, size);
}

int syncFile(sqlite3_file* file, int /*flags*/) {
    File& mine = self(file);
    const std::lock_guard lock(mine.state->mutex);
    if (!mine.machine->change()) return SQLITE_IOERR_FSYNC;
    if (mine.path != nullptr && !mine.state->lies) mine.machine->files.erase(*mine.path);
    return SQLITE_OK;
}

int sizeOfFile(sqlite3_file* file, sqlite3_int64* size) {
    return realMethods(file).xFileSize(realOf(file), size);
}

int lockFile(sqlite3_file* file, int level) {
    return realMethods(file).xLock(realOf(file), level);
}

int unlockFile(sqlite3_file* file, int level) {
    return realMethods(file).xUnlock(realOf(file), level);
}

int reservedLock(sqlite3_file* file, int* held) {
    return realMethods(file).xCheckReservedLock(realOf(file), held);
}

int control(sqlite3_file* file, int op, void* argument) {
    return realMethods(file).xFileControl(realOf(file), op, argument);
}

int sectorSize(sqlite3_file* /*file*/) {
    return static_cast<int>(kSector);
}

/// None of the other promises that some disks make: SQLite must do without.
int characteristics(sqlite3_file* file) {
    return self(file).state->powersafe ? SQLITE_IOCAP_POWERSAFE_OVERWRITE : 0;
}

int shmMap(sqlite3_file* file, int page, int size, int extend, void volatile** out) {
    return realMethods(file).xShmMap(realOf(file), page, size, extend, out);
}

int shmLock(sqlite3_file* file, int offset, int count, int flags) {
    return realMethods(file).xShmLock(realOf(file), offset, count, flags);
}

void shmBarrier(sqlite3_file* file) {
    realMethods(file).xShmBarrier(realOf(file));
}

int shmUnmap(sqlite3_file* file, int remove) {
    return realMethods(file).xShmUnmap(realOf(file), remove);
}

constexpr sqlite3_io_methods kMethods = {
    2,        closeFile,  readFile,     writeFile, truncateFile, syncFile,        sizeOfFile,
    lockFile, unlockFile, reservedLock, control,   sectorSize,   characteristics, shmMap,
    shmLock,  shmBarrier, shmUnmap,     nullptr,   nullptr,
};

LossyDisk::State& stateOf(sqlite3_vfs* vfs) {
    return *static_cast<LossyDisk::State*>(vfs->pAppData);
}

int openFile(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* outFlags) {
    LossyDisk::State& state = stateOf(vfs);
    File& mine = *new (file) File{};
    mine.state = &state;
    mine.real = reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + sizeof(File));
    {
        const std::lock_guard lock(state.mutex);
        mine.machine = &state.of(name == nullptr ? std::string() : std::string(name));
        if (mine.machine->off) return SQLITE_CANTOPEN;
    }
    const int code = state.real->xOpen(state.real, name, mine.real, flags, outFlags);
    if (code != SQLITE_OK) return code;
    if (name != nullptr) mine.path = new std::string(name);
    mine.base.pMethods = &kMethods;
    return SQLITE_OK;
}

int deleteFile(sqlite3_vfs* vfs, const char* name, int syncFolder) {
    LossyDisk::State& state = stateOf(vfs);
    const std::lock_guard lock(state.mutex);
    Machine& machine = state.of(name);
    if (!machine.change()) return SQLITE_IOERR_DELETE;
    machine.files.erase(name);
    return state.real->xDelete(state.real, name, syncFolder);
}

int pathOf(sqlite3_vfs* vfs, const char* name, int bytes, char* out) {
    sqlite3_vfs* real = stateOf(vfs).real;
    return real->xFullPathname(real, name, bytes, out);
}

int randomBytes(sqlite3_vfs* vfs, int bytes, char* out) {
    LossyDisk::State& state = stateOf(vfs);
    const std::lock_guard lock(state.mutex);
    state.random.fill(std::as_writable_bytes(std::span(out, static_cast<std::size_t>(bytes))));
    return bytes;
}

int accessOf(sqlite3_vfs* vfs, const char* name, int flags, int* out) {
    sqlite3_vfs* real = stateOf(vfs).real;
    return real->xAccess(real, name, flags, out);
}

} // namespace

LossyDisk::LossyDisk(bool powersafe) : _state(std::make_unique<State>()) {
    State& state = *_state;
    state.powersafe = powersafe;
    state.real = sqlite3_vfs_find(nullptr);
    state.vfs = *state.real;
    state.vfs.iVersion = 2; // no system calls to replace
    state.vfs.zName = kName;
    state.vfs.pAppData = &state;
    state.vfs.szOsFile = static_cast<int>(sizeof(File)) + state.real->szOsFile;
    state.vfs.xOpen = openFile;
    state.vfs.xDelete = deleteFile;
    state.vfs.xFullPathname = pathOf;
    state.vfs.xAccess = accessOf;
    state.vfs.xRandomness = randomBytes;
    if (sqlite3_vfs_register(&state.vfs, 1) != SQLITE_OK) throw std::runtime_error("no VFS");
}

LossyDisk::~LossyDisk() {
    sqlite3_vfs_unregister(&_state->vfs);
    sqlite3_vfs_register(_state->real, 1);
}

void LossyDisk::separate(const std::string& folder) {
    const std::lock_guard lock(_state->mutex);
    _state->machines[canonical(folder)];
}

void LossyDisk::cutAfter(std::uint64_t changes, const std::string& folder) {
    const std::lock_guard lock(_state->mutex);
    _state->named(folder).changesLeft = changes;
}

void LossyDisk::cut(const std::string& folder) {
    const std::lock_guard lock(_state->mutex);
    _state->named(folder).off = true;
}

bool LossyDisk::isCut(const std::string& folder) const {
    const std::lock_guard lock(_state->mutex);
    return _state->named(folder).off;
}

void LossyDisk::settle(std::uint64_t seed, const std::string& folder) {
    const std::lock_guard lock(_state->mutex);
    SeededRandom coin(seed);
    // Now and then the disk was through with all of it, and only nobody heard.
    const bool whole = coin.below(4) == 0;
    Machine& machine = _state->named(folder);
    for (const auto& [path, unsynced] : machine.files) {
        // The index of the log lives in memory that all processes share: it does not survive.
        std::filesystem::remove(path + "-shm");
        if (whole || !std::filesystem::exists(path)) continue;
        if (static_cast<sqlite3_int64>(std::filesystem::file_size(path)) < *unsynced.length ||
            coin.below(2) == 0) {
            std::filesystem::resize_file(path, static_cast<std::uintmax_t>(*unsynced.length));
        }
        const auto size = static_cast<sqlite3_int64>(std::filesystem::file_size(path));
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        for (const auto& [sector, was] : unsynced.sectors) {
            const sqlite3_int64 at = sector * kSector;
            if (at >= size || coin.below(2) == 0) continue;
            file.seekp(at);
            file.write(was.data(), std::min(kSector, size - at));
            ++_state->lost;
        }
    }
    machine = {};
}

std::uint64_t LossyDisk::sectorsLost() const {
    const std::lock_guard lock(_state->mutex);
    return _state->lost;
}

void LossyDisk::lie(bool on) {
    const std::lock_guard lock(_state->mutex);
    _state->lies = on;
}

void LossyDisk::seed(std::uint64_t seed) {
    {
        const std::lock_guard lock(_state->mutex);
        _state->random = SeededRandom(seed);
    }
    sqlite3_randomness(0, nullptr); // what it drew before is forgotten
}

} // namespace souffleur::test
