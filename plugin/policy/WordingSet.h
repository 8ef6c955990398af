// Texts before the house's particulars are filled in, and the filling in. Internal to this room.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "plugin/base/Result.h"
#include "plugin/consent/Policy.h"
#include "plugin/policy/House.h"

namespace souffleur::policy {

class TomlReader;

/// A notice as written in a set or a pack, with its place for errors.
struct RawNotice {
    std::string id;
    std::uint32_t version = 1;
    std::string label, detail, line, text;
    std::string where; ///< "standard-1.nl.toml:12: notice.newsletter.email"
};

/// By (purpose without the partner's id, channel, language).
struct WordingSet {
    std::map<std::tuple<std::string, std::string, std::string>, RawNotice> notices;
    std::map<std::string, std::map<std::string, std::string>> phrases; ///< by language, name
};

/// Reads the built-in set `name` in every language it has. Errors: notFound, invalid.
Result<WordingSet> readWordingSet(std::string_view name);
/// Adds one language's file of a set.
Result<void> addWordings(WordingSet& set, std::string_view toml, std::string_view file);

/// The final wording: placeholders filled, bounds checked, hashed. `partner` may be null.
Result<consent::Notice> finishNotice(const RawNotice& raw, const std::string& language,
                                     const std::map<std::string, std::string>& phrases,
                                     const House& house, const Partner* partner);

inline constexpr std::size_t kLabelMaxChars = 40;
inline constexpr std::size_t kDetailMaxChars = 60;
inline constexpr std::size_t kLineMaxChars = 240;
inline constexpr std::size_t kTextMaxChars = 1200;
/// The narrowest paper's columns: a longer word would be broken.
inline constexpr std::size_t kWordMaxChars = 32;

} // namespace souffleur::policy
