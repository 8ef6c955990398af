#include "drivers/printer/JobStore.h"

#include <sys/stat.h>

#include <fstream>
#include <limits>
#include <sstream>

#include "tests/support/Property.h"
#include "tests/support/TemporaryFolder.h"

using namespace souffleur;
namespace fs = std::filesystem;

namespace {

struct Shelf {
    test::TemporaryFolder folder;
    fs::path path = folder.path() / "queue";
    std::int64_t now = 1'790'000'000'000;
    printer::FolderJobStore store{path, [this] { return now; }};

    printer::StoredJob job(printer::JobId id, const std::string& text = "slip") {
        return {id, "generic-80mm", "tag-" + std::to_string(id), {text.begin(), text.end()}, false,
                0};
    }
    std::size_t files() const {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator(path), fs::directory_iterator()));
    }
    static std::string read(const fs::path& file) {
        std::ifstream in(file, std::ios::binary);
        std::stringstream text;
        text << in.rdbuf();
        return text.str();
    }
    fs::path only() const { return fs::directory_iterator(path)->path(); }
};

unsigned modeOf(const fs::path& path) {
    struct stat about {};
    REQUIRE(::stat(path.c_str(), &about) == 0);
    return about.st_mode & 0777U;
}

} // namespace

TEST_CASE("what was marked is marked twice without harm, and waits again when nothing went out") {
    Shelf shelf;
    REQUIRE(shelf.store.put(shelf.job(7)));
    CHECK(shelf.store.markSent(7));
    CHECK(shelf.store.markSent(7));
    REQUIRE(shelf.store.load().size() == 1);
    CHECK(shelf.store.load()[0].sent);
    CHECK(shelf.store.markWaiting(7));
    REQUIRE(shelf.store.load().size() == 1);
    CHECK_FALSE(shelf.store.load()[0].sent);
    CHECK(shelf.files() == 1);
    CHECK_FALSE(shelf.store.markSent(8));
    CHECK_FALSE(shelf.store.markWaiting(8));
}

TEST_CASE("what was put is loaded, in order, with its age and whether it was being sent") {
    Shelf shelf;
    REQUIRE(shelf.store.put(shelf.job(12, std::string("a\nb\0c", 5))));
    auto old = shelf.job(3);
    old.ageMs = 500;
    REQUIRE(shelf.store.put(old));
    REQUIRE(shelf.store.markSent(12));
    shelf.now += 1000;
    const auto jobs = shelf.store.load();
    REQUIRE(jobs.size() == 2);
    CHECK(jobs[0].id == 3);
    CHECK(jobs[0].ageMs == 1500);
    CHECK_FALSE(jobs[0].sent);
    CHECK(jobs[1].id == 12);
    CHECK(jobs[1].sent);
    CHECK(jobs[1].tag == "tag-12");
    CHECK(jobs[1].profile == "generic-80mm");
    CHECK(std::string(jobs[1].bytes.begin(), jobs[1].bytes.end()) == std::string("a\nb\0c", 5));
    shelf.store.erase(3);
    shelf.store.erase(12);
    shelf.store.erase(12);
    CHECK(shelf.files() == 0);
}

TEST_CASE("only the owner can read it, and erasing leaves nothing of it in the file") {
    Shelf shelf;
    REQUIRE(shelf.store.put(shelf.job(1, "Anna van der Meer")));
    CHECK(modeOf(shelf.path) == 0700);
    const fs::path file = shelf.only();
    CHECK(modeOf(file) == 0600);
    const fs::path link = shelf.folder.path() / "kept"; // the same blocks under another name
    fs::create_hard_link(file, link);
    CHECK(Shelf::read(link).find("Anna") != std::string::npos);
    shelf.store.erase(1);
    CHECK_FALSE(fs::exists(file));
    const std::string left = Shelf::read(link);
    CHECK_FALSE(left.empty());
    CHECK(left.find_first_not_of('\0') == std::string::npos);
}

TEST_CASE("a file that is torn, foreign or a link is erased, not printed") {
    for (const std::string damage : {"torn", "changed", "foreign", "empty"}) {
        CAPTURE(damage);
        Shelf shelf;
        REQUIRE(shelf.store.put(shelf.job(1, std::string(1000, 'x'))));
        const fs::path file = shelf.only();
        std::string text = Shelf::read(file);
        if (damage == "torn") text.resize(text.size() / 2);
        if (damage == "changed") text.back() = 'y';
        if (damage == "foreign") text = "#!/bin/sh\n";
        if (damage == "empty") text.clear();
        std::ofstream(file, std::ios::binary) << text;
        CHECK(shelf.store.load().empty());
        CHECK(shelf.files() == 0);
    }
    Shelf shelf;
    const fs::path elsewhere = shelf.folder.path() / "elsewhere";
    std::ofstream(elsewhere) << "keep";
    fs::create_symlink(elsewhere, shelf.path / "00000000000000000007.job");
    CHECK(shelf.store.load().empty());
    CHECK(Shelf::read(elsewhere) == "keep");
}

TEST_CASE("a clock that was set back makes a job as old as can be") {
    Shelf shelf;
    REQUIRE(shelf.store.put(shelf.job(1)));
    shelf.now -= 1;
    CHECK(shelf.store.load().at(0).ageMs == std::numeric_limits<std::int64_t>::max());
}

TEST_CASE("a folder that cannot be made keeps nothing and says so") {
    test::TemporaryFolder folder;
    std::ofstream(folder.path() / "file") << "x";
    printer::FolderJobStore store(folder.path() / "file" / "queue", [] { return std::int64_t{0}; });
    CHECK_FALSE(store.put({1, "generic-80mm", "", {1}, false, 0}));
    CHECK_FALSE(store.markSent(1));
    CHECK(store.load().empty());
}

TEST_CASE("what would not read back is not kept") {
    Shelf shelf;
    auto job = shelf.job(1);
    job.tag = "two\nlines";
    CHECK_FALSE(shelf.store.put(job));
    job.tag = std::string(printer::kMaxTagBytes + 1, 't');
    CHECK_FALSE(shelf.store.put(job));
    CHECK(shelf.files() == 0);
}
