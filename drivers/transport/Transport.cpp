#include "drivers/transport/Transport.h"

#include <Poco/Exception.h>
#include <Poco/URI.h>
#include <charconv>
#include <string_view>

#include "drivers/transport/FileTransport.h"
#include "drivers/transport/Query.h"
#include "drivers/transport/SerialTransport.h"
#include "drivers/transport/TcpTransport.h"
#include "drivers/transport/UsbTransport.h"

namespace souffleur::transport {
namespace {

constexpr const char* kForms = "a printer's address is tcp://host:9100, usb://04b8:0202, "
                               "serial:///dev/ttyUSB0 or file:///path";

tl::unexpected<Error> refuse(const char* what = kForms) {
    return tl::make_unexpected(Error{Fault::invalid, what});
}

bool setNumber(int& number, const std::string& value) {
    const auto* const end = value.data() + value.size();
    const auto [stopped, error] = std::from_chars(value.data(), end, number);
    return error == std::errc() && stopped == end;
}

template <typename Enum>
bool setWord(Enum& word, const std::string& value,
             std::initializer_list<std::pair<const char*, Enum>> words) {
    for (const auto& [name, meaning] : words) {
        if (value != name) continue;
        word = meaning;
        return true;
    }
    return false;
}

bool set(SerialSettings& settings, const std::string& key, const std::string& value) {
    if (key == "baud") return setNumber(settings.baud, value);
    if (key == "bits") return setNumber(settings.dataBits, value);
    if (key == "stop") return setNumber(settings.stopBits, value);
    if (key == "parity")
        return setWord(settings.parity, value,
                       {{"none", Parity::none}, {"even", Parity::even}, {"odd", Parity::odd}});
    if (key == "flow")
        return setWord(
            settings.flow, value,
            {{"none", Flow::none}, {"rts-cts", Flow::rtsCts}, {"xon-xoff", Flow::xonXoff}});
    return false;
}

Result<std::unique_ptr<Transport>> serial(const Poco::URI& uri, SerialSettings settings) {
    const auto query = parseQuery(uri.getRawQuery());
    if (!query) return refuse();
    for (const auto& [key, value] : *query) {
        if (!set(settings, key, value))
            return refuse("after ? in a serial printer's address stand baud=9600, bits=8, "
                          "parity=none|even|odd, stop=1, flow=rts-cts|xon-xoff|none");
    }
    if (auto valid = validate(settings); !valid) return tl::make_unexpected(valid.error());
    return std::make_unique<SerialTransport>(uri.getPath(), settings);
}

Result<std::unique_ptr<Transport>> transportAt(const std::string& address,
                                               const SerialSettings& settings) {
    constexpr std::uint16_t kRawPort = 9100;
    constexpr std::size_t kMaxAddress = 4096;
    constexpr std::string_view kUsb = "usb://";
    if (address.size() > kMaxAddress) return refuse();
    if (address.starts_with(kUsb)) { // its hex numbers are no host and port
        auto usb = parseUsbAddress(std::string_view(address).substr(kUsb.size()));
        if (!usb) return tl::make_unexpected(usb.error());
        return std::make_unique<UsbTransport>(std::move(*usb));
    }
    try {
        const Poco::URI uri(address);
        if (uri.getScheme() == "tcp" && !uri.getHost().empty() && uri.getPath().empty()) {
            const std::uint16_t port = uri.getPort() == 0 ? kRawPort : uri.getPort();
            return std::make_unique<TcpTransport>(uri.getHost(), port);
        }
        const bool path = uri.getHost().empty() && uri.getPath().size() > 1;
        if (uri.getScheme() == "file" && path)
            return std::make_unique<FileTransport>(uri.getPath());
        if (uri.getScheme() == "serial" && path) return serial(uri, settings);
    } catch (const Poco::Exception&) {
        return refuse();
    }
    return refuse();
}

} // namespace

Result<std::unique_ptr<Transport>> fromAddress(const std::string& address) {
    return transportAt(address, SerialSettings{});
}

Result<std::unique_ptr<Transport>> plainFromAddress(const std::string& address) {
    SerialSettings settings;
    settings.flow = Flow::none;
    return transportAt(address, settings);
}

} // namespace souffleur::transport
