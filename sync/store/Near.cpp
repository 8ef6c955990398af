// Finding people by their names, shortened particles and typos included, by number and by
// telephone.
#include <algorithm>
#include <cctype>

#include "plugin/contact/Particle.h"
#include "plugin/contact/Phone.h"
#include "plugin/contact/SearchKey.h"
#include "sync/store/Projection.h"
#include "sync/store/SqlStore.h"

namespace souffleur::store {
namespace {

/// Of words that come close to one that was typed.
constexpr std::size_t kNearMax = 24;
/// Of people behind one such word that are looked at.
constexpr std::size_t kPerWordMax = 200;
/// A shorter sound is shared by too many names.
constexpr std::size_t kSoundMin = 2;

/// The typos between what was typed and a name or its beginning; one more than allowed for a word
/// that only sounds alike; larger than that = not near.
std::size_t distance(std::string_view typed, std::string_view sound, std::string_view name) {
    const std::size_t allowed = contact::typosAllowed(typed.size());
    const std::size_t whole = contact::editDistance(typed, name, allowed);
    const std::size_t begun =
        contact::editDistance(typed, name.substr(0, std::min(name.size(), typed.size())), allowed);
    const std::size_t best = std::min(whole, begun);
    if (best <= allowed) return best;
    const bool alike = sound.size() >= kSoundMin && contact::soundKey(name) == sound;
    return alike ? allowed + 1 : allowed + 2;
}

} // namespace

std::string SqlStore::prefixEnd(std::string prefix) {
    prefix += '\x7f'; // folded tokens are printable ASCII
    return prefix;
}

std::vector<std::string> SqlStore::telling(const std::vector<std::string>& words) {
    const auto particle = contact::particleIn(words);
    return particle ? particle->others(words) : words;
}

bool SqlStore::isNamed(const SubjectId& person, const std::vector<std::string>& words) const {
    const auto has = [&](const std::string& word, const std::string& end) {
        return query("has-token").with(person, word, end).step();
    };
    const auto begins = [&](const std::string& word) { return has(word, prefixEnd(word)); };
    if (std::ranges::all_of(words, begins)) return true;
    const auto particle = contact::particleIn(words);
    if (!particle || !std::ranges::all_of(particle->others(words), begins)) return false;
    const auto any = [&](const std::vector<std::string>& all) {
        return std::ranges::any_of(
            all, [&](const std::string& word) { return has(word, word + '\x01'); });
    };
    return (any(particle->first) && any(particle->second)) || any(particle->joined);
}

std::vector<std::string> SqlStore::nearTokens(const std::string& typed) const {
    const std::string sound = contact::soundKey(typed);
    const std::size_t last = contact::typosAllowed(typed.size()) + 1;
    std::vector<std::pair<std::size_t, std::string>> found;
    Query row = query("tokens-all");
    while (row.step()) {
        std::string token = row.text(0);
        const std::size_t typos = distance(typed, sound, token);
        if (typos <= last) found.emplace_back(typos, std::move(token));
    }
    std::ranges::sort(found);
    std::vector<std::string> out;
    for (auto& [typos, token] : found) {
        if (out.size() < kNearMax) out.push_back(std::move(token));
    }
    return out;
}

std::vector<SubjectId> SqlStore::candidatesNear(const PeopleQuery& wanted) const {
    std::vector<std::vector<std::string>> words;
    for (const std::string& word : telling(_folder.tokens(wanted.text)))
        words.push_back(nearTokens(word));
    if (words.empty() || wanted.text.find('@') != std::string::npos) return {};
    const auto rarest = std::ranges::min_element(words, {}, &std::vector<std::string>::size);
    const auto has = [&](const SubjectId& person, const std::vector<std::string>& near) {
        return std::ranges::any_of(near, [&](const std::string& token) {
            return query("has-token").with(person, token, token + '\x01').step();
        });
    };
    std::vector<SubjectId> found;
    for (const std::string& token : *rarest) {
        Query row = query("people-by-token");
        row.with(token, token + '\x01', SubjectId{}, static_cast<std::uint64_t>(kPerWordMax));
        while (row.step()) {
            const SubjectId person{row.uuid(0)};
            const bool fits =
                std::ranges::find(found, person) == found.end() &&
                std::ranges::all_of(words, [&](const auto& near) { return has(person, near); });
            if (fits) found.push_back(person);
        }
    }
    return found;
}

std::vector<SubjectId> SqlStore::candidatesByNumber(const PeopleQuery& wanted,
                                                    std::size_t limit) const {
    const auto isDigit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
    std::vector<SubjectId> found;
    if (std::ranges::none_of(wanted.text, isDigit)) return found;
    const auto take = [&](Query& row) {
        while (row.step()) found.push_back(SubjectId{row.uuid(0)});
    };
    const auto count = static_cast<std::uint64_t>(limit);
    std::string number = wanted.text;
    std::erase(number, ' ');
    {
        Query row = query("people-by-number");
        take(row.with(number, wanted.after, count));
    }
    if (const auto phone = contact::Phone::parse(wanted.text, {}); found.empty() && phone) {
        Query row = query("people-by-contact");
        take(row.with(contactHashOf(_keys, phone->canonicalKey()), wanted.after, count));
    }
    return found;
}

} // namespace souffleur::store
