#include "sync/store/PostgresStatements.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>
#include <stdexcept>
#include <utility>

#include "plugin/crypto/Encoding.h"
#include "sync/store/PostgresPlace.h"

namespace souffleur::store {
namespace {

constexpr pqxx::oid kByteaOid = 17;
/// Of the statements below: rows that are held at once.
constexpr int kFetchRows = 1000;
/// Fewer are inserted: COPY is two journeys.
constexpr std::size_t kCopyRowsMin = 16;
/// They read whole tables: through a cursor, not into memory.
constexpr std::array<std::string_view, 6> kLong{"chain",        "all-subjects",   "all-states",
                                                "all-contacts", "quarantine-all", "forked-all"};

Error lost() {
    return {Code::unavailable, "the database server went away: try again", "PostgreSQL"};
}

/// libpqxx streams tuples: of how many values is known when this is built.
constexpr std::size_t kEventColumns = 14;
constexpr std::size_t kStateColumns = 15;

template <std::size_t Columns>
void streamAll(pqxx::stream_to& stream, const std::vector<SqlValues>& rows) {
    std::array<std::string, Columns> line;
    for (const SqlValues& row : rows) {
        std::copy_n(row.begin(), Columns, line.begin());
        stream << line;
    }
}

std::string hexOf(std::string_view bytes) {
    return "\\x" + crypto::toHex(bytes);
}

} // namespace

class PostgresPrepared final : public Prepared {
public:
    PostgresPrepared(PostgresStatements& all, std::string name, std::string text)
        : _all(all), _name(std::move(name)), _text(std::move(text)), _table(tableWritten(_text)),
          _many(ManyRows::of(_text)), _long(std::ranges::find(kLong, _name) != kLong.end()) {}

    [[nodiscard]] const std::string& text() const { return _text; }
    [[nodiscard]] bool deletes() const { return _text.starts_with("DELETE"); }
    void forgetLink() noexcept {
        _known = false;
        clear();
    }
    void bindBytes(int index, std::string_view bytes) override { at(index) = hexOf(bytes); }
    void bindText(int index, std::string_view text) override { at(index) = std::string(text); }
    void bindNumber(int index, std::int64_t value) override { at(index) = std::to_string(value); }

    bool step() override {
        if (_open)
            ++_row;
        else if (!takeAhead())
            _long ? declare() : execute();
        if (_declared && _row == count() && count() == kFetchRows) fetch();
        _decoded.assign(static_cast<std::size_t>(columns()), std::nullopt);
        return _row < count();
    }
    int run() override {
        _all.noteWrite(_table, _values);
        execute();
        return static_cast<int>(_result.affected_rows());
    }
    void later() override {
        _all.noteWrite(_table, _values);
        _all.leave(*this, std::exchange(_values, {}));
    }
    int columns() override { return static_cast<int>(_result.columns()) - _firstColumn; }
    std::string_view bytes(int column) override {
        const pqxx::field field = value(column);
        const std::string_view text(field.c_str(), field.size());
        if (field.type() != kByteaOid) return text;
        auto& decoded = _decoded.at(static_cast<std::size_t>(column));
        if (!decoded)
            decoded = crypto::fromHex(text.substr(std::min<std::size_t>(2, text.size())))
                          .value_or(std::string());
        return *decoded;
    }
    std::int64_t number(int column) override {
        const pqxx::field field = value(column);
        std::int64_t number = 0;
        std::from_chars(field.c_str(), field.c_str() + field.size(), number);
        return number;
    }
    void reset() noexcept override {
        if (_declared && _all.alive()) {
            try {
                _all.link().run("CLOSE " + cursor());
            } catch (const std::exception&) { // NOLINT(bugprone-empty-catch)
                // The transaction ends for another reason, and the cursor with it.
            }
        }
        clear();
    }
    /// All of what was left for later, in as few statements as may be.
    void runAll(const std::vector<SqlValues>& rows) {
        if (_text.find(kOneKey) == _text.size() - kOneKey.size() && deletes())
            return runForKeys(rows);
        if (!_many || rows.size() == 1) {
            for (const SqlValues& row : rows) runPrepared(row);
            return;
        }
        if (_many->plain() && rows.size() >= kCopyRowsMin && _all.link().copy(*_many, rows)) return;
        for (const auto& part : _many->parts(rows)) {
            SqlValues values;
            values.reserve(part.size() * _many->columns);
            for (const SqlValues* row : part) values.insert(values.end(), row->begin(), row->end());
            _all.link().run(_many->text(part.size()), values);
        }
    }

private:
    static constexpr std::string_view kOneKey = " = $1\n";

    std::string& at(int index) {
        const auto place = static_cast<std::size_t>(index);
        if (_values.size() < place) _values.resize(place);
        return _values[place - 1];
    }
    [[nodiscard]] pqxx::field value(int column) const {
        const auto row = _ahead ? _picked.at(_row) : static_cast<pqxx::result::size_type>(_row);
        return _result.at(row).at(static_cast<pqxx::row::size_type>(column + _firstColumn));
    }
    [[nodiscard]] std::size_t count() const { return _ahead ? _picked.size() : _result.size(); }
    [[nodiscard]] std::string cursor() const {
        std::string name = "c_" + _name;
        std::ranges::replace(name, '-', '_');
        return name;
    }
    pqxx::result runPrepared(const SqlValues& values) {
        if (!_known) _all.link().prepare(_name, _text);
        _known = true;
        return _all.link().runPrepared(_name, values);
    }
    void runForKeys(const std::vector<SqlValues>& rows) {
        SqlValues keys;
        for (const SqlValues& row : rows) keys.push_back(row.at(0));
        _all.link().run(_text.substr(0, _text.size() - kOneKey.size()) + " = ANY($1::bytea[])",
                        {arrayOf(keys)});
    }
    bool takeAhead() {
        const RowsAhead* ahead = _values.size() == 1 ? _all.rowsAhead(_name) : nullptr;
        if (ahead == nullptr) return false;
        const auto found = ahead->rows.find(_values[0]);
        if (found == ahead->rows.end()) return false;
        _result = ahead->result;
        _picked = found->second;
        _ahead = true;
        _firstColumn = 1;
        _row = 0;
        _open = true;
        return true;
    }
    void execute() {
        _all.flush();
        _result = runPrepared(_values);
        _row = 0;
        _open = true;
    }
    void declare() {
        _all.flush();
        _all.link().run("DECLARE " + cursor() + " NO SCROLL CURSOR FOR " + _text, _values);
        _declared = true;
        _open = true;
        fetch();
    }
    void fetch() {
        _all.flush();
        _result = _all.link().run("FETCH " + std::to_string(kFetchRows) + " FROM " + cursor());
        _row = 0;
    }
    void clear() noexcept {
        _result.clear();
        _values.clear();
        _decoded.clear();
        _picked.clear();
        _row = 0;
        _firstColumn = 0;
        _ahead = false;
        _open = false;
        _declared = false;
    }

    PostgresStatements& _all;
    std::string _name;
    std::string _text;
    std::string _table; ///< that it changes
    std::optional<ManyRows> _many;
    bool _long;
    bool _known = false; ///< to the server
    bool _open = false;
    bool _declared = false;
    bool _ahead = false; ///< the rows were read ahead
    int _firstColumn = 0;
    SqlValues _values;
    pqxx::result _result;
    std::vector<pqxx::result::size_type> _picked;
    std::size_t _row = 0;
    std::vector<std::optional<std::string>> _decoded;
};

std::string numbered(std::string_view text) {
    std::string out;
    int last = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        quoted = quoted != (text[i] == '\'');
        if (quoted || text[i] != '?') {
            out += text[i];
            continue;
        }
        out += '$';
        const bool named =
            i + 1 < text.size() && std::isdigit(static_cast<unsigned char>(text[i + 1])) != 0;
        if (!named) out += std::to_string(++last);
    }
    return out;
}

template <typename F>
auto PostgresLink::told(F&& work) -> decltype(work()) {
    try {
        return work();
    } catch (const pqxx::sql_error& failure) {
        const std::string& state = failure.sqlstate();
        // Without a state it is libpq's own word: the server said nothing more.
        _lost = _lost || !_connection.is_open() || state.empty() || state.starts_with("57P");
        if (_lost) throw DatabaseFailure(lost(), true);
        throw DatabaseFailure(statementError(state), worthAnotherTry(state));
    } catch (const pqxx::statement_completion_unknown&) {
        throw DatabaseFailure(lost());
    } catch (const pqxx::transaction_rollback&) { // serialisation, deadlock
        throw DatabaseFailure(statementError("40001"), true);
    } catch (const pqxx::failure&) {
        _lost = true;
        throw DatabaseFailure(lost(), true);
    }
}

pqxx::result PostgresLink::run(const std::string& text) {
    return told([&] { return _door->exec(text); });
}

pqxx::result PostgresLink::run(const std::string& text, const SqlValues& values) {
    return told(
        [&] { return _door->exec_params(text, pqxx::prepare::make_dynamic_params(values)); });
}

pqxx::result PostgresLink::runPrepared(const std::string& name, const SqlValues& values) {
    return told(
        [&] { return _door->exec_prepared(name, pqxx::prepare::make_dynamic_params(values)); });
}

void PostgresLink::prepare(const std::string& name, const std::string& text) {
    told([&] { _connection.prepare(name, text); });
}

bool PostgresLink::copy(const ManyRows& into, const std::vector<SqlValues>& rows) {
    if (into.columns != kEventColumns && into.columns != kStateColumns) return false;
    told([&] {
        pqxx::stream_to stream(*_door, into.table, into.names);
        if (into.columns == kEventColumns)
            streamAll<kEventColumns>(stream, rows);
        else
            streamAll<kStateColumns>(stream, rows);
        stream.complete();
    });
    return true;
}

PostgresStatements::PostgresStatements()
    : _texts(statementTexts({"statements.sql", "postgres.sql"})) {}

PostgresStatements::~PostgresStatements() = default;

PostgresPrepared& PostgresStatements::prepared(std::string_view name) {
    if (const auto found = _prepared.find(name); found != _prepared.end()) return *found->second;
    const auto text = _texts.find(name);
    if (text == _texts.end()) throw std::logic_error("no statement " + std::string(name));
    auto& slot = _prepared[text->first];
    slot = std::make_unique<PostgresPrepared>(*this, text->first, numbered(text->second));
    return *slot;
}

Prepared& PostgresStatements::operator[](std::string_view name) {
    return prepared(name);
}

void PostgresStatements::ahead(std::string_view name, const std::vector<std::string>& keys) {
    _ahead.erase(std::string(name));
    if (keys.empty()) return;
    flush();
    RowsAhead ahead;
    SqlValues hex;
    for (const std::string& key : keys) {
        hex.push_back(hexOf(key));
        ahead.rows[hex.back()]; // asked: none unless some come
    }
    hex.clear();
    for (const auto& [key, none] : ahead.rows) hex.push_back(key);
    const std::string& text = prepared(name).text();
    ahead.result = link().run(forEachKey(text), {arrayOf(hex)});
    ahead.tables = tablesRead(text);
    for (pqxx::result::size_type row = 0; row < ahead.result.size(); ++row)
        ahead.rows[hex.at(ahead.result[row][0].as<std::size_t>() - 1)].push_back(row);
    _ahead.emplace(name, std::move(ahead));
}

const RowsAhead* PostgresStatements::rowsAhead(std::string_view name) const {
    const auto found = _ahead.find(name);
    return found == _ahead.end() ? nullptr : &found->second;
}

void PostgresStatements::noteWrite(const std::string& table, const SqlValues& values) {
    if (table.empty()) return;
    for (auto& [name, ahead] : _ahead) {
        if (!ahead.tables.contains(table)) continue;
        for (const std::string& value : values) ahead.rows.erase(value);
    }
}

void PostgresStatements::leave(PostgresPrepared& statement, SqlValues values) {
    auto& rows = _later[&statement];
    if (rows.empty()) _laterOrder.push_back(&statement);
    rows.push_back(std::move(values));
}

void PostgresStatements::flush() {
    if (_laterOrder.empty()) return;
    auto order = std::exchange(_laterOrder, {});
    std::stable_partition(order.begin(), order.end(),
                          [](const PostgresPrepared* each) { return each->deletes(); });
    const auto rows = std::exchange(_later, {});
    for (PostgresPrepared* statement : order) statement->runAll(rows.at(statement));
}

void PostgresStatements::forget() noexcept {
    _ahead.clear();
    _later.clear();
    _laterOrder.clear();
}

PostgresLink& PostgresStatements::link() const {
    if (_link == nullptr) throw DatabaseFailure(lost(), true);
    return *_link;
}

void PostgresStatements::useLink(PostgresLink* link) {
    _link = link;
    forget();
    for (auto& [name, prepared] : _prepared) prepared->forgetLink();
}

} // namespace souffleur::store
