// Waits for what another thread or another program brings about, where nothing tells of it.
#pragma once

#include <chrono>
#include <thread>

namespace souffleur::test {

/// Looks every `pause` until it is so; false: not within `patience`.
template <typename F>
bool eventually(F&& so, std::chrono::milliseconds patience = std::chrono::minutes(1),
                std::chrono::milliseconds pause = std::chrono::milliseconds(1)) {
    const auto until = std::chrono::steady_clock::now() + patience;
    while (!so()) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::sleep_for(pause);
    }
    return true;
}

} // namespace souffleur::test
