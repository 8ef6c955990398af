#include "drivers/printer/ProfileFile.h"

#include <Paths.h>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/support/Property.h"

using namespace souffleur;

namespace {

const std::string kFolder = [] {
    std::string folder(kSourceDir);
    folder.append("/firmware-config/profiles");
    return folder;
}();

std::string generic() {
    std::ifstream in(kFolder + "/generic-80mm.toml");
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

std::string changed(const std::string& from, const std::string& to) {
    std::string text = generic();
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

} // namespace

TEST_CASE("every profile in the tree is read and named as its file") {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
        if (entry.path().extension() != ".toml") continue;
        const auto profile = printer::findProfile(kFolder, entry.path().stem().string());
        CAPTURE(entry.path().string());
        if (!profile) FAIL(profile.error().text());
        ++count;
    }
    CHECK(count >= 4);
}

TEST_CASE("the TM-T88V has its slots, width and process id") {
    const auto profile = printer::findProfile(kFolder, "epson-tm-t88v");
    REQUIRE(profile);
    CHECK(profile->widthDots == 512);
    CHECK(profile->columns == 42);
    CHECK(profile->processId);
    const auto has = [&](int slot, escpos::CodePage page) {
        for (const auto& one : profile->codePages) {
            if (one.slot == slot && one.page == page) return true;
        }
        return false;
    };
    CHECK(has(17, escpos::CodePage::cp866));
    CHECK(has(46, escpos::CodePage::cp1251));
}

TEST_CASE("a mistake is named with file, line and key") {
    struct Case {
        const char *from, *to, *key;
    };
    for (const Case& one :
         {Case{"width-dots = 576", "width-dots = \"wide\"", "paper.width-dots"},
          Case{"width-dots = 576", "widht-dots = 576", "paper.widht-dots"},
          Case{"page = \"cp437\"", "page = \"cp9\"", "code-page.page"},
          Case{"slot = 0", "slot = 256", "code-page.slot"},
          Case{"cutter = \"partial\"", "cutter = \"guillotine\"", "commands.cutter"},
          Case{"qr = true", "qr = 1", "commands.qr"}, Case{"schema = 1", "schema = 2", "schema"},
          Case{"font = [12, 24]", "font = [12]", "text.font"},
          Case{"sources = [", "sources = [] #", "model.sources"},
          Case{"[paper]", "[papier]", "papier"}}) {
        CAPTURE(one.to);
        const auto refused = printer::parseProfile(changed(one.from, one.to), "x.toml");
        REQUIRE_FALSE(refused);
        CHECK(refused.error().file == "x.toml");
        CHECK(refused.error().key == one.key);
        CHECK(refused.error().line > 0);
    }
}

TEST_CASE("impossible values are refused") {
    for (const auto& [from, to] : {std::pair{"width-dots = 576", "width-dots = 577"},
                                   {"width-dots = 576", "width-dots = 640000"},
                                   {"width-dots = 576", "width-dots = -8"},
                                   {"columns = 48", "columns = 49"},
                                   {"width-mm = 80", "width-mm = 40"},
                                   {"slot = 2\n", "slot = 0\n"}}) {
        CAPTURE(to);
        CHECK_FALSE(printer::parseProfile(changed(from, to), "x.toml").has_value());
    }
}

TEST_CASE("what is not a profile is refused, whatever it is") {
    CHECK_FALSE(printer::parseProfile("", "x").has_value());
    CHECK_FALSE(printer::parseProfile("[[[", "x").has_value());
    CHECK_FALSE(printer::parseProfile(std::string(100'000, 'a'), "x").has_value());
    CHECK_FALSE(printer::loadProfile("/nonexistent/x.toml").has_value());
    CHECK_FALSE(printer::findProfile(kFolder, "../../../etc/passwd").has_value());
    const auto unknown = printer::findProfile(kFolder, "star-tsp100");
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().text().find("generic-58mm") != std::string::npos);
}
