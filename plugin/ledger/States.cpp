#include <algorithm>
#include <map>

#include "plugin/ledger/Projection.h"

namespace souffleur::ledger {
namespace {

using namespace consent;

const Token kAnyToken{kAny};
const Token kSocial{kSocialChannel};

int strength(State state) noexcept {
    return state == State::objected ? 3 : state == State::withdrawn ? 2 : 1;
}

/// The keys to keep beside the literal ones: wildcards in use, and marks of objections.
struct Extra {
    std::set<Key> wildcards;
    std::set<Token> objectedTo; ///< controllers
};

Extra extraKeys(std::span<const Event> events) {
    Extra out;
    for (const Event& event : events) {
        const auto* act = std::get_if<Act>(&event.body);
        if (act == nullptr) continue;
        for (const ChoiceItem& item : act->choices) {
            if (!negative(item.choice)) continue;
            if (item.purpose == kAny || item.channel == kAny) {
                out.wildcards.insert({act->controller, item.purpose, item.channel});
            }
            if (item.choice == Choice::objected) {
                out.wildcards.insert({act->controller, kAnyToken, kSocial});
                out.objectedTo.insert(act->controller);
            }
        }
    }
    return out;
}

/// A missing copy (an unlink names a negative that has not arrived) refuses everything: it shows
/// as a state of the widest wildcard.
void addWidest(std::set<Key>& wildcards, std::span<const Event> events) {
    if (std::ranges::none_of(events, [](const Event& event) {
            return std::holds_alternative<Unlink>(event.body);
        })) {
        return;
    }
    for (const Event& event : events) {
        if (const auto* act = std::get_if<Act>(&event.body)) {
            wildcards.insert({act->controller, kAnyToken, kAnyToken});
        }
    }
}

} // namespace

std::vector<StateRow> statesOf(std::span<const Event> events, const std::set<SubjectId>& subjects,
                               const Clocks& clocks, const StateRules& rules) {
    const History history(events, subjects, clocks, rules);
    Extra extra = extraKeys(events);
    addWidest(extra.wildcards, events);
    std::map<Key, StateView> rows;
    for (const Key& key : history.keys()) rows.emplace(key, history.state(key));
    for (const Key& key : extra.wildcards) {
        StateView view = history.state(key);
        if (view.state != State::unknown) rows.emplace(key, std::move(view));
    }
    for (const Token& controller : extra.objectedTo) {
        if (!history.objected(controller)) continue;
        StateView mark;
        mark.state = State::objected;
        rows.emplace(Key{controller, {}, {}}, mark);
    }
    std::vector<StateRow> out;
    out.reserve(rows.size());
    for (auto& [key, view] : rows) out.push_back({key, std::move(view)});
    return out;
}

const StateRow* coveredBy(std::span<const StateRow> rows, const Key& key, const StateRules& rules) {
    const StateRow* best = nullptr;
    const auto rank = [](const StateRow& row) {
        return std::tuple{strength(row.view.state), row.view.at, row.view.because};
    };
    for (const StateRow& row : rows) {
        if (row.key.controller != key.controller || row.key.purpose.empty()) continue;
        const bool wild = row.key.purpose == kAny || row.key.channel == kAny;
        const bool covers = (row.key.purpose == key.purpose || row.key.purpose == kAny) &&
                            (row.key.channel == key.channel || row.key.channel == kAny);
        // Rule 4: every objection also bears on these purposes; its row is ("*", "social").
        const bool stops = row.key.purpose == kAny && row.key.channel == kSocial &&
                           row.view.state == State::objected &&
                           rules.stoppedByObjection.contains(key.purpose);
        if (!wild || (!covers && !stops) || !negative(row.view.state)) continue;
        if (best == nullptr || rank(*best) < rank(row)) best = &row;
    }
    return best;
}

std::string rulesText(const StateRules& rules) {
    std::string out;
    const auto methods = [&out](const std::set<Method>& set) {
        for (const Method method : set) out.append(name(method)).append(",");
        out += ';';
    };
    methods(rules.liftEvidence);
    for (const auto& [key, set] : rules.liftEvidenceFor) {
        out.append(key.first).append("/").append(key.second).append("=");
        methods(set);
    }
    for (const Token& purpose : rules.stoppedByObjection) out.append(purpose).append(",");
    return out;
}

} // namespace souffleur::ledger
