#include "drivers/escpos/Profile.h"

#include <algorithm>

namespace souffleur::escpos {
namespace {

bool within(int value, int low, int high) {
    return value >= low && value <= high;
}

} // namespace

Result<void> validate(const Profile& profile) {
    if (!within(profile.widthDots, 64, 1024) || profile.widthDots % 8 != 0) {
        return fail(Fault::invalid, "width-dots must be a multiple of 8 from 64 to 1024");
    }
    if (!within(profile.paperWidthMm, 20, 120) || !within(profile.dotsPerMm, 4, 24)) {
        return fail(Fault::invalid, "width-mm must be 20 to 120 and dots-per-mm 4 to 24");
    }
    if (profile.widthDots > profile.paperWidthMm * profile.dotsPerMm) {
        return fail(Fault::invalid, "width-dots is wider than the paper (width-mm x dots-per-mm)");
    }
    if (!within(profile.fontWidth, 6, 48) || !within(profile.fontHeight, 8, 96)) {
        return fail(Fault::invalid, "font must be 6 to 48 dots wide and 8 to 96 high");
    }
    if (!within(profile.columns, 8, 128) ||
        profile.columns * profile.fontWidth > profile.widthDots) {
        return fail(Fault::invalid,
                    "columns must be 8 to 128, and columns x font width at most width-dots");
    }
    if (profile.codePages.empty() || profile.codePages.size() > kMaxCodePages) {
        return fail(Fault::invalid, "code-pages must name 1 to 64 slots");
    }
    for (auto it = profile.codePages.begin(); it != profile.codePages.end(); ++it) {
        const auto same = [&](const CodePageSlot& other) { return other.slot == it->slot; };
        if (std::any_of(profile.codePages.begin(), it, same)) {
            return fail(Fault::invalid,
                        "code-pages names slot " + std::to_string(it->slot) + " twice");
        }
    }
    if (!within(profile.feedBeforeCutDots, 0, 1024)) {
        return fail(Fault::invalid, "feed-before-cut-dots must be 0 to 1024");
    }
    if (!within(profile.bandRows, 8, 1024)) {
        return fail(Fault::invalid, "band-rows must be 8 to 1024");
    }
    return {};
}

} // namespace souffleur::escpos
