// Whose head office this is: the house file that a command was given, else the one that it served
// last. Never the sample house unless somebody asked for it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "plugin/base/Clock.h"
#include "plugin/policy/House.h"
#include "sync/store/Store.h"

namespace souffleur::hub {

/// What the command line says of it; not both.
struct HouseWanted {
    std::filesystem::path file; ///< house.toml
    bool sample = false;        ///< the invented house, to try the product
};

struct HouseFile {
    policy::House house;
    std::string toml;     ///< its text, as tills get it
    std::string fileName; ///< where it was read; empty: kept, or the sample
    TimeMs since = 0;     ///< kept: when it was first served, UTC
    bool sample = false;
};

/// The file that was named, or the sample; none where neither was. Errors: loadHouse()'s.
Result<std::optional<HouseFile>> givenHouse(const HouseWanted& wanted);
/// That one, else the one that is kept. Errors: notFound (none is; says what to do), conflict (the
/// sample, where a house's own is kept), storage, and parseHouse()'s of the kept one.
Result<HouseFile> houseOf(const store::Store& store, std::optional<HouseFile> given);
/// The house that is served from now on, for commands that name none; in the store, so that all
/// hubs of one house have it. The sample is never kept. Errors: storage.
Result<void> keepHouse(store::Store& store, const HouseFile& house, TimeMs now);

/// No house file was named, and none is kept.
Error noHouse();
/// One line on standard error: whose head office this is, and by which file.
void sayHouse(const HouseFile& house);

} // namespace souffleur::hub
