// The part of the tap that thinks, on a thread of its own: nothing that happens to it can hold up
// a receipt.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "plugin/host/TapReader.h"

namespace souffleur::host {

/// A receipt that names nobody: it has no number or was not read; it holds card data, as the slip
/// of a card terminal does; or card data beside a number, which is a sale's own paper and was not
/// read.
enum class Unnamed : std::uint8_t { plain, card, sale };

/// Told on the analyser's thread, one call at a time. May block or throw: receipts pass all the
/// same, unseen from then on.
class TapEvents {
public:
    virtual ~TapEvents() = default;
    /// A receipt is over and its number is known: `system` as the patterns say, `number` with the
    /// pattern's prefix ("order:4711081").
    virtual void receipt(const std::string& system, const std::string& number) = 0;
    /// A receipt is over that names nobody. Whoever it is for, maybe another one than the receipt
    /// before.
    virtual void unnamed(Unnamed /*how*/) {}
    /// May there be lines before cuts at all? Asked when a receipt begins, by any thread: what
    /// waits for the answer is the receipt, so it must not block.
    [[nodiscard]] virtual bool hints() const noexcept { return true; }
    /// A receipt of this number is about to be cut, and nothing on it speaks against a line of ours
    /// (only asked with TapSettings::hintMs). Bytes to print before the cut, which must leave the
    /// printer's modes as they are (escpos::pictureLine); empty: none. A late answer is not used.
    virtual std::vector<std::uint8_t> hint(const std::string& /*system*/,
                                           const std::string& /*number*/) {
        return {};
    }
};

struct TapStats {
    std::uint64_t receipts = 0; ///< that came to an end
    std::uint64_t numbers = 0;  ///< of those, with a number
    std::uint64_t blind = 0;    ///< of those, with card data or missed bytes
    std::uint64_t hints = 0;    ///< lines that were put before a cut
    bool alive = true;          ///< the analyser still looks
};

class TapAnalyser {
public:
    TapAnalyser(const TapPatterns& patterns, TapEvents& events);
    /// Waits for the call in progress.
    ~TapAnalyser();
    TapAnalyser(const TapAnalyser&) = delete;
    TapAnalyser& operator=(const TapAnalyser&) = delete;

    /// A copy of bytes that have passed. Never waits for the analyser: what finds no room is not
    /// looked at, and its receipt passes blind. One caller at a time.
    void offer(std::span<const std::uint8_t> bytes) noexcept;
    /// Silence, or another sender: what came so far is told. As offer.
    void pause() noexcept;
    /// The till has hung up: the receipt in hand is over. As offer.
    void gone() noexcept;
    /// TapEvents::hints.
    [[nodiscard]] bool hints() const noexcept { return _events.hints(); }
    /// A cut is the next to pass: what to print before it. Empty when there is nothing, or no
    /// answer within `patience`. As offer, but for the wait.
    [[nodiscard]] std::vector<std::uint8_t> beforeCut(std::chrono::milliseconds patience) noexcept;
    /// Everything offered was read, and it ended with a cut.
    [[nodiscard]] bool atCut() const noexcept { return !_missed && _cutAt == _written; }
    /// Everything offered was read, and told. Any thread.
    [[nodiscard]] bool idle() const noexcept { return _read == _written; }
    /// So many bytes at least the printer answers to all that was read so far.
    [[nodiscard]] std::uint64_t expected() const noexcept { return _expected; }
    /// Bytes that set in the printer what the tills have set in it, after a slip of ours. Empty:
    /// not known within `patience`, for not everything was looked at. As beforeCut.
    [[nodiscard]] std::vector<std::uint8_t> modes(std::chrono::milliseconds patience) noexcept;
    /// Any thread.
    [[nodiscard]] TapStats stats() const noexcept;

private:
    enum class Frame : std::uint8_t { bytes, pause, gone, missed, cut };
    void mark(Frame kind) noexcept;
    bool put(Frame kind, std::span<const std::uint8_t> bytes) noexcept;
    void copyIn(std::uint64_t at, std::span<const std::uint8_t> bytes) noexcept;
    void run();
    void next();
    void feed(std::uint64_t at, std::uint64_t count);
    void ended(const TapReceipt& receipt);
    void answer();

    std::string _system;
    TapEvents& _events;
    TapReader _reader;
    TapMemory _ring;      ///< frames: kind, length (4 bytes), bytes; zeroed when read
    bool _missed = false; ///< the caller's: to be told when there is room
    std::atomic<std::uint64_t> _written{0}; ///< into the ring, ever
    std::atomic<std::uint64_t> _read{0};    ///< out of the ring, ever
    std::atomic<std::uint64_t> _cutAt{0};   ///< ring position just behind a cut
    std::atomic<std::uint64_t> _expected{0};
    std::atomic<std::uint64_t> _receipts{0};
    std::atomic<std::uint64_t> _numbers{0};
    std::atomic<std::uint64_t> _blind{0};
    std::atomic<std::uint64_t> _hints{0};
    std::atomic<bool> _alive{true};
    std::uint64_t _asked = 0; ///< the caller's: cuts that it asked about
    std::mutex _mutex;        ///< guards _stopping and the sleep; held for moments
    std::condition_variable _wake;
    bool _stopping = false;
    std::condition_variable _said; ///< under _mutex, as what follows
    std::uint64_t _answered = 0;   ///< cuts that were answered
    std::vector<std::uint8_t> _hint;
    std::vector<std::uint8_t> _modes;
    std::thread _thread;
};

} // namespace souffleur::host
