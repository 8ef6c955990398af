// The paper of a virtual printer: commands in, receipts out as picture and text.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "drivers/escpos/Decoder.h"
#include "drivers/escpos/Profile.h"

namespace souffleur::emulator {

/// A piece of paper from cut to cut.
struct Receipt {
    std::uint64_t number = 0; ///< from 1
    std::string
        text; ///< UTF-8, one line a printed line; pictures as "[image 384x120]", codes as "[qr …]"
    std::vector<std::uint8_t> png; ///< empty with Pictures::none, and the sizes 0
    int widthPx = 0;
    int heightPx = 0;
};

inline constexpr int kMaxReceiptDots = 24000; ///< three metres; more is cut off and said so

/// Whether receipts have a picture. Drawing takes nearly all of the time; text, layout and length
/// are the same without.
enum class Pictures : std::uint8_t { drawn, none };

/// What commands print. One thread.
class Paper {
public:
    explicit Paper(escpos::Profile profile, Pictures pictures = Pictures::drawn);
    ~Paper();
    Paper(Paper&&) noexcept;
    Paper& operator=(Paper&&) = delete;

    void apply(const escpos::Command& command);
    /// Receipts cut since the last call.
    [[nodiscard]] std::vector<Receipt> takeCut();
    /// Tears off what is printed so far, if anything is.
    void tear();
    /// As tear(), and back to the modes of power-on; what was sent to be printed later is lost.
    void powerCut();

private:
    struct State;
    std::unique_ptr<State> _state;
};

} // namespace souffleur::emulator
