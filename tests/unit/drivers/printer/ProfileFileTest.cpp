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
    const auto models = printer::loadModels(kFolder);
    if (!models) FAIL(models.error().text());
    int printing = 0;
    for (const auto& model : *models) {
        CAPTURE(model.profile.id);
        CHECK_FALSE(model.sources.empty());
        if (model.language == printer::Language::escPos) {
            ++printing;
            CHECK(escpos::validate(model.profile).has_value());
            CHECK(model.drawer.kick);
        }
    }
    CHECK(printing >= 13);
}

TEST_CASE("a model that does not speak ESC/POS is known and refused in words") {
    const auto model = printer::findModel(kFolder, "star-tsp100");
    REQUIRE(model);
    CHECK(model->language == printer::Language::starGraphic);
    const auto profile = printer::findProfile(kFolder, "star-tsp100");
    REQUIRE_FALSE(profile);
    CHECK(profile.error().text().find("ESC/POS") != std::string::npos);
}

TEST_CASE("what finding and provisioning need is read") {
    const auto model = printer::findModel(kFolder, "epson-tm-t88vi");
    REQUIRE(model);
    CHECK(model->identity.usb == std::vector<printer::UsbId>{{0x04B8, 0x0202}, {0x04B8, 0x0E21}});
    CHECK(model->identity.usbVendorClass);
    CHECK(model->fontB.columns == 56);
    CHECK(model->international.at(7) == "spain-1");
    REQUIRE(model->serial);
    CHECK(model->serial->baud == 38400);
    CHECK(model->serial->flow == printer::Flow::dtr);
    CHECK(model->nv.graphics == printer::NvGraphics::gsL);
    CHECK(model->nv.writesPerDayMax == 10);
    CHECK(model->memorySwitches.values.at("print-density") == 5);
    const auto star = printer::findModel(kFolder, "star-tsp650ii");
    REQUIRE(star);
    CHECK(star->identity.usb == std::vector<printer::UsbId>{{0x0519, std::nullopt}});
    CHECK_FALSE(star->serial.has_value());
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
          Case{"qr = true", "qr = 1", "commands.qr"},
          Case{"schema = 1", "schema = 2", "schema"},
          Case{"font = [12, 24]", "font = [12]", "text.font"},
          Case{"sources = [", "sources = [] #", "model.sources"},
          Case{"[paper]", "[papier]", "papier"},
          Case{"width-dots = 576", "width-dots = 577", "paper.width-dots"},
          Case{"width-dots = 576", "width-dots = 640000", "paper.width-dots"},
          Case{"width-dots = 576", "width-dots = 1024", "paper.width-dots"},
          Case{"columns = 48", "columns = 49", "text.columns"},
          Case{"columns = 48", "columns = 48\ncolumns-b = 64", "text.font-b"},
          Case{"slot = 2\n", "slot = 0\n", "code-page.slot"},
          Case{"page = \"cp850\"", "page = \"cp437\"", "code-page.page"},
          Case{"graphics = [", "graphics = [\"gs-q\", ", "commands.graphics"},
          Case{"graphics = [", "graphics = [\"esc-star\", ", "commands.graphics"},
          Case{"process-id = false\nstatus = true", "process-id = true\nstatus = false",
               "commands.process-id"},
          Case{"[drawer]", "[serial]\nbaud = 9600\n\n[drawer]", "serial.data-bits"},
          Case{"[drawer]", "[nv]\ngraphics = \"gs-8\"\n\n[drawer]", "nv.graphics"},
          Case{"[drawer]", "[identity]\nusb = [\"04b8\"]\n\n[drawer]", "identity.usb"},
          Case{"[drawer]", "[identity]\nusb = [\"04b8:02020\"]\n\n[drawer]", "identity.usb"},
          Case{"[drawer]",
               "[memory-switches]\nsupported = true\n[memory-switches.values]\nx = 256\n\n[drawer]",
               "memory-switches.values.x"},
          Case{"on-ms = 100", "on-ms = 0", "drawer.on-ms"},
          Case{"name = \"80 mm\"", "name = \"80 mm\"\nrefusal = \"no\"", "model.refusal"}}) {
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
    const auto greek = printer::parseProfile("schema = 1\n[p\xCF\x8Fper]\n", "x");
    REQUIRE_FALSE(greek);
    CHECK(greek.error().line == 2);
    CHECK_FALSE(printer::parseProfile(std::string(100'000, 'a'), "x").has_value());
    CHECK_FALSE(printer::loadProfile("/nonexistent/x.toml").has_value());
    CHECK_FALSE(printer::findProfile(kFolder, "../../../etc/passwd").has_value());
    const auto unknown = printer::findProfile(kFolder, "star-sp700");
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().text().find("generic-58mm") != std::string::npos);
}

PROPERTY("a damaged profile is refused in words, or is one that the encoder can work with", [] {
    static const std::string kWhole = generic();
    std::string text = kWhole;
    for (int i = *rc::gen::inRange(1, 4); i > 0; --i) {
        const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
        const auto length = *rc::gen::inRange<std::size_t>(0, 12);
        text.replace(at, length,
                     *rc::gen::container<std::string>(
                         rc::gen::element('0', '9', '-', '"', '[', ']', '=', '\n', 'x', '.')));
    }
    const auto model = printer::parseModel(text, "x.toml");
    if (!model) {
        RC_ASSERT(!model.error().message.empty());
        RC_ASSERT(model.error().file == "x.toml");
    } else {
        RC_ASSERT(escpos::validate(model->profile).has_value());
    }
})
