#include "drivers/transport/Query.h"

#include <Poco/Exception.h>
#include <Poco/URI.h>
#include <algorithm>

namespace souffleur::transport {
namespace {

bool printable(const std::string& text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c != 0x7F; });
}

} // namespace

std::optional<Query> parseQuery(std::string_view text) {
    constexpr std::size_t kMaxKeys = 16;
    Query query;
    while (!text.empty()) {
        const std::string_view pair = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(text.size(), pair.size() + 1));
        const auto equals = pair.find('=');
        if (equals == std::string_view::npos || equals == 0 || query.size() == kMaxKeys)
            return std::nullopt;
        std::string key(pair.substr(0, equals));
        std::string value;
        try {
            Poco::URI::decode(std::string(pair.substr(equals + 1)), value);
        } catch (const Poco::Exception&) {
            return std::nullopt;
        }
        const bool doubled = std::any_of(query.begin(), query.end(),
                                         [&](const auto& one) { return one.first == key; });
        if (doubled || value.empty() || !printable(key) || !printable(value)) return std::nullopt;
        query.emplace_back(std::move(key), std::move(value));
    }
    return query;
}

std::string encodeValue(const std::string& value) {
    std::string text;
    Poco::URI::encode(value, "?#&=+/:;%", text);
    return text;
}

} // namespace souffleur::transport
