#include "kiosk/terminal/CustomerDisplay.h"

#include <algorithm>
#include <array>

namespace souffleur::terminal {
namespace {

struct Greeting {
    std::string_view language;
    std::string_view words;
};
constexpr std::array<Greeting, 7> kGreetings{{{"en", "Welcome!"},
                                              {"nl", "Welkom!"},
                                              {"ca", "Benvinguts!"},
                                              {"es", "¡Bienvenidos!"},
                                              {"ru", "Добро пожаловать!"},
                                              {"de", "Willkommen!"},
                                              {"fr", "Bienvenue !"}}};

/// Another language is greeted in English.
std::string greetingIn(std::string_view language) {
    const auto found = std::find_if(kGreetings.begin(), kGreetings.end(), [&](const Greeting& one) {
        return one.language == language.substr(0, 2);
    });
    return std::string(found == kGreetings.end() ? kGreetings[0].words : found->words);
}

} // namespace

CustomerScreens::CustomerScreens(const consent::Policy& policy)
    : _house(policy.languages.empty() ? "en" : policy.languages.front()) {
    constexpr std::size_t kLanguagesMax = 32;
    std::vector<std::string> languages = policy.languages;
    if (languages.empty()) languages.push_back(_house);
    languages.resize(std::min(languages.size(), kLanguagesMax));
    for (const std::string& language : languages) {
        if (!_greetings.emplace(language, _screens.size()).second) continue;
        _screens.push_back({greetingIn(language), ""});
    }
    for (const consent::Purpose& purpose : policy.purposes) {
        for (const consent::Token& channel : purpose.channels) {
            for (const std::string& language : languages) {
                const consent::Notice* notice = policy.notice(purpose, channel, language);
                if (notice == nullptr || notice->label.empty()) continue;
                if (_screens.size() >= display::kScreensMax) return;
                _questions.emplace(std::tuple(purpose.id, channel, language), _screens.size());
                _screens.push_back({greetingIn(language), notice->label + "?"});
            }
        }
    }
}

std::size_t CustomerScreens::greeting(const std::string& language) const {
    const auto found = _greetings.find(language);
    return found != _greetings.end() ? found->second : _greetings.at(_house);
}

std::size_t CustomerScreens::question(const std::string& purpose, const std::string& channel,
                                      const std::string& language) const {
    const bool offered = _greetings.contains(language);
    const auto found = _questions.find({purpose, channel, offered ? language : _house});
    return found != _questions.end() ? found->second : greeting(language);
}

display::Result<std::unique_ptr<CustomerDisplay>> CustomerDisplay::start(Parts parts) {
    std::unique_ptr<CustomerDisplay> out(new CustomerDisplay(std::move(parts)));
    out->_policy = out->_parts.policy();
    out->_screens.emplace(*out->_policy);
    auto display = out->_parts.make(out->_screens->all());
    if (!display) return tl::make_unexpected(display.error());
    out->_display = std::move(*display);
    return out;
}

void CustomerDisplay::tick() {
    auto policy = _parts.policy();
    std::unique_ptr<display::Display> former;
    {
        const std::scoped_lock lock(_mutex);
        if (policy == _policy) return;
        former = std::move(_display);
    }
    former.reset(); // lets the line go
    CustomerScreens screens(*policy);
    auto display = _parts.make(screens.all());
    {
        const std::scoped_lock lock(_mutex);
        _policy = std::move(policy);
        _screens.emplace(std::move(screens));
        if (display) _display = std::move(*display);
    }
    show();
}

void CustomerDisplay::deskChanged(std::uint64_t /*revision*/, bool /*selected*/) {
    show();
}

void CustomerDisplay::rushChanged(const counter::Rush& /*rush*/) {
    show();
}

void CustomerDisplay::sessionChanged(const counter::Session& /*session*/) {
    show();
}

void CustomerDisplay::show() {
    // What changes while we look is told to us again, with a higher turn: what it showed stays.
    const std::uint64_t turn = ++_turns;
    const auto desk = _parts.look("en");
    const std::scoped_lock lock(_mutex);
    if (!_display || turn < _shown) return;
    _shown = turn;
    // Locked, or nobody is in front of the till.
    if (!desk || !desk->customer) return _display->clear();
    const std::string& language = desk->customer->language;
    const auto asked = std::find_if(desk->questions.begin(), desk->questions.end(),
                                    [](const counter::DeskQuestion& one) { return one.asked; });
    // Without a flag the cashier is shown nothing to ask, and so is the customer (rush mode).
    const bool asks = desk->flag && asked != desk->questions.end();
    _display->show(asks ? _screens->question(asked->purpose, asked->channel, language)
                        : _screens->greeting(language));
}

} // namespace souffleur::terminal
