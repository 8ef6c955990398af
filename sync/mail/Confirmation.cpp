#include "sync/mail/Confirmation.h"

#include <unicode/datefmt.h>
#include <unicode/locid.h>
#include <unicode/simpletz.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <memory>

#include "sync/mail/Message.h"
#include "sync/mail/Words.h"

namespace souffleur::mail {
namespace {

const Words& wordsOf(std::string_view tag) {
    const auto found = std::ranges::find(kWords, tag.substr(0, 2), &Words::language);
    return found == kWords.end() ? kWords.front() : *found;
}

std::string filled(std::string_view text, std::string_view place, std::string_view with) {
    std::string out(text);
    if (const auto at = out.find(place); at != std::string::npos)
        out.replace(at, place.size(), with);
    return out;
}

/// Both forms of the letter, paragraph by paragraph.
class Pages {
public:
    void paragraph(const std::string& words) {
        text += words + "\n\n";
        html += "<p>" + escapeHtml(words) + "</p>\n";
    }
    void line(std::string_view label, const std::string& value) {
        text += std::string(label) + value + "\n";
        html +=
            "<p style=\"margin:0\">" + escapeHtml(label) + "<b>" + escapeHtml(value) + "</b></p>\n";
    }
    void agreed(const Agreed& one) {
        const std::string title = one.label + (one.detail.empty() ? "" : ", " + one.detail);
        text += "* " + title + "\n  \"" + one.text + "\"\n\n";
        html +=
            "<li><b>" + escapeHtml(title) + "</b><br><i>" + escapeHtml(one.text) + "</i></li>\n";
    }
    void link(const std::string& url) {
        text += url + "\n\n";
        html += "<p><a href=\"" + escapeHtml(url) + "\">" + escapeHtml(url) + "</a></p>\n";
    }

    std::string text;
    std::string html;
};

} // namespace

std::string_view wordsLanguage(std::string_view tag) {
    const auto found = std::ranges::find(kWords, tag.substr(0, 2), &Words::language);
    return found == kWords.end() ? std::string_view{} : found->language;
}

std::string longDate(TimeMs at, int offsetMin, std::string_view language) {
    const icu::Locale locale(language == "en" ? "en_GB" : std::string(language).c_str());
    const std::unique_ptr<icu::DateFormat> format(
        icu::DateFormat::createDateInstance(icu::DateFormat::kLong, locale));
    if (format == nullptr) return formatTime(at).substr(0, 10);
    format->adoptTimeZone(new icu::SimpleTimeZone(static_cast<std::int32_t>(offsetMin * kMinuteMs),
                                                  icu::UnicodeString("house")));
    icu::UnicodeString out;
    format->format(static_cast<UDate>(at), out);
    std::string text;
    out.toUTF8String(text);
    return text;
}

Letter letterFor(const Confirmation& what) {
    const Words& words = wordsOf(what.language);
    const auto house = [&](std::string_view text) { return filled(text, "{house}", what.house); };
    Pages pages;
    pages.paragraph(house(words.said));
    pages.line(words.when, longDate(what.at, what.offsetMin, words.language));
    if (!what.place.empty()) pages.line(words.where, what.place);
    pages.text += "\n" + std::string(words.agreed) + "\n\n";
    pages.html += "<p>" + escapeHtml(words.agreed) + "</p>\n<ul>\n";
    for (const Agreed& one : what.agreed) pages.agreed(one);
    pages.html += "</ul>\n";
    pages.paragraph(std::string(what.confirm ? words.confirm : words.notice));
    pages.link(what.link);
    pages.paragraph(std::string(what.confirm ? words.idleConfirm : words.idleNotice));
    pages.paragraph(
        filled(words.until, "{date}", longDate(what.expires, what.offsetMin, words.language)));
    pages.paragraph(std::string(words.onlyThis));
    pages.text += "--\n";
    pages.html += "<hr>\n";
    for (const std::string& each :
         {what.house, what.controller.address, what.controller.email, what.controller.phone}) {
        if (!each.empty()) pages.line("", each);
    }
    if (!what.controller.privacyUrl.empty()) pages.line(words.privacy, what.controller.privacyUrl);
    Letter letter;
    letter.subject = house(what.confirm ? words.subjectConfirm : words.subjectNotice);
    letter.text = std::move(pages.text);
    letter.html = "<!doctype html>\n<html lang=\"" + std::string(words.language) +
                  "\"><body style=\"max-width:36em;font:16px/1.5 sans-serif\">\n" + pages.html +
                  "</body></html>\n";
    return letter;
}

} // namespace souffleur::mail
