#include "plugin/ledger/Replay.h"

#include <map>

#include "plugin/ledger/Projection.h"
#include "plugin/wire/Forms.h"
#include "plugin/wire/Header.h"
#include "plugin/wire/Json.h"
#include "plugin/wire/JsonWriter.h"

namespace souffleur::ledger {
namespace {

constexpr std::size_t kLineMaxBytes = 128 * 1024;
constexpr std::size_t kLinesMax = 10'000'000;

/// One line: an exported record, or a bare header.
Result<consent::Event> eventOf(std::string_view line) {
    wire::JsonLimits bounds;
    bounds.maxBytes = kLineMaxBytes;
    auto json = wire::Json::parse(line, bounds);
    if (!json) return passOn(json);
    const auto header = json->find("header");
    if (!header || !header->isObject()) {
        return wire::decodeHeader(line).map([](wire::Header&& h) { return std::move(h.event); });
    }
    auto decoded = wire::decodeHeader(header->text());
    if (!decoded) return passOn(decoded);
    if (const auto seq = json->find("seq")) {
        const auto position = seq->asUint();
        if (!position) return passOn(position);
        decoded->event.position = *position;
    }
    return std::move(decoded->event);
}

/// The events by subject and the groups that links make.
class People {
public:
    void add(consent::Event event) {
        if (const auto* link = std::get_if<consent::Link>(&event.body)) connect(event, link->other);
        if (const auto* end = std::get_if<consent::Unlink>(&event.body)) connect(event, end->other);
        _all.emplace(event.id, event);
        _subjects[event.subject].push_back(std::move(event));
    }
    [[nodiscard]] std::size_t events() const noexcept { return _all.size(); }

    /// Calls `person` with the members, ordered, and the events that bear on them.
    template <typename Each>
    void forEach(const Each& person) const {
        std::set<SubjectId> done;
        for (const auto& [subject, events] : _subjects) {
            if (subject.none() || done.contains(subject)) continue;
            const std::set<SubjectId> members = _linked.contains(subject)
                                                    ? consent::linkedWith(subject, _links)
                                                    : std::set<SubjectId>{subject};
            done.insert(members.begin(), members.end());
            person(members, bearingOn(members));
        }
    }
    /// Events of nobody: judgements of clocks, policies in force.
    [[nodiscard]] std::span<const consent::Event> clocks() const {
        const auto found = _subjects.find(SubjectId{});
        if (found == _subjects.end()) return {};
        return found->second;
    }

private:
    void connect(const consent::Event& event, const SubjectId& peer) {
        _links.push_back(event);
        _subjects[peer];
        _linked.insert(peer);
        _linked.insert(event.subject);
    }
    [[nodiscard]] std::vector<consent::Event> bearingOn(const std::set<SubjectId>& members) const {
        std::vector<consent::Event> out;
        for (const SubjectId& member : members) {
            const auto& own = _subjects.at(member);
            out.insert(out.end(), own.begin(), own.end());
        }
        for (const consent::Event& link : _links) addCopied(link, members, out);
        return out;
    }
    void addCopied(const consent::Event& event, const std::set<SubjectId>& members,
                   std::vector<consent::Event>& out) const {
        const auto* unlink = std::get_if<consent::Unlink>(&event.body);
        if (unlink == nullptr ||
            (!members.contains(event.subject) && !members.contains(unlink->other))) {
            return;
        }
        out.push_back(event);
        for (const EventId& id : unlink->copied) {
            const auto copied = _all.find(id);
            if (copied == _all.end()) continue;
            const auto& theirs = _subjects.at(copied->second.subject);
            out.push_back(copied->second);
            std::copy_if(theirs.begin(), theirs.end(), std::back_inserter(out),
                         [](const consent::Event& each) {
                             return std::holds_alternative<consent::Retract>(each.body);
                         });
        }
    }

    std::map<SubjectId, std::vector<consent::Event>> _subjects; ///< none: clocks and policies
    std::map<EventId, consent::Event> _all;
    std::vector<consent::Event> _links;
    std::set<SubjectId> _linked;
};

std::string lineOf(const SubjectId& subject, const SubjectId& person, const StateRow& row,
                   TimeMs now) {
    const consent::StateView view = consent::asOf(row.view, now);
    wire::JsonWriter out;
    out.beginObject().field("subject", subject).field("person", person);
    out.field("controller", row.key.controller).field("purpose", row.key.purpose);
    out.field("channel", row.key.channel).field("state", consent::name(view.state));
    out.field("asOf", formatTime(now)).fieldIf("because", view.because);
    out.field("at", formatTime(view.at)).field("method", consent::name(view.method));
    out.field("basis", consent::name(view.basis)).fieldIf("place", view.place);
    if (view.validUntil != consent::kForever) out.field("validUntil", formatTime(view.validUntil));
    if (view.pending) out.field("pending", true);
    out.fieldIf("notice", wire::noticeText(view.notice)).endObject();
    return out.take();
}

Result<void> readAll(std::istream& in, bool lenient, People& people, ReplayReport& report) {
    std::string line;
    while (std::getline(in, line)) {
        if (++report.lines > kLinesMax) return fail(Code::tooLarge, "more than 10,000,000 lines");
        if (!line.empty() && line.back() == '\r') line.pop_back();
        if (line.empty()) continue;
        auto event = line.size() > kLineMaxBytes
                         ? Result<consent::Event>(fail(Code::tooLarge, "a line over 128 KiB"))
                         : eventOf(line);
        if (event) {
            people.add(*std::move(event));
        } else if (lenient) {
            ++report.unreadable;
        } else {
            return fail(event.error().code,
                        "not an event as `ledger export` writes it: " + event.error().text(),
                        "line " + std::to_string(report.lines));
        }
    }
    return {};
}

} // namespace

Result<ReplayReport> replay(std::istream& in, const consent::StateRules& rules, TimeMs now,
                            bool lenient, const std::function<void(const std::string&)>& line) {
    ReplayReport report;
    People people;
    if (auto ok = readAll(in, lenient, people, report); !ok) return passOn(ok);
    report.events = people.events();
    const consent::Clocks clocks(people.clocks());
    std::map<SubjectId, std::vector<std::string>> out;
    people.forEach(
        [&](const std::set<SubjectId>& members, const std::vector<consent::Event>& events) {
            const std::vector<StateRow> states = statesOf(events, members, clocks, rules);
            for (const SubjectId& member : members) {
                std::vector<std::string>& lines = out[member];
                for (const StateRow& row : states) {
                    // The mark of an objection is the projection's own, not a state.
                    if (!row.key.purpose.empty()) {
                        lines.push_back(lineOf(member, *members.begin(), row, now));
                    }
                }
            }
        });
    report.subjects = out.size();
    for (const auto& [subject, lines] : out) {
        for (const std::string& each : lines) line(each);
    }
    return report;
}

} // namespace souffleur::ledger
