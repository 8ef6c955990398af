// Bytes that are wiped when they are no longer needed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace souffleur::crypto {

/// Overwrites memory in a way the compiler keeps.
void wipe(void* data, std::size_t size) noexcept;
/// Wipes the string's whole capacity and empties it.
void wipe(std::string& text) noexcept;

/// Owns secret bytes. Move only; wiped on destruction and when moved from. Never printed.
class Secret {
public:
    Secret() = default;
    /// Takes the bytes over; the caller's copies are the caller's to wipe.
    explicit Secret(std::string bytes) noexcept;
    Secret(Secret&& other) noexcept;
    Secret& operator=(Secret&& other) noexcept;
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    ~Secret();

    [[nodiscard]] std::string_view view() const noexcept { return _bytes; }
    [[nodiscard]] bool empty() const noexcept { return _bytes.empty(); }

private:
    std::string _bytes;
};

} // namespace souffleur::crypto
