// 128-bit identifiers: UUIDs for events (version 7: time-ordered) and subjects, devices, operators
// (version 4: random).
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "plugin/base/Clock.h"
#include "plugin/base/Random.h"
#include "plugin/base/Result.h"

namespace souffleur {

/// A UUID (RFC 9562) as 16 bytes in network order; all zero is "none". Value type, ordered by
/// bytes.
struct Uuid {
    std::array<std::uint8_t, 16> bytes{};

    auto operator<=>(const Uuid&) const = default;
    [[nodiscard]] bool none() const noexcept { return *this == Uuid{}; }
    /// 36 characters, lower case.
    [[nodiscard]] std::string text() const;
    /// Errors: invalid. Accepts only the 36-character form, either case.
    static Result<Uuid> parse(std::string_view text);
    /// Version 4 (random).
    static Uuid random(Random& random);
    /// Version 7: 48 bits of `at` in ms, then random. Two made in one ms are in no defined order.
    static Uuid timed(TimeMs at, Random& random);
};

/// The same 16 bytes with a meaning the compiler checks.
template <typename Tag>
struct Id {
    Uuid uuid;

    auto operator<=>(const Id&) const = default;
    [[nodiscard]] bool none() const noexcept { return uuid.none(); }
    [[nodiscard]] std::string text() const { return uuid.text(); }
    static Result<Id> parse(std::string_view text) {
        return Uuid::parse(text).map([](Uuid u) { return Id{u}; });
    }
    static Id random(Random& random) { return {Uuid::random(random)}; }
};

using EventId = Id<struct EventTag>;     ///< UUIDv7 of a ledger event
using SubjectId = Id<struct SubjectTag>; ///< a person as captured; random, never derived from data
using OriginId = Id<struct OriginTag>;   ///< a device's chain of events (terminal, kiosk, hub)
using OperatorId = Id<struct OperatorTag>; ///< pseudonym of a member of staff; none = unidentified

struct UuidHash {
    std::size_t operator()(const Uuid& id) const noexcept;
    template <typename Tag>
    std::size_t operator()(const Id<Tag>& id) const noexcept {
        return (*this)(id.uuid);
    }
};

} // namespace souffleur
