// What the CUPS backend and the tap say to each other about a document, beside its bytes: whether
// the terminal is alive, when to begin, and what became of it.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

namespace souffleur::host {

/// The first bytes of a connection whose end wants to hear the tap's words. No receipt begins with
/// them; they do not go to the printer.
inline constexpr std::string_view kJobHello = "\x01souffleur-job1\n";

/// Each word: its kind, the length of what follows (two bytes, low first), and that.
enum class JobWord : std::uint8_t {
    alive = 'w',   ///< at once after the hello, and every kJobAlive
    begin = 'b',   ///< the printer is there: send the document, then shut down your side
    answer = 'a',  ///< bytes of the printer
    printed = 'p', ///< the last word: the printer has taken all of it
    nothing = 'n', ///< the last word: not a byte of it went out
    part = 'x',    ///< the last word: some of it did
};

inline constexpr std::chrono::milliseconds kJobAlive{1000};
/// Without a word for so long the tap is taken to hang. Above what one try to reach a printer
/// takes.
inline constexpr std::chrono::milliseconds kJobSilence{10'000};
inline constexpr std::size_t kJobAnswerMax = 1024;

/// The tap's side, over a non-blocking socket, which it borrows. Never waits, but for the last
/// word. One thread.
class TapJobWords {
public:
    void start(int fd);
    [[nodiscard]] bool started() const noexcept { return _fd >= 0; }
    void say(JobWord word, std::span<const std::uint8_t> bytes = {});
    /// Room for another word with its bytes.
    [[nodiscard]] bool idle() const noexcept { return _filled == 0; }
    /// Sends what waits, and that we are alive where that is due.
    void tick();
    /// Waits until it is sent; two seconds at most.
    void last(JobWord word);

private:
    using Clock = std::chrono::steady_clock;
    void flush();

    int _fd = -1;
    std::array<std::uint8_t, kJobAnswerMax + 16> _out{};
    std::size_t _filled = 0;
    Clock::time_point _saidAt;
};

/// The other side: takes the words out of what comes. One thread.
class TapJobReader {
public:
    /// Called with each word; its bytes are those of a part of an answer, or none.
    using Sink = std::function<void(JobWord, std::span<const std::uint8_t>)>;
    explicit TapJobReader(Sink sink) : _sink(std::move(sink)) {}
    void feed(std::span<const std::uint8_t> bytes);

private:
    Sink _sink;
    std::array<std::uint8_t, 3> _head{};
    std::size_t _headed = 0;
    std::size_t _left = 0; ///< of the word in hand
};

} // namespace souffleur::host
