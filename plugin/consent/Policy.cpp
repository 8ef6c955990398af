#include "plugin/consent/Policy.h"

#include <array>

namespace souffleur::consent {
namespace {

bool names(const Token& pattern, const Token& token) {
    return pattern == token || pattern == kAny;
}

/// How closely a rule names the key: the channel weighs more than the purpose.
int closeness(const ChannelRule& rule, const Token& purpose, const Token& channel) {
    return (rule.channel == channel ? 2 : 0) + (rule.purpose == purpose ? 1 : 0);
}

const Notice* inLanguage(const Purpose& purpose, const Token& channel,
                         const std::string& language) {
    static const Token any(kAny);
    for (const Token* way : {&channel, &any}) {
        const auto byLanguage = purpose.notices.find(*way);
        if (byLanguage == purpose.notices.end()) {
            continue;
        }
        const auto notice = byLanguage->second.find(language);
        if (notice != byLanguage->second.end()) {
            return &notice->second;
        }
    }
    return nullptr;
}

TimeMs lapse(TimeMs now, int months) {
    return months > 0 ? addMonths(now, months) : kForever;
}

TimeMs validUntil(const ChannelRule& rule, Basis basis, TimeMs now) {
    switch (basis) {
    case Basis::softOptIn:
        return lapse(now, rule.softMonths);
    case Basis::legacy:
        return lapse(now, rule.legacyMonths);
    case Basis::consent:
    case Basis::legitimateInterest:
        break;
    }
    return lapse(now, rule.expiryMonths);
}

bool personalises(const Purpose& purpose) {
    static constexpr std::array<std::string_view, 5> kClasses{
        "dpv:PersonalisedAdvertising", "dpv:ServicePersonalisation",
        "dpv:ProvidePersonalisedRecommendations", "dpv:SocialMediaMarketing", "dpv:Profiling"};
    for (const std::string_view name : kClasses) {
        if (purpose.dpv == name) {
            return true;
        }
    }
    return false;
}

} // namespace

const ChannelRule* Policy::rule(const Token& purpose, const Token& channel, TimeMs at) const {
    const ChannelRule* best = nullptr;
    for (const ChannelRule& candidate : rules) {
        if (!names(candidate.channel, channel) || !names(candidate.purpose, purpose) ||
            at < candidate.validFrom || at >= candidate.validTo) {
            continue;
        }
        const int closer = best == nullptr ? 1
                                           : closeness(candidate, purpose, channel) -
                                                 closeness(*best, purpose, channel);
        if (closer > 0 || (closer == 0 && candidate.validFrom > best->validFrom)) {
            best = &candidate;
        }
    }
    return best;
}

std::optional<std::pair<Token, Token>> Policy::prerequisite(const Token& purposeId,
                                                            const Token& channel, TimeMs at) const {
    const ChannelRule* law = rule(purposeId, channel, at);
    if (law == nullptr || law->needs.empty() || law->needs == purposeId) {
        return std::nullopt;
    }
    const Purpose* needed = purpose(law->needs);
    return std::pair{law->needs, needed == nullptr || needed->channels.empty()
                                     ? Token()
                                     : needed->channels.front()};
}

const Purpose* Policy::purpose(const Token& wanted) const {
    for (const Purpose& candidate : purposes) {
        if (candidate.id == wanted) {
            return &candidate;
        }
    }
    return nullptr;
}

const Notice* Policy::notice(const Token& purposeId, const Token& channel,
                             const std::string& language) const {
    const Purpose* wanted = purpose(purposeId);
    return wanted == nullptr ? nullptr : notice(*wanted, channel, language);
}

const Notice* Policy::notice(const Purpose& wanted, const Token& channel,
                             const std::string& language) const {
    if (const Notice* found = inLanguage(wanted, channel, language); found != nullptr) {
        return found;
    }
    // "nl-BE" is served by "nl".
    if (const auto dash = language.find('-'); dash != std::string::npos) {
        if (const Notice* found = inLanguage(wanted, channel, language.substr(0, dash));
            found != nullptr) {
            return found;
        }
    }
    return languages.empty() ? nullptr : inLanguage(wanted, channel, languages.front());
}

void Policy::freeze(ChoiceItem& item, Method method, TimeMs now, bool newAddress, bool lifting,
                    const std::string& language) const {
    const Notice* wording = notice(item.purpose, item.channel, language);
    item.notice = wording != nullptr ? wording->ref : NoticeRef{};
    item.confirm = false;
    item.validUntil = kForever;
    if (item.choice != Choice::given) {
        item.basis = Basis::consent;
        return;
    }
    const ChannelRule* law = rule(item.purpose, item.channel, now);
    if (law == nullptr) {
        // Nothing allows this way of writing: what was said is kept, and permits nothing.
        item.basis = Basis::consent;
        item.confirm = true;
        item.validUntil = now;
        return;
    }
    if (!law->basis.contains(item.basis)) {
        item.basis = Basis::consent;
    }
    const bool signedDocument = method == Method::paper || method == Method::screen ||
                                method == Method::kiosk || method == Method::web;
    item.confirm = law->doubleOptIn || (newAddress && law->confirmNewAddress) ||
                   (lifting && !law->liftEvidence.contains(method)) ||
                   (law->separateDocument && !signedDocument) ||
                   (live(method) && !law->evidence.contains(method));
    item.validUntil = validUntil(*law, item.basis, now);
}

StateRules Policy::stateRules(TimeMs at) const {
    StateRules out;
    for (const ChannelRule& candidate : rules) {
        if (rule(candidate.purpose, candidate.channel, at) == &candidate) {
            out.liftEvidenceFor[{candidate.purpose, candidate.channel}] = candidate.liftEvidence;
        }
    }
    for (const Purpose& candidate : purposes) {
        if (personalises(candidate)) {
            out.stoppedByObjection.insert(candidate.id);
        }
    }
    return out;
}

} // namespace souffleur::consent
