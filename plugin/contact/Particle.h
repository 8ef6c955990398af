// Dutch particles in what is typed to find a name: "van der Mulder" is searched for as "vd mulder",
// and stands on file as "v.d. Mulder". Works on folded words (Folder); pure and thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace souffleur::contact {

/// "van de", "van den", "van der" or "van het" ("van 't") in a query, in full or shortened.
struct Particle {
    std::size_t at = 0;    ///< of its first word in the query
    std::size_t count = 1; ///< of its words there
    bool shortened = false;
    /// How a name may hold it: one of `first` and one of `second`, or one of `joined`.
    std::vector<std::string> first;
    std::vector<std::string> second;
    std::vector<std::string> joined;

    /// Do these words of a name hold it?
    [[nodiscard]] bool in(std::span<const std::string> name) const;
    /// The query's other words.
    [[nodiscard]] std::vector<std::string> others(std::span<const std::string> query) const;
};

/// The first one in a query; nothing where there is none, or no word beside it.
[[nodiscard]] std::optional<Particle> particleIn(std::span<const std::string> query);

} // namespace souffleur::contact
