#include "plugin/host/TapMemory.h"

#include <algorithm>
#include <new>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

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

void TapMemory::refuseDumps() noexcept {
    (void) ::prctl(PR_SET_DUMPABLE, 0);
}

} // namespace souffleur::host
