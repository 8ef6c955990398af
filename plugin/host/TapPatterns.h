// What a ticketing system's receipts look like: where its order and customer numbers stand.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/base/Result.h"

namespace souffleur::host {

/// Patterns from TOML (patterns/README.md), compiled; RE2, so that time is linear in the text
/// whatever the pattern. Immutable: any thread. Copies share.
class TapPatterns {
public:
    enum class Where : std::uint8_t { text, code };

    /// A name of the program's own ("generic"), or a path with a slash. Errors: notFound, tooLarge,
    /// storage, invalid and unsupported with file, line and key.
    [[nodiscard]] static Result<TapPatterns> load(const std::string& nameOrPath);
    [[nodiscard]] static Result<TapPatterns> parse(std::string_view toml,
                                                   std::string_view fileName);

    struct Match {
        std::size_t rank = 0;    ///< place in the file: lower is better
        std::string_view prefix; ///< "order:"; lives as long as the patterns
        std::string_view number; ///< within the line
    };
    /// The best match in a line of a receipt (bytes as printed) or in the data of a code. A number
    /// is 3 to 32 letters, digits or . _ / -, else it is none.
    [[nodiscard]] std::optional<Match> find(std::span<const std::uint8_t> line, Where where) const;
    /// Does the line say that this is a fiscal receipt?
    [[nodiscard]] bool fiscal(std::span<const std::uint8_t> line) const;

    /// Every receipt of this system is one.
    [[nodiscard]] bool allFiscal() const;

    [[nodiscard]] const std::string& system() const;

private:
    friend class TapPatternReader;
    struct Compiled;
    explicit TapPatterns(std::shared_ptr<const Compiled> compiled);
    std::shared_ptr<const Compiled> _compiled;
};

} // namespace souffleur::host
