#include "plugin/policy/Wordings.h"

#include "plugin/crypto/Encoding.h"
#include "plugin/crypto/Hash.h"

namespace souffleur::policy {

std::string wordingKey(const consent::NoticeRef& notice) {
    return notice.id + "@" + std::to_string(notice.version) + "/" + notice.language;
}

std::string wordingBytes(const consent::Notice& notice) {
    return notice.label + '\n' + notice.detail + '\n' + notice.line + '\n' + notice.text;
}

std::string wordingHash(const consent::Notice& notice) {
    return crypto::toHex(crypto::bytesOf(crypto::sha256(wordingBytes(notice))));
}

std::vector<const consent::Notice*> wordingsOf(const consent::Policy& policy) {
    std::vector<const consent::Notice*> found;
    for (const consent::Purpose& purpose : policy.purposes) {
        for (const auto& [channel, languages] : purpose.notices) {
            for (const auto& [language, notice] : languages) {
                found.push_back(&notice);
            }
        }
    }
    return found;
}

Result<void> checkFrozen(const consent::Policy& policy, const FrozenWordings& frozen) {
    for (const consent::Notice* notice : wordingsOf(policy)) {
        const std::string key = wordingKey(notice->ref);
        const auto used = frozen.find(key);
        if (used != frozen.end() && used->second != notice->ref.sha256) {
            return fail(
                Code::conflict,
                "the wording " + key +
                    " was used by acts with another text and may not change; restore it, or "
                    "raise its version in the pack (a changed house: wording-revision in "
                    "house.toml)",
                key);
        }
    }
    return {};
}

} // namespace souffleur::policy
