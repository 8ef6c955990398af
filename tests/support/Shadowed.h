// Does a sanitizer keep a shadow of all memory beside this program's own?
#pragma once

namespace souffleur::test {

/// Then its maps span terabytes: nobody can read or dump them, and what looks into a process's
/// memory is left out.
#if defined(__has_feature)
inline constexpr bool kShadowed =
    __has_feature(thread_sanitizer) || __has_feature(address_sanitizer);
#else
inline constexpr bool kShadowed = false;
#endif

} // namespace souffleur::test
