// Randomness comes in through constructors, so that tests and the simulator can seed it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace souffleur {

/// A source of random bytes. Thread-safe.
class Random {
public:
    virtual ~Random() = default;
    /// Fills `out`. Never fails: a machine without entropy is a broken environment (throws).
    virtual void fill(std::span<std::byte> out) = 0;
    /// Uniform in [0, bound); bound > 0.
    std::uint64_t below(std::uint64_t bound);
};

/// getrandom(2).
class SystemRandom final : public Random {
public:
    void fill(std::span<std::byte> out) override;
};

/// Reproducible, for tests, simulation and generated sample data only: splitmix64. Not thread-safe.
class SeededRandom final : public Random {
public:
    explicit SeededRandom(std::uint64_t seed) : _state(seed) {}
    void fill(std::span<std::byte> out) override;

private:
    std::uint64_t _state;
};

} // namespace souffleur
