// Logos: bounded before they are decoded, dithered the same way everywhere.
#include "drivers/escpos/Picture.h"

#include <numeric>

#include "tests/support/Property.h"

using namespace souffleur;
using Bytes = std::vector<std::uint8_t>;

namespace {

escpos::Bitmap filled(int width, int height, std::uint8_t byte) {
    escpos::Bitmap out;
    out.width = width;
    out.height = height;
    out.bits.assign(static_cast<std::size_t>(out.stride()) * static_cast<std::size_t>(height),
                    byte);
    return out;
}

/// The first bytes of a PNG that says it has this size.
Bytes head(std::uint32_t width, std::uint32_t height) {
    Bytes png{0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, 0, 0, 13, 'I', 'H', 'D', 'R'};
    for (const std::uint32_t number : {width, height}) {
        for (const unsigned shift : {24U, 16U, 8U, 0U})
            png.push_back(static_cast<std::uint8_t>(number >> shift));
    }
    return png;
}

int black(const escpos::Bitmap& picture) {
    int count = 0;
    for (int y = 0; y < picture.height; ++y) {
        for (int x = 0; x < picture.width; ++x) count += picture.at(x, y) ? 1 : 0;
    }
    return count;
}

} // namespace

TEST_CASE("a picture comes back as it was, dot for dot") {
    auto picture = filled(64, 24, 0);
    for (int i = 0; i < 24; ++i) picture.bits[static_cast<std::size_t>(i) * 8 + 2] = 0xAA;
    const auto again = escpos::ditherPng(escpos::pngOf(picture).value(), {});
    REQUIRE(again);
    CHECK(again->width == 64);
    CHECK(again->height == 24);
    CHECK(again->bits == picture.bits);
}

TEST_CASE("a picture is brought to its width and its place on the paper") {
    const auto png = escpos::pngOf(filled(64, 32, 0xFF)).value();
    escpos::PictureShape shape;
    shape.widthDots = 128;
    shape.paperDots = 512;
    shape.align = escpos::Align::centre;
    const auto centred = escpos::ditherPng(png, shape).value();
    CHECK(centred.width == 192 + 128);
    CHECK(centred.height == 64);
    CHECK_FALSE(centred.at(191, 0));
    CHECK(centred.at(192, 0));
    shape.align = escpos::Align::right;
    CHECK(escpos::ditherPng(png, shape).value().width == 512);
    shape.widthDots = 513;
    CHECK(escpos::ditherPng(png, shape).error().fault == escpos::Fault::invalid);
    shape.widthDots = 512;
    shape.maxRows = 255;
    CHECK(escpos::ditherPng(png, shape).error().fault == escpos::Fault::tooLarge);
}

TEST_CASE("a half-black chequer stays half black when it is made smaller") {
    auto picture = filled(400, 400, 0);
    for (std::size_t i = 0; i < picture.bits.size(); ++i)
        picture.bits[i] = i / 50 % 2 == 0 ? 0xAA : 0x55;
    escpos::PictureShape shape;
    shape.widthDots = 80;
    const auto small = escpos::ditherPng(escpos::pngOf(picture).value(), shape).value();
    CHECK(black(small) > 80 * 80 * 45 / 100);
    CHECK(black(small) < 80 * 80 * 55 / 100);
}

TEST_CASE("what is too large is refused before it is decoded") {
    CHECK(escpos::pngSize(Bytes(50'000'000, 0)).error().fault == escpos::Fault::tooLarge);
    CHECK(escpos::pngSize(head(10'000, 10'000)).error().fault == escpos::Fault::tooLarge);
    CHECK(escpos::pngSize(head(0xFFFFFFFF, 0xFFFFFFFF)).error().fault == escpos::Fault::tooLarge);
    CHECK(escpos::pngSize(head(4000, 4000)));
    CHECK(escpos::pngSize(head(0, 10)).error().fault == escpos::Fault::invalid);
    CHECK(escpos::pngSize(Bytes{'G', 'I', 'F'}).error().fault == escpos::Fault::invalid);
    const auto damaged = escpos::ditherPng(head(100, 100), {});
    CHECK(damaged.error().fault == escpos::Fault::invalid);
}

PROPERTY("a damaged PNG is a picture or a refusal, never more", [] {
    auto png = escpos::pngOf(filled(40, 10, 0x3C)).value();
    const auto at = *rc::gen::inRange<std::size_t>(0, png.size());
    png[at] = *rc::gen::arbitrary<std::uint8_t>();
    png.resize(*rc::gen::inRange<std::size_t>(0, png.size() + 1));
    const auto picture = escpos::ditherPng(png, {});
    if (picture)
        RC_ASSERT(picture->bits.size() == static_cast<std::size_t>(picture->stride()) *
                                              static_cast<std::size_t>(picture->height));
})
