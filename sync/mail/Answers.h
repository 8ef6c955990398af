// What a customer says by the link in a mail, or by the code on a slip. Looking changes nothing;
// what is said goes into head office's own chain (plugin/doc/adr/0012).
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "plugin/base/Clock.h"
#include "plugin/base/Result.h"
#include "plugin/consent/Policy.h"
#include "sync/mail/Confirmation.h"
#include "sync/people/EventSink.h"
#include "sync/store/Store.h"

namespace souffleur::mail {

/// Whose mail it is. Borrowed, but for the names.
struct House {
    store::Store& store;
    people::EventSink& chain;
    const consent::Policy& policy;
    std::map<std::string, std::string> names = {}; ///< its name in a language, where it differs
};

/// What the acts of a message say; `link` and `confirm` are the caller's. In the language in which
/// the person was asked, else `language`, else the house's. Errors: storage, corrupt.
Result<Confirmation> describe(const House& house, std::span<const std::string> headers,
                              const std::string& language);
/// What stands behind the "#" of a link: 32 random bytes.
std::string newToken(Random& random);
/// By which the store knows it.
crypto::Hash tokenHash(std::string_view token);

/// Thread-safe. Every error of a link or code that leads nowhere is notFound: unknown, expired,
/// answered and erased are not told apart.
class Answers {
public:
    Answers(const House& house, const Clock& clock) : _house(house), _clock(clock) {}

    struct Look {
        Confirmation what;
        std::string maskedAddress;
    };
    Result<Look> look(std::string_view token) const;
    /// Yes, that was me: every act of the message is confirmed. Errors: also storage.
    Result<void> confirm(std::string_view token);
    /// This was not me: what they agreed to is withdrawn, the address removed from this person, and
    /// nothing is asked of it for a year.
    Result<void> notMe(std::string_view token);
    /// Takes back what the slip says; `all`: wants no messages at all (an objection). Said twice
    /// within an hour it is said once. Errors: notFound, invalid (mistyped), storage.
    Result<void> takeBack(std::string_view code, bool all);

private:
    Result<bool> pressedAgain(const store::SlipAct& slip, const consent::Token& controller,
                              const std::pair<consent::Token, consent::Token>& what,
                              bool all) const;

    const House& _house;
    const Clock& _clock;
};

} // namespace souffleur::mail
