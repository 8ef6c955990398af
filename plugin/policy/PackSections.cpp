#include "plugin/policy/PackSections.h"

#include "plugin/base/Limits.h"
#include "plugin/policy/House.h"
#include "plugin/policy/PackLoader.h"
#include "plugin/policy/PackParser.h"
#include <algorithm>
#include <array>

namespace souffleur::policy {
namespace {

constexpr std::size_t kHintMaxChars = 42; ///< a line of the usual paper
constexpr std::size_t kTitleMaxChars = 60;
constexpr std::size_t kIntroMaxChars = 240;
constexpr std::size_t kQuestionMaxChars = 140;
constexpr std::size_t kOptionMaxChars = 60;
constexpr std::size_t kEndMaxChars = 40;
constexpr std::int64_t kScaleMax = 10;
constexpr std::size_t kOptionsMin = 2;
constexpr std::array<QuestionKind, 4> kKinds{QuestionKind::choice, QuestionKind::multi,
                                             QuestionKind::scale, QuestionKind::text};
constexpr std::string_view kHouseFile = "house.toml";
constexpr std::string_view kAsked = "questionnaires";
constexpr const char* kForm = "questionnaire";
constexpr const char* kQuestion = "questionnaire.question";
constexpr const char* kOption = "questionnaire.question.option";

/// One questionnaire being read; after an error the rest does nothing of note.
class FormReader {
public:
    FormReader(TomlReader& in, const consent::Policy& policy) : _in(in), _policy(policy) {}

    Questionnaire read(const toml::table& table) {
        _in.only(table, kForm,
                 {"id", "version", "mode", "from", "until", "title", "intro", "question"});
        _form.id = id(table, kForm);
        _form.version = static_cast<std::uint32_t>(
            _in.number(table, kForm, "version", 1, std::int64_t{kSurveyVersionMax}));
        const std::string mode = _in.text(table, kForm, "mode", 16);
        if (_in.ok() && mode != "anonymous" && mode != "person")
            _in.refuse(table.get("mode"), "questionnaire.mode",
                       "must be \"anonymous\" or \"person\"." +
                           suggestion(mode, {"anonymous", "person"}));
        _form.anonymous = mode == "anonymous";
        _form.from = _in.dateOr(table, kForm, "from", 0);
        _form.until = _in.dateOr(table, kForm, "until", consent::kForever);
        if (_form.until <= _form.from)
            _in.refuse(table.get("until"), "questionnaire.until", "must be later than from");
        _form.title = texts(table, kForm, "title", kTitleMaxChars);
        _form.intro = texts(table, kForm, "intro", kIntroMaxChars);
        const auto questions = _in.tables(table, "question", kSurveyQuestionsMax);
        if (questions.empty())
            _in.refuse(&table, kQuestion, "is missing; add a [[questionnaire.question]]");
        for (const toml::table* one : questions) readQuestion(*one);
        checkRoom(table);
        return std::move(_form);
    }

private:
    std::string id(const toml::table& table, const char* where) {
        std::string value = _in.text(table, where, "id", kSurveyIdMaxChars);
        const bool sound = consent::isToken(value) && value.find(':') == std::string::npos;
        if (_in.ok() && !sound)
            _in.refuse(table.get("id"), TomlReader::path(where, "id"),
                       "must be an id of small letters, digits and hyphens");
        return value;
    }

    /// One text for every language of the pack and no other.
    Texts texts(const toml::table& table, const char* where, std::string_view key,
                std::size_t maxChars) {
        const std::string path = TomlReader::path(where, key);
        const toml::table* all = _in.section(table, where, key);
        if (all == nullptr) {
            _in.refuse(&table, path, "is missing; add it in every language of the pack");
            return {};
        }
        Texts out;
        for (const std::string& language : _policy.languages)
            out[language] = _in.text(*all, path, language, maxChars);
        for (const auto& [language, value] : *all) {
            if (!out.contains(std::string(language.str())))
                _in.refuse(&value, TomlReader::path(path, language.str()),
                           "is no language of this pack; remove it");
        }
        return out;
    }

    void readQuestion(const toml::table& table) {
        _in.only(table, kQuestion,
                 {"id", "kind", "purpose", "text", "option", "at-most", "min", "max", "low", "high",
                  "max-chars", "show-if"});
        SurveyQuestion question;
        question.id = id(table, kQuestion);
        if (_in.ok() && _form.question(question.id) != nullptr)
            _in.refuse(table.get("id"), "questionnaire.question.id",
                       "stands twice in this questionnaire; rename one");
        question.kind = kind(table);
        question.purpose = purpose(table);
        question.text = texts(table, kQuestion, "text", kQuestionMaxChars);
        const bool optioned =
            question.kind == QuestionKind::choice || question.kind == QuestionKind::multi;
        if (optioned) readOptions(table, question);
        if (question.kind == QuestionKind::multi)
            question.atMost = static_cast<std::size_t>(_in.numberOr(
                table, kQuestion, "at-most", 1,
                static_cast<std::int64_t>(std::max<std::size_t>(1, question.options.size())),
                static_cast<std::int64_t>(question.options.size())));
        if (question.kind == QuestionKind::scale) readScale(table, question);
        if (question.kind == QuestionKind::text) readText(table, question);
        refuseOthers(table, question.kind);
        readShowIf(table, question);
        _form.questions.push_back(std::move(question));
    }

    QuestionKind kind(const toml::table& table) {
        const std::string word = _in.text(table, kQuestion, "kind", 16);
        std::vector<std::string_view> known;
        for (const QuestionKind each : kKinds) {
            if (name(each) == word) return each;
            known.push_back(name(each));
        }
        if (_in.ok())
            _in.refuse(table.get("kind"), "questionnaire.question.kind",
                       "unknown kind; use one of " + listed(known) + "." + suggestion(word, known));
        return QuestionKind::choice;
    }

    /// Why it is asked: of a person one of the pack's purposes, else statistics and nothing more.
    std::string purpose(const toml::table& table) {
        std::string wanted = _in.text(table, kQuestion, "purpose", limits::kTokenMaxChars);
        if (!_in.ok()) return wanted;
        if (_form.anonymous) {
            if (wanted != kStatistics)
                _in.refuse(table.get("purpose"), "questionnaire.question.purpose",
                           "an anonymous question is asked for \"statistics\" and nothing else; "
                           "use mode = \"person\" for other purposes");
            return wanted;
        }
        if (_policy.purpose(wanted) == nullptr) {
            std::vector<std::string_view> known;
            for (const consent::Purpose& one : _policy.purposes) known.emplace_back(one.id);
            _in.refuse(table.get("purpose"), "questionnaire.question.purpose",
                       "no [[purpose]] has this id." + suggestion(wanted, known));
        }
        return wanted;
    }

    void readOptions(const toml::table& table, SurveyQuestion& question) {
        const auto options = _in.tables(table, "option", kSurveyOptionsMax);
        if (options.size() < kOptionsMin)
            _in.refuse(&table, kOption, "a question to choose from needs two options at least");
        for (const toml::table* one : options) {
            _in.only(*one, kOption, {"id", "label"});
            SurveyOption option;
            option.id = id(*one, kOption);
            const auto known = question.answers();
            if (_in.ok() && std::find(known.begin(), known.end(), option.id) != known.end())
                _in.refuse(one->get("id"), "questionnaire.question.option.id",
                           "stands twice in this question; rename one");
            option.labels = texts(*one, kOption, "label", kOptionMaxChars);
            question.options.push_back(std::move(option));
        }
    }

    void readScale(const toml::table& table, SurveyQuestion& question) {
        question.from = static_cast<int>(_in.numberOr(table, kQuestion, "min", 0, 1, 1));
        question.to = static_cast<int>(_in.number(table, kQuestion, "max", 2, kScaleMax));
        question.low = texts(table, kQuestion, "low", kEndMaxChars);
        question.high = texts(table, kQuestion, "high", kEndMaxChars);
    }

    void readText(const toml::table& table, SurveyQuestion& question) {
        // What people write tells who they are, whatever they were asked.
        if (_form.anonymous)
            _in.refuse(table.get("kind"), "questionnaire.question.kind",
                       "a free text can name its writer: an anonymous questionnaire has none");
        question.maxChars = static_cast<std::size_t>(_in.numberOr(
            table, kQuestion, "max-chars", 1, static_cast<std::int64_t>(kSurveyTextMaxChars),
            static_cast<std::int64_t>(kSurveyTextMaxChars)));
    }

    /// What belongs to another kind was meant otherwise.
    void refuseOthers(const toml::table& table, QuestionKind kind) {
        const auto belongs = [&](std::string_view key, bool here) {
            if (!here && table.get(key) != nullptr)
                _in.refuse(table.get(key), TomlReader::path(kQuestion, key),
                           "does not belong to a question of kind \"" + std::string(name(kind)) +
                               "\"; remove it");
        };
        belongs("option", kind == QuestionKind::choice || kind == QuestionKind::multi);
        belongs("at-most", kind == QuestionKind::multi);
        for (const char* key : {"min", "max", "low", "high"})
            belongs(key, kind == QuestionKind::scale);
        belongs("max-chars", kind == QuestionKind::text);
    }

    /// Earlier questions alone: so nothing can go round in a circle.
    void readShowIf(const toml::table& table, SurveyQuestion& question) {
        const toml::table* given = _in.section(table, kQuestion, "show-if");
        if (given == nullptr) return;
        const std::string where = "questionnaire.question.show-if";
        _in.only(*given, where, {"question", "answer"});
        ShowIf rule;
        rule.question = _in.text(*given, where, "question", kSurveyIdMaxChars);
        rule.answers = _in.texts(*given, where, "answer", kSurveyOptionsMax);
        if (rule.answers.empty())
            _in.refuse(given, where + ".answer", "is missing; name the answers that lead here");
        if (!_in.ok()) return;
        const SurveyQuestion* before = _form.question(rule.question);
        if (before == nullptr) {
            std::vector<std::string_view> known;
            for (const SurveyQuestion& one : _form.questions) known.emplace_back(one.id);
            _in.refuse(given->get("question"), where + ".question",
                       "no earlier question of this questionnaire has this id." +
                           suggestion(rule.question, known));
            return;
        }
        const auto known = before->answers();
        for (const std::string& answer : rule.answers) {
            if (std::find(known.begin(), known.end(), answer) != known.end()) continue;
            _in.refuse(given->get("answer"), where + ".answer",
                       "\"" + rule.question + "\" has no such answer." +
                           suggestion(answer, {known.begin(), known.end()}));
        }
        question.showIf = std::move(rule);
    }

    /// A person's answers become preferences, an anonymous ballot is of one size: both have an end.
    void checkRoom(const toml::table& table) {
        std::size_t most = 0;
        for (const SurveyQuestion& one : _form.questions)
            most += one.kind == QuestionKind::multi ? one.atMost : 1;
        const std::size_t room = _form.anonymous ? kSurveyBallotMax : kSurveyPreferencesMax;
        if (most > room)
            _in.refuse(&table, kForm,
                       "asks for more answers than are kept of one visitor (" +
                           std::to_string(room) + "); ask fewer questions, or lower at-most");
    }

    TomlReader& _in;
    const consent::Policy& _policy;
    Questionnaire _form;
};

bool overlap(const Questionnaire& a, const Questionnaire& b) {
    return a.anonymous == b.anonymous && a.from < b.until && b.from < a.until;
}

} // namespace

void readReceiptHint(TomlReader& in, const toml::table& root, consent::Policy& policy) {
    // No placeholders: what stands here is what is printed.
    const toml::table* table = in.section(root, {}, "receipt-hint");
    if (table == nullptr) {
        return;
    }
    for (const auto& [language, value] : *table) {
        const std::string key(language.str());
        std::string text = in.text(*table, "receipt-hint", key, kHintMaxChars);
        const auto& known = policy.languages;
        if (std::find(known.begin(), known.end(), key) == known.end()) {
            in.refuse(&value, "receipt-hint", "\"" + key + "\" is no language of this pack");
        }
        if (text.find_first_of("{}") != std::string::npos) {
            in.refuse(&value, TomlReader::path("receipt-hint", key),
                      "holds { or }; placeholders are not filled here");
        }
        policy.receiptHint[key] = std::move(text);
    }
}

std::vector<Questionnaire> readQuestionnaires(TomlReader& in, const toml::table& root,
                                              const consent::Policy& policy) {
    std::vector<Questionnaire> out;
    for (const toml::table* table : in.tables(root, kForm, kQuestionnairesMax)) {
        Questionnaire form = FormReader(in, policy).read(*table);
        for (const Questionnaire& other : out) {
            if (other.id == form.id && other.version == form.version)
                in.refuse(table->get("version"), "questionnaire.version",
                          "stands twice for this id; raise one");
            if (overlap(other, form))
                in.refuse(table->get("from"), "questionnaire.from",
                          "\"" + other.id +
                              "\" is asked at the same time; of each mode there is "
                              "one at a time");
        }
        out.push_back(std::move(form));
    }
    return out;
}

Result<std::vector<Questionnaire>>
questionnairesIn(std::string_view packToml, std::string_view packFile, std::string_view houseToml) {
    const auto house = parseHouse(houseToml);
    if (!house) return passOn(house);
    const auto root = parseToml(houseToml, kHouseFile, kHouseMaxBytes);
    if (!root) return passOn(root);
    auto pack = parsePackWhole(packToml, packFile, *house);
    if (!pack) return passOn(pack);
    std::vector<Questionnaire> all = std::move(pack->questionnaires);
    TomlReader in{std::string(kHouseFile)};
    const auto wanted = in.texts(*root, {}, kAsked, kQuestionnairesMax);
    const auto is = [](const std::string& id) {
        return [&id](const Questionnaire& one) { return one.id == id; };
    };
    for (const std::string& id : wanted) {
        if (std::none_of(all.begin(), all.end(), is(id)))
            return fail(Code::notFound, "the pack has no questionnaire \"" + id + "\"; remove it",
                        std::string(kHouseFile) + ":" +
                            std::to_string(root->get(kAsked)->source().begin.line) + ": " +
                            std::string(kAsked));
    }
    std::erase_if(all, [&](const Questionnaire& one) {
        return std::find(wanted.begin(), wanted.end(), one.id) == wanted.end();
    });
    return all;
}

Result<std::vector<Questionnaire>> questionnairesOf(std::string_view packName,
                                                    std::string_view houseToml) {
    const std::string_view text = builtInPack(packName);
    if (text.empty()) return fail(Code::notFound, "there is no built-in pack of this name", "pack");
    return questionnairesIn(text, std::string(packName) + ".toml", houseToml);
}

} // namespace souffleur::policy
