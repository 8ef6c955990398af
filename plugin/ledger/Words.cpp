#include "plugin/ledger/Words.h"

#include <mutex>

#include "plugin/ledger/Connection.h"

namespace souffleur::ledger {

void Words::load(Connection& connection) {
    const std::unique_lock lock(_mutex);
    _numbers.clear();
    _words.clear();
    Query all = connection.query("tokens-all");
    while (all.step()) {
        // Numbers are dense: a gap would be filled with empty words.
        while (static_cast<std::int64_t>(_words.size()) < all.integer(0)) _words.emplace_back();
        _words.push_back(all.text(1));
        _numbers.emplace(_words.back(), all.integer(0));
    }
    _committed = _words.size();
}

std::int64_t Words::number(Connection& writer, std::string_view word) {
    if (const auto known = find(word)) return *known;
    const std::unique_lock lock(_mutex);
    const auto number = static_cast<std::int64_t>(_words.size());
    writer.query("token-add").bind(1, number).bindText(2, word).run();
    _words.emplace_back(word);
    _numbers.emplace(_words.back(), number);
    return number;
}

std::optional<std::int64_t> Words::find(std::string_view word) const {
    const std::shared_lock lock(_mutex);
    const auto found = _numbers.find(word);
    if (found == _numbers.end()) return std::nullopt;
    return found->second;
}

std::string Words::word(std::int64_t number) const {
    const std::shared_lock lock(_mutex);
    if (number < 0 || static_cast<std::size_t>(number) >= _words.size()) return {};
    return _words[static_cast<std::size_t>(number)];
}

void Words::begin() {
    const std::unique_lock lock(_mutex);
    _committed = _words.size();
}

void Words::rollback() {
    const std::unique_lock lock(_mutex);
    while (_words.size() > _committed) {
        _numbers.erase(_words.back());
        _words.pop_back();
    }
}

} // namespace souffleur::ledger
