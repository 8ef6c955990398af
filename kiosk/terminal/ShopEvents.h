// What a followed shop tells, made into what the till knows: an order shows its customer, an answer
// becomes an act with method `connector` and its source, an anonymised customer is written to no
// more. Also where the follower's cursor is kept.
#pragma once

#include <functional>

#include "plugin/base/Clock.h"
#include "plugin/base/Random.h"
#include "plugin/contact/Folder.h"
#include "plugin/counter/Counter.h"
#include "plugin/host/PretixFollower.h"
#include "plugin/ledger/Ledger.h"

namespace souffleur::terminal {

/// Called by the follower's thread; borrows all, must outlive the follower.
///
/// Evidence is never live and names nothing as seen (DESIGN 4, rule 2): a no of the shop counts at
/// once, a yes of the shop only where no newer no could stand against it, waits for confirmation
/// where the pack demands one, and revives nobody whose address is in the suppression list. It
/// names no notice: the shop showed a wording of its own, which `source` finds again.
class ShopEvents final : public host::FollowEvents, public host::CursorStore {
public:
    /// Puts a customer on the till as a host does (Doors::selected), or takes them off.
    struct Screen {
        std::function<void(const host::Selection&)> show;
        std::function<void(const host::Selection&)> clear;
    };
    ShopEvents(ledger::Ledger& ledger, counter::Counter& counter, const Clock& clock,
               Random& random, Screen screen)
        : _ledger(ledger), _counter(counter), _clock(clock), _random(random),
          _screen(std::move(screen)) {}

    void ordered(const host::Selection& customer, std::string_view orderId) override;
    void cancelled(const host::Selection& customer, std::string_view orderId) override;
    [[nodiscard]] Result<void> answered(const host::Evidence& evidence) override;
    [[nodiscard]] Result<void> anonymised(std::string_view system, std::string_view id) override;

    [[nodiscard]] Result<std::string> get(std::string_view name) const override;
    [[nodiscard]] Result<void> put(std::string_view name, std::string_view value) override;

private:
    /// The person of the evidence: on file, or new with what is known of them.
    struct Who {
        SubjectId subject;
        bool isNew = true;
        wire::PersonData person; ///< to be written with the act
    };
    [[nodiscard]] Result<Who> recognise(const host::Selection& hints);
    [[nodiscard]] Result<bool> suppressed(const wire::PersonData& person) const;
    [[nodiscard]] Result<consent::ChoiceItem> itemOf(const host::Evidence& evidence,
                                                     const Who& who) const;

    ledger::Ledger& _ledger;
    counter::Counter& _counter;
    const Clock& _clock;
    Random& _random;
    const Screen _screen;
    contact::Folder _folder;
    std::string _shown; ///< id of the customer that was shown last
};

} // namespace souffleur::terminal
