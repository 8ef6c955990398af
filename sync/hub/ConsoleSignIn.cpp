#include "sync/hub/ConsoleSignIn.h"

#include <algorithm>
#include <functional>
#include <sstream>
#include <vector>

#include "plugin/crypto/Encoding.h"
#include "plugin/crypto/Handle.h"

namespace souffleur::hub {
namespace {

constexpr const char* kTallies = "sign-in.tallies";
constexpr int kFailuresCountedMax = 1000;
/// Stands for all places together; no address reads like this.
constexpr const char* kEverywhere = "*";

/// Pushes the oldest out.
void trim(std::vector<std::pair<TimeMs, std::string>>& keys, std::size_t atMost,
          const std::function<void(const std::string&)>& drop) {
    std::ranges::sort(keys);
    for (std::size_t i = 0; i + atMost < keys.size(); ++i) drop(keys[i].second);
}

} // namespace

TimeMs lockMs(int failures) noexcept {
    if (failures < kFreeFailures) return 0;
    const int doublings = std::min(failures - kFreeFailures, 10);
    return std::min(kFirstLockMs << doublings, kLongestLockMs);
}

ConsoleSignIn::ConsoleSignIn(store::Store& store, const Clock& clock, Random& random,
                             crypto::Secret pepper)
    : _store(store), _clock(clock), _key(crypto::hmacSha256(pepper.view(), "sign-in tallies")),
      _hasher(std::move(pepper)) {
    const auto secret = crypto::toHex(crypto::bytesOf(crypto::randomHandle(random)));
    _nobody = _hasher.hash(secret, random).value();
}

Result<void> ConsoleSignIn::note(const std::string& name, std::string_view action) {
    return _store.audit({_clock.now().at, name, std::string(action), ""});
}

std::string ConsoleSignIn::keyOf(const std::string& name, const std::string& source) const {
    std::string text = name;
    text += '\0';
    // Whoever is on this machine has all of its addresses: they are one place.
    const bool here = source.starts_with("127.") || source.starts_with("::ffff:127.") ||
                      source == "::1" || source == "[::1]";
    text += here ? std::string("loopback") : source;
    return crypto::toHex(crypto::bytesOf(crypto::hmacSha256(crypto::bytesOf(_key), text)))
        .substr(0, 32);
}

Result<ConsoleSignIn::Tallies> ConsoleSignIn::load() const {
    const auto held = _store.setting(kTallies);
    if (!held && held.error().code != Code::notFound) return passOn(held);
    Tallies out;
    std::istringstream in(held ? *held : std::string());
    std::string key;
    Tally tally;
    while (in >> key >> tally.failures >> tally.lockedUntil >> tally.at >> tally.known)
        out[key] = tally;
    return out;
}

Result<void> ConsoleSignIn::keep(Tallies tallies) {
    // Made-up names push out each other and never the count of somebody who works here.
    std::vector<std::pair<TimeMs, std::string>> strangers;
    std::vector<std::pair<TimeMs, std::string>> places;
    for (const auto& [key, tally] : tallies)
        (tally.known ? places : strangers).emplace_back(tally.at, key);
    const auto drop = [&](const std::string& key) { tallies.erase(key); };
    trim(strangers, kStrangersMax, drop);
    // What is pushed out here is still in the count of its name.
    trim(places, kPlacesMax, drop);
    std::ostringstream out;
    for (const auto& [key, tally] : tallies) {
        out << key << ' ' << tally.failures << ' ' << tally.lockedUntil << ' ' << tally.at << ' '
            << tally.known << '\n';
    }
    return _store.putSetting(kTallies, out.str());
}

Result<void> ConsoleSignIn::countFailure(Tallies tallies, const std::string& name,
                                         const std::string& source, bool known) {
    const TimeMs now = _clock.now().at;
    for (const auto& [place, free] :
         {std::pair{source, kFreeFailures}, std::pair{std::string(kEverywhere), kNameFailures}}) {
        Tally& tally = tallies[keyOf(name, place)];
        tally.failures = std::min(tally.failures + 1, kFailuresCountedMax);
        const TimeMs lock = lockMs(tally.failures - free + kFreeFailures);
        tally.lockedUntil = lock > 0 ? now + lock : 0;
        tally.at = now;
        tally.known = known;
    }
    return keep(std::move(tallies));
}

Result<void> ConsoleSignIn::unlockAll(store::Store& store) {
    return store.putSetting(kTallies, "");
}

Result<store::StaffRow> ConsoleSignIn::check(const std::string& name, std::string_view password,
                                             const std::string& source) {
    const std::lock_guard lock(_mutex);
    const TimeMs now = _clock.now().at;
    auto tallies = load();
    if (!tallies) return passOn(tallies);
    for (const std::string& key : {keyOf(name, source), keyOf(name, kEverywhere)}) {
        const auto held = tallies->find(key);
        const TimeMs left = held == tallies->end() ? 0 : held->second.lockedUntil - now;
        // A lock longer than we ever set means that the clock was put back: it ends in time.
        if (left > 0 && left <= kLongestLockMs) {
            return fail(Code::locked, "too many wrong passwords: try again later",
                        std::to_string(left));
        }
    }
    const auto row = _store.staff(name);
    if (!row && row.error().code != Code::notFound) return passOn(row);
    const auto right = _hasher.verify(password, row ? row->password : _nobody);
    if (!right) return passOn(right);
    if (!row || !*right) {
        if (auto kept = countFailure(std::move(*tallies), name, source, row.has_value()); !kept)
            return passOn(kept);
        // What was typed as a name may be anything, a password too: it is not kept.
        if (auto noted = note(row ? name : "unknown", "session.refused"); !noted)
            return passOn(noted);
        return fail(Code::refused, "name or password is wrong");
    }
    if (tallies->erase(keyOf(name, source)) + tallies->erase(keyOf(name, kEverywhere)) > 0) {
        if (auto kept = keep(std::move(*tallies)); !kept) return passOn(kept);
    }
    if (auto noted = note(name, "session.begin"); !noted) return passOn(noted);
    return *row;
}

} // namespace souffleur::hub
