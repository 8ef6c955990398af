#include "drivers/transport/DeviceId.h"

#include <algorithm>
#include <string_view>

namespace souffleur::transport {
namespace {

std::string upper(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return result;
}

std::string_view trimmed(std::string_view text) {
    const auto from = text.find_first_not_of(" \t\r\n");
    if (from == std::string_view::npos) return {};
    return text.substr(from, text.find_last_not_of(" \t\r\n") - from + 1);
}

/// Printable ASCII of bounded length; anything else becomes '_': it is shown to people.
std::string cleaned(std::string_view text) {
    std::string result(text.substr(0, kMaxDeviceIdField));
    for (char& c : result)
        if (c < 0x20 || c > 0x7E) c = '_';
    return result;
}

std::string* fieldOf(DeviceId& id, const std::string& key) {
    if (key == "MFG" || key == "MANUFACTURER") return &id.manufacturer;
    if (key == "MDL" || key == "MODEL") return &id.model;
    if (key == "SN" || key == "SERN" || key == "SERIALNUMBER") return &id.serial;
    if (key == "CMD" || key == "COMMAND SET") return &id.commandSet;
    if (key == "CLS" || key == "CLASS") return &id.deviceClass;
    return nullptr;
}

/// The bytes after the length; a wrong length must not cost us what was received.
std::string_view bodyOf(std::span<const std::uint8_t> answer) {
    constexpr std::size_t kLengthBytes = 2;
    if (answer.size() <= kLengthBytes) return {};
    const auto big = static_cast<std::size_t>((answer[0] << 8) | answer[1]);
    const auto little = static_cast<std::size_t>((answer[1] << 8) | answer[0]);
    const std::size_t size = std::min(answer.size(), kMaxDeviceIdBytes);
    std::size_t end = size;
    if (big > kLengthBytes && big <= size) {
        end = big;
    } else if (little > kLengthBytes && little <= size) {
        end = little;
    }
    return {reinterpret_cast<const char*>(answer.data()) + kLengthBytes, end - kLengthBytes};
}

} // namespace

std::string DeviceId::text() const {
    std::string text;
    const auto add = [&text](const char* key, const std::string& value) {
        if (!value.empty()) text.append(key).append(":").append(value).append(";");
    };
    add("MFG", manufacturer);
    add("CMD", commandSet);
    add("MDL", model);
    add("CLS", deviceClass);
    add("SN", serial);
    return text;
}

DeviceId parseDeviceId(std::span<const std::uint8_t> answer) {
    DeviceId id;
    std::string_view rest = bodyOf(answer);
    while (!rest.empty()) {
        const std::string_view pair = rest.substr(0, rest.find(';'));
        rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
        const auto colon = pair.find(':');
        if (colon == std::string_view::npos) continue;
        std::string* field = fieldOf(id, upper(trimmed(pair.substr(0, colon))));
        if (field != nullptr && field->empty()) *field = cleaned(trimmed(pair.substr(colon + 1)));
    }
    return id;
}

} // namespace souffleur::transport
