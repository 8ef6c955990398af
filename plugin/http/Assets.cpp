#include "plugin/http/Assets.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <Poco/InflatingStream.h>
#include <Poco/MemoryStream.h>
#include <Poco/StreamCopier.h>

#include <array>
#include <fstream>
#include <iterator>

#include "plugin/crypto/Encoding.h"

namespace souffleur::http {

namespace {

constexpr std::uintmax_t kFileMaxBytes = 16 * 1024 * 1024;
constexpr std::size_t kNameHashChars = 8;
constexpr const char* kImmutable = "public, max-age=31536000, immutable";

bool isHashChar(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

/// "name-Ab12Cd34.js", as bundlers write it, and only below /assets/.
bool hasContentHash(std::string_view path) {
    if (!path.starts_with("/assets/")) return false;
    const std::size_t dot = path.find('.', path.rfind('/'));
    if (dot == std::string_view::npos || dot < kNameHashChars + 1) return false;
    const std::string_view hash = path.substr(dot - kNameHashChars, kNameHashChars);
    return path[dot - kNameHashChars - 1] == '-' &&
           std::all_of(hash.begin(), hash.end(), isHashChar);
}

std::string cacheControl(std::string_view path) {
    if (mediaType(path).starts_with("text/html")) return "no-store";
    return hasContentHash(path) ? kImmutable : "no-cache";
}

bool acceptsGzip(const Request& request) {
    return request.headers.get("Accept-Encoding").find("gzip") != std::string_view::npos;
}

std::string inflated(std::string_view gzip) {
    Poco::MemoryInputStream in(gzip.data(), static_cast<std::streamsize>(gzip.size()));
    Poco::InflatingInputStream inflate(in, Poco::InflatingStreamBuf::STREAM_GZIP);
    std::string out;
    Poco::StreamCopier::copyToString(inflate, out);
    return out;
}

tl::unexpected<Error> noSuchFile() {
    return fail(Code::notFound, "there is nothing at this address");
}

} // namespace

std::string_view mediaType(std::string_view path) noexcept {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kTypes{
        {{".html", "text/html; charset=utf-8"},
         {".js", "text/javascript; charset=utf-8"},
         {".mjs", "text/javascript; charset=utf-8"},
         {".css", "text/css; charset=utf-8"},
         {".json", "application/json"},
         {".map", "application/json"},
         {".svg", "image/svg+xml"},
         {".png", "image/png"},
         {".webp", "image/webp"},
         {".ico", "image/x-icon"},
         {".woff2", "font/woff2"},
         {".txt", "text/plain; charset=utf-8"},
         {".webmanifest", "application/manifest+json"},
         {".mp3", "audio/mpeg"}}};
    for (const auto& [ending, type] : kTypes) {
        if (path.ends_with(ending)) return type;
    }
    return "application/octet-stream";
}

Assets::Assets(std::span<const Asset> embedded) {
    for (const Asset& asset : embedded) _embedded[asset.path] = asset.gzip;
}

Assets::Assets(std::filesystem::path folder) : _folder(std::move(folder)) {}

Result<Response> Assets::serve(const Request& request) const {
    const std::string path =
        request.path.ends_with('/') ? request.path + "index.html" : request.path;
    return _folder.empty() ? embedded(request, path) : fromFolder(path);
}

Handler Assets::handler() const {
    return [this](const Request& request) { return serve(request); };
}

Result<Response> Assets::embedded(const Request& request, const std::string& path) const {
    const auto found = _embedded.find(path);
    if (found == _embedded.end()) return noSuchFile();
    Response response;
    response.headers.set("Content-Type", std::string(mediaType(path)));
    response.headers.set("Cache-Control", cacheControl(path));
    response.headers.set("Vary", "Accept-Encoding");
    const std::string tag =
        "\"" + crypto::toHex(crypto::bytesOf(crypto::sha256(found->second))).substr(0, 24) + "\"";
    response.headers.set("ETag", tag);
    if (request.headers.get("If-None-Match") == tag) {
        response.status = 304;
    } else if (acceptsGzip(request)) {
        response.headers.set("Content-Encoding", "gzip");
        response.body = found->second;
    } else {
        response.body = inflated(found->second);
    }
    return response;
}

Result<Response> Assets::fromFolder(const std::string& path) const {
    // The router refuses "..", this refuses links: a folder of a page must not open the rest of the
    // disk.
    std::error_code error;
    const auto root = std::filesystem::canonical(_folder, error);
    if (error) return fail(Code::unavailable, "the folder of the page is missing");
    const auto file = std::filesystem::canonical(root / path.substr(1), error);
    if (error) return noSuchFile();
    const auto inside = std::mismatch(root.begin(), root.end(), file.begin(), file.end());
    if (inside.first != root.end() || !std::filesystem::is_regular_file(file, error) ||
        std::filesystem::file_size(file, error) > kFileMaxBytes || error) {
        return noSuchFile();
    }
    std::ifstream in(file, std::ios::binary);
    if (!in) return noSuchFile();
    Response response;
    response.body.assign(std::istreambuf_iterator<char>(in), {});
    response.headers.set("Content-Type", std::string(mediaType(path)));
    response.headers.set("Cache-Control", "no-store");
    return response;
}

} // namespace souffleur::http
