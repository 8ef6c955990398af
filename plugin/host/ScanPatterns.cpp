#include "plugin/host/ScanPatterns.h"

#include <re2/re2.h>
#include <toml++/toml.h>

#include <algorithm>

#include "plugin/consent/Terms.h"
#include "plugin/host/PatternFile.h"

namespace souffleur::host {

namespace {

using Kind = ScanPatterns::Kind;

bool isBadge(std::string_view text) {
    return text.size() >= kBadgeMinBytes && text.size() <= kBadgeMaxBytes &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

std::optional<Kind> kindNamed(std::string_view name) {
    if (name == "customer") return Kind::customer;
    if (name == "order") return Kind::order;
    if (name == "badge") return Kind::badge;
    return std::nullopt;
}

struct One {
    Kind kind = Kind::customer;
    std::string prefix;
    std::unique_ptr<re2::RE2> pattern;

    [[nodiscard]] std::optional<std::string> read(std::string_view code) const {
        re2::StringPiece found;
        if (!re2::RE2::FullMatch({code.data(), code.size()}, *pattern, &found)) return std::nullopt;
        const std::string_view value(found.data(), found.size());
        if (!(kind == Kind::badge ? isBadge(value) : isNumber(value))) return std::nullopt;
        return prefix + std::string(value);
    }
};

} // namespace

struct ScanPatterns::Compiled {
    std::string system;
    std::vector<One> codes;
};

/// Walks the TOML once; the first thing wrong ends it with file, line and key.
class ScanPatternReader : PatternFile {
public:
    explicit ScanPatternReader(std::string_view fileName) : PatternFile(fileName) {}

    Result<ScanPatterns> read(const toml::table& table) {
        if (table["format"].value_or(0) != 1) {
            return fail(Code::unsupported, "the file has to begin with format = 1",
                        std::string(_file));
        }
        for (const auto& [key, node] : table) {
            const std::string name(key.str());
            if (name == "system") {
                _out->system = text(name, node, 64);
            } else if (name == "code") {
                list(node);
            } else if (name == "title" || name == "source") {
                (void) text(name, node, 256);
            } else if (name != "format") {
                wrong(node, name, "is not a key of this file");
            }
        }
        if (!consent::isToken(_out->system))
            wrong(table, "system", "has to be a name of lower-case letters, digits and -");
        if (_out->codes.empty()) wrong(table, "code", "is missing: write at least one [[code]]");
        if (_error) return tl::make_unexpected(*_error);
        return ScanPatterns(std::move(_out));
    }

private:
    void list(const toml::node& node) {
        const toml::array* array = node.as_array();
        if (array == nullptr || !array->is_homogeneous(toml::node_type::table))
            return wrong(node, "code", "has to be written as [[code]]");
        if (array->size() > kPatternsMax) return wrong(node, "code", "is there too often");
        for (const toml::node& item : *array) code(*item.as_table());
    }

    void code(const toml::table& table) {
        One out;
        std::string example;
        std::string gives;
        bool kind = false;
        for (const auto& [key, node] : table) {
            const std::string name = "code." + std::string(key.str());
            if (key.str() == "pattern") {
                out.pattern = pattern(
                    name, node,
                    {.otherwise = "needs one pair of (), around the number or the badge's code"});
            } else if (key.str() == "kind") {
                const auto named = kindNamed(text(name, node, 16));
                if (!named) wrong(node, name, "is \"customer\", \"order\" or \"badge\"");
                out.kind = named.value_or(Kind::customer);
                kind = true;
            } else if (key.str() == "prefix") {
                out.prefix = text(name, node, 32);
            } else if (key.str() == "example") {
                example = text(name, node, 256);
            } else if (key.str() == "gives") {
                gives = text(name, node, 256);
            } else {
                wrong(node, name, "is not a key of this file");
            }
        }
        if (!kind) return wrong(table, "code.kind", "is missing");
        if (!out.pattern) return wrong(table, "code.pattern", "is missing");
        if (out.kind == Kind::badge && !out.prefix.empty())
            return wrong(table, "code.prefix", "is not for badges");
        if (const auto found = out.read(example); !found || *found != out.prefix + gives)
            return wrong(table, "code.example", "does not give what code.gives says");
        _out->codes.push_back(std::move(out));
    }

    std::shared_ptr<ScanPatterns::Compiled> _out = std::make_shared<ScanPatterns::Compiled>();
};

ScanPatterns::ScanPatterns(std::shared_ptr<const Compiled> compiled)
    : _compiled(std::move(compiled)) {}

Result<ScanPatterns> ScanPatterns::parse(std::string_view toml, std::string_view fileName) {
    const auto table = parsePatternText(toml, fileName);
    if (!table) return passOn(table);
    return ScanPatternReader(fileName).read(*table);
}

Result<ScanPatterns> ScanPatterns::load(const std::string& nameOrPath) {
    const auto text = loadPatternText(nameOrPath, "scan-");
    if (!text) return passOn(text);
    return parse(text->toml, text->name);
}

std::optional<ScanPatterns::Match> ScanPatterns::find(std::string_view code) const {
    for (const One& one : _compiled->codes) {
        if (auto value = one.read(code)) return Match{one.kind, std::move(*value)};
    }
    return std::nullopt;
}

const std::string& ScanPatterns::system() const {
    return _compiled->system;
}

} // namespace souffleur::host
