// Our own files as JSON. Everything read is checked: kinds, ranges, lengths.
#pragma once

#include <optional>
#include <string>

#include "firmware-config/provision/Values.h"

namespace souffleur::provision {

inline constexpr std::size_t kMaxFileBytes = 16 * 1024 * 1024;

[[nodiscard]] std::string toJson(const Target& target);
[[nodiscard]] std::string toJson(const Record& record);
[[nodiscard]] std::string toJson(const Journal& journal);
[[nodiscard]] std::string toJson(const Backup& backup);

/// Nothing when the text is not what the functions above write.
[[nodiscard]] std::optional<Record> recordFrom(const std::string& text);
[[nodiscard]] std::optional<Journal> journalFrom(const std::string& text);
[[nodiscard]] std::optional<Backup> backupFrom(const std::string& text);

} // namespace souffleur::provision
