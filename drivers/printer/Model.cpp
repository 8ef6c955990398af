#include "drivers/printer/Model.h"

#include <algorithm>

namespace souffleur::printer {
namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same(char a, char b) {
    return lower(a) == lower(b);
}

bool sameText(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), same);
}

/// `*` stands for any run of characters.
bool matches(std::string_view pattern, std::string_view text) {
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t from = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            from = t;
        } else if (p < pattern.size() && same(pattern[p], text[t])) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++from;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

bool makerFits(const Identity& identity, const Seen& seen) {
    return seen.maker.empty() || identity.maker.empty() || sameText(seen.maker, identity.maker);
}

int score(const Identity& identity, const Seen& seen) {
    int points = 0;
    const auto is = [](const std::string& wanted) {
        return [&wanted](const std::string& name) { return sameText(name, wanted); };
    };
    const auto& names = identity.names;
    if (!seen.name.empty() && makerFits(identity, seen) &&
        std::any_of(names.begin(), names.end(), is(seen.name))) {
        points += 8;
    }
    if (!seen.product.empty() && std::any_of(names.begin(), names.end(), is(seen.product))) {
        points += 2;
    }
    const auto fits = [&](const std::string& pattern) { return matches(pattern, seen.deviceId); };
    if (!seen.deviceId.empty() &&
        std::any_of(identity.deviceIds.begin(), identity.deviceIds.end(), fits)) {
        points += 4;
    }
    for (const UsbId& id : identity.usb) {
        if (id.vendor == seen.usbVendor && id.product && *id.product == seen.usbProduct) {
            return points + 1;
        }
    }
    return points;
}

} // namespace

const Model* bestModel(const std::vector<Model>& models, const Seen& seen) {
    const Model* best = nullptr;
    int most = 0;
    bool tied = false;
    for (const Model& model : models) {
        const int points = score(model.identity, seen);
        if (points > most) {
            best = &model;
            most = points;
            tied = false;
        } else if (points == most) {
            tied = true;
        }
    }
    // Makers give one product number to many models: alone it names none of them.
    return tied ? nullptr : best;
}

} // namespace souffleur::printer
