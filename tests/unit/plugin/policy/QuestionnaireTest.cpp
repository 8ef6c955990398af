#include "plugin/policy/Questionnaire.h"

#include <doctest/doctest.h>

#include "plugin/policy/PackLoader.h"
#include "plugin/wire/Json.h"
#include "plugin/wire/JsonWriter.h"
#include "tests/support/Property.h"

using namespace souffleur;
using namespace souffleur::policy;

namespace {

const char* const kPack = R"(format = 1
id = "tiny"
version = 2
jurisdiction = "NL"
languages = ["nl"]
valid-from = 2026-01-01

[[rule]]
channel = "email"
basis = ["consent"]
source = "Tw 11.7"

[[purpose]]
id = "newsletter"
dpv = "dpv:DirectMarketing"
channels = ["email"]

[[notice]]
purpose = "newsletter"
channel = "email"
language = "nl"
version = 3
label = "Nieuws"
detail = "per e-mail"
line = "Mag {house} u schrijven?"
text = "{house} mag mij schrijven. Stoppen: {withdraw}."

[[questionnaire]]
id = "foyer"
version = 1
mode = "anonymous"
from = 2026-02-01
until = 2026-06-01
title.nl = "Vragen"
intro.nl = "Zonder naam."

[[questionnaire.question]]
id = "first"
kind = "choice"
purpose = "statistics"
text.nl = "Voor het eerst?"
option = [
  { id = "yes", label = { nl = "Ja" } },
  { id = "no", label = { nl = "Nee" } },
]

[[questionnaire.question]]
id = "heard"
kind = "multi"
purpose = "statistics"
text.nl = "Hoe hoorde u het?"
at-most = 2
show-if = { question = "first", answer = "yes" }
option = [
  { id = "a", label = { nl = "A" } },
  { id = "b", label = { nl = "B" } },
  { id = "c", label = { nl = "C" } },
]

[[questionnaire.question]]
id = "mark"
kind = "scale"
purpose = "statistics"
max = 5
text.nl = "Hoe was het?"
low.nl = "slecht"
high.nl = "goed"
show-if = { question = "heard", answer = ["a", "c"] }
)";

std::string with(std::string_view from, std::string_view to) {
    std::string text = kPack;
    const auto at = text.find(from);
    REQUIRE_MESSAGE(at != std::string::npos, std::string(from));
    return text.replace(at, from.size(), to);
}

std::string house(const std::string& asks = "\"foyer\"") {
    std::string out = sampleHouseToml();
    const std::string before = "[\"foyer\"]";
    REQUIRE(out.find(before) != std::string::npos);
    return out.replace(out.find(before), before.size(), "[" + asks + "]");
}

Result<std::vector<Questionnaire>> read(std::string_view toml, const std::string& asks = house()) {
    return questionnairesIn(toml, "tiny.toml", asks);
}

Questionnaire form() {
    auto all = read(kPack);
    REQUIRE_MESSAGE(all.has_value(), (all ? "" : all.error().text()));
    REQUIRE(all->size() == 1);
    return std::move(all->front());
}

/// The same in person mode with a free text.
std::string personPack() {
    std::string text = with("mode = \"anonymous\"", "mode = \"person\"");
    for (auto at = text.find("\"statistics\""); at != std::string::npos;
         at = text.find("\"statistics\""))
        text.replace(at, 12, "\"newsletter\"");
    return text + "\n[[questionnaire.question]]\nid = \"wish\"\nkind = \"text\"\npurpose = "
                  "\"newsletter\"\ntext.nl = \"Wat wilt u zien?\"\nmax-chars = 10\n";
}

using Answers = std::vector<SurveyAnswer>;

const char* codeOf(const Questionnaire& form, const Answers& answers) {
    const auto fault = faultOf(form, answers);
    return fault ? fault->code : "";
}

} // namespace

TEST_CASE("a questionnaire of the pack comes as it is written") {
    const Questionnaire one = form();
    CHECK(one.id == "foyer");
    CHECK(one.version == 1);
    CHECK(one.anonymous);
    CHECK(one.from == *parseTime("2026-02-01"));
    CHECK(one.until == *parseTime("2026-06-01"));
    CHECK(one.title.at("nl") == "Vragen");
    REQUIRE(one.questions.size() == 3);
    CHECK(one.questions[1].atMost == 2);
    CHECK(one.questions[1].showIf->answers == std::vector<std::string>{"yes"});
    CHECK(one.questions[2].answers() == std::vector<std::string>{"1", "2", "3", "4", "5"});
    CHECK(one.question("mark")->high.at("nl") == "goed");
    CHECK(one.question("none") == nullptr);
    wire::JsonWriter out;
    write(out, one, {"nl"});
    CHECK(wire::Json::parse(out.text()).has_value());
}

TEST_CASE("every hole in a questionnaire is one error that names file, line and key") {
    struct Hole {
        const char* from;
        const char* to;
        const char* where;
        const char* says;
    };
    const std::string longText = "text.nl = \"" + std::string(141, 'x') + "\"";
    const Hole holes[] = {
        {"id = \"foyer\"", "id = \"Foyer\"", "tiny.toml:29: questionnaire.id", "small letters"},
        {"id = \"foyer\"", "id = \"a:b\"", "questionnaire.id", "small letters"},
        {"id = \"foyer\"", "id = \"seventeen-letters\"", "questionnaire.id", "too long"},
        {"id = \"foyer\"", "", "questionnaire.id", "missing"},
        {"version = 1\nmode", "version = 1000\nmode", "tiny.toml:30: questionnaire.version",
         "1 to 999"},
        {"mode = \"anonymous\"", "mode = \"anonymos\"", "tiny.toml:31: questionnaire.mode",
         "Did you mean \"anonymous\"?"},
        {"mode = \"anonymous\"", "mode = \"person\"", "questionnaire.question.purpose",
         "no [[purpose]]"},
        {"from = 2026-02-01", "from = 2026-07-01", "questionnaire.until", "later"},
        {"from = 2026-02-01", "from = \"soon\"", "tiny.toml:32: questionnaire.from", "date"},
        {"title.nl = \"Vragen\"", "title.en = \"Questions\"", "questionnaire.title.nl", "missing"},
        {"title.nl = \"Vragen\"", "title.nl = \"Vragen\"\ntitle.fr = \"x\"",
         "tiny.toml:35: questionnaire.title.fr", "no language"},
        {"title.nl = \"Vragen\"", "title = \"Vragen\"", "tiny.toml:34: questionnaire.title",
         "section"},
        {"intro.nl = \"Zonder naam.\"", "", "questionnaire.intro", "every language"},
        {"intro.nl = \"Zonder naam.\"", "intro.nl = \"a\"\ncolour = 1", "questionnaire.colour",
         "unknown"},
        {"kind = \"choice\"", "kind = \"chioce\"", "tiny.toml:39: questionnaire.question.kind",
         "Did you mean \"choice\"?"},
        {"kind = \"choice\"", "kind = \"text\"", "questionnaire.question.kind", "free text"},
        {"kind = \"choice\"", "kind = \"scale\"", "questionnaire.question.max", "missing"},
        {"purpose = \"statistics\"", "purpose = \"newsletter\"",
         "tiny.toml:40: questionnaire.question.purpose", "anonymous"},
        {"purpose = \"statistics\"", "", "questionnaire.question.purpose", "missing"},
        {"text.nl = \"Voor het eerst?\"", longText.c_str(), "questionnaire.question.text.nl",
         "too long"},
        {"  { id = \"no\", label = { nl = \"Nee\" } },\n", "", "questionnaire.question.option",
         "two options"},
        {"id = \"no\"", "id = \"yes\"", "tiny.toml:44: questionnaire.question.option.id", "twice"},
        {"label = { nl = \"Nee\" }", "label = \"Nee\"", "questionnaire.question.option.label",
         "section"},
        {"label = { nl = \"Nee\" }", "lable = { nl = \"Nee\" }", "questionnaire.question.option",
         "Did you mean \"label\"?"},
        {"id = \"heard\"", "id = \"first\"", "tiny.toml:48: questionnaire.question.id", "twice"},
        {"at-most = 2", "at-most = 4", "questionnaire.question.at-most", "1 to 3"},
        {"at-most = 2", "max-chars = 2", "questionnaire.question.max-chars", "does not belong"},
        {"at-most = 2", "max = 2", "questionnaire.question.max", "does not belong"},
        {"question = \"first\"", "question = \"mark\"",
         "tiny.toml:53: questionnaire.question.show-if.question", "no earlier question"},
        {"question = \"first\"", "question = \"heard\"", "show-if.question", "no earlier question"},
        {"question = \"first\"", "question = \"frist\"", "show-if.question",
         "Did you mean \"first\"?"},
        {"answer = \"yes\"", "answer = \"maybe\"", "questionnaire.question.show-if.answer",
         "no such answer"},
        {"answer = \"yes\"", "answers = \"yes\"", "show-if.answers", "Did you mean \"answer\"?"},
        {"question = \"first\", answer = \"yes\"", "question = \"first\"", "show-if.answer",
         "missing"},
        {"answer = [\"a\", \"c\"]", "answer = []", "show-if.answer", "1 to 12"},
        {"max = 5", "max = 11", "questionnaire.question.max", "2 to 10"},
        {"max = 5", "max = 5\nmin = 2", "questionnaire.question.min", "0 to 1"},
        {"low.nl = \"slecht\"", "", "questionnaire.question.low", "missing"},
        {"low.nl = \"slecht\"", "low.nl = \"a\"\noption = []", "questionnaire.question.option",
         "does not belong"},
        {"[[questionnaire]]", "[questionnaire]", "questionnaire", "[[questionnaire]]"},
    };
    for (const Hole& hole : holes) {
        CAPTURE(hole.from);
        CAPTURE(hole.to);
        const auto pack = read(with(hole.from, hole.to));
        REQUIRE_FALSE(pack.has_value());
        CAPTURE(pack.error().text());
        CHECK(pack.error().where.starts_with("tiny.toml"));
        CHECK(pack.error().where.find(hole.where) != std::string::npos);
        CHECK(pack.error().message.find(hole.says) != std::string::npos);
    }
}

TEST_CASE("of each mode one is asked at a time, and a version never means two things") {
    const std::string text = kPack;
    const std::string again = text.substr(text.find("[[questionnaire]]"));
    const auto twice = [&](std::string_view from, std::string_view to) {
        std::string more = again;
        more.replace(more.find(from), from.size(), to);
        return read(text + "\n" + more);
    };
    CHECK(twice("id", "id").error().message.find("stands twice") != std::string::npos);
    CHECK(twice("version = 1", "version = 2").error().message.find("same time") !=
          std::string::npos);
    const auto later = twice("version = 1\nmode = \"anonymous\"\nfrom = 2026-02-01\nuntil = "
                             "2026-06-01",
                             "version = 2\nmode = \"anonymous\"\nfrom = 2026-06-01");
    REQUIRE_MESSAGE(later.has_value(), (later ? "" : later.error().text()));
    const auto& all = *later;
    CHECK(activeAt(all, true, *parseTime("2026-01-31")) == nullptr);
    CHECK(activeAt(all, true, *parseTime("2026-02-01"))->version == 1);
    CHECK(activeAt(all, true, *parseTime("2026-06-01") - 1)->version == 1);
    CHECK(activeAt(all, true, *parseTime("2026-06-01"))->version == 2);
    CHECK(activeAt(all, true, *parseTime("2036-06-01"))->version == 2);
    CHECK(activeAt(all, false, *parseTime("2026-06-01")) == nullptr);
    CHECK(policy::find(all, "foyer", 2) == &all[1]);
    CHECK(policy::find(all, "foyer", 3) == nullptr);
}

TEST_CASE("a house asks what it names, and nothing because a pack has it") {
    std::string none = sampleHouseToml();
    none.erase(none.find("questionnaires"), std::string("questionnaires = [\"foyer\"]").size());
    CHECK(read(kPack, none)->empty());
    const auto unknown = read(kPack, house("\"foyr\""));
    CHECK(unknown.error().code == Code::notFound);
    CHECK(unknown.error().where.find("house.toml:") == 0);
    CHECK(unknown.error().where.find(": questionnaires") != std::string::npos);
    CHECK(read(kPack, house("5")).error().code == Code::invalid);
    CHECK(questionnairesOf("xx", house()).error().code == Code::notFound);
    const auto built = questionnairesOf("nl", sampleHouseToml());
    REQUIRE_MESSAGE(built.has_value(), (built ? "" : built.error().text()));
    REQUIRE(built->size() == 1);
    CHECK(built->front().anonymous);
    for (const SurveyQuestion& question : built->front().questions)
        CHECK(question.text.size() == 7);
    CHECK(questionnairesOf("nl", house("\"foyer\", \"taste\""))->size() == 2);
    CHECK(questionnairesOf("gb", sampleHouseToml("gb"))->empty());
    // A hole in what is not asked is one all the same.
    CHECK_FALSE(
        PackLoader(sampleHouse()).check(with("kind = \"choice\"", "kind = 1"), "tiny.toml"));
}

TEST_CASE("an answer is one of those that there are, to a question that was asked, once") {
    const Questionnaire one = form();
    CHECK(codeOf(one, {}) == std::string());
    CHECK(codeOf(one, {{"first", {"yes"}}}) == std::string());
    CHECK(codeOf(one, {{"heard", {"a", "b"}}, {"first", {"yes"}}, {"mark", {"3"}}}) ==
          std::string());
    CHECK(codeOf(one, {{"first", {"maybe"}}}) == std::string("out-of-range"));
    CHECK(codeOf(one, {{"first", {}}}) == std::string("out-of-range"));
    CHECK(codeOf(one, {{"first", {"yes", "no"}}}) == std::string("too-long"));
    CHECK(codeOf(one, {{"other", {"yes"}}}) == std::string("out-of-range"));
    CHECK(codeOf(one, {{"first", {"yes"}}, {"first", {"no"}}}) == std::string("twice"));
    CHECK(codeOf(one, {{"first", {"yes"}}, {"heard", {"a", "a"}}}) == std::string("twice"));
    CHECK(codeOf(one, {{"first", {"yes"}}, {"heard", {"a", "b", "c"}}}) == std::string("too-long"));
    CHECK(codeOf(one, {{"first", {"no"}}, {"heard", {"a"}}}) == std::string("not-asked"));
    CHECK(codeOf(one, {{"heard", {"a"}}}) == std::string("not-asked"));
    CHECK(codeOf(one, {{"first", {"yes"}}, {"heard", {"b"}}, {"mark", {"3"}}}) ==
          std::string("not-asked"));
    CHECK(codeOf(one, {{"first", {"yes"}}, {"heard", {"a"}}, {"mark", {"0"}}}) ==
          std::string("out-of-range"));
    // The question that leads there was itself not asked: its answer counts for nothing.
    CHECK(codeOf(one, {{"first", {"no"}}, {"mark", {"3"}}}) == std::string("not-asked"));
}

TEST_CASE("a person's answers become preferences that say which questionnaire they are of") {
    const auto pack = read(personPack());
    REQUIRE_MESSAGE(pack.has_value(), (pack ? "" : pack.error().text()));
    const Questionnaire& one = pack->front();
    CHECK_FALSE(one.anonymous);
    const Answers said{{"first", {"yes"}}, {"heard", {"a", "c"}}, {"wish", {"Шекспира"}}};
    CHECK(codeOf(one, said) == std::string());
    CHECK(preferencesOf(one, said) ==
          std::map<std::string, std::string>{{"survey:foyer@1:first", "yes"},
                                             {"survey:foyer@1:heard:a", "yes"},
                                             {"survey:foyer@1:heard:c", "yes"},
                                             {"survey:foyer@1:wish", "Шекспира"}});
    CHECK(codeOf(one, {{"wish", {"ten letters"}}}) == std::string("too-long"));
    CHECK(codeOf(one, {{"wish", {""}}}) == std::string("out-of-range"));
    CHECK(codeOf(one, {{"wish", {"a\nb"}}}) == std::string("out-of-range"));
    CHECK(codeOf(one, {{"wish", {"\xff"}}}) == std::string("out-of-range"));
}

PROPERTY("never is an answer sound whose condition does not hold", [] {
    static const Questionnaire one = form();
    static const std::vector<std::string> values{"yes", "no", "a", "b", "c", "1", "5", "zzz"};
    Answers answers;
    for (int i = *rc::gen::inRange(0, 5); i > 0; --i) {
        SurveyAnswer answer;
        answer.question = *rc::gen::element<std::string>("first", "heard", "mark", "none");
        for (int n = *rc::gen::inRange(0, 4); n > 0; --n)
            answer.values.push_back(*rc::gen::elementOf(values));
        answers.push_back(answer);
    }
    if (faultOf(one, answers)) return;
    for (const SurveyAnswer& answer : answers) {
        const SurveyQuestion* question = one.question(answer.question);
        RC_ASSERT(question != nullptr);
        RC_ASSERT(isAsked(one, *question, answers));
        if (!question->showIf) continue;
        const auto before = std::find_if(answers.begin(), answers.end(), [&](const auto& other) {
            return other.question == question->showIf->question;
        });
        RC_ASSERT(before != answers.end());
        RC_ASSERT(std::any_of(before->values.begin(), before->values.end(), [&](const auto& value) {
            const auto& wanted = question->showIf->answers;
            return std::find(wanted.begin(), wanted.end(), value) != wanted.end();
        }));
    }
})

PROPERTY("a pack that was cut, doubled or scribbled in is a pack or one error", [] {
    std::string text = personPack();
    const auto at = [&] { return *rc::gen::inRange<std::size_t>(0, text.size()); };
    for (int n = *rc::gen::inRange(1, 4); n > 0; --n) {
        const std::size_t from = at();
        const std::size_t size = *rc::gen::inRange<std::size_t>(0, 40);
        switch (*rc::gen::inRange(0, 3)) {
        case 0:
            text.erase(from, size);
            break;
        case 1:
            text.insert(at(), text.substr(from, size));
            break;
        default:
            text[from] = static_cast<char>(*rc::gen::inRange(1, 256));
        }
    }
    const auto pack = read(text);
    if (!pack) {
        RC_ASSERT(!pack.error().where.empty());
        return;
    }
    for (const Questionnaire& one : *pack) {
        for (const SurveyQuestion& question : one.questions) {
            if (question.showIf) RC_ASSERT(one.question(question.showIf->question) < &question);
        }
    }
})
