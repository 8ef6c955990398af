// Reads a copy of the bytes that pass the tap: receipts one by one, and the number each is about.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "plugin/host/TapMemory.h"
#include "plugin/host/TapModes.h"
#include "plugin/host/TapPatterns.h"

namespace souffleur::host {

/// A receipt that came to its end.
struct TapReceipt {
    std::string number; ///< with its prefix; empty: none, or blind
    bool blind = false; ///< card data, or bytes were missed: nothing was taken from it
    bool card = false;  ///< blind for card data
    bool sale =
        false; ///< and a number stands beside them: a sale's own paper, not the card terminal's
    bool named = false; ///< this paper's number was told: here, or before a silence in its middle
    bool fiscal = false;
    bool cut = false; ///< else it ended in silence
};

/// Incremental and bounded: a line, a code and a command's head are all it ever keeps, in memory
/// that no dump holds and that is zeroed at a receipt's end. Follows ESC/POS by the decoder's own
/// table; what the table does not know is stepped over by two bytes. One thread.
class TapReader {
public:
    using Sink = std::function<void(const TapReceipt&)>;
    TapReader(const TapPatterns& patterns, Sink sink);

    void feed(std::span<const std::uint8_t> bytes);
    /// Silence: what came is told as a receipt, cut or not. Its paper may go on: until a cut, or
    /// finish(), nothing is alterable, and a fiscal one stays fiscal.
    void pause();
    /// The till has gone: the receipt is over, cut or not.
    void finish();
    /// Bytes were missed: what is going on is blind to its end.
    void lose();
    /// At a cut that is about to come: the number of the receipt in hand, where a line of ours may
    /// stand before it. Empty: none, card data, a fiscal receipt, half a line, page mode, print
    /// upside down, a command that is not known (on this paper, or before it without an `ESC @`
    /// since), or a pause since the last cut.
    [[nodiscard]] std::string alterable() const;
    /// Nothing came since the last cut, and that it was one is known: what looks like a cut may be
    /// the data of a command that the table does not know. Then only `ESC @` or silence counts.
    [[nodiscard]] bool atCut() const noexcept { return !_begun && !_astray && _length == 0; }
    /// So many bytes at least the printer answers to all that came so far.
    [[nodiscard]] std::uint64_t expected() const noexcept { return _expected; }
    /// What is set in the printer by now, as far as it is known.
    [[nodiscard]] const TapModes& modes() const noexcept { return _modes; }

private:
    static constexpr std::size_t kLine = 512;
    static constexpr std::size_t kTail = 64; ///< of the text before: for cards over a line's end
    static constexpr std::size_t kHead = 64; ///< longest command head that is looked into
    static constexpr std::size_t kNumber = 96;

    void take(std::uint8_t byte);
    std::size_t skip(std::span<const std::uint8_t> bytes);
    void decide();
    void commandEnds();
    void put(std::uint8_t byte);
    void lineEnds(bool broken);
    void codeEnds();
    void turn(std::span<const std::uint8_t> head);
    void strays() noexcept;
    void match(std::span<const std::uint8_t> text, TapPatterns::Where where);
    void receiptEnds(bool cut);
    void blindedBy(bool card) noexcept;
    void forget();

    TapPatterns _patterns;
    Sink _sink;
    TapMemory _memory; ///< tail + line, code, head, number
    std::span<std::uint8_t> _text;
    std::span<std::uint8_t> _code;
    std::span<std::uint8_t> _head;
    std::span<std::uint8_t> _number;
    std::size_t _tail = 0;     ///< bytes of _text that are the line before
    std::size_t _filled = 0;   ///< of _text, tail included
    std::size_t _coded = 0;    ///< of _code
    std::size_t _numbered = 0; ///< of _number
    std::size_t _rank = 0;     ///< of the number found
    std::uint64_t _length = 0; ///< of the command in hand
    std::uint64_t _wanted = 0; ///< length at which to decide again
    std::uint64_t _dataAt = 0;
    std::uint64_t _expected = 0;
    TapModes _modes;
    bool _final = false;
    bool _untilNul = false;
    bool _coding = false; ///< the command's data are a code's
    bool _begun = false;  ///< something of a receipt came
    bool _blind = false;
    bool _card = false;   ///< blind for that
    bool _sale = false;   ///< a number was there as well; it is not kept
    bool _named = false;  ///< the paper's number was told before a pause
    bool _odd = false;    ///< a command that the table does not know
    bool _astray = false; ///< where commands begin is not known: until `ESC @` or silence
    bool _turned = false; ///< page mode or upside down: until the printer is told otherwise
    bool _fiscal = false;
    bool _uncut = false; ///< something of the paper in hand came before a pause
};

} // namespace souffleur::host
