#include "plugin/contact/Email.h"

#include <idn2.h>

#include <algorithm>
#include <array>
#include <memory>

#include "plugin/base/Limits.h"
#include "plugin/contact/SearchKey.h"
#include "plugin/contact/Text.h"

namespace souffleur::contact {
namespace {

constexpr std::size_t kLocalMaxBytes = 64;   // RFC 5321, 4.5.3.1.1
constexpr std::size_t kDomainMaxBytes = 253; // RFC 1035, without the final dot
constexpr std::size_t kLabelMaxBytes = 63;
constexpr std::size_t kInputMaxBytes = 1024; // an address with a name around it

struct IdnFree {
    void operator()(char* text) const noexcept { idn2_free(text); }
};
using IdnText = std::unique_ptr<char, IdnFree>;

/// Where the big mail houses of our countries live; what is one or two slips away is probably one
/// of them.
constexpr std::string_view kCommonDomains[] = {
    "gmail.com",      "googlemail.com", "hotmail.com",    "hotmail.nl",  "hotmail.es",
    "hotmail.fr",     "hotmail.be",     "hotmail.co.uk",  "outlook.com", "outlook.es",
    "outlook.fr",     "outlook.de",     "live.com",       "live.nl",     "live.be",
    "live.fr",        "live.co.uk",     "msn.com",        "yahoo.com",   "yahoo.es",
    "yahoo.fr",       "yahoo.de",       "yahoo.co.uk",    "icloud.com",  "ziggo.nl",
    "kpnmail.nl",     "planet.nl",      "xs4all.nl",      "casema.nl",   "upcmail.nl",
    "hetnet.nl",      "home.nl",        "telenet.be",     "skynet.be",   "proximus.be",
    "telefonica.net", "movistar.es",    "orange.es",      "orange.fr",   "wanadoo.fr",
    "wanadoo.es",     "laposte.net",    "free.fr",        "sfr.fr",      "web.de",
    "gmx.de",         "gmx.net",        "gmx.at",         "t-online.de", "freenet.de",
    "mail.ru",        "yandex.ru",      "yandex.com",     "rambler.ru",  "bk.ru",
    "list.ru",        "inbox.ru",       "btinternet.com", "sky.com",     "virginmedia.com",
    "protonmail.com", "proton.me",      "aol.com",        "me.com",      "mail.com",
};

/// Top-level domains that do not exist and what the finger meant.
constexpr std::pair<std::string_view, std::string_view> kTopTypos[] = {
    {"con", "com"}, {"cmo", "com"}, {"ocm", "com"}, {"comm", "com"}, {"vom", "com"}, {"xom", "com"},
    {"nll", "nl"},  {"ent", "net"}, {"rog", "org"}, {"ogr", "org"},  {"ess", "es"},
};

bool isAtomByte(unsigned char c) noexcept {
    if (c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
        return true;
    return std::string_view("!#$%&'*+-/=?^_`{|}~").find(static_cast<char>(c)) !=
           std::string_view::npos;
}

bool dotAtom(std::string_view local) noexcept {
    bool dot = true;
    for (const char c : local) {
        if (c == '.' ? dot : !isAtomByte(static_cast<unsigned char>(c))) return false;
        dot = c == '.';
    }
    return !local.empty() && !dot;
}

/// RFC 5321 Quoted-string; spaces are allowed here and nowhere else.
bool quoted(std::string_view local) noexcept {
    if (local.size() < 3 || local.front() != '"' || local.back() != '"') return false;
    local = local.substr(1, local.size() - 2);
    for (std::size_t i = 0; i < local.size(); ++i) {
        if (local[i] == '"') return false;
        if (local[i] == '\\' && ++i == local.size()) return false;
    }
    return true;
}

/// The address inside "Name <address>", "mailto:address" or "address,".
std::string_view unwrapped(std::string_view text) noexcept {
    text = trimmed(text);
    const std::size_t open = text.rfind('<');
    if (open != std::string_view::npos && !text.empty() && text.back() == '>')
        text = trimmed(text.substr(open + 1, text.size() - open - 2));
    constexpr std::string_view kMailto = "mailto:";
    if (text.size() > kMailto.size() && asciiLower(text.substr(0, kMailto.size())) == kMailto)
        text.remove_prefix(kMailto.size());
    while (!text.empty() && std::string_view(".,;: \t").find(text.back()) != std::string_view::npos)
        text.remove_suffix(1);
    return text;
}

bool hasControls(std::string_view text) noexcept {
    return std::any_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7F;
    });
}

bool soundLabels(std::string_view domain) noexcept {
    std::size_t label = 0;
    bool dotSeen = false;
    bool topHasLetter = false;
    char last = '.';
    for (const char c : domain) {
        const bool letter = (c >= 'a' && c <= 'z');
        if (c == '.') {
            if (label == 0 || last == '-') return false;
            dotSeen = true;
            topHasLetter = false;
            label = 0;
        } else {
            const bool digit = c >= '0' && c <= '9';
            if ((!letter && !digit && (c != '-' || label == 0)) || ++label > kLabelMaxBytes)
                return false;
        }
        topHasLetter |= letter;
        last = c;
    }
    return dotSeen && label > 1 && last != '-' && topHasLetter;
}

struct Domain {
    std::string ascii;
    std::string letters;
};

Result<Domain> parseDomain(std::string_view text) {
    if (text.size() > kDomainMaxBytes)
        return fail(Code::tooLarge, "the domain of the e-mail address is too long");
    const std::string given(text);
    Domain out;
    char* ascii = nullptr;
    constexpr int kFlags = IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL;
    if (idn2_to_ascii_8z(given.c_str(), &ascii, kFlags) != IDN2_OK)
        return fail(Code::invalid, "the domain of the e-mail address does not exist in this form");
    out.ascii = asciiLower(IdnText(ascii).get());
    if (!soundLabels(out.ascii))
        return fail(Code::invalid,
                    "the e-mail address has no domain such as example.org after the @");
    char* letters = nullptr;
    out.letters = idn2_to_unicode_8z8z(out.ascii.c_str(), &letters, 0) == IDN2_OK
                      ? std::string(IdnText(letters).get())
                      : out.ascii;
    if (cleanLine(out.letters) != out.letters)
        out.letters = out.ascii; // never show what could mislead the eye
    return out;
}

} // namespace

Result<Email> Email::parse(std::string_view text) {
    if (text.size() > kInputMaxBytes)
        return fail(Code::tooLarge, "the e-mail address is longer than 254 bytes");
    const std::string_view address = unwrapped(text);
    if (address.empty()) return fail(Code::invalid, "the e-mail address is empty");
    if (hasControls(address) || !isUtf8(address))
        return fail(Code::invalid, "the e-mail address holds control characters or broken letters");
    const std::size_t at = address.rfind('@');
    if (at == std::string_view::npos) return fail(Code::invalid, "the e-mail address has no @");
    const std::string_view local = address.substr(0, at);
    if (local.size() > kLocalMaxBytes)
        return fail(Code::tooLarge, "the part before the @ is longer than 64 bytes");
    if (!dotAtom(local) && !quoted(local))
        return fail(
            Code::invalid,
            "the part before the @ has a space, a stray dot or a sign that may not be there");
    if (cleanLine(local) != local)
        return fail(Code::invalid, "the part before the @ has invisible or decomposed letters");
    const Result<Domain> domain = parseDomain(address.substr(at + 1));
    if (!domain) return passOn(domain);
    Email out;
    out.display = std::string(local) + "@" + domain->letters;
    const bool ascii =
        std::all_of(local.begin(), local.end(), [](char c) { return (c & 0x80) == 0; });
    out.canonical = (ascii ? asciiLower(local) : cleanLine(lowerCase(local))) + "@" + domain->ascii;
    if (out.canonical.size() > limits::kEmailMaxBytes ||
        out.display.size() > limits::kEmailMaxBytes * 2)
        return fail(Code::tooLarge, "the e-mail address is longer than 254 bytes");
    return out;
}

std::string_view Email::domain() const noexcept {
    return std::string_view(canonical).substr(canonical.rfind('@') + 1);
}

std::optional<std::string> Email::suggestion() const {
    const std::string_view host = domain();
    const std::string local = display.substr(0, display.rfind('@') + 1);
    std::string_view nearest;
    std::size_t best = 3;
    for (const std::string_view common : kCommonDomains) {
        if (common == host) return std::nullopt;
        // A short domain one letter off may well exist ("me.com", "we.com"): ask only for longer
        // ones.
        const std::size_t allowed = common.size() < 7 ? 0 : common.size() < 10 ? 1 : 2;
        const std::size_t distance = editDistance(host, common, allowed);
        if (distance <= allowed && distance < best && host.front() == common.front()) {
            best = distance;
            nearest = common;
        }
    }
    if (!nearest.empty()) return local + std::string(nearest);
    const std::size_t dot = host.rfind('.');
    for (const auto& [wrong, right] : kTopTypos) {
        if (host.substr(dot + 1) == wrong)
            return local + std::string(host.substr(0, dot + 1)) + std::string(right);
    }
    return std::nullopt;
}

std::string Email::canonicalKey() const {
    return "email:" + canonical;
}

} // namespace souffleur::contact
