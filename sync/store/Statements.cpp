#include "sync/store/Statements.h"

#include <cstring>
#include <stdexcept>

namespace souffleur::store {

Query::~Query() {
    _statement.tryReset();
    _statement.clearBindings();
}

void Query::bind(Blob blob) {
    // A null pointer would bind NULL: an empty blob is not the same thing.
    const char* data = blob.bytes.empty() ? "" : blob.bytes.data();
    _statement.bind(++_index, static_cast<const void*>(data), static_cast<int>(blob.bytes.size()));
}

std::string_view Query::bytes(int column) {
    const SQLite::Column c = _statement.getColumn(column);
    const void* data = c.getBlob();
    if (data == nullptr) return {};
    return {static_cast<const char*>(data), static_cast<std::size_t>(c.getBytes())};
}

Uuid Query::uuid(int column) {
    Uuid id;
    const std::string_view view = bytes(column);
    if (view.size() == id.bytes.size()) std::memcpy(id.bytes.data(), view.data(), view.size());
    return id;
}

crypto::Hash Query::hash(int column) {
    crypto::Hash hash{};
    const std::string_view view = bytes(column);
    if (view.size() == hash.size()) std::memcpy(hash.data(), view.data(), view.size());
    return hash;
}

Statements::Statements(SQLite::Database& db) : _db(db) {
    std::string_view rest = file("statements.sql");
    constexpr std::string_view kMark = "-- :";
    while (true) {
        const std::size_t start = rest.find(kMark);
        if (start == std::string_view::npos) return;
        rest.remove_prefix(start + kMark.size());
        const std::size_t line = rest.find('\n');
        const std::string name(rest.substr(0, line));
        rest.remove_prefix(line + 1);
        _texts[name] = std::string(rest.substr(0, rest.find(kMark)));
    }
}

SQLite::Statement& Statements::operator[](std::string_view name) {
    if (const auto found = _prepared.find(name); found != _prepared.end()) return *found->second;
    const auto text = _texts.find(name);
    if (text == _texts.end()) throw std::logic_error("no statement " + std::string(name));
    auto& slot = _prepared[std::string(name)];
    slot = std::make_unique<SQLite::Statement>(_db, text->second);
    return *slot;
}

} // namespace souffleur::store
