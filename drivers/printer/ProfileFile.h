// Model profiles: firmware-config/profiles/<id>.toml as printer::Model. What each key means stands
// in firmware-config/schema/profile.schema.json.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "drivers/escpos/Profile.h"
#include "drivers/printer/Model.h"

namespace souffleur::printer {

/// Why a profile was refused: file, line (1-based, 0 = the whole file), key and what to change.
struct ProfileError {
    std::string file;
    int line = 0;
    std::string key;
    std::string message;

    /// "file:12: paper.width-dots: …"
    [[nodiscard]] std::string text() const;
};

template <typename T>
using ProfileResult = tl::expected<T, ProfileError>;

inline constexpr std::size_t kMaxProfileBytes = 64 * 1024;

/// Reads one model from text, which is ASCII; `name` stands in errors. Unknown keys are errors: a
/// misspelt one must not pass. A model of another language is read too: its `refusal` says why
/// nothing prints.
[[nodiscard]] ProfileResult<Model> parseModel(const std::string& text, const std::string& name);
/// Every model of a folder, by id; the first mistake in any of them is the answer.
[[nodiscard]] ProfileResult<std::vector<Model>> loadModels(const std::string& folder);
/// Finds `<folder>/<id>.toml`; the message lists the ids that exist.
[[nodiscard]] ProfileResult<Model> findModel(const std::string& folder, const std::string& id);

/// The same for those who print: a model that does not speak ESC/POS is refused in its own words.
[[nodiscard]] ProfileResult<escpos::Profile> parseProfile(const std::string& text,
                                                          const std::string& name);
/// Reads one file.
[[nodiscard]] ProfileResult<escpos::Profile> loadProfile(const std::string& path);
[[nodiscard]] ProfileResult<escpos::Profile> findProfile(const std::string& folder,
                                                         const std::string& id);

} // namespace souffleur::printer
