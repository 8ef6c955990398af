#include "sync/store/Reading.h"

#include "plugin/crypto/Encoding.h"
#include "plugin/crypto/Hash.h"
#include "plugin/wire/Header.h"

namespace souffleur::store {

Result<consent::Event> readEvent(const OriginId& origin, const Incoming& incoming) {
    auto read = wire::decodeHeader(incoming.header);
    if (!read) return passOn(read);
    if (read->event.origin != origin) return fail(Code::invalid, "the header names another origin");
    if (read->event.subject != incoming.subject)
        return fail(Code::invalid, "the header names another subject");
    if (!incoming.payload.empty() &&
        read->commitment != crypto::toHex(crypto::bytesOf(crypto::sha256(incoming.payload)))) {
        return fail(Code::corrupt, "the payload is not what the header commits to");
    }
    return std::move(read->event);
}

Result<void> checkAuthority(const consent::Event& event) {
    const bool ours = std::holds_alternative<consent::Confirmed>(event.body) ||
                      std::holds_alternative<consent::Link>(event.body) ||
                      std::holds_alternative<consent::Unlink>(event.body) ||
                      std::holds_alternative<consent::Erase>(event.body) ||
                      std::holds_alternative<consent::ClockJudgement>(event.body);
    if (!ours) return {};
    return fail(Code::refused, "only head office may say this",
                std::string(consent::kindName(event.body)));
}

int waitsFor(const Error& why) {
    if (why.code == Code::unsupported) return 1;
    return why.code == Code::unavailable ? 2 : 0;
}

} // namespace souffleur::store
