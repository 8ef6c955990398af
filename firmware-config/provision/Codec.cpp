#include "firmware-config/provision/Codec.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace souffleur::provision {
namespace {

using nlohmann::json;

constexpr int kSchema = 1;
constexpr std::size_t kMaxText = 200;
constexpr std::size_t kMaxEntries = 10000;
constexpr int kMaxSide = 8192; ///< of a picture, dots

/// The text did not hold what it must; caught in `read`.
struct Malformed {};

void need(bool fine) {
    if (!fine) throw Malformed{};
}

const json& at(const json& object, const char* key) {
    need(object.is_object() && object.contains(key));
    return object[key];
}

std::int64_t number(const json& value, std::int64_t low, std::int64_t high) {
    need(value.is_number_integer());
    const auto found = value.get<std::int64_t>();
    need(found >= low && found <= high);
    return found;
}

std::string text(const json& value, std::size_t most = kMaxText) {
    need(value.is_string());
    auto found = value.get<std::string>();
    need(found.size() <= most);
    return found;
}

Key key(const std::string& found) {
    need(found.size() == 2 &&
         std::all_of(found.begin(), found.end(), [](char c) { return c >= 0x20 && c <= 0x7E; }));
    return found;
}

int numberKey(const std::string& name, int high) {
    need(!name.empty() && name.size() <= 3 &&
         name.find_first_not_of("0123456789") == std::string::npos);
    const int found = std::stoi(name);
    need(found >= 1 && found <= high);
    return found;
}

json pictureJson(const Bitmap& picture) {
    constexpr const char* kHex = "0123456789abcdef";
    std::string hex;
    hex.reserve(picture.bits.size() * 2);
    for (const std::uint8_t byte : picture.bits) {
        hex += kHex[byte >> 4U];
        hex += kHex[byte & 15U];
    }
    return {{"width", picture.width}, {"height", picture.height}, {"bits", std::move(hex)}};
}

int hexDigit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    need(c >= 'a' && c <= 'f');
    return c - 'a' + 10;
}

Bitmap picture(const json& from) {
    Bitmap out;
    out.width = static_cast<int>(number(at(from, "width"), 1, kMaxSide));
    out.height = static_cast<int>(number(at(from, "height"), 1, kMaxSide));
    const auto hex = text(at(from, "bits"), kMaxFileBytes);
    const auto bytes =
        static_cast<std::size_t>(out.stride()) * static_cast<std::size_t>(out.height);
    need(hex.size() == bytes * 2);
    out.bits.reserve(bytes);
    for (std::size_t i = 0; i < hex.size(); i += 2)
        out.bits.push_back(static_cast<std::uint8_t>(hexDigit(hex[i]) * 16 + hexDigit(hex[i + 1])));
    return out;
}

std::map<Key, Bitmap> pictures(const json& from) {
    need(from.is_object() && from.size() <= kMaxEntries);
    std::map<Key, Bitmap> out;
    for (const auto& [name, value] : from.items()) out[key(name)] = picture(value);
    return out;
}

std::set<Key> keys(const json& from) {
    need(from.is_array() && from.size() <= kMaxEntries);
    std::set<Key> out;
    for (const auto& one : from) out.insert(key(text(one)));
    return out;
}

json picturesJson(const std::map<Key, Bitmap>& from) {
    json out = json::object();
    for (const auto& [name, value] : from) out[name] = pictureJson(value);
    return out;
}

/// The three kinds of settings, which Target and Present share.
template <typename T>
void putSettings(json& out, const T& from) {
    out["switches"] = json::object();
    for (const auto& [which, bits] : from.switches) out["switches"][std::to_string(which)] = bits;
    out["values"] = json::object();
    for (const auto& [which, value] : from.values) out["values"][std::to_string(which)] = value;
    out["serial"] = json::object();
    for (const auto& [which, value] : from.serial) out["serial"][std::to_string(which)] = value;
}

template <typename T>
void takeSettings(const json& from, T& out, const char* bits) {
    for (const auto& [name, value] : at(from, "switches").items()) {
        auto found = text(value);
        need(found.size() == 8 && found.find_first_not_of(bits) == std::string::npos);
        out.switches[numberKey(name, 8)] = std::move(found);
    }
    for (const auto& [name, value] : at(from, "values").items())
        out.values[numberKey(name, 255)] = static_cast<int>(number(value, 0, 65535));
    for (const auto& [name, value] : at(from, "serial").items()) {
        auto found = text(value);
        need(!found.empty() && found.size() <= 6 &&
             found.find_first_not_of("0123456789") == std::string::npos);
        out.serial[numberKey(name, 4)] = std::move(found);
    }
}

json targetJson(const Target& target) {
    json out = {{"model", target.model},
                {"pictures", picturesJson(target.pictures)},
                {"removed", target.removed},
                {"exact", target.exact},
                {"untold", target.untold}};
    putSettings(out, target);
    return out;
}

Target targetFrom(const json& from) {
    Target out;
    out.model = text(at(from, "model"));
    takeSettings(from, out, "012");
    out.pictures = pictures(at(from, "pictures"));
    out.removed = keys(at(from, "removed"));
    need(at(from, "exact").is_boolean());
    out.exact = from["exact"].get<bool>();
    out.untold = keys(at(from, "untold"));
    return out;
}

/// Parses and checks; nothing on any mistake.
template <typename T, typename Take>
std::optional<T> read(const std::string& words, const char* kind, const Take& take) {
    if (words.size() > kMaxFileBytes) return std::nullopt;
    const json root = json::parse(words, nullptr, false);
    try {
        need(root.is_object());
        need(text(at(root, "souffleur")) == kind);
        number(at(root, "schema"), kSchema, kSchema);
        return take(root);
    } catch (const Malformed&) {
        return std::nullopt;
    } catch (const json::exception&) {
        return std::nullopt;
    }
}

json begin(const char* kind) {
    return {{"souffleur", kind}, {"schema", kSchema}};
}

/// Whatever a printer calls itself: bytes that are no UTF-8 are replaced.
std::string words(const json& root) {
    return root.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

} // namespace

bool same(const Bitmap& a, const Bitmap& b) {
    return a.width == b.width && a.height == b.height && a.bits == b.bits;
}

std::string toJson(const Target& target) {
    return words(targetJson(target));
}

std::string toJson(const Record& record) {
    json root = begin("printer-record");
    root["writes"] = record.writes;
    root["keys"] = record.keys;
    root["free"] = record.freeBytes;
    root["pictures"] = picturesJson(record.pictures);
    root["doubtful"] = record.doubtful;
    return words(root);
}

std::optional<Record> recordFrom(const std::string& from) {
    return read<Record>(from, "printer-record", [](const json& root) {
        Record out;
        const json& writes = at(root, "writes");
        need(writes.is_array() && writes.size() <= kMaxEntries);
        for (const auto& one : writes) out.writes.push_back(number(one, INT64_MIN, INT64_MAX));
        out.keys = keys(at(root, "keys"));
        out.freeBytes = static_cast<int>(number(at(root, "free"), 0, INT32_MAX));
        out.pictures = pictures(at(root, "pictures"));
        const auto doubtful = text(at(root, "doubtful"));
        if (!doubtful.empty()) out.doubtful = key(doubtful);
        return out;
    });
}

std::string toJson(const Journal& journal) {
    json root = begin("printer-journal");
    root["started"] = journal.startedAt;
    root["address"] = journal.address;
    root["backup"] = journal.backup;
    root["target"] = targetJson(journal.target);
    root["settingMode"] = journal.settingMode;
    root["unfinished"] = journal.unfinished;
    return words(root);
}

std::optional<Journal> journalFrom(const std::string& from) {
    return read<Journal>(from, "printer-journal", [](const json& root) {
        Journal out;
        out.startedAt = number(at(root, "started"), INT64_MIN, INT64_MAX);
        if (root.contains("address")) out.address = text(root["address"]);
        out.backup = text(at(root, "backup"));
        out.target = targetFrom(at(root, "target"));
        need(at(root, "settingMode").is_boolean());
        out.settingMode = root["settingMode"].get<bool>();
        out.unfinished = static_cast<std::uint64_t>(
            number(at(root, "unfinished"), 0, static_cast<std::int64_t>(kMaxFileBytes)));
        return out;
    });
}

std::string toJson(const Backup& backup) {
    json root = begin("printer-backup");
    root["at"] = backup.at;
    root["model"] = backup.model;
    root["printer"] = {{"firmware", backup.identity.firmware},
                       {"maker", backup.identity.maker},
                       {"name", backup.identity.name},
                       {"serial", backup.identity.serial}};
    putSettings(root, backup.held);
    root["free"] = backup.held.freeBytes;
    root["pictures"] = backup.held.picturesRead ? json::object() : json();
    for (const auto& [name, value] : backup.held.pictures)
        root["pictures"][name] = value ? pictureJson(*value) : json();
    return words(root);
}

std::optional<Backup> backupFrom(const std::string& from) {
    return read<Backup>(from, "printer-backup", [](const json& root) {
        Backup out;
        out.at = number(at(root, "at"), INT64_MIN, INT64_MAX);
        out.model = text(at(root, "model"));
        const json& printer = at(root, "printer");
        out.identity = {text(at(printer, "firmware")), text(at(printer, "maker")),
                        text(at(printer, "name")), text(at(printer, "serial"))};
        takeSettings(root, out.held, "01");
        out.held.freeBytes = static_cast<int>(number(at(root, "free"), 0, INT32_MAX));
        const json& found = at(root, "pictures");
        if (found.is_null()) return out;
        need(found.is_object() && found.size() <= kMaxEntries);
        out.held.picturesRead = true;
        for (const auto& [name, value] : found.items()) {
            auto& here = out.held.pictures[key(name)];
            if (!value.is_null()) here = picture(value);
        }
        return out;
    });
}

} // namespace souffleur::provision
