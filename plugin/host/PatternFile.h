// A TOML file of patterns, as the tap and the scanner read it: the checks that both need. Internal
// to this room; one thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <toml++/toml.h>

#include "plugin/base/Result.h"

namespace re2 {
class RE2;
} // namespace re2

namespace souffleur::host {

inline constexpr std::size_t kPatternsMax = 32;
inline constexpr std::size_t kNumberMax = 32; ///< characters

/// Is this the number of a customer or an order: 3 to 32 letters, digits and . _ / - ?
[[nodiscard]] bool isNumber(std::string_view text) noexcept;

/// Reads the values of one file and keeps the first error, with the file's name and the line.
class PatternFile {
protected:
    explicit PatternFile(std::string_view file) : _file(file) {}

    struct Form {
        bool bytes = false;    ///< Latin-1 and either case, as a receipt comes; else UTF-8 as it is
        int groups = 1;        ///< pairs of () there must be
        const char* otherwise; ///< what to say where there are more or fewer
    };
    /// Bounded in length and in what it compiles to. nullptr with an error noted before.
    std::unique_ptr<re2::RE2> pattern(const std::string& key, const toml::node& node,
                                      const Form& form);
    /// Printable ASCII of 1 to maxBytes; empty with an error noted.
    std::string text(const std::string& key, const toml::node& node, std::size_t maxBytes);
    void wrong(const toml::node& node, const std::string& key, const std::string& what);

    std::string_view _file;
    std::optional<Error> _error;
};

struct PatternText {
    std::string toml;
    std::string name; ///< for errors: without folders
};
/// The program's own file (`ownPrefix` + name + ".toml"), or with a '/' in it a file of the
/// house's. Errors: notFound, tooLarge (64 KiB).
[[nodiscard]] Result<PatternText> loadPatternText(const std::string& nameOrPath,
                                                  std::string_view ownPrefix);

/// The document; errors name the file and the line.
[[nodiscard]] Result<toml::table> parsePatternText(std::string_view toml,
                                                   std::string_view fileName);

} // namespace souffleur::host
