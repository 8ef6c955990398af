#include "plugin/policy/PackParser.h"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>

#include "plugin/crypto/Encoding.h"
#include "plugin/crypto/Hash.h"
#include "plugin/policy/PackLoader.h"
#include "plugin/policy/PackSections.h"
#include "plugin/policy/TomlReader.h"
#include "plugin/policy/WordingSet.h"
#include "plugin/wire/Forms.h"

namespace souffleur::policy {
namespace {

using consent::Basis;
using consent::ChannelRule;
using consent::Method;
using consent::Policy;
using consent::Purpose;
using consent::Token;

constexpr std::array<std::string_view, 7> kChannels{"email",     "sms",    "phone", "post",
                                                    "messaging", "social", "record"};
constexpr std::array<Basis, 4> kBases{Basis::consent, Basis::softOptIn, Basis::legacy,
                                      Basis::legitimateInterest};
constexpr std::array<Method, 8> kMethods{Method::spoken, Method::screen,   Method::paper,
                                         Method::phone,  Method::kiosk,    Method::web,
                                         Method::import, Method::connector};
constexpr std::array<consent::Situation, 4> kSituations{
    consent::Situation::counter, consent::Situation::phone, consent::Situation::group,
    consent::Situation::school};
constexpr std::string_view kPartner = "partner";
constexpr std::string_view kPartners = "partner:*";
constexpr std::size_t kRulesMax = 200;
constexpr std::size_t kPurposesMax = 50;
constexpr std::size_t kNoticesMax = 2000;
constexpr std::int64_t kMonthsMax = 600;
constexpr int kVisitHoursMax = 72; ///< longer is a re-ask interval, no visit

/// One pack being read. Methods run in order; after an error the rest does nothing of note.
class Pack {
public:
    Pack(const toml::table& root, std::string_view file, const House& house)
        : _root(root), _in(std::string(file)), _house(house) {}

    Result<ParsedPack> read(std::string_view bytes) {
        readHead();
        _policy.sha256 = crypto::toHex(crypto::bytesOf(crypto::sha256(bytes)));
        readReask();
        readSituations();
        readPurposes();
        readRules();
        readNotices();
        readReceiptHint(_in, _root, _policy);
        auto questionnaires = readQuestionnaires(_in, _root, _policy);
        if (auto ok = _in.done(); !ok) {
            return passOn(ok);
        }
        if (auto ok = fillNotices(); !ok) {
            return passOn(ok);
        }
        if (auto ok = checkRules(_policy, _in.file()); !ok) {
            return passOn(ok);
        }
        return ParsedPack{std::move(_policy), std::move(questionnaires)};
    }

private:
    void readHead();
    void readReask();
    void readSituations();
    void readPurposes();
    void readRules();
    void readRule(const toml::table& table);
    void checkRule(const toml::table& table, const ChannelRule& rule);
    void placeRule(const toml::table& table, ChannelRule rule);
    void readNotices();
    void readNotice(const toml::table& table);
    Result<void> fillNotices();
    Result<void> fillPurpose(Purpose& purpose);

    Token token(const toml::table& table, const std::string& where, std::string_view key) {
        std::string value = _in.text(table, where, key, 64);
        if (_in.ok() && !consent::isToken(value)) {
            _in.refuse(table.get(key), TomlReader::path(where, key),
                       "must be an id of small letters, digits and hyphens");
        }
        return value;
    }
    void channelKnown(const toml::node* node, const std::string& key, const std::string& channel) {
        if (std::find(kChannels.begin(), kChannels.end(), channel) == kChannels.end()) {
            const std::vector<std::string_view> known(kChannels.begin(), kChannels.end());
            _in.refuse(node, key,
                       "unknown channel; use one of " + listed(known) + "." +
                           suggestion(channel, known));
        }
    }
    /// A list of the field's words as a set; absent = `fallback`.
    template <typename T, std::size_t N>
    std::set<T> words(const toml::table& table, const std::string& where, std::string_view key,
                      const std::array<T, N>& all, std::set<T> fallback) {
        const auto texts = _in.texts(table, where, key, N);
        if (texts.empty()) {
            return fallback;
        }
        std::set<T> found;
        std::vector<std::string_view> known;
        for (const T one : all) {
            known.push_back(consent::name(one));
        }
        for (const std::string& text : texts) {
            const auto at = std::find(known.begin(), known.end(), text);
            if (at == known.end()) {
                _in.refuse(table.get(key), TomlReader::path(where, key),
                           "unknown word; use some of " + listed(known) + "." +
                               suggestion(text, known));
                break;
            }
            found.insert(all[static_cast<std::size_t>(at - known.begin())]);
        }
        return found;
    }
    int months(const toml::table& table, std::string_view key) {
        return static_cast<int>(_in.numberOr(table, "rule", key, 0, kMonthsMax, 0));
    }

    const toml::table& _root;
    TomlReader _in;
    const House& _house;
    Policy _policy;
    WordingSet _set;
    std::map<std::string, int> _lines; ///< of purposes, for errors
};

void Pack::readHead() {
    _in.only(_root, {},
             {"format", "id", "version", "jurisdiction", "region", "languages", "wordings",
              "valid-from", "valid-to", "questions-per-sale", "retention-months", "reask",
              "situation", "rule", "purpose", "notice", "receipt-hint", "questionnaire"});
    (void) _in.number(_root, {}, "format", 1, 1);
    _policy.id = token(_root, {}, "id");
    _policy.version = static_cast<std::uint32_t>(_in.number(_root, {}, "version", 1, 999999));
    _policy.jurisdiction = _in.text(_root, {}, "jurisdiction", 16);
    _policy.region = _in.textOr(_root, {}, "region", 16, {});
    _policy.controller = _house.controller;
    _policy.hostAddressesVerified = _house.addressesVerified;
    _policy.opensDrawer = _house.drawer;
    _policy.validFrom = _in.dateOr(_root, {}, "valid-from", 0);
    _policy.validTo = _in.dateOr(_root, {}, "valid-to", consent::kForever);
    if (_policy.validTo <= _policy.validFrom) {
        _in.refuse(_root.get("valid-to"), "valid-to", "must be later than valid-from");
    }
    _policy.questionsPerSale =
        static_cast<int>(_in.numberOr(_root, {}, "questions-per-sale", 1, 10, 3));
    _policy.retentionMonths =
        static_cast<int>(_in.numberOr(_root, {}, "retention-months", 1, kMonthsMax, 84));
    const auto languages = _in.texts(_root, {}, "languages", 16);
    if (languages.empty()) {
        _in.refuse(&_root, "languages", "is missing; list the languages of the notices");
    }
    for (const std::string& language : languages) {
        if (!wire::isLanguage(language)) {
            _in.refuse(_root.get("languages"), "languages", "must be BCP 47 tags such as \"nl\"");
        }
    }
    // The house's own order first; what it leaves out stays on offer behind.
    for (const std::string& language : _house.languages) {
        if (std::find(languages.begin(), languages.end(), language) == languages.end()) {
            _in.refuse(_root.get("languages"), "languages",
                       "the pack has no \"" + language +
                           "\" that house.toml asks for; add its notices or change the house's "
                           "languages");
        }
        _policy.languages.push_back(language);
    }
    for (const std::string& language : languages) {
        if (std::find(_policy.languages.begin(), _policy.languages.end(), language) ==
            _policy.languages.end()) {
            _policy.languages.push_back(language);
        }
    }
    if (const std::string wordings = _in.textOr(_root, {}, "wordings", 64, {}); !wordings.empty()) {
        if (auto set = readWordingSet(wordings); set) {
            _set = std::move(*set);
        } else {
            _in.refuse(_root.get("wordings"), "wordings", set.error().text());
        }
    }
}

void Pack::readReask() {
    const toml::table* table = _in.section(_root, {}, "reask");
    if (table == nullptr) {
        return;
    }
    _in.only(*table, "reask",
             {"refused", "withdrawn", "deferred", "refresh-before", "unconfirmed", "visit-hours"});
    auto& rule = _policy.reask;
    const auto days = [&](std::string_view key, int fallback) {
        return static_cast<int>(_in.numberOr(*table, "reask", key, -1, 36500, fallback));
    };
    rule.visitHours = static_cast<int>(
        _in.numberOr(*table, "reask", "visit-hours", 1, kVisitHoursMax, rule.visitHours));
    rule.refusedDays = days("refused", rule.refusedDays);
    rule.withdrawnDays = days("withdrawn", rule.withdrawnDays);
    rule.deferredDays = days("deferred", rule.deferredDays);
    rule.refreshBeforeDays = days("refresh-before", rule.refreshBeforeDays);
    rule.unconfirmedDays = days("unconfirmed", rule.unconfirmedDays);
}

void Pack::readSituations() {
    const toml::table* all = _in.section(_root, {}, "situation");
    if (all == nullptr) {
        return;
    }
    _in.only(*all, "situation", {"counter", "phone", "group", "school"});
    for (const consent::Situation situation : kSituations) {
        const std::string where = "situation." + std::string(consent::name(situation));
        const toml::table* table = _in.section(*all, "situation", consent::name(situation));
        if (table == nullptr) {
            continue;
        }
        _in.only(*table, where, {"ask", "print", "contact-person-only", "store-people"});
        consent::SituationRule rule;
        rule.ask = _in.flagOr(*table, where, "ask", true);
        rule.print = _in.flagOr(*table, where, "print", true);
        rule.contactPersonOnly = _in.flagOr(*table, where, "contact-person-only", false);
        rule.storePeople = _in.flagOr(*table, where, "store-people", true);
        if (rule.ask && !rule.storePeople) {
            _in.refuse(table, where, "cannot ask people it does not store; set ask = false");
        }
        _policy.situations[situation] = rule;
    }
}

void Pack::readPurposes() {
    const auto tables = _in.tables(_root, "purpose", kPurposesMax);
    if (tables.empty()) {
        _in.refuse(&_root, "purpose", "is missing; a pack needs at least one [[purpose]]");
    }
    for (const toml::table* table : tables) {
        _in.only(*table, "purpose", {"id", "dpv", "channels", "asked-at-counter", "priority"});
        Purpose purpose;
        const bool partners =
            table->get("id") != nullptr &&
            table->get("id")->value_exact<std::string>() == std::string(kPartners);
        purpose.id = partners ? std::string(kPartners) : token(*table, "purpose", "id");
        purpose.dpv = _in.text(*table, "purpose", "dpv", 64);
        purpose.channels = _in.texts(*table, "purpose", "channels", kChannels.size());
        if (purpose.channels.empty()) {
            _in.refuse(table, "purpose.channels", "is missing; list at least one channel");
        }
        for (const Token& channel : purpose.channels) {
            channelKnown(table->get("channels"), "purpose.channels", channel);
        }
        purpose.askedAtCounter = _in.flagOr(*table, "purpose", "asked-at-counter", true);
        purpose.priority =
            static_cast<int>(_in.numberOr(*table, "purpose", "priority", 0, 1000, 0));
        const bool fresh =
            _lines.emplace(purpose.id, static_cast<int>(table->source().begin.line)).second;
        if (_in.ok() && !fresh) {
            _in.refuse(table->get("id"), "purpose.id", "stands twice; merge the two sections");
        }
        if (!partners) {
            _policy.purposes.push_back(std::move(purpose));
            continue;
        }
        for (const Partner& partner : _house.partners) {
            Purpose own = purpose;
            own.id = "partner:" + partner.id;
            own.partner = partner.id;
            _policy.purposes.push_back(std::move(own));
        }
    }
}

void Pack::readRules() {
    const auto tables = _in.tables(_root, "rule", kRulesMax);
    if (tables.empty()) {
        _in.refuse(&_root, "rule", "is missing; a pack needs at least one [[rule]]");
    }
    for (const toml::table* table : tables) {
        readRule(*table);
    }
}

void Pack::readRule(const toml::table& table) {
    _in.only(table, "rule",
             {"channel", "purpose", "basis", "double-opt-in", "confirm-new-address",
              "separate-document", "needs", "min-age", "expiry-months", "soft-months",
              "legacy-months", "retention-months", "evidence", "lift-evidence", "valid-from",
              "valid-to", "source"});
    ChannelRule rule;
    rule.source = _in.text(table, "rule", "source", 200);
    if (table.get("basis") == nullptr) {
        _in.refuse(&table, "rule.basis", "is missing; list what this channel may rest on");
    }
    rule.basis = words(table, "rule", "basis", kBases, {});
    rule.doubleOptIn = _in.flagOr(table, "rule", "double-opt-in", false);
    rule.confirmNewAddress = _in.flagOr(table, "rule", "confirm-new-address", true);
    rule.separateDocument = _in.flagOr(table, "rule", "separate-document", false);
    if (table.get("needs") != nullptr) {
        rule.needs = _in.text(table, "rule", "needs", 64);
        if (_in.ok() && !_lines.contains(rule.needs)) {
            std::vector<std::string_view> known;
            for (const auto& [id, line] : _lines) {
                known.emplace_back(id);
            }
            _in.refuse(table.get("needs"), "rule.needs",
                       "no [[purpose]] has this id." + suggestion(rule.needs, known));
        }
    }
    rule.minAge = static_cast<int>(_in.numberOr(table, "rule", "min-age", 0, 99, 0));
    rule.expiryMonths = months(table, "expiry-months");
    rule.softMonths = months(table, "soft-months");
    rule.legacyMonths = months(table, "legacy-months");
    rule.retentionMonths = months(table, "retention-months");
    rule.evidence = words(table, "rule", "evidence", kMethods, rule.evidence);
    rule.liftEvidence = words(table, "rule", "lift-evidence", kMethods, rule.liftEvidence);
    rule.validFrom = _in.dateOr(table, "rule", "valid-from", 0);
    rule.validTo = _in.dateOr(table, "rule", "valid-to", consent::kForever);
    checkRule(table, rule);
    placeRule(table, std::move(rule));
}

void Pack::checkRule(const toml::table& table, const ChannelRule& rule) {
    if (rule.validTo <= rule.validFrom) {
        _in.refuse(&table, "rule.valid-to", "must be later than the rule's valid-from");
    }
    const auto lapses = [&](Basis basis, int value, std::string_view key) {
        if (rule.basis.contains(basis) && value == 0) {
            _in.refuse(&table, TomlReader::path("rule", key),
                       "is missing; \"" + std::string(consent::name(basis)) +
                           "\" must lapse after some months");
        }
    };
    lapses(Basis::softOptIn, rule.softMonths, "soft-months");
    lapses(Basis::legacy, rule.legacyMonths, "legacy-months");
    for (const Method method : rule.liftEvidence) {
        if (!consent::live(method)) {
            _in.refuse(table.get("lift-evidence"), "rule.lift-evidence",
                       "an import or connector can never lift a no; remove it");
        }
    }
}

/// One copy for each channel and purpose that the rule names.
void Pack::placeRule(const toml::table& table, ChannelRule rule) {
    const auto channels = _in.texts(table, "rule", "channel", kChannels.size());
    if (channels.empty()) {
        _in.refuse(&table, "rule.channel", "is missing; name the channels of the rule");
    }
    auto purposes = _in.texts(table, "rule", "purpose", kPurposesMax);
    if (purposes.empty()) {
        purposes.emplace_back(consent::kAny);
    }
    for (const Token& channel : channels) {
        channelKnown(table.get("channel"), "rule.channel", channel);
        for (const Token& purpose : purposes) {
            if (purpose != consent::kAny && !_lines.contains(purpose)) {
                std::vector<std::string_view> known;
                for (const auto& [id, line] : _lines) {
                    known.emplace_back(id);
                }
                _in.refuse(table.get("purpose"), "rule.purpose",
                           "no [[purpose]] has this id." + suggestion(purpose, known));
            }
            rule.channel = channel;
            rule.purpose = purpose;
            if (purpose != kPartners) {
                _policy.rules.push_back(rule);
                continue;
            }
            for (const Partner& partner : _house.partners) {
                rule.purpose = "partner:" + partner.id;
                _policy.rules.push_back(rule);
            }
        }
    }
}

void Pack::readNotices() {
    for (const toml::table* table : _in.tables(_root, "notice", kNoticesMax)) {
        readNotice(*table);
    }
}

void Pack::readNotice(const toml::table& table) {
    _in.only(table, "notice",
             {"purpose", "channel", "language", "version", "label", "detail", "line", "text"});
    const std::string purpose = _in.text(table, "notice", "purpose", 64);
    const std::string channel = _in.text(table, "notice", "channel", 64);
    const std::string language = _in.text(table, "notice", "language", wire::kLanguageMaxChars);
    RawNotice notice;
    notice.version = static_cast<std::uint32_t>(_in.number(table, "notice", "version", 1, 9999));
    notice.label = _in.text(table, "notice", "label", kLabelMaxChars);
    notice.detail = _in.text(table, "notice", "detail", kDetailMaxChars);
    notice.line = _in.text(table, "notice", "line", kLineMaxChars);
    notice.text = _in.text(table, "notice", "text", kTextMaxChars);
    notice.where = _in.file() + ":" + std::to_string(table.source().begin.line) + ": notice";
    channelKnown(table.get("channel"), "notice.channel", channel);
    if (_in.ok() && !_lines.contains(purpose)) {
        std::vector<std::string_view> known;
        for (const auto& [id, line] : _lines) {
            known.emplace_back(id);
        }
        _in.refuse(table.get("purpose"), "notice.purpose",
                   "no [[purpose]] has this id." + suggestion(purpose, known));
    }
    const std::string shortId = purpose == kPartners ? std::string(kPartner) : purpose;
    notice.id = _policy.id + "-" + shortId + "-" + channel;
    if (_in.ok() && notice.id.size() > 64) {
        _in.refuse(&table, "notice", "the ids of pack, purpose and channel are too long together");
    }
    const auto key = std::tuple{shortId, channel, language};
    if (const auto own = _set.notices.find(key);
        own != _set.notices.end() && own->second.where.starts_with(_in.file())) {
        _in.refuse(&table, "notice", "stands twice for this purpose, channel and language");
    }
    _set.notices[key] = std::move(notice);
}

Result<void> Pack::fillNotices() {
    for (Purpose& purpose : _policy.purposes) {
        if (auto ok = fillPurpose(purpose); !ok) {
            return ok;
        }
    }
    return {};
}

Result<void> Pack::fillPurpose(Purpose& purpose) {
    static const std::map<std::string, std::string> kNoPhrases;
    const auto partner =
        std::find_if(_house.partners.begin(), _house.partners.end(),
                     [&](const Partner& one) { return one.id == purpose.partner; });
    const bool hasPartner = !purpose.partner.empty() && partner != _house.partners.end();
    const std::string shortId = hasPartner ? std::string(kPartner) : purpose.id;
    const int line = _lines[hasPartner ? std::string(kPartners) : purpose.id];
    for (const Token& channel : purpose.channels) {
        for (const std::string& language : _policy.languages) {
            const auto raw = _set.notices.find({shortId, channel, language});
            if (raw == _set.notices.end()) {
                return fail(Code::invalid,
                            "\"" + purpose.id + "\" has no notice for " + channel + " in " +
                                language +
                                "; add a [[notice]], or take the language or channel "
                                "out",
                            _in.file() + ":" + std::to_string(line) + ": purpose.channels");
            }
            const auto phrases = _set.phrases.find(language);
            auto notice = finishNotice(raw->second, language,
                                       phrases == _set.phrases.end() ? kNoPhrases : phrases->second,
                                       _house, hasPartner ? &*partner : nullptr);
            if (!notice) {
                return passOn(notice);
            }
            purpose.notices[channel][language] = std::move(*notice);
        }
    }
    return {};
}

} // namespace

Result<ParsedPack> parsePackWhole(std::string_view toml, std::string_view file,
                                  const House& house) {
    auto root = parseToml(toml, file, kPackMaxBytes);
    if (!root) {
        return passOn(root);
    }
    return Pack(*root, file, house).read(toml);
}

Result<Policy> parsePack(std::string_view toml, std::string_view file, const House& house) {
    auto pack = parsePackWhole(toml, file, house);
    if (!pack) {
        return passOn(pack);
    }
    return std::move(pack->policy);
}

} // namespace souffleur::policy
