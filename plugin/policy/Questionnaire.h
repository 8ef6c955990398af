// What a house asks its visitors beside consent: questionnaires, from the policy pack. The rules of
// who is asked what stand here alone, for the kiosk and head office alike. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/base/Clock.h"
#include "plugin/base/Result.h"
#include "plugin/consent/Event.h"

namespace souffleur::wire {
class JsonWriter;
}

namespace souffleur::policy {

inline constexpr std::size_t kQuestionnairesMax = 16;
inline constexpr std::size_t kSurveyQuestionsMax = 20;
inline constexpr std::size_t kSurveyOptionsMax = 12;
/// So that questionnaire, version, question and option together name a preference (64 characters).
inline constexpr std::size_t kSurveyIdMaxChars = 16;
inline constexpr std::uint32_t kSurveyVersionMax = 999;
inline constexpr std::size_t kSurveyTextMaxChars = 120; ///< of a free text
/// Preferences that one person's answers may become; their tastes need the rest of the 64.
inline constexpr std::size_t kSurveyPreferencesMax = 40;
/// Answers of one ballot, which has room for no more.
inline constexpr std::size_t kSurveyBallotMax = 80;
/// The purpose of every anonymous question: audience composition, for the house and its funders.
inline constexpr std::string_view kStatistics = "statistics";

/// By language; every language of the pack is there.
using Texts = std::map<std::string, std::string>;

enum class QuestionKind : std::uint8_t { choice, multi, scale, text };
std::string_view name(QuestionKind) noexcept;

struct SurveyOption {
    consent::Token id;
    Texts labels;
};

/// The question is asked only where the earlier one was asked and answered with one of these.
struct ShowIf {
    consent::Token question;
    std::vector<std::string> answers; ///< ids of options, or numbers of a scale
};

struct SurveyQuestion {
    consent::Token id;
    QuestionKind kind = QuestionKind::choice;
    consent::Token purpose;
    Texts text;
    std::vector<SurveyOption> options; ///< of choice and multi
    std::size_t atMost = 0;            ///< of multi: so many may be chosen
    int from = 0;                      ///< of scale: the lowest step
    int to = 0;                        ///< of scale: the highest
    Texts low, high;                   ///< of scale: what its ends mean
    std::size_t maxChars = 0;          ///< of text
    std::optional<ShowIf> showIf;

    /// The answers that can be counted: ids of options, or the steps of a scale; none of a text.
    [[nodiscard]] std::vector<std::string> answers() const;
};

struct Questionnaire {
    consent::Token id;
    std::uint32_t version = 0;
    bool anonymous = false;
    TimeMs from = 0;                  ///< a day's beginning
    TimeMs until = consent::kForever; ///< exclusive
    Texts title;
    Texts intro;
    std::vector<SurveyQuestion> questions;

    [[nodiscard]] const SurveyQuestion* question(std::string_view wanted) const;
};

/// Of a pack what the house asks at its kiosks: those that the `questionnaires` of its house.toml
/// name, by id, in all their versions. Nothing is asked because a pack has it. Errors: the pack's
/// and the file's (PackLoader, parseHouse); notFound (the pack has no such questionnaire).
Result<std::vector<Questionnaire>>
questionnairesIn(std::string_view packToml, std::string_view packFile, std::string_view houseToml);
/// The same of a built-in pack. Errors: also notFound (no such pack).
Result<std::vector<Questionnaire>> questionnairesOf(std::string_view packName,
                                                    std::string_view houseToml);

/// One answer; never without a value: whoever would rather not say leaves the question out.
struct SurveyAnswer {
    consent::Token question;
    std::vector<std::string> values; ///< one; of multi as many as were chosen

    bool operator==(const SurveyAnswer&) const = default;
};

/// Is `question` asked of somebody who answered so? Looks at earlier questions alone.
bool isAsked(const Questionnaire& form, const SurveyQuestion& question,
             std::span<const SurveyAnswer> answers);

/// What is wrong with answers: of which one, and a code as the kiosk's page knows them.
struct SurveyFault {
    std::size_t answer = 0;
    const char* code = ""; ///< "out-of-range" "twice" "too-long" "not-asked"
};
/// Nothing: every answer is to a question that was asked, and one of those it may have.
std::optional<SurveyFault> faultOf(const Questionnaire& form,
                                   std::span<const SurveyAnswer> answers);

/// The one that is asked now; null = none. Of several the one that began last.
const Questionnaire* activeAt(std::span<const Questionnaire> all, bool anonymous, TimeMs at);
/// Null = the pack has none such.
const Questionnaire* find(std::span<const Questionnaire> all, std::string_view id,
                          std::uint32_t version);

/// The name under which an answer is a preference: "survey:foyer@1:how-often", of multi with the
/// option behind it. The event that holds it says where and when.
std::string preferenceOf(const Questionnaire& form, const SurveyAnswer& answer);
/// The answers as preferences of a person.
std::map<std::string, std::string> preferencesOf(const Questionnaire& form,
                                                 std::span<const SurveyAnswer> answers);

/// As the kiosk's contract has it, in these languages.
void write(wire::JsonWriter& out, const Questionnaire& form,
           const std::vector<std::string>& languages);

} // namespace souffleur::policy
