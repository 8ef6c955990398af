#include "plugin/policy/House.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include "plugin/policy/Questionnaire.h"
#include "plugin/policy/TomlReader.h"
#include "plugin/wire/Forms.h"

namespace souffleur::policy {
namespace {

constexpr std::size_t kUrlMaxChars = 80;

/// https, or plain http on the machine itself (demo); short enough for a QR code on 58 mm.
std::string url(TomlReader& in, const toml::table& table, std::string_view key) {
    std::string value = in.text(table, {}, key, kUrlMaxChars);
    const auto starts = [&](std::string_view head) { return value.starts_with(head); };
    const bool scheme =
        starts("https://") || starts("http://127.0.0.1") || starts("http://localhost");
    const bool plain = std::all_of(value.begin(), value.end(), [](char c) {
        return c > ' ' && c < 0x7F && c != '#' && c != '"' && c != '<' && c != '>' && c != '{' &&
               c != '}';
    });
    if (in.ok() && (!scheme || !plain)) {
        in.refuse(table.get(key), std::string(key),
                  "must be an address starting with https://, without spaces and without #");
    }
    return value;
}

/// A word that fills a placeholder must not look like one.
std::string fill(TomlReader& in, const toml::table& table, const std::string& where,
                 std::string_view key, std::size_t maxChars) {
    std::string value = in.text(table, where, key, maxChars);
    if (value.find_first_of("{}") != std::string::npos) {
        in.refuse(table.get(key), TomlReader::path(where, key), "must not hold { or }");
    }
    return value;
}

std::string token(TomlReader& in, const toml::table& table, const std::string& where,
                  std::string_view key, std::size_t maxChars) {
    std::string value = in.text(table, where, key, maxChars);
    if (in.ok() && !consent::isToken(value)) {
        in.refuse(table.get(key), TomlReader::path(where, key),
                  "must be an id of small letters, digits and hyphens, such as \"het-voorhuis\"");
    }
    return value;
}

void readPartners(TomlReader& in, const toml::table& root, House& house) {
    std::set<std::string> ids;
    for (const toml::table* one : in.tables(root, "partner", kPartnersMax)) {
        in.only(*one, "partner", {"id", "name"});
        Partner partner{token(in, *one, "partner", "id", 32),
                        fill(in, *one, "partner", "name", 40)};
        if (in.ok() && !ids.insert(partner.id).second) {
            in.refuse(one->get("id"), "partner.id", "stands twice; give each partner its own id");
        }
        house.partners.push_back(std::move(partner));
    }
}

} // namespace

const std::string& House::nameIn(const std::string& language) const {
    const auto found = names.find(language);
    return found == names.end() ? controller.name : found->second;
}

Result<House> parseHouse(std::string_view toml, std::string_view fileName) {
    auto root = parseToml(toml, fileName, kHouseMaxBytes);
    if (!root) {
        return passOn(root);
    }
    TomlReader in{std::string(fileName)};
    in.only(*root, {},
            {"id", "name", "names", "address", "phone", "email", "withdraw-url", "privacy-url",
             "pack", "languages", "wording-revision", "addresses-verified", "drawer", "lease-days",
             "questionnaires", "partner"});
    // Which of them there are is the pack's: questionnairesIn().
    (void) in.texts(*root, {}, "questionnaires", kQuestionnairesMax);
    House house;
    auto& controller = house.controller;
    controller.id = token(in, *root, {}, "id", 64);
    controller.name = fill(in, *root, {}, "name", 60);
    controller.address = fill(in, *root, {}, "address", 120);
    controller.phone = fill(in, *root, {}, "phone", 30);
    controller.email = fill(in, *root, {}, "email", 80);
    controller.withdrawUrl = url(in, *root, "withdraw-url");
    controller.privacyUrl = url(in, *root, "privacy-url");
    if (in.ok() && controller.email.find('@') == std::string::npos) {
        in.refuse(root->get("email"), "email", "must be an e-mail address");
    }
    house.pack = token(in, *root, {}, "pack", 64);
    if (const toml::node* named = root->get("pack"); named != nullptr) {
        house.packWhere =
            std::string(fileName) + ':' + std::to_string(named->source().begin.line) + ": pack";
    }
    house.languages = in.texts(*root, {}, "languages", 16);
    for (const std::string& language : house.languages) {
        if (!wire::isLanguage(language)) {
            in.refuse(root->get("languages"), "languages", "must be BCP 47 tags such as \"nl\"");
        }
    }
    house.wordingRevision =
        static_cast<std::uint32_t>(in.numberOr(*root, {}, "wording-revision", 1, 99, 1));
    house.addressesVerified = in.flagOr(*root, {}, "addresses-verified", false);
    house.drawer = in.flagOr(*root, {}, "drawer", false);
    house.leaseDays = static_cast<int>(in.numberOr(*root, {}, "lease-days", 1, 90, 14));
    if (const toml::table* names = in.section(*root, {}, "names"); names != nullptr) {
        for (const auto& [language, value] : *names) {
            if (!wire::isLanguage(language.str())) {
                in.refuse(&value, "names", "must hold BCP 47 tags such as ru = \"…\"");
            }
            house.names[std::string(language.str())] =
                fill(in, *names, "names", language.str(), 60);
        }
    }
    readPartners(in, *root, house);
    if (auto ok = in.done(); !ok) {
        return passOn(ok);
    }
    return house;
}

Result<House> loadHouse(const std::filesystem::path& path) {
    const auto text = readHouse(path);
    if (!text) return passOn(text);
    return parseHouse(*text, path.filename().string());
}

Result<std::string> readHouse(const std::filesystem::path& path) {
    const std::string name = path.filename().string();
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    if (error) {
        return fail(Code::notFound, "the house's file cannot be read; create it or give its path",
                    name);
    }
    if (size > kHouseMaxBytes) {
        return fail(Code::tooLarge, "the house's file is larger than 64 KiB; shorten it", name);
    }
    std::ifstream in(path, std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(in)), {});
    if (!in && !in.eof()) {
        return fail(Code::unavailable, "the house's file cannot be read; check its permissions",
                    name);
    }
    return text;
}

House sampleHouse(std::string_view pack) {
    House house;
    house.pack = std::string(pack);
    house.addressesVerified = true; // its invented ticketing system had them confirmed
    auto& controller = house.controller;
    controller = {"het-voorhuis",
                  "Theater Het Voorhuis",
                  "Voorstraat 1, Utrecht",
                  "info@voorhuis.example.org",
                  "+31 30 000 0000",
                  "https://voorhuis.example.org/privacy",
                  "https://voorhuis.example.org/w"};
    house.partners = {{"museum-zuid", "Museum Zuid"}};
    if (pack == "es-ct") {
        controller = {"teatre-prat",
                      "Teatre del Prat",
                      "Plaça Major 1, Vic",
                      "hola@teatreprat.example.org",
                      "+34 930 000 000",
                      "https://teatreprat.example.org/privadesa",
                      "https://teatreprat.example.org/w"};
    } else if (pack == "ru") {
        controller = {"teatr-sufler",
                      "Театр «Суфлёр»",
                      "ул. Садовая, 1, Москва",
                      "info@sufler.example.org",
                      "+7 495 000-00-00",
                      "https://sufler.example.org/privacy",
                      "https://sufler.example.org/w"};
    } else if (pack == "gb") {
        controller = {"prompt-corner",
                      "The Prompt Corner",
                      "1 High Street, Bath",
                      "hello@promptcorner.example.org",
                      "+44 1632 960000",
                      "https://promptcorner.example.org/privacy",
                      "https://promptcorner.example.org/w"};
    }
    return house;
}

std::string sampleHouseToml(std::string_view pack) {
    const House house = sampleHouse(pack);
    const auto& controller = house.controller;
    std::string out = "# An invented house, to try the product with.\n";
    // None of its words holds a quote or a backslash.
    const auto line = [&](std::string_view key, std::string_view value) {
        out.append(key).append(" = \"").append(value).append("\"\n");
    };
    line("id", controller.id);
    line("name", controller.name);
    line("address", controller.address);
    line("phone", controller.phone);
    line("email", controller.email);
    line("withdraw-url", controller.withdrawUrl);
    line("privacy-url", controller.privacyUrl);
    line("pack", house.pack);
    out += "addresses-verified = true\n";
    if (house.pack == "nl") {
        out += "questionnaires = [\"foyer\"]\n";
    }
    for (const Partner& partner : house.partners) {
        out += "\n[[partner]]\n";
        line("id", partner.id);
        line("name", partner.name);
    }
    return out;
}

} // namespace souffleur::policy
