// A request's body, read strictly: every member that will not do is named with the contract's
// field codes. Only for this room.
#pragma once

#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/base/Id.h"
#include "plugin/counter/Outcome.h"
#include "plugin/wire/Json.h"

namespace souffleur::api {

/// One object. Getters give a default where a member will not do and note it; done() tells all, 16
/// at most. Bodies of nested objects note into the same list. Lengths are in characters.
class Body {
public:
    /// Problems: malformed (not JSON, not UTF-8, a key twice, no object), too-large.
    static counter::Outcome<Body> parse(std::string_view bytes);
    /// For operations without a body: nothing, or an empty object.
    static counter::Outcome<void> none(std::string_view bytes);

    /// Notes every other member as unknown.
    void only(std::initializer_list<std::string_view> keys);
    [[nodiscard]] bool has(std::string_view key) const;
    std::string text(std::string_view key, std::size_t minChars, std::size_t maxChars);
    /// Absent or null: empty.
    std::string textOr(std::string_view key, std::size_t maxChars);
    Uuid id(std::string_view key);
    /// Null gives none; `mayBeAbsent` likewise.
    Uuid idOrNull(std::string_view key, bool mayBeAbsent = false);
    bool flag(std::string_view key);
    bool flagOr(std::string_view key, bool fallback);
    std::int64_t wholeOr(std::string_view key, std::int64_t fallback, std::int64_t min,
                         std::int64_t max);
    /// A text that is one of `words`.
    std::string word(std::string_view key, std::span<const std::string_view> words);
    std::string word(std::string_view key, std::initializer_list<std::string_view> words) {
        return word(key, std::span(words.begin(), words.size()));
    }
    std::string wordOrNull(std::string_view key, std::span<const std::string_view> words);
    std::vector<std::string> texts(std::string_view key, std::size_t maxItems,
                                   std::size_t maxChars);
    std::optional<Body> object(std::string_view key);
    std::vector<Body> objects(std::string_view key, std::size_t maxItems, bool mayBeAbsent);
    /// Notes a member.
    void reject(std::string_view key, std::string_view code);

    [[nodiscard]] counter::Outcome<void> done() const;

private:
    Body(wire::Json object, std::shared_ptr<std::vector<counter::FieldError>> errors)
        : _object(std::move(object)), _errors(std::move(errors)) {}
    /// The member unless it is absent (noted when `needed`).
    std::optional<wire::Json> member(std::string_view key, bool needed);
    std::string checked(const wire::Json& value, std::string_view key, std::size_t minChars,
                        std::size_t maxChars);
    std::string among(std::string text, std::string_view key,
                      std::span<const std::string_view> words);

    wire::Json _object;
    std::shared_ptr<std::vector<counter::FieldError>> _errors;
};

} // namespace souffleur::api
