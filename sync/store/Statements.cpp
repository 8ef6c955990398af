#include "sync/store/Statements.h"

#include <cstring>

namespace souffleur::store {

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

StatementTexts statementTexts(std::initializer_list<std::string_view> files) {
    constexpr std::string_view kMark = "-- :";
    StatementTexts texts;
    for (const std::string_view each : files) {
        std::string_view rest = file(each);
        for (std::size_t start = rest.find(kMark); start != std::string_view::npos;
             start = rest.find(kMark)) {
            rest.remove_prefix(start + kMark.size());
            const std::size_t line = rest.find('\n');
            const std::string name(rest.substr(0, line));
            rest.remove_prefix(line + 1);
            texts[name] = std::string(rest.substr(0, rest.find(kMark)));
        }
    }
    return texts;
}

} // namespace souffleur::store
