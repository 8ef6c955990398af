// Reading JSON strictly. Every room that meets JSON from outside reads it through this class, so
// that there is one place that decides what is well-formed: RFC 8259 plus I-JSON (RFC 7493):
// UTF-8, no duplicate keys, numbers within range, and bounds on size, depth and count.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plugin/base/Id.h"
#include "plugin/base/Limits.h"
#include "plugin/base/Result.h"

namespace souffleur::wire {

struct JsonLimits {
    std::size_t maxBytes = limits::kApiBodyMaxBytes;
    std::size_t maxDepth = 32;      ///< nested arrays and objects
    std::size_t maxValues = 100000; ///< values in all
    bool readBefore = false;        ///< these very bytes were parsed before: keys are not compared
};

/// One value of a parsed document. Cheap to copy; the document lives as long as any of its values,
/// and string_views into it as long as that. Immutable: safe to read from several threads.
/// Every error of the functions below is Code::invalid with the value's JSON pointer (RFC 6901) in
/// `where`, unless something else is said; messages never repeat the value.
class Json {
public:
    enum class Type : std::uint8_t { null, boolean, integer, number, string, array, object };

    /// Errors: invalid (not JSON, not UTF-8, a key twice, too deep), tooLarge.
    static Result<Json> parse(std::string_view bytes, const JsonLimits& limits = {});

    [[nodiscard]] Type type() const noexcept;
    [[nodiscard]] bool isNull() const noexcept { return type() == Type::null; }
    [[nodiscard]] bool isObject() const noexcept { return type() == Type::object; }
    [[nodiscard]] bool isArray() const noexcept { return type() == Type::array; }
    /// "" for the root, else "/choices/0/purpose".
    [[nodiscard]] const std::string& pointer() const noexcept { return _pointer; }

    [[nodiscard]] Result<bool> asBool() const;
    /// A whole number in [min, max]; 1.0 and "1" are none.
    [[nodiscard]] Result<std::int64_t>
    asInt(std::int64_t min = std::numeric_limits<std::int64_t>::min(),
          std::int64_t max = std::numeric_limits<std::int64_t>::max()) const;
    /// Whole numbers from 0 to 2^64 - 1.
    [[nodiscard]] Result<std::uint64_t> asUint() const;
    /// Any finite number.
    [[nodiscard]] Result<double> asNumber() const;
    /// The text, at most maxBytes long (tooLarge). May hold any character, U+0000 included.
    [[nodiscard]] Result<std::string_view>
    asString(std::size_t maxBytes = limits::kApiBodyMaxBytes) const;

    /// Elements of an array in order; more than maxItems is tooLarge.
    [[nodiscard]] Result<std::vector<Json>> items(std::size_t maxItems = 100000) const;
    /// Members of an object in the order of the text.
    [[nodiscard]] Result<std::vector<std::pair<std::string_view, Json>>> members() const;
    /// The member, or nothing when it is absent or this is no object. null counts as present.
    [[nodiscard]] std::optional<Json> find(std::string_view key) const;
    /// The member; an absent one is an error.
    [[nodiscard]] Result<Json> at(std::string_view key) const;
    /// Refuses members that are not listed.
    [[nodiscard]] Result<void> onlyKeys(std::initializer_list<std::string_view> keys) const;

    /// The value as compact JSON, members in the order of the text.
    [[nodiscard]] std::string text() const;

private:
    friend class JsonReader;
    struct Document;
    struct Access;
    Json() = default;
    /// What a member is, read in place; null counts as absent.
    enum class Peek : std::uint8_t { absent, otherwise, read };
    /// Where a reader stands among the members of its object: simdjson::dom::object::iterator.
    struct Cursor {
        alignas(8) unsigned char at[16] = {};
        bool begun = false;
    };
    /// The member when it is of the type of `out`; else `out` is left alone. For objects only, one
    /// cursor to each. Members asked for in the order of the text are found at once.
    template <typename T>
    [[nodiscard]] Peek peek(std::string_view key, T& out, Cursor& cursor) const noexcept;
    [[nodiscard]] Json child(const void* element, std::string_view token) const;

    std::shared_ptr<const Document> _document;
    alignas(8) unsigned char _element[16] = {}; // simdjson::dom::element
    std::string _pointer;
};

/// Reads the members of one object and remembers the first error, so that a codec is a list of
/// fields with one check at the end:
///
///     JsonReader in(body);
///     order.number = in.string("number", 40);
///     order.seats = in.integerOr("seats", 1, 1, 100);
///     if (auto ok = in.done(); !ok) return passOn(ok);
///
/// After an error every getter returns its default. `…Or`: absent or null gives the fallback; a
/// value of the wrong type is an error all the same.
class JsonReader {
public:
    explicit JsonReader(Json object);
    /// Passes a failed parse on, so that `JsonReader in(Json::parse(body));` needs one check only.
    explicit JsonReader(Result<Json> object);
    ~JsonReader();
    JsonReader(JsonReader&&) noexcept;
    JsonReader& operator=(JsonReader&&) noexcept;
    JsonReader(const JsonReader&) = delete;
    JsonReader& operator=(const JsonReader&) = delete;

    std::string string(std::string_view key, std::size_t maxBytes);
    std::string stringOr(std::string_view key, std::string_view fallback, std::size_t maxBytes);
    std::int64_t integer(std::string_view key, std::int64_t min, std::int64_t max);
    std::int64_t integerOr(std::string_view key, std::int64_t fallback, std::int64_t min,
                           std::int64_t max);
    bool boolean(std::string_view key);
    bool booleanOr(std::string_view key, bool fallback);
    /// A UTC time in ms within kMinTime..kMaxTime.
    TimeMs time(std::string_view key);
    TimeMs timeOr(std::string_view key, TimeMs fallback);
    /// An id as text; `idOr` gives "none" when absent.
    template <typename IdType>
    IdType id(std::string_view key) {
        return IdType{uuid(key)};
    }
    template <typename IdType>
    IdType idOr(std::string_view key) {
        return IdType{uuidOr(key)};
    }
    std::vector<std::string> strings(std::string_view key, std::size_t maxItems,
                                     std::size_t maxBytes);
    std::vector<std::string> stringsOr(std::string_view key, std::size_t maxItems,
                                       std::size_t maxBytes);
    /// The elements of an array member; empty when absent.
    std::vector<Json> itemsOr(std::string_view key, std::size_t maxItems);
    std::vector<Json> items(std::string_view key, std::size_t maxItems);
    /// The member if it is there and not null.
    std::optional<Json> find(std::string_view key);
    /// A member object; an absent one gives a reader that reads nothing (`present()` false).
    JsonReader object(std::string_view key);
    JsonReader objectOr(std::string_view key);
    [[nodiscard]] bool present() const noexcept;

    /// Adds an error of the caller's own at a member ("/key").
    void reject(std::string_view key, std::string message, Code code = Code::invalid);
    /// Takes over the error of an object read below this one.
    void require(const Result<void>& below);
    void onlyKeys(std::initializer_list<std::string_view> keys);
    [[nodiscard]] bool ok() const noexcept { return !_error.has_value(); }
    /// The first error met.
    [[nodiscard]] Result<void> done() const;

private:
    JsonReader();
    Uuid uuid(std::string_view key);
    Uuid uuidOr(std::string_view key);
    std::optional<Json> required(std::string_view key);
    /// "absent" also when there is nothing to read or an error was met.
    template <typename T>
    [[nodiscard]] Json::Peek peeked(std::string_view key, T& out) noexcept;
    void note(Error error);

    std::optional<Json> _object;
    Json::Cursor _cursor;
    std::optional<Error> _error;
};

} // namespace souffleur::wire
