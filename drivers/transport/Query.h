// `?key=value&key=value` of an address. Inside the transport room only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace souffleur::transport {

using Query = std::vector<std::pair<std::string, std::string>>;

/// Splits and percent-decodes; none for a key without value, an empty or a doubled key, control
/// characters, or more than 16 keys. Empty text is no keys.
[[nodiscard]] std::optional<Query> parseQuery(std::string_view text);
/// Percent-encodes a value.
[[nodiscard]] std::string encodeValue(const std::string& value);

} // namespace souffleur::transport
