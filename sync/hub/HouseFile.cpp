#include "sync/hub/HouseFile.h"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace souffleur::hub {
namespace {

constexpr const char* kKept = "house-file"; ///< since when, a line feed, its text
constexpr const char* kKeptName = "the kept house file";

Result<std::optional<HouseFile>> keptHouse(const store::Store& store) {
    const auto held = store.setting(kKept);
    if (!held && held.error().code == Code::notFound) return std::optional<HouseFile>{};
    if (!held) return passOn(held);
    const std::size_t line = std::min(held->find('\n'), held->size());
    const auto since = parseTime(held->substr(0, line));
    if (!since || line == held->size())
        return fail(Code::corrupt, "the kept house file cannot be read: give it with --house FILE");
    HouseFile out;
    out.since = *since;
    out.toml = held->substr(line + 1);
    auto house = policy::parseHouse(out.toml, kKeptName);
    if (!house) return passOn(house);
    out.house = std::move(*house);
    return std::optional<HouseFile>(std::move(out));
}

} // namespace

Error noHouse() {
    return {Code::notFound,
            "whose head office is this? Name its file with --house house.toml (it is kept, and "
            "served from then on), or try the product with --sample-house",
            ""};
}

Result<std::optional<HouseFile>> givenHouse(const HouseWanted& wanted) {
    if (wanted.file.empty() && !wanted.sample) return std::optional<HouseFile>{};
    HouseFile out;
    out.sample = wanted.sample;
    if (wanted.sample) {
        out.toml = policy::sampleHouseToml();
    } else {
        auto text = policy::readHouse(wanted.file);
        if (!text) return passOn(text);
        out.toml = std::move(*text);
        out.fileName = wanted.file.filename().string();
    }
    auto house = policy::parseHouse(out.toml, out.sample ? "the sample house" : out.fileName);
    if (!house) return passOn(house);
    out.house = std::move(*house);
    return std::optional<HouseFile>(std::move(out));
}

Result<HouseFile> houseOf(const store::Store& store, std::optional<HouseFile> given) {
    if (given && !given->sample) return std::move(*given);
    auto kept = keptHouse(store);
    if (!kept) return passOn(kept);
    if (given && *kept) {
        return fail(Code::conflict, "this is the head office of " + (*kept)->house.controller.name +
                                        ": the sample house is for another --data folder");
    }
    if (given) return std::move(*given);
    if (!*kept) return tl::make_unexpected(noHouse());
    return std::move(**kept);
}

Result<void> keepHouse(store::Store& store, const HouseFile& house, TimeMs now) {
    if (house.sample) return {};
    const auto held = store.setting(kKept);
    if (!held && held.error().code != Code::notFound) return passOn(held);
    // The same text keeps its day.
    if (held && held->substr(held->find('\n') + 1) == house.toml) return {};
    return store.putSetting(kKept, formatTime(now) + '\n' + house.toml);
}

void sayHouse(const HouseFile& house) {
    const std::string by =
        house.sample ? "the sample house, which is invented: no customer of a real one belongs here"
        : house.fileName.empty()
            ? "the house file kept here since " + formatTime(house.since).substr(0, 10)
            : house.fileName;
    (void) std::fprintf(stderr, "souffleur-hub: head office of %s (%s), by %s\n",
                        house.house.controller.name.c_str(), house.house.controller.id.c_str(),
                        by.c_str());
}

} // namespace souffleur::hub
