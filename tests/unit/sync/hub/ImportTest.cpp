#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "plugin/base/Random.h"
#include "sync/hub/Commands.h"
#include "sync/hub/Home.h"
#include "tests/support/TemporaryFolder.h"

using namespace souffleur;
using namespace souffleur::hub;

namespace {

struct ImportRig {
    test::TemporaryFolder folder;
    SystemClock clock;
    SystemRandom random;
    ImportOptions options;

    ImportRig() {
        options.file = folder.path() / "export.csv";
        options.system = "boxoffice";
        options.house.sample = true;
        std::ofstream(options.file) << "customer_id;name;email;last_order\n"
                                       "1;Anna Bakker;anna@example.org;2025-02-30\n"
                                       "2;;;\n";
        REQUIRE(init(Context{folder.path() / "hub", clock, random}) == 0);
    }
    int run() { return importFile(Context{folder.path() / "hub", clock, random}, options); }
    std::uint64_t people() {
        return Home::open(folder.path() / "hub", clock, random)
            .value()
            ->store()
            .counts(clock.now().at)
            ->persons;
    }
};

/// What is printed while this lives.
class Printed {
public:
    explicit Printed(std::filesystem::path file) : _file(std::move(file)) {
        (void) std::fflush(stdout);
        _before = ::dup(STDOUT_FILENO);
        REQUIRE(std::freopen(_file.c_str(), "w", stdout) != nullptr);
    }
    ~Printed() { restore(); }
    Printed(const Printed&) = delete;
    Printed& operator=(const Printed&) = delete;
    std::string text() {
        restore();
        std::ifstream in(_file, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }

private:
    void restore() {
        if (_before < 0) return;
        (void) std::fflush(stdout);
        (void) ::dup2(_before, STDOUT_FILENO);
        (void) ::close(_before);
        _before = -1;
    }
    std::filesystem::path _file;
    int _before = -1;
};

} // namespace

TEST_CASE("rejected rows are the owner's alone to read") {
    ImportRig rig;
    REQUIRE(rig.run() == 0);
    struct stat info {};
    REQUIRE(::stat((rig.options.file.string() + ".rejects.csv").c_str(), &info) == 0);
    CHECK(info.st_size > 0);
    CHECK((info.st_mode & 0777U) == 0600U);
}

TEST_CASE("an import whose rejected rows could be written nowhere takes nothing") {
    ImportRig rig;
    rig.options.rejects = rig.folder.path() / "no-such-folder" / "rejects.csv";
    CHECK(rig.run() != 0);
    CHECK(rig.people() == 0);
}

TEST_CASE(
    "the rejects file has the export's own headings and delimiter, and no cell that computes") {
    ImportRig rig;
    std::ofstream(rig.options.file) << "customer_id;name;=cmd();email\n"
                                       "1;Anna Bakker;x;anna@example.org\n"
                                       "2;;+31 6 00000012;\n"
                                       "3;=HYPERLINK(\"http://example.org\");-1;@nobody\n";
    REQUIRE(rig.run() == 0);
    std::ifstream in(rig.options.file.string() + ".rejects.csv", std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    CHECK(text.starts_with("\xEF\xBB\xBFrow;reason;customer_id;name;'=cmd();email\r\n"));
    CHECK(text.find("\r\n3;") != std::string::npos);
    CHECK(text.find(";'+31 6 00000012;") != std::string::npos);
    CHECK(text.find("'=HYPERLINK(") != std::string::npos);
    CHECK(text.find(";'-1;'@nobody\r\n") != std::string::npos);
}

TEST_CASE("a dry run shows the columns as understood, those ignored, and what could not be read") {
    ImportRig rig;
    rig.options.dryRun = true;
    std::ofstream(rig.options.file) << "customer_id;name;email;newsletter;shoe size\n"
                                       "1;Anna Bakker;not-an-email;misschien;3\n"
                                       "2;Bo Smit;neither;ja;4\n";
    Printed printed(rig.folder.path() / "printed");
    const int code = rig.run();
    const std::string text = printed.text();
    REQUIRE(code == 0);
    CHECK(text.find("\"email\" = \"email\"") != std::string::npos);
    CHECK(text.find("column ignored: shoe size\n") != std::string::npos);
    CHECK(text.find("2 rows: the e-mail address in column \"email\" could not be read and was left "
                    "out (rows 2, 3)\n") != std::string::npos);
    CHECK(text.find("1 row: the answer in column \"newsletter\" could not be read and was left out "
                    "(row 2)\n") != std::string::npos);
    CHECK(text.find("not-an-email") == std::string::npos);
}

TEST_CASE("a dry run writes no rejects unless it is told where") {
    ImportRig rig;
    rig.options.dryRun = true;
    const std::filesystem::path beside = rig.options.file.string() + ".rejects.csv";
    {
        Printed printed(rig.folder.path() / "printed");
        REQUIRE(rig.run() == 0);
        CHECK(printed.text().find("rejects: --rejects FILE has them") != std::string::npos);
    }
    CHECK_FALSE(std::filesystem::exists(beside));
    rig.options.rejects = rig.folder.path() / "asked.csv";
    REQUIRE(rig.run() == 0);
    CHECK(std::filesystem::file_size(rig.options.rejects) > 0);
    CHECK_FALSE(std::filesystem::exists(beside));
}
