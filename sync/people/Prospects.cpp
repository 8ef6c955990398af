#include "sync/people/Prospects.h"

#include <algorithm>

#include "plugin/consent/Policy.h"

namespace souffleur::people {
namespace {

bool covers(const consent::Token& said, const consent::Token& asked) {
    return said == asked || said == consent::kAny;
}

bool covers(const consent::Key& said, const consent::Key& asked) {
    return said.controller == asked.controller && covers(said.purpose, asked.purpose) &&
           covers(said.channel, asked.channel);
}

} // namespace

void Prospects::yes(const SubjectId& person, Yes word) {
    _people[person].yes.push_back(std::move(word));
}

void Prospects::no(const SubjectId& person, const consent::Key& key, TimeMs at,
                   const std::vector<std::string>& addresses) {
    _people[person].no.emplace_back(key, at);
    for (const std::string& address : addresses) _noAt[address].emplace_back(person, key);
}

bool Prospects::stands(const SubjectId& id, const Person& person, const Yes& word) const {
    const bool overruled = std::any_of(person.no.begin(), person.no.end(), [&](const auto& no) {
        return covers(no.first, word.key) && word.at <= no.second + kDayMs;
    });
    if (overruled) return false;
    return std::any_of(
        word.addresses.begin(), word.addresses.end(), [&](const std::string& address) {
            const auto held = _noAt.find(address);
            return held == _noAt.end() ||
                   std::none_of(held->second.begin(), held->second.end(), [&](const auto& no) {
                       return no.first != id && covers(no.second, word.key);
                   });
        });
}

std::uint64_t Prospects::newlyReachable() const {
    return static_cast<std::uint64_t>(
        std::count_if(_people.begin(), _people.end(), [&](const auto& entry) {
            const Person& person = entry.second;
            return !person.before && !person.objected &&
                   std::any_of(person.yes.begin(), person.yes.end(),
                               [&](const Yes& word) { return stands(entry.first, person, word); });
        }));
}

} // namespace souffleur::people
