// What the house offers a customer to choose from: genres and how often, at a till and at a kiosk
// alike.
#pragma once

#include <span>
#include <string_view>

namespace souffleur::policy {

struct Like {
    std::string_view id; ///< "jazz"
    /// nl ca es ru en de fr, or a tag that begins with one; anything else reads English.
    [[nodiscard]] std::string_view label(std::string_view language) const;
};

std::span<const Like> genres();
std::span<const Like> frequencies();

} // namespace souffleur::policy
