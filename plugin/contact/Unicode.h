// Private to plugin/contact: the few lines between std::string and ICU. Include it from .cpp files
// only.
#pragma once

#include <unicode/unistr.h>

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

namespace souffleur::contact {

icu::UnicodeString fromUtf8(std::string_view text);
std::string toUtf8(const icu::UnicodeString& text);

/// The code point at byte `at`, moved past it; negative for a byte that is not UTF-8. `at` < size.
UChar32 nextChar(std::string_view text, std::size_t& at) noexcept;

/// ICU fails only without its data or memory: a broken environment.
inline void requireIcu(UErrorCode status) {
    if (U_FAILURE(status)) throw std::runtime_error(std::string("ICU: ") + u_errorName(status));
}

} // namespace souffleur::contact
