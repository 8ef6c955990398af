// What a receipt that passed the print tap does at this till.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "drivers/escpos/Profile.h"
#include "plugin/base/Clock.h"
#include "plugin/counter/Counter.h"
#include "plugin/host/SelectionServer.h"
#include "plugin/host/TapAnalyser.h"

namespace souffleur::terminal {

/// The number on a receipt becomes the customer of that system, as if the system had selected them;
/// an order's number only where it is on file, for it is nobody's own. Whom a receipt has put on
/// the desk leaves it with the next receipt that is not theirs: one with another number, or with
/// none, unless that is of the same sale (kTogetherMs, kCardSlipMs; never one with a number that
/// was not read for the card data beside it). Set up before the tap starts; afterwards the tap's
/// thread, and useProfile from the printer's.
class TapActions final : public host::TapEvents {
public:
    /// What comes out of one sale comes in one go: tickets, a voucher.
    static constexpr TimeMs kTogetherMs = 10 * kSecondMs;
    /// But for the card terminal's slips, the customer's and the house's.
    static constexpr TimeMs kCardSlipMs = 60 * kSecondMs;
    static constexpr int kCardSlipsMax = 2;

    /// Borrowed.
    TapActions(host::HostEvents& doors, const Clock& clock) : _doors(doors), _clock(clock) {}

    /// Draws the pack's lines for receipts, in every language that it has them in. Borrows the
    /// counter, without which nobody leaves the desk.
    void prepare(counter::Counter& counter, const escpos::Profile& profile,
                 const std::string& language);

    /// The printer turned out to be this one: lines are drawn anew before the next receipt.
    void useProfile(const escpos::Profile& profile);
    /// The pack in force may have changed: from the next receipt on its lines count. About once a
    /// second; any thread.
    void heedPack();

    void receipt(const std::string& system, const std::string& number) override;
    void unnamed(host::Unnamed how) override;
    /// Whether the pack in force has lines.
    [[nodiscard]] bool hints() const noexcept override { return _hints; }
    /// For who was never asked, or is due again; nothing for anybody else, in rush mode and while
    /// the till is locked.
    std::vector<std::uint8_t> hint(const std::string& system, const std::string& number) override;

private:
    bool show(const std::string& system, const std::string& number);

    host::HostEvents& _doors;
    const Clock& _clock;
    TimeMs _shownAt = 0; ///< the tap's thread's, as what follows: monotonic; 0 = nobody
    int _cardSlips = 0;  ///< since
    counter::Counter* _counter = nullptr;
    std::string _language;
    void draw();

    std::atomic<bool> _hints{false};
    std::mutex _mutex; ///< guards the three below
    escpos::Profile _profile;
    std::shared_ptr<const consent::Policy> _drawn;           ///< whose lines these are
    std::map<std::string, std::vector<std::uint8_t>> _lines; ///< by language
};

} // namespace souffleur::terminal
