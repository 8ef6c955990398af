#include "plugin/ledger/Search.h"

#include <set>

#include "plugin/contact/Email.h"
#include "plugin/contact/Phone.h"
#include "plugin/crypto/Encoding.h"
#include "plugin/crypto/Handle.h"
#include "plugin/ledger/Parts.h"
#include "plugin/ledger/Rows.h"

namespace souffleur::ledger {
namespace {

constexpr std::size_t kTextMaxBytes = 256;
constexpr std::size_t kWordsMax = 6;
constexpr std::size_t kNearMax = 12;      ///< spellings tried for one word
constexpr std::size_t kTypoRowsMax = 400; ///< rows ranked in a search with typos
constexpr std::size_t kPhoneMinDigits = 6;
constexpr std::size_t kRareMax = 200; ///< names read to answer from a rare word
constexpr std::size_t kWholeMax = 60; ///< names read to find those that are what was typed, no more

/// "word" for FTS5; folded words hold no quotes, but a stranger's bytes might.
std::string ftsTerm(std::string_view word) {
    std::string out = "\"";
    for (const char c : word) {
        if (c == '"') out += '"';
        out += c;
    }
    return out += '"';
}

template <typename Term>
std::string conjunction(const std::vector<std::string>& words, const Term& term) {
    std::string out;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) out += " AND ";
        out += term(i);
    }
    return out;
}

std::vector<std::int64_t> matching(Connection& c, const std::string& expression,
                                   std::size_t limit) {
    std::vector<std::int64_t> out;
    Query query = c.query("search-match");
    query.bindText(1, expression).bind(2, limit);
    while (query.step()) out.push_back(query.integer(0));
    return out;
}

std::vector<std::string> split(std::string_view folded) {
    std::vector<std::string> out;
    std::size_t at = 0;
    while (at < folded.size()) {
        const std::size_t end = std::min(folded.find(' ', at), folded.size());
        if (end > at) out.emplace_back(folded.substr(at, end - at));
        at = end + 1;
    }
    return out;
}

/// How many of the words are only beginnings in the name; nothing when one is not in it at all.
std::optional<int> beginningsIn(const std::vector<std::string>& name,
                                const std::vector<std::string>& words) {
    int open = 0;
    for (const std::string& word : words) {
        if (std::find(name.begin(), name.end(), word) != name.end()) continue;
        const bool begins = std::any_of(name.begin(), name.end(), [&](const std::string& part) {
            return part.starts_with(word);
        });
        if (!begins) return std::nullopt;
        ++open;
    }
    return open;
}

/// Is there nothing in the name but what was typed? "jan schouten" is all of "Jan Schouten", and a
/// part of "Jan-Willem van den Schouten".
bool isWhole(const std::vector<std::string>& name, const std::vector<std::string>& words,
             const contact::Particle* particle) {
    const auto holds = [](const std::vector<std::string>& any, const std::string& part) {
        return std::find(any.begin(), any.end(), part) != any.end();
    };
    return std::all_of(name.begin(), name.end(), [&](const std::string& part) {
        return holds(words, part) || (particle != nullptr && (holds(particle->first, part) ||
                                                              holds(particle->second, part) ||
                                                              holds(particle->joined, part)));
    });
}

/// The typos of all words in a name, each with its nearest; nothing when a word is not near any.
/// At least one: a literal match would have been found before.
std::optional<int> typosIn(std::string_view folded, const std::vector<Spelling>& words) {
    const std::vector<std::string> name = split(folded);
    int sum = 0;
    for (const Spelling& word : words) {
        std::optional<int> best;
        for (const std::string& part : name) {
            const auto typos = word.typos(part);
            if (typos && (!best || *typos < *best)) best = typos;
        }
        if (!best) return std::nullopt;
        sum += *best;
    }
    return std::max(sum, 1);
}

} // namespace

std::vector<crypto::Hash> Search::wholeKeys(std::string_view text) const {
    std::vector<crypto::Hash> out;
    const auto digits = static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }));
    if (text.find('@') != std::string_view::npos) {
        if (const auto email = contact::Email::parse(text)) {
            out.push_back(_hasher.contact(email->canonicalKey()));
        }
    } else if (digits > 0) {
        out.push_back(_hasher.number(text));
        if (digits >= kPhoneMinDigits) {
            if (const auto phone = contact::Phone::parse(text, _region)) {
                out.push_back(_hasher.contact(phone->canonicalKey()));
            }
        }
    }
    return out;
}

std::vector<Search::Found> Search::byKeys(Connection& c, std::string_view text,
                                          std::size_t limit) const {
    std::set<std::int64_t, std::greater<>> nums;
    for (const crypto::Hash& key : wholeKeys(text)) {
        for (const char* name : {"contacts-by-key", "external-by-key"}) {
            Query query = c.query(name);
            query.bind(1, key).bind(2, limit);
            while (query.step()) nums.insert(query.integer(0));
        }
    }
    std::vector<Found> out;
    out.reserve(nums.size());
    for (const std::int64_t num : nums) out.push_back({num, 0, true});
    return out;
}

/// The code on a slip, or the address in its QR code, leads to whom the first act with its hash is
/// about.
std::optional<Assembler::Slip> Search::bySlip(Connection& c, std::string_view text) {
    const crypto::SlipText slip = crypto::readSlip(text);
    if (slip.kind != crypto::SlipText::Kind::code) return std::nullopt;
    return Assembler::slip(c, crypto::toHex(crypto::bytesOf(crypto::handleHash(slip.handle))));
}

std::vector<Search::Found> Search::byRareWord(Connection& c, const std::vector<std::string>& words,
                                              const std::string& rarest, std::size_t limit,
                                              const contact::Particle* particle) const {
    std::vector<std::pair<int, Found>> ranked; ///< words that are no whole words, then whole names
    for (const std::int64_t num : matching(c, ftsTerm(rarest) + '*', kRareMax)) {
        Query query = c.query("name-get");
        query.bind(1, num);
        if (!query.step()) continue;
        const std::vector<std::string> name = split(query.bytes(0));
        if (particle != nullptr && !particle->in(name)) continue;
        if (const auto open = beginningsIn(name, words)) {
            const int rest = isWhole(name, words, particle) ? 0 : 1;
            ranked.push_back({2 * *open + rest, {num, 0, false}});
        }
    }
    std::stable_sort(ranked.begin(), ranked.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    if (ranked.size() > limit) ranked.resize(limit);
    std::vector<Found> out;
    out.reserve(ranked.size());
    for (const auto& [open, found] : ranked) out.push_back(found);
    return out;
}

/// The names of whole words: first those that hold nothing else.
std::vector<std::int64_t> Search::wholeWords(Connection& c, const std::string& expression,
                                             const std::vector<std::string>& words,
                                             std::size_t limit, const contact::Particle* particle) {
    std::vector<std::int64_t> nums = matching(c, expression, std::max(limit, kWholeMax));
    std::stable_partition(nums.begin(), nums.end(), [&](std::int64_t num) {
        Query query = c.query("name-get");
        query.bind(1, num);
        return query.step() && isWhole(split(query.bytes(0)), words, particle);
    });
    if (nums.size() > limit) nums.resize(limit);
    return nums;
}

/// The words tell what the index would have to read: a word nobody has ends the search, a rare one
/// leads it.
std::pair<const std::string*, std::uint64_t>
Search::rarestOf(const std::vector<std::string>& words) const {
    std::pair<const std::string*, std::uint64_t> out{nullptr,
                                                     std::numeric_limits<std::uint64_t>::max()};
    for (const std::string& word : words) {
        const std::uint64_t uses = _vocabulary.usesOf(word);
        if (uses < out.second) out = {&word, uses};
        if (uses == 0) break;
    }
    return out;
}

/// Names that hold the particle, however it is written, and begin with the other words.
std::vector<Search::Found> Search::byParticle(Connection& c, const contact::Particle& particle,
                                              const std::vector<std::string>& words,
                                              std::size_t limit) const {
    const std::vector<std::string> others = particle.others(words);
    const auto [rarest, fewest] = rarestOf(others);
    if (fewest == 0) return {};
    if (fewest <= kRareMax) return byRareWord(c, others, *rarest, limit, &particle);
    const auto oneOf = [](const std::vector<std::string>& any) {
        std::string out;
        for (const std::string& word : any) out += (out.empty() ? "" : " OR ") + ftsTerm(word);
        return '(' + out + ')';
    };
    const std::string written = " AND ((" + oneOf(particle.first) + " AND " +
                                oneOf(particle.second) + ") OR " + oneOf(particle.joined) + ')';
    std::vector<Found> out;
    std::set<std::int64_t> seen;
    for (const bool open : {false, true}) {
        const std::string names = conjunction(
            others, [&](std::size_t i) { return ftsTerm(others[i]) + (open ? "*" : ""); });
        for (const std::int64_t num :
             open ? matching(c, names + written, limit)
                  : wholeWords(c, names + written, others, limit, &particle)) {
            if (seen.insert(num).second) out.push_back({num, 0, false});
        }
        if (out.size() >= limit) break;
    }
    return out;
}

/// Literally; a particle that was shortened first as what it stands for, one in full only when
/// nothing has it so.
std::vector<Search::Found> Search::byWords(Connection& c, const std::vector<std::string>& words,
                                           std::size_t limit) {
    const auto particle = contact::particleIn(words);
    std::vector<Found> out;
    if (particle && particle->shortened) out = byParticle(c, *particle, words, limit);
    if (out.size() < limit) {
        std::set<std::int64_t> seen;
        for (const Found& each : out) seen.insert(each.num);
        for (const Found& each : byNames(c, words, limit)) {
            if (!seen.contains(each.num)) out.push_back(each);
        }
    }
    if (out.empty() && particle && !particle->shortened) {
        out = byParticle(c, *particle, words, limit);
    }
    if (out.empty()) out = byTypos(c, words);
    return out.empty() && particle ? byTypos(c, particle->others(words)) : out;
}

std::vector<Search::Found> Search::byNames(Connection& c, const std::vector<std::string>& words,
                                           std::size_t limit) const {
    const auto [rarest, fewest] = rarestOf(words);
    if (fewest == 0) return {};
    if (words.size() > 1 && fewest <= kRareMax) return byRareWord(c, words, *rarest, limit);
    // Whole words first (whole names among them), then the last word as a beginning, then all of
    // them: the better match is never crowded out by newer but looser ones.
    std::vector<std::size_t> firstOpen{words.size(), words.size() - 1};
    if (words.size() > 1) firstOpen.push_back(0);
    std::vector<Found> out;
    std::set<std::int64_t> seen;
    for (const std::size_t first : firstOpen) {
        const std::string expression = conjunction(words, [&](std::size_t i) {
            return i >= first ? ftsTerm(words[i]) + '*' : ftsTerm(words[i]);
        });
        for (const std::int64_t num : first == words.size()
                                          ? wholeWords(c, expression, words, limit, nullptr)
                                          : matching(c, expression, limit)) {
            if (seen.insert(num).second) out.push_back({num, 0, false});
        }
        if (out.size() >= limit) break;
    }
    return out;
}

void Search::bringUp(Connection& c) {
    if (_loaded) return;
    _vocabulary = {};
    c.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.words USING "
              "fts5vocab('main', 'search', 'row')");
    Query terms = c.query("search-vocabulary");
    while (terms.step()) {
        _vocabulary.add(terms.bytes(0), static_cast<std::uint32_t>(terms.integer(1)));
    }
    _vocabulary.fit();
    _loaded = true;
}

void Search::learn(const std::vector<std::string>& folded) {
    const std::lock_guard lock(_mutex);
    for (const std::string& name : folded) {
        for (const std::string& word : split(name)) {
            if (_loaded && _vocabulary.usesOf(word) == 0) _vocabulary.add(word, 1);
        }
    }
}

std::vector<Search::Found> Search::byTypos(Connection& c, const std::vector<std::string>& words) {
    // The index is asked for the rarest word only; the other words are compared with the names
    // that it gives. Asking for all of them would merge the long lists of common names.
    std::vector<Vocabulary::Match> rarest;
    std::uint64_t fewest = std::numeric_limits<std::uint64_t>::max();
    for (const std::string& word : words) {
        std::vector<Vocabulary::Match> matches = _vocabulary.near(word, kNearMax);
        if (matches.empty()) return {};
        std::uint64_t uses = 0;
        for (const Vocabulary::Match& match : matches) uses += match.uses;
        if (uses < fewest) {
            fewest = uses;
            rarest = std::move(matches);
        }
    }
    std::string any;
    for (const Vocabulary::Match& match : rarest) {
        any += (any.empty() ? "" : " OR ") + ftsTerm(match.word);
    }
    const std::vector<Spelling> spellings(words.begin(), words.end());
    std::vector<Found> out;
    for (const std::int64_t num : matching(c, any, kTypoRowsMax)) {
        Query query = c.query("name-get");
        query.bind(1, num);
        if (!query.step()) continue;
        if (const auto typos = typosIn(query.bytes(0), spellings))
            out.push_back({num, *typos, false});
    }
    std::stable_sort(out.begin(), out.end(),
                     [](const Found& a, const Found& b) { return a.typos < b.typos; });
    return out;
}

SearchResult Search::results(Connection& c, const std::vector<Found>& found,
                             std::size_t limit) const {
    SearchResult out;
    std::set<std::int64_t> persons;
    for (const Found& each : found) {
        const auto row = peopleRow(c, each.num);
        if (!row || !persons.insert(row->person).second) continue;
        if (out.hits.size() == limit) {
            out.more = true;
            break;
        }
        SearchHit& hit = out.hits.emplace_back();
        hit.subject = row->subject;
        hit.displayName = row->display;
        hit.language = row->language;
        hit.typos = each.typos;
        hit.exact = each.exact;
        for (const ContactRow& contact : readContacts(c, _database.words(), row->num)) {
            hit.contacts.push_back(viewOf(contact));
        }
    }
    return out;
}

Result<SearchResult> Search::find(std::string_view text, std::size_t limit) {
    if (text.size() > kTextMaxBytes) return fail(Code::tooLarge, "the search text is too long");
    return _database.read<SearchResult>(
        [&](Connection& c) -> Result<SearchResult> {
            const std::lock_guard lock(_mutex);
            if (const auto slip = bySlip(c, text)) {
                SearchResult out = results(c, {{slip->subject, 0, true}}, limit);
                out.takenBack = slip->takenBack;
                return out;
            }
            std::vector<Found> found = byKeys(c, text, limit + 1);
            if (found.empty()) {
                std::vector<std::string> words = _folder.tokens(text);
                if (words.size() > kWordsMax) words.resize(kWordsMax);
                if (words.empty()) return SearchResult{};
                bringUp(c);
                found = byWords(c, words, limit + 1);
            }
            return results(c, found, limit);
        },
        Database::Lane::search);
}

Result<void> Search::warmUp() {
    return _database.read<void>(
        [&](Connection& c) -> Result<void> {
            const std::lock_guard lock(_mutex);
            bringUp(c);
            return {};
        },
        Database::Lane::search);
}

void Search::forgetWords() {
    const std::lock_guard lock(_mutex);
    _vocabulary = {};
    _loaded = false;
}

} // namespace souffleur::ledger
