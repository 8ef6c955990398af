#include "plugin/ledger/Hasher.h"

namespace souffleur::ledger {

crypto::Hash Hasher::contact(std::string_view canonical) const {
    return crypto::hmacSha256(crypto::bytesOf(_key), canonical);
}

crypto::Hash Hasher::external(std::string_view system, std::string_view value) const {
    std::string text = "ext:";
    text.append(system).append(":").append(value);
    return contact(text);
}

crypto::Hash Hasher::number(std::string_view value) const {
    std::string text = "num:";
    for (const char c : value) {
        const bool digit = c >= '0' && c <= '9';
        const bool lower = c >= 'a' && c <= 'z';
        const bool upper = c >= 'A' && c <= 'Z';
        if (upper)
            text += static_cast<char>(c - 'A' + 'a');
        else if (digit || lower || static_cast<unsigned char>(c) >= 0x80)
            text += c;
    }
    return contact(text);
}

} // namespace souffleur::ledger
