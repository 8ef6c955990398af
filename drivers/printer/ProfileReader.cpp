#include "drivers/printer/ProfileReader.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <stdexcept>

namespace souffleur::printer {
namespace {

constexpr std::size_t kMaxList = 64;
constexpr std::size_t kMaxTextBytes = 200;

std::string path(std::string_view section, std::string_view key) {
    std::string path(section);
    if (!path.empty()) path += '.';
    return path += key;
}

std::string oneOf(std::initializer_list<std::string_view> words) {
    std::string list;
    for (const auto one : words) list += (list.empty() ? "" : ", ") + std::string(one);
    return list;
}

} // namespace

ProfileResult<toml::table> parseToml(const std::string& text, const std::string& name) {
    const auto refuse = [&](int line, std::string message) {
        return tl::make_unexpected(ProfileError{name, line, {}, std::move(message)});
    };
    if (text.size() > kMaxProfileBytes) return refuse(0, "such a file is at most 64 KiB");
    // Debian's toml++ 3.3 has undefined behaviour on some letters outside of texts: none are
    // needed.
    const auto odd = std::find_if(text.begin(), text.end(),
                                  [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
    if (odd != text.end()) {
        const auto line = 1 + std::count(text.begin(), odd, '\n');
        return refuse(static_cast<int>(line), "holds a character that is not ASCII; spell it so");
    }
    // With exceptions on purpose: without them this parser runs into its own assertions on some bad
    // input.
    try {
        return toml::parse(text, name);
    } catch (const toml::parse_error& error) {
        return refuse(static_cast<int>(error.source().begin.line),
                      "is not TOML: " + std::string(error.description()));
    } catch (const std::runtime_error&) {
        return refuse(0, "is not TOML");
    }
}

ProfileResult<std::string> readTextFile(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return tl::make_unexpected(ProfileError{path, 0, {}, "cannot be read"});
    std::string text(kMaxProfileBytes + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    return text;
}

void ProfileReader::refuse(const toml::node* at, std::string key, std::string message) {
    if (_error) return;
    const int line = at == nullptr ? 0 : static_cast<int>(at->source().begin.line);
    _error = ProfileError{_file, line, std::move(key), std::move(message)};
}

void ProfileReader::only(const toml::table& table, std::string_view section,
                         std::initializer_list<std::string_view> keys) {
    for (const auto& [key, value] : table) {
        if (std::find(keys.begin(), keys.end(), key.str()) != keys.end()) continue;
        refuse(&value, path(section, key.str()),
               "is not a key of " + _what + "; check the spelling");
    }
}

const toml::table& ProfileReader::section(const toml::table& root, std::string_view name) {
    if (root.get(name) == nullptr) refuse(nullptr, std::string(name), "the section is missing");
    return sectionIfAny(root, name);
}

const toml::table& ProfileReader::sectionIfAny(const toml::table& root, std::string_view name) {
    static const toml::table kEmpty;
    const auto* const node = root.get(name);
    const auto* const found = root.get_as<toml::table>(name);
    if (node != nullptr && found == nullptr) {
        refuse(node, std::string(name), "must be a section, [" + std::string(name) + "]");
    }
    return found == nullptr ? kEmpty : *found;
}

std::string ProfileReader::text(const toml::table& table, std::string_view section,
                                std::string_view key) {
    const auto* const node = table.get(key);
    auto found = node == nullptr ? std::nullopt : node->value_exact<std::string>();
    if (!found || found->empty() || found->size() > kMaxTextBytes) {
        refuse(node == nullptr ? &table : node, path(section, key),
               "must be a text of 1 to 200 bytes");
        return {};
    }
    return *std::move(found);
}

const toml::array* ProfileReader::list(const toml::table& table, std::string_view section,
                                       std::string_view key) {
    const auto* const found = table.get_as<toml::array>(key);
    if (found != nullptr && !found->empty() && found->size() <= kMaxList) return found;
    const auto* const node = table.get(key);
    refuse(node == nullptr ? &table : node, path(section, key), "must be a list of 1 to 64 texts");
    return nullptr;
}

std::vector<std::string> ProfileReader::texts(const toml::table& table, std::string_view section,
                                              std::string_view key) {
    std::vector<std::string> found;
    const auto* const array = list(table, section, key);
    if (array == nullptr) return found;
    for (const auto& node : *array) {
        auto one = node.value_exact<std::string>();
        if (!one || one->empty() || one->size() > kMaxTextBytes) {
            refuse(&node, path(section, key), "must hold texts of 1 to 200 bytes only");
            return {};
        }
        found.push_back(*std::move(one));
    }
    return found;
}

bool ProfileReader::flag(const toml::table& table, std::string_view section, std::string_view key) {
    const auto* const node = table.get(key);
    const auto found = node == nullptr ? std::nullopt : node->value_exact<bool>();
    if (!found) {
        refuse(node == nullptr ? &table : node, path(section, key), "must be true or false");
    }
    return found.value_or(false);
}

int ProfileReader::number(const toml::table& table, std::string_view section, std::string_view key,
                          int low, int high) {
    const auto* const node = table.get(key);
    const auto found = node == nullptr ? std::nullopt : node->value_exact<std::int64_t>();
    if (found && *found >= low && *found <= high) return static_cast<int>(*found);
    refuse(node == nullptr ? &table : node, path(section, key),
           "must be a whole number from " + std::to_string(low) + " to " + std::to_string(high));
    return low;
}

Font ProfileReader::cell(const toml::table& table, std::string_view section, std::string_view key) {
    const auto* const array = table.get_as<toml::array>(key);
    std::array<std::int64_t, 2> dots{};
    for (std::size_t i = 0; array != nullptr && array->size() == 2 && i < 2; ++i) {
        dots[i] = (*array)[i].value_exact<std::int64_t>().value_or(0);
    }
    if (dots[0] < 6 || dots[0] > 48 || dots[1] < 8 || dots[1] > 96) {
        const auto* const node = table.get(key);
        refuse(node == nullptr ? &table : node, path(section, key),
               "must be [width, height] in dots, 6 to 48 by 8 to 96");
        return {0, 6, 8};
    }
    return {0, static_cast<int>(dots[0]), static_cast<int>(dots[1])};
}

std::size_t ProfileReader::word(const toml::table& table, std::string_view section,
                                std::string_view key,
                                std::initializer_list<std::string_view> words) {
    const auto found = text(table, section, key);
    const auto* const at = std::find(words.begin(), words.end(), found);
    if (at != words.end()) return static_cast<std::size_t>(at - words.begin());
    refuse(table.get(key), path(section, key), "must be one of " + oneOf(words));
    return 0;
}

std::vector<std::size_t> ProfileReader::words(const toml::table& table, std::string_view section,
                                              std::string_view key,
                                              std::initializer_list<std::string_view> words) {
    std::vector<std::size_t> positions;
    for (const auto& one : texts(table, section, key)) {
        const auto* const at = std::find(words.begin(), words.end(), one);
        const auto position = static_cast<std::size_t>(at - words.begin());
        if (at == words.end() ||
            std::find(positions.begin(), positions.end(), position) != positions.end()) {
            refuse(table.get(key), path(section, key),
                   "must name, each once, some of " + oneOf(words));
            return {};
        }
        positions.push_back(position);
    }
    return positions;
}

} // namespace souffleur::printer
