// Addresses that are thrown away after use (disposable.txt).
#pragma once

#include <string_view>

namespace souffleur::mail {

/// `domain`: canonical, as contact::Email gives it. Subdomains count. Thread-safe.
bool disposable(std::string_view domain);

} // namespace souffleur::mail
