// What anonymous questionnaires came to: counts, and nothing that leads to anybody
// (plugin/doc/adr/0016). Kept by the Store; threads, blocking and errors as there.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "plugin/base/Clock.h"
#include "plugin/base/Id.h"
#include "plugin/base/Result.h"

namespace souffleur::store {

/// More of one questionnaire on one day are no visitors'.
inline constexpr std::uint64_t kBallotsADayMax = 5'000;

class Store;

/// One ballot as it is counted.
struct SurveyBallot {
    std::string questionnaire;
    std::uint32_t version = 0;
    std::int64_t day = 0; ///< days since 1970-01-01, where the kiosk stands
    struct Answer {
        std::string question;
        std::string value;
    };
    std::vector<Answer> answers; ///< each counts one
};

struct SurveyCount {
    std::string question; ///< empty: who took part
    std::string answer;
    std::uint64_t count = 0;
};

/// Of a questionnaire, all days together.
struct SurveyCounts {
    std::vector<SurveyCount> counts; ///< by question and answer
    std::int64_t firstDay = 0;       ///< of the first and the last ballot; 0 = there is none
    std::int64_t lastDay = 0;
};

class Surveys {
public:
    virtual ~Surveys() = default;
    /// Counts it once, by its random id, which is forgotten once its day is before `forgetBefore`.
    /// False: it was counted before. Errors: tooLarge (kBallotsADayMax).
    virtual Result<bool> countBallot(const Uuid& id, const SurveyBallot& ballot,
                                     std::int64_t forgetBefore) = 0;
    virtual Result<SurveyCounts> surveyCounts(const std::string& questionnaire,
                                              std::uint32_t version) const = 0;
};

/// Of a store that openSqlite or openPostgres gave.
Surveys& surveysOf(Store& store);

} // namespace souffleur::store
