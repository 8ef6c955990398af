#include "plugin/host/TapModes.h"

#include <algorithm>
#include <string_view>

#include "drivers/escpos/CommandTable.h"

namespace souffleur::host {
namespace {

constexpr std::string_view kEscModes = "! -23EGMRVat{rD";
constexpr std::string_view kGsModes = "!BLWPHfhwba";
constexpr std::string_view kFsModes = "!&.CS-W";

bool isMode(std::uint8_t prefix, std::uint8_t what) {
    const auto among = [&](std::string_view all) {
        return all.find(static_cast<char>(what)) != std::string_view::npos;
    };
    switch (prefix) {
    case escpos::kEsc:
        return among(kEscModes);
    case escpos::kGs:
        return among(kGsModes);
    case escpos::kFs:
        return among(kFsModes);
    default:
        return false;
    }
}

/// `ESC 2` ends what `ESC 3` began, and `FS .` what `FS &` did.
std::uint8_t kindOf(std::uint8_t prefix, std::uint8_t what) {
    if (prefix == escpos::kEsc && what == '2') return '3';
    if (prefix == escpos::kFs && what == '&') return '.';
    return what;
}

/// Columns ascend; else these are no tabs.
bool ascend(std::span<const std::uint8_t> tabs) {
    return std::ranges::adjacent_find(tabs, std::greater_equal<>()) == tabs.end();
}

} // namespace

void TapModes::heard(std::span<const std::uint8_t> command) {
    if (command.size() < 2) return;
    const std::uint8_t prefix = command[0];
    const std::uint8_t what = command[1];
    if (prefix == escpos::kEsc && what == '@') {
        _count = 0;
        return;
    }
    if (!isMode(prefix, what) || command.size() > kLongest) return;
    const bool tabs = prefix == escpos::kEsc && what == 'D';
    if (tabs && !ascend(command.subspan(2, command.size() - 3))) return;
    const std::uint8_t kind = kindOf(prefix, what);
    const auto used = std::span(_modes).first(_count);
    const auto same = std::ranges::find_if(used, [&](const Mode& mode) {
        return mode.bytes[0] == prefix && kindOf(prefix, mode.bytes[1]) == kind;
    });
    // The latest stands last: `ESC !` takes back what single settings said before it.
    if (same != used.end()) {
        std::rotate(same, same + 1, used.end());
    } else if (_count == _modes.size()) {
        return;
    } else {
        ++_count;
    }
    Mode& mode = _modes[_count - 1];
    std::ranges::copy(command, mode.bytes.begin());
    mode.length = command.size();
}

std::vector<std::uint8_t> TapModes::again() const {
    std::vector<std::uint8_t> out{escpos::kEsc, '@'};
    for (const Mode& mode : std::span(_modes).first(_count)) {
        out.insert(out.end(), mode.bytes.begin(),
                   mode.bytes.begin() + static_cast<std::ptrdiff_t>(mode.length));
    }
    return out;
}

} // namespace souffleur::host
