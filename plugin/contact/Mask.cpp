#include "plugin/contact/Mask.h"

#include <algorithm>

#include "plugin/contact/Email.h"
#include "plugin/contact/PersonName.h"
#include "plugin/contact/Phone.h"
#include "plugin/contact/PostalAddress.h"
#include "plugin/contact/Text.h"

namespace souffleur::contact {
namespace {
constexpr std::string_view kDots = "•••";
}

std::string mask(const Email& email) {
    const std::size_t at = email.display.rfind('@');
    if (at == std::string::npos) return std::string(kDots);
    const std::string_view local = std::string_view(email.display).substr(0, at);
    std::string out;
    if (charCount(local) > 2) out = firstChars(local, 1);
    out += kDots;
    out += std::string_view(email.display).substr(at);
    return out;
}

std::string mask(const Phone& phone) {
    // display is "+31 6 00000012": the country code ends at its first space.
    std::string digits;
    for (const char c : phone.e164) {
        if (c >= '0' && c <= '9') digits += c;
    }
    if (digits.size() < 7)
        return "•• " +
               (digits.size() < 4 ? std::string("••") : "••" + digits.substr(digits.size() - 2));
    const std::size_t space = phone.display.find(' ');
    const std::size_t prefix =
        space == std::string::npos || phone.display.front() != '+' ? 0 : space - 1;
    if (prefix < 1 || prefix > 3 || digits.size() < prefix + 6)
        return "•••• ••" + digits.substr(digits.size() - 2);
    return "+" + digits.substr(0, prefix) + " " + digits[prefix] + " •••• ••" +
           digits.substr(digits.size() - 2);
}

std::string mask(const PostalAddress& address) {
    const std::size_t length = charCount(address.postalCode);
    std::string out(
        firstChars(address.postalCode, std::min<std::size_t>(length / 2 + length % 2, 4)));
    while (!out.empty() && out.back() == ' ') out.pop_back();
    out += out.empty() ? "••" : " ••";
    if (!address.city.empty()) out += " " + address.city;
    return out;
}

std::string maskPostal(std::string_view display) {
    const std::size_t comma = display.rfind(", ");
    if (comma == std::string_view::npos) return std::string(kDots);
    const std::string_view last = display.substr(comma + 2);
    const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    // The words that hold the code stand together, at either end; "AB" of "1234 AB" belongs to it.
    PostalAddress place;
    bool cityFirst = false;
    bool over = false;
    for (std::size_t from = 0; from < last.size();) {
        const std::size_t to = std::min(last.find(' ', from), last.size());
        const std::string_view word = last.substr(from, to - from);
        from = to + 1;
        if (word.empty()) continue;
        const bool letters = place.city.empty() && place.postalCode.size() == 4 &&
                             word.size() == 2 && upper(word[0]) && upper(word[1]);
        const bool code = letters || word.find_first_of("0123456789") != std::string_view::npos;
        if (code && over) return std::string(kDots);
        over = over || (!code && !place.postalCode.empty());
        cityFirst = cityFirst || (!code && place.postalCode.empty());
        std::string& part = code ? place.postalCode : place.city;
        if (!part.empty()) part += ' ';
        part += word;
    }
    // After a city only what Britain writes there: the number of a house is no code.
    const bool british = place.postalCode.size() >= 5 && upper(place.postalCode.front());
    if (place.postalCode.empty() || place.city.empty() || (cityFirst && (over || !british)))
        return std::string(kDots);
    return mask(place);
}

std::string initials(const PersonName& name) {
    const std::string spoken = name.display();
    std::string out;
    bool start = true;
    for (std::size_t i = 0; i < spoken.size();) {
        const std::string_view letter = firstChars(std::string_view(spoken).substr(i), 1);
        const bool separator = letter == " " || letter == "-" || letter == ".";
        const bool punctuation =
            letter.size() == 1 && !((letter[0] | 0x20) >= 'a' && (letter[0] | 0x20) <= 'z');
        if (separator) {
            start = true;
        } else if (start && !punctuation) {
            if (!out.empty()) out += ' ';
            out += letter;
            out += '.';
            start = false;
        }
        i += letter.size();
    }
    return out;
}

} // namespace souffleur::contact
