// What `souffleur demo` refuses before it starts anything.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <fstream>

#include "kiosk/cli/Commands.h"
#include "tests/support/TemporaryFolder.h"

using namespace souffleur;

TEST_CASE("a second demo in the folder of a running one is refused and clears nothing") {
    test::TemporaryFolder folder;
    SystemClock clock;
    SystemRandom random;
    std::ofstream(folder.path() / "demo.json") << "the first one's";
    const int lock =
        ::open((folder.path() / "demo.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    REQUIRE(lock >= 0);
    REQUIRE(::flock(lock, LOCK_EX | LOCK_NB) == 0);
    cli::DemoOptions options;
    options.folder = folder.path();
    options.headless = true;
    CHECK(cli::runDemo({folder.path(), clock, random}, options) == 1);
    std::ifstream kept(folder.path() / "demo.json");
    std::string line;
    std::getline(kept, line);
    CHECK(line == "the first one's");
    ::close(lock);
}

TEST_CASE("a folder that no demo made is not cleared") {
    test::TemporaryFolder folder;
    SystemClock clock;
    SystemRandom random;
    std::ofstream(folder.path() / "letter.txt") << "mine";
    cli::DemoOptions options;
    options.folder = folder.path();
    options.headless = true;
    CHECK(cli::runDemo({folder.path(), clock, random}, options) == 1);
    CHECK(std::filesystem::exists(folder.path() / "letter.txt"));
}
