// What the store keeps of itself: the rules in force, where devices are to be served from.
#include <algorithm>

#include "sync/store/Projection.h"
#include "sync/store/SqlStore.h"

namespace souffleur::store {
namespace {

constexpr const char* kRules = "state-rules";
constexpr const char* kLines = "lines";
constexpr const char* kLineage = "lineage";
/// Older ones are forgotten: whoever still has a cursor of them is served again from where it
/// surely was.
constexpr std::size_t kLinesMax = 32;

std::vector<Cursor> linesFrom(std::string_view text) {
    std::vector<Cursor> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        if (const auto line = Cursor::parse(text.substr(0, end))) lines.push_back(*line);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

/// No further than `most`.
void limit(Cursor& cursor, const Cursor& most) {
    for (std::size_t shard = 0; shard < kShards; ++shard)
        cursor.position[shard] = std::min(cursor.position[shard], most.position[shard]);
    cursor.urgent = std::min(cursor.urgent, most.urgent);
}

/// The next word of the line, which is passed over.
std::string_view nextWord(std::string_view& line) {
    const std::size_t end = std::min(line.find(' '), line.size());
    const std::string_view word = line.substr(0, end);
    line.remove_prefix(std::min(end + 1, line.size()));
    return word;
}

std::set<consent::Method> methodsIn(std::string_view& line) {
    std::set<consent::Method> methods;
    while (!line.empty()) {
        if (const auto method = consent::methodFrom(nextWord(line))) methods.insert(*method);
    }
    return methods;
}

void appendMethods(std::string& text, const std::set<consent::Method>& methods) {
    for (const consent::Method method : methods) text.append(" ").append(consent::name(method));
    text += '\n';
}

} // namespace

std::string rulesText(const consent::StateRules& rules) {
    std::string text = "lift";
    appendMethods(text, rules.liftEvidence);
    for (const auto& [where, methods] : rules.liftEvidenceFor) {
        text.append("for ").append(where.first).append(" ").append(where.second);
        appendMethods(text, methods);
    }
    text += "stop";
    for (const consent::Token& purpose : rules.stoppedByObjection) text.append(" ").append(purpose);
    return text + "\n";
}

consent::StateRules rulesFrom(std::string_view text) {
    consent::StateRules rules;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const std::string_view what = nextWord(line);
        if (what == "lift") {
            rules.liftEvidence = methodsIn(line);
        } else if (what == "for") {
            const consent::Token purpose(nextWord(line));
            const consent::Token channel(nextWord(line));
            rules.liftEvidenceFor[{purpose, channel}] = methodsIn(line);
        } else if (what == "stop") {
            rules.stoppedByObjection.clear();
            while (!line.empty()) rules.stoppedByObjection.emplace(nextWord(line));
        }
    }
    return rules;
}

void SqlStore::recall() const {
    std::map<std::string, std::string> held;
    Query row = query("settings-of-four");
    for (row.with(kRules, kForget, kLines, kLineage); row.step();) held[row.text(0)] = row.text(1);
    _rules = rulesFrom(held[kRules]);
    _forgetting = held[kForget];
    _lines = linesFrom(held[kLines]);
    _lineage = held[kLineage];
}

void SqlStore::beginLine() const {
    Cursor line = shardHeads();
    {
        Query last = query("urgent-last");
        last.step();
        line.urgent = static_cast<std::uint64_t>(last.number(0));
    }
    {
        Query drawn = query("random");
        drawn.step();
        line.line = static_cast<std::uint64_t>(drawn.number(0));
    }
    _lines.push_back(line);
    if (_lines.size() > kLinesMax) _lines.erase(_lines.begin());
    std::string text;
    for (const Cursor& each : _lines) text.append(each.text()).append("\n");
    query("setting-put").with(kLines, Blob{text}).run();
    if (_lineage = _session->lineage(); !_lineage.empty())
        query("setting-put").with(kLineage, Blob{_lineage}).run();
}

Result<void> SqlStore::useRules(const consent::StateRules& rules) {
    const std::string text = rulesText(rules);
    // Where several processes have packs that differ, the last one that was told of another
    // decides: none of them undoes that again and again.
    auto used = transaction([&]() -> Result<void> {
        if (text == _ownRules || text == rulesText(_rules)) return {};
        _rules = rules;
        query("setting-put").with(kRules, Blob{text}).run();
        Projection projection(_statements, _folder, _keys, _rules);
        {
            Query row = query("all-persons");
            while (row.step()) projection.touch(SubjectId{row.uuid(0)});
        }
        projection.settle();
        return {};
    });
    if (used) {
        const std::lock_guard lock(_mutex);
        _ownRules = text;
    } else {
        (void) guarded([this]() -> Result<void> {
            recall(); // nothing was changed
            return {};
        });
    }
    return used;
}

void SqlStore::noteErasure(const Projection& projection) {
    if (!projection.erased()) return;
    {
        Query mark = query("erasure-mark");
        mark.step();
        _forgetting = mark.text(0);
    }
    query("setting-put").with(kForget, Blob{_forgetting}).run();
}

void SqlStore::forget() {
    // What fails now is tried again by maintain(), and counts() tells of it.
    if (!_session->forgetsApart()) (void) maintain();
}

Result<bool> SqlStore::maintain() {
    if (_session->forgetsApart()) return maintainApart();
    return guarded([&]() -> Result<bool> {
        if (_forgetting.empty()) return true;
        if (!_session->forget(_forgetting)) return false;
        query("setting-put").with(kForget, Blob{std::string_view{}}).run();
        _forgetting.clear();
        return true;
    });
}

/// It may take long: nobody waits for it.
Result<bool> SqlStore::maintainApart() {
    const auto mark = guarded([&]() -> Result<std::string> { return _forgetting; });
    if (!mark) return passOn(mark);
    if (mark->empty()) return true;
    try {
        if (!_session->forget(*mark)) return false;
    } catch (const DatabaseFailure& failure) {
        return tl::make_unexpected(failure.error());
    }
    return transaction([&]() -> Result<bool> {
        if (_forgetting != *mark) return false; // more was erased meanwhile
        query("setting-put").with(kForget, Blob{std::string_view{}}).run();
        return true;
    });
}

Result<Cursor> SqlStore::servedFrom(const OriginId& reader, const Cursor& asked) const {
    return guarded([&]() -> Result<Cursor> {
        Cursor from;
        Cursor sure; // it asked for what comes after this, on this line or one that led to it
        if (Query row = query("served-get"); row.with(reader).step()) {
            from = Cursor::parse(row.text(0)).value_or(Cursor{});
            sure = Cursor::parse(row.text(1)).value_or(Cursor{});
        }
        limit(from, asked);
        if (_lines.empty() || asked.line == _lines.back().line) {
            from.line = asked.line;
            return from;
        }
        const auto its = std::ranges::find(_lines, asked.line, &Cursor::line);
        limit(from, its == _lines.end() ? sure : *(its + 1));
        from.line = _lines.back().line;
        return from;
    });
}

/// What the rows of quarantine-newer and quarantine-waiting say.
std::vector<SqlStore::Kept> SqlStore::keptFrom(Query& row) {
    std::vector<Kept> all;
    while (row.step()) {
        all.push_back({OriginId{row.uuid(0)},
                       static_cast<std::uint64_t>(row.number(1)),
                       {SubjectId{row.uuid(2)}, row.number(3) != 0, std::string(row.bytes(4)),
                        std::string(row.bytes(5))},
                       row.number(6)});
    }
    return all;
}

Result<void> SqlStore::rereadQuarantine() {
    return transaction([&]() -> Result<void> {
        Query row = query("quarantine-newer");
        placeAgain(keptFrom(row));
        return {};
    });
}

Result<consent::Clocks> SqlStore::clocks() const {
    return guarded([&]() -> Result<consent::Clocks> {
        Projection projection(_statements, _folder, _keys, _rules);
        return projection.clocks();
    });
}

Result<void> SqlStore::keepWordings(std::span<const consent::Notice> wordings) {
    return transaction([&]() -> Result<void> {
        for (const consent::Notice& one : wordings) {
            const auto version = static_cast<std::uint64_t>(one.ref.version);
            query("wording-put").with(one.ref.id, version, one.ref.language, one.ref.sha256).run();
            query("wording-text-put")
                .with(one.ref.id, version, one.ref.language, one.ref.sha256, one.label, one.detail,
                      one.line, one.text)
                .run();
        }
        return {};
    });
}

Result<consent::Notice> SqlStore::wording(const consent::NoticeRef& ref) const {
    return guarded([&]() -> Result<consent::Notice> {
        Query row = query("wording-text");
        row.with(ref.id, static_cast<std::uint64_t>(ref.version), ref.language, ref.sha256);
        if (!row.step()) return fail(Code::notFound, "this wording was never in force here");
        return consent::Notice{ref, row.text(0), row.text(1), row.text(2), row.text(3)};
    });
}

Result<TimeMs> SqlStore::newestPayload(const SubjectId& subject) const {
    return guarded([&]() -> Result<TimeMs> {
        Query row = query("payload-newest");
        return row.with(subject).step() ? row.number(0) : 0;
    });
}

} // namespace souffleur::store
