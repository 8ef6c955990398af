// Which bar codes at a till are ours, besides those on our slips: customer cards, orders, badges.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "plugin/base/Result.h"

namespace souffleur::host {

inline constexpr std::size_t kBadgeMinBytes = 8;
inline constexpr std::size_t kBadgeMaxBytes = 128;

/// Patterns from TOML (scans/README.md), compiled; RE2, so that time is linear in the code whatever
/// the pattern. Immutable: any thread. Copies share.
class ScanPatterns {
public:
    enum class Kind : std::uint8_t { customer, order, badge };

    /// A name of the program's own ("generic"), or a path with a slash. Errors: notFound, tooLarge,
    /// invalid and unsupported with file, line and key.
    [[nodiscard]] static Result<ScanPatterns> load(const std::string& nameOrPath);
    [[nodiscard]] static Result<ScanPatterns> parse(std::string_view toml,
                                                    std::string_view fileName);

    struct Match {
        Kind kind = Kind::customer;
        /// Of a customer in the system, as hosts select them ("204711", "order:4711081"): 3 to 64
        /// characters; or a badge's code: kBadgeMinBytes to kBadgeMaxBytes.
        std::string value;
    };
    /// By the first pattern that fits the whole code.
    [[nodiscard]] std::optional<Match> find(std::string_view code) const;

    [[nodiscard]] const std::string& system() const;

private:
    friend class ScanPatternReader;
    struct Compiled;
    explicit ScanPatterns(std::shared_ptr<const Compiled> compiled);
    std::shared_ptr<const Compiled> _compiled;
};

} // namespace souffleur::host
