// A virtual printer without a line: bytes in, answers and paper out, faults on demand.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "drivers/emulator/Paper.h"
#include "drivers/escpos/Profile.h"

namespace souffleur::emulator {

struct Faults {
    bool paperOut = false;
    bool paperNearEnd = false;
    bool coverOpen = false;
    bool cutterJam = false;
    bool drawerOpen = false; ///< set by `ESC p` as well
    bool hang = false;       ///< reads nothing, answers nothing
    bool mute = false;       ///< does not say what it is (`GS I`)
    int bytesPerSecond = 0;  ///< 0 = as fast as they come
    bool operator==(const Faults&) const = default;
};

/// Keeps the last receipts, answers status, process-id and identity requests as a real one does.
/// While paper is out or the cover open it takes bytes into a buffer of 64 KiB and executes them
/// when it is closed again, unless it is told to clear them meanwhile (`DLE DC4` 8 where the
/// profile confirms jobs; `DLE ENQ` 2 while the cutter is jammed). Thread-safe.
class VirtualPrinter {
public:
    struct Options {
        std::size_t keepReceipts = 200;
        std::string folder{}; ///< when set: NNNN.png and NNNN.txt of each receipt are written here
                              ///< (must exist)
        std::string serial = "EMU0000001";
        std::size_t nvPictureBytes = 384 * 1024;
        Pictures pictures = Pictures::drawn; ///< none: no NNNN.png either
    };

    explicit VirtualPrinter(escpos::Profile profile);
    VirtualPrinter(escpos::Profile profile, Options options);
    ~VirtualPrinter();

    /// How many bytes it would take now: 0 when it hangs or its buffer is full.
    [[nodiscard]] std::size_t room() const;
    /// Takes bytes (at most room()); answers go to `reply()`.
    void feed(std::span<const std::uint8_t> bytes);
    /// Bytes for the host since the last call; automatic status included.
    [[nodiscard]] std::vector<std::uint8_t> reply();
    /// The host connected or left: `GS a` is off again, half commands are forgotten.
    void lineReset();

    void setFaults(const Faults& faults);
    [[nodiscard]] Faults faults() const;

    /// Newest last. Copies; without the pictures when they are not wanted.
    [[nodiscard]] std::vector<Receipt> receipts(bool pictures = true) const;
    [[nodiscard]] std::optional<Receipt> receipt(std::uint64_t number) const;
    /// Bytes taken since it was made.
    [[nodiscard]] std::uint64_t received() const;
    /// How many receipts were ever printed.
    [[nodiscard]] std::uint64_t printed() const;
    /// Waits until `count` receipts were printed in all; false when `timeoutMs` passed first.
    [[nodiscard]] bool waitForReceipts(std::uint64_t count, int timeoutMs) const;
    /// Writes to the memory that wears out (pictures, switches), since it was made.
    [[nodiscard]] std::uint64_t memoryWrites() const;
    /// That memory as text; equal texts are equal memories.
    [[nodiscard]] std::string memoryDump() const;
    /// Off and on: what it was printing and had taken is lost, its memory stays.
    void powerCut();
    /// Tears off what stands on the paper uncut.
    void tear();
    [[nodiscard]] const escpos::Profile& profile() const;

private:
    struct State;
    std::unique_ptr<State> _state;
};

} // namespace souffleur::emulator
