#include <algorithm>
#include <charconv>

#include "drivers/transport/Query.h"
#include "drivers/transport/UsbTransport.h"

namespace souffleur::transport {
namespace {

std::optional<std::uint16_t> hexOf(std::string_view text) {
    constexpr std::size_t kDigits = 4;
    constexpr int kHex = 16;
    std::uint16_t value = 0;
    const auto* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, value, kHex);
    if (text.size() != kDigits || error != std::errc() || stopped != end) return std::nullopt;
    return value;
}

bool isPort(const std::string& text) {
    constexpr std::size_t kMaxPort = 40;
    return text.size() <= kMaxPort && text.find('-') != std::string::npos &&
           text.find_first_not_of("0123456789-.") == std::string::npos;
}

} // namespace

std::string UsbAddress::text() const {
    std::string text = "usb://" + (id ? id->text() : std::string("printer"));
    if (!serial.empty()) text += "?serial=" + encodeValue(serial);
    if (!port.empty()) text += (serial.empty() ? "?port=" : "&port=") + port;
    return text;
}

Result<UsbAddress> parseUsbAddress(std::string_view text) {
    constexpr std::size_t kMaxSerial = 256;
    const auto refuse = [](const char* what) {
        return tl::make_unexpected(Error{Fault::invalid, what});
    };
    UsbAddress address;
    const std::string_view device = text.substr(0, text.find('?'));
    if (device != "printer") {
        const auto colon = device.find(':');
        const auto vendor = hexOf(device.substr(0, colon));
        const auto product =
            colon == std::string_view::npos ? std::nullopt : hexOf(device.substr(colon + 1));
        if (!vendor || !product)
            return refuse("a USB printer's address is usb://04b8:0202 (vendor and product in four "
                          "hex digits each) or usb://printer");
        address.id = UsbId{*vendor, *product};
    }
    text.remove_prefix(std::min(text.size(), device.size() + 1));
    const auto query = parseQuery(text);
    if (!query) return refuse("after ? in a USB printer's address stand serial= and port=");
    for (const auto& [key, value] : *query) {
        if (key == "serial" && value.size() <= kMaxSerial) {
            address.serial = value;
        } else if (key == "port" && isPort(value)) {
            address.port = value;
        } else {
            return refuse("after ? in a USB printer's address stand serial= and port= (as 1-4.2)");
        }
    }
    return address;
}

} // namespace souffleur::transport
