// Finding people: by whole keys, by beginnings of words, and with typos. Internal to this room.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plugin/contact/Folder.h"
#include "plugin/contact/Particle.h"
#include "plugin/ledger/Assembler.h"
#include "plugin/ledger/Database.h"
#include "plugin/ledger/Hasher.h"
#include "plugin/ledger/Types.h"
#include "plugin/ledger/Vocabulary.h"

namespace souffleur::ledger {

/// Thread-safe.
class Search {
public:
    Search(const Database& database, const Hasher& hasher, std::string region)
        : _database(database), _hasher(hasher), _region(std::move(region)) {}

    Result<SearchResult> find(std::string_view text, std::size_t limit);
    /// Loads the words for the typo search if that was not done yet.
    Result<void> warmUp();
    /// Names that were committed just now: their words count from here on.
    void learn(const std::vector<std::string>& folded);
    /// Names were forgotten: the words are loaded anew when next needed.
    void forgetWords();

private:
    /// Numbers in the people table, best first.
    struct Found {
        std::int64_t num = 0;
        int typos = 0;
        bool exact = false;
    };
    std::vector<crypto::Hash> wholeKeys(std::string_view text) const;
    std::vector<Found> byKeys(Connection& c, std::string_view text, std::size_t limit) const;
    static std::optional<Assembler::Slip> bySlip(Connection& c, std::string_view text);
    std::vector<Found> byNames(Connection& c, const std::vector<std::string>& words,
                               std::size_t limit) const;
    std::vector<Found> byRareWord(Connection& c, const std::vector<std::string>& words,
                                  const std::string& rarest, std::size_t limit,
                                  const contact::Particle* particle = nullptr) const;
    static std::vector<std::int64_t> wholeWords(Connection& c, const std::string& expression,
                                                const std::vector<std::string>& words,
                                                std::size_t limit,
                                                const contact::Particle* particle);
    std::vector<Found> byParticle(Connection& c, const contact::Particle& particle,
                                  const std::vector<std::string>& words, std::size_t limit) const;
    std::vector<Found> byWords(Connection& c, const std::vector<std::string>& words,
                               std::size_t limit);
    /// The rarest word, and how many names hold it.
    std::pair<const std::string*, std::uint64_t>
    rarestOf(const std::vector<std::string>& words) const;
    std::vector<Found> byTypos(Connection& c, const std::vector<std::string>& words);
    SearchResult results(Connection& c, const std::vector<Found>& found, std::size_t limit) const;
    void bringUp(Connection& c);

    const Database& _database;
    const Hasher& _hasher;
    std::string _region;
    std::mutex _mutex; ///< guards what follows
    contact::Folder _folder;
    Vocabulary _vocabulary;
    bool _loaded = false; ///< the vocabulary holds every word of every name
};

} // namespace souffleur::ledger
