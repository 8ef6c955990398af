// `souffleur provision …` against the virtual printer: exit codes, files, the till's lock.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <fstream>
#include <sys/file.h>
#include <unistd.h>

#include "drivers/emulator/Server.h"
#include "kiosk/cli/Commands.h"
#include "kiosk/terminal/Profiles.h"
#include "tests/support/TemporaryFolder.h"

using namespace souffleur;

namespace {

struct House {
    test::TemporaryFolder folder;
    SystemClock clock;
    SystemRandom random;
    cli::Context context{folder.path() / "data", clock, random};
    emulator::VirtualPrinter printer{terminal::printerProfile("epson-tm-t88v").value()};
    emulator::PrinterServer server{printer, 0};
    cli::ProvisionOptions options;

    House() {
        options.device = "tcp://127.0.0.1:" + std::to_string(server.port());
        options.settings = folder.path() / "till.toml";
        declare("print-density = 4\n");
    }
    void declare(const std::string& values) const {
        std::ofstream(options.settings)
            << "schema = 1\nmodel = \"epson-tm-t88v\"\ncode-page = \"cp1252\"\n[values]\n"
            << values;
    }
    [[nodiscard]] std::vector<std::filesystem::path> backups() const {
        std::vector<std::filesystem::path> found;
        for (const auto& file : std::filesystem::recursive_directory_iterator(context.data)) {
            if (file.path().filename().string().starts_with("backup-")) found.push_back(file);
        }
        return found;
    }
};

} // namespace

TEST_CASE("every profile of the tree is in the program") {
    const auto models = terminal::printerModels();
    REQUIRE(models);
    CHECK(models->size() >= 14);
}

TEST_CASE("plan says 2 until apply, then 0; restore brings it back") {
    House house;
    CHECK(cli::provisionPlan(house.context, house.options) == 2);
    CHECK(house.printer.memoryWrites() == 0);
    CHECK_FALSE(std::filesystem::exists(house.context.data));
    const auto before = house.printer.memoryDump();
    CHECK(cli::provisionApply(house.context, house.options) == 0);
    CHECK(house.printer.memoryDump().find("value 5 4\nvalue 8 16\n") != std::string::npos);
    house.options.json = true;
    CHECK(cli::provisionPlan(house.context, house.options) == 0);
    REQUIRE(house.backups().size() == 1);
    house.options.backup = house.backups().front();
    CHECK(cli::provisionRestore(house.context, house.options) == 0);
    CHECK(house.printer.memoryDump() == before);
    CHECK(cli::provisionBackup(house.context, house.options) == 0);
    CHECK(house.backups().size() == 3);
}

TEST_CASE("what cannot be done says 1") {
    House house;
    house.declare("print-density = \"much\"\n");
    CHECK(cli::provisionPlan(house.context, house.options) == 1);
    house.declare("print-density = 4\n");
    house.options.device = "file:///dev/null";
    CHECK(cli::provisionPlan(house.context, house.options) == 1);
    house.options.device = "tcp://127.0.0.1:1";
    CHECK(cli::provisionApply(house.context, house.options) == 1);
    house.options.backup = house.folder.path() / "none.json";
    CHECK(cli::provisionRestore(house.context, house.options) == 1);
}

TEST_CASE("while the till is open nothing is asked of its printer, nor written") {
    House house;
    std::filesystem::create_directories(house.context.data / "ledger");
    const auto lock = house.context.data / "ledger" / "lock";
    const int fd = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    REQUIRE(::flock(fd, LOCK_EX | LOCK_NB) == 0);
    CHECK(cli::provisionApply(house.context, house.options) == 1);
    CHECK(cli::provisionPlan(house.context, house.options) == 1);
    CHECK(cli::provisionBackup(house.context, house.options) == 1);
    house.options.backup = house.folder.path() / "none.json";
    CHECK(cli::provisionRestore(house.context, house.options) == 1);
    CHECK(house.printer.memoryWrites() == 0);
    CHECK(house.backups().empty());
    ::close(fd);
    CHECK(cli::provisionPlan(house.context, house.options) == 2);
    CHECK(cli::provisionApply(house.context, house.options) == 0);
}

TEST_CASE("a preview is written without asking the printer for anything") {
    House house;
    house.options.preview = house.folder.path() / "logos.png";
    house.options.device = "file:///dev/null";
    CHECK(cli::provisionPlan(house.context, house.options) == 1);
    CHECK(std::filesystem::file_size(house.options.preview) > 8);
}
