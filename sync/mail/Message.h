// A message as it goes over the wire (RFC 5322, 2045, 2047): plain text and the same as simple
// HTML.
#pragma once

#include <string>
#include <string_view>

#include "plugin/base/Clock.h"

namespace souffleur::mail {

/// All UTF-8. Control characters in what becomes a header are left out.
struct Message {
    std::string id;       ///< 1..64 letters, digits and hyphens
    std::string from;     ///< canonical address
    std::string fromName; ///< the house
    std::string replyTo;  ///< address; empty: none
    std::string to;       ///< canonical address
    std::string language; ///< "nl"
    std::string subject;
    std::string text; ///< lines ended by a line feed
    std::string html;
    TimeMs at = 0;
};

/// Headers and body, lines ended by CR LF, 76 characters at most but for addresses; ASCII unless an
/// address is not. Pure.
std::string assemble(const Message& message);

/// A header's text: as it stands where it is plain, else as encoded words of whole characters.
std::string encodedWords(std::string_view text);
/// "&" and what else means something in HTML, escaped.
std::string escapeHtml(std::string_view text);
/// "Mon, 23 Nov 2026 10:00:00 +0000"
std::string mailDate(TimeMs at);

} // namespace souffleur::mail
