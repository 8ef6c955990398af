#include "sync/hub/BallotRoutes.h"

#include "sync/hub/Asking.h"
#include "sync/hub/OwnClock.h"

namespace souffleur::hub {
namespace {

constexpr std::string_view kKioskKind = "kiosk";
constexpr const char* kRetryAfterSeconds = "30";
/// A kiosk's day may have begun, or not ended, where head office's has not.
constexpr std::int64_t kDayApart = 2;

bool passesBy(const Error& error) {
    return error.code == Code::unavailable || error.code == Code::storage ||
           error.code == Code::internal;
}

Error notCounted(const char* why) {
    return {Code::refused, std::string("this ballot is not counted: ") + why, ""};
}

Result<http::Response> orLater(Result<http::Response> answer) {
    if (answer || !passesBy(answer.error())) return answer;
    http::Response later = http::Response::problem(answer.error());
    later.headers.set("Retry-After", kRetryAfterSeconds);
    return later;
}

} // namespace

Result<store::SurveyBallot> checkedBallot(const protocol::Ballot& ballot,
                                          std::span<const policy::Questionnaire> asked,
                                          TimeMs now) {
    const policy::Questionnaire* form = policy::find(asked, ballot.questionnaire, ballot.version);
    if (form == nullptr) return fail(Code::notFound, "no such questionnaire is in force here");
    if (!form->anonymous) return tl::make_unexpected(notCounted("its answers have a name"));
    const std::int64_t today = now / kDayMs;
    if (ballot.day > today + kDayApart || ballot.day < today - protocol::kBallotDaysMax ||
        ballot.day < form->from / kDayMs - kDayApart ||
        ballot.day > form->until / kDayMs + kDayApart)
        return tl::make_unexpected(notCounted("a day on which nobody was asked"));
    std::vector<policy::SurveyAnswer> answers;
    for (const protocol::BallotAnswer& one : ballot.answers)
        answers.push_back({one.question, one.values});
    if (policy::faultOf(*form, answers))
        return tl::make_unexpected(notCounted("answers that nobody could give"));
    store::SurveyBallot out{form->id, form->version, ballot.day, {}};
    for (const policy::SurveyAnswer& answer : answers) {
        for (const std::string& value : answer.values)
            out.answers.push_back({answer.question, value});
        // Of several that were chosen the sum says nothing of how many answered.
        if (form->question(answer.question)->kind == policy::QuestionKind::multi)
            out.answers.push_back({answer.question, ""});
    }
    return out;
}

void BallotRoutes::addTo(http::Router& router) {
    router.post("/sync/v1/ballots",
                [this](const http::Request& request) -> Result<http::Response> {
                    if (auto sane = checkOwnClock(_clock.now().at); !sane)
                        return orLater(passOn(sane));
                    auto response = orLater(take(request));
                    if (response)
                        response->headers.set("X-Souffleur-Time", std::to_string(_clock.now().at));
                    return response;
                },
                {protocol::kSealedBodyMaxBytes});
}

Result<http::Response> BallotRoutes::take(const http::Request& request) {
    const auto known = deviceAsking(_home, request, May::send, _clock.now().at);
    if (!known) return passOn(known);
    if (known->kind != kKioskKind || known->status != store::OriginStatus::active)
        return fail(Code::refused, "this address is for kiosks", "kind");
    const auto ballots = protocol::decodeBallots(request.body);
    if (!ballots) return passOn(ballots);
    protocol::BallotsAnswer answer;
    for (const protocol::SealedBallot& ballot : *ballots) {
        const auto fate = takeOne(*known, ballot);
        if (!fate) return passOn(fate);
        answer.fates.push_back({ballot.id, *fate});
    }
    return http::Response::json(protocol::encodeBallotsAnswer(answer));
}

Result<store::SurveyBallot> BallotRoutes::opened(const protocol::SealedBallot& ballot) const {
    const auto plain = _keys.open(ballot.key, ballot.sealed);
    if (!plain) {
        // A key that is gone comes back no more.
        if (plain.error().code == Code::notFound)
            return tl::make_unexpected(notCounted("its key is gone"));
        return passOn(plain);
    }
    const auto read = protocol::decodeBallot(plain->view());
    if (!read) return passOn(read);
    return checkedBallot(*read, _asked, _clock.now().at);
}

Result<protocol::BallotFate> BallotRoutes::takeOne(const store::Origin& kiosk,
                                                   const protocol::SealedBallot& ballot) {
    using protocol::BallotFate;
    const TimeMs now = _clock.now().at;
    const auto refused = [&](const char* what) -> Result<BallotFate> {
        const auto told = _home.store().audit({now, "system", what, kiosk.id.text()});
        return told ? Result<BallotFate>(BallotFate::refused) : passOn(told);
    };
    if (!protocol::checkBallot(ballot, kiosk.id, kiosk.publicKey)) return refused("kiosk.unsigned");
    const auto counted = opened(ballot);
    if (!counted && passesBy(counted.error())) return passOn(counted);
    if (!counted &&
        (counted.error().code == Code::notFound || counted.error().code == Code::unsupported))
        return BallotFate::later;
    if (!counted) return refused("kiosk.ballot-refused");
    const auto fresh =
        store::surveysOf(_home.store())
            .countBallot(ballot.id.uuid, *counted, now / kDayMs - protocol::kBallotDaysMax - 1);
    if (!fresh && !passesBy(fresh.error())) return refused("kiosk.ballot-refused");
    if (!fresh) return passOn(fresh);
    return *fresh ? BallotFate::counted : BallotFate::had;
}

} // namespace souffleur::hub
