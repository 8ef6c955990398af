// Reading TOML key by key with errors that name file, line and key. Internal to this room: the one
// header here that shows toml++.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <toml++/toml.h>
#include <vector>

#include "plugin/base/Clock.h"
#include "plugin/base/Result.h"

namespace souffleur::policy {

/// Parses `text`; a file over maxBytes is tooLarge. Never throws. Errors: invalid, tooLarge.
Result<toml::table> parseToml(std::string_view text, std::string_view file, std::size_t maxBytes);
/// The word nearest to `wrong`, as " Did you mean \"…\"?", or nothing when none is near.
std::string suggestion(std::string_view wrong, const std::vector<std::string_view>& known);
/// A list for messages: "a, b, c".
std::string listed(const std::vector<std::string_view>& words);
/// Characters (code points) of UTF-8.
std::size_t characters(std::string_view utf8);

/// Reads keys one by one and keeps the first error; everything after it gives defaults.
class TomlReader {
public:
    explicit TomlReader(std::string file) : _file(std::move(file)) {}

    void refuse(const toml::node* at, const std::string& key, std::string message);
    void require(const Result<void>& outcome);
    [[nodiscard]] bool ok() const { return !_error.has_value(); }
    [[nodiscard]] Result<void> done() const;
    [[nodiscard]] const std::string& file() const { return _file; }

    /// Every key of `table` must be among these.
    void only(const toml::table& table, const std::string& where,
              std::initializer_list<std::string_view> keys);
    /// Present, not empty, without control characters, at most maxChars.
    std::string text(const toml::table& table, const std::string& where, std::string_view key,
                     std::size_t maxChars);
    std::string textOr(const toml::table& table, const std::string& where, std::string_view key,
                       std::size_t maxChars, std::string fallback);
    std::int64_t number(const toml::table& table, const std::string& where, std::string_view key,
                        std::int64_t min, std::int64_t max);
    std::int64_t numberOr(const toml::table& table, const std::string& where, std::string_view key,
                          std::int64_t min, std::int64_t max, std::int64_t fallback);
    bool flagOr(const toml::table& table, const std::string& where, std::string_view key,
                bool fallback);
    TimeMs dateOr(const toml::table& table, const std::string& where, std::string_view key,
                  TimeMs fallback);
    /// A text or a list of 1 to maxItems texts; absent = empty.
    std::vector<std::string> texts(const toml::table& table, const std::string& where,
                                   std::string_view key, std::size_t maxItems);
    /// A section; absent = nullptr.
    const toml::table* section(const toml::table& table, const std::string& where,
                               std::string_view key);
    /// The tables of `[[key]]`; absent = none.
    std::vector<const toml::table*> tables(const toml::table& table, std::string_view key,
                                           std::size_t maxItems);
    static std::string path(const std::string& where, std::string_view key);

private:
    bool soundText(const toml::node& node, const std::string& key, std::string_view value,
                   std::size_t maxChars);

    std::string _file;
    std::optional<Error> _error;
};

} // namespace souffleur::policy
