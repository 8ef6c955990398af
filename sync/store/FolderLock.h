// One process for a head office's folder. Private to this room.
#pragma once

#include <string>
#include <utility>

#include "plugin/base/Result.h"

namespace souffleur::store {

class FolderLock {
public:
    /// `alone` false: takes no lock, only checks that the folder can be written.
    static Result<FolderLock> take(const std::string& folder, bool alone);
    FolderLock(FolderLock&& other) noexcept : _fd(std::exchange(other._fd, -1)) {}
    FolderLock& operator=(FolderLock&&) = delete;
    ~FolderLock();

private:
    explicit FolderLock(int fd) : _fd(fd) {}
    int _fd;
};

} // namespace souffleur::store
