#include "plugin/contact/PostalAddress.h"

#include <algorithm>

#include "plugin/base/Limits.h"
#include "plugin/contact/Folder.h"
#include "plugin/contact/Text.h"

namespace souffleur::contact {
namespace {

constexpr std::size_t kCodeMaxChars = 16;

bool isDigit(char c) noexcept {
    return c >= '0' && c <= '9';
}
bool isUpper(char c) noexcept {
    return c >= 'A' && c <= 'Z';
}

std::string compact(std::string_view text) {
    std::string out;
    for (const char c : upperCase(cleanLine(text))) {
        if (c != ' ' && c != '-' && c != '.') out += c;
    }
    return out;
}

bool allDigits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), isDigit);
}

/// Without the country prefix that Germans and Belgians like ("D-10115", "B 1000").
std::string_view withoutPrefix(std::string_view code, std::string_view country) {
    for (const std::string_view prefix : {country, country.substr(0, 1)}) {
        if (code.size() > prefix.size() && code.starts_with(prefix) && isDigit(code[prefix.size()]))
            return code.substr(prefix.size());
    }
    return code;
}

Result<std::string> digitsCode(std::string code, std::size_t length, bool zeroEaten) {
    if (zeroEaten && code.size() + 1 == length && allDigits(code)) code.insert(0, "0");
    if (code.size() != length || !allDigits(code))
        return fail(Code::invalid,
                    "a postal code of this country has " + std::to_string(length) + " digits");
    return code;
}

Result<std::string> dutchCode(const std::string& code) {
    if (code.size() != 6 || !allDigits(code.substr(0, 4)) || code[0] == '0' || !isUpper(code[4]) ||
        !isUpper(code[5]))
        return fail(Code::invalid, "a Dutch postal code has four digits and two letters");
    return code.substr(0, 4) + " " + code.substr(4);
}

/// Outward part (A9 A99 A9A AA9 AA99 AA9A) and inward 9AA; which ones exist is the postman's
/// business.
Result<std::string> britishCode(const std::string& code) {
    const auto bad = [] {
        return fail(Code::invalid, "a British postal code looks like SW1A 1AA");
    };
    if (code.size() < 5 || code.size() > 7) return bad();
    const std::string out = code.substr(0, code.size() - 3);
    const std::string in = code.substr(code.size() - 3);
    if (!isDigit(in[0]) || !isUpper(in[1]) || !isUpper(in[2]) || !isUpper(out[0])) return bad();
    std::string shape;
    for (const char c : out) shape += isDigit(c) ? '9' : isUpper(c) ? 'A' : '?';
    constexpr std::string_view kShapes[] = {"A9", "A99", "A9A", "AA9", "AA99", "AA9A", "AAA"};
    if (std::find(std::begin(kShapes), std::end(kShapes), shape) == std::end(kShapes)) return bad();
    return out + " " + in;
}

Result<std::string> cleanPart(std::string_view text) {
    if (text.size() > limits::kAddressLineMaxChars * 4)
        return fail(Code::tooLarge, "a line of the address is longer than 200 letters");
    std::string out = cleanLine(text);
    if (charCount(out) > limits::kAddressLineMaxChars)
        return fail(Code::tooLarge, "a line of the address is longer than 200 letters");
    return out;
}

} // namespace

Result<std::string> normalPostalCode(std::string_view text, std::string_view country) {
    if (text.size() > 64) return fail(Code::invalid, "the postal code is too long");
    std::string code = compact(text);
    if (code.empty()) return code;
    if (country == "GB") return britishCode(code);
    code = withoutPrefix(code, country);
    if (country == "NL") return dutchCode(code);
    if (country == "BE") return digitsCode(code, 4, false);
    if (country == "DE" || country == "ES" || country == "FR") return digitsCode(code, 5, true);
    if (country == "RU") return digitsCode(code, 6, false);
    std::string other = cleanLine(upperCase(cleanLine(text))); // capitals may be decomposed
    if (charCount(other) > kCodeMaxChars) return fail(Code::invalid, "the postal code is too long");
    return other;
}

Result<PostalAddress> PostalAddress::make(const std::vector<std::string>& lines,
                                          std::string_view postalCode, std::string_view city,
                                          std::string_view country,
                                          std::string_view defaultCountry) {
    PostalAddress out;
    for (const std::string& line : lines) {
        Result<std::string> part = cleanPart(line);
        if (!part) return passOn(part);
        if (part->empty()) continue;
        if (out.lines.size() == kLinesMax)
            return fail(Code::tooLarge, "the address has more than four lines");
        out.lines.push_back(std::move(*part));
    }
    Result<std::string> town = cleanPart(city);
    if (!town) return passOn(town);
    out.city = std::move(*town);
    out.country = countryCode(country);
    if (out.country.empty() && trimmed(country).empty()) out.country = defaultCountry;
    Result<std::string> code = normalPostalCode(postalCode, out.country);
    if (!code) return passOn(code);
    out.postalCode = std::move(*code);
    if (out.lines.empty() || (out.postalCode.empty() && out.city.empty()))
        return fail(Code::invalid, "the address has no street or no place");
    return out;
}

std::string PostalAddress::display() const {
    std::string out;
    for (const std::string& line : lines) out += (out.empty() ? "" : ", ") + line;
    std::string place = country == "GB" ? city : postalCode;
    const std::string& second = country == "GB" ? postalCode : city;
    if (!place.empty() && !second.empty()) place += ' ';
    place += second;
    if (!place.empty()) out += (out.empty() ? "" : ", ") + place;
    return out;
}

std::string PostalAddress::canonicalKey(Folder& folder) const {
    std::string code = asciiLower(compact(postalCode));
    // With a code the place adds nothing but spellings.
    std::string out =
        "post:" + asciiLower(country) + ":" + (code.empty() ? folder.fold(city) : code) + ":";
    for (std::size_t i = 0; i < lines.size(); ++i)
        out += (i == 0 ? "" : " ") + folder.fold(lines[i]);
    return out;
}

} // namespace souffleur::contact
