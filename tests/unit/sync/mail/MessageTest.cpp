// The bytes of a message: headers that every server takes, whole characters, nothing injected.
#include <doctest/doctest.h>

#include <sstream>

#include "plugin/crypto/Encoding.h"
#include "sync/mail/Confirmation.h"
#include "sync/mail/Disposable.h"
#include "sync/mail/Message.h"
#include "tests/support/Property.h"

using namespace souffleur;
using namespace souffleur::mail;

namespace {

Message sample() {
    Message message;
    message.id = "0123abcd";
    message.from = "no-reply@example.org";
    message.fromName = "Het \"Voorhuis\"";
    message.to = "anna@example.org";
    message.language = "nl";
    message.subject = "Het Voorhuis: bevestig uw antwoord";
    message.text = "een\n.twee\n";
    message.html = "<p>een</p>\n";
    message.at = 1795521600000;
    return message;
}

Confirmation what(const char* language) {
    Confirmation out;
    out.language = language;
    out.house = "Театр <Б>";
    out.controller.email = "info@example.org";
    out.at = 1795521600000;
    out.place = "Till 1";
    out.agreed.push_back({"Newsletter", "once a month", "You may write to me & mine."});
    out.link = "https://example.org/c#token";
    out.expires = out.at + 14 * kDayMs;
    return out;
}

/// Every header line, unfolded.
std::string header(const std::string& whole, const std::string& name) {
    const auto at = whole.find(name + ": ");
    if (at == std::string::npos) return {};
    return whole.substr(at + name.size() + 2, whole.find("\r\n", at) - at - name.size() - 2);
}

} // namespace

TEST_CASE(
    "a message has the headers that RFC 5322 and 3834 ask for, and no more persons than one") {
    const std::string whole = assemble(sample());
    CHECK(header(whole, "Date") == "Tue, 24 Nov 2026 12:00:00 +0000");
    CHECK(header(whole, "Message-ID") == "<0123abcd@example.org>");
    CHECK(header(whole, "From") == "\"Het \\\"Voorhuis\\\"\" <no-reply@example.org>");
    CHECK(header(whole, "To") == "<anna@example.org>");
    CHECK(header(whole, "Auto-Submitted") == "auto-generated");
    CHECK(whole.find("multipart/alternative") != std::string::npos);
    CHECK(whole.find(crypto::toBase64("een\r\n.twee\r\n")) != std::string::npos);
    CHECK(whole.find("Bcc") == std::string::npos);
}

TEST_CASE("what stands in a header cannot begin another") {
    Message message = sample();
    message.subject = "one\r\nBcc: everybody@example.org";
    message.fromName = "house\nX-Evil: yes";
    message.to = "anna@example.org\r\nBcc: x@example.org";
    const std::string whole = assemble(message);
    CHECK(whole.find("\nBcc:") == std::string::npos);
    CHECK(whole.find("\nX-Evil:") == std::string::npos);
}

TEST_CASE("property: a subject in any letters comes back whole, in lines that fit") {
    rc::check([] {
        const auto points = *rc::gen::container<std::vector<char32_t>>(rc::gen::oneOf(
            rc::gen::inRange<char32_t>(0x20, 0x7F), rc::gen::inRange<char32_t>(0x400, 0x450),
            rc::gen::inRange<char32_t>(0x1F600, 0x1F640)));
        std::string text;
        for (const char32_t point : points) {
            if (point < 0x80) {
                text += static_cast<char>(point);
            } else if (point < 0x800) {
                text += static_cast<char>(0xC0U | (point >> 6U));
                text += static_cast<char>(0x80U | (point & 0x3FU));
            } else {
                text += static_cast<char>(0xF0U | (point >> 18U));
                text += static_cast<char>(0x80U | ((point >> 12U) & 0x3FU));
                text += static_cast<char>(0x80U | ((point >> 6U) & 0x3FU));
                text += static_cast<char>(0x80U | (point & 0x3FU));
            }
        }
        const std::string words = encodedWords(text);
        if (words == text) return;
        std::string back;
        std::istringstream lines(words);
        for (std::string line; std::getline(lines, line);) {
            while (line.ends_with('\r')) line.pop_back();
            if (line.starts_with(' ')) line.erase(0, 1);
            RC_ASSERT(line.size() <= 75U);
            RC_ASSERT(line.starts_with("=?UTF-8?B?"));
            const auto part = crypto::fromBase64(line.substr(10, line.size() - 12));
            RC_ASSERT(part.has_value());
            RC_ASSERT((static_cast<unsigned char>(part->front()) & 0xC0U) != 0x80U);
            back += *part;
        }
        RC_ASSERT(back == text);
    });
}

TEST_CASE(
    "a letter says house, date, place, the wording's own words and one link, in seven languages") {
    for (const char* language : {"nl", "ca", "es", "ru", "en", "de", "fr"}) {
        CAPTURE(language);
        const Letter letter = letterFor(what(language));
        for (const std::string& part : {letter.text, letter.html}) {
            CHECK(part.find("2026") != std::string::npos);
            CHECK(part.find("Till 1") != std::string::npos);
            CHECK(part.find("https://example.org/c#token") != std::string::npos);
            CHECK(part.find("Newsletter, once a month") != std::string::npos);
            CHECK(part.find('{') == std::string::npos);
        }
        CHECK(letter.text.find("You may write to me & mine.") != std::string::npos);
        CHECK(letter.html.find("You may write to me &amp; mine.") != std::string::npos);
        CHECK(letter.html.find("Театр &lt;Б&gt;") != std::string::npos);
        CHECK(letter.html.find("<img") == std::string::npos);
        CHECK(letter.html.find("src=") == std::string::npos);
        Confirmation told = what(language);
        told.confirm = false;
        CHECK(letterFor(told).text != letter.text);
    }
    CHECK(letterFor(what("xx")).text == letterFor(what("en")).text);
}

TEST_CASE("a date is the house's own day") {
    CHECK(longDate(1795521600000, 0, "nl") == "24 november 2026");
    CHECK(longDate(1795521600000, 13 * 60, "en") == "25 November 2026");
}

TEST_CASE("mailboxes for an hour are known, with what is below them, and no others") {
    CHECK(disposable("mailinator.com"));
    CHECK(disposable("x.mailinator.com"));
    CHECK_FALSE(disposable("notmailinator.com"));
    CHECK_FALSE(disposable("example.org"));
    CHECK_FALSE(disposable("# Mailboxes"));
}
