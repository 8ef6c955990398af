// Named, prepared, cached SQL, whichever database runs it. The text lives in sql/*.sql: `-- :name`
// starts a statement.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/base/Id.h"
#include "plugin/crypto/Hash.h"

namespace souffleur::store {

std::string_view file(std::string_view name); // made by embed_sql

/// Raw bytes to bind as a BLOB; the view must outlive the call.
struct Blob {
    std::string_view bytes;
};

/// A prepared statement of one database. Arguments count from 1, columns from 0.
class Prepared {
public:
    Prepared() = default;
    virtual ~Prepared() = default;
    Prepared(const Prepared&) = delete;
    Prepared& operator=(const Prepared&) = delete;

    virtual void bindBytes(int index, std::string_view bytes) = 0;
    virtual void bindText(int index, std::string_view text) = 0;
    virtual void bindNumber(int index, std::int64_t value) = 0;
    /// To the next row; false: there is none.
    virtual bool step() = 0;
    /// Runs to the end; rows changed.
    virtual int run() = 0;
    [[nodiscard]] virtual int columns() = 0;
    /// Of this row; a number in decimal, NULL empty. Valid until the next step.
    [[nodiscard]] virtual std::string_view bytes(int column) = 0;
    /// NULL is 0.
    [[nodiscard]] virtual std::int64_t number(int column) = 0;
    /// Runs it no later than the next statement that needs to know; what it changed is not asked.
    /// What is left for later may change places with one another: first what deletes, then each of
    /// the other statements in turn. What must not is run().
    virtual void later() { run(); }
    /// Forgets rows and arguments.
    virtual void reset() noexcept = 0;
};

/// A cached statement on loan; reset when the loan ends. Arguments bind in order.
class Query {
public:
    explicit Query(Prepared& statement) : _statement(statement) {}
    ~Query() { _statement.reset(); }
    Query(const Query&) = delete;
    Query& operator=(const Query&) = delete;

    template <typename... Args>
    Query& with(const Args&... args) {
        (bind(args), ...);
        return *this;
    }
    bool step() { return _statement.step(); }
    /// Runs to the end; rows changed.
    int run() { return _statement.run(); }
    void later() { _statement.later(); }
    [[nodiscard]] int columns() { return _statement.columns(); }
    [[nodiscard]] std::string text(int column) { return std::string(_statement.bytes(column)); }
    [[nodiscard]] std::int64_t number(int column) { return _statement.number(column); }
    [[nodiscard]] std::string_view bytes(int column) { return _statement.bytes(column); }
    [[nodiscard]] Uuid uuid(int column);
    [[nodiscard]] crypto::Hash hash(int column);

private:
    template <typename Tag>
    void bind(const Id<Tag>& id) {
        bind(Blob{{reinterpret_cast<const char*>(id.uuid.bytes.data()), id.uuid.bytes.size()}});
    }
    void bind(const crypto::Hash& hash) { bind(Blob{crypto::bytesOf(hash)}); }
    void bind(Blob blob) { _statement.bindBytes(++_index, blob.bytes); }
    void bind(std::string_view text) { _statement.bindText(++_index, text); }
    void bind(const std::string& text) { _statement.bindText(++_index, text); }
    void bind(const char* text) { _statement.bindText(++_index, text); }
    void bind(std::int64_t value) { _statement.bindNumber(++_index, value); }
    void bind(std::uint64_t value) { bind(static_cast<std::int64_t>(value)); }
    void bind(int value) { bind(static_cast<std::int64_t>(value)); }
    void bind(bool value) { bind(static_cast<std::int64_t>(value ? 1 : 0)); }

    Prepared& _statement;
    int _index = 0;
};

/// The statements of one connection. Not thread-safe.
class Statements {
public:
    Statements() = default;
    virtual ~Statements() = default;
    Statements(const Statements&) = delete;
    Statements& operator=(const Statements&) = delete;
    /// An unknown name is a bug: throws std::logic_error.
    virtual Prepared& operator[](std::string_view name) = 0;
    /// Is each statement a way to another process and back? Then a batch asks ahead.
    [[nodiscard]] virtual bool distant() const noexcept { return false; }
    /// What `name`, which takes one BLOB, gives for each of these is read now, at once. Changes
    /// nothing of what it gives: a key whose rows are written to is read again. Until the end of
    /// the transaction, or the next time for this name.
    virtual void ahead(std::string_view /*name*/, const std::vector<std::string>& /*keys*/) {}
};

/// An id as ahead() takes it.
template <typename Tag>
std::string keyOf(const Id<Tag>& id) {
    return {reinterpret_cast<const char*>(id.uuid.bytes.data()), id.uuid.bytes.size()};
}

using StatementTexts = std::map<std::string, std::string, std::less<>>;
/// Of these files; where two have a statement of one name, the later file's.
StatementTexts statementTexts(std::initializer_list<std::string_view> files);

} // namespace souffleur::store
