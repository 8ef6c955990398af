#include "plugin/counter/ContactInput.h"

#include "plugin/contact/Email.h"
#include "plugin/contact/Mask.h"
#include "plugin/contact/Phone.h"
#include "plugin/contact/PostalAddress.h"

namespace souffleur::counter {
namespace {

constexpr std::size_t kValueMaxBytes = 4 * 320; // the contract's 320 characters
constexpr std::size_t kPostLinesMax = 6;

using Made = tl::expected<Reach, FieldError>;

tl::unexpected<FieldError> wrong(const std::string& pointer, std::string code,
                                 std::optional<std::string> suggestion = {}) {
    return tl::make_unexpected(
        FieldError{pointer + "/value", std::move(code), std::move(suggestion)});
}

Made email(const NewContact& typed, const std::string& pointer) {
    const Result<contact::Email> parsed = contact::Email::parse(typed.value);
    if (!parsed) {
        return wrong(pointer, "email-malformed");
    }
    if (auto better = parsed->suggestion(); better && !typed.confirmed) {
        return wrong(pointer, "email-mistyped", std::move(better));
    }
    Reach reach;
    reach.points.push_back({"email", parsed->display, parsed->canonicalKey()});
    reach.masked = contact::mask(*parsed);
    return reach;
}

Made phone(const NewContact& typed, const std::string& region, const std::string& pointer) {
    const Result<contact::Phone> parsed = contact::Phone::parse(typed.value, region);
    if (!parsed) {
        return wrong(pointer, "phone-malformed");
    }
    Reach reach;
    reach.points.push_back({"phone", parsed->display, parsed->canonicalKey()});
    if (parsed->takesSms()) {
        for (const char* channel : {"sms", "messaging"}) { // chat apps go by the mobile number
            reach.points.push_back({channel, parsed->display, parsed->canonicalKey()});
        }
    }
    reach.masked = contact::mask(*parsed);
    return reach;
}

std::vector<std::string> linesOf(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const auto end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        if (line.find_first_not_of(" \t\r") != std::string_view::npos) {
            lines.emplace_back(line);
        }
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    }
    return lines;
}

/// "1234 AB Delft", "08001 Barcelona", "London SW1A 1AA": which part is the code, one has to try.
Result<contact::PostalAddress> addressOf(std::vector<std::string> lines,
                                         const std::string& region) {
    std::string country;
    if (lines.size() > 2) {
        if (std::string code = contact::countryCode(lines.back()); !code.empty()) {
            country = std::move(code);
            lines.pop_back();
        }
    }
    const std::string place = lines.back();
    lines.pop_back();
    const std::string& where = country.empty() ? region : country;
    for (auto space = place.find(' '); space != std::string::npos;
         space = place.find(' ', space + 1)) {
        const std::string head = place.substr(0, space);
        const std::string tail = place.substr(space + 1);
        // Prefer the longest code: "1234 AB" over "1234".
        for (const auto& [code, city] : {std::pair{head, tail}, std::pair{tail, head}}) {
            if (!contact::normalPostalCode(code, where)) {
                continue;
            }
            const auto next = place.find(' ', space + 1);
            const std::string longer = next == std::string::npos ? "" : place.substr(0, next);
            if (!longer.empty() && contact::normalPostalCode(longer, where)) {
                return contact::PostalAddress::make(lines, longer, place.substr(next + 1), country,
                                                    region);
            }
            return contact::PostalAddress::make(lines, code, city, country, region);
        }
    }
    return contact::PostalAddress::make(lines, "", place, country, region);
}

Made post(const NewContact& typed, const std::string& region, contact::Folder& folder,
          const std::string& pointer) {
    const std::vector<std::string> lines = linesOf(typed.value);
    if (lines.size() < 2 || lines.size() > kPostLinesMax) {
        return wrong(pointer, "post-malformed");
    }
    Result<contact::PostalAddress> parsed = addressOf(lines, region);
    if (!parsed) {
        return wrong(pointer, "post-malformed");
    }
    Reach reach;
    reach.points.push_back({"post", parsed->display(), parsed->canonicalKey(folder)});
    reach.masked = contact::mask(*parsed);
    reach.address = std::move(*parsed);
    return reach;
}

} // namespace

tl::expected<Reach, FieldError> reachOf(const NewContact& typed, const std::string& region,
                                        contact::Folder& folder, const std::string& pointer) {
    if (typed.value.size() > kValueMaxBytes) {
        return wrong(pointer, "too-long");
    }
    Made made = typed.kind == ContactKind::email   ? email(typed, pointer)
                : typed.kind == ContactKind::phone ? phone(typed, region, pointer)
                                                   : post(typed, region, folder, pointer);
    if (made) {
        made->kind = typed.kind;
        made->replaces = typed.replaces;
    }
    return made;
}

std::optional<ContactKind> kindOf(const consent::Token& channel) {
    if (channel == "email") {
        return ContactKind::email;
    }
    if (channel == "phone" || channel == "sms" || channel == "messaging") {
        return ContactKind::phone;
    }
    return channel == "post" ? std::optional(ContactKind::post) : std::nullopt;
}

Uuid contactId(std::string_view keyHex) {
    const auto digit = [](char c) {
        return static_cast<unsigned>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    };
    Uuid id;
    for (std::size_t i = 0; i < id.bytes.size() && 2 * i + 1 < keyHex.size(); ++i) {
        id.bytes[i] = static_cast<std::uint8_t>((digit(keyHex[2 * i]) << 4U) |
                                                (digit(keyHex[2 * i + 1]) & 0xFU));
    }
    return id;
}

} // namespace souffleur::counter
