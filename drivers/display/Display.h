// A pole display of two lines of twenty characters, facing the customer. It shows fixed screens and
// nothing else: every text is declared when it starts, and from then on screens go by number. No
// function takes a text afterwards, so that nothing that came up in a sale (a name, an answer) can
// get there.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/escpos/CodePages.h"
#include "drivers/transport/Transport.h"

namespace souffleur::display {

using transport::Error;
using transport::Fault;
using transport::Result;

inline constexpr std::size_t kColumns = 20;
inline constexpr std::size_t kScreensMax = 1024;
inline constexpr std::size_t kLineMaxBytes = 512; ///< of a declared line; more is cut

/// What the display understands; many can be switched to each of them.
enum class CommandSet : std::uint8_t {
    escpos, ///< Epson DM-D and those like it
    cd5220, ///< its standard mode
    dsp800,
};
/// "escpos", "cd5220", "dsp800".
[[nodiscard]] std::optional<CommandSet> commandSetByName(std::string_view name) noexcept;

struct Settings {
    CommandSet commands = CommandSet::escpos;
    /// What bytes from 0x80 on show; none: ASCII alone. Only escpos can be told.
    std::optional<escpos::CodePage> page;
    int brightness = 0; ///< 1 (dim) to 4; 0: as it is. Not for dsp800
};
/// Errors: invalid, saying what this command set cannot do.
[[nodiscard]] Result<void> validate(const Settings& settings);

/// One picture, UTF-8. What the display cannot show becomes Latin letters without accents, or '?';
/// a longer line is cut, between words where that is possible.
struct Screen {
    std::string top;
    std::string bottom;
    bool operator==(const Screen&) const = default;
};

enum class State : std::uint8_t {
    waiting, ///< not asked to show anything yet
    shown,   ///< the device took the present screen
    absent,  ///< it could not be reached or took nothing; tried again, at most every 30 s
};

/// One thread of its own from start to destruction; it alone waits for the device. What is shown
/// last counts: screens that were overtaken are never sent.
class Display {
public:
    /// `line` unopened. `screens`: all that it will ever show, at most kScreensMax. Errors:
    /// invalid.
    [[nodiscard]] static Result<std::unique_ptr<Display>>
    start(std::unique_ptr<transport::Transport> line, const Settings& settings,
          std::vector<Screen> screens);
    /// Clears the display if that takes no more than half a second.
    virtual ~Display() = default;
    Display(const Display&) = delete;
    Display& operator=(const Display&) = delete;

    /// Shows the screen of this number; one that was not declared clears it. Any thread; never
    /// waits.
    virtual void show(std::size_t screen) noexcept = 0;
    /// Any thread; never waits.
    virtual void clear() noexcept = 0;
    /// Any thread.
    [[nodiscard]] virtual State state() const noexcept = 0;

protected:
    Display() = default;
};

} // namespace souffleur::display
