#include "sync/store/FolderLock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace souffleur::store {

FolderLock::~FolderLock() {
    if (_fd >= 0) ::close(_fd);
}

Result<FolderLock> FolderLock::take(const std::string& folder, bool alone) {
    const int fd = ::open((folder + "/hub.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        return fail(Code::storage,
                    std::string("the hub's data folder cannot be written: ") + std::strerror(errno),
                    folder);
    }
    FolderLock lock(fd);
    if (alone && ::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        return fail(Code::locked, "another souffleur-hub uses this data folder", folder);
    }
    return lock;
}

} // namespace souffleur::store
