// What the customer reads on the pole display: a greeting in their language, and in a few words
// what they are asked. Never a name, an address or an answer.
#pragma once

#include <map>
#include <memory>
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
    /// The desk as it is now, in a language.
    using Look = std::function<counter::Outcome<counter::Desk>(const std::string& language)>;
    /// `display` shows `screens`.
    CustomerDisplay(CustomerScreens screens, std::unique_ptr<display::Display> display, Look look)
        : _screens(std::move(screens)), _display(std::move(display)), _look(std::move(look)) {}

    void deskChanged(std::uint64_t revision, bool selected) override;
    void rushChanged(const counter::Rush& rush) override;
    void sessionChanged(const counter::Session& session) override;
    void jobChanged(const counter::PrintJob&) override {}
    void printerChanged(const counter::PrinterView&) override {}

private:
    void show();

    const CustomerScreens _screens;
    std::unique_ptr<display::Display> _display;
    Look _look;
};

} // namespace souffleur::terminal
