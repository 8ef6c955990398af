#include "kiosk/cli/ActWords.h"

#include <cstdio>

namespace souffleur::cli {

void printAct(const consent::Act& act) {
    for (const consent::ChoiceItem& item : act.choices) {
        (void) std::printf("  %s, %s: %s (%s)\n", item.purpose.c_str(), item.channel.c_str(),
                           std::string(consent::name(item.choice)).c_str(),
                           std::string(consent::name(item.basis)).c_str());
        if (item.notice.id.empty()) {
            (void) std::printf("    no wording on record\n");
        } else {
            (void) std::printf("    wording %s@%u:%s, SHA-256 %s\n", item.notice.id.c_str(),
                               static_cast<unsigned>(item.notice.version),
                               item.notice.language.c_str(), item.notice.sha256.c_str());
        }
    }
    (void) std::printf(
        "  how: %s; by: %s; place: %s\n", std::string(consent::name(act.method)).c_str(),
        act.by.none() ? "nobody signed in" : act.by.text().c_str(), act.place.c_str());
}

void printNotProved(TimeMs unc) {
    (void) std::printf(
        "not proved: that the device's clock was right (stated uncertainty: %s), that nothing came "
        "later (a confirmation that a yes waits for, a withdrawal), and who stood at the till.\n",
        unc >= kUncInfinite ? "unknown" : (std::to_string(unc) + " ms").c_str());
}

} // namespace souffleur::cli
