// What is said of a person or of an address beside acts (restricted, a minor, verified, bounced):
// not "the newest wins", because a till's word about time is not trusted, but: of all words that
// may be the last, the strictest (DESIGN 4, rule 9). A function of the set of events.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "plugin/consent/StateOf.h"

namespace souffleur::consent {

/// When something was said, as far as it can be told: UTC ms, earliest <= latest.
struct Moment {
    TimeMs earliest = 0;
    TimeMs latest = 0;
};

/// An event was made before it was received, whatever its clock said. One that claims to be of
/// later than its receipt, beyond the uncertainty it stated and kClockMarginMs, has a clock that is
/// not believed at all; neither is a suspect one. More doubt never makes the moment narrower.
Moment momentOf(const Event& event, const Clocks& clocks);

/// Is the event's time the moment at which its device made it? Orders and acts of an import or a
/// connector have times of their own.
bool datedByDevice(const Event& event) noexcept;
/// The time by which the device surely was when it made the event, by its own clock: what comes
/// later in its chain is not of before, or its clock ran back. Nothing where its clock says nothing
/// (never synchronised), cannot be right (later than the receipt) or was not asked.
std::optional<TimeMs> surelyReached(const Event& event);
/// Did the device make it before that time, beyond its own uncertainty and kClockMarginMs?
bool ranBack(const Event& event, TimeMs reached);

/// Those of `said` (all about the same thing) of which each may be the last: no other is certainly
/// later. Certain is what the same device said at a later position by a clock that did not run
/// back, or what is later whatever the two clocks were off. Not empty unless `said` is: what is
/// certain is never certain in a circle, for nothing was made after a later one of its device was
/// received. A judgement only adds to them. The order and doubles of `said` do not matter.
std::vector<const Event*> lastWords(std::span<const Event* const> said, const Clocks& clocks);

/// Is this origin head office's own chain? Empty where nobody can tell (at a till, where the hub's
/// card says what came of it): then none is.
using IsHeadOffice = std::function<bool(const OriginId&)>;

/// The words of which the strictest stands: lastWords(), and of head office's own words those that
/// are its last. What head office restricted, or noted as bounced, no till takes back: only head
/// office does. Its word that an address was removed is not among those: who names the address
/// anew has it again, as it was.
std::vector<const Event*> decidingWords(std::span<const Event* const> said, const Clocks& clocks,
                                        const IsHeadOffice& headOffice);

/// Does the fact ("restricted", "minor") hold of the subject? No only if none of the words that
/// decide says otherwise.
bool factHolds(std::span<const Event> events, const SubjectId& subject, std::string_view fact,
               const Clocks& clocks, const IsHeadOffice& headOffice = {});

/// The same of words about one fact of one subject alone.
bool factHolds(std::span<const Event* const> said, const Clocks& clocks,
               const IsHeadOffice& headOffice = {});

/// The stricter of the two: removed over bounced over unverified over verified.
ContactStatus stricter(ContactStatus a, ContactStatus b) noexcept;
/// The status that words about one address leave it in; `last` as decidingWords() gave them, all of
/// them with a Contact as body, at least one.
ContactStatus statusOf(std::span<const Event* const> last);

} // namespace souffleur::consent
