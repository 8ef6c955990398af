#include "plugin/contact/Phone.h"

#include <phonenumbers/phonenumberutil.h>
#include <unicode/uchar.h>

#include <algorithm>
#include <iterator>

#include "plugin/contact/Text.h"
#include "plugin/contact/Unicode.h"

namespace souffleur::contact {
namespace {

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

constexpr std::size_t kInputMaxBytes = 64;
constexpr std::size_t kUnknownMinDigits = 7;

/// libphonenumber has its own process-wide instance; it is immutable and thread-safe once made.
const PhoneNumberUtil& util() {
    return *PhoneNumberUtil::GetInstance();
}

PhoneKind kindOf(const PhoneNumber& number) {
    switch (util().GetNumberType(number)) {
    case PhoneNumberUtil::MOBILE:
        return PhoneKind::mobile;
    case PhoneNumberUtil::FIXED_LINE:
    case PhoneNumberUtil::VOIP:
        return PhoneKind::fixed;
    case PhoneNumberUtil::FIXED_LINE_OR_MOBILE:
        return PhoneKind::either;
    case PhoneNumberUtil::UNKNOWN:
        return PhoneKind::unknown;
    default:
        return PhoneKind::other;
    }
}

bool isDigit(char c) noexcept {
    return c >= '0' && c <= '9';
}

/// Vanity letters are not a number somebody gave at a till; an extension ("x12") is not one that
/// can be kept.
bool onlyPhoneSigns(std::string_view text) {
    bool digit = false;
    for (const char c : text) {
        if (isDigit(c))
            digit = true;
        else if (std::string_view("+()-./ ").find(c) == std::string_view::npos)
            return false;
    }
    return digit;
}

/// Dashes of all kinds, full-width and Arabic digits as plain ASCII; anything else stays and is
/// refused later.
std::string plainSigns(std::string_view text) {
    const icu::UnicodeString wide = fromUtf8(cleanLine(text));
    icu::UnicodeString out;
    for (int32_t i = 0; i < wide.length(); i = wide.moveIndex32(i, 1)) {
        const UChar32 c = wide.char32At(i);
        const int32_t digit = u_charDigitValue(c);
        if (digit >= 0 && digit <= 9)
            out.append(static_cast<UChar32>('0' + digit));
        else if (u_charType(c) == U_DASH_PUNCTUATION || c == 0x2212)
            out.append(u'-');
        else
            out.append(c == 0xFF0B || c == 0xFE62 ? UChar32('+') : c);
    }
    return toUtf8(out);
}

} // namespace

Result<Phone> Phone::parse(std::string_view text, std::string_view region) {
    if (text.size() > kInputMaxBytes)
        return fail(Code::tooLarge, "the telephone number is longer than 64 bytes");
    std::string signs = plainSigns(text);
    // "+31 (0)6" is how the trunk zero is often written; it is not dialled.
    if (const std::size_t trunk = signs.find("(0)"); trunk != std::string::npos && trunk > 0)
        signs.erase(trunk, 3);
    if (!onlyPhoneSigns(signs))
        return fail(Code::invalid, "the telephone number holds letters or no digits");
    PhoneNumber number;
    const std::string where(region);
    if (util().Parse(signs, where, &number) != PhoneNumberUtil::NO_PARSING_ERROR)
        return fail(Code::invalid, "this is not a telephone number");
    if (util().IsPossibleNumberWithReason(number) != PhoneNumberUtil::IS_POSSIBLE)
        return fail(Code::invalid, "the telephone number has too few or too many digits");
    // The library quietly stops at a second number in the same field; every digit has to be in the
    // result.
    std::string digits;
    std::copy_if(signs.begin(), signs.end(), std::back_inserter(digits), isDigit);
    std::string national;
    util().GetNationalSignificantNumber(number, &national);
    if (!digits.ends_with(national))
        return fail(Code::invalid, "there is more than one telephone number in the field");
    Phone out;
    util().Format(number, PhoneNumberUtil::E164, &out.e164);
    util().Format(number, PhoneNumberUtil::INTERNATIONAL, &out.display);
    out.kind = kindOf(number);
    if (out.kind == PhoneKind::unknown) {
        // Short service numbers make short lengths possible; a person's number that exists nowhere
        // is not short.
        if (national.size() < kUnknownMinDigits)
            return fail(Code::invalid, "the telephone number has too few digits");
        // "+31 0 06…" keeps a zero that the next reading would take for the trunk prefix.
        PhoneNumber again;
        std::string same;
        if (util().Parse(out.e164, where, &again) == PhoneNumberUtil::NO_PARSING_ERROR)
            util().Format(again, PhoneNumberUtil::E164, &same);
        if (same != out.e164) return fail(Code::invalid, "this is not a telephone number");
    }
    util().GetRegionCodeForCountryCode(number.country_code(), &out.region);
    if (std::string exact; out.kind != PhoneKind::unknown) {
        util().GetRegionCodeForNumber(number, &exact);
        out.region = exact;
    }
    if (out.region.size() != 2 || out.region == "ZZ" || out.region == "001") out.region.clear();
    return out;
}

bool Phone::takesSms() const noexcept {
    return kind == PhoneKind::mobile || kind == PhoneKind::either || kind == PhoneKind::unknown;
}

std::string Phone::canonicalKey() const {
    return "phone:" + e164;
}

} // namespace souffleur::contact
