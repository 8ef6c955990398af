// Anonymous questionnaires: a ballot is counted in one transaction with the note of its id.
#include "sync/store/Surveys.h"

#include "sync/store/SqlStore.h"

namespace souffleur::store {

Surveys& surveysOf(Store& store) {
    return dynamic_cast<SqlStore&>(store); // there is no other
}

Result<bool> SqlStore::countBallot(const Uuid& id, const SurveyBallot& ballot,
                                   std::int64_t forgetBefore) {
    return transaction([&]() -> Result<bool> {
        const Id<struct AnyTag> key{id};
        if (query("ballot-known").with(key).step()) return false;
        {
            Query count = query("survey-count");
            count.with(ballot.questionnaire, std::int64_t{ballot.version}, "", "", ballot.day);
            if (count.step() && static_cast<std::uint64_t>(count.number(0)) >= kBallotsADayMax)
                return fail(Code::tooLarge, "more ballots in a day than visitors fill in");
        }
        query("ballots-forget").with(forgetBefore).run();
        query("ballot-put").with(key, ballot.day).run();
        const auto add = [&](std::string_view question, std::string_view answer) {
            query("survey-add")
                .with(ballot.questionnaire, std::int64_t{ballot.version}, question, answer,
                      ballot.day)
                .run();
        };
        add("", "");
        for (const SurveyBallot::Answer& one : ballot.answers) add(one.question, one.value);
        return true;
    });
}

Result<SurveyCounts> SqlStore::surveyCounts(const std::string& questionnaire,
                                            std::uint32_t version) const {
    return guarded([&]() -> Result<SurveyCounts> {
        SurveyCounts out;
        Query row = query("survey-counts");
        row.with(questionnaire, std::int64_t{version});
        while (row.step())
            out.counts.push_back(
                {row.text(0), row.text(1), static_cast<std::uint64_t>(row.number(2))});
        Query days = query("survey-days");
        if (days.with(questionnaire, std::int64_t{version}).step()) {
            out.firstDay = days.number(0);
            out.lastDay = days.number(1);
        }
        return out;
    });
}

} // namespace souffleur::store
