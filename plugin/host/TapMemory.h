// Where passing bytes stand while the tap looks at them. Inside the tap only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace souffleur::host {

/// Pages of their own: left out of core dumps (MADV_DONTDUMP, madvise(2)) and of child processes,
/// kept out of swap where the limits allow, zeroed by wipe() and at the end. Throws std::bad_alloc.
class TapMemory {
public:
    explicit TapMemory(std::size_t count);
    ~TapMemory();
    TapMemory(const TapMemory&) = delete;
    TapMemory& operator=(const TapMemory&) = delete;

    [[nodiscard]] std::span<std::uint8_t> bytes() const noexcept { return {_start, _count}; }
    void wipe() noexcept { wipe(0, _count); }
    void wipe(std::size_t from, std::size_t count) noexcept;

    /// Leaves the calling thread's stack out of core dumps: the loader and the kernel save
    /// registers there, and registers hold what was copied last.
    static void hideStack() noexcept;
    /// Puts zeros through the registers that copying uses, and over the calling thread's stack
    /// below the caller (32 KiB): functions keep copies there, and so does the loader, which saves
    /// all registers where a function of a library is called for the first time.
    static void wipeTraces() noexcept;
    /// No core dumps of this process at all from here on (RLIMIT_CORE, PR_SET_DUMPABLE): what the
    /// kernel, libraries and registers saw is not ours to zero. For the terminal's process.
    static void refuseDumps() noexcept;

private:
    std::uint8_t* _start = nullptr;
    std::size_t _count = 0;
};

/// Wipes a thread's traces when its work is over, in whatever way that ends.
struct TapTraces {
    TapTraces() = default;
    ~TapTraces() { TapMemory::wipeTraces(); }
    TapTraces(const TapTraces&) = delete;
    TapTraces& operator=(const TapTraces&) = delete;
};

} // namespace souffleur::host
