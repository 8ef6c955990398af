#include "plugin/contact/Particle.h"

#include <algorithm>
#include <string_view>

namespace souffleur::contact {
namespace {

/// What follows "van", the shortest way to write it first.
const std::vector<std::string>& secondWords(char initial) {
    static const std::vector<std::string> kDe{"d", "de", "den", "der"};
    static const std::vector<std::string> kHet{"h", "t", "het"};
    return initial == 'd' ? kDe : kHet;
}

bool has(std::span<const std::string> words, std::string_view word) {
    return std::ranges::find(words, word) != words.end();
}

bool hasOne(std::span<const std::string> name, const std::vector<std::string>& words) {
    return std::ranges::any_of(words, [&](const std::string& word) { return has(name, word); });
}

/// Of the one word that was typed after "van" or "v", or joined to it; empty = it is none.
std::string secondOf(std::string_view word) {
    for (const char initial : {'d', 'h'}) {
        if (has(secondWords(initial), word)) return std::string(word);
    }
    return {};
}

/// "vd", "vder", "vanden"; of one letter only after "v", for "vant" is a name.
std::string joinedOf(std::string_view word) {
    for (const std::string_view start : {"van", "v"}) {
        if (!word.starts_with(start)) continue;
        std::string second = secondOf(word.substr(start.size()));
        if (second.size() > 1 || (start == "v" && !second.empty())) return second;
    }
    return {};
}

/// What one that was typed as `second` may be on file as: shortened it stands for all of its kind.
Particle particle(const std::string& second) {
    const std::vector<std::string>& kind = secondWords(second.front() == 'd' ? 'd' : 'h');
    Particle out;
    out.first = {"van", "v"};
    const bool any = kind.front() == second || kind.front() == "h";
    out.second = any ? kind : std::vector<std::string>{kind.front(), second};
    for (const std::string& each : out.second) {
        out.joined.push_back("v" + each);
        if (each.size() > 1) out.joined.push_back("van" + each);
    }
    return out;
}

} // namespace

bool Particle::in(std::span<const std::string> name) const {
    return (hasOne(name, first) && hasOne(name, second)) || hasOne(name, joined);
}

std::vector<std::string> Particle::others(std::span<const std::string> query) const {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < query.size(); ++i) {
        if (i < at || i >= at + count) out.push_back(query[i]);
    }
    return out;
}

std::optional<Particle> particleIn(std::span<const std::string> query) {
    for (std::size_t i = 0; i < query.size(); ++i) {
        const bool begins = query[i] == "van" || query[i] == "v";
        const bool pair = begins && i + 1 < query.size();
        const std::string second = pair ? secondOf(query[i + 1]) : joinedOf(query[i]);
        if (second.empty()) continue;
        Particle out = particle(second);
        out.at = i;
        out.count = pair ? 2 : 1;
        out.shortened = !pair || query[i] == "v" || (second.size() == 1 && second != "t");
        if (query.size() == out.count) return std::nullopt;
        return out;
    }
    return std::nullopt;
}

} // namespace souffleur::contact
