// What a mail about an answer says, in seven languages: house, date and place, what was agreed in
// its own wording, one link. No advertising, no pictures, nothing that tells who read it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plugin/base/Clock.h"
#include "plugin/consent/Policy.h"

namespace souffleur::mail {

/// One thing that was agreed to.
struct Agreed {
    std::string label;  ///< "Newsletter"
    std::string detail; ///< "by e-mail, once a month"; may be empty
    std::string text;   ///< the wording's own words
};

struct Confirmation {
    bool confirm = true; ///< false: it counts already, "this was not me" alone is offered
    std::string language;
    std::string house; ///< its name in that language
    consent::ControllerInfo controller;
    TimeMs at = 0; ///< when it was said
    int offsetMin = 0;
    std::string place; ///< as the house named it; empty: not said
    std::vector<Agreed> agreed;
    std::string link; ///< its token in the fragment
    TimeMs expires = 0;
};

struct Letter {
    std::string subject;
    std::string text;
    std::string html;
};

/// A language that there are no words in is English. Pure.
Letter letterFor(const Confirmation& what);
/// "nl", "ca", "es", "ru", "en", "de" or "fr": that of a tag such as "nl-BE"; empty: none of them.
std::string_view wordsLanguage(std::string_view tag);
/// "12 November 2026" in the language's own form.
std::string longDate(TimeMs at, int offsetMin, std::string_view language);

} // namespace souffleur::mail
