#include <algorithm>

#include "drivers/scanner/Keyboard.h"
#include "drivers/scanner/Reader.h"

namespace souffleur::scanner {
namespace {

constexpr std::size_t kAddressMax = 4096;

/// Takes `layout=…` out of what follows the `?`; the rest stays as it was.
std::string takeLayout(std::string& address) {
    constexpr std::string_view kKey = "layout=";
    const auto query = address.find('?');
    if (query == std::string::npos) return {};
    for (auto at = query + 1; at < address.size();) {
        const auto end = std::min(address.find('&', at), address.size());
        if (address.compare(at, kKey.size(), kKey) == 0) {
            std::string layout = address.substr(at + kKey.size(), end - at - kKey.size());
            address.erase(at - 1, end - at + 1); // with the ? or & before it
            if (at - 1 < address.size() && address.find('?') == std::string::npos)
                address[at - 1] = '?';
            return layout;
        }
        at = end + 1;
    }
    return {};
}

Result<std::unique_ptr<Reader>> keyboardAt(std::string address, Ours ours, Counters& counters) {
    const auto refuse = [](const char* what) {
        return tl::make_unexpected(Error{Fault::invalid, what});
    };
    const std::string layoutName = takeLayout(address);
    auto layout = Layout::load(layoutName.empty() ? "us" : layoutName);
    if (!layout) return tl::make_unexpected(layout.error());
    KeyboardAddress keyboard;
    if (address.starts_with('/')) {
        if (address.find('?') != std::string::npos || address.size() < 2)
            return refuse("after ? in a keyboard scanner's path stands layout= alone");
        keyboard.path = address;
    } else {
        auto usb = transport::parseUsbAddress(address);
        if (!usb || !usb->id || !usb->port.empty())
            return refuse("a keyboard scanner's address is keyboard://05e0:1200 (vendor and "
                          "product in four hex digits each, ?serial= and layout= where needed) or "
                          "keyboard:///dev/input/by-id/…-event-kbd");
        keyboard.id = usb->id;
        keyboard.serial = usb->serial;
    }
    return keyReader(makeKeyboard(std::move(keyboard)), *layout, std::move(ours), counters);
}

} // namespace

Result<std::unique_ptr<Reader>> readerAt(const std::string& address, Ours ours,
                                         Counters& counters) {
    constexpr std::string_view kHid = "hid://";
    constexpr std::string_view kKeyboard = "keyboard://";
    if (address.size() > kAddressMax)
        return tl::make_unexpected(Error{Fault::invalid, "a scanner's address is not so long"});
    if (address.starts_with(kHid))
        return hidReader(std::string_view(address).substr(kHid.size()), counters);
    if (address.starts_with(kKeyboard))
        return keyboardAt(address.substr(kKeyboard.size()), std::move(ours), counters);
    if (!address.starts_with("serial://") && !address.starts_with("tcp://")) {
        return tl::make_unexpected(
            Error{Fault::invalid, "a scanner's address is serial:///dev/ttyACM0, hid://0c2e:0b61, "
                                  "keyboard://05e0:1200, keyboard:///dev/input/by-id/… or "
                                  "tcp://host:port"});
    }
    auto line = transport::plainFromAddress(address);
    if (!line) return tl::make_unexpected(line.error());
    return lineReader(std::move(*line), counters);
}

} // namespace souffleur::scanner
