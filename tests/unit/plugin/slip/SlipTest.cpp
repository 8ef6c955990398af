#include "plugin/slip/Slip.h"

#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "Paths.h"
#include "drivers/escpos/Encoder.h"
#include "plugin/slip/SlipWords.h"
#include "tests/unit/plugin/slip/Sample.h"

using namespace souffleur;
using namespace souffleur::slip;

namespace {

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const auto& line : lines) {
        text += line + "\n";
    }
    return text;
}

std::string oneLine(const consent::Event& event, const consent::Policy& policy,
                    const std::string& language) {
    const auto slip = slipDocument(event, policy, test::sampleHandle(), language, {64});
    return slip ? joined(slipText(*slip, 64)) : slip.error().text();
}

/// On one line, however long.
std::string flat(std::string text) {
    std::ranges::replace(text, '\n', ' ');
    return text;
}

std::size_t width(std::string_view line) {
    return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

/// Compares with tests/golden/consent-slips; SOUFFLEUR_GOLDEN=write writes it anew.
void golden(const std::string& name, const std::string& now) {
    const auto path = std::filesystem::path(kSourceDir) / "tests/golden/consent-slips" / name;
    if (const char* mode = std::getenv("SOUFFLEUR_GOLDEN");
        mode != nullptr && std::string_view(mode) == "write") {
        std::ofstream(path, std::ios::binary) << now;
    }
    std::ifstream in(path, std::ios::binary);
    const std::string before((std::istreambuf_iterator<char>(in)), {});
    CAPTURE(name);
    CHECK(before == now);
}

} // namespace

TEST_CASE("slips in seven languages on two widths are as frozen") {
    const auto policy = test::samplePolicy();
    for (const auto& language : slipLanguages()) {
        const auto event = test::sampleEvent(policy, language);
        for (const int columns : {42, 32}) {
            const auto slip =
                slipDocument(event, policy, test::sampleHandle(), language, {columns});
            REQUIRE(slip);
            const std::string name = language + "-" + std::to_string(columns);
            golden(name + ".txt", joined(slipText(*slip, columns)));
            escpos::Profile profile;
            profile.columns = columns;
            profile.widthDots = columns == 42 ? 512 : 384;
            profile.paperWidthMm = columns == 42 ? 80 : 58;
            profile.codePages = {{17, escpos::CodePage::cp866}, {19, escpos::CodePage::cp858}};
            const auto bytes = escpos::Encoder(profile).encode(*slip);
            REQUIRE(bytes);
            // Letters outside the pages are drawn by the machine's fonts: not for a golden.
            if (language == "nl" || language == "ru") {
                golden(name + ".bin", std::string(bytes->begin(), bytes->end()));
            }
        }
    }
}

TEST_CASE("no line is clipped: every wording of every pack, both widths, every language") {
    for (const auto& pack : policy::builtInPacks()) {
        const auto policy = test::samplePolicy(pack.c_str());
        for (const auto& language : slipLanguages()) {
            consent::Event event = test::sampleEvent(policy, language);
            auto& act = std::get<consent::Act>(event.body);
            act.choices.clear();
            for (const auto& purpose : policy.purposes) {
                for (const auto& channel : purpose.channels) {
                    act.choices.push_back(
                        test::choice(purpose.id.c_str(), channel.c_str(), consent::Choice::given));
                    policy.freeze(act.choices.back(), act.method, event.at, true, false, language);
                }
            }
            for (const int columns : {42, 32}) {
                CAPTURE(pack);
                CAPTURE(language);
                CAPTURE(columns);
                const auto slip =
                    slipDocument(event, policy, test::sampleHandle(), language, {columns});
                REQUIRE(slip);
                for (const auto& line : slipText(*slip, columns)) {
                    if (line.starts_with("[qr")) {
                        continue;
                    }
                    const auto big = line.find("# ");
                    const std::size_t taken =
                        big == std::string::npos ? width(line) : big + 2 * (width(line) - big - 2);
                    CAPTURE(line);
                    CHECK(taken <= static_cast<std::size_t>(columns));
                }
                // The number to ring stands on one line.
                CHECK(joined(slipText(*slip, columns)).find(policy.controller.phone) !=
                      std::string::npos);
                // No word is broken either, but for the ids of wordings.
                for (const auto& block : slip->blocks()) {
                    const auto* paragraph = std::get_if<escpos::Paragraph>(&block);
                    if (paragraph == nullptr) {
                        continue;
                    }
                    for (const auto& span : paragraph->spans) {
                        std::size_t longest = 0;
                        std::size_t run = 0;
                        for (const char c : span.text) {
                            run = c == ' ' ? 0
                                           : run + ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U
                                                        ? 1U
                                                        : 0U);
                            longest = std::max(longest, run);
                        }
                        CAPTURE(span.text);
                        CHECK((span.text.find('@') != std::string::npos ||
                               longest * (span.style.big ? 2U : 1U) <=
                                   static_cast<std::size_t>(columns)));
                    }
                }
            }
        }
    }
}

TEST_CASE("what was said is a sentence each") {
    const auto policy = test::samplePolicy();
    const auto text = flat(oneLine(test::sampleEvent(policy, "nl"), policy, "nl"));
    CHECK(text.find("U zei ja, nog te bevestigen: Nieuwsbrief, per e-mail, eens per") !=
          std::string::npos);
    CHECK(text.find("U zei nee: Seizoensbrochure, per post, eens per jaar.") != std::string::npos);
    CHECK(text.find("Nog te beslissen: Museum Zuid, nieuws per e-mail.") != std::string::npos);
    // A house may send no mail: what waits is said, and no message is promised.
    CHECK(text.find("Wat nog te bevestigen is, telt pas daarna") != std::string::npos);
    CHECK(text.find("bericht van ons") == std::string::npos);
    CHECK(text.find("22-11-2026, 20:41") != std::string::npos);
    CHECK(text.find("Tekst, versie 101: Nieuwsbrief (newsletter-email), Seizoensbrochure "
                    "(brochure-post), Museum Zuid (") != std::string::npos);
    CHECK(text.find('@') == std::string::npos);
    CHECK(text.find("+31 30 000 0000") != std::string::npos);
    CHECK(text.find("[qr https://voorhuis.example.org/w#") != std::string::npos);

    consent::Event event = test::sampleEvent(policy, "nl");
    auto& act = std::get<consent::Act>(event.body);
    act.choices = {test::choice("*", "*", consent::Choice::objected)};
    CHECK(oneLine(event, policy, "nl").find("U wilt geen berichten") != std::string::npos);
    act.choices = {test::choice("*", "phone", consent::Choice::withdrawn)};
    CHECK(oneLine(event, policy, "en").find("You withdrew: everything, by telephone.") !=
          std::string::npos);
    act.choices = {test::choice("newsletter", "*", consent::Choice::refused)};
    CHECK(oneLine(event, policy, "en").find("You said no: Newsletter.") != std::string::npos);
    act.choices = {test::choice("gone", "email", consent::Choice::refused)};
    CHECK(oneLine(event, policy, "xx").find("U zei nee: gone, per e-mail.") != std::string::npos);
}

TEST_CASE("a yes that counts is no yes that waits") {
    const auto policy = test::samplePolicy();
    auto event = test::sampleEvent(policy, "nl");
    auto& act = std::get<consent::Act>(event.body);
    act.choices[0].confirm = true;
    act.choices[1].choice = consent::Choice::given;
    act.choices[1].confirm = false;
    const std::string text = flat(oneLine(event, policy, "nl"));
    CHECK(text.find("U zei ja, nog te bevestigen: Nieuwsbrief") != std::string::npos);
    CHECK(text.find("U zei ja: Seizoensbrochure") != std::string::npos);
    // Nothing says that the house does not write at all.
    CHECK(text.find("schrijven wij u daarvoor niet") != std::string::npos);
    CHECK(text.find("schrijven wij u niet") == std::string::npos);
}

TEST_CASE("wordings are told by name and id, with the version and a language not the slip's") {
    const auto policy = test::samplePolicy();
    auto event = test::sampleEvent(policy, "nl");
    auto& act = std::get<consent::Act>(event.body);
    act.choices[1].notice.version = 102;
    act.choices[2].purpose = "gone";
    const std::string text = flat(oneLine(event, policy, "en"));
    CHECK(text.find("Wording, version 101 (nl): Nieuwsbrief (newsletter-email), Museum Zuid (" +
                    act.choices[2].notice.id + ").") != std::string::npos);
    CHECK(text.find("Wording, version 102 (nl): brochure-post.") != std::string::npos);
}

TEST_CASE("new words never stand beside the version that was answered to") {
    auto policy = test::samplePolicy();
    const auto event = test::sampleEvent(policy, "nl");
    for (auto& purpose : policy.purposes) {
        for (auto& [channel, languages] : purpose.notices) {
            for (auto& [language, notice] : languages) {
                if (notice.ref.id != "newsletter-email") continue;
                notice.ref.version = 102;
                notice.ref.sha256 = std::string(64, 'b');
                notice.label = "Daily offers";
                notice.detail = "from everybody, every hour";
            }
        }
    }
    for (const char* language : {"nl", "en"}) {
        CAPTURE(language);
        const std::string text = flat(oneLine(event, policy, language));
        CHECK(text.find("Daily offers") == std::string::npos);
        CHECK(text.find("every hour") == std::string::npos);
        CHECK(text.find("newsletter-email, Seizoensbrochure (brochure-post)") != std::string::npos);
    }
}

TEST_CASE("only an answer with this very code is printed") {
    const auto policy = test::samplePolicy();
    auto event = test::sampleEvent(policy, "nl");
    SeededRandom random(1);
    CHECK(!slipDocument(event, policy, crypto::randomHandle(random), "nl"));
    CHECK(!slipDocument(event, policy, test::sampleHandle(), "nl", {10}));
    std::get<consent::Act>(event.body).withdrawHandleHash.clear();
    CHECK(!slipDocument(event, policy, test::sampleHandle(), "nl"));
    event.body = consent::Erase{};
    CHECK(!slipDocument(event, policy, test::sampleHandle(), "nl"));
}

TEST_CASE("the code in the link and the code on the paper are the same handle") {
    SeededRandom random(9);
    for (int i = 0; i < 200; ++i) {
        const auto handle = crypto::randomHandle(random);
        const auto link = withdrawLink("https://voorhuis.example.org/w", handle);
        CHECK(crypto::parseSlipCode(link.substr(link.find('#') + 1)) == handle);
        CHECK(link.find('-') == std::string::npos);
    }
}

TEST_CASE("a yes that only the customer's own hand makes count promises nothing") {
    const auto policy = test::samplePolicy();
    const consent::Token newsletter("newsletter");
    for (const auto& language : slipLanguages()) {
        CAPTURE(language);
        auto event = test::sampleEvent(policy, language);
        auto& act = std::get<consent::Act>(event.body);
        act.choices.resize(1);
        act.choices[0].confirm = true;
        const auto plain = slipDocument(event, policy, test::sampleHandle(), language, {64});
        const auto byHand = slipDocument(event, policy, test::sampleHandle(), language, {64},
                                         {{newsletter, "email"}});
        REQUIRE(plain);
        REQUIRE(byHand);
        const SlipWords& words = slipWords(language, "en");
        const auto says = [](const escpos::Document& slip, std::string_view what) {
            const std::string text = joined(slipText(slip, 64));
            return text.find(what.substr(0, what.find(' ', 20))) != std::string::npos;
        };
        CHECK(says(*plain, words.yesWaits));
        CHECK(says(*plain, words.confirm));
        CHECK(says(*byHand, words.notYet));
        CHECK(says(*byHand, words.ownHand));
        CHECK_FALSE(says(*byHand, words.yes));
        CHECK_FALSE(says(*byHand, words.confirm));
    }
}

TEST_CASE("where nothing was agreed or refused there is nothing to take back, and no code") {
    const auto policy = test::samplePolicy();
    auto event = test::sampleEvent(policy, "en");
    auto& act = std::get<consent::Act>(event.body);
    act.choices = {test::choice("newsletter", "email", consent::Choice::deferred)};
    act.withdrawHandleHash.clear();
    CHECK_FALSE(leavesSomething(act));
    const auto slip = slipDocument(event, policy, {}, "en");
    REQUIRE(slip);
    const std::string text = joined(slipText(*slip, 42));
    CHECK(text.find("[qr") == std::string::npos);
    CHECK(text.find("Still to decide") != std::string::npos);
    CHECK(text.find("0000-0000") == std::string::npos);
    // Who takes it home can read how to decide after all, in every language.
    CHECK_FALSE(policy.controller.phone.empty());
    for (const std::string& language : slipLanguages()) {
        CAPTURE(language);
        const auto open = slipDocument(event, policy, {}, language);
        REQUIRE(open);
        const auto lines = slipText(*open, 64);
        const auto says = [&](std::string_view what) {
            return std::ranges::any_of(lines, [&](const std::string& line) {
                return line.find(what) != std::string::npos;
            });
        };
        const std::string_view decide = slipWords(language, "en").decide;
        CHECK(says(decide.substr(0, decide.find(' ', 20))));
        CHECK(says(policy.controller.phone));
    }
    act.choices.push_back(test::choice("brochure", "post", consent::Choice::refused));
    CHECK(leavesSomething(act));
    CHECK(!slipDocument(event, policy, {}, "en"));
}
