// What follows from a customer's facts for the screen: which questions, in which words, and why.
// Pure. Internal to this room.
#pragma once

#include <string>
#include <vector>

#include "plugin/consent/Flag.h"
#include "plugin/consent/Policy.h"
#include "plugin/counter/Desk.h"

namespace souffleur::counter {

/// One line of the desk's questions.
struct Item {
    Uuid id;
    consent::Token purpose;
    consent::Token channel;
    const consent::Notice* notice = nullptr; ///< borrowed from the policy
    bool asked = false;
    consent::State state = consent::State::unknown;
    bool pending = false;
    /// When the yes was said that waits beside an older permission, which still stands, or whose
    /// only address does; 0 = none.
    TimeMs waitsSince = 0;
    TimeMs at = 0;
    bool needsAddress = false;
    bool unverified = false; ///< the address on file was never confirmed
    bool lifting = false;    ///< a withdrawal or objection bears on it
    /// Nobody can see here what was said before: a yes waits for a mail, however it was given.
    bool unread = false;
};

/// The questions to ask now, then what stands and may be changed; at most kQuestionsMax.
std::vector<Item> itemsOf(const consent::Flag& flag, const consent::PersonFacts& facts,
                          const consent::Policy& policy, const consent::Basket& basket,
                          const std::string& language, TimeMs now);

/// The contract's word for an answer on file.
std::string answeredName(const Item& item);
/// What a spoken yes to `item` still needs.
std::string confirmBy(const Item& item, const consent::Policy& policy, consent::Method method,
                      TimeMs now);

/// The reasons of the contract for this flag, most telling first.
std::vector<Reason> reasonsOf(const consent::Flag& flag, const consent::PersonFacts& facts,
                              const consent::Policy& policy, const consent::Basket& basket,
                              consent::Situation situation, TimeMs now);

/// Dates a yes that waits where the flag has no date: the state is an older permission's.
void dateWaiting(std::vector<Reason>& reasons, const std::vector<Item>& items);

/// Everything that the answer to a question set depends on, as text for comparing.
std::string fingerprint(const std::vector<Item>& items, const std::vector<EventId>& seen,
                        const SubjectId& subject, const std::string& language,
                        const std::string& policySha);

} // namespace souffleur::counter
