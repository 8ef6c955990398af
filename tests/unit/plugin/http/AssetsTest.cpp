#include "plugin/http/Assets.h"

#include <doctest/doctest.h>

#include <fstream>

#include "tests/support/Folder.h"

namespace souffleur::assets {
std::span<const http::Asset> testpage();
}

using namespace souffleur;
using namespace souffleur::http;

namespace {

Request asking(std::string path, bool gzip = false) {
    Request request;
    request.path = std::move(path);
    if (gzip) request.headers.set("Accept-Encoding", "br, gzip");
    return request;
}

} // namespace

TEST_CASE("embedded files are served compressed, or plain to those who cannot") {
    const Assets assets(assets::testpage());
    const auto plain = assets.serve(asking("/")).value();
    CHECK(plain.body == "<!doctype html><title>Test</title>\n");
    CHECK(plain.headers.get("Content-Type") == "text/html; charset=utf-8");
    CHECK(plain.headers.get("Cache-Control") == "no-store");
    const auto packed = assets.serve(asking("/index.html", true)).value();
    CHECK(packed.headers.get("Content-Encoding") == "gzip");
    CHECK(packed.body.starts_with("\x1f\x8b"));
}

TEST_CASE("names with a content hash are immutable, others are asked for again") {
    const Assets assets(assets::testpage());
    const auto script = assets.serve(asking("/assets/index-Ab12_d34.js")).value();
    CHECK(script.headers.get("Cache-Control").find("immutable") != std::string::npos);
    CHECK(script.headers.get("Content-Type") == "text/javascript; charset=utf-8");
    Request again = asking("/site.webmanifest");
    const auto manifest = assets.serve(again).value();
    CHECK(manifest.headers.get("Cache-Control") == "no-cache");
    again.headers.set("If-None-Match", std::string(manifest.headers.get("ETag")));
    CHECK(assets.serve(again).value().status == 304);
    CHECK(assets.serve(asking("/none.js")).error().code == Code::notFound);
}

TEST_CASE("a folder is served without a way out of it") {
    const Folder outside;
    const Folder folder;
    std::ofstream(outside.path() / "secret.txt") << "secret";
    std::ofstream(folder.path() / "index.html") << "page";
    std::filesystem::create_symlink(outside.path() / "secret.txt", folder.path() / "link.txt");
    std::filesystem::create_directory_symlink(outside.path(), folder.path() / "dir");
    std::filesystem::create_directory(folder.path() / "sub");
    const Assets assets(folder.path());
    CHECK(assets.serve(asking("/")).value().body == "page");
    for (const std::string path : {"/link.txt", "/dir/secret.txt", "/../secret.txt", "/sub",
                                   "/none", "//etc/passwd", "/sub/"}) {
        CAPTURE(path);
        CHECK_FALSE(assets.serve(asking(path)).has_value());
    }
    CHECK(Assets(folder.path() / "gone").serve(asking("/")).error().code == Code::unavailable);
}
