#include "plugin/intake/RecordReader.h"

#include "plugin/intake/RowReader.h"

namespace souffleur::intake {
namespace {

/// A person with more orders than this is an agency; the rest becomes further records of the same
/// id.
constexpr std::size_t kOrdersMax = 1000;
constexpr std::size_t kPermissionsMax = 64;

/// Holds one record back, because the next row may belong to the same person.
class Grouping {
public:
    Grouping(const RecordSink& sink, bool group, ReadCounts& counts)
        : _sink(sink), _group(group), _counts(counts) {}

    bool add(Record&& record) {
        const bool same = _group && _held && !record.sourceId.empty() &&
                          _held->sourceId == record.sourceId && _held->orders.size() < kOrdersMax &&
                          _held->permissions.size() < kPermissionsMax;
        if (same) {
            mergeRecord(*_held, std::move(record));
            return true;
        }
        const bool more = flush();
        _held = std::move(record);
        return more;
    }

    bool flush() {
        if (!_held) return true;
        ++_counts.records;
        _counts.warnings += _held->warnings.size();
        Record out = std::move(*_held);
        _held.reset();
        return _sink(std::move(out));
    }

private:
    const RecordSink& _sink;
    bool _group;
    ReadCounts& _counts;
    std::optional<Record> _held;
};

/// What a table's rows go through: heading, mapping, records or rejects.
class Run {
public:
    Run(const std::optional<Mapping>& mapping, TimeMs now, const RecordSink& records,
        const RejectSink& rejects, const HeadingSink& headings)
        : _given(mapping), _now(now), _rejects(rejects), _headings(headings),
          _grouping(records, !mapping || mapping->group, result.counts) {}

    bool take(const TableRow& row) {
        if (!_reader) return heading(row);
        ++result.counts.rows;
        auto read = _reader->read(row);
        if (auto* record = std::get_if<Record>(&read)) return _grouping.add(std::move(*record));
        ++result.counts.rejects;
        _rejects({row.number, std::move(std::get<std::string>(read)), row.cells});
        return true;
    }

    Result<ReadResult> end() {
        if (error) return tl::make_unexpected(*error);
        if (!_reader) return fail(Code::invalid, "the file is empty");
        return std::move(result);
    }

    void flush() { _grouping.flush(); }

    ReadResult result;
    std::optional<Error> error;

private:
    bool heading(const TableRow& row) {
        result.headings = row.cells;
        if (_headings) _headings(row.cells);
        Result<Mapping> mapping = _given ? *_given : Mapping::guess(row.cells);
        if (mapping) {
            result.mapping = std::move(*mapping);
            Result<RowReader> reader = RowReader::make(result.mapping, result.headings, _now);
            if (reader)
                _reader = std::move(*reader);
            else
                error = reader.error();
        } else {
            error = mapping.error();
        }
        return !error;
    }

    const std::optional<Mapping>& _given;
    TimeMs _now;
    const RejectSink& _rejects;
    const HeadingSink& _headings;
    Grouping _grouping;
    std::optional<RowReader> _reader;
};

} // namespace

Result<ReadResult> readRecords(Table& table, const std::optional<Mapping>& mapping, TimeMs now,
                               const RecordSink& records, const RejectSink& rejects,
                               const Progress& progress, const HeadingSink& headings) {
    Run run(mapping, now, records, rejects, headings);
    bool stopped = false;
    const Result<TableInfo> info = table.read(
        [&](const TableRow& row) {
            stopped = !run.take(row);
            return !stopped;
        },
        progress);
    if (!info) return passOn(info);
    if (!stopped) run.flush();
    run.result.table = *info;
    return run.end();
}

} // namespace souffleur::intake
