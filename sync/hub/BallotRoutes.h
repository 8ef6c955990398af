// Anonymous questionnaires as kiosks bring them (plugin/doc/adr/0016): each is checked, opened,
// held against the questionnaire that it answers, and counted. Nothing of one is kept but the
// counts.
#pragma once

#include <span>

#include "plugin/base/Clock.h"
#include "plugin/http/Router.h"
#include "plugin/policy/Questionnaire.h"
#include "sync/hub/IntakeKeys.h"
#include "sync/protocol/Ballot.h"
#include "sync/store/Surveys.h"

namespace souffleur::hub {

/// A ballot as it may be counted, by the questionnaires that the pack in force has (their earlier
/// versions too, while it keeps them). Pure. Errors: notFound (no such questionnaire here yet),
/// refused (not anonymous, another day than it is asked on, answers that nobody could give).
Result<store::SurveyBallot> checkedBallot(const protocol::Ballot& ballot,
                                          std::span<const policy::Questionnaire> asked, TimeMs now);

class BallotRoutes {
public:
    /// Borrows all.
    BallotRoutes(Home& home, const IntakeKeys& keys, const Clock& clock,
                 std::span<const policy::Questionnaire> asked)
        : _home(home), _keys(keys), _clock(clock), _asked(asked) {}
    void addTo(http::Router& router);

private:
    Result<http::Response> take(const http::Request& request);
    /// Errors are those that pass by.
    Result<protocol::BallotFate> takeOne(const store::Origin& kiosk,
                                         const protocol::SealedBallot& ballot);
    Result<store::SurveyBallot> opened(const protocol::SealedBallot& ballot) const;

    Home& _home;
    const IntakeKeys& _keys;
    const Clock& _clock;
    std::span<const policy::Questionnaire> _asked;
};

} // namespace souffleur::hub
