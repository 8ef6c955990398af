// Where cuts begin in the till's bytes, found before they pass. Inside the tap only.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace souffleur::host {

/// Follows ESC/POS by the decoder's own table, so that a picture's bytes are no cut. Keeps a
/// command's head and nothing else. One thread.
class TapCuts {
public:
    struct Step {
        std::size_t pass = 0; ///< bytes that are no cut's, and were taken in
        bool cut = false;     ///< one begins right behind them
    };
    /// Takes in what stands before the next cut. A last byte that may begin one is left: show it
    /// again with what follows.
    [[nodiscard]] Step look(std::span<const std::uint8_t> bytes);
    /// The cut that begins next is no stop any more.
    void allow() noexcept { _allowed = true; }
    /// The byte that was left passes: a cut that begins with it is not found.
    void letGo(std::uint8_t byte) { take(byte); }
    ~TapCuts();
    TapCuts() = default;
    TapCuts(const TapCuts&) = delete;
    TapCuts& operator=(const TapCuts&) = delete;

private:
    static constexpr std::size_t kHead = 64;

    void take(std::uint8_t byte);
    void decide();

    std::array<std::uint8_t, kHead> _head{};
    std::uint64_t _length = 0; ///< of the command in hand
    std::uint64_t _wanted = 0; ///< length at which to decide again, or at which it ends
    bool _final = false;
    bool _untilNul = false;
    bool _allowed = false;
};

} // namespace souffleur::host
