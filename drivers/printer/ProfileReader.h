// The keys of a TOML file, read one by one with the first mistake kept. For the rooms that read
// such files about printers; its header is a heavy one.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <toml++/toml.h>
#include <vector>

#include "drivers/printer/ProfileFile.h"

namespace souffleur::printer {

/// TOML text as a table. It must be ASCII and at most kMaxProfileBytes; `name` stands in errors.
[[nodiscard]] ProfileResult<toml::table> parseToml(const std::string& text,
                                                   const std::string& name);
/// The same of a file.
[[nodiscard]] ProfileResult<std::string> readTextFile(const std::string& path);

/// Everything after the first mistake is a no-op that returns harmless values. `section` is the
/// table's name in messages ("paper"); keys of the top level have none.
class ProfileReader {
public:
    /// `what`: the kind of file in messages, "a profile".
    explicit ProfileReader(std::string file, std::string what = "a profile")
        : _file(std::move(file)), _what(std::move(what)) {}

    void refuse(const toml::node* at, std::string key, std::string message);
    /// Every key of a table must be among these.
    void only(const toml::table& table, std::string_view section,
              std::initializer_list<std::string_view> keys);

    const toml::table& section(const toml::table& root, std::string_view name);
    /// An empty table when it is absent.
    const toml::table& sectionIfAny(const toml::table& root, std::string_view name);

    std::string text(const toml::table& table, std::string_view section, std::string_view key);
    std::vector<std::string> texts(const toml::table& table, std::string_view section,
                                   std::string_view key);
    bool flag(const toml::table& table, std::string_view section, std::string_view key);
    int number(const toml::table& table, std::string_view section, std::string_view key, int low,
               int high);
    /// [width, height] of a character cell, dots.
    Font cell(const toml::table& table, std::string_view section, std::string_view key);
    /// One of these words, as its position.
    std::size_t word(const toml::table& table, std::string_view section, std::string_view key,
                     std::initializer_list<std::string_view> words);
    /// Different ones of these words, as their positions.
    std::vector<std::size_t> words(const toml::table& table, std::string_view section,
                                   std::string_view key,
                                   std::initializer_list<std::string_view> words);

    [[nodiscard]] const std::optional<ProfileError>& error() const { return _error; }

private:
    const toml::array* list(const toml::table& table, std::string_view section,
                            std::string_view key);

    std::string _file;
    std::string _what;
    std::optional<ProfileError> _error;
};

} // namespace souffleur::printer
