#include "plugin/base/TomlGuard.h"

#include <algorithm>

namespace souffleur {
namespace {

constexpr std::string_view kMark = "\xEF\xBB\xBF";

/// Where the text that opens at `at` ends: behind its last quote. One on a single line ends with
/// the line at the latest, as the parser has it.
std::size_t behindText(std::string_view toml, std::size_t at) {
    const char quote = toml[at];
    const std::string_view three = quote == '"' ? R"(""")" : "'''";
    const bool many = toml.substr(at).starts_with(three);
    for (at += many ? 3 : 1; at < toml.size(); ++at) {
        if (quote == '"' && toml[at] == '\\') {
            ++at;
        } else if (!many && (toml[at] == quote || toml[at] == '\n')) {
            return at + 1;
        } else if (many && toml.substr(at).starts_with(three)) {
            at += 3;
            // Up to two quotes may stand right before the closing three.
            for (int more = 0; more < 2 && at < toml.size() && toml[at] == quote; ++more) ++at;
            return at;
        }
    }
    return toml.size();
}

} // namespace

Result<void> guardToml(std::string_view toml, std::string_view file) {
    std::size_t at = toml.starts_with(kMark) ? kMark.size() : 0;
    while (at < toml.size()) {
        const char c = toml[at];
        if (c == '"' || c == '\'') {
            at = behindText(toml, at);
        } else if (c == '#') {
            at = std::min(toml.find('\n', at), toml.size());
        } else if (static_cast<unsigned char>(c) >= 0x80) {
            const auto line = 1 + std::ranges::count(toml.substr(0, at), '\n');
            return fail(Code::invalid,
                        "a letter that is not ASCII outside of quotes; put the name in quotes",
                        std::string(file) + ":" + std::to_string(line));
        } else {
            ++at;
        }
    }
    return {};
}

} // namespace souffleur
