#include "drivers/printer/JobStore.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

namespace souffleur::printer {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMagic = "souffleur-job-1\n";
constexpr std::size_t kMaxHead = 512;

/// A descriptor that closes itself.
class File {
public:
    File(const fs::path& path, int flags)
        : _fd(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600)) {}
    ~File() {
        if (_fd >= 0) ::close(_fd);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    [[nodiscard]] bool open() const { return _fd >= 0; }
    [[nodiscard]] bool sync() const { return open() && ::fsync(_fd) == 0; }
    [[nodiscard]] bool write(std::string_view bytes) const {
        while (!bytes.empty()) {
            const ssize_t count = ::write(_fd, bytes.data(), bytes.size());
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
        return true;
    }
    /// All of it; nothing when it is longer than `most`.
    [[nodiscard]] std::optional<std::string> read(std::size_t most) const {
        struct stat about {};
        if (::fstat(_fd, &about) != 0 || !S_ISREG(about.st_mode) || about.st_size < 0 ||
            static_cast<std::size_t>(about.st_size) > most) {
            return std::nullopt;
        }
        std::string bytes(static_cast<std::size_t>(about.st_size), '\0');
        std::size_t at = 0;
        while (at < bytes.size()) {
            const ssize_t count = ::read(_fd, bytes.data() + at, bytes.size() - at);
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0) return std::nullopt;
            at += static_cast<std::size_t>(count);
        }
        return bytes;
    }
    /// Zeros over what stands in it.
    void blank() const {
        struct stat about {};
        if (::fstat(_fd, &about) != 0 || !S_ISREG(about.st_mode)) return;
        const std::string zeros(4096, '\0');
        for (auto left = about.st_size; left > 0;) {
            const auto piece = std::min<off_t>(left, 4096);
            if (!write(std::string_view(zeros).substr(0, static_cast<std::size_t>(piece)))) return;
            left -= piece;
        }
        (void) ::fdatasync(_fd);
    }

private:
    int _fd;
};

void wipe(const fs::path& path) {
    {
        const File file(path, O_WRONLY);
        if (file.open()) file.blank();
    }
    (void) ::unlink(path.c_str());
}

/// FNV-1a: tells a file that a power cut left half written, and no more than that.
std::uint64_t checksum(std::string_view bytes) {
    std::uint64_t sum = 0xCBF29CE484222325U;
    for (const char c : bytes) sum = (sum ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
    return sum;
}

template <typename Number>
std::optional<Number> numberOf(std::string_view text) {
    Number number{};
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) return std::nullopt;
    return number;
}

/// Up to the next line's end, which is dropped.
std::optional<std::string_view> line(std::string_view& rest) {
    const auto end = rest.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    const auto found = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    return found;
}

bool oneLine(std::string_view text) {
    return text.find('\n') == std::string_view::npos && text.size() <= kMaxTagBytes;
}

/// Magic, then lines: checksum of what follows, time, profile, tag; then the bytes.
std::string written(const StoredJob& job, std::int64_t at) {
    std::string body = std::to_string(at) + '\n' + job.profile + '\n' + job.tag + '\n';
    body.append(reinterpret_cast<const char*>(job.bytes.data()), job.bytes.size());
    return std::string(kMagic) + std::to_string(checksum(body)) + '\n' + body;
}

std::optional<StoredJob> parsed(std::string_view text, std::int64_t now) {
    if (!text.starts_with(kMagic)) return std::nullopt;
    text.remove_prefix(kMagic.size());
    const auto sum = line(text);
    if (!sum || numberOf<std::uint64_t>(*sum) != checksum(text)) return std::nullopt;
    const auto at = line(text);
    const auto profile = line(text);
    const auto tag = line(text);
    const auto when = at ? numberOf<std::int64_t>(*at) : std::nullopt;
    if (!when || !profile || !tag) return std::nullopt;
    StoredJob job;
    job.profile = *profile;
    job.tag = *tag;
    job.bytes.assign(text.begin(), text.end());
    job.ageMs = *when <= now ? now - *when : std::numeric_limits<std::int64_t>::max();
    return job;
}

} // namespace

FolderJobStore::FolderJobStore(fs::path folder, WallClock clock)
    : _folder(std::move(folder)), _clock(std::move(clock)) {
    (void) ::mkdir(_folder.c_str(), 0700);
}

fs::path FolderJobStore::file(JobId id, bool sent) const {
    std::string name = std::to_string(id);
    name.insert(0, 20 - std::min<std::size_t>(20, name.size()), '0');
    return _folder / (name + (sent ? ".sent" : ".job"));
}

bool FolderJobStore::put(const StoredJob& job) {
    if (!oneLine(job.profile) || !oneLine(job.tag) || job.bytes.size() > kMaxStoredBytes) {
        return false;
    }
    const fs::path path = file(job.id, job.sent);
    fs::path part = path;
    part += ".part";
    {
        const File out(part, O_WRONLY | O_CREAT | O_TRUNC);
        if (!out.open() || !out.write(written(job, _clock() - job.ageMs))) {
            wipe(part);
            return false;
        }
    }
    return ::rename(part.c_str(), path.c_str()) == 0;
}

bool FolderJobStore::markSent(JobId id) {
    const fs::path from = file(id, false);
    const fs::path to = file(id, true);
    const bool already = ::access(from.c_str(), F_OK) != 0;
    if (!File(already ? to : from, O_WRONLY).sync()) return false;
    if (!already && ::rename(from.c_str(), to.c_str()) != 0) return false;
    return File(_folder, O_RDONLY | O_DIRECTORY).sync();
}

bool FolderJobStore::markWaiting(JobId id) {
    return ::rename(file(id, true).c_str(), file(id, false).c_str()) == 0;
}

void FolderJobStore::erase(JobId id) {
    wipe(file(id, false));
    wipe(file(id, true));
}

std::vector<StoredJob> FolderJobStore::load() {
    std::vector<StoredJob> jobs;
    std::vector<fs::path> odd;
    std::error_code bad;
    for (fs::directory_iterator it(_folder, bad), end; !bad && it != end; it.increment(bad)) {
        const fs::path& path = it->path();
        const auto id = numberOf<JobId>(path.stem().string());
        const bool sent = path.extension() == ".sent";
        if (!id || (!sent && path.extension() != ".job")) {
            odd.push_back(path);
            continue;
        }
        const File in(path, O_RDONLY);
        const auto text = in.open() ? in.read(kMaxStoredBytes + kMaxHead) : std::nullopt;
        auto job = text ? parsed(*text, _clock()) : std::nullopt;
        if (!job) {
            odd.push_back(path);
            continue;
        }
        job->id = *id;
        job->sent = sent;
        jobs.push_back(std::move(*job));
    }
    for (const fs::path& path : odd) wipe(path);
    std::ranges::sort(jobs, {}, &StoredJob::id);
    return jobs;
}

} // namespace souffleur::printer
