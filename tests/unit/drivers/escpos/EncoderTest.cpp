#include "drivers/escpos/Encoder.h"

#include <Paths.h>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "drivers/escpos/Decoder.h"
#include "drivers/escpos/Raster.h"
#include "drivers/escpos/Text.h"
#include "tests/support/Property.h"
#include "tests/support/SampleSlip.h"

using namespace souffleur;
using escpos::Bytes;
using escpos::CodePage;

namespace {

escpos::Profile model() {
    escpos::Profile profile;
    profile.codePages = {{16, CodePage::cp1252}, {17, CodePage::cp866}, {19, CodePage::cp858}};
    profile.processId = true;
    return profile;
}

Bytes encoded(const escpos::Document& document, const escpos::Profile& profile = model()) {
    const auto bytes =
        escpos::Encoder(profile).encode(document, escpos::ProcessId{'0', '0', '0', '1'});
    if (!bytes) FAIL(bytes.error().message);
    return *bytes;
}

std::string dumped(const escpos::Document& document, const escpos::Profile& profile = model()) {
    const auto bytes = encoded(document, profile);
    return escpos::dump(bytes, &profile);
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

escpos::Document said(std::string text) {
    escpos::Document document;
    document.text(std::move(text));
    return document;
}

} // namespace

TEST_CASE("a job starts from a known state, cuts and asks for its id") {
    CHECK(dumped(said("x")) ==
          "ESC @\nFS .\nESC R 0\nESC t 16\n\"x\"\nLF\nGS V 66 0\nGS ( H 6 0 48 48 "
          "48 48 48 49\n");
}

TEST_CASE("a model without process id is not asked, one without knife is fed") {
    auto profile = model();
    profile.processId = false;
    profile.cutter = escpos::Cutter::none;
    const auto text = dumped(said("x"), profile);
    CHECK_FALSE(has(text, "GS ("));
    CHECK_FALSE(has(text, "GS V"));
    CHECK(has(text, "ESC d 4"));
}

TEST_CASE("each run goes out in the page that carries most of it") {
    const auto text = dumped(said("Café Москва 5 €"));
    CHECK(has(text, "\"Café \"\nESC t 17\n\"Москва 5 \"\nESC t 16\n\"€\""));
}

namespace {

int switches(const std::string& dump) {
    int count = -1; // the first page is always selected
    for (auto at = dump.find("ESC t"); at != std::string::npos; at = dump.find("ESC t", at + 1)) {
        ++count;
    }
    return count;
}

} // namespace

TEST_CASE("the page of a job is the one that carries all of it, wherever it stands in the list") {
    auto profile = model();
    profile.codePages = {{0, CodePage::cp437}, {16, CodePage::cp1252}, {17, CodePage::cp866}};
    const auto text = dumped(said("Hello").text("Москва").text("Hello"), profile);
    CHECK(has(text, "ESC R 0\nESC t 17\n\"Hello\"\nLF\n\"Москва\""));
    CHECK(switches(text) == 0);
}

TEST_CASE("a run is as long as any page carries it, and no word changes page in its middle") {
    auto profile = model();
    profile.codePages = {{16, CodePage::cp1252}, {18, CodePage::cp852}, {47, CodePage::cp1253}};
    // é is in both Western pages, ż in the Central European one only.
    const auto text = dumped(said("naïve éżé Ωμέγα"), profile);
    CHECK(has(text, "\"naïve \"\nESC t 18\n\"éżé \"\nESC t 47\n\"Ωμέγα\""));
    CHECK(switches(text) == 2);
}

PROPERTY("no choice of pages needs fewer switches", [] {
    auto profile = model();
    profile.codePages = {{0, CodePage::cp437},
                         {16, CodePage::cp1252},
                         {18, CodePage::cp852},
                         {17, CodePage::cp866},
                         {47, CodePage::cp1253}};
    const auto letters = *rc::gen::container<std::u32string>(
        rc::gen::element(U'a', U'é', U'ż', U'Я', U'Ω', U' ', U'α', U'─', U'“'));
    RC_PRE(!letters.empty() && letters.size() < 48);
    const auto bytes = escpos::Encoder(profile).encode(said(escpos::toUtf8(letters) + "."));
    RC_ASSERT(bytes.has_value());
    // The best by trying everything: for each page, the fewest switches that end on it.
    std::vector<int> best(profile.codePages.size(), 0);
    for (const char32_t c : letters) {
        const int least = *std::min_element(best.begin(), best.end());
        for (std::size_t page = 0; page < best.size(); ++page) {
            const bool carried = escpos::byteOf(profile.codePages[page].page, c).has_value();
            best[page] = carried ? std::min(best[page], least + 1) : 1000;
        }
    }
    const int fewest = *std::min_element(best.begin(), best.end());
    RC_ASSERT(switches(escpos::dump(*bytes, &profile)) <= fewest);
})

TEST_CASE("a picture in columns is the same picture") {
    escpos::Document document;
    escpos::Bitmap bitmap{50, 31, {}};
    bitmap.bits.assign(7 * 31, 0);
    for (std::size_t y = 0; y < 31; ++y) {
        bitmap.bits[y * 7 + y % 6] = static_cast<std::uint8_t>(0x81 + y);
    }
    document.image(bitmap);
    auto profile = model();
    profile.graphics = escpos::Graphics::columnsEscStar;
    std::vector<std::vector<bool>> dots(48, std::vector<bool>(50));
    std::size_t top = 0;
    escpos::Decoder decoder([&](const escpos::Command& command) {
        CHECK(command.kind != escpos::Command::Kind::unknown);
        if (!command.is(0x1B, '*')) return;
        REQUIRE(command.data().size() == 150);
        for (std::size_t x = 0; x < 50; ++x) {
            for (std::size_t y = 0; y < 24; ++y) {
                dots[top + y][x] = (command.data()[x * 3 + y / 8] >> (7 - y % 8) & 1) != 0;
            }
        }
        top += 24;
    });
    decoder.feed(encoded(document, profile));
    CHECK(top == 48);
    for (int y = 0; y < 31; ++y) {
        for (int x = 0; x < 50; ++x) {
            if (!bitmap.at(x, y)) continue; // a dot may be added to defuse, never taken
            CHECK(dots[static_cast<std::size_t>(y)][static_cast<std::size_t>(x)]);
        }
    }
}

TEST_CASE("pictures go out in bands that the model's buffer holds") {
    escpos::Document document;
    document.image({8, 100, Bytes(100, 0xFF)});
    auto profile = model();
    profile.bandRows = 30;
    const auto text = dumped(document, profile);
    CHECK(has(text, "GS v 48 0 1 0 30 0"));
    CHECK(has(text, "GS v 48 0 1 0 10 0"));
}

TEST_CASE("a drawer kick has all its parameters") {
    CHECK(escpos::drawerKick() == Bytes{0x1B, 'p', 0, 50, 200});
    CHECK(escpos::drawerKick(5, 1, 9000) == Bytes{0x1B, 'p', 1, 1, 255});
}

TEST_CASE("Catalan's middle dot is text, composed or not") {
    for (const char* spelled : {"Til·ler col·lectiu", "Ti\xC5\x80ler co\xC5\x80lectiu"}) {
        const auto text = dumped(said(spelled));
        CHECK(has(text, "\"Til·ler col·lectiu\""));
        CHECK_FALSE(has(text, "GS v"));
    }
}

TEST_CASE("typographic signs that the model lacks become plain ones") {
    auto profile = model();
    profile.codePages = {{17, CodePage::cp866}};
    CHECK(has(dumped(said("„Да“ — 5 €…"), profile), "\"\"Да\" - 5 EUR...\""));
}

TEST_CASE("scripts that no page carries are drawn, and within the width") {
    for (const char* words : {"שלום", "王小明", "ประเทศไทย", "Привет 你好"}) {
        CAPTURE(words);
        const auto bytes = encoded(said(words));
        bool drawn = false;
        escpos::Decoder decoder([&](const escpos::Command& command) {
            CHECK(command.kind != escpos::Command::Kind::unknown);
            if (!command.is(0x1D, 'v')) return;
            drawn = true;
            CHECK(command.bytes[4] == 576 / 8);
            CHECK(std::any_of(command.data().begin(), command.data().end(),
                              [](auto b) { return b != 0; }));
        });
        decoder.feed(bytes);
        CHECK(drawn);
    }
}

TEST_CASE("escape bytes in a name do nothing") {
    const std::string evil = "Eve\x1B@\x1D"
                             "V\x41\x03\x10\x04\x01\x1Bp\x30\x40\x50\x10\x14\x01\x00\x01 Doe";
    int commands = 0;
    escpos::Decoder decoder([&](const escpos::Command& command) {
        if (command.kind != escpos::Command::Kind::text) ++commands;
    });
    decoder.feed(encoded(said("Eve Doe")));
    const int harmless = std::exchange(commands, 0);
    decoder.feed(encoded(said(evil)));
    CHECK(commands == harmless);
    CHECK(has(dumped(said(evil)), "Eve?@?VA???"));
}

PROPERTY("no text, whatever its bytes, adds a command or a real-time request", [] {
    const auto name = *rc::gen::container<std::string>(rc::gen::oneOf(
        rc::gen::arbitrary<char>(), rc::gen::element('\x1B', '\x1D', '\x10', '\x04', '\n')));
    const auto bytes = escpos::Encoder(model()).encode(said(name));
    RC_ASSERT(bytes.has_value());
    escpos::RealTimeScanner scanner;
    scanner.feed(*bytes, [](std::uint8_t, std::uint8_t) { RC_FAIL("a real-time request"); });
    escpos::Decoder decoder([](const escpos::Command& command) {
        if (command.kind == escpos::Command::Kind::text) return;
        const bool mine = command.bytes[0] == '\n' || command.is(0x1B, '@') ||
                          command.is(0x1C, '.') || command.is(0x1B, 'R') || command.is(0x1B, 't') ||
                          command.is(0x1D, 'V') || command.is(0x1D, 'v');
        RC_ASSERT(mine);
    });
    decoder.feed(*bytes);
})

TEST_CASE("real-time requests cannot hide in a picture") {
    escpos::Document document;
    escpos::Bitmap bitmap{24, 3, {0x10, 0x04, 0x01, 0x10, 0x14, 0x01, 0x00, 0x10, 0x05}};
    document.image(bitmap);
    for (const auto graphics : {escpos::Graphics::rasterGsV0, escpos::Graphics::graphicsGsL,
                                escpos::Graphics::columnsEscStar}) {
        auto profile = model();
        profile.graphics = graphics;
        escpos::RealTimeScanner scanner;
        int requests = 0;
        scanner.feed(encoded(document, profile), [&](std::uint8_t, std::uint8_t) { ++requests; });
        CHECK(requests == 0);
    }
}

TEST_CASE("a row keeps its answer at the right edge; a long label wraps beside it") {
    escpos::Document document;
    document.row("E-mail", "yes")
        .row(std::string(60, 'a'), "no")
        .row("Label", std::string(45, 'b'));
    const auto text = dumped(document);
    CHECK(has(text, "\"E-mail" + std::string(39, ' ') + "yes\""));
    CHECK(has(text, "\"" + std::string(45, 'a') + " no\""));
    CHECK(has(text, "\"Label\"\nLF\nESC a 2\n\"" + std::string(45, 'b') + "\""));
}

TEST_CASE(
    "a QR code shrinks to the paper, is drawn where the model cannot, and takes no controls") {
    escpos::Document document;
    document.qr("https://example.org/" + std::string(300, 'x'), 12);
    CHECK(has(dumped(document), "GS ( k 3 0 49 67 7"));
    auto narrow = model();
    narrow.qr = false;
    narrow.widthDots = 384;
    narrow.columns = 32;
    CHECK_FALSE(has(dumped(document, narrow), "GS ( k"));
    CHECK(has(dumped(document, narrow), "GS v"));
    for (const char* bad : {"", "a\nb", "caf\xC3\xA9", "\x1D(k"}) {
        escpos::Document refused;
        refused.qr(bad);
        CHECK_FALSE(escpos::Encoder(model()).encode(refused).has_value());
    }
}

TEST_CASE("every bound is a clear refusal") {
    const escpos::Encoder encoder(model());
    escpos::Document blocks;
    for (std::size_t i = 0; i <= escpos::kMaxDocumentBlocks; ++i) blocks.rule();
    CHECK(encoder.encode(blocks).error().fault == escpos::Fault::tooLarge);
    CHECK(encoder.encode(said(std::string(70'000, 'x'))).error().fault == escpos::Fault::tooLarge);
    escpos::Document wide;
    wide.image({600, 1, Bytes(75)});
    CHECK(encoder.encode(wide).error().fault == escpos::Fault::tooLarge);
    escpos::Document torn;
    torn.image({100, 10, Bytes(3)});
    CHECK(encoder.encode(torn).error().fault == escpos::Fault::invalid);
    escpos::Document fed;
    fed.feed(21);
    CHECK(encoder.encode(fed).error().fault == escpos::Fault::invalid);
    auto broken = model();
    broken.widthDots = 13;
    CHECK(escpos::Encoder(broken).encode(said("x")).error().fault == escpos::Fault::invalid);
    CHECK_FALSE(encoder.encode(said("x"), escpos::ProcessId{'a', 'b', '\n', 'd'}).has_value());
}

TEST_CASE("process ids ascend") {
    CHECK(escpos::processId(1) > escpos::processId(0));
    CHECK(escpos::processId(44) > escpos::processId(43));
    CHECK(escpos::processId(0) == escpos::ProcessId{'1', '1', '1', '1'});
    CHECK(escpos::processIdRequest(escpos::processId(1)) ==
          escpos::Bytes{0x1D, '(', 'H', 6, 0, 48, 48, '1', '1', '1', '3'});
}

// Bytes on paper, with a readable dump beside them: tests/golden/slips. To accept a change on
// purpose run this suite with SOUFFLEUR_GOLDEN=write and look at the difference.
TEST_CASE("slips are byte for byte what they were") {
    const std::filesystem::path folder =
        std::filesystem::path(kSourceDir) / "tests" / "golden" / "slips";
    auto narrow = model();
    narrow.widthDots = 384;
    narrow.columns = 32;
    narrow.cutter = escpos::Cutter::none;
    narrow.processId = false;
    for (const char* language : {"nl", "ru", "ca"}) {
        for (const auto& [name, profile] : {std::pair{"80mm", model()}, {"58mm", narrow}}) {
            const auto bytes = encoded(test::sampleSlip(language), profile);
            const auto path = folder / (std::string(language) + "-" + name);
            if (const char* mode = std::getenv("SOUFFLEUR_GOLDEN");
                mode != nullptr && std::string_view(mode) == "write") {
                std::ofstream(path.string() + ".bin", std::ios::binary)
                    .write(reinterpret_cast<const char*>(bytes.data()),
                           static_cast<std::streamsize>(bytes.size()));
                std::ofstream(path.string() + ".txt") << escpos::dump(bytes, &profile);
            }
            std::ifstream in(path.string() + ".bin", std::ios::binary);
            std::stringstream golden;
            golden << in.rdbuf();
            CAPTURE(path.string());
            CHECK(golden.str() == std::string(bytes.begin(), bytes.end()));
        }
    }
}
