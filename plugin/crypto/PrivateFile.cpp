#include "plugin/crypto/PrivateFile.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

namespace souffleur::crypto {

namespace {

constexpr mode_t kPrivateMode = 0600;

/// A file descriptor with one owner.
class Descriptor {
public:
    explicit Descriptor(int fd) noexcept : _fd(fd) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() { close(); }
    [[nodiscard]] int get() const noexcept { return _fd; }
    bool close() noexcept {
        const bool good = _fd < 0 || ::close(_fd) == 0;
        _fd = -1;
        return good;
    }

private:
    int _fd;
};

tl::unexpected<Error> storageError(const std::string& what, const std::filesystem::path& path) {
    const std::string reason = std::error_code(errno, std::generic_category()).message();
    return fail(Code::storage, what + ": " + reason, path.string());
}

bool writeAll(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(fd, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

Result<void> writeWhole(const std::filesystem::path& path, std::string_view bytes) {
    std::string temporary = path.string() + ".XXXXXX";
    Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC)); // made with 0600
    if (file.get() < 0) return storageError("cannot create a file beside it", path);
    const bool written = ::fchmod(file.get(), kPrivateMode) == 0 && writeAll(file.get(), bytes) &&
                         ::fsync(file.get()) == 0 && file.close() &&
                         ::rename(temporary.c_str(), path.c_str()) == 0;
    if (!written) {
        auto error = storageError("cannot write the file", path);
        ::unlink(temporary.c_str());
        return error;
    }
    return syncFolder(path.has_parent_path() ? path.parent_path() : std::filesystem::path("."));
}

Result<void> checkPrivate(const struct stat& info, std::size_t maxBytes,
                          const std::filesystem::path& path) {
    if (!S_ISREG(info.st_mode))
        return fail(Code::refused, "this is not a regular file", path.string());
    if (info.st_uid != ::geteuid()) {
        return fail(Code::refused, "this file belongs to another user: chown it to ours",
                    path.string());
    }
    if ((info.st_mode & 077U) != 0) {
        return fail(Code::refused,
                    "this file can be read by others: chmod 600 it and replace the secret",
                    path.string());
    }
    if (info.st_size < 0 || static_cast<std::size_t>(info.st_size) > maxBytes) {
        return fail(Code::tooLarge, "this file is too large for a private file", path.string());
    }
    return {};
}

} // namespace

Result<void> syncFolder(const std::filesystem::path& folder) {
    const Descriptor dir(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (dir.get() < 0 || ::fsync(dir.get()) != 0) return storageError("cannot sync", folder);
    return {};
}

Result<void> writePrivateFile(const std::filesystem::path& path, std::string_view bytes) {
    return writeWhole(path, bytes);
}

Result<Secret> readPrivateFile(const std::filesystem::path& path, std::size_t maxBytes) {
    // O_NONBLOCK: a FIFO put in the file's place must not hang us before the check.
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (file.get() < 0) {
        if (errno == ENOENT) return fail(Code::notFound, "there is no such file", path.string());
        if (errno == ELOOP) return fail(Code::refused, "is a symbolic link", path.string());
        if (errno == EACCES) return fail(Code::refused, "cannot be read by us", path.string());
        return storageError("cannot open the file", path);
    }
    struct stat info {};
    if (::fstat(file.get(), &info) != 0) return storageError("cannot examine the file", path);
    if (auto good = checkPrivate(info, maxBytes, path); !good) return passOn(good);

    std::string bytes(static_cast<std::size_t>(info.st_size), '\0');
    std::size_t filled = 0;
    while (filled < bytes.size()) {
        const ssize_t count = ::read(file.get(), bytes.data() + filled, bytes.size() - filled);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return storageError("cannot read the file", path);
        if (count == 0) break;
        filled += static_cast<std::size_t>(count);
    }
    bytes.resize(filled);
    return Secret(std::move(bytes));
}

} // namespace souffleur::crypto
