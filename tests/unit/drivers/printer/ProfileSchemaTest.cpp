// The schema for editors and the program's own checks are two texts: here they are held to each
// other, over the profiles of the tree and over small changes to one of them.
#include <Paths.h>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>
#include <toml++/toml.h>

#include "drivers/printer/ProfileFile.h"

using namespace souffleur;
using nlohmann::json;

namespace {

std::string read(const std::string& path) {
    std::ifstream in(std::string(kSourceDir) + "/firmware-config/" + path);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

bool holds(const json& schema, const json& value);

bool typeHolds(const std::string& type, const json& value) {
    if (type == "string") return value.is_string();
    if (type == "integer") return value.is_number_integer();
    if (type == "boolean") return value.is_boolean();
    if (type == "array") return value.is_array();
    return type == "object" && value.is_object();
}

bool textHolds(const json& schema, const std::string& text) {
    return text.size() >= schema.value("minLength", 0U) &&
           text.size() <= schema.value("maxLength", 100000U) &&
           (!schema.contains("pattern") ||
            std::regex_search(text, std::regex(schema["pattern"].get<std::string>())));
}

bool numberHolds(const json& schema, std::int64_t number) {
    return number >= schema.value("minimum", std::int64_t{-1000000}) &&
           number <= schema.value("maximum", std::int64_t{100000000}) &&
           number % schema.value("multipleOf", 1) == 0;
}

bool arrayHolds(const json& schema, const json& array) {
    if (array.size() < schema.value("minItems", 0U) ||
        array.size() > schema.value("maxItems", 10000U)) {
        return false;
    }
    const bool unique = schema.value("uniqueItems", false);
    for (std::size_t i = 0; i < array.size(); ++i) {
        if (schema.contains("items") && !holds(schema["items"], array[i])) return false;
        for (std::size_t j = 0; unique && j < i; ++j) {
            if (array[i] == array[j]) return false;
        }
    }
    return true;
}

bool objectHolds(const json& schema, const json& object) {
    for (const auto& name : schema.value("required", json::array())) {
        if (!object.contains(name.get<std::string>())) return false;
    }
    const json dependent = schema.value("dependentRequired", json::object());
    for (const auto& [name, needed] : dependent.items()) {
        if (object.contains(name) && !object.contains(needed[0].get<std::string>())) return false;
    }
    const json properties = schema.value("properties", json::object());
    for (const auto& [name, value] : object.items()) {
        if (properties.contains(name)) {
            if (!holds(properties[name], value)) return false;
        } else if (schema.contains("additionalProperties")) {
            const auto& other = schema["additionalProperties"];
            if (other.is_boolean() ? !other.get<bool>() : !holds(other, value)) return false;
        }
    }
    return true;
}

/// The part of JSON Schema that the file uses.
bool holds(const json& schema, const json& value) {
    if (schema.contains("type") && !typeHolds(schema["type"], value)) return false;
    if (schema.contains("const") && schema["const"] != value) return false;
    if (schema.contains("enum")) {
        const auto& words = schema["enum"];
        if (std::find(words.begin(), words.end(), value) == words.end()) return false;
    }
    if (schema.contains("if") &&
        !holds(schema[holds(schema["if"], value) ? "then" : "else"], value)) {
        return false;
    }
    if (value.is_string()) return textHolds(schema, value.get<std::string>());
    if (value.is_number_integer()) return numberHolds(schema, value.get<std::int64_t>());
    if (value.is_array()) return arrayHolds(schema, value);
    return !value.is_object() || objectHolds(schema, value);
}

bool fitsSchema(const std::string& toml) {
    static const json kSchema = json::parse(read("schema/profile.schema.json"));
    std::stringstream text;
    text << toml::json_formatter(toml::parse(toml));
    return holds(kSchema, json::parse(text.str()));
}

} // namespace

TEST_CASE("every profile fits the schema, and so does what the program accepts") {
    int count = 0;
    const auto folder = std::filesystem::path(kSourceDir) / "firmware-config/profiles";
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() != ".toml") continue;
        CAPTURE(entry.path().string());
        CHECK(fitsSchema(read("profiles/" + entry.path().filename().string())));
        ++count;
    }
    CHECK(count >= 14);
}

TEST_CASE("every line that is left out or misspelt: both refuse, or both accept") {
    for (const char* name : {"epson-tm-t88vi", "generic-58mm", "star-tsp100"}) {
        std::vector<std::string> lines;
        std::stringstream text(read(std::string("profiles/") + name + ".toml"));
        for (std::string line; std::getline(text, line);) lines.push_back(line);
        int refused = 0;
        for (std::size_t i = 0; i < lines.size(); ++i) {
            for (const bool misspelt : {false, true}) {
                std::string changed;
                for (std::size_t j = 0; j < lines.size(); ++j) {
                    if (j == i && !misspelt) continue;
                    changed += (j == i && lines[j].find('=') != std::string::npos ? "x" : "") +
                               lines[j] + "\n";
                }
                bool toml = true;
                try {
                    (void) toml::parse(changed);
                } catch (const toml::parse_error&) {
                    toml = false;
                }
                const bool accepted = printer::parseModel(changed, name).has_value();
                refused += accepted ? 0 : 1;
                CAPTURE(name);
                CAPTURE(lines[i]);
                CAPTURE(misspelt);
                CHECK(accepted == (toml && fitsSchema(changed)));
            }
        }
        CHECK(refused > 5);
    }
}

TEST_CASE("every code page that the program knows is in the schema") {
    const json schema = json::parse(read("schema/profile.schema.json"));
    const auto& pages = schema["properties"]["code-page"]["items"]["properties"]["page"]["enum"];
    CHECK(pages.size() == escpos::kCodePageCount);
    for (const auto& page : pages) {
        CHECK(escpos::codePageByName(page.get<std::string>()).has_value());
    }
}
