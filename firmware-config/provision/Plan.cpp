#include "firmware-config/provision/Plan.h"

#include <algorithm>
#include <array>

namespace souffleur::provision {
namespace {

constexpr std::int64_t kDayMs = std::int64_t{24} * 60 * 60 * 1000;

std::string serialName(int item) {
    static const std::array<const char*, 5> kNames = {"", "baud", "parity", "flow", "data bits"};
    return std::string("serial ") + kNames[static_cast<std::size_t>(item)];
}

std::string serialWord(int item, const std::string& digits) {
    static const std::array<const char*, 3> kParityWords = {"none", "odd", "even"};
    static const std::array<const char*, 2> kFlowWords = {"dtr", "xon"};
    const auto at = static_cast<std::size_t>(digits.size() == 1 ? digits[0] - '0' : 9);
    if (item == kParity && at < kParityWords.size()) return kParityWords[at];
    if (item == kFlow && at < kFlowWords.size()) return kFlowWords[at];
    return digits;
}

std::string valueName(int number, const printer::Model& model) {
    for (const auto& [name, which] : model.memorySwitches.values) {
        if (which == number) return name + " (value " + std::to_string(number) + ")";
    }
    return "value " + std::to_string(number);
}

std::string valueWord(int number, int value, const printer::Model& model) {
    const auto& values = model.memorySwitches.values;
    const auto is = [&](const char* name) {
        const auto found = values.find(name);
        return found != values.end() && found->second == number;
    };
    if (is("code-page")) {
        for (const auto& one : model.profile.codePages) {
            if (one.slot == value) {
                return std::to_string(value) + ", " + std::string(escpos::codePageName(one.page));
            }
        }
    }
    if (is("international") && static_cast<std::size_t>(value) < model.international.size())
        return std::to_string(value) + ", " + model.international[static_cast<std::size_t>(value)];
    return std::to_string(value);
}

std::string pictureWord(const Bitmap& picture) {
    return std::to_string(picture.width) + " x " + std::to_string(picture.height) + " dots";
}

std::int64_t bytesOf(const Bitmap& picture) {
    constexpr std::int64_t kEntry = 64; ///< what a printer keeps beside the dots, generously
    return static_cast<std::int64_t>(picture.bits.size()) + kEntry;
}

void addSwitches(Plan& plan, const Present& present, const Target& target) {
    std::map<int, std::string> wanted;
    for (const auto& [number, bits] : target.switches) {
        const auto found = present.switches.find(number);
        if (found == present.switches.end()) continue;
        std::string changed(8, '2');
        for (std::size_t i = 0; i < 8; ++i) {
            if (bits[i] == '2' || bits[i] == found->second[i]) continue;
            changed[i] = bits[i];
            plan.changes.push_back(
                {"memory switch " + std::to_string(number) + "-" + std::to_string(8 - i),
                 found->second[i] == '1' ? "on" : "off", bits[i] == '1' ? "on" : "off"});
        }
        if (changed.find_first_not_of('2') != std::string::npos) wanted[number] = changed;
    }
    if (!wanted.empty())
        plan.steps.push_back(
            {Step::Kind::switches, "memory switches", writeSwitches(wanted), {}, 0});
}

void addValues(Plan& plan, const Present& present, const Target& target,
               const printer::Model& model) {
    std::map<int, int> wanted;
    for (const auto& [number, value] : target.values) {
        const auto found = present.values.find(number);
        if (found == present.values.end() || found->second == value) continue;
        wanted[number] = value;
        plan.changes.push_back({valueName(number, model), valueWord(number, found->second, model),
                                valueWord(number, value, model)});
    }
    if (!wanted.empty())
        plan.steps.push_back({Step::Kind::values, "customized values", writeValues(wanted), {}, 0});
}

void addSerial(Plan& plan, const Present& present, const Target& target) {
    for (const auto& [item, digits] : target.serial) {
        const auto found = present.serial.find(item);
        if (found == present.serial.end() || found->second == digits) continue;
        plan.changes.push_back(
            {serialName(item), serialWord(item, found->second), serialWord(item, digits)});
        plan.steps.push_back(
            {Step::Kind::serial, serialName(item), writeSerial(item, digits), {}, item});
    }
}

std::string heldWord(const std::optional<Bitmap>& held) {
    return held ? "another picture, " + pictureWord(*held) : "a picture that nobody here knows";
}

void remove(Plan& plan, const Key& key, const std::optional<Bitmap>& held) {
    plan.changes.push_back({"logo " + key, heldWord(held), "none"});
    plan.steps.push_back({Step::Kind::remove, "logo " + key, deletePicture(key), key, 0});
    if (held) {
        plan.bytesNeeded -= bytesOf(*held);
    } else {
        plan.lost.push_back(key);
    }
}

void addPictures(Plan& plan, const Present& present, const Target& target) {
    for (const auto& [key, held] : present.pictures) {
        const bool named = target.pictures.contains(key) || target.untold.contains(key);
        if (target.removed.contains(key) || (target.exact && !named)) remove(plan, key, held);
    }
    for (const auto& [key, picture] : target.pictures) {
        const auto found = present.pictures.find(key);
        const bool there = found != present.pictures.end();
        if (there && found->second && same(*found->second, picture)) continue;
        plan.changes.push_back(
            {"logo " + key, there ? heldWord(found->second) : "none", pictureWord(picture)});
        plan.steps.push_back(
            {Step::Kind::define, "logo " + key, writePicture(key, picture), key, 0});
        plan.bytesNeeded += bytesOf(picture);
        if (there && found->second) plan.bytesNeeded -= bytesOf(*found->second);
        if (there && !found->second) plan.lost.push_back(key);
    }
    for (const auto& key : target.untold) {
        if (!present.pictures.contains(key)) {
            plan.notes.push_back("logo " + key +
                                 " was there when the backup was made and is gone; "
                                 "its content was never known and cannot come back");
        }
    }
}

std::int64_t moment(std::int64_t write, std::int64_t now) {
    return std::min(write, now);
}

} // namespace

Plan difference(const Present& present, const Target& target, const printer::Model& model) {
    Plan plan;
    addPictures(plan, present, target);
    addSwitches(plan, present, target);
    addValues(plan, present, target, model);
    addSerial(plan, present, target);
    return plan;
}

void recognise(Present& present, const Record& record) {
    std::set<Key> keys;
    for (const auto& [key, picture] : present.pictures) keys.insert(key);
    std::set<Key> expected = record.keys;
    keys.erase(record.doubtful);
    expected.erase(record.doubtful);
    if (keys != expected) return;
    if (record.doubtful.empty() && present.freeBytes != record.freeBytes) return;
    for (const auto& [key, picture] : record.pictures) {
        if (keys.contains(key)) present.pictures[key] = picture;
    }
}

std::int64_t allowedAt(const std::vector<std::int64_t>& writes, int perDay, int more,
                       std::int64_t now) {
    std::vector<std::int64_t> recent;
    for (const auto one : writes) {
        if (moment(one, now) > now - kDayMs) recent.push_back(moment(one, now));
    }
    std::sort(recent.begin(), recent.end());
    const auto allowed = static_cast<std::size_t>(std::max(0, perDay - more));
    if (recent.size() <= allowed) return now;
    return recent[recent.size() - allowed - 1] + kDayMs;
}

int writesLeft(const std::vector<std::int64_t>& writes, int perDay, std::int64_t now) {
    const auto recent = std::count_if(writes.begin(), writes.end(), [&](std::int64_t one) {
        return moment(one, now) > now - kDayMs;
    });
    return static_cast<int>(std::max<std::int64_t>(0, perDay - recent));
}

Target targetOf(const Backup& backup) {
    Target target;
    target.model = backup.model;
    target.switches = backup.held.switches;
    target.values = backup.held.values;
    target.serial = backup.held.serial;
    target.exact = backup.held.picturesRead;
    for (const auto& [key, picture] : backup.held.pictures) {
        if (picture) {
            target.pictures[key] = *picture;
        } else {
            target.untold.insert(key);
        }
    }
    return target;
}

} // namespace souffleur::provision
