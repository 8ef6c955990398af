// What a code that the till's scanner read does at this till.
#pragma once

#include <string>
#include <string_view>

#include "drivers/scanner/Scanner.h"
#include "plugin/api/Feed.h"
#include "plugin/counter/Counter.h"
#include "plugin/crypto/Handle.h"
#include "plugin/host/ScanPatterns.h"
#include "plugin/host/SelectionServer.h"

namespace souffleur::ledger {
class Ledger;
} // namespace souffleur::ledger

namespace souffleur::terminal {

/// All borrowed. A customer, or an order that is on file, becomes the customer of that system, as
/// if the system had selected them; a badge signs in; the code of a consent slip puts whom it was
/// given to on the desk, where this till has the act on file, and says so where the act was taken
/// back. What is ours and leads to nobody
/// leaves the desk as it is and is told to the pages. Whatever else was scanned is passed over.
class ScanActions final : public scanner::Events {
public:
    /// What there is to be told to those who look after the till goes to `say`: one line, without
    /// the code.
    using Say = std::function<void(const std::string& line)>;
    ScanActions(counter::Counter& counter, const ledger::Ledger& ledger, api::Feed& feed,
                host::HostEvents& doors, host::ScanPatterns patterns, Say say)
        : _counter(counter), _ledger(ledger), _feed(feed), _doors(doors),
          _patterns(std::move(patterns)), _say(std::move(say)) {}

    /// Of a keyboard scanner: anything else is typed on to ticketing. Any thread; quick.
    [[nodiscard]] bool ours(std::string_view code) const;

    void scanned(const scanner::Code& code) override;
    void changed(scanner::State state, const std::string& words) override;

private:
    void openOrder(const host::Selection& order);
    void openSlip(const crypto::Handle& handle);
    void signIn(const std::string& badge);
    void tell(api::ScanTrouble trouble);

    counter::Counter& _counter;
    const ledger::Ledger& _ledger;
    api::Feed& _feed;
    host::HostEvents& _doors;
    host::ScanPatterns _patterns;
    Say _say;
};

} // namespace souffleur::terminal
