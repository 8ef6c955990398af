// rooms: plugin-slip drivers-emulator drivers-printer
// What every printer model is sent, byte for byte, and what comes out of it. tests/golden/models
// says how to accept a change on purpose.
#include <Paths.h>
#include <bit>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <set>

#include "drivers/emulator/VirtualPrinter.h"
#include "drivers/escpos/Decoder.h"
#include "drivers/escpos/Encoder.h"
#include "drivers/printer/ProfileFile.h"
#include "tests/support/Picture.h"
#include "tests/support/QrReader.h"
#include "tests/support/SampleSlip.h"
#include "tests/unit/plugin/slip/Sample.h"

using namespace souffleur;
using escpos::Bytes;

namespace {

const std::filesystem::path kGoldens =
    std::filesystem::path(kSourceDir) / "tests" / "golden" / "models";

bool writing() {
    const char* mode = std::getenv("SOUFFLEUR_GOLDEN");
    return mode != nullptr && std::string_view(mode) == "write";
}

/// Scripts beside those of the product's seven languages: most are drawn.
const std::vector<std::string> kScripts = {"el", "he", "zh", "vi"};

std::vector<escpos::Profile> printing() {
    const auto models = printer::loadModels(
        (std::filesystem::path(kSourceDir) / "firmware-config/profiles").string());
    REQUIRE(models);
    std::vector<escpos::Profile> profiles;
    for (const auto& model : *models) {
        if (model.language == printer::Language::escPos) profiles.push_back(model.profile);
    }
    return profiles;
}

escpos::Profile profile(const std::string& id) {
    for (auto& one : printing()) {
        if (one.id == id) return one;
    }
    FAIL("no such model: " << id);
    return {};
}

escpos::Document consentSlip(const std::string& language, int columns) {
    const auto policy = test::samplePolicy(language == "ru" ? "ru" : "nl");
    const auto event = test::sampleEvent(policy, language);
    const auto slip = slip::slipDocument(event, policy, test::sampleHandle(), language, {columns});
    REQUIRE(slip);
    return *slip;
}

Bytes encoded(const escpos::Profile& profile, const escpos::Document& document) {
    const auto bytes =
        escpos::Encoder(profile).encode(document, escpos::ProcessId{'0', '0', '0', '7'});
    if (!bytes) FAIL(bytes.error().message);
    return *bytes;
}

emulator::Receipt printed(const escpos::Profile& profile, const Bytes& bytes) {
    emulator::VirtualPrinter printer(profile);
    for (std::size_t at = 0; at < bytes.size();) {
        const auto n = std::min(printer.room(), bytes.size() - at);
        REQUIRE(n > 0);
        printer.feed(std::span(bytes).subspan(at, n));
        at += n;
    }
    printer.tear();
    auto receipts = printer.receipts();
    REQUIRE(receipts.size() == 1);
    return std::move(receipts.front());
}

struct Step {
    Bytes head; ///< the command, or all of it when it is no picture
    Bytes picture;
};

std::vector<Step> stepsOf(const Bytes& bytes) {
    std::vector<Step> steps;
    escpos::Decoder decoder([&](const escpos::Command& command) {
        const bool strip = command.is(0x1B, '*');
        const bool raster = command.is(0x1D, 'v');
        const bool graphics = command.is(0x1D, '(') && command.bytes[2] == 'L';
        const std::size_t head = strip      ? 5
                                 : raster   ? 8
                                 : graphics ? std::min<std::size_t>(15, command.bytes.size())
                                            : command.bytes.size();
        const auto split = command.bytes.begin() + static_cast<std::ptrdiff_t>(head);
        steps.push_back({Bytes(command.bytes.begin(), split), Bytes(split, command.bytes.end())});
    });
    decoder.feed(bytes);
    decoder.finish();
    return steps;
}

/// The same commands, and pictures of which at most so many dots of a thousand differ: text that is
/// drawn depends on the versions of fonts and Pango, which are Debian's, not ours.
bool sameBut(const Bytes& a, const Bytes& b, int dotsPerThousand) {
    const auto left = stepsOf(a);
    const auto right = stepsOf(b);
    if (left.size() != right.size()) return false;
    std::uint64_t dots = 0;
    std::uint64_t other = 0;
    for (std::size_t i = 0; i < left.size(); ++i) {
        if (left[i].head != right[i].head || left[i].picture.size() != right[i].picture.size()) {
            return false;
        }
        for (std::size_t j = 0; j < left[i].picture.size(); ++j) {
            const unsigned changed = left[i].picture[j] ^ right[i].picture[j];
            other += static_cast<std::uint64_t>(std::popcount(changed));
            dots += 8;
        }
    }
    return other * 1000 <= dots * static_cast<std::uint64_t>(dotsPerThousand);
}

void compareBytes(const escpos::Profile& profile, const std::string& name, const Bytes& now) {
    const auto path = (kGoldens / profile.id / name).string();
    if (writing()) {
        std::filesystem::create_directories(kGoldens / profile.id);
        std::ofstream(path + ".bin", std::ios::binary)
            .write(reinterpret_cast<const char*>(now.data()),
                   static_cast<std::streamsize>(now.size()));
        std::ofstream(path + ".txt") << escpos::dump(now, &profile);
    }
    std::ifstream in(path + ".bin", std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    const Bytes golden(text.begin(), text.end());
    CAPTURE(path);
    REQUIRE(!golden.empty());
    CHECK((golden == now || sameBut(golden, now, 30)));
}

void comparePicture(const std::string& name, const std::vector<std::uint8_t>& png) {
    const auto path = (kGoldens / "pictures" / (name + ".png")).string();
    const auto now = test::greyOf(png);
    if (writing()) {
        std::filesystem::create_directories(kGoldens / "pictures");
        test::writeGrey(now, path);
    }
    CAPTURE(path);
    CHECK(test::difference(test::readGrey(path), now) < 0.01);
}

/// What the emulator carries out; anything else in a slip would be ink that nobody saw.
void checkUnderstood(const Bytes& bytes) {
    static const std::set<std::string> kKnown = {"text",  "LF",     "ESC @",  "FS .",  "ESC R",
                                                 "ESC t", "ESC a",  "ESC E",  "ESC -", "GS !",
                                                 "ESC d", "ESC J",  "ESC 2",  "ESC 3", "ESC *",
                                                 "GS v",  "GS ( L", "GS ( k", "GS V",  "GS ( H"};
    escpos::Decoder decoder([&](const escpos::Command& command) {
        CAPTURE(command.name());
        CHECK(command.kind != escpos::Command::Kind::unknown);
        CHECK(kKnown.contains(command.name()));
    });
    decoder.feed(bytes);
    CHECK(decoder.pending() == 0);
}

} // namespace

TEST_CASE("every model's slip in the seven languages: bytes, and its code read from the paper") {
    const auto profiles = printing();
    REQUIRE(profiles.size() >= 13);
    for (const auto& one : profiles) {
        for (const std::string& language : slip::slipLanguages()) {
            CAPTURE(one.id);
            CAPTURE(language);
            const auto bytes = encoded(one, consentSlip(language, one.columns));
            checkUnderstood(bytes);
            compareBytes(one, language, bytes);
            const bool drawn = one.id == "bixolon-srp-350" && language == "ru";
            if (language != "nl" && one.id != "generic-80mm" && !drawn) continue;
            const auto paper = printed(one, bytes);
            const auto codes = test::readQr(paper.png);
            REQUIRE(codes.size() == 1);
            CHECK(codes[0].find("https://") == 0);
            comparePicture(one.id + "-" + language, paper.png);
        }
    }
}

TEST_CASE("Greek, Hebrew, Chinese and Vietnamese print on every model") {
    for (const auto& one : printing()) {
        for (const std::string& script : kScripts) {
            CAPTURE(one.id);
            CAPTURE(script);
            const auto bytes = encoded(one, test::sampleSlip(script));
            checkUnderstood(bytes);
            CHECK(escpos::dump(bytes, &one).find("??") == std::string::npos);
            if (one.id != "generic-58mm" && one.id != "generic-80mm") continue;
            compareBytes(one, script, bytes);
            const auto paper = printed(one, bytes);
            CHECK(test::readQr(paper.png).size() == 1);
            comparePicture(one.id + "-" + script, paper.png);
        }
    }
}

TEST_CASE("however a picture is sent, the same comes out") {
    auto one = profile("generic-80mm");
    one.qr = false;
    const auto slip = test::sampleSlip("he");
    // Codes, not grey values: bands may be cut elsewhere, and dots added that no command hides in.
    for (const auto graphics : {escpos::Graphics::rasterGsV0, escpos::Graphics::graphicsGsL,
                                escpos::Graphics::columnsEscStar}) {
        one.graphics = graphics;
        const auto paper = printed(one, encoded(one, slip));
        CHECK(test::readQr(paper.png) ==
              std::vector<std::string>{"https://example.org/w/4f1c2a9be07d4c31a85e"});
        if (const char* folder = std::getenv("SLIP_PICTURES"); folder != nullptr) {
            test::writeGrey(test::greyOf(paper.png),
                            std::string(folder) + "/graphics-" +
                                std::to_string(static_cast<int>(graphics)) + ".png");
        }
    }
}
