// The real printer behind the tap: one line, several that want it. Inside the tap only.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "drivers/escpos/CommandTable.h"
#include "drivers/escpos/Decoder.h"
#include "drivers/transport/Transport.h"

namespace souffleur::host {

/// Who holds the lease may use the transport, nobody else. Tills go before slips.
class TapLine {
public:
    enum class Who { till, slip };
    explicit TapLine(std::unique_ptr<transport::Transport> printer)
        : _printer(std::move(printer)) {}

    /// Waits for the lease, and calls `meanwhile` every few milliseconds while it does. False:
    /// `stop` was set, `meanwhile` wants no more of it, or the time is over.
    [[nodiscard]] bool acquire(Who who, transport::Milliseconds timeout,
                               const std::atomic<bool>& stop,
                               const std::function<bool()>& meanwhile = {});
    /// Hangs up as well when no till is connected, or when `broken`.
    void release(bool broken = false);
    /// A till is connected (it hears the printer also between receipts).
    void tillComes() noexcept { ++_tills; }
    void tillGoes() noexcept { --_tills; }
    /// Another one waits for the lease: give way where the paper allows it.
    [[nodiscard]] bool wanted() const noexcept { return _waiting > 0; }
    [[nodiscard]] bool wantedByTill() const noexcept { return _waitingTills > 0; }
    /// A till that waits has bytes to print, not only its turn to take.
    void press() noexcept { ++_pressing; }
    void pressNoMore() noexcept { --_pressing; }
    [[nodiscard]] bool pressed() const noexcept { return _pressing > 0; }
    [[nodiscard]] transport::Transport& printer() noexcept { return *_printer; }
    /// Of a slip, these bytes went out. The holder's, as what follows.
    void slipSent(std::span<const std::uint8_t> bytes) { _slip.feed(bytes); }
    /// A slip that broke off left the printer in the middle of a command (a picture), which would
    /// eat what comes next: sends NULs to its end, which outside of a command are ignored.
    [[nodiscard]] transport::Written endSlip(transport::Milliseconds timeout);
    /// A slip has put the printer's settings back; asked once for each.
    [[nodiscard]] bool takeReset() noexcept { return std::exchange(_reset, false); }
    /// And they still are: who has the line next sees to it.
    void leaveReset() noexcept { _reset = true; }
    [[nodiscard]] bool slipOpen() const noexcept { return _slip.missing() > 0; }
    [[nodiscard]] std::string describe() const;

private:
    std::unique_ptr<transport::Transport> _printer;
    escpos::Decoder _slip{[this](const escpos::Command& command) {
        _reset = _reset || command.is(escpos::kEsc, '@');
    }};
    bool _reset = false;
    mutable std::mutex _mutex;
    std::condition_variable _free;
    bool _held = false;
    std::atomic<int> _tills{0};
    std::atomic<int> _waiting{0};
    std::atomic<int> _waitingTills{0};
    std::atomic<int> _pressing{0};
};

/// A till's turn at the line. Lets go what it took, and nothing else, at its end at the latest: in
/// whatever way the session ends. One thread.
class TapTurn {
public:
    explicit TapTurn(TapLine& line) : _line(line) {}
    ~TapTurn() {
        goes();
        release(true); // in the middle of something
    }
    TapTurn(const TapTurn&) = delete;
    TapTurn& operator=(const TapTurn&) = delete;

    void comes() noexcept {
        if (!std::exchange(_here, true)) _line.tillComes();
    }
    void goes() noexcept {
        if (std::exchange(_here, false)) _line.tillGoes();
    }
    [[nodiscard]] bool acquire(transport::Milliseconds timeout, const std::atomic<bool>& stop,
                               const std::function<bool()>& meanwhile = {}) {
        _held = _held || _line.acquire(TapLine::Who::till, timeout, stop, meanwhile);
        if (std::exchange(_presses, false)) _line.pressNoMore();
        return _held;
    }
    /// In acquire's `meanwhile`: the till has bytes to print.
    void press() noexcept {
        if (!std::exchange(_presses, true)) _line.press();
    }
    [[nodiscard]] bool held() const noexcept { return _held; }
    void release(bool broken = false) {
        if (std::exchange(_held, false)) _line.release(broken);
    }

private:
    TapLine& _line;
    bool _here = false;
    bool _held = false;
    bool _presses = false;
};

/// The same printer as a line for our own slips: open() waits until no receipt is on its way, so
/// that a slip follows after the cut; once sent, it gives way to a till that waits (`gone`). While
/// it has only asked how the printer is, it gives way to a till's first byte at once (`busy`).
class TapSlipLine final : public transport::Transport {
public:
    explicit TapSlipLine(std::shared_ptr<TapLine> line) : _line(std::move(line)) {}
    ~TapSlipLine() override { close(); }

    [[nodiscard]] transport::Result<void> open(transport::Milliseconds timeout) override;
    [[nodiscard]] transport::Written write(std::span<const std::uint8_t> bytes,
                                           transport::Milliseconds timeout) override;
    [[nodiscard]] transport::Result<std::size_t> read(std::span<std::uint8_t> into,
                                                      transport::Milliseconds timeout) override;
    void close() noexcept override;
    void cancel() noexcept override;
    [[nodiscard]] bool canRead() const noexcept override { return _line->printer().canRead(); }
    [[nodiscard]] bool shared() const noexcept override { return true; }
    [[nodiscard]] transport::Plate plate() const override {
        return _held ? _line->printer().plate() : transport::Plate{};
    }
    [[nodiscard]] std::string describe() const override { return _line->describe(); }

private:
    std::shared_ptr<TapLine> _line;
    std::atomic<bool> _cancelled{false};
    std::atomic<bool> _held{false};
    std::chrono::steady_clock::time_point _sentAt;
    bool _asksOnly = true; ///< since it was opened, only questions went out
};

} // namespace souffleur::host
