#include "plugin/host/PatternFile.h"

#include <re2/re2.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "plugin/base/TomlGuard.h"

namespace souffleur::host {

std::string_view file(std::string_view name); // the patterns of the program, made by embed_sql

namespace {

constexpr std::size_t kFileMaxBytes = 64 * 1024;
constexpr std::size_t kPatternMaxBytes = 512;
constexpr std::size_t kNumberMin = 3;
constexpr std::int64_t kProgramMaxBytes = 256 * 1024;

} // namespace

bool isNumber(std::string_view text) noexcept {
    return text.size() >= kNumberMin && text.size() <= kNumberMax &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                      c == '.' || c == '_' || c == '/' || c == '-';
           });
}

std::unique_ptr<re2::RE2> PatternFile::pattern(const std::string& key, const toml::node& node,
                                               const Form& form) {
    const std::string source = text(key, node, kPatternMaxBytes);
    if (_error) return nullptr;
    re2::RE2::Options options;
    if (form.bytes) {
        options.set_encoding(re2::RE2::Options::EncodingLatin1);
        options.set_case_sensitive(false);
    }
    options.set_log_errors(false);
    options.set_max_mem(kProgramMaxBytes);
    auto compiled = std::make_unique<re2::RE2>(source, options);
    if (!compiled->ok()) {
        wrong(node, key, "is no pattern: " + compiled->error());
    } else if (compiled->NumberOfCapturingGroups() != form.groups) {
        wrong(node, key, form.otherwise);
    }
    return compiled;
}

std::string PatternFile::text(const std::string& key, const toml::node& node,
                              std::size_t maxBytes) {
    const auto value = node.value_exact<std::string>();
    const bool ascii = value && std::all_of(value->begin(), value->end(),
                                            [](char c) { return c >= 0x20 && c < 0x7F; });
    if (!ascii || value->empty() || value->size() > maxBytes) {
        wrong(node, key, "has to be an ASCII text of 1 to " + std::to_string(maxBytes) + " bytes");
        return {};
    }
    return *value;
}

void PatternFile::wrong(const toml::node& node, const std::string& key, const std::string& what) {
    if (_error) return;
    _error = Error{Code::invalid, key + " " + what,
                   std::string(_file) + ":" + std::to_string(node.source().begin.line)};
}

Result<PatternText> loadPatternText(const std::string& nameOrPath, std::string_view ownPrefix) {
    if (nameOrPath.find('/') == std::string::npos) {
        std::string name = std::string(ownPrefix) + nameOrPath + ".toml";
        const std::string_view own = file(name);
        if (own.empty()) {
            return fail(Code::notFound,
                        "no patterns of this name; a file of yours needs a / in its path",
                        nameOrPath);
        }
        return PatternText{std::string(own), std::move(name)};
    }
    std::ifstream in(nameOrPath, std::ios::binary);
    if (!in) return fail(Code::notFound, "the file of patterns cannot be opened", nameOrPath);
    std::string text(kFileMaxBytes + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() > kFileMaxBytes)
        return fail(Code::tooLarge, "the file of patterns is over 64 KiB", nameOrPath);
    return PatternText{std::move(text), std::filesystem::path(nameOrPath).filename().string()};
}

Result<toml::table> parsePatternText(std::string_view toml, std::string_view fileName) {
    if (const auto safe = guardToml(toml, fileName); !safe) return passOn(safe);
    try {
        return toml::parse(toml, fileName);
    } catch (const toml::parse_error& error) {
        return fail(Code::invalid, std::string(error.description()),
                    std::string(fileName) + ":" + std::to_string(error.source().begin.line));
    } catch (const std::runtime_error&) { // what toml++ met with an assertion
        return fail(Code::invalid, "this is no TOML", std::string(fileName));
    }
}

} // namespace souffleur::host
