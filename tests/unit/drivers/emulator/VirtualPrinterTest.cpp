#include "drivers/emulator/VirtualPrinter.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <unistd.h>

#include "drivers/escpos/Encoder.h"
#include "tests/support/Property.h"
#include "tests/support/QrReader.h"
#include "tests/support/SampleSlip.h"

using namespace souffleur;
using Bytes = std::vector<std::uint8_t>;

namespace {

escpos::Profile model() {
    escpos::Profile profile;
    profile.codePages = {{16, escpos::CodePage::cp1252},
                         {17, escpos::CodePage::cp866},
                         {14, escpos::CodePage::cp737}};
    profile.processId = true;
    return profile;
}

Bytes slip(const std::string& language = "nl", const escpos::Profile& profile = model()) {
    return escpos::Encoder(profile)
        .encode(test::sampleSlip(language), escpos::ProcessId{'0', '0', '0', '7'})
        .value();
}

const std::vector<std::string> kCode = {"https://example.org/w/4f1c2a9be07d4c31a85e"};

/// 0..1: how much of the paper is black.
double blackness(const std::vector<std::uint8_t>& png) {
    double black = 0;
    double all = 0;
    struct Source {
        const std::vector<std::uint8_t>& bytes;
        std::size_t at = 0;
    } source{png};
    cairo_surface_t* surface = cairo_image_surface_create_from_png_stream(
        [](void* closure, unsigned char* into, unsigned int count) {
            auto& from = *static_cast<Source*>(closure);
            std::copy_n(from.bytes.begin() + static_cast<std::ptrdiff_t>(from.at), count, into);
            from.at += count;
            return CAIRO_STATUS_SUCCESS;
        },
        &source);
    for (int y = 0; y < cairo_image_surface_get_height(surface); ++y) {
        const unsigned char* row =
            cairo_image_surface_get_data(surface) + y * cairo_image_surface_get_stride(surface);
        for (int x = 0; x < cairo_image_surface_get_width(surface); ++x) {
            black += row[4 * x + 1] < 128 ? 1 : 0;
            all += 1;
        }
    }
    cairo_surface_destroy(surface);
    return black / all;
}

} // namespace

TEST_CASE("a slip becomes one receipt, with text, picture and a code that reads back") {
    for (const char* language : {"nl", "ru", "ca", "el", "he", "zh"}) {
        CAPTURE(language);
        emulator::VirtualPrinter printer(model());
        printer.feed(slip(language));
        const auto receipts = printer.receipts();
        REQUIRE(receipts.size() == 1);
        CHECK(receipts[0].widthPx == 2 * 640);
        CHECK(test::readQr(receipts[0].png) == kCode);
        CHECK(blackness(receipts[0].png) > 0.02);
        CHECK(blackness(receipts[0].png) < 0.4);
    }
}

TEST_CASE("the text is what stands on the paper, aligned") {
    emulator::VirtualPrinter printer(model());
    printer.feed(slip("ru"));
    const auto text = printer.receipts()[0].text;
    CHECK(text.find("\nМария Ивановна Лебедева\n") != std::string::npos);
    CHECK(text.find("Новости · почта                              нет\n") != std::string::npos);
    CHECK(text.find("[qr " + kCode[0] + "]") != std::string::npos);
}

TEST_CASE("a drawn code reads back as well, on narrow paper too") {
    auto profile = model();
    profile.qr = false;
    profile.paperWidthMm = 58;
    profile.widthDots = 384;
    profile.columns = 32;
    for (const auto graphics : {escpos::Graphics::rasterGsV0, escpos::Graphics::graphicsGsL}) {
        profile.graphics = graphics;
        emulator::VirtualPrinter printer(profile);
        printer.feed(slip("nl", profile));
        CHECK(test::readQr(printer.receipts().at(0).png) == kCode);
    }
}

TEST_CASE("the process id comes back only when the slip is printed") {
    emulator::VirtualPrinter printer(model());
    const auto bytes = slip();
    printer.feed(std::span(bytes).first(bytes.size() - 1));
    CHECK(printer.reply().empty());
    printer.feed(std::span(bytes).last(1));
    CHECK(printer.reply() == Bytes{0x37, 0x22, '0', '0', '0', '7', 0});
}

TEST_CASE("paper out: status says so, nothing prints, all prints once when it is in") {
    emulator::VirtualPrinter printer(model());
    printer.setFaults({.paperOut = true});
    printer.feed(slip());
    const Bytes ask = {0x10, 4, 1, 0x10, 4, 2, 0x10, 4, 4};
    printer.feed(ask);
    CHECK(printer.reply() == Bytes{0x1A, 0x32, 0x7E});
    CHECK(printer.printed() == 0);
    printer.setFaults({});
    CHECK(printer.printed() == 1);
    CHECK(printer.reply() == Bytes{0x37, 0x22, '0', '0', '0', '7', 0});
}

TEST_CASE("automatic status is sent on change once it is asked for") {
    emulator::VirtualPrinter printer(model());
    printer.feed(Bytes{0x1D, 'a', 0xFF});
    CHECK(printer.reply() == Bytes{0x10, 0x00, 0x00, 0x0F});
    printer.setFaults({.coverOpen = true});
    CHECK(printer.reply() == Bytes{0x38, 0x00, 0x00, 0x0F});
    printer.lineReset();
    printer.setFaults({});
    CHECK(printer.reply().empty());
}

TEST_CASE("real-time requests are answered inside picture data") {
    emulator::VirtualPrinter printer(model());
    printer.feed(Bytes{0x1D, 'v', '0', 0, 72, 0, 100, 0, 0xFF, 0x10, 4, 1});
    CHECK(printer.reply() == Bytes{0x12});
}

TEST_CASE("a hanging printer takes and says nothing, and its buffer is bounded") {
    emulator::VirtualPrinter printer(model());
    printer.setFaults({.hang = true});
    CHECK(printer.room() == 0);
    printer.setFaults({.paperOut = true});
    printer.feed(Bytes(100'000, 'x'));
    CHECK(printer.room() == 0);
}

TEST_CASE("it says who it is") {
    emulator::VirtualPrinter printer(model(), {.serial = "S1"});
    printer.feed(Bytes{0x1D, 'I', 68});
    CHECK(printer.reply() == Bytes{0x5F, 'S', '1', 0});
}

TEST_CASE("only the latest receipts are kept; files hold them all") {
    std::string folder =
        (std::filesystem::temp_directory_path() / "souffleur-paper-XXXXXX").string();
    REQUIRE(::mkdtemp(folder.data()) != nullptr);
    {
        emulator::VirtualPrinter printer(model(), {.keepReceipts = 2, .folder = folder});
        for (int i = 0; i < 3; ++i) printer.feed(slip());
        CHECK(printer.printed() == 3);
        CHECK(printer.receipts().size() == 2);
        CHECK(printer.receipts(false).at(0).png.empty());
        CHECK_FALSE(printer.receipt(1).has_value());
        CHECK(printer.receipt(3).has_value());
        std::stringstream text;
        text << std::ifstream(folder + "/0001.txt").rdbuf();
        CHECK(text.str() == printer.receipts().at(0).text);
        CHECK(std::filesystem::file_size(folder + "/0003.png") == printer.receipt(3)->png.size());
    }
    std::filesystem::remove_all(folder);
}

TEST_CASE("endless paper, absurd widths and pictures past the edge are survived") {
    emulator::VirtualPrinter printer(model());
    for (int i = 0; i < 400; ++i) printer.feed(Bytes{'x', 0x1B, 'd', 255});
    printer.feed(Bytes{0x1D, 'W', 0, 0, 0x1D, 'L', 0xFF, 0xFF, 'a', 'b', 0x0A});
    printer.feed(Bytes{0x1D, '(', 'k', 3, 0, 49, 81, 48}); // a code that was never stored
    printer.feed(Bytes{0x1D, '(', 'L', 2, 0, 48, 50});     // a picture that was never stored
    printer.tear();
    REQUIRE(printer.printed() == 1);
    CHECK(printer.receipts()[0].heightPx <= 2 * emulator::kMaxReceiptDots);
    CHECK(printer.receipts()[0].text.find("[end of the paper]") != std::string::npos);
}

TEST_CASE("switched on again it is as new: plain, to the left, with no code to print") {
    emulator::VirtualPrinter printer(model(), {.pictures = emulator::Pictures::none});
    printer.feed(Bytes{0x1B, 'a', 2, 0x1B, 't', 17, 0x1D, '(', 'k', 4, 0, 49, 80, 48, 'x'});
    printer.powerCut();
    CHECK(printer.printed() == 0);
    printer.feed(Bytes{0xE9, 0x0A, 0x1D, '(', 'k', 3, 0, 49, 81, 48, 0x1D, 'V', 0});
    REQUIRE(printer.printed() == 1);
    CHECK(printer.receipts()[0].text == "\u00E9\n[qr that cannot be drawn]\n");
}

TEST_CASE("a blank piece that is cut off is no receipt, and no part of the next one") {
    emulator::VirtualPrinter printer(model(), {.pictures = emulator::Pictures::none});
    printer.feed(Bytes{0x0A, 0x0A, 0x1D, 'V', 0, 'a', 0x0A, 0x1D, 'V', 0});
    printer.feed(Bytes{0x0A, 0x1B, 'd', 3, 0x09});
    printer.tear();
    printer.feed(Bytes{'b', 0x1D, 'k', 4, '1', '2', 0, 0x1D, 'V', 0});
    const auto receipts = printer.receipts();
    REQUIRE(receipts.size() == 2);
    CHECK(receipts[0].text == "a\n");
    CHECK(receipts[1].text == "b\n[barcode]\n");
}

TEST_CASE("without pictures the same is printed and answered") {
    for (const auto graphics : {escpos::Graphics::rasterGsV0, escpos::Graphics::graphicsGsL,
                                escpos::Graphics::columnsEscStar}) {
        auto profile = model();
        profile.graphics = graphics;
        profile.qr = false;
        emulator::VirtualPrinter drawn(profile);
        emulator::VirtualPrinter plain(profile, {.pictures = emulator::Pictures::none});
        for (auto* const printer : {&drawn, &plain}) printer->feed(slip("zh", profile));
        CHECK(drawn.reply() == plain.reply());
        REQUIRE(plain.printed() == 1);
        CHECK(drawn.receipts().at(0).text == plain.receipts().at(0).text);
        CHECK(plain.receipts().at(0).png.empty());
        CHECK(plain.receipts().at(0).heightPx == 0);
    }
}

TEST_CASE("strips that follow each other without an end leave the paper at its edge") {
    emulator::VirtualPrinter printer(model(), {.pictures = emulator::Pictures::none});
    const Bytes strip{0x1B, '*', 33, 2, 0, 1, 2, 3, 4, 5, 6};
    for (int i = 0; i < 5'000; ++i) printer.feed(strip);
    printer.feed(Bytes{'x', 0x0A, 0x1D, 'V', 0});
    REQUIRE(printer.printed() == 1);
    CHECK(printer.receipts()[0].text == "\nx\n"); // the strips' line is full
}

PROPERTY("whatever bytes come, the printer lives and takes more", [] {
    emulator::VirtualPrinter printer(model());
    const auto bytes = *rc::gen::container<Bytes>(rc::gen::oneOf(
        rc::gen::arbitrary<std::uint8_t>(),
        rc::gen::element<std::uint8_t>(0x1B, 0x1D, '(', 'L', 'k', 'V', 'v', '*', 0, 1, 0x0A)));
    printer.feed(bytes);
    printer.tear();
    RC_ASSERT(printer.room() == 65536U);
    RC_ASSERT(printer.printed() <= bytes.size());
    RC_ASSERT(printer.receipts().size() == printer.printed());
})
