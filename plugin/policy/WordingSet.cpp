#include "plugin/policy/WordingSet.h"

#include <array>

#include "plugin/policy/PackLoader.h"
#include "plugin/policy/TomlReader.h"
#include "plugin/wire/Forms.h"

namespace souffleur::policy {
namespace texts {
std::string_view file(std::string_view name); // generated from packs/ and wordings/
}
namespace {

constexpr std::array<std::string_view, 7> kSetLanguages{"nl", "ca", "es", "ru", "en", "de", "fr"};

void readNotice(TomlReader& in, const toml::table& table, const std::string& where,
                RawNotice& notice) {
    in.only(table, where, {"label", "detail", "line", "text"});
    notice.label = in.text(table, where, "label", kLabelMaxChars);
    notice.detail = in.text(table, where, "detail", kDetailMaxChars);
    notice.line = in.text(table, where, "line", kLineMaxChars);
    notice.text = in.text(table, where, "text", kTextMaxChars);
    notice.where = in.file() + ":" + std::to_string(table.source().begin.line) + ": " + where;
}

/// "label: Nieuwsbrief" -> every {name} replaced once; phrases may hold placeholders themselves.
class Filler {
public:
    Filler(const std::string& language, const std::map<std::string, std::string>& phrases,
           const House& house, const Partner* partner)
        : _phrases(phrases) {
        const auto& c = house.controller;
        _values = {{"house", house.nameIn(language)},
                   {"address", c.address},
                   {"phone", c.phone},
                   {"email", c.email},
                   {"withdraw", c.withdrawUrl},
                   {"privacy", c.privacyUrl}};
        if (partner != nullptr) {
            _values["partner"] = partner->name;
        }
    }

    Result<std::string> fill(const std::string& text, const std::string& where, int depth = 0) {
        std::string out;
        std::size_t from = 0;
        for (;;) {
            const std::size_t open = text.find_first_of("{}", from);
            out.append(text, from, open == std::string::npos ? open : open - from);
            if (open == std::string::npos) {
                return out;
            }
            const std::size_t close = text[open] == '{' ? text.find('}', open) : std::string::npos;
            if (close == std::string::npos) {
                return fail(Code::invalid,
                            "holds a { or } without its partner; placeholders are "
                            "written {house}",
                            where);
            }
            auto value = valueOf(text.substr(open + 1, close - open - 1), where, depth);
            if (!value) {
                return value;
            }
            out += *value;
            from = close + 1;
        }
    }

private:
    Result<std::string> valueOf(const std::string& name, const std::string& where, int depth) {
        if (const auto own = _values.find(name); own != _values.end()) {
            return own->second;
        }
        if (const auto phrase = _phrases.find(name); phrase != _phrases.end() && depth == 0) {
            return fill(phrase->second, where, depth + 1);
        }
        std::vector<std::string_view> known;
        for (const auto& [key, value] : _values) {
            known.emplace_back(key);
        }
        for (const auto& [key, value] : _phrases) {
            known.emplace_back(key);
        }
        return fail(Code::invalid,
                    "{" + name.substr(0, 32) + "} is no placeholder here; known are " +
                        listed(known) + "." + suggestion(name, known),
                    where);
    }

    std::map<std::string, std::string> _values;
    const std::map<std::string, std::string>& _phrases;
};

std::size_t longestWord(std::string_view text) {
    std::size_t longest = 0;
    std::size_t from = 0;
    while (from <= text.size()) {
        const std::size_t end = std::min(text.find(' ', from), text.size());
        longest = std::max(longest, characters(text.substr(from, end - from)));
        from = end + 1;
    }
    return longest;
}

Result<void> checkLength(std::string_view text, std::size_t maxChars, bool onSlip,
                         const std::string& where) {
    if (characters(text) > maxChars) {
        return fail(Code::invalid,
                    "is too long with the house's particulars filled in: " +
                        std::to_string(characters(text)) + " characters, at most " +
                        std::to_string(maxChars) + "; shorten it",
                    where);
    }
    if (onSlip && longestWord(text) > kWordMaxChars) {
        return fail(Code::invalid,
                    "holds a word wider than the narrowest slip (32 columns); shorten it", where);
    }
    return {};
}

} // namespace

Result<void> addWordings(WordingSet& set, std::string_view toml, std::string_view file) {
    auto root = parseToml(toml, file, kPackMaxBytes);
    if (!root) {
        return passOn(root);
    }
    TomlReader in{std::string(file)};
    in.only(*root, {}, {"set", "version", "language", "phrases", "notice"});
    (void) in.text(*root, {}, "set", 64);
    const auto version = static_cast<std::uint32_t>(in.number(*root, {}, "version", 1, 9999));
    const std::string language = in.text(*root, {}, "language", wire::kLanguageMaxChars);
    if (const toml::table* phrases = in.section(*root, {}, "phrases"); phrases != nullptr) {
        for (const auto& [key, value] : *phrases) {
            set.phrases[language][std::string(key.str())] =
                in.text(*phrases, "phrases", key.str(), kTextMaxChars);
        }
    }
    if (const toml::table* notices = in.section(*root, {}, "notice"); notices != nullptr) {
        for (const auto& [purpose, channels] : *notices) {
            const std::string where = "notice." + std::string(purpose.str());
            const toml::table* byChannel = in.section(*notices, "notice", purpose.str());
            if (byChannel == nullptr) {
                break;
            }
            for (const auto& [channel, value] : *byChannel) {
                const toml::table* one = in.section(*byChannel, where, channel.str());
                if (one == nullptr) {
                    break;
                }
                RawNotice notice;
                notice.version = version;
                notice.id = std::string(purpose.str()) + "-" + std::string(channel.str());
                readNotice(in, *one, where + "." + std::string(channel.str()), notice);
                set.notices[{std::string(purpose.str()), std::string(channel.str()), language}] =
                    std::move(notice);
            }
        }
    }
    return in.done();
}

Result<WordingSet> readWordingSet(std::string_view name) {
    WordingSet set;
    for (const std::string_view language : kSetLanguages) {
        const std::string file = std::string(name) + "." + std::string(language) + ".toml";
        const std::string_view text = texts::file(file);
        if (text.empty()) {
            return fail(Code::notFound,
                        "there is no wording set \"" + std::string(name) +
                            "\" in this version; use \"standard-1\" or write [[notice]] sections",
                        "wordings");
        }
        if (auto ok = addWordings(set, text, file); !ok) {
            return passOn(ok);
        }
    }
    return set;
}

Result<consent::Notice> finishNotice(const RawNotice& raw, const std::string& language,
                                     const std::map<std::string, std::string>& phrases,
                                     const House& house, const Partner* partner) {
    Filler filler(language, phrases, house, partner);
    consent::Notice notice;
    struct Part {
        const std::string& from;
        std::string& to;
        std::string_view key;
        std::size_t max;
        bool onSlip;
    };
    for (const Part& part : {Part{raw.label, notice.label, "label", kLabelMaxChars, true},
                             Part{raw.detail, notice.detail, "detail", kDetailMaxChars, true},
                             Part{raw.line, notice.line, "line", kLineMaxChars, false},
                             Part{raw.text, notice.text, "text", kTextMaxChars, false}}) {
        const std::string where = raw.where + "." + std::string(part.key);
        auto filled = filler.fill(part.from, where);
        if (!filled) {
            return passOn(filled);
        }
        if (auto ok = checkLength(*filled, part.max, part.onSlip, where); !ok) {
            return passOn(ok);
        }
        part.to = std::move(*filled);
    }
    const auto& name = house.nameIn(language);
    if (notice.text.find(name) == std::string::npos ||
        notice.text.find(house.controller.withdrawUrl) == std::string::npos) {
        return fail(Code::invalid,
                    "must name the house and how to withdraw; put {house} and {withdraw} (or a "
                    "phrase that holds it) into the text",
                    raw.where + ".text");
    }
    notice.ref.id = partner == nullptr ? raw.id : raw.id + ":" + partner->id;
    notice.ref.version = raw.version * 100 + house.wordingRevision;
    notice.ref.language = language;
    notice.ref.sha256 = wordingHash(notice);
    return notice;
}

} // namespace souffleur::policy
