// What passing bytes leave behind on a thread's stack is gone once its traces are wiped.
#include "plugin/host/TapMemory.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fcntl.h>
#include <pthread.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "tests/support/Shadowed.h"

using namespace souffleur;

namespace {

constexpr std::size_t kDeep = std::size_t{24} * 1024;
constexpr std::uint8_t kSecret = 0xA7;

/// As deep as a library's function, the loader and its saved registers would stand.
[[gnu::noinline]] void soil() {
    std::array<std::uint8_t, kDeep> below;
    void* (*volatile fill)(void*, int, std::size_t) = &std::memset;
    (void) fill(below.data(), kSecret, below.size());
}

/// What this thread's whole stack holds, by way of the kernel.
std::vector<std::uint8_t> stackNow() {
    pthread_attr_t attributes;
    REQUIRE(::pthread_getattr_np(::pthread_self(), &attributes) == 0);
    void* start = nullptr;
    std::size_t size = 0;
    REQUIRE(::pthread_attr_getstack(&attributes, &start, &size) == 0);
    ::pthread_attr_destroy(&attributes);
    const int memory = ::open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    REQUIRE(memory >= 0);
    std::vector<std::uint8_t> all(size);
    const auto got = ::pread(memory, all.data(), size, reinterpret_cast<off_t>(start));
    ::close(memory);
    REQUIRE(got == static_cast<ssize_t>(size));
    return all;
}

/// Not one of the secret's bytes on its own, which any address may hold.
std::size_t secretsIn(const std::vector<std::uint8_t>& all) {
    std::size_t found = 0;
    const std::array<std::uint8_t, 16> run = [] {
        std::array<std::uint8_t, 16> out{};
        out.fill(kSecret);
        return out;
    }();
    for (auto at = all.begin();;) {
        at = std::search(at, all.end(), run.begin(), run.end());
        if (at == all.end()) return found;
        at += 16;
        ++found;
    }
}

} // namespace

TEST_CASE("what passing bytes left on the stack is gone once traces are wiped" *
          doctest::skip(test::kShadowed)) {
    std::size_t before = 0;
    std::size_t after = 0;
    std::size_t atEnd = 0;
    std::thread([&] {
        soil();
        before = secretsIn(stackNow());
        soil();
        host::TapMemory::wipeTraces();
        after = secretsIn(stackNow());
        {
            const host::TapTraces traces;
            soil();
        }
        atEnd = secretsIn(stackNow());
    }).join();
    CHECK(before > 100); // we did look where things stand
    CHECK(after <= 1);   // what this test itself compares with
    CHECK(atEnd <= 1);
}
