#include "plugin/policy/PackLoader.h"

#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>

#include "plugin/policy/WordingSet.h"
#include "tests/support/Property.h"
#include "tests/support/TemporaryFolder.h"

using namespace souffleur;
using namespace souffleur::policy;

namespace {

const char* const kSmall = R"(format = 1
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
)";

std::string with(std::string_view from, std::string_view to) {
    std::string text = kSmall;
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

PackLoader loader() {
    return PackLoader(sampleHouse());
}

} // namespace

TEST_CASE("every built-in pack loads, complete in seven languages, placeholders resolved") {
    REQUIRE(builtInPacks().size() == 6);
    for (const std::string& id : builtInPacks()) {
        CAPTURE(id);
        const PackLoader packs(sampleHouse(id));
        const auto policy = packs.builtIn(id);
        if (!policy) {
            FAIL(policy.error().text());
        }
        CHECK(policy->id == id);
        CHECK(policy->sha256.size() == 64);
        CHECK(policy->languages.size() == 7);
        CHECK(policy->situations.size() == 4);
        CHECK(builtInPack(id).find("lawyer") != std::string_view::npos);
        for (const auto& purpose : policy->purposes) {
            for (const auto& channel : purpose.channels) {
                for (const auto& language : policy->languages) {
                    CAPTURE(purpose.id);
                    CAPTURE(channel);
                    CAPTURE(language);
                    const auto* notice = policy->notice(purpose.id, channel, language);
                    REQUIRE(notice != nullptr);
                    CHECK(notice->ref.language == language);
                    CHECK(notice->ref.sha256 == wordingHash(*notice));
                    CHECK(wordingBytes(*notice).find_first_of("{}") == std::string::npos);
                    CHECK(notice->text.find(policy->controller.name) != std::string::npos);
                    CHECK(notice->line.find(policy->controller.name) != std::string::npos);
                    CHECK(notice->text.find(policy->controller.withdrawUrl) != std::string::npos);
                    CHECK(notice->text.find(policy->controller.phone) != std::string::npos);
                    CHECK(notice->label.size() > 2);
                    const auto* rule = policy->rule(purpose.id, channel, policy->validFrom);
                    REQUIRE(rule != nullptr);
                    CHECK(!rule->source.empty());
                    CHECK(rule->minAge >= 13);
                }
            }
        }
    }
}

TEST_CASE("texts differ from language to language") {
    const auto policy = loader().builtIn("nl");
    REQUIRE(policy);
    for (const auto& purpose : policy->purposes) {
        for (const auto& [channel, notices] : purpose.notices) {
            std::set<std::string> lines;
            for (const auto& [language, notice] : notices) {
                lines.insert(notice.line);
            }
            CHECK(lines.size() == notices.size());
        }
    }
}

TEST_CASE("the packs say what the law table says") {
    const auto pack = [](const char* id) {
        auto policy = PackLoader(sampleHouse(id)).builtIn(id);
        REQUIRE(policy);
        return *policy;
    };
    const auto nl = pack("nl");
    CHECK(nl.rule("personal-offers", "phone", nl.validFrom)->basis ==
          std::set{consent::Basis::consent});
    CHECK(nl.rule("newsletter", "email", nl.validFrom)->basis.contains(consent::Basis::softOptIn));
    CHECK(!nl.rule("partner:museum-zuid", "email", nl.validFrom)
               ->basis.contains(consent::Basis::softOptIn));
    CHECK(pack("gb")
              .rule("personal-offers", "phone", kMaxTime - 1)
              ->basis.contains(consent::Basis::legitimateInterest));
    CHECK(pack("de").rule("newsletter", "email", kMaxTime - 1)->doubleOptIn);
    const auto ru = pack("ru");
    CHECK(ru.region == "RU");
    CHECK(ru.purpose("social-audience") == nullptr);
    CHECK(ru.rule("newsletter", "email", ru.validFrom)->separateDocument);
    CHECK(
        !ru.rule("newsletter", "email", ru.validFrom)->evidence.contains(consent::Method::spoken));
    CHECK(ru.purpose("personal-data") != nullptr);
    for (const consent::Purpose& purpose : ru.purposes) {
        for (const consent::Token& channel : purpose.channels) {
            const auto needed = ru.prerequisite(purpose.id, channel, ru.validFrom);
            CAPTURE(purpose.id);
            CHECK(needed.has_value() == (channel != consent::kRecordChannel));
            if (needed)
                CHECK(*needed == std::pair<consent::Token, consent::Token>(
                                     "personal-data", consent::kRecordChannel));
        }
    }
    CHECK(pack("es-ct").languages.front() == "ca");
}

TEST_CASE("a house's partners become purposes of their own") {
    House house = sampleHouse();
    house.partners = {{"a", "Museum A"}, {"b", "Museum B"}};
    const auto policy = PackLoader(house).builtIn("nl");
    REQUIRE(policy);
    REQUIRE(policy->purpose("partner:b") != nullptr);
    CHECK(policy->purpose("partner:b")->partner == "b");
    CHECK(policy->notice("partner:b", "email", "nl")->label == "Museum B");
    CHECK(policy->notice("partner:b", "email", "nl")->ref.id == "partner-email:b");
    house.partners.clear();
    CHECK(PackLoader(house).builtIn("nl")->purpose("partner:a") == nullptr);
}

TEST_CASE("a small pack of one's own loads") {
    const auto policy = loader().check(kSmall, "tiny.toml");
    if (!policy) {
        FAIL(policy.error().text());
    }
    const auto* notice = policy->notice("newsletter", "email", "nl");
    REQUIRE(notice != nullptr);
    CHECK(notice->line == "Mag Theater Het Voorhuis u schrijven?");
    CHECK(notice->ref.id == "tiny-newsletter-email");
    CHECK(notice->ref.version == 301);
}

TEST_CASE("every hole in a pack is one error that names file, line and key") {
    struct Hole {
        const char* from;
        const char* to;
        const char* where;
        const char* says;
    };
    const std::string longLine(300, 'x');
    const std::string longText = "text = \"{house} {withdraw} " + std::string(1300, 'x') + "\"";
    const std::string lineKey = "line = \"" + longLine + "\"";
    const Hole holes[] = {
        {"format = 1", "format = 2", "tiny.toml:1: format", "1 to 1"},
        {"format = 1", "", "tiny.toml:1: format", "missing"},
        {"format = 1", "[[[", "tiny.toml", "not TOML"},
        {"version = 2", "version = 0", "tiny.toml:3: version", "from 1"},
        {"version = 2", "version = \"2\"", "tiny.toml:3: version", "whole number"},
        {"version = 2", "version = 2\nversoin = 3", "tiny.toml:4: versoin",
         "Did you mean \"version\"?"},
        {"id = \"tiny\"", "id = \"Tiny Pack\"", "tiny.toml:2: id", "small letters"},
        {"jurisdiction = \"NL\"", "", "jurisdiction", "missing"},
        {"languages = [\"nl\"]", "languages = []", "tiny.toml:5: languages", "1 to 16"},
        {"languages = [\"nl\"]", "languages = [\"nl\", \"nl\"]", "languages", "twice"},
        {"languages = [\"nl\"]", "languages = [\"n l\"]", "tiny.toml:5: languages", "BCP 47"},
        {"languages = [\"nl\"]", "languages = [\"nl\", \"fr\"]", "tiny.toml:13: purpose.channels",
         "no notice for email in fr"},
        {"valid-from = 2026-01-01", "valid-from = 2026-02-30", "tiny.toml:6", "not TOML"},
        {"valid-from = 2026-01-01", "valid-from = \"soon\"", "tiny.toml:6: valid-from", "date"},
        {"valid-from = 2026-01-01", "valid-from = 1812-01-01", "tiny.toml:6: valid-from", "date"},
        {"valid-from = 2026-01-01", "valid-from = 2026-01-01\nvalid-to = 2025-01-01",
         "tiny.toml:7: valid-to", "later"},
        {"valid-from = 2026-01-01", "wordings = \"standard-9\"", "tiny.toml:6: wordings",
         "standard-1"},
        {"channel = \"email\"\nbasis", "channel = \"e-mail\"\nbasis", "tiny.toml:9: rule.channel",
         "Did you mean \"email\"?"},
        {"channel = \"email\"\nbasis", "basis", "rule.channel", "missing"},
        {"channel = \"email\"\nbasis", "channel = \"sms\"\nbasis", "purpose.channels",
         "channel email of purpose newsletter has no rule"},
        {"basis = [\"consent\"]", "basis = [\"concent\"]", "tiny.toml:10: rule.basis",
         "Did you mean \"consent\"?"},
        {"basis = [\"consent\"]", "", "rule.basis", "missing"},
        {"basis = [\"consent\"]", "basis = [\"soft-opt-in\"]", "rule.soft-months", "lapse"},
        {"basis = [\"consent\"]", "basis = [\"legacy\"]", "rule.legacy-months", "lapse"},
        {"basis = [\"consent\"]", "basis = [\"consent\"]\nevidence = [\"shouted\"]",
         "tiny.toml:11: rule.evidence", "unknown word"},
        {"basis = [\"consent\"]", "basis = [\"consent\"]\nlift-evidence = [\"import\"]",
         "tiny.toml:11: rule.lift-evidence", "never lift"},
        {"basis = [\"consent\"]", "basis = [\"consent\"]\nmin-age = 100", "rule.min-age",
         "0 to 99"},
        {"basis = [\"consent\"]", "basis = [\"consent\"]\ndouble-opt-in = \"yes\"",
         "rule.double-opt-in", "true or false"},
        {"basis = [\"consent\"]", "basis = [\"consent\"]\npurpose = \"newsleter\"", "rule.purpose",
         "Did you mean \"newsletter\"?"},
        {"basis = [\"consent\"]", "basis = [\"consent\"]\nneeds = \"newsleter\"", "rule.needs",
         "Did you mean \"newsletter\"?"},
        {"basis = [\"consent\"]",
         "basis = [\"consent\"]\nvalid-from = 2026-05-01\nvalid-to = 2026-04-01", "rule.valid-to",
         "later"},
        {"basis = [\"consent\"]", "basis = [\"consent\"]\nvalid-to = 2027-01-01",
         "purpose.channels", "no rule on 2027-01-01"},
        {"source = \"Tw 11.7\"", "", "rule.source", "missing"},
        {"source = \"Tw 11.7\"",
         "source = \"a\"\n[[rule]]\nchannel = \"email\"\nbasis = \"consent\"\nsource = \"b\"",
         "tiny.toml: rule", "valid at the same time"},
        {"[[rule]]", "[rule]", "tiny.toml:8: rule", "[[rule]]"},
        {"[[purpose]]\nid", "[[purpose]]\ncolor = 1\nid", "tiny.toml:14: purpose.color", "unknown"},
        {"channels = [\"email\"]", "channels = [\"email\", \"sms\"]", "tiny.toml:13", "sms"},
        {"channels = [\"email\"]", "", "purpose.channels", "missing"},
        {"[[notice]]",
         "[[purpose]]\nid = \"newsletter\"\ndpv = \"x\"\nchannels = [\"email\"]\n[[notice]]",
         "purpose.id", "twice"},
        {"purpose = \"newsletter\"", "purpose = \"news\"", "tiny.toml:19: notice.purpose",
         "no [[purpose]]"},
        {"language = \"nl\"\nversion", "language = \"en\"\nversion", "tiny.toml:13",
         "no notice for email in nl"},
        {"label = \"Nieuws\"", "label = \"\"", "notice.label", "not empty"},
        {"label = \"Nieuws\"", "label = \"a\\u001Bb\"", "notice.label", "control"},
        {"label = \"Nieuws\"", "label = \"Donaudampfschifffahrtsgesellschaft\"",
         "tiny.toml:18: notice.label", "32 columns"},
        {"line = \"Mag {house} u schrijven?\"", lineKey.c_str(), "notice.line", "too long"},
        {"{house} u schrijven", "{huis} u schrijven", "tiny.toml:18: notice.line",
         "{huis} is no placeholder"},
        {"{house} u schrijven", "{house u schrijven", "notice.line", "without its partner"},
        {"Stoppen: {withdraw}.", "", "tiny.toml:18: notice.text", "how to withdraw"},
        {"text = \"{house} mag mij schrijven. Stoppen: {withdraw}.\"", longText.c_str(),
         "notice.text", "too long"},
        {"[[rule]]", "[reask]\nrefused = -2\n[[rule]]", "reask.refused", "-1"},
        {"[[rule]]", "[reask]\nvisit-hours = 0\n[[rule]]", "reask.visit-hours", "1 to 72"},
        {"[[rule]]", "[reask]\nvisit-hours = 73\n[[rule]]", "reask.visit-hours", "1 to 72"},
        {"[[rule]]", "[situation.cinema]\nask = true\n[[rule]]", "situation.cinema", "unknown"},
        {"[[rule]]", "[situation.school]\nask = true\nstore-people = false\n[[rule]]",
         "situation.school", "ask = false"},
        {"valid-from = 2026-01-01", "questions-per-sale = 11", "questions-per-sale", "1 to 10"},
        {"valid-from = 2026-01-01", "retention-months = 0", "retention-months", "1 to 600"},
    };
    for (const Hole& hole : holes) {
        CAPTURE(hole.from);
        CAPTURE(hole.to);
        const auto policy = loader().check(with(hole.from, hole.to), "tiny.toml");
        REQUIRE(!policy);
        CAPTURE(policy.error().text());
        CHECK(policy.error().where.starts_with("tiny.toml"));
        CHECK(policy.error().where.find(hole.where) != std::string::npos);
        CHECK(policy.error().message.find(hole.says) != std::string::npos);
    }
}

TEST_CASE("rules that follow each other do not overlap") {
    const auto policy = loader().check(
        with("source = \"Tw 11.7\"",
             "source = \"a\"\nvalid-to = 2027-01-01\n[[rule]]\nchannel = \"email\"\nbasis = "
             "\"consent\"\nmin-age = 18\nvalid-from = 2027-01-01\nsource = \"b\""),
        "tiny.toml");
    REQUIRE(policy);
    CHECK(policy->rule("newsletter", "email", *parseTime("2026-12-31"))->minAge == 0);
    CHECK(policy->rule("newsletter", "email", *parseTime("2027-01-01"))->minAge == 18);
}

TEST_CASE("a used wording is frozen: the same id and version may not say something else") {
    const auto before = loader().check(kSmall, "tiny.toml");
    REQUIRE(before);
    FrozenWordings frozen;
    for (const auto* notice : wordingsOf(*before)) {
        frozen[wordingKey(notice->ref)] = notice->ref.sha256;
    }
    const PackLoader later(sampleHouse(), frozen);
    CHECK(later.check(kSmall, "tiny.toml"));
    for (const char* part :
         {"label = \"Nieuws\"", "detail = \"per e-mail\"", "u schrijven?", "mij schrijven."}) {
        std::string changed = part;
        changed.insert(changed.size() - 1, " !");
        const auto after = later.check(with(part, changed), "tiny.toml");
        REQUIRE(!after);
        CHECK(after.error().code == Code::conflict);
        CHECK(after.error().where == "tiny.toml: notice tiny-newsletter-email@301/nl");
    }
    auto renewed = with("version = 3", "version = 4");
    renewed.replace(renewed.find("per e-mail"), 10, "per brief ");
    CHECK(later.check(renewed, "tiny.toml"));
    House moved = sampleHouse();
    moved.controller.withdrawUrl = "https://other.example.org/w";
    CHECK(PackLoader(moved, frozen).check(kSmall, "tiny.toml").error().code == Code::conflict);
    moved.wordingRevision = 2;
    CHECK(PackLoader(moved, frozen).check(kSmall, "tiny.toml"));
}

TEST_CASE("a pack from outside needs a signature by a trusted key") {
    SeededRandom random(7);
    const auto key = crypto::SigningKey::generate(random);
    const auto stranger = crypto::SigningKey::generate(random);
    const PackLoader packs(sampleHouse(), {}, {key.publicKey()});
    CHECK(packs.bytes(kSmall, "tiny.toml", signPack(kSmall, key)));
    CHECK(packs.bytes(kSmall, "tiny.toml", signPack(kSmall, stranger)).error().code ==
          Code::refused);
    CHECK(packs.bytes(with("version = 2", "version = 9"), "tiny.toml", signPack(kSmall, key))
              .error()
              .code == Code::refused);
    CHECK(packs.bytes(kSmall, "tiny.toml", "").error().code == Code::refused);
    CHECK(loader().bytes(kSmall, "tiny.toml", signPack(kSmall, key)).error().code == Code::refused);

    const test::TemporaryFolder folder;
    const auto path = folder.path() / "tiny.toml";
    std::ofstream(path) << kSmall;
    CHECK(packs.file(path).error().code == Code::refused);
    std::ofstream(path.string() + ".sig") << signPack(kSmall, key);
    CHECK(packs.file(path));
    CHECK(packs.file(folder.path() / "none.toml").error().code == Code::notFound);
    std::ofstream(path, std::ios::app) << std::string(kPackMaxBytes, '#');
    CHECK(packs.file(path).error().code == Code::tooLarge);
}

TEST_CASE("an unknown built-in pack is named as such") {
    CHECK(loader().builtIn("atlantis").error().code == Code::notFound);
    CHECK(loader().builtIn("../nl").error().code == Code::notFound);
}

PROPERTY("any damage to a pack gives a policy or an error with a place, never a crash",
         [](std::uint16_t at, std::uint8_t byte, std::uint8_t length) {
             std::string text = kSmall;
             const auto from = at % text.size();
             text.replace(from, length % 16U, 1, static_cast<char>(byte));
             const auto policy = PackLoader(sampleHouse()).check(text, "p.toml");
             RC_ASSERT(policy || policy.error().where.starts_with("p.toml"));
         });

TEST_CASE("a line on receipts is off unless the pack words it") {
    for (const std::string& id : builtInPacks())
        CHECK(PackLoader(sampleHouse(id)).builtIn(id)->receiptHint.empty());
    const auto hint = [](const std::string& section) {
        return loader().check(kSmall + ("\n[receipt-hint]\n" + section), "tiny.toml");
    };
    CHECK(hint("nl = \"Vraag naar onze nieuwsbrief\"")->receiptHint.at("nl") ==
          "Vraag naar onze nieuwsbrief");
    for (const char* wrong :
         {"ru = \"x\"", "nl = \"\"", "nl = \"{house}\"", "nl = 1", "nl = \"a\\nb\"",
          "nl = \"1234567890123456789012345678901234567890123\""}) {
        CAPTURE(wrong);
        const auto policy = hint(wrong);
        REQUIRE_FALSE(policy);
        CHECK(policy.error().where.find("receipt-hint") != std::string::npos);
    }
}
