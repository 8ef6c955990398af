// What staff are shown of anonymous questionnaires (sync/hub/openapi.yaml): counts, none of them
// small enough to mean somebody. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plugin/policy/Questionnaire.h"
#include "sync/store/Surveys.h"

namespace souffleur::wire {
class JsonWriter;
}

namespace souffleur::hub {

/// Fewer are not shown: together with what one knows of the evening they may be somebody.
inline constexpr std::uint64_t kSmallestShown = 5;

struct ShownAnswer {
    std::string answer;
    std::optional<std::uint64_t> count; ///< nothing: fewer than kSmallestShown
};

struct ShownQuestion {
    /// How many answered. Nothing: too few, or what is not shown of the answers could be worked out
    /// from it.
    std::optional<std::uint64_t> answered;
    std::vector<ShownAnswer> answers; ///< all that there are to choose from, in their order
};

/// A count as it may be shown.
std::optional<std::uint64_t> shown(std::uint64_t count) noexcept;
ShownQuestion shown(const policy::SurveyQuestion& question, const store::SurveyCounts& counts);
/// One element of `surveys`.
void writeSurvey(wire::JsonWriter& out, const policy::Questionnaire& form,
                 const store::SurveyCounts& counts);

} // namespace souffleur::hub
