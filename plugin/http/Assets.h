// The files of a page: gzipped and embedded in the program by embed_assets() (room.cmake), or from
// a folder while developing (`--ui-dir`).
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "plugin/http/Message.h"

namespace souffleur::http {

/// One embedded file.
struct Asset {
    std::string_view path; ///< "/assets/index-Ab12Cd34.js"
    std::string_view gzip; ///< the content, compressed
};

/// Serves GET. Files with a content hash in their name are immutable, HTML is no-store, others are
/// revalidated. Thread-safe after construction.
class Assets {
public:
    /// `embedded` comes from embed_assets(): `namespace souffleur::assets { std::span<const
    /// http::Asset> panel(); }`.
    explicit Assets(std::span<const Asset> embedded);
    /// Reads each file when asked for, 16 MiB at most; links out of the folder are not followed.
    explicit Assets(std::filesystem::path folder);

    /// "/" is index.html. Errors: notFound.
    [[nodiscard]] Result<Response> serve(const Request& request) const;
    /// serve() as a router's otherwise(); the object must outlive it.
    [[nodiscard]] Handler handler() const;

private:
    [[nodiscard]] Result<Response> fromFolder(const std::string& path) const;
    [[nodiscard]] Result<Response> embedded(const Request& request, const std::string& path) const;

    std::map<std::string_view, std::string_view> _embedded;
    std::filesystem::path _folder;
};

/// Media type by extension; "application/octet-stream" otherwise.
std::string_view mediaType(std::string_view path) noexcept;

} // namespace souffleur::http
