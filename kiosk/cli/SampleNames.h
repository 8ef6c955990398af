// Private to kiosk/cli: the names of the sample house. Invented people; any likeness is chance.
#pragma once

#include <span>
#include <string_view>

namespace souffleur::cli {

/// A name as written and in the Latin letters of an e-mail address.
struct SampleName {
    std::string_view written;
    std::string_view latin;
};

struct SampleLanguage {
    std::string_view code;
    int weight;  ///< of 100
    bool latin1; ///< can be written in Windows-1252
    std::span<const SampleName> women;
    std::span<const SampleName> men;
    std::span<const SampleName> families;      ///< of men where they differ
    std::span<const SampleName> womenFamilies; ///< empty: the same
    std::span<const SampleName> particles;     ///< some families get one; empty: none
};

[[nodiscard]] std::span<const SampleLanguage> sampleLanguages() noexcept;

struct SampleShow {
    std::string_view title;
    std::string_view genre;
};
[[nodiscard]] std::span<const SampleShow> sampleShows() noexcept;

struct SamplePlace {
    std::string_view city;
    std::string_view code; ///< first four digits of the postal code
};
[[nodiscard]] std::span<const SamplePlace> samplePlaces() noexcept;
[[nodiscard]] std::span<const std::string_view> sampleStreets() noexcept;

} // namespace souffleur::cli
