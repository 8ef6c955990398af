#include "plugin/crypto/PrivateFile.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "tests/support/Folder.h"

using namespace souffleur;
using namespace souffleur::crypto;

TEST_CASE("a private file comes back, and replaces the one before") {
    const Folder folder;
    const auto path = folder.path() / "secret";
    REQUIRE(writePrivateFile(path, "one").has_value());
    REQUIRE(writePrivateFile(path, std::string("two\0three", 9)).has_value());
    CHECK(readPrivateFile(path).value().view() == std::string("two\0three", 9));
    int files = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder.path()))
        ++files;
    CHECK(files == 1);
}

TEST_CASE("a folder is synced, and nothing else passes for one") {
    const Folder folder;
    CHECK(syncFolder(folder.path()).has_value());
    CHECK(syncFolder(folder.path() / "gone").error().code == Code::storage);
    REQUIRE(writePrivateFile(folder.path() / "file", "x").has_value());
    CHECK(syncFolder(folder.path() / "file").error().code == Code::storage);
}

TEST_CASE("a file that others may read is refused") {
    const Folder folder;
    const auto path = folder.path() / "secret";
    REQUIRE(writePrivateFile(path, "x").has_value());
    for (const mode_t mode : {0640U, 0604U, 0620U, 0601U}) {
        CAPTURE(mode);
        REQUIRE(::chmod(path.c_str(), mode) == 0);
        const auto read = readPrivateFile(path);
        REQUIRE_FALSE(read.has_value());
        CHECK(read.error().code == Code::refused);
    }
}

TEST_CASE("a link, a folder, a pipe and a missing file are refused") {
    const Folder folder;
    const auto path = folder.path() / "secret";
    REQUIRE(writePrivateFile(path, "x").has_value());
    std::filesystem::create_symlink(path, folder.path() / "link");
    REQUIRE(::mkfifo((folder.path() / "pipe").c_str(), 0600) == 0);
    std::filesystem::create_directory(folder.path() / "folder");
    CHECK(readPrivateFile(folder.path() / "link").error().code == Code::refused);
    CHECK(readPrivateFile(folder.path() / "pipe").error().code == Code::refused);
    CHECK(readPrivateFile(folder.path() / "folder").error().code == Code::refused);
    CHECK(readPrivateFile(folder.path() / "none").error().code == Code::notFound);
}

TEST_CASE("a file of another user is refused") {
    if (::geteuid() != 0) {
        MESSAGE("skipped: needs root to give a file away");
        return;
    }
    const Folder folder;
    const auto path = folder.path() / "secret";
    REQUIRE(writePrivateFile(path, "x").has_value());
    REQUIRE(::chown(path.c_str(), 65534, 65534) == 0);
    CHECK(readPrivateFile(path).error().code == Code::refused);
}

TEST_CASE("size has a bound and a missing folder is an error") {
    const Folder folder;
    const auto path = folder.path() / "secret";
    REQUIRE(writePrivateFile(path, std::string(100, 'x')).has_value());
    CHECK(readPrivateFile(path, 99).error().code == Code::tooLarge);
    CHECK(readPrivateFile(path, 100).has_value());
    CHECK(writePrivateFile(folder.path() / "no" / "secret", "x").error().code == Code::storage);
}
