#include "drivers/scanner/Layout.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <toml++/toml.h>

namespace souffleur::scanner {

std::string_view file(std::string_view name); // the layouts of the program, made by embed_sql

namespace {

using transport::Error;
using transport::Fault;
using transport::Result;

constexpr std::size_t kFileMaxBytes = 16 * 1024;

struct Row {
    std::string_view name;
    std::uint16_t first;
    std::size_t keys;
};
// The rows of a PC keyboard, as runs of key numbers.
constexpr std::array<Row, 5> kRows{{
    {"digits", 2, 12},  // 1 to the key left of backspace
    {"top", 16, 12},    // q to the second key right of p
    {"home", 30, 12},   // a to the second key right of l, then the key left of 1
    {"bottom", 43, 11}, // the key above, left of or beside enter, then z to the key right of .
    {"extra", 86, 1},   // between shift and z, where there is one
}};
constexpr std::array<std::string_view, 4> kLevels{"plain", "shift", "altgr", "shift-altgr"};

/// The characters of a text; none where it is no UTF-8 (toml++ has checked that).
std::u32string charactersOf(std::string_view utf8) {
    std::u32string out;
    for (std::size_t i = 0; i < utf8.size();) {
        const auto first = static_cast<unsigned char>(utf8[i]);
        const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
        char32_t c = length == 1 ? first : first & (0x7FU >> length);
        for (std::size_t k = 1; k < length && i + k < utf8.size(); ++k)
            c = (c << 6U) | (static_cast<unsigned char>(utf8[i + k]) & 0x3FU);
        out += c;
        i += length;
    }
    return out;
}

char32_t keypad(std::uint16_t key) {
    constexpr std::u32string_view kDigits = U"789-456+1230."; // from KEY_KP7 on
    constexpr std::uint16_t kKp7 = 71;
    if (key >= kKp7 && key < kKp7 + kDigits.size()) return kDigits[key - kKp7];
    switch (key) {
    case 55:
        return U'*';
    case 57:
        return U' ';
    case 98:
        return U'/';
    case 117:
        return U'=';
    case 121:
        return U',';
    default:
        return 0;
    }
}

} // namespace

/// Walks the TOML once; the first thing wrong ends it.
class LayoutReader {
public:
    explicit LayoutReader(const std::string& fileName) : _file(fileName) {}

    Result<Layout> read(const toml::table& table) {
        if (table["format"].value_or(0) != 1) wrong(table, "has to begin with format = 1");
        for (const auto& [key, node] : table) {
            const auto level = std::find(kLevels.begin(), kLevels.end(), key.str());
            if (level != kLevels.end()) {
                readLevel(node, static_cast<std::size_t>(level - kLevels.begin()));
            } else if (key.str() != "format" && key.str() != "title" && key.str() != "source") {
                wrong(node, "has a key that is not one: " + std::string(key.str()));
            }
        }
        if (!table.contains("plain")) wrong(table, "has no [plain]");
        if (_error) return tl::make_unexpected(*_error);
        return _layout;
    }

private:
    void readLevel(const toml::node& node, std::size_t level) {
        const toml::table* rows = node.as_table();
        if (rows == nullptr)
            return wrong(node, "needs [" + std::string(kLevels.at(level)) + "] as a table");
        for (const auto& [key, text] : *rows) {
            const std::string_view name = key.str();
            const auto row = std::find_if(kRows.begin(), kRows.end(),
                                          [name](const Row& one) { return one.name == name; });
            const auto value = text.value_exact<std::string>();
            if (row == kRows.end() || !value)
                return wrong(text, "has no such row: " + std::string(name));
            const std::u32string keys = charactersOf(*value);
            if (keys.size() != row->keys) {
                return wrong(text, "needs " + std::to_string(row->keys) + " characters in " +
                                       std::string(row->name) + ", a space for none");
            }
            for (std::size_t i = 0; i < keys.size(); ++i) {
                if (keys[i] < 0x20) return wrong(text, "has a control character");
                if (keys[i] != U' ') _layout._levels.at(level).at(row->first + i) = keys[i];
            }
        }
    }

    void wrong(const toml::node& node, const std::string& what) {
        if (_error) return;
        _error = Error{Fault::invalid, "layout " + _file + ":" +
                                           std::to_string(node.source().begin.line) + " " + what};
    }

    const std::string& _file;
    Layout _layout;
    std::optional<Error> _error;
};

Result<Layout> Layout::parse(std::string_view toml, const std::string& fileName) {
    const auto refuse = [&](const std::string& what) {
        return tl::make_unexpected(Error{Fault::invalid, "layout " + fileName + " " + what});
    };
    if (toml.size() > kFileMaxBytes) return refuse("is over 16 KiB");
    // Debian's toml++ 3.3 has undefined behaviour on letters outside of texts.
    if (std::any_of(toml.begin(), toml.end(), [](char c) { return (c & 0x80) != 0; }))
        return refuse("is not ASCII; write other letters as \\u00e4");
    try {
        return LayoutReader(fileName).read(toml::parse(toml, fileName));
    } catch (const toml::parse_error& error) {
        return tl::make_unexpected(Error{
            Fault::invalid, "layout " + fileName + ":" + std::to_string(error.source().begin.line) +
                                " " + std::string(error.description())});
    } catch (const std::runtime_error&) { // what toml++ met with an assertion
        return refuse("is no TOML");
    }
}

Result<Layout> Layout::load(const std::string& nameOrPath) {
    if (nameOrPath.find('/') == std::string::npos) {
        const std::string_view own = scanner::file(nameOrPath + ".toml");
        if (!own.empty()) return parse(own, nameOrPath + ".toml");
        return tl::make_unexpected(
            Error{Fault::invalid, "no keyboard layout of this name: " + nameOrPath +
                                      "; a file of yours needs a / in its path"});
    }
    std::ifstream in(nameOrPath, std::ios::binary);
    if (!in) {
        return tl::make_unexpected(
            Error{Fault::unreachable, "the layout " + nameOrPath + " cannot be opened"});
    }
    std::string text(kFileMaxBytes + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    return parse(text, std::filesystem::path(nameOrPath).filename().string());
}

char32_t Layout::at(std::uint16_t key, bool shift, bool altGr) const noexcept {
    if (const char32_t same = keypad(key); same != 0) return same;
    if (key >= kKeys) return 0;
    const std::size_t level = (shift ? 1U : 0U) + (altGr ? 2U : 0U);
    return _levels[level][key];
}

} // namespace souffleur::scanner
