#include "drivers/scanner/HidReport.h"

#include "tests/support/Property.h"
#include "tests/support/ScannerReports.h"

using namespace souffleur;
using scanner::HidLayout;
using scanner::HidPiece;
using test::scanReport;

TEST_CASE("a descriptor tells where the fields are") {
    const auto layout = HidLayout::parse(test::kScannerDescriptor).value();
    CHECK(layout.reports() == HidLayout::standard().reports());
    CHECK(layout.maxBytes() == 64);
    const auto piece = layout.decode(scanReport("]Q1", "https://example.org/w#ABC")).value();
    CHECK(piece == HidPiece{"https://example.org/w#ABC", "]Q1", false});
    CHECK(layout.decode(scanReport("]Q1", "first", true)).value().continued);
}

TEST_CASE("where no length is said, zeros at the end are none of the code") {
    const std::vector<std::uint8_t> descriptor{0x05, 0x8C, 0x09, 0x02, 0xA1, 0x01, 0x75, 0x08,
                                               0x95, 0x08, 0x09, 0xFE, 0x82, 0x02, 0x01, 0xC0};
    const auto layout = HidLayout::parse(descriptor).value();
    CHECK(layout.decode(std::vector<std::uint8_t>{'4', '7', '1', 0, 0, 0, 0, 0}).value() ==
          HidPiece{"471", "", false});
}

TEST_CASE("other layouts than the usual one are found as well") {
    // No report ids, the data first, then its length in the same collection; no symbology.
    const std::vector<std::uint8_t> descriptor{
        0x05, 0x8C, 0x09, 0x02, 0xA1, 0x01, 0x15, 0x00, 0x26, 0xFF, 0x00, 0x75, 0x08, //
        0x95, 0x10, 0x09, 0xFE, 0x82, 0x02, 0x01,                                     // 16 of data
        0x95, 0x01, 0x05, 0x01, 0x09, 0x3B, 0x81, 0x02,                               // length
        0x05, 0x8C, 0x75, 0x01, 0x95, 0x07, 0x81, 0x01, 0x95, 0x01, 0x09, 0xFF, 0x81, 0x02, // bit 7
        0xC0};
    const auto layout = HidLayout::parse(descriptor).value();
    REQUIRE(layout.reports().size() == 1);
    CHECK(layout.maxBytes() == 18);
    std::vector<std::uint8_t> report(18, 0);
    std::copy_n("4711xxxx", 8, report.begin());
    report[16] = 4;
    report[17] = 0x80;
    CHECK(layout.decode(report).value() == HidPiece{"4711", "", true});
    report.resize(3);
    CHECK(layout.decode(report).value() == HidPiece{"471", "", false});
}

TEST_CASE("a length over the data is cut, other reports are none of ours") {
    auto report = scanReport("]E0", "4006381333931");
    report[1] = 0xFF;
    const auto layout = HidLayout::standard();
    CHECK(layout.decode(report).value().data.size() == 56);
    CHECK_FALSE(layout.decode(std::vector<std::uint8_t>{9, 1, 2, 3, 4, 5, 6}).has_value());
    CHECK_FALSE(layout.decode({}).has_value());
    CHECK_FALSE(layout.decode(std::vector<std::uint8_t>{2, 5}).has_value());
    report[2] = 'Q'; // no identifier
    CHECK(layout.decode(report).value().symbology.empty());
}

TEST_CASE("what is no scanner, or broken, is refused") {
    CHECK_FALSE(HidLayout::parse({}).has_value());
    CHECK_FALSE(HidLayout::parse(test::kKeyboardDescriptor).has_value());
    auto cut = test::kScannerDescriptor;
    cut.pop_back(); // a collection is left open
    CHECK_FALSE(HidLayout::parse(cut).has_value());
    // Decoded data outside of a scanner's collection.
    const std::vector<std::uint8_t> outside{0x05, 0x8C, 0x75, 0x08, 0x95,
                                            0x10, 0x09, 0xFE, 0x81, 0x02};
    CHECK_FALSE(HidLayout::parse(outside).has_value());
    // Four thousand million fields.
    const std::vector<std::uint8_t> many{0x05, 0x8C, 0x09, 0x02, 0xA1, 0x01, 0x75, 0x00, 0x97,
                                         0xFF, 0xFF, 0xFF, 0xFF, 0x09, 0xFE, 0x81, 0x02, 0xC0};
    CHECK_FALSE(HidLayout::parse(many).has_value());
    CHECK_FALSE(HidLayout::parse(std::vector<std::uint8_t>(100'000, 0x05)).has_value());
}

PROPERTY("any descriptor and any report: bounded",
         [](const std::vector<std::uint8_t>& descriptor, const std::vector<std::uint8_t>& report) {
             const auto layout = HidLayout::parse(descriptor);
             const auto piece = (layout ? *layout : HidLayout::standard()).decode(report);
             if (piece) RC_ASSERT(piece->data.size() <= report.size());
         });
