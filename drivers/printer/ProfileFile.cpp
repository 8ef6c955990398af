#include "drivers/printer/ProfileFile.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "drivers/printer/ProfileReader.h"

namespace souffleur::printer {
namespace {

constexpr int kSchema = 1;

bool isId(std::string_view id) {
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    };
    return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), plain);
}

void readModel(ProfileReader& reader, const toml::table& root, Model& model) {
    const auto& table = reader.section(root, "model");
    reader.only(table, "model", {"id", "vendor", "name", "sources", "language", "refusal"});
    model.profile.id = reader.text(table, "model", "id");
    if (!isId(model.profile.id)) {
        reader.refuse(table.get("id"), "model.id", "must be small letters, digits and hyphens");
    }
    model.profile.vendor = reader.text(table, "model", "vendor");
    model.profile.model = reader.text(table, "model", "name");
    model.sources = reader.texts(table, "model", "sources");
    if (table.contains("language")) {
        model.language = static_cast<Language>(
            reader.word(table, "model", "language", {"esc-pos", "star-graphic", "star-line"}));
    }
    if (model.language != Language::escPos) {
        model.refusal = reader.text(table, "model", "refusal");
    } else if (table.contains("refusal")) {
        reader.refuse(table.get("refusal"), "model.refusal", "is for other languages than esc-pos");
    }
}

/// "04b8:0202", or "04b8:*".
std::optional<UsbId> usbId(std::string_view text) {
    const auto number = [](std::string_view hex) -> std::optional<std::uint16_t> {
        std::uint16_t value = 0;
        const auto done = std::from_chars(hex.data(), hex.data() + hex.size(), value, 16);
        if (hex.size() != 4 || done.ec != std::errc{} || done.ptr != hex.data() + hex.size()) {
            return std::nullopt;
        }
        return value;
    };
    if (text.size() < 6 || text[4] != ':') return std::nullopt;
    const auto vendor = number(text.substr(0, 4));
    if (!vendor) return std::nullopt;
    if (text.substr(5) == "*") return UsbId{*vendor, std::nullopt};
    const auto product = number(text.substr(5));
    if (!product) return std::nullopt;
    return UsbId{*vendor, product};
}

void readIdentity(ProfileReader& reader, const toml::table& root, Identity& identity) {
    const auto& table = reader.sectionIfAny(root, "identity");
    reader.only(table, "identity", {"usb", "usb-vendor-class", "device-ids", "maker", "names"});
    if (table.contains("usb")) {
        for (const auto& one : reader.texts(table, "identity", "usb")) {
            const auto id = usbId(one);
            if (!id) {
                reader.refuse(table.get("usb"), "identity.usb",
                              "must be vendor:product, four hexadecimal digits each, or vendor:*");
                return;
            }
            identity.usb.push_back(*id);
        }
    }
    if (table.contains("usb-vendor-class")) {
        identity.usbVendorClass = reader.flag(table, "identity", "usb-vendor-class");
    }
    if (table.contains("device-ids")) {
        identity.deviceIds = reader.texts(table, "identity", "device-ids");
    }
    if (table.contains("maker")) identity.maker = reader.text(table, "identity", "maker");
    if (table.contains("names")) identity.names = reader.texts(table, "identity", "names");
}

void readPaper(ProfileReader& reader, const toml::table& root, escpos::Profile& profile) {
    const auto& paper = reader.section(root, "paper");
    reader.only(paper, "paper", {"width-mm", "width-dots", "dots-per-mm"});
    profile.paperWidthMm = reader.number(paper, "paper", "width-mm", 20, 120);
    profile.dotsPerMm = reader.number(paper, "paper", "dots-per-mm", 4, 24);
    profile.widthDots = reader.number(paper, "paper", "width-dots", 64, 1024);
    const auto* const dots = paper.get("width-dots");
    if (profile.widthDots % 8 != 0) {
        reader.refuse(dots, "paper.width-dots", "must be a multiple of 8");
    }
    if (profile.widthDots > profile.paperWidthMm * profile.dotsPerMm) {
        reader.refuse(dots, "paper.width-dots", "is wider than the paper (width-mm x dots-per-mm)");
    }
}

void readText(ProfileReader& reader, const toml::table& root, Model& model) {
    const auto& text = reader.section(root, "text");
    reader.only(text, "text", {"columns", "font", "columns-b", "font-b", "international"});
    const auto font = [&](const char* cell, const char* columns) {
        Font one = reader.cell(text, "text", cell);
        one.columns = reader.number(text, "text", columns, 8, 128);
        if (one.columns * one.width > model.profile.widthDots) {
            reader.refuse(text.get(columns), std::string("text.") + columns,
                          "is more than fits: columns x font width is over paper.width-dots");
        }
        return one;
    };
    const Font a = font("font", "columns");
    model.profile.columns = a.columns;
    model.profile.fontWidth = a.width;
    model.profile.fontHeight = a.height;
    if (text.contains("font-b") || text.contains("columns-b")) {
        model.fontB = font("font-b", "columns-b");
    }
    if (text.contains("international")) {
        model.international = reader.texts(text, "text", "international");
    }
}

void readCodePages(ProfileReader& reader, const toml::table& root, escpos::Profile& profile) {
    const auto* const pages = root.get_as<toml::array>("code-page");
    if (pages == nullptr || pages->empty() || pages->size() > escpos::kMaxCodePages) {
        reader.refuse(root.get("code-page"), "code-page", "1 to 64 [[code-page]] are needed");
        return;
    }
    profile.codePages.clear();
    for (const auto& node : *pages) {
        const auto* const entry = node.as_table();
        if (entry == nullptr) {
            reader.refuse(&node, "code-page", "must be [[code-page]] tables");
            return;
        }
        reader.only(*entry, "code-page", {"slot", "page"});
        const auto slot =
            static_cast<std::uint8_t>(reader.number(*entry, "code-page", "slot", 0, 255));
        const auto page = escpos::codePageByName(reader.text(*entry, "code-page", "page"));
        if (!page) {
            reader.refuse(entry->get("page"), "code-page.page", "is not a page that is known here");
        }
        for (const auto& before : profile.codePages) {
            if (before.slot == slot) {
                reader.refuse(entry->get("slot"), "code-page.slot", "is taken by another page");
            }
            if (before.page == page) {
                reader.refuse(entry->get("page"), "code-page.page", "has another slot already");
            }
        }
        if (reader.error()) return;
        profile.codePages.push_back({slot, *page});
    }
}

void readCommands(ProfileReader& reader, const toml::table& root, escpos::Profile& profile) {
    const auto& table = reader.section(root, "commands");
    reader.only(
        table, "commands",
        {"cutter", "feed-before-cut-dots", "graphics", "band-rows", "qr", "process-id", "status"});
    profile.cutter = static_cast<escpos::Cutter>(
        reader.word(table, "commands", "cutter", {"none", "full", "partial"}));
    profile.feedBeforeCutDots = reader.number(table, "commands", "feed-before-cut-dots", 0, 1024);
    const auto graphics =
        reader.words(table, "commands", "graphics", {"gs-v-0", "gs-l", "esc-star"});
    if (!graphics.empty()) profile.graphics = static_cast<escpos::Graphics>(graphics.front());
    if (table.contains("band-rows")) {
        profile.bandRows = reader.number(table, "commands", "band-rows", 8, 1024);
    }
    profile.qr = reader.flag(table, "commands", "qr");
    profile.processId = reader.flag(table, "commands", "process-id");
    profile.status = reader.flag(table, "commands", "status");
    if (profile.processId && !profile.status) {
        reader.refuse(table.get("process-id"), "commands.process-id",
                      "needs status = true: a one-way line brings no reply");
    }
}

void readSerial(ProfileReader& reader, const toml::table& root, Model& model) {
    if (!root.contains("serial")) return;
    const auto& table = reader.sectionIfAny(root, "serial");
    reader.only(table, "serial", {"baud", "data-bits", "parity", "flow"});
    SerialLine line;
    line.baud = reader.number(table, "serial", "baud", 1200, 921600);
    line.dataBits = reader.number(table, "serial", "data-bits", 7, 8);
    line.parity =
        static_cast<Parity>(reader.word(table, "serial", "parity", {"none", "odd", "even"}));
    line.flow = static_cast<Flow>(reader.word(table, "serial", "flow", {"none", "dtr", "xon"}));
    model.serial = line;
}

void readNv(ProfileReader& reader, const toml::table& root, NvMemory& nv) {
    const auto& table = reader.sectionIfAny(root, "nv");
    reader.only(table, "nv", {"graphics", "graphics-bytes", "writes-per-day"});
    if (table.contains("graphics")) {
        nv.graphics =
            static_cast<NvGraphics>(reader.word(table, "nv", "graphics", {"none", "gs-l", "fs-q"}));
    }
    if (table.contains("graphics-bytes")) {
        nv.graphicsBytes = reader.number(table, "nv", "graphics-bytes", 1, 16 * 1024 * 1024);
    }
    if (table.contains("writes-per-day")) {
        nv.writesPerDayMax = reader.number(table, "nv", "writes-per-day", 1, 100);
    }
}

void readMemorySwitches(ProfileReader& reader, const toml::table& root, MemorySwitches& switches) {
    const auto& table = reader.sectionIfAny(root, "memory-switches");
    reader.only(table, "memory-switches", {"supported", "values"});
    if (table.empty()) return;
    switches.supported = reader.flag(table, "memory-switches", "supported");
    if (!table.contains("values")) return;
    const auto* const values = table.get_as<toml::table>("values");
    if (values == nullptr || values->size() > 64) {
        reader.refuse(table.get("values"), "memory-switches.values",
                      "must be a section of at most 64 numbers");
        return;
    }
    for (const auto& [key, value] : *values) {
        const auto name = std::string(key.str());
        if (!isId(name)) {
            reader.refuse(&value, "memory-switches.values." + name,
                          "must be named in small letters, digits and hyphens");
        }
        switches.values[name] = reader.number(*values, "memory-switches.values", name, 0, 255);
    }
}

void readDrawer(ProfileReader& reader, const toml::table& root, Drawer& drawer) {
    const auto& table = reader.sectionIfAny(root, "drawer");
    reader.only(table, "drawer", {"kick", "on-ms", "off-ms"});
    if (table.empty()) return;
    drawer.kick = reader.flag(table, "drawer", "kick");
    if (table.contains("on-ms")) drawer.onMs = reader.number(table, "drawer", "on-ms", 2, 510);
    if (table.contains("off-ms")) drawer.offMs = reader.number(table, "drawer", "off-ms", 2, 510);
}

void readAll(ProfileReader& reader, const toml::table& root, Model& model) {
    if (root["schema"].value_exact<std::int64_t>() != kSchema) {
        reader.refuse(root.get("schema"), "schema", "must be 1: this program knows no other");
    }
    readModel(reader, root, model);
    readIdentity(reader, root, model.identity);
    if (model.language != Language::escPos) {
        reader.only(root, "", {"schema", "model", "identity"});
        return;
    }
    reader.only(root, "",
                {"schema", "model", "identity", "paper", "text", "code-page", "commands", "serial",
                 "nv", "memory-switches", "drawer"});
    readPaper(reader, root, model.profile);
    readText(reader, root, model);
    readCodePages(reader, root, model.profile);
    readCommands(reader, root, model.profile);
    readSerial(reader, root, model);
    readNv(reader, root, model.nv);
    readMemorySwitches(reader, root, model.memorySwitches);
    readDrawer(reader, root, model.drawer);
}

std::vector<std::string> idsIn(const std::string& folder) {
    std::vector<std::string> ids;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
        if (entry.path().extension() == ".toml") ids.push_back(entry.path().stem().string());
    }
    std::sort(ids.begin(), ids.end());
    return ids;
}

ProfileResult<Model> loadModel(const std::string& path) {
    const auto text = readTextFile(path);
    if (!text) return tl::make_unexpected(text.error());
    return parseModel(*text, path);
}

/// The part that prints, or the model's own words for why it does not.
ProfileResult<escpos::Profile> printing(const ProfileResult<Model>& model,
                                        const std::string& name) {
    if (!model) return tl::make_unexpected(model.error());
    if (model->language != Language::escPos) {
        return tl::make_unexpected(ProfileError{name, 0, "model.language", model->refusal});
    }
    return model->profile;
}

} // namespace

std::string ProfileError::text() const {
    std::string text = file;
    if (line > 0) text += ":" + std::to_string(line);
    if (!key.empty()) text += ": " + key;
    return text + ": " + message;
}

ProfileResult<Model> parseModel(const std::string& text, const std::string& name) {
    const auto refuse = [&](int line, std::string message) {
        return tl::make_unexpected(ProfileError{name, line, {}, std::move(message)});
    };
    const auto root = parseToml(text, name);
    if (!root) return tl::make_unexpected(root.error());
    ProfileReader reader(name);
    Model model;
    readAll(reader, *root, model);
    if (reader.error()) return tl::make_unexpected(*reader.error());
    if (model.language != Language::escPos) return model;
    if (const auto valid = escpos::validate(model.profile); !valid) {
        return refuse(0, valid.error().message);
    }
    return model;
}

ProfileResult<std::vector<Model>> loadModels(const std::string& folder) {
    std::vector<Model> models;
    for (const auto& id : idsIn(folder)) {
        auto model = findModel(folder, id);
        if (!model) return tl::make_unexpected(model.error());
        models.push_back(*std::move(model));
    }
    return models;
}

ProfileResult<Model> findModel(const std::string& folder, const std::string& id) {
    const std::string path = folder + "/" + id + ".toml";
    if (!isId(id) || !std::filesystem::exists(path)) {
        std::string known;
        for (const auto& one : idsIn(folder)) known += (known.empty() ? "" : ", ") + one;
        return tl::make_unexpected(
            ProfileError{folder, 0, {}, "there is no such printer profile; known are " + known});
    }
    auto model = loadModel(path);
    if (model && model->profile.id != id) {
        return tl::make_unexpected(ProfileError{path, 0, "model.id", "must be the file's name"});
    }
    return model;
}

ProfileResult<escpos::Profile> parseProfile(const std::string& text, const std::string& name) {
    return printing(parseModel(text, name), name);
}

ProfileResult<escpos::Profile> loadProfile(const std::string& path) {
    return printing(loadModel(path), path);
}

ProfileResult<escpos::Profile> findProfile(const std::string& folder, const std::string& id) {
    return printing(findModel(folder, id), folder + "/" + id + ".toml");
}

} // namespace souffleur::printer
