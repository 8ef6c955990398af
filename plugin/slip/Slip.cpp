#include "plugin/slip/Slip.h"

#include <algorithm>
#include <cstdio>
#include <set>
#include <variant>

#include "plugin/crypto/Encoding.h"
#include "plugin/slip/SlipWords.h"

namespace souffleur::slip {
namespace {

using consent::Choice;
using consent::ChoiceItem;
using escpos::Align;

/// Between parts of the slip, in dots: less than a line, paper is long enough.
constexpr int kApart = 20;

std::size_t characters(std::string_view utf8) {
    return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

std::vector<std::string> wordsOf(std::string_view text) {
    std::vector<std::string> words;
    std::size_t from = 0;
    while (from < text.size()) {
        const std::size_t end = std::min(text.find(' ', from), text.size());
        if (end > from) {
            words.emplace_back(text.substr(from, end - from));
        }
        from = end + 1;
    }
    return words;
}

/// The day and time on the wall where the answer was given, in the customer's form.
std::string localTime(TimeMs at, int offsetMin, std::string_view language) {
    const std::string iso = formatTime(at + offsetMin * kMinuteMs);
    const std::string year = iso.substr(0, 4);
    const std::string month = iso.substr(5, 2);
    const std::string day = iso.substr(8, 2);
    const std::string time = iso.substr(11, 5);
    if (language == "en") {
        static constexpr std::array<std::string_view, 12> kMonths{
            "January", "February", "March",     "April",   "May",      "June",
            "July",    "August",   "September", "October", "November", "December"};
        const auto index = static_cast<std::size_t>((month[0] - '0') * 10 + (month[1] - '0') - 1);
        return (day[0] == '0' ? day.substr(1) : day) + " " + std::string(kMonths[index]) + " " +
               year + ", " + time;
    }
    const std::string dot = language == "ru" || language == "de" ? "."
                            : language == "nl"                   ? "-"
                                                                 : "/";
    return day + dot + month + dot + year + ", " + time;
}

std::string_view channelWords(const SlipWords& words, std::string_view channel) {
    using Pair = std::pair<std::string_view, std::string_view>;
    for (const auto& [name, text] :
         {Pair{"email", words.email}, Pair{"sms", words.sms}, Pair{"phone", words.phone},
          Pair{"post", words.post}, Pair{"messaging", words.messaging},
          Pair{"social", words.social}, Pair{"record", words.record}}) {
        if (name == channel) {
            return text;
        }
    }
    return {};
}

std::string_view answerWords(const SlipWords& words, Choice choice) {
    switch (choice) {
    case Choice::given:
        return words.yes;
    case Choice::refused:
        return words.no;
    case Choice::withdrawn:
        return words.withdrawn;
    case Choice::objected:
        return words.objected;
    case Choice::deferred:
        break;
    }
    return words.later;
}

/// The exact words that the answer was given to, where the pack still holds them; else nullptr.
const consent::Notice* frozenWording(const ChoiceItem& item, const consent::Policy& policy) {
    for (const consent::Purpose& purpose : policy.purposes) {
        for (const auto& [channel, languages] : purpose.notices) {
            const auto found = languages.find(item.notice.language);
            if (found != languages.end() && found->second.ref == item.notice) {
                return &found->second;
            }
        }
    }
    return nullptr;
}

/// What the purpose is called in the slip's language, in the version that was answered to: a newer
/// one may promise something else. Without a wording of its own (a "no" to everything): today's.
const consent::Notice* wordingToTell(const ChoiceItem& item, const consent::Purpose& purpose,
                                     const consent::Policy& policy, const SlipWords& words) {
    const auto& channel = item.channel == consent::kAny ? purpose.channels.front() : item.channel;
    const consent::Notice* now = policy.notice(purpose, channel, std::string(words.language));
    const bool same = now != nullptr && now->ref.id == item.notice.id &&
                      now->ref.version == item.notice.version &&
                      (now->ref.language != item.notice.language || now->ref == item.notice);
    return item.notice.id.empty() || same ? now : frozenWording(item, policy);
}

/// "You said yes:" and "Newsletter, by e-mail, once a month."
void sentence(escpos::Document& slip, const ChoiceItem& item, const consent::Policy& policy,
              const SlipWords& words, bool notYet, bool waits) {
    const bool all = item.purpose == consent::kAny;
    if (all && item.channel == consent::kAny && consent::negative(item.choice)) {
        slip.text(std::string(words.objectedAll), Align::left, {.bold = true});
        return;
    }
    const consent::Purpose* purpose = all ? nullptr : policy.purpose(item.purpose);
    const consent::Notice* notice =
        purpose == nullptr ? nullptr : wordingToTell(item, *purpose, policy, words);
    std::string what = all                 ? std::string(words.everything)
                       : notice == nullptr ? item.purpose
                                           : notice->label;
    if (notice != nullptr && item.channel != consent::kAny) {
        what += ", " + notice->detail;
    } else if (const auto way = channelWords(words, item.channel); !way.empty()) {
        what += ", " + std::string(way);
    }
    const std::string_view answer = notYet  ? words.notYet
                                    : waits ? words.yesWaits
                                            : answerWords(words, item.choice);
    slip.spans({{std::string(answer) + " ", {}}, {what + ".", {.bold = true}}});
}

void head(escpos::Document& slip, const consent::Policy& policy, int columns) {
    const std::string& name = policy.controller.name;
    std::size_t longest = 0;
    for (const std::string& word : wordsOf(name)) {
        longest = std::max(longest, characters(word));
    }
    if (longest * 2 <= static_cast<std::size_t>(columns)) {
        slip.title(name);
    } else {
        slip.text(name, Align::centre, {.bold = true});
    }
    slip.text(policy.controller.address, Align::centre);
}

/// What the wording called itself, and its id; the id alone where its words are not on file any
/// more: today's label beside yesterday's version would be words that nobody was shown.
std::string wordingName(const ChoiceItem& item, const consent::Policy& policy) {
    const consent::Notice* notice = frozenWording(item, policy);
    return notice == nullptr || notice->label.empty() ? item.notice.id
                                                      : notice->label + " (" + item.notice.id + ")";
}

/// "Wording, version 101: Newsletter (newsletter-email), Season brochure (brochure-post)."
void wordings(escpos::Document& slip, const consent::Act& act, const consent::Policy& policy,
              const SlipWords& words) {
    std::vector<std::pair<std::string, std::vector<std::string>>> versions;
    for (const ChoiceItem& item : act.choices) {
        if (item.notice.id.empty()) continue;
        std::string version = std::to_string(item.notice.version);
        if (item.notice.language != words.language) version += " (" + item.notice.language + ")";
        auto same = std::ranges::find(versions, version, [](const auto& one) { return one.first; });
        if (same == versions.end()) {
            same = versions.emplace(same, std::move(version), std::vector<std::string>());
        }
        std::string name = wordingName(item, policy);
        if (std::ranges::find(same->second, name) == same->second.end()) {
            same->second.push_back(std::move(name));
        }
    }
    for (const auto& [version, names] : versions) {
        std::string line = std::string(words.wording) + " " + version + ":";
        for (const std::string& name : names) {
            line += (&name == names.data() ? " " : ", ") + name;
        }
        slip.text(line + ".");
    }
}

/// How to take it back: the picture for a telephone's camera, the code for its keys and its voice.
void takingBack(escpos::Document& slip, const consent::Policy& policy, const SlipWords& words,
                const crypto::Handle& handle, int columns) {
    slip.rule(true).space();
    slip.text(std::string(words.changed), Align::centre, {.bold = true, .big = columns >= 40});
    slip.text(std::string(words.how), Align::centre);
    slip.qr(withdrawLink(policy.controller.withdrawUrl, handle), columns >= 40 ? 7 : 6);
    // On one line, unless the number would break.
    const std::string& phone = policy.controller.phone;
    const std::string ring = std::string(words.orRing) + " " + phone;
    if (characters(ring) <= static_cast<std::size_t>(columns)) {
        slip.text(ring, Align::centre);
    } else {
        slip.text(std::string(words.orRing), Align::centre).text(phone, Align::centre);
    }
    // Between the two numbers, lest the one be read out for the other.
    slip.text(std::string(words.giveIt), Align::centre);
    const std::string code = crypto::slipCode(handle);
    // Two lines of even length: easier to read out than one that breaks anywhere.
    const std::size_t middle = code.find('-', code.size() / 2 - 1);
    slip.text(code.substr(0, middle), Align::centre, {.bold = true});
    slip.text(code.substr(middle + 1), Align::centre, {.bold = true});
}

} // namespace

bool leavesSomething(const consent::Act& act) {
    return std::ranges::any_of(
        act.choices, [](const ChoiceItem& item) { return item.choice != Choice::deferred; });
}

std::string handleHashHex(const crypto::Handle& handle) {
    return crypto::toHex(crypto::bytesOf(crypto::handleHash(handle)));
}

std::string withdrawLink(const std::string& withdrawUrl, const crypto::Handle& handle) {
    std::string code = crypto::slipCode(handle);
    std::erase(code, '-');
    return withdrawUrl + "#" + code;
}

std::vector<std::string> slipLanguages() {
    std::vector<std::string> languages;
    for (const SlipWords& words : kSlipWords) {
        languages.emplace_back(words.language);
    }
    return languages;
}

Result<escpos::Document> slipDocument(const consent::Event& event, const consent::Policy& policy,
                                      const crypto::Handle& handle, const std::string& language,
                                      Layout layout, const OwnHand& ownHand) {
    const auto* act = std::get_if<consent::Act>(&event.body);
    if (act == nullptr || act->choices.empty()) {
        return fail(Code::invalid, "only an answer can be printed; record one first", "slip");
    }
    const bool hasCode = leavesSomething(*act);
    if (hasCode && act->withdrawHandleHash != handleHashHex(handle)) {
        return fail(Code::invalid,
                    "the code does not belong to this answer; record the answer with its code",
                    "slip");
    }
    if (policy.controller.withdrawUrl.empty() || layout.columns < 24 || layout.columns > 64) {
        return fail(Code::invalid,
                    "the house has no withdraw-url, or the paper is not 24 to 64 columns wide; "
                    "complete house.toml or the printer's profile",
                    "slip");
    }
    const SlipWords& words =
        slipWords(language, policy.languages.empty() ? "en" : policy.languages.front());
    escpos::Document slip;
    slip.language(std::string(words.language));
    head(slip, policy, layout.columns);
    slip.space().rule().space();
    bool confirm = false;
    bool byHand = false;
    for (const ChoiceItem& item : act->choices) {
        if (&item != act->choices.data()) slip.space();
        const bool yes = item.choice == Choice::given;
        const bool notYet = yes && ownHand.contains({item.purpose, item.channel});
        const bool waits = yes && item.confirm && !notYet;
        sentence(slip, item, policy, words, notYet, waits);
        confirm = confirm || waits;
        byHand = byHand || notYet;
    }
    if (confirm) {
        slip.space(kApart).text(std::string(words.confirm));
    }
    if (byHand) {
        slip.space(kApart).text(std::string(words.ownHand));
    }
    if (!hasCode) {
        slip.space(kApart).text(std::string(words.decide));
        slip.text(policy.controller.phone, Align::centre, {.bold = true});
    }
    slip.space(kApart).text(localTime(event.at, event.offsetMin, words.language));
    wordings(slip, *act, policy, words);
    if (hasCode) {
        takingBack(slip, policy, words, handle, layout.columns);
    }
    slip.space(kApart).title(std::string(words.thanks));
    return slip;
}

namespace {

/// Breaks at spaces, a word that is too long where it must.
std::vector<std::string> wrap(const std::string& text, std::size_t columns) {
    std::vector<std::string> lines{""};
    for (std::string word : wordsOf(text)) {
        while (characters(word) > columns) {
            std::size_t bytes = 0;
            for (std::size_t n = 0; n < columns; ++n) {
                do {
                    ++bytes;
                } while (bytes < word.size() &&
                         (static_cast<unsigned char>(word[bytes]) & 0xC0U) == 0x80U);
            }
            lines.push_back(word.substr(0, bytes));
            word.erase(0, bytes);
        }
        std::string& last = lines.back();
        if (!last.empty() && characters(last) + 1 + characters(word) > columns) {
            lines.push_back(word);
        } else {
            last += (last.empty() ? "" : " ") + word;
        }
    }
    std::erase(lines, "");
    return lines;
}

class Lines {
public:
    explicit Lines(std::size_t columns) : _columns(columns) {}

    void operator()(const escpos::Paragraph& paragraph) {
        std::string text;
        bool big = false;
        for (const escpos::Span& span : paragraph.spans) {
            text += span.text;
            big = big || span.style.big;
        }
        for (const std::string& line : wrap(text, big ? _columns / 2 : _columns)) {
            const std::size_t width = characters(line) * (big ? 2 : 1);
            const bool centred = paragraph.align == Align::centre;
            const std::size_t pad = centred && width < _columns ? (_columns - width) / 2 : 0;
            out.push_back(std::string(pad, ' ') + (big ? "# " : "") + line);
        }
    }
    void operator()(const escpos::Row& row) { out.push_back(row.left + " " + row.right); }
    void operator()(const escpos::Rule& rule) {
        out.emplace_back(_columns, rule.dashed ? '-' : '=');
    }
    void operator()(const escpos::Feed& feed) {
        out.insert(out.end(), static_cast<std::size_t>(feed.lines), "");
    }
    void operator()(const escpos::Space& /*unused*/) {} // less than a line
    void operator()(const escpos::Qr& qr) { out.push_back("[qr " + qr.text + "]"); }
    void operator()(const escpos::Image& /*unused*/) { out.emplace_back("[image]"); }

    std::vector<std::string> out;

private:
    std::size_t _columns;
};

} // namespace

std::vector<std::string> slipText(const escpos::Document& document, int columns) {
    Lines lines(static_cast<std::size_t>(std::clamp(columns, 24, 64)));
    for (const escpos::Block& block : document.blocks()) {
        std::visit(lines, block);
    }
    return std::move(lines.out);
}

} // namespace souffleur::slip
