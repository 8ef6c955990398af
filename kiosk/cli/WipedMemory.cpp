#include "kiosk/cli/WipedMemory.h"

#include <malloc.h>
#include <string.h>

#include <atomic>
#include <cstdlib>
#include <new>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SOUFFLEUR_OWN_DELETE 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SOUFFLEUR_OWN_DELETE 0
#endif
#endif
#ifndef SOUFFLEUR_OWN_DELETE
#define SOUFFLEUR_OWN_DELETE 1
#endif

namespace {

// The one thing that the replaced operators below can ask; set once, before any thread.
std::atomic<bool> wipes{false}; // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

} // namespace

void souffleur::cli::wipeFreedMemory() noexcept {
    wipes.store(true, std::memory_order_relaxed);
}

#if SOUFFLEUR_OWN_DELETE
namespace {

/// What libstdc++'s own operators new give comes from malloc or aligned_alloc.
void giveBack(void* memory) noexcept {
    if (memory != nullptr && wipes.load(std::memory_order_relaxed))
        ::explicit_bzero(memory, ::malloc_usable_size(memory));
    std::free(memory);
}

} // namespace

// Only what is given back changes; libstdc++'s own operators new stay.
// NOLINTBEGIN(misc-new-delete-overloads)
void operator delete(void* memory) noexcept {
    giveBack(memory);
}
void operator delete[](void* memory) noexcept {
    giveBack(memory);
}
void operator delete(void* memory, std::size_t /*size*/) noexcept {
    giveBack(memory);
}
void operator delete[](void* memory, std::size_t /*size*/) noexcept {
    giveBack(memory);
}
void operator delete(void* memory, const std::nothrow_t& /*tag*/) noexcept {
    giveBack(memory);
}
void operator delete[](void* memory, const std::nothrow_t& /*tag*/) noexcept {
    giveBack(memory);
}
void operator delete(void* memory, std::align_val_t /*align*/) noexcept {
    giveBack(memory);
}
void operator delete[](void* memory, std::align_val_t /*align*/) noexcept {
    giveBack(memory);
}
void operator delete(void* memory, std::size_t /*size*/, std::align_val_t /*align*/) noexcept {
    giveBack(memory);
}
void operator delete[](void* memory, std::size_t /*size*/, std::align_val_t /*align*/) noexcept {
    giveBack(memory);
}
// NOLINTEND(misc-new-delete-overloads)
#endif
