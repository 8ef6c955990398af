// The far end of a FakeLine that behaves: real-time status, process ids, `GS r`. Header only.
#pragma once

#include <span>
#include <vector>

#include "drivers/escpos/Decoder.h"

namespace souffleur::test {

struct HealthyPrinter {
    bool confirm = true;
    std::uint8_t status = 0x12;
    bool first = false; ///< confirms what came before a job, and then no more

    std::vector<std::uint8_t> operator()(std::span<const std::uint8_t> piece) {
        std::vector<std::uint8_t> back;
        escpos::RealTimeScanner scanner;
        scanner.feed(piece, [&](std::uint8_t, std::uint8_t) { back.push_back(status); });
        for (std::size_t i = 0; (confirm || first) && i + 11 <= piece.size(); ++i) {
            if (piece[i] != 0x1D || piece[i + 1] != '(' || piece[i + 2] != 'H') continue;
            first = false;
            back.insert(back.end(),
                        {0x37, 0x22, piece[i + 7], piece[i + 8], piece[i + 9], piece[i + 10], 0});
        }
        for (std::size_t i = 0; confirm && i + 3 <= piece.size(); ++i) {
            if (piece[i] == 0x1D && piece[i + 1] == 'r') back.push_back(0);
        }
        return back;
    }
};

/// Slips that were cut off.
inline std::size_t slipsIn(std::span<const std::uint8_t> bytes) {
    std::size_t cuts = 0;
    escpos::Decoder decoder([&](const escpos::Command& command) {
        if (command.is(0x1D, 'V')) ++cuts;
    });
    decoder.feed(bytes);
    return cuts;
}

} // namespace souffleur::test
