#include "plugin/policy/TomlReader.h"

#include "plugin/base/TomlGuard.h"
#include <algorithm>
#include <exception>
#include <numeric>

namespace souffleur::policy {
namespace {

std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t swap = diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U);
            diagonal = row[j];
            row[j] = std::min({swap, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row[b.size()];
}

std::string placed(std::string_view file, std::uint32_t line, const std::string& key) {
    std::string where(file);
    if (line > 0) {
        where += ":" + std::to_string(line);
    }
    return key.empty() ? where : where + ": " + key;
}

} // namespace

Result<toml::table> parseToml(std::string_view text, std::string_view file, std::size_t maxBytes) {
    if (text.size() > maxBytes) {
        return fail(Code::tooLarge,
                    "the file is larger than " + std::to_string(maxBytes) +
                        " bytes; shorten it or split the wordings off",
                    std::string(file));
    }
    if (const auto safe = guardToml(text, file); !safe) {
        return passOn(safe);
    }
    try {
        return toml::parse(text, file);
    } catch (const toml::parse_error& e) {
        return fail(Code::invalid, "this is not TOML: " + std::string(e.description()),
                    placed(file, e.source().begin.line, {}));
    } catch (const std::exception&) {
        return fail(Code::invalid, "this is not TOML; check brackets and quotes",
                    std::string(file));
    }
}

std::string suggestion(std::string_view wrong, const std::vector<std::string_view>& known) {
    if (wrong.size() > 64) {
        return {};
    }
    std::string_view best;
    std::size_t bestDistance = std::max<std::size_t>(2, wrong.size() / 3) + 1;
    for (const std::string_view word : known) {
        if (const std::size_t d = distance(wrong, word); d < bestDistance) {
            best = word;
            bestDistance = d;
        }
    }
    return best.empty() ? std::string{} : " Did you mean \"" + std::string(best) + "\"?";
}

std::string listed(const std::vector<std::string_view>& words) {
    std::string list;
    for (const std::string_view word : words) {
        list += (list.empty() ? "" : ", ") + std::string(word);
    }
    return list;
}

std::size_t characters(std::string_view utf8) {
    return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

std::string TomlReader::path(const std::string& where, std::string_view key) {
    return where.empty() ? std::string(key) : where + "." + std::string(key);
}

void TomlReader::refuse(const toml::node* at, const std::string& key, std::string message) {
    if (_error) {
        return;
    }
    const std::uint32_t line = at == nullptr ? 0 : at->source().begin.line;
    _error = Error{Code::invalid, std::move(message), placed(_file, line, key)};
}

void TomlReader::require(const Result<void>& outcome) {
    if (!outcome && !_error) {
        _error = outcome.error();
    }
}

Result<void> TomlReader::done() const {
    if (_error) {
        return tl::make_unexpected(*_error);
    }
    return {};
}

void TomlReader::only(const toml::table& table, const std::string& where,
                      std::initializer_list<std::string_view> keys) {
    for (const auto& [key, value] : table) {
        if (std::find(keys.begin(), keys.end(), key.str()) == keys.end()) {
            refuse(&value, path(where, key.str()),
                   "this key is unknown; remove it or correct its spelling." +
                       suggestion(key.str(), keys));
        }
    }
}

bool TomlReader::soundText(const toml::node& node, const std::string& key, std::string_view value,
                           std::size_t maxChars) {
    const bool controls = std::any_of(value.begin(), value.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20U || c == 0x7F;
    });
    if (value.empty() || controls) {
        refuse(&node, key, "must be a text without line breaks or control characters, not empty");
    } else if (characters(value) > maxChars) {
        refuse(&node, key,
               "is too long: " + std::to_string(characters(value)) + " characters, at most " +
                   std::to_string(maxChars) + "; shorten it");
    }
    return ok();
}

std::string TomlReader::text(const toml::table& table, const std::string& where,
                             std::string_view key, std::size_t maxChars) {
    if (table.get(key) == nullptr) {
        refuse(&table, path(where, key), "is missing; add it");
        return {};
    }
    return textOr(table, where, key, maxChars, {});
}

std::string TomlReader::textOr(const toml::table& table, const std::string& where,
                               std::string_view key, std::size_t maxChars, std::string fallback) {
    const toml::node* node = table.get(key);
    if (node == nullptr) {
        return fallback;
    }
    const auto value = node->value_exact<std::string>();
    if (!value) {
        refuse(node, path(where, key), "must be a text in quotes");
        return fallback;
    }
    return soundText(*node, path(where, key), *value, maxChars) ? *value : fallback;
}

std::int64_t TomlReader::number(const toml::table& table, const std::string& where,
                                std::string_view key, std::int64_t min, std::int64_t max) {
    if (table.get(key) == nullptr) {
        refuse(&table, path(where, key), "is missing; add it");
        return min;
    }
    return numberOr(table, where, key, min, max, min);
}

std::int64_t TomlReader::numberOr(const toml::table& table, const std::string& where,
                                  std::string_view key, std::int64_t min, std::int64_t max,
                                  std::int64_t fallback) {
    const toml::node* node = table.get(key);
    if (node == nullptr) {
        return fallback;
    }
    const auto value = node->value_exact<std::int64_t>();
    if (!value || *value < min || *value > max) {
        refuse(node, path(where, key),
               "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max));
        return fallback;
    }
    return *value;
}

bool TomlReader::flagOr(const toml::table& table, const std::string& where, std::string_view key,
                        bool fallback) {
    const toml::node* node = table.get(key);
    if (node == nullptr) {
        return fallback;
    }
    const auto value = node->value_exact<bool>();
    if (!value) {
        refuse(node, path(where, key), "must be true or false");
    }
    return value.value_or(fallback);
}

TimeMs TomlReader::dateOr(const toml::table& table, const std::string& where, std::string_view key,
                          TimeMs fallback) {
    const toml::node* node = table.get(key);
    if (node == nullptr) {
        return fallback;
    }
    if (const auto date = node->value_exact<toml::date>()) {
        std::array<char, 16> form{};
        (void) std::snprintf(form.data(), form.size(), "%04d-%02d-%02d",
                             static_cast<int>(date->year), static_cast<int>(date->month),
                             static_cast<int>(date->day));
        if (const auto at = parseTime(form.data()); at && *at >= kMinTime) {
            return *at;
        }
    }
    refuse(node, path(where, key),
           "must be a date from 1970 to 9999 without quotes, such as 2026-07-01");
    return fallback;
}

std::vector<std::string> TomlReader::texts(const toml::table& table, const std::string& where,
                                           std::string_view key, std::size_t maxItems) {
    const toml::node* node = table.get(key);
    if (node == nullptr) {
        return {};
    }
    std::vector<std::string> found;
    const auto take = [&](const toml::node& item) {
        const auto value = item.value_exact<std::string>();
        if (!value) {
            refuse(&item, path(where, key), "must be a text or a list of texts in quotes");
        } else if (soundText(item, path(where, key), *value, 64)) {
            if (std::find(found.begin(), found.end(), *value) != found.end()) {
                refuse(&item, path(where, key), "names the same thing twice; remove one");
            }
            found.push_back(*value);
        }
    };
    if (const toml::array* list = node->as_array(); list == nullptr) {
        take(*node);
    } else if (list->empty() || list->size() > maxItems) {
        refuse(node, path(where, key), "must hold 1 to " + std::to_string(maxItems) + " texts");
    } else {
        for (const toml::node& item : *list) {
            take(item);
        }
    }
    return found;
}

const toml::table* TomlReader::section(const toml::table& table, const std::string& where,
                                       std::string_view key) {
    const toml::node* node = table.get(key);
    if (node != nullptr && !node->is_table()) {
        refuse(node, path(where, key), "must be a section, [" + path(where, key) + "]");
    }
    return node == nullptr ? nullptr : node->as_table();
}

std::vector<const toml::table*> TomlReader::tables(const toml::table& table, std::string_view key,
                                                   std::size_t maxItems) {
    const toml::node* node = table.get(key);
    if (node == nullptr) {
        return {};
    }
    const toml::array* list = node->as_array();
    const std::string name(key);
    if (list == nullptr || list->size() > maxItems) {
        refuse(node, name,
               "must be 1 to " + std::to_string(maxItems) + " sections [[" + name + "]]");
        return {};
    }
    std::vector<const toml::table*> found;
    for (const toml::node& item : *list) {
        if (const toml::table* one = item.as_table(); one != nullptr) {
            found.push_back(one);
        } else {
            refuse(&item, name, "must be sections [[" + name + "]]");
        }
    }
    return found;
}

} // namespace souffleur::policy
