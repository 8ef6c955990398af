// The table `tokens` in memory: purposes, channels, places and notices go by small numbers in the
// file. Internal to this room.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace souffleur::ledger {

class Connection;

/// Thread-safe. The writer adds; what a rolled-back transaction added is forgotten.
class Words {
public:
    void load(Connection& connection);
    /// The number of a word; a new one is written down within the present transaction.
    std::int64_t number(Connection& writer, std::string_view word);
    [[nodiscard]] std::optional<std::int64_t> find(std::string_view word) const;
    /// The word of a number; an unknown one gives the empty word.
    [[nodiscard]] std::string word(std::int64_t number) const;
    void begin();
    void rollback();

private:
    mutable std::shared_mutex _mutex;
    std::deque<std::string> _words; ///< by number; a deque keeps the views below alive
    std::unordered_map<std::string_view, std::int64_t> _numbers;
    std::size_t _committed = 0;
};

} // namespace souffleur::ledger
