#include "sync/mail/Message.h"

#include <algorithm>
#include <array>
#include <ctime>

#include "plugin/crypto/Encoding.h"

namespace souffleur::mail {
namespace {

constexpr std::size_t kLineChars = 76;
/// Bytes of one encoded word: 45 are 60 of base64, and "=?UTF-8?B?" with "?=" fits a line.
constexpr std::size_t kWordBytes = 45;

bool plain(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= ' ' && c < 0x7F; }) &&
           text.find("=?") == std::string_view::npos && text.size() <= kLineChars - 10;
}

std::string withoutControls(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= ' ' && byte != 0x7F) out += c;
    }
    return out;
}

/// A name before an address: quoted where it is plain.
std::string phrase(std::string_view name) {
    const std::string clean = withoutControls(name);
    if (!plain(clean)) return encodedWords(clean);
    std::string out = "\"";
    for (const char c : clean) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + "\"";
}

std::string lines(std::string_view bytes) {
    const std::string base = crypto::toBase64(bytes);
    std::string out;
    for (std::size_t at = 0; at < base.size(); at += kLineChars)
        out.append(base, at, kLineChars).append("\r\n");
    return out;
}

/// Of text: what is sent has CR LF at its line ends.
std::string crLf(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\n') out += '\r';
        if (c != '\r') out += c;
    }
    return out;
}

std::string part(std::string_view type, std::string_view content) {
    return "Content-Type: " + std::string(type) +
           "; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" + lines(crLf(content));
}

} // namespace

std::string encodedWords(std::string_view text) {
    std::string clean = withoutControls(text);
    if (plain(clean)) return clean;
    std::string out;
    std::size_t at = 0;
    while (at < clean.size()) {
        std::size_t end = std::min(at + kWordBytes, clean.size());
        // Never within a character.
        while (end < clean.size() && end > at + 1 &&
               (static_cast<unsigned char>(clean[end]) & 0xC0U) == 0x80U)
            --end;
        if (!out.empty()) out += "\r\n ";
        out += "=?UTF-8?B?" + crypto::toBase64(std::string_view(clean).substr(at, end - at)) + "?=";
        at = end;
    }
    return out;
}

std::string escapeHtml(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        default:
            out += c;
        }
    }
    return out;
}

std::string mailDate(TimeMs at) {
    constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::time_t seconds = at / kSecondMs;
    std::tm parts{};
    (void) gmtime_r(&seconds, &parts);
    std::array<char, 64> text{};
    (void) std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d +0000",
                         kDays.at(static_cast<std::size_t>(parts.tm_wday)), parts.tm_mday,
                         kMonths.at(static_cast<std::size_t>(parts.tm_mon)), parts.tm_year + 1900,
                         parts.tm_hour, parts.tm_min, parts.tm_sec);
    return text.data();
}

std::string assemble(const Message& message) {
    const std::string domain = message.from.substr(message.from.rfind('@') + 1);
    const std::string boundary = "=_" + message.id;
    std::string out;
    const auto header = [&](std::string_view name, const std::string& value) {
        out.append(name).append(": ").append(value).append("\r\n");
    };
    header("Date", mailDate(message.at));
    header("Message-ID", "<" + message.id + "@" + domain + ">");
    header("From", phrase(message.fromName) + " <" + message.from + ">");
    if (!message.replyTo.empty()) header("Reply-To", "<" + withoutControls(message.replyTo) + ">");
    header("To", "<" + withoutControls(message.to) + ">");
    header("Subject", encodedWords(message.subject));
    // RFC 3834: nobody's out-of-office answers it.
    header("Auto-Submitted", "auto-generated");
    header("Content-Language", message.language);
    header("MIME-Version", "1.0");
    header("Content-Type", "multipart/alternative;\r\n boundary=\"" + boundary + "\"");
    out += "\r\n--" + boundary + "\r\n" + part("text/plain", message.text);
    out += "--" + boundary + "\r\n" + part("text/html", message.html);
    out += "--" + boundary + "--\r\n";
    return out;
}

} // namespace souffleur::mail
