#include "plugin/host/TapPatterns.h"

#include <re2/re2.h>
#include <toml++/toml.h>

#include <algorithm>

#include "plugin/consent/Terms.h"
#include "plugin/host/PatternFile.h"

namespace souffleur::host {

namespace {

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
class TapPatternReader : PatternFile {
public:
    explicit TapPatternReader(std::string_view fileName) : PatternFile(fileName) {}

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
                out.pattern = pattern(name, node,
                                      {.bytes = true,
                                       .groups = 1,
                                       .otherwise = "needs one pair of (), around the number"});
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
            } else if (auto compiled = pattern(name, node,
                                               {.bytes = true,
                                                .groups = 0,
                                                .otherwise = "must not have (), write (?:)"})) {
                _out->fiscal.push_back(std::move(compiled));
            }
        }
    }

    std::shared_ptr<TapPatterns::Compiled> _out = std::make_shared<TapPatterns::Compiled>();
};

TapPatterns::TapPatterns(std::shared_ptr<const Compiled> compiled)
    : _compiled(std::move(compiled)) {}

Result<TapPatterns> TapPatterns::parse(std::string_view toml, std::string_view fileName) {
    const auto table = parsePatternText(toml, fileName);
    if (!table) return passOn(table);
    return TapPatternReader(fileName).read(*table);
}

Result<TapPatterns> TapPatterns::load(const std::string& nameOrPath) {
    const auto text = loadPatternText(nameOrPath, "");
    if (!text) return passOn(text);
    return parse(text->toml, text->name);
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
