#include "drivers/printer/ProfileFile.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <limits>
#include <optional>
#include <stdexcept>
#include <toml++/toml.h>

namespace souffleur::printer {
namespace {

constexpr int kSchema = 1;

/// Reads keys one by one and keeps the first error; everything after it is a no-op.
class Reader {
public:
    explicit Reader(std::string file) : _file(std::move(file)) {}

    void refuse(const toml::node* at, std::string key, std::string message) {
        if (_error) return;
        const int line = at == nullptr ? 0 : static_cast<int>(at->source().begin.line);
        _error = ProfileError{_file, line, std::move(key), std::move(message)};
    }

    /// Every key of a table must be among these.
    void only(const toml::table& table, const std::string& where,
              std::initializer_list<std::string_view> keys) {
        for (const auto& [key, value] : table) {
            if (std::find(keys.begin(), keys.end(), key.str()) != keys.end()) continue;
            refuse(&value, where + std::string(key.str()),
                   "is not a key of a profile; check the spelling");
        }
    }

    const toml::table& section(const toml::table& table, std::string_view name) {
        static const toml::table kEmpty;
        const auto* const found = table.get_as<toml::table>(name);
        if (found == nullptr) refuse(table.get(name), std::string(name), "the section is missing");
        return found == nullptr ? kEmpty : *found;
    }

    template <typename T>
    T value(const toml::table& table, std::string_view section, std::string_view key,
            std::string_view kind) {
        const auto* const node = table.get(key);
        const auto found = node == nullptr ? std::optional<T>{} : node->template value_exact<T>();
        if (!found) {
            refuse(node == nullptr ? &table : node, std::string(section) + "." + std::string(key),
                   "must be " + std::string(kind));
        }
        return found.value_or(T{});
    }

    std::string text(const toml::table& table, std::string_view section, std::string_view key) {
        auto found = value<std::string>(table, section, key, "a text");
        if (!_error && (found.empty() || found.size() > 64)) {
            refuse(table.get(key), std::string(section) + "." + std::string(key),
                   "is 1 to 64 bytes long");
        }
        return found;
    }

    bool flag(const toml::table& table, std::string_view section, std::string_view key) {
        return value<bool>(table, section, key, "true or false");
    }

    int number(const toml::table& table, std::string_view section, std::string_view key) {
        const auto found = value<std::int64_t>(table, section, key, "a whole number");
        if (found < 0 || found > 100000) {
            refuse(table.get(key), std::string(section) + "." + std::string(key),
                   "is out of range");
            return 0;
        }
        return static_cast<int>(found);
    }

    /// One of these words, as its position.
    std::size_t word(const toml::table& table, std::string_view section, std::string_view key,
                     std::initializer_list<std::string_view> words) {
        const auto found = text(table, section, key);
        const auto* const at = std::find(words.begin(), words.end(), found);
        if (at != words.end()) return static_cast<std::size_t>(at - words.begin());
        std::string list;
        for (const auto one : words) list += (list.empty() ? "" : ", ") + std::string(one);
        refuse(table.get(key), std::string(section) + "." + std::string(key),
               "must be one of " + list);
        return 0;
    }

    [[nodiscard]] const std::optional<ProfileError>& error() const { return _error; }

private:
    std::string _file;
    std::optional<ProfileError> _error;
};

void readModel(Reader& reader, const toml::table& root, escpos::Profile& profile) {
    const auto& model = reader.section(root, "model");
    reader.only(model, "model.", {"id", "vendor", "name", "sources"});
    profile.id = reader.text(model, "model", "id");
    profile.vendor = reader.text(model, "model", "vendor");
    profile.model = reader.text(model, "model", "name");
    const auto* const sources = model.get_as<toml::array>("sources");
    if (sources == nullptr || sources->empty() || !sources->is_homogeneous<std::string>()) {
        reader.refuse(model.get("sources"), "model.sources", "must name where the facts are from");
    }
}

void readPaperAndText(Reader& reader, const toml::table& root, escpos::Profile& profile) {
    const auto& paper = reader.section(root, "paper");
    reader.only(paper, "paper.", {"width-mm", "width-dots", "dots-per-mm"});
    profile.paperWidthMm = reader.number(paper, "paper", "width-mm");
    profile.widthDots = reader.number(paper, "paper", "width-dots");
    profile.dotsPerMm = reader.number(paper, "paper", "dots-per-mm");

    const auto& text = reader.section(root, "text");
    reader.only(text, "text.", {"columns", "font"});
    profile.columns = reader.number(text, "text", "columns");
    const auto* const font = text.get_as<toml::array>("font");
    std::array<int, 2> cell{};
    const bool two = font != nullptr && font->size() == 2 && font->is_homogeneous<std::int64_t>();
    for (std::size_t i = 0; two && i < 2; ++i) {
        const auto dots = (*font)[i].value_or(std::int64_t{0});
        if (dots > 0 && dots <= 1000) cell[i] = static_cast<int>(dots);
    }
    if (cell[0] == 0 || cell[1] == 0) {
        reader.refuse(text.get("font"), "text.font", "must be [width, height] in dots");
    }
    profile.fontWidth = cell[0];
    profile.fontHeight = cell[1];
}

void readCodePages(Reader& reader, const toml::table& root, escpos::Profile& profile) {
    const auto* const pages = root.get_as<toml::array>("code-page");
    if (pages == nullptr || pages->empty()) {
        reader.refuse(root.get("code-page"), "code-page", "at least one [[code-page]] is needed");
        return;
    }
    profile.codePages.clear();
    for (const auto& node : *pages) {
        const auto* const entry = node.as_table();
        if (entry == nullptr) {
            reader.refuse(&node, "code-page", "must be [[code-page]] tables");
            return;
        }
        reader.only(*entry, "code-page.", {"slot", "page"});
        const int slot = reader.number(*entry, "code-page", "slot");
        const auto name = reader.text(*entry, "code-page", "page");
        const auto page = escpos::codePageByName(name);
        if (!page)
            reader.refuse(entry->get("page"), "code-page.page", "is not a page that is known here");
        if (slot > 255) reader.refuse(entry->get("slot"), "code-page.slot", "is 0 to 255");
        if (reader.error()) return;
        profile.codePages.push_back({static_cast<std::uint8_t>(slot), *page});
    }
}

void readCommands(Reader& reader, const toml::table& root, escpos::Profile& profile) {
    const auto& commands = reader.section(root, "commands");
    reader.only(commands, "commands.",
                {"cutter", "feed-before-cut-dots", "graphics", "qr", "process-id", "status"});
    profile.cutter = static_cast<escpos::Cutter>(
        reader.word(commands, "commands", "cutter", {"none", "full", "partial"}));
    profile.feedBeforeCutDots = reader.number(commands, "commands", "feed-before-cut-dots");
    profile.graphics = static_cast<escpos::Graphics>(
        reader.word(commands, "commands", "graphics", {"gs-v-0", "gs-l"}));
    profile.qr = reader.flag(commands, "commands", "qr");
    profile.processId = reader.flag(commands, "commands", "process-id");
    profile.status = reader.flag(commands, "commands", "status");
    if (profile.processId && !profile.status) {
        reader.refuse(commands.get("process-id"), "commands.process-id",
                      "needs status = true: a one-way line brings no reply");
    }
}

std::string knownIds(const std::string& folder) {
    std::vector<std::string> ids;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
        if (entry.path().extension() == ".toml") ids.push_back(entry.path().stem().string());
    }
    std::sort(ids.begin(), ids.end());
    std::string list;
    for (const auto& id : ids) list += (list.empty() ? "" : ", ") + id;
    return list;
}

} // namespace

std::string ProfileError::text() const {
    std::string text = file;
    if (line > 0) text += ":" + std::to_string(line);
    if (!key.empty()) text += ": " + key;
    return text + ": " + message;
}

ProfileResult<escpos::Profile> parseProfile(const std::string& text, const std::string& name) {
    const auto refuse = [&](int line, std::string message) {
        return tl::make_unexpected(ProfileError{name, line, {}, std::move(message)});
    };
    if (text.size() > kMaxProfileBytes) return refuse(0, "a profile is at most 64 KiB");
    // With exceptions on purpose: without them this parser runs into its own assertions on some bad
    // input.
    toml::table root;
    try {
        root = toml::parse(text, name);
    } catch (const toml::parse_error& error) {
        return refuse(static_cast<int>(error.source().begin.line),
                      "is not TOML: " + std::string(error.description()));
    } catch (const std::runtime_error&) {
        return refuse(0, "is not TOML");
    }
    Reader reader(name);
    escpos::Profile profile;
    reader.only(root, "", {"schema", "model", "paper", "text", "code-page", "commands"});
    if (root["schema"].value_or(std::int64_t{0}) != kSchema) {
        reader.refuse(root.get("schema"), "schema", "must be 1: this program knows no other");
    }
    readModel(reader, root, profile);
    readPaperAndText(reader, root, profile);
    readCodePages(reader, root, profile);
    readCommands(reader, root, profile);
    if (reader.error()) return tl::make_unexpected(*reader.error());
    if (const auto valid = escpos::validate(profile); !valid)
        return refuse(0, valid.error().message);
    return profile;
}

ProfileResult<escpos::Profile> loadProfile(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return tl::make_unexpected(ProfileError{path, 0, {}, "cannot be read"});
    std::string text(kMaxProfileBytes + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    return parseProfile(text, path);
}

ProfileResult<escpos::Profile> findProfile(const std::string& folder, const std::string& id) {
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    };
    const std::string path = folder + "/" + id + ".toml";
    const bool named = !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), plain);
    if (!named || !std::filesystem::exists(path)) {
        return tl::make_unexpected(ProfileError{
            folder, 0, {}, "there is no such printer profile; known are " + knownIds(folder)});
    }
    auto profile = loadProfile(path);
    if (profile && profile->id != id) {
        return tl::make_unexpected(ProfileError{path, 0, "model.id", "must be the file's name"});
    }
    return profile;
}

} // namespace souffleur::printer
