#include "plugin/host/TapPatterns.h"

#include <re2/re2.h>
#include <toml++/toml.h>

#include <algorithm>
#include <fstream>

#include "plugin/base/TomlGuard.h"
#include "plugin/consent/Terms.h"

namespace souffleur::host {

std::string_view file(std::string_view name); // the patterns of the program, made by embed_sql

namespace {

constexpr std::size_t kFileMaxBytes = 64 * 1024;
constexpr std::size_t kPatternsMax = 32;
constexpr std::size_t kPatternMaxBytes = 512;
constexpr std::size_t kNumberMin = 3;
constexpr std::size_t kNumberMax = 32;
constexpr std::int64_t kProgramMaxBytes = 256 * 1024;

bool isNumber(std::string_view text) {
    return text.size() >= kNumberMin && text.size() <= kNumberMax &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                      c == '.' || c == '_' || c == '/' || c == '-';
           });
}

re2::StringPiece piece(std::span<const std::uint8_t> line) {
    return {reinterpret_cast<const char*>(line.data()), line.size()};
}

} // namespace

struct TapPatterns::Compiled {
    struct Number {
        Where where = Where::text;
        std::string prefix;
        std::unique_ptr<re2::RE2> pattern;
    };
    std::string system;
    std::vector<Number> numbers;
    std::vector<std::unique_ptr<re2::RE2>> fiscal;
    bool allFiscal = false;
};

/// Walks the TOML once; the first thing wrong ends it with file, line and key.
class TapPatternReader {
public:
    explicit TapPatternReader(std::string_view fileName) : _file(fileName) {}

    Result<TapPatterns> read(const toml::table& table) {
        if (table["format"].value_or(0) != 1) {
            return fail(Code::unsupported, "the file has to begin with format = 1",
                        std::string(_file));
        }
        for (const auto& [key, node] : table) {
            const std::string name(key.str());
            if (name == "system") {
                _out->system = text(name, node, 64);
            } else if (name == "number" || name == "fiscal") {
                list(name, node);
            } else if (name == "all-fiscal") {
                const auto value = node.value_exact<bool>();
                if (!value) wrong(node, name, "is true or false");
                _out->allFiscal = value.value_or(true);
            } else if (name == "title" || name == "source") {
                (void) text(name, node, 256);
            } else if (name != "format") {
                wrong(node, name, "is not a key of this file");
            }
        }
        if (!consent::isToken(_out->system)) {
            wrong(table, "system", "has to be a name of lower-case letters, digits and -");
        }
        if (_out->numbers.empty())
            wrong(table, "number", "is missing: write at least one [[number]]");
        if (_error) return tl::make_unexpected(*_error);
        return TapPatterns(std::move(_out));
    }

private:
    void list(const std::string& key, const toml::node& node) {
        const toml::array* array = node.as_array();
        if (array == nullptr || !array->is_homogeneous(toml::node_type::table)) {
            return wrong(node, key, "has to be written as [[" + key + "]]");
        }
        if (array->size() > kPatternsMax) return wrong(node, key, "is there too often");
        for (const toml::node& item : *array) {
            key == "number" ? number(*item.as_table()) : fiscal(*item.as_table());
        }
    }

    void number(const toml::table& table) {
        TapPatterns::Compiled::Number out;
        std::string example;
        std::string gives;
        for (const auto& [key, node] : table) {
            const std::string name = "number." + std::string(key.str());
            if (key.str() == "pattern") {
                out.pattern = pattern(name, node, 1);
            } else if (key.str() == "in") {
                const std::string where = text(name, node, 8);
                if (where != "text" && where != "code")
                    wrong(node, name, "is \"text\" or \"code\"");
                out.where = where == "code" ? TapPatterns::Where::code : TapPatterns::Where::text;
            } else if (key.str() == "prefix") {
                out.prefix = text(name, node, 32);
            } else if (key.str() == "example") {
                example = text(name, node, 256);
            } else if (key.str() == "gives") {
                gives = text(name, node, kNumberMax);
            } else {
                wrong(node, name, "is not a key of this file");
            }
        }
        if (!out.pattern) return wrong(table, "number.pattern", "is missing");
        re2::StringPiece found;
        if (!re2::RE2::PartialMatch(example, *out.pattern, &found) || gives != found ||
            !isNumber(gives)) {
            return wrong(table, "number.example", "does not give what number.gives says");
        }
        _out->numbers.push_back(std::move(out));
    }

    void fiscal(const toml::table& table) {
        for (const auto& [key, node] : table) {
            const std::string name = "fiscal." + std::string(key.str());
            if (key.str() != "pattern") {
                wrong(node, name, "is not a key of this file");
            } else if (auto compiled = pattern(name, node, 0)) {
                _out->fiscal.push_back(std::move(compiled));
            }
        }
    }

    std::unique_ptr<re2::RE2> pattern(const std::string& key, const toml::node& node, int groups) {
        const std::string source = text(key, node, kPatternMaxBytes);
        if (_error) return nullptr;
        re2::RE2::Options options;
        options.set_encoding(re2::RE2::Options::EncodingLatin1); // bytes as they come
        options.set_case_sensitive(false);
        options.set_log_errors(false);
        options.set_max_mem(kProgramMaxBytes);
        auto compiled = std::make_unique<re2::RE2>(source, options);
        if (!compiled->ok()) {
            wrong(node, key, "is no pattern: " + compiled->error());
        } else if (compiled->NumberOfCapturingGroups() != groups) {
            wrong(node, key,
                  groups == 1 ? "needs one pair of (), around the number"
                              : "must not have (), write (?:)");
        }
        return compiled;
    }

    std::string text(const std::string& key, const toml::node& node, std::size_t maxBytes) {
        const auto value = node.value_exact<std::string>();
        const bool ascii = value && std::all_of(value->begin(), value->end(),
                                                [](char c) { return c >= 0x20 && c < 0x7F; });
        if (!ascii || value->empty() || value->size() > maxBytes) {
            wrong(node, key,
                  "has to be an ASCII text of 1 to " + std::to_string(maxBytes) + " bytes");
            return {};
        }
        return *value;
    }

    void wrong(const toml::node& node, const std::string& key, const std::string& what) {
        if (_error) return;
        _error = Error{Code::invalid, key + " " + what,
                       std::string(_file) + ":" + std::to_string(node.source().begin.line)};
    }

    std::string_view _file;
    std::shared_ptr<TapPatterns::Compiled> _out = std::make_shared<TapPatterns::Compiled>();
    std::optional<Error> _error;
};

TapPatterns::TapPatterns(std::shared_ptr<const Compiled> compiled)
    : _compiled(std::move(compiled)) {}

Result<TapPatterns> TapPatterns::parse(std::string_view toml, std::string_view fileName) {
    if (const auto safe = guardToml(toml, fileName); !safe) return passOn(safe);
    try {
        return TapPatternReader(fileName).read(toml::parse(toml, fileName));
    } catch (const toml::parse_error& error) {
        return fail(Code::invalid, std::string(error.description()),
                    std::string(fileName) + ":" + std::to_string(error.source().begin.line));
    } catch (const std::runtime_error&) { // what toml++ met with an assertion
        return fail(Code::invalid, "this is no TOML", std::string(fileName));
    }
}

Result<TapPatterns> TapPatterns::load(const std::string& nameOrPath) {
    if (nameOrPath.find('/') == std::string::npos) {
        const std::string_view own = host::file(nameOrPath + ".toml");
        if (own.empty()) {
            return fail(Code::notFound,
                        "no patterns of this name; a file of yours needs a / in its path",
                        nameOrPath);
        }
        return parse(own, nameOrPath + ".toml");
    }
    std::ifstream in(nameOrPath, std::ios::binary);
    if (!in) return fail(Code::notFound, "the file of patterns cannot be opened", nameOrPath);
    std::string text(kFileMaxBytes + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() > kFileMaxBytes) {
        return fail(Code::tooLarge, "the file of patterns is over 64 KiB", nameOrPath);
    }
    return parse(text, std::filesystem::path(nameOrPath).filename().string());
}

std::optional<TapPatterns::Match> TapPatterns::find(std::span<const std::uint8_t> line,
                                                    Where where) const {
    for (std::size_t rank = 0; rank < _compiled->numbers.size(); ++rank) {
        const auto& one = _compiled->numbers[rank];
        if (one.where != where) continue;
        re2::StringPiece found;
        if (!re2::RE2::PartialMatch(piece(line), *one.pattern, &found)) continue;
        const std::string_view number(found.data(), found.size());
        if (isNumber(number)) return Match{rank, one.prefix, number};
    }
    return std::nullopt;
}

bool TapPatterns::fiscal(std::span<const std::uint8_t> line) const {
    return std::any_of(
        _compiled->fiscal.begin(), _compiled->fiscal.end(),
        [&](const auto& pattern) { return re2::RE2::PartialMatch(piece(line), *pattern); });
}

bool TapPatterns::allFiscal() const {
    return _compiled->allFiscal;
}

const std::string& TapPatterns::system() const {
    return _compiled->system;
}

} // namespace souffleur::host
