// The house's own small file, house.toml: who the controller is, how to reach it, its languages and
// its partners. Everything that a wording says about the house comes from here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/base/Result.h"
#include "plugin/consent/Policy.h"

namespace souffleur::policy {

/// A partner of the house: the purpose "partner:<id>" is made for each.
struct Partner {
    consent::Token id; ///< "museum-zuid", at most 32 characters
    std::string name;  ///< as the customer reads it
    bool operator==(const Partner&) const = default;
};

/// house.toml as values. `languages` is the order of the house, its own first; empty = the pack's.
struct House {
    consent::ControllerInfo controller;
    consent::Token pack; ///< the built-in or installed pack, "nl"
    /// Where the house's file names it, for errors: "house.toml:8: pack"; empty = no file.
    std::string packWhere;
    std::vector<std::string> languages;
    std::vector<Partner> partners;
    std::map<std::string, std::string> names; ///< the house's name in a language, where it differs
    /// Raised by the house when its name, telephone or addresses change after a wording was used
    /// (1..99): version of a notice = version in the pack x 100 + this.
    std::uint32_t wordingRevision = 1;

    /// The ticketing system knows that the addresses it hands over reach the customer.
    bool addressesVerified = false;
    /// Whoever is signed in at a till may open its cash drawer without a sale.
    bool drawer = false;
    /// So long a till that does not reach head office shows whom it holds (1..90).
    int leaseDays = 14;

    [[nodiscard]] const std::string& nameIn(const std::string& language) const;
};

inline constexpr std::size_t kHouseMaxBytes = 64 * 1024;
inline constexpr std::size_t kPartnersMax = 32;

/// `fileName` is used in errors only. Errors: invalid, tooLarge; `where` is "house.toml:12: key".
Result<House> parseHouse(std::string_view toml, std::string_view fileName = "house.toml");
/// Reads the file. Errors: also notFound, unavailable.
Result<House> loadHouse(const std::filesystem::path& path);
/// The file's text, unread. Errors: notFound, unavailable, tooLarge.
Result<std::string> readHouse(const std::filesystem::path& path);
/// An invented theatre (example.org) for demo and tests. `pack`: "nl", "es-ct", "ru", "gb".
House sampleHouse(std::string_view pack = "nl");
/// The same as a house.toml.
std::string sampleHouseToml(std::string_view pack = "nl");

} // namespace souffleur::policy
