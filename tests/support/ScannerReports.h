// What a HID-POS scanner describes and sends, as its makers document it. Header only.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

namespace souffleur::test {

/// Report 2 of 64 bytes: length, three of symbology, 56 of data, two of the maker's, a flag.
inline const std::vector<std::uint8_t> kScannerDescriptor{
    0x05, 0x8C,       // usage page: bar code scanner
    0x09, 0x02,       // usage: bar code scanner
    0xA1, 0x01,       // collection: application
    0x09, 0x12,       //   usage: scanned data report
    0xA1, 0x02,       //   collection: logical
    0x85, 0x02,       //     report id 2
    0x15, 0x00,       //     logical minimum 0
    0x26, 0xFF, 0x00, //     logical maximum 255
    0x75, 0x08,       //     report size 8
    0x95, 0x01,       //     report count 1
    0x05, 0x01,       //     usage page: generic desktop
    0x09, 0x3B,       //     usage: byte count
    0x81, 0x02,       //     input
    0x95, 0x03,       //     report count 3
    0x05, 0x8C,       //     usage page: bar code scanner
    0x09, 0xFB,       //     usage: symbology identifier 1
    0x09, 0xFC,       //     2
    0x09, 0xFD,       //     3
    0x81, 0x02,       //     input
    0x95, 0x38,       //     report count 56
    0x09, 0xFE,       //     usage: decoded data
    0x82, 0x02, 0x01, //     input, buffered bytes
    0x95, 0x02,       //     report count 2
    0x06, 0x66, 0xFF, //     usage page: the maker's own
    0x09, 0x04,       //     usage
    0x09, 0x00,       //     usage
    0x81, 0x02,       //     input
    0x05, 0x8C,       //     usage page: bar code scanner
    0x25, 0x01,       //     logical maximum 1
    0x75, 0x01,       //     report size 1
    0x95, 0x01,       //     report count 1
    0x09, 0xFF,       //     usage: decode data continued
    0x81, 0x02,       //     input
    0x95, 0x07,       //     report count 7
    0x81, 0x01,       //     input: constant
    0xC0,             //   end
    0x09, 0x14,       //   usage: trigger report
    0xA1, 0x02,       //   collection: logical
    0x85, 0x04,       //     report id 4
    0x09, 0x00,       //     usage
    0x91, 0x02,       //     output
    0xC0,             //   end
    0xC0};            // end

/// A keyboard's (HID 1.11, appendix E.6), shortened.
inline const std::vector<std::uint8_t> kKeyboardDescriptor{
    0x05, 0x01, 0x09, 0x06, 0xA1, 0x01, 0x05, 0x07, 0x19, 0xE0, 0x29, 0xE7,
    0x15, 0x00, 0x25, 0x01, 0x75, 0x01, 0x95, 0x08, 0x81, 0x02, 0x95, 0x06,
    0x75, 0x08, 0x25, 0x65, 0x19, 0x00, 0x29, 0x65, 0x81, 0x00, 0xC0};

/// `data`: at most 56 bytes.
inline std::vector<std::uint8_t> scanReport(std::string_view symbology, std::string_view data,
                                            bool continued = false) {
    std::vector<std::uint8_t> report(64, 0);
    report[0] = 2;
    report[1] = static_cast<std::uint8_t>(data.size());
    std::copy(symbology.begin(), symbology.end(), report.begin() + 2);
    std::copy(data.begin(), data.end(), report.begin() + 5);
    report[63] = continued ? 1 : 0;
    return report;
}

} // namespace souffleur::test
