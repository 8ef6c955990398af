// Private to plugin/contact: the words that are no names but stand among them.
#pragma once

#include <string_view>

namespace souffleur::contact {

enum class NameLanguage { other, dutch, catalan, spanish, russian, german, french };

[[nodiscard]] NameLanguage nameLanguage(std::string_view code) noexcept;

/// "van", "von", "de la": one word of it, lower case.
[[nodiscard]] bool isParticle(std::string_view lower) noexcept;
/// "dr", "mevr.", "sra": a title or form of address before a name, lower case.
[[nodiscard]] bool isTitle(std::string_view lower, NameLanguage language) noexcept;
/// "Jr.", "III": stays with the family name; lower case.
[[nodiscard]] bool isSuffix(std::string_view lower) noexcept;
/// Ends like a patronymic, in Cyrillic or Latin letters; lower case.
[[nodiscard]] bool isPatronymic(std::string_view lower) noexcept;
/// Ends like a Russian or Ukrainian family name; lower case.
[[nodiscard]] bool isSlavicFamily(std::string_view lower) noexcept;
/// "maria" and the like, whose second half may be "del Carmen"; lower case.
[[nodiscard]] bool isMaria(std::string_view lower) noexcept;

} // namespace souffleur::contact
