// What may be shown of a contact point to somebody who only needs to recognise it. All pure and
// thread-safe; masks never hold more than the stated letters, whatever the input.
#pragma once

#include <string>
#include <string_view>

namespace souffleur::contact {

struct Email;
struct Phone;
struct PostalAddress;
struct PersonName;

/// "a•••@example.org": the first letter (none of a local part of one or two), always three dots.
[[nodiscard]] std::string mask(const Email& email);
/// "+31 6 •••• ••12": country code, first digit and last two; short numbers show the last two only.
[[nodiscard]] std::string mask(const Phone& phone);
/// "1234 •• Delft": half of the postal code and the city.
[[nodiscard]] std::string mask(const PostalAddress& address);
/// The same of an address as `PostalAddress::display` writes it, code before or after the city;
/// "•••" where its last part is not a code with a city.
[[nodiscard]] std::string maskPostal(std::string_view display);
/// "J. v. d. B.": initials in display order.
[[nodiscard]] std::string initials(const PersonName& name);

} // namespace souffleur::contact
