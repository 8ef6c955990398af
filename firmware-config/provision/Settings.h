// The settings that a printer shall have, as a TOML file says them. Every key is explained in
// README.md.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "drivers/printer/ProfileFile.h"
#include "firmware-config/provision/Error.h"
#include "firmware-config/provision/Values.h"

namespace souffleur::provision {

inline constexpr std::size_t kMaxLogos = 32;

/// A picture as declared: what it is made of.
struct Logo {
    Key key;
    std::filesystem::path file; ///< as written; relative to the settings' folder
    int line = 0;
    int widthDots = 0; ///< 0 = one dot a pixel
    escpos::Align align = escpos::Align::left;
};

struct Settings {
    std::string file;        ///< where it was read
    Target target;           ///< without pictures until loadLogos
    std::vector<Logo> logos; ///< by key, each once
};

/// Reads and checks against the model that it names. `name` stands in errors; unknown keys are
/// errors.
[[nodiscard]] printer::ProfileResult<Settings>
parseSettings(const std::string& text, const std::string& name,
              const std::vector<printer::Model>& models);

/// Reads each logo and dithers it for the model's paper. Files over 8 MiB are not read, pictures
/// over 16 million pixels not decoded.
[[nodiscard]] printer::ProfileResult<Settings> loadLogos(Settings settings,
                                                         const printer::Model& model);

/// Both, from a file. Errors: settings, "file:line: key: what to change".
[[nodiscard]] Result<Settings> readSettings(const std::filesystem::path& file,
                                            const std::vector<printer::Model>& models);

/// All logos below each other on the model's paper, as a PNG.
[[nodiscard]] Result<std::vector<std::uint8_t>> preview(const Settings& settings,
                                                        const printer::Model& model);

/// By id; null when there is none.
[[nodiscard]] const printer::Model* modelById(const std::vector<printer::Model>& models,
                                              const std::string& id);

} // namespace souffleur::provision
