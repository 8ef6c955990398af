// rooms: plugin-slip drivers-emulator
// The slip as it comes out of the printer: on 80 mm and 58 mm, in seven languages, its code read
// back.
#include "plugin/slip/Slip.h"

#include <doctest/doctest.h>
#include <fstream>

#include "drivers/emulator/VirtualPrinter.h"
#include "drivers/escpos/Encoder.h"
#include "plugin/policy/PackLoader.h"
#include "tests/support/QrReader.h"

using namespace souffleur;

namespace {

escpos::Profile narrow() {
    escpos::Profile profile;
    profile.id = "generic-58mm";
    profile.paperWidthMm = 58;
    profile.widthDots = 384;
    profile.columns = 32;
    profile.codePages = {{17, escpos::CodePage::cp866}, {19, escpos::CodePage::cp858}};
    return profile;
}

escpos::Profile wide() {
    escpos::Profile profile;
    profile.codePages = {{17, escpos::CodePage::cp866}, {19, escpos::CodePage::cp858}};
    return profile;
}

} // namespace

TEST_CASE("the slip's code is read from the paper, in every language, on both widths") {
    SeededRandom random(3);
    for (const char* pack : {"nl", "ru"}) {
        const auto policy = policy::PackLoader(policy::sampleHouse(pack)).builtIn(pack);
        REQUIRE(policy);
        for (const std::string& language : slip::slipLanguages()) {
            const auto handle = crypto::randomHandle(random);
            consent::Event event;
            event.at = 1795376460000;
            event.offsetMin = 60;
            consent::Act act;
            act.choices.resize(2);
            act.choices[0].purpose = "newsletter";
            act.choices[0].channel = "email";
            act.choices[0].choice = consent::Choice::given;
            act.choices[1].purpose = "brochure";
            act.choices[1].channel = "post";
            act.choices[1].choice = consent::Choice::refused;
            for (auto& item : act.choices) {
                policy->freeze(item, consent::Method::spoken, event.at, false, false, language);
            }
            act.withdrawHandleHash = slip::handleHashHex(handle);
            event.body = act;
            for (const auto& profile : {wide(), narrow()}) {
                CAPTURE(language);
                CAPTURE(profile.id);
                const auto document =
                    slip::slipDocument(event, *policy, handle, language, {profile.columns});
                REQUIRE(document);
                const auto bytes = escpos::Encoder(profile).encode(*document);
                REQUIRE(bytes);
                emulator::VirtualPrinter printer(profile);
                for (std::size_t at = 0; at < bytes->size();) {
                    const auto n = std::min(printer.room(), bytes->size() - at);
                    REQUIRE(n > 0);
                    printer.feed(std::span(*bytes).subspan(at, n));
                    at += n;
                }
                const auto receipts = printer.receipts();
                REQUIRE(receipts.size() == 1);
                const auto& paper = receipts[0];
                if (const char* folder = std::getenv("SLIP_PICTURES"); folder != nullptr) {
                    std::ofstream out(std::string(folder) + "/" + pack + "-" + language + "-" +
                                          std::to_string(profile.columns) + ".png",
                                      std::ios::binary);
                    out.write(reinterpret_cast<const char*>(paper.png.data()),
                              static_cast<std::streamsize>(paper.png.size()));
                }
                const auto codes = test::readQr(paper.png);
                REQUIRE(codes.size() == 1);
                CHECK(codes[0] == slip::withdrawLink(policy->controller.withdrawUrl, handle));
                const auto read = crypto::parseSlipCode(codes[0].substr(codes[0].find('#') + 1));
                REQUIRE(read);
                CHECK(slip::handleHashHex(*read) == act.withdrawHandleHash);
            }
        }
    }
}
