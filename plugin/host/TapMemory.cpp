#include "plugin/host/TapMemory.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

namespace souffleur::host {

TapMemory::TapMemory(std::size_t count) : _count(count) {
    void* pages =
        ::mmap(nullptr, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) throw std::bad_alloc();
    if (::madvise(pages, count, MADV_DONTDUMP) != 0 ||
        ::madvise(pages, count, MADV_DONTFORK) != 0) {
        ::munmap(pages, count);
        throw std::bad_alloc();
    }
    (void) ::mlock(pages, count); // the limit may be lower; the other measures hold all the same
    _start = static_cast<std::uint8_t*>(pages);
}

TapMemory::~TapMemory() {
    wipe();
    ::munmap(_start, _count);
}

void TapMemory::wipe(std::size_t from, std::size_t count) noexcept {
    from = std::min(from, _count);
    ::explicit_bzero(_start + from, std::min(count, _count - from));
}

void TapMemory::hideStack() noexcept {
    pthread_attr_t attributes;
    if (::pthread_getattr_np(::pthread_self(), &attributes) != 0) return;
    void* start = nullptr;
    std::size_t size = 0;
    if (::pthread_attr_getstack(&attributes, &start, &size) == 0) {
        (void) ::madvise(start, size, MADV_DONTDUMP);
    }
    ::pthread_attr_destroy(&attributes);
}

namespace {

/// More than anything that looks at receipts calls itself down to, the loader and its copy of the
/// widest registers (2.7 KiB) included.
constexpr std::size_t kBelow = std::size_t{32} * 1024;

[[gnu::noinline]] void wipeRegisters() noexcept {
    // Each size takes another way through memmove, with other registers.
    alignas(64) static constexpr std::array<std::uint8_t, 1024> kZeros{};
    alignas(64) std::array<std::uint8_t, 1024> sink;
    for (std::size_t size = 1; size <= sink.size(); size *= 2) {
        // Through a volatile pointer, or the compiler would leave it out.
        void* (*volatile copy)(void*, const void*, std::size_t) = &std::memmove;
        (void) copy(sink.data(), kZeros.data(), size);
    }
}

/// Where the callers' callees have been: this frame lies over theirs.
[[gnu::noinline]] void wipeBelow() noexcept {
    std::array<std::uint8_t, kBelow> below;
    ::explicit_bzero(below.data(), below.size());
}

} // namespace

void TapMemory::wipeTraces() noexcept {
    wipeRegisters(); // first: what this itself leaves on the stack is wiped as well
    wipeBelow();
}

void TapMemory::refuseDumps() noexcept {
    const rlimit none{0, 0};
    (void) ::setrlimit(RLIMIT_CORE, &none);
    (void) ::prctl(PR_SET_DUMPABLE, 0); // also where the kernel pipes dumps to a program
}

} // namespace souffleur::host
