// Declared settings: every mistake is told with file, line and key.
#include "firmware-config/provision/Settings.h"

#include <Paths.h>
#include <fstream>

#include "drivers/escpos/Picture.h"
#include "drivers/printer/ProfileFile.h"
#include "firmware-config/provision/Provisioner.h"
#include "tests/support/Property.h"
#include "tests/support/TemporaryFolder.h"

using namespace souffleur;

namespace {

const std::vector<printer::Model>& models() {
    static const auto kModels =
        printer::loadModels(std::string(kSourceDir) + "/firmware-config/profiles").value();
    return kModels;
}

std::string refusal(const std::string& text) {
    const auto found = provision::parseSettings(text, "till.toml", models());
    return found ? std::string() : found.error().text();
}

const std::string kHead = "schema = 1\nmodel = \"epson-tm-t88v\"\n";

} // namespace

TEST_CASE("every kind of setting is read") {
    const auto found = provision::parseSettings(
        kHead + "code-page = \"cp1252\"\ninternational = \"germany\"\n[memory-switches]\n"
                "\"1-1\" = true\n\"1-8\" = false\n[values]\nprint-density = 65535\n201 = 4\n"
                "[serial]\nbaud = 115200\ndata-bits = 7\nparity = \"even\"\nflow = \"xon\"\n"
                "[[logo]]\nkey = \"L1\"\nfile = \"a.png\"\nwidth-mm = 40\nalign = \"right\"\n"
                "[[logo]]\nkey = \"L2\"\nremove = true\n",
        "till.toml", models());
    REQUIRE(found);
    const auto& target = found->target;
    CHECK(target.switches == std::map<int, std::string>{{1, "02222221"}});
    CHECK(target.values == std::map<int, int>{{5, 65535}, {8, 16}, {9, 2}, {201, 4}});
    CHECK(target.serial == std::map<int, std::string>{{1, "115200"}, {2, "2"}, {3, "1"}, {4, "7"}});
    CHECK(target.removed == std::set<std::string>{"L2"});
    REQUIRE(found->logos.size() == 1);
    CHECK(found->logos[0].widthDots == 280);
    CHECK(found->logos[0].align == escpos::Align::right);
}

TEST_CASE("mistakes are told with file, line and key") {
    const auto told = [](const std::string& text, const std::string& words) {
        const auto said = refusal(kHead + text);
        CAPTURE(said);
        CHECK(said.find(words) != std::string::npos);
    };
    told("colour = 1\n", "till.toml:3: colour: is not a key of these settings");
    told("[memory-switches]\n\"9-1\" = true\n", "till.toml:4: memory-switches.9-1: must be");
    told("[memory-switches]\n\"1-1\" = 1\n", "must be true (on) or false (off)");
    told("[values]\ndensity = 3\n", "it has ");
    told("[values]\nprint-density = 70000\n", "from 0 to 65535");
    told("[values]\n2 = 1\n", "erases all that is there");
    told("[values]\nprint-density = 1\n5 = 2\n", "set a second time");
    told("code-page = \"cp932\"\n", "is no code page of this model");
    told("[serial]\nbaud = 9601\n", "till.toml:4: serial.baud: must be 1200");
    told("[serial]\nflow = \"none\"\n", "must be one of dtr, xon");
    told("[[logo]]\nkey = \"L\"\nfile = \"a.png\"\n", "logo.key: must be two characters");
    told("[[logo]]\nkey = \"L1\"\nfile = \"a.png\"\n[[logo]]\nkey = \"L1\"\nremove = true\n",
         "stands twice");
    told("[[logo]]\nkey = \"L1\"\n", "logo.file: must be a text");
    told("[[logo]]\nkey = \"L1\"\nfile = \"a.png\"\nwidth-dots = 513\n", "from 8 to 512");
    told("[[logo]]\nkey = \"L1\"\nfile = \"a.png\"\nwidth-dots = 8\nwidth-mm = 8\n", "exclude");
    told("[[logo]]\nkey = \"L1\"\nfile = \"a.png\"\nremove = true\n", "is not a key");
    told("logo = 3\n", "must be 1 to 32 [[logo]] tables");
    CHECK(refusal("schema = 2\nmodel = \"epson-tm-t88v\"\n").find("schema: must be 1") !=
          std::string::npos);
    CHECK(refusal("schema = 1\nmodel = \"none\"\n").find("till.toml:2: model:") !=
          std::string::npos);
    CHECK(refusal("schema = 1\n[[[").find("is not TOML") != std::string::npos);
    CHECK(refusal("schema = 1\nmodel = \"star-tsp100\"\n").find("model") != std::string::npos);
}

TEST_CASE("a logo is beside the settings or below them, wherever they came from") {
    for (const char* file : {"../logo.png", "/etc/logo.png", "a/../../logo.png", ".."}) {
        CAPTURE(file);
        const auto found = provision::parseSettings(
            kHead + "[[logo]]\nkey = \"L1\"\nfile = \"" + file + "\"\n", "x.toml", models());
        REQUIRE_FALSE(found);
        CHECK(found.error().key == "logo.file");
        CHECK(found.error().message.find("no absolute path") != std::string::npos);
    }
    CHECK(provision::parseSettings(kHead + "[[logo]]\nkey = \"L1\"\nfile = \"logos/./one..png\"\n",
                                   "x.toml", models()));
}

TEST_CASE("a code page or a set by a number that the model does not have is refused") {
    const auto with = [](const std::string& values) {
        return provision::parseSettings(kHead + "[values]\n" + values, "x.toml", models());
    };
    CHECK(with("8 = 16\n9 = 2\n")->target.values == std::map<int, int>{{8, 16}, {9, 2}});
    for (const char* one : {"8 = 99\n", "code-page = 200\n", "9 = 16\n", "international = 300\n"}) {
        CAPTURE(one);
        const auto found = with(one);
        REQUIRE_FALSE(found);
        CHECK(found.error().message.find("of this model's profile") != std::string::npos);
    }
}

TEST_CASE("what a model does not have cannot be set") {
    const auto told = [](const std::string& model, const std::string& text,
                         const std::string& words) {
        const auto said = refusal("schema = 1\nmodel = \"" + model + "\"\n" + text);
        CAPTURE(said);
        CHECK(said.find(words) != std::string::npos);
    };
    told("generic-80mm", "[memory-switches]\n\"1-1\" = true\n", "has no settings of this kind");
    told("epson-tm-t88iii", "[values]\n5 = 1\n", "has no settings of this kind");
    told("epson-tm-t20iii", "[serial]\nbaud = 9600\n", "no serial line");
    told("generic-80mm", "[[logo]]\nkey = \"L1\"\nfile = \"a.png\"\n", "no pictures by key");
    told("citizen-ct-s801", "code-page = \"cp1252\"\n", "cannot be set in this model");
}

TEST_CASE("logos that are too large are not read, and damaged ones are named") {
    test::TemporaryFolder folder;
    const auto file = folder.path() / "till.toml";
    std::ofstream(file) << kHead + "[[logo]]\nkey = \"L1\"\nfile = \"logo.png\"\n";
    const auto said = [&] {
        const auto found = provision::readSettings(file, models());
        return found ? std::string() : found.error().message;
    };
    CHECK(said().find("till.toml:3: logo.file: cannot read") != std::string::npos);
    std::ofstream(folder.path() / "logo.png");
    std::filesystem::resize_file(folder.path() / "logo.png", 50'000'000);
    CHECK(said().find("has 50000000 bytes; 8388608 are allowed") != std::string::npos);
    std::filesystem::remove(folder.path() / "logo.png");
    std::string head("\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\x27\x10\0\0\x27\x10", 24);
    std::ofstream(folder.path() / "logo.png") << head;
    CHECK(said().find("10000 x 10000 pixels") != std::string::npos);
    std::ofstream(folder.path() / "logo.png") << "GIF89a";
    CHECK(said().find("is not a PNG picture") != std::string::npos);
    std::filesystem::remove(folder.path() / "logo.png");
    std::filesystem::create_directory(folder.path() / "logo.png");
    CHECK(said().find("is no plain file") != std::string::npos);
}

TEST_CASE("a link leads to no logo outside of the settings' folder") {
    const test::TemporaryFolder other;
    std::ofstream(other.path() / "logo.png") << "GIF89a";
    const test::TemporaryFolder folder;
    std::filesystem::create_directory_symlink(other.path(), folder.path() / "logos");
    std::filesystem::create_directory(folder.path() / "own");
    std::ofstream(folder.path() / "own" / "logo.png") << "GIF89a";
    std::filesystem::create_directory_symlink("own", folder.path() / "same");
    std::filesystem::create_symlink(other.path() / "logo.png", folder.path() / "logo.png");
    const auto said = [&](const std::string& logo) {
        std::ofstream(folder.path() / "till.toml")
            << kHead << "[[logo]]\nkey = \"L1\"\nfile = \"" << logo << "\"\n";
        const auto found = provision::readSettings(folder.path() / "till.toml", models());
        return found ? std::string() : found.error().message;
    };
    CHECK(said("logos/logo.png").find("logo.file: leads out of the settings' folder") !=
          std::string::npos);
    CHECK(said("logo.png").find("logo.file: leads out of the settings' folder") !=
          std::string::npos);
    CHECK(said("same/logo.png").find("is not a PNG picture") != std::string::npos); // within
    CHECK(said("own/logo.png").find("is not a PNG picture") != std::string::npos);
    CHECK(said("none/logo.png").find("cannot read") != std::string::npos);
}

TEST_CASE("a logo of 50 MB is refused unread") {
    const test::TemporaryFolder folder;
    const auto file = folder.path() / "logo.png";
    std::ofstream(file) << "x";
    std::filesystem::resize_file(file, std::uintmax_t{50} * 1024 * 1024);
    std::ofstream(folder.path() / "till.toml")
        << kHead << "[[logo]]\nkey = \"L1\"\nfile = \"logo.png\"\n";
    const auto found = provision::readSettings(folder.path() / "till.toml", models());
    REQUIRE_FALSE(found);
    CHECK(found.error().message.find("52428800 bytes; 8388608 are allowed") != std::string::npos);
}

TEST_CASE("the preview shows the logos on the paper") {
    test::TemporaryFolder folder;
    escpos::Bitmap square;
    square.width = 64;
    square.height = 64;
    square.bits.assign(64 * 8, 0xFF);
    const auto png = escpos::pngOf(square).value();
    std::ofstream(folder.path() / "logo.png", std::ios::binary)
        .write(reinterpret_cast<const char*>(png.data()), static_cast<std::streamsize>(png.size()));
    const auto file = folder.path() / "till.toml";
    std::ofstream(file) << kHead + "[[logo]]\nkey = \"L1\"\nfile = \"logo.png\"\nalign = "
                                   "\"centre\"\n";
    const auto settings = provision::readSettings(file, models());
    REQUIRE(settings);
    const auto shown =
        provision::preview(*settings, *provision::modelById(models(), "epson-tm-t88v"));
    const auto paper =
        escpos::ditherPng(shown.value(), {0, 512, 2304, escpos::Align::left}).value();
    CHECK(paper.width == 512);
    CHECK(paper.height == 64 + 2 * 16);
    CHECK_FALSE(paper.at(223, 16));
    CHECK(paper.at(224, 16));
    CHECK(paper.at(287, 79));
    CHECK_FALSE(paper.at(288, 79));
}

TEST_CASE("a serial line is found again after its settings changed") {
    using provision::readdressed;
    CHECK(readdressed("tcp://192.0.2.7:9100", {{1, "9600"}}) == "tcp://192.0.2.7:9100");
    CHECK(readdressed("serial:///dev/ttyS0", {{1, "19200"}, {3, "1"}}) ==
          "serial:///dev/ttyS0?baud=19200&flow=xon-xoff");
    CHECK(readdressed("serial:///dev/ttyS0?baud=9600&stop=2", {{2, "2"}, {4, "7"}}) ==
          "serial:///dev/ttyS0?baud=9600&bits=7&parity=even&stop=2");
}

PROPERTY("any text is settings or a refusal in words", [](const std::string& tail) {
    const auto found = provision::parseSettings(kHead + tail, "x.toml", models());
    if (!found) RC_ASSERT(!found.error().message.empty());
})
