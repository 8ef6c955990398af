#include "plugin/http/Buffers.h"

#include <Poco/Net/HTTPBufferAllocator.h>

#include <array>

#include "plugin/crypto/Secret.h"

namespace souffleur::http {

void wipeFreeBuffers() {
    using Allocator = Poco::Net::HTTPBufferAllocator;
    // As many as all connections of a page's server ever had at once; the last one given back is
    // the first given out, so these are all that were used.
    constexpr std::size_t kBuffers = 128;
    std::array<char*, kBuffers> free{};
    for (char*& buffer : free) {
        buffer = Allocator::allocate(Allocator::BUFFER_SIZE);
        crypto::wipe(buffer, Allocator::BUFFER_SIZE);
    }
    // In turn: those that were used first stay so.
    for (auto it = free.rbegin(); it != free.rend(); ++it)
        Allocator::deallocate(*it, Allocator::BUFFER_SIZE);
}

} // namespace souffleur::http
