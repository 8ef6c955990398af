#include "firmware-config/provision/Settings.h"

#include <algorithm>
#include <array>
#include <utility>

#include "drivers/escpos/Picture.h"
#include "drivers/printer/ProfileReader.h"
#include "firmware-config/provision/Shelf.h"

namespace souffleur::provision {
namespace {

using printer::Model;
using printer::ProfileReader;

constexpr int kMaxRows = 2304; ///< of a stored picture: the least that the references name

/// What is read, for whom, and where mistakes go.
struct Reading {
    ProfileReader& reader;
    const Model& model;
    Settings& into;
};

std::optional<int> digits(std::string_view text) {
    if (text.empty() || text.size() > 3 ||
        text.find_first_not_of("0123456789") != std::string_view::npos) {
        return std::nullopt;
    }
    return std::stoi(std::string(text));
}

/// Whoever hands settings over must not make us read another's files.
bool isBelow(const std::filesystem::path& file) {
    return file.is_relative() && std::find(file.begin(), file.end(), "..") == file.end();
}

/// `[memory-switches]`: "1-3" = true.
void readSwitches(Reading& here, const toml::table& root) {
    const auto& table = here.reader.sectionIfAny(root, "memory-switches");
    for (const auto& [name, node] : table) {
        const std::string_view text = name.str();
        const std::string path = "memory-switches." + std::string(text);
        const bool form = text.size() == 3 && text[1] == '-' && text[0] >= '1' && text[0] <= '8' &&
                          text[2] >= '1' && text[2] <= '8';
        const auto on = node.value_exact<bool>();
        if (!form) {
            here.reader.refuse(&node, path, "must be \"switch-bit\", each 1 to 8, as \"1-3\"");
        } else if (!on) {
            here.reader.refuse(&node, path, "must be true (on) or false (off)");
        } else {
            auto& bits = here.into.target.switches.try_emplace(text[0] - '0', 8, '2').first->second;
            bits[static_cast<std::size_t>('8' - text[2])] = *on ? '1' : '0';
        }
    }
}

/// Why a number is none that the model has by its profile; null when it may be.
const char* undeclared(const Model& model, int number, int value) {
    const auto is = [&](const char* name) {
        const auto found = model.memorySwitches.values.find(name);
        return found != model.memorySwitches.values.end() && found->second == number;
    };
    const auto& pages = model.profile.codePages;
    if (is("code-page") && std::none_of(pages.begin(), pages.end(),
                                        [&](const auto& one) { return one.slot == value; }))
        return "is the number of no code page of this model's profile; code-page = \"cp1252\" "
               "names one";
    if (is("international") && !std::cmp_less(value, model.international.size()))
        return "is the number of no set of this model's profile; international = \"germany\" "
               "names one";
    return nullptr;
}

void setValue(Reading& here, const toml::node& node, const std::string& path, int number,
              int value) {
    constexpr int kUserMemory = 1;
    constexpr int kPictureMemory = 2;
    if (number == kUserMemory || number == kPictureMemory) {
        here.reader.refuse(&node, path,
                           "is the size of its memory: changing it erases all that is there, so "
                           "this program does not");
    } else if (const auto* const what = undeclared(here.model, number, value); what != nullptr) {
        here.reader.refuse(&node, path, what);
    } else if (!here.into.target.values.emplace(number, value).second) {
        here.reader.refuse(&node, path, "is set a second time, under another name");
    }
}

/// `[values]`: a name of the model's profile, or a number, and what it shall be.
void readValues(Reading& here, const toml::table& root) {
    const auto& table = here.reader.sectionIfAny(root, "values");
    const auto& known = here.model.memorySwitches.values;
    for (const auto& [name, node] : table) {
        const std::string text(name.str());
        const auto path = "values." + text;
        const auto found = known.find(text);
        const auto number = found == known.end() ? digits(text) : found->second;
        if (!number || *number < 1 || *number > 255) {
            std::string names;
            for (const auto& [one, which] : known) names += one + ", ";
            here.reader.refuse(&node, path,
                               "is no value of this model; it has " + names + "or give a number");
            continue;
        }
        const int value = here.reader.number(table, "values", text, 0, 65535);
        setValue(here, node, path, *number, value);
    }
}

/// `code-page` and `international`, by their names in the profile.
void readDefaults(Reading& here, const toml::table& root) {
    const auto& values = here.model.memorySwitches.values;
    const auto set = [&](const char* name, const std::optional<int>& slot, const char* what) {
        const auto* const node = root.get(name);
        const auto where = values.find(name);
        if (where == values.end()) {
            here.reader.refuse(node, name, "cannot be set in this model, as far as is known");
        } else if (!slot) {
            here.reader.refuse(node, name, what);
        } else {
            setValue(here, *node, name, where->second, *slot);
        }
    };
    if (root.contains("code-page")) {
        const auto page = escpos::codePageByName(here.reader.text(root, "", "code-page"));
        std::optional<int> slot;
        for (const auto& one : here.model.profile.codePages) {
            if (page && one.page == *page) slot = one.slot;
        }
        set("code-page", slot, "is no code page of this model; its profile lists them");
    }
    if (root.contains("international")) {
        const auto& sets = here.model.international;
        const auto found =
            std::find(sets.begin(), sets.end(), here.reader.text(root, "", "international"));
        std::optional<int> slot;
        if (found != sets.end()) slot = static_cast<int>(found - sets.begin());
        set("international", slot, "is no set of this model; its profile lists them");
    }
}

void readSerial(Reading& here, const toml::table& root) {
    if (!root.contains("serial")) return;
    const auto& table = here.reader.sectionIfAny(root, "serial");
    here.reader.only(table, "serial", {"baud", "data-bits", "parity", "flow"});
    if (!here.model.serial) {
        here.reader.refuse(root.get("serial"), "serial",
                           "this model has no serial line, or none is known");
        return;
    }
    auto& into = here.into.target.serial;
    if (table.contains("baud")) {
        constexpr std::array<int, 8> kSpeeds = {1200,  2400,  4800,  9600,
                                                19200, 38400, 57600, 115200};
        const int baud = here.reader.number(table, "serial", "baud", 1200, 115200);
        if (std::find(kSpeeds.begin(), kSpeeds.end(), baud) == kSpeeds.end()) {
            here.reader.refuse(table.get("baud"), "serial.baud",
                               "must be 1200, 2400, 4800, 9600, 19200, 38400, 57600 or 115200");
        }
        into[kBaud] = std::to_string(baud);
    }
    if (table.contains("data-bits"))
        into[kDataBits] = std::to_string(here.reader.number(table, "serial", "data-bits", 7, 8));
    if (table.contains("parity")) {
        into[kParity] =
            std::to_string(here.reader.word(table, "serial", "parity", {"none", "odd", "even"}));
    }
    if (table.contains("flow"))
        into[kFlow] = std::to_string(here.reader.word(table, "serial", "flow", {"dtr", "xon"}));
}

void readLogo(Reading& here, const toml::node& node) {
    auto& reader = here.reader;
    const auto* const table = node.as_table();
    if (table == nullptr) {
        reader.refuse(&node, "logo", "must be [[logo]] tables");
        return;
    }
    reader.only(*table, "logo", {"key", "file", "width-dots", "width-mm", "align", "remove"});
    Logo logo;
    logo.key = reader.text(*table, "logo", "key");
    logo.line = static_cast<int>(node.source().begin.line);
    const bool printable = std::all_of(logo.key.begin(), logo.key.end(),
                                       [](char c) { return c >= 0x20 && c <= 0x7E; });
    if (logo.key.size() != 2 || !printable)
        reader.refuse(table->get("key"), "logo.key", "must be two characters, as \"L1\"");
    const auto same = [&](const Logo& other) { return other.key == logo.key; };
    auto& target = here.into.target;
    if (target.removed.contains(logo.key) ||
        std::any_of(here.into.logos.begin(), here.into.logos.end(), same)) {
        reader.refuse(table->get("key"), "logo.key", "stands twice");
    }
    if (table->contains("remove") && reader.flag(*table, "logo", "remove")) {
        reader.only(*table, "logo", {"key", "remove"});
        target.removed.insert(logo.key);
        return;
    }
    logo.file = reader.text(*table, "logo", "file");
    if (!isBelow(logo.file)) {
        reader.refuse(table->get("file"), "logo.file",
                      "must name a file beside these settings or in a folder below them: no "
                      "absolute path, no ..");
    }
    const auto& paper = here.model.profile;
    if (table->contains("width-dots") && table->contains("width-mm"))
        reader.refuse(table->get("width-mm"), "logo.width-mm", "and width-dots exclude each other");
    if (table->contains("width-dots"))
        logo.widthDots = reader.number(*table, "logo", "width-dots", 8, paper.widthDots);
    if (table->contains("width-mm")) {
        const int most = paper.widthDots / paper.dotsPerMm;
        logo.widthDots = reader.number(*table, "logo", "width-mm", 1, most) * paper.dotsPerMm;
    }
    if (table->contains("align")) {
        logo.align = static_cast<escpos::Align>(
            reader.word(*table, "logo", "align", {"left", "centre", "right"}));
    }
    here.into.logos.push_back(std::move(logo));
}

void readLogos(Reading& here, const toml::table& root) {
    const auto* const node = root.get("logo");
    if (node == nullptr) return;
    const auto* const list = node->as_array();
    if (list == nullptr || list->empty() || list->size() > kMaxLogos) {
        here.reader.refuse(node, "logo", "must be 1 to 32 [[logo]] tables");
        return;
    }
    if (here.model.nv.graphics != printer::NvGraphics::gsL) {
        here.reader.refuse(node, "logo",
                           here.model.nv.graphics == printer::NvGraphics::fsQ
                               ? "this model can only replace all its pictures at once (FS q); "
                                 "this program does not do that"
                               : "this model keeps no pictures by key, or none is known");
        return;
    }
    for (const auto& one : *list) readLogo(here, one);
}

void readAll(Reading& here, const toml::table& root) {
    here.reader.only(root, "",
                     {"schema", "model", "code-page", "international", "memory-switches", "values",
                      "serial", "logo"});
    for (const char* const section : {"memory-switches", "values", "serial"}) {
        if (root.contains(section) && !here.model.memorySwitches.supported) {
            here.reader.refuse(root.get(section), section,
                               "this model has no settings of this kind (GS ( E)");
        }
    }
    readSwitches(here, root);
    readValues(here, root);
    readDefaults(here, root);
    readSerial(here, root);
    readLogos(here, root);
}

} // namespace

const Model* modelById(const std::vector<Model>& models, const std::string& id) {
    const auto found = std::find_if(models.begin(), models.end(),
                                    [&](const Model& one) { return one.profile.id == id; });
    return found == models.end() ? nullptr : &*found;
}

printer::ProfileResult<Settings> parseSettings(const std::string& text, const std::string& name,
                                               const std::vector<Model>& models) {
    const auto root = printer::parseToml(text, name);
    if (!root) return tl::make_unexpected(root.error());
    ProfileReader reader(name, "these settings");
    if ((*root)["schema"].value_exact<std::int64_t>() != 1)
        reader.refuse(root->get("schema"), "schema", "must be 1: this program knows no other");
    Settings settings;
    settings.file = name;
    settings.target.model = reader.text(*root, "", "model");
    const auto* const model = modelById(models, settings.target.model);
    if (model == nullptr) {
        reader.refuse(root->get("model"), "model",
                      "is no printer profile; firmware-config/profiles lists them");
    } else if (model->language != printer::Language::escPos) {
        reader.refuse(root->get("model"), "model", model->refusal);
    }
    if (!reader.error()) {
        Reading here{reader, *model, settings};
        readAll(here, *root);
    }
    if (reader.error()) return tl::make_unexpected(*reader.error());
    return settings;
}

namespace {

/// Where `file` in `folder` really is; empty when a link leads it out of there.
std::filesystem::path withoutLinks(const std::filesystem::path& folder,
                                   const std::filesystem::path& file) {
    std::error_code error;
    const auto root = std::filesystem::canonical(folder.empty() ? "." : folder, error);
    const auto real = error ? folder / file : std::filesystem::canonical(root / file, error);
    if (error) return folder / file; // reading says what is wrong
    const auto ends = std::mismatch(root.begin(), root.end(), real.begin(), real.end());
    return ends.first == root.end() ? real : std::filesystem::path();
}

} // namespace

printer::ProfileResult<Settings> loadLogos(Settings settings, const Model& model) {
    const auto folder = std::filesystem::path(settings.file).parent_path();
    for (const auto& logo : settings.logos) {
        const auto refuse = [&](const std::string& message) {
            return tl::make_unexpected(
                printer::ProfileError{settings.file, logo.line, "logo.file", message});
        };
        const auto path = withoutLinks(folder, logo.file);
        if (path.empty()) {
            return refuse("leads out of the settings' folder through a link; put the logo beside "
                          "the settings or in a folder below them");
        }
        const auto png = readFile(path, escpos::kMaxPngBytes);
        if (!png) return refuse(png.error().message);
        escpos::PictureShape shape;
        shape.widthDots = logo.widthDots;
        shape.paperDots = model.profile.widthDots;
        shape.maxRows = kMaxRows;
        shape.align = logo.align;
        const auto* const bytes = reinterpret_cast<const std::uint8_t*>(png->data());
        auto picture = escpos::ditherPng({bytes, png->size()}, shape);
        if (!picture) return refuse(logo.file.string() + " " + picture.error().message);
        settings.target.pictures[logo.key] = *std::move(picture);
    }
    return settings;
}

Result<Settings> readSettings(const std::filesystem::path& file, const std::vector<Model>& models) {
    const auto text = printer::readTextFile(file.string());
    if (!text) return fail(Fault::settings, text.error().text());
    auto settings = parseSettings(*text, file.string(), models);
    if (!settings) return fail(Fault::settings, settings.error().text());
    const auto* const model = modelById(models, settings->target.model);
    auto loaded = loadLogos(*std::move(settings), *model);
    if (!loaded) return fail(Fault::settings, loaded.error().text());
    return *std::move(loaded);
}

Result<std::vector<std::uint8_t>> preview(const Settings& settings, const Model& model) {
    constexpr int kGap = 16;
    Bitmap paper;
    paper.width = model.profile.widthDots;
    paper.height = kGap;
    for (const auto& [key, picture] : settings.target.pictures)
        paper.height += picture.height + kGap;
    const auto stride = static_cast<std::size_t>(paper.stride());
    paper.bits.assign(stride * static_cast<std::size_t>(paper.height), 0);
    std::size_t y = kGap;
    for (const auto& [key, picture] : settings.target.pictures) {
        const auto width = static_cast<std::size_t>(picture.stride());
        for (std::size_t row = 0; row < static_cast<std::size_t>(picture.height); ++row) {
            const auto from = picture.bits.begin() + static_cast<std::ptrdiff_t>(row * width);
            std::copy_n(from, width,
                        paper.bits.begin() + static_cast<std::ptrdiff_t>((y + row) * stride));
        }
        y += static_cast<std::size_t>(picture.height) + kGap;
    }
    auto png = escpos::pngOf(paper);
    if (!png) return fail(Fault::settings, png.error().message);
    return *std::move(png);
}

} // namespace souffleur::provision
