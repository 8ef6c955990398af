// A till with one USB printer, the usual case of these suites.
#pragma once

#include <chrono>
#include <memory>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "drivers/transport/UsbTransport.h"
#include "tests/integration/usb_printer/UsbBed.h"
#include "tests/support/Property.h"

namespace souffleur::test {

inline constexpr transport::Milliseconds kLong{60'000};
inline constexpr transport::Milliseconds kShort{60};
using Bytes = std::vector<std::uint8_t>;

inline Bytes bytes(std::size_t count) {
    Bytes all(count);
    std::iota(all.begin(), all.end(), std::uint8_t{0});
    return all;
}

struct UsbTill {
    UsbBed bed;
    std::shared_ptr<PlayedPrinter> printer = std::make_shared<PlayedPrinter>();
    std::unique_ptr<transport::UsbTransport> line;

    explicit UsbTill(const std::string& address = "04b8:0202") : line(at(address)) {}
    static std::unique_ptr<transport::UsbTransport> at(const std::string& address) {
        return std::make_unique<transport::UsbTransport>(
            transport::parseUsbAddress(address).value());
    }
    UsbBed::Place open() {
        auto place = bed.plug(printer, 2);
        const auto opened = line->open(kLong);
        REQUIRE_MESSAGE(opened.has_value(), opened.error().message);
        return place;
    }
    Bytes readAll(std::size_t count) {
        Bytes all;
        Bytes buffer(700);
        while (all.size() < count) {
            const auto got = line->read(buffer, kLong);
            REQUIRE(got.has_value());
            REQUIRE(*got > 0);
            all.insert(all.end(), buffer.begin(),
                       buffer.begin() + static_cast<std::ptrdiff_t>(*got));
        }
        return all;
    }
};

/// Events of the bus take their time: asks until it opens, or for a minute.
inline transport::Result<void> openSoon(transport::UsbTransport& line) {
    const auto end = std::chrono::steady_clock::now() + kLong;
    for (;;) {
        auto opened = line.open(kLong);
        if (opened || std::chrono::steady_clock::now() > end) return opened;
        std::this_thread::yield();
    }
}

} // namespace souffleur::test
