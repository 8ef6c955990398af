// What the customer reads on the pole display: a greeting in their language, and in a few words
// what they are asked. Never a name, an address or an answer.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "drivers/display/Display.h"
#include "plugin/consent/Policy.h"
#include "plugin/counter/CounterEvents.h"
#include "plugin/counter/Desk.h"
#include "plugin/counter/Outcome.h"

namespace souffleur::terminal {

/// Every text that the display will ever show: made from the pack alone, before there is a
/// customer. Value.
class CustomerScreens {
public:
    /// A greeting for each language of the pack, and below it each question's short label.
    explicit CustomerScreens(const consent::Policy& policy);

    /// At most display::kScreensMax; questions after that have their greeting alone.
    [[nodiscard]] const std::vector<display::Screen>& all() const { return _screens; }
    /// Of a language that the pack does not have: the house's own.
    [[nodiscard]] std::size_t greeting(const std::string& language) const;
    /// Without such a label: the greeting.
    [[nodiscard]] std::size_t question(const std::string& purpose, const std::string& channel,
                                       const std::string& language) const;

private:
    std::vector<display::Screen> _screens;
    std::map<std::string, std::size_t> _greetings;
    std::map<std::tuple<std::string, std::string, std::string>, std::size_t> _questions;
    std::string _house; ///< language
};

/// Follows the desk. Events come one at a time, as CounterEvents says.
class CustomerDisplay final : public counter::CounterEvents {
public:
    struct Parts {
        /// The pack in force.
        std::function<std::shared_ptr<const consent::Policy>()> policy;
        /// A display that shows these screens and no others.
        std::function<display::Result<std::unique_ptr<display::Display>>(
            std::vector<display::Screen> screens)>
            make;
        /// The desk as it is now, in a language.
        std::function<counter::Outcome<counter::Desk>(const std::string& language)> look;
    };
    /// Errors: as `make`.
    [[nodiscard]] static display::Result<std::unique_ptr<CustomerDisplay>> start(Parts parts);

    /// About once a second: after a change of the pack the display begins anew with its screens.
    /// May take a second then; not on a thread that tells events.
    void tick();

    void deskChanged(std::uint64_t revision, bool selected) override;
    void rushChanged(const counter::Rush& rush) override;
    void sessionChanged(const counter::Session& session) override;
    void jobChanged(const counter::PrintJob&) override {}
    void printerChanged(const counter::PrinterView&) override {}

private:
    explicit CustomerDisplay(Parts parts) : _parts(std::move(parts)) {}
    void show();

    const Parts _parts;
    std::atomic<std::uint64_t> _turns{0};
    std::mutex _mutex; ///< guards what follows; not held while the desk is looked at
    std::shared_ptr<const consent::Policy> _policy;
    std::optional<CustomerScreens> _screens;
    std::unique_ptr<display::Display> _display; ///< null while it begins anew
    std::uint64_t _shown = 0;                   ///< the newest turn on the display
};

} // namespace souffleur::terminal
