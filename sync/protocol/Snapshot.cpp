#include "sync/protocol/Snapshot.h"

#include <fcntl.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>

#include "plugin/base/Limits.h"
#include "plugin/crypto/Encoding.h"
#include "plugin/wire/Json.h"
#include "plugin/wire/JsonWriter.h"
#include "sync/protocol/HashText.h"

namespace souffleur::protocol {
namespace {

constexpr std::size_t kIdChars = 32;
constexpr std::size_t kCursorMaxBytes = 2048;
constexpr std::size_t kSignatureChars = 128;
constexpr int kLevel = 3;

bool isSnapshotId(std::string_view id) {
    return id.size() == kIdChars &&
           id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Error diskError(const char* what) {
    return {Code::storage, std::string(what) + ": " + std::generic_category().message(errno),
            "snapshot"};
}

/// A descriptor that closes.
class File {
public:
    File(const std::filesystem::path& path, int flags)
        : _fd(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
    ~File() {
        if (_fd >= 0) ::close(_fd);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    [[nodiscard]] bool good() const { return _fd >= 0; }
    [[nodiscard]] bool sync() const { return ::fsync(_fd) == 0; }
    /// Bytes read; 0 at the end, -1 for an error.
    ssize_t read(std::string& piece) const {
        ssize_t got = -1;
        do {
            got = ::read(_fd, piece.data(), piece.size());
        } while (got < 0 && errno == EINTR);
        return got;
    }
    [[nodiscard]] bool write(std::string_view bytes) const {
        while (!bytes.empty()) {
            const ssize_t done = ::write(_fd, bytes.data(), bytes.size());
            if (done < 0 && errno == EINTR) continue;
            if (done <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(done));
        }
        return true;
    }

private:
    int _fd;
};

/// Calls `take` with each piece of the file, the last one with `end`.
Result<void> eachPiece(const std::filesystem::path& from,
                       const std::function<Result<void>(std::string_view, bool end)>& take) {
    const File in(from, O_RDONLY);
    if (!in.good()) return tl::make_unexpected(diskError("a snapshot's file cannot be opened"));
    std::string piece(ZSTD_CStreamInSize(), '\0');
    while (true) {
        const ssize_t got = in.read(piece);
        if (got < 0) return tl::make_unexpected(diskError("a snapshot's file cannot be read"));
        auto taken =
            take(std::string_view(piece).substr(0, static_cast<std::size_t>(got)), got == 0);
        if (!taken || got == 0) return taken;
    }
}

using Packer = std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)>;
using Unpacker = std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)>;

Result<void> unpackInto(const std::filesystem::path& from, const File& out,
                        std::uint64_t rawBytes) {
    const Unpacker context(ZSTD_createDCtx(), &ZSTD_freeDCtx);
    std::string piece(ZSTD_DStreamOutSize(), '\0');
    std::uint64_t size = 0;
    std::size_t left = 1;
    auto done = eachPiece(from, [&](std::string_view bytes, bool) -> Result<void> {
        ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
        bool full = false; // there may be more to come of what was taken
        while (input.pos < input.size || full) {
            if (left == 0) return fail(Code::corrupt, "bytes follow the end of a snapshot");
            ZSTD_outBuffer output{piece.data(), piece.size(), 0};
            left = ZSTD_decompressStream(context.get(), &output, &input);
            if (ZSTD_isError(left) != 0) return fail(Code::corrupt, "a snapshot is not zstd");
            full = left != 0 && output.pos == output.size;
            size += output.pos;
            if (size > rawBytes)
                return fail(Code::tooLarge, "a snapshot unpacks to more than it says");
            if (!out.write(std::string_view(piece).substr(0, output.pos)))
                return tl::make_unexpected(diskError("a snapshot cannot be unpacked"));
        }
        return {};
    });
    if (!done) return done;
    if (left != 0 || size != rawBytes) return fail(Code::corrupt, "a snapshot is not whole");
    if (!out.sync()) return tl::make_unexpected(diskError("a snapshot cannot be unpacked"));
    return {};
}

} // namespace

std::string signingInput(const SnapshotManifest& manifest) {
    std::string out = "souffleur-snapshot-1\n";
    for (const std::string& line :
         {manifest.id, manifest.log.text(), std::to_string(manifest.at), manifest.cursor,
          std::to_string(manifest.people), std::to_string(manifest.bytes),
          std::to_string(manifest.rawBytes), hashText(manifest.hash)}) {
        out += line + '\n';
    }
    return out;
}

bool soundSnapshot(const SnapshotManifest& manifest, const crypto::PublicKey& key) {
    return manifest.bytes > 0 && manifest.bytes <= kSnapshotMaxBytes &&
           manifest.rawBytes <= kSnapshotMaxRawBytes &&
           crypto::verify(key, signingInput(manifest), manifest.signature);
}

std::string encodeManifest(const SnapshotManifest& manifest) {
    wire::JsonWriter out;
    out.beginObject().field("id", manifest.id).field("log", manifest.log).field("at", manifest.at);
    out.field("cursor", manifest.cursor).field("people", manifest.people);
    out.field("bytes", manifest.bytes).field("rawBytes", manifest.rawBytes);
    out.field("sha256", hashText(manifest.hash));
    out.field("sig", crypto::toHex(crypto::bytesOf(manifest.signature)));
    return out.endObject().take();
}

Result<SnapshotManifest> decodeManifest(std::string_view json) {
    SnapshotManifest out;
    wire::JsonReader in(wire::Json::parse(json));
    const auto number = [&](std::string_view key) {
        return static_cast<std::uint64_t>(in.integer(key, 0, INT64_MAX));
    };
    out.id = in.string("id", kIdChars);
    if (in.ok() && !isSnapshotId(out.id)) in.reject("/id", "not the id of a snapshot");
    out.log = in.id<OriginId>("log");
    out.at = in.time("at");
    out.cursor = in.string("cursor", kCursorMaxBytes);
    out.people = number("people");
    out.bytes = number("bytes");
    out.rawBytes = number("rawBytes");
    const auto hash = parseHash(in.string("sha256", 64));
    const auto signature = crypto::fromHex(in.string("sig", kSignatureChars));
    if (auto ok = in.done(); !ok) return passOn(ok);
    if (!hash) return passOn(hash);
    if (!signature || signature->size() != out.signature.size())
        return fail(Code::invalid, "not a signature", "/sig");
    out.hash = *hash;
    std::copy(signature->begin(), signature->end(), out.signature.begin());
    return out;
}

Result<FileSum> sumOf(const std::filesystem::path& file) {
    FileSum out;
    crypto::Sha256 sum;
    auto read = eachPiece(file, [&](std::string_view bytes, bool) -> Result<void> {
        sum.update(bytes);
        out.bytes += bytes.size();
        return {};
    });
    if (!read) return passOn(read);
    out.hash = sum.finish();
    return out;
}

Result<FileSum> packFile(const std::filesystem::path& from, const std::filesystem::path& to) {
    const File out(to, O_WRONLY | O_CREAT | O_TRUNC);
    if (!out.good()) return tl::make_unexpected(diskError("a snapshot cannot be written"));
    const Packer context(ZSTD_createCCtx(), &ZSTD_freeCCtx);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, kLevel);
    std::string piece(ZSTD_CStreamOutSize(), '\0');
    FileSum made;
    crypto::Sha256 sum;
    auto packed = eachPiece(from, [&](std::string_view bytes, bool end) -> Result<void> {
        ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
        std::size_t left = 1;
        while (end ? left != 0 : input.pos < input.size) {
            ZSTD_outBuffer output{piece.data(), piece.size(), 0};
            left = ZSTD_compressStream2(context.get(), &output, &input,
                                        end ? ZSTD_e_end : ZSTD_e_continue);
            if (ZSTD_isError(left) != 0) return fail(Code::internal, "a snapshot cannot be packed");
            const std::string_view got = std::string_view(piece).substr(0, output.pos);
            sum.update(got);
            made.bytes += got.size();
            if (!out.write(got))
                return tl::make_unexpected(diskError("a snapshot cannot be written"));
        }
        return {};
    });
    if (!packed) return passOn(packed);
    if (!out.sync()) return tl::make_unexpected(diskError("a snapshot cannot be written"));
    made.hash = sum.finish();
    return made;
}

Result<void> unpackFile(const std::filesystem::path& from, const std::filesystem::path& to,
                        std::uint64_t rawBytes) {
    Result<void> done = fail(Code::internal, "nothing was unpacked");
    {
        const File out(to, O_WRONLY | O_CREAT | O_TRUNC);
        if (!out.good()) return tl::make_unexpected(diskError("a snapshot cannot be unpacked"));
        done = unpackInto(from, out, rawBytes);
    }
    std::error_code ignored;
    if (!done) std::filesystem::remove(to, ignored);
    return done;
}

} // namespace souffleur::protocol
