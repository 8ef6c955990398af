// Reads a request's JSON member by member and gathers what is wrong with each, for the page to
// show beside its field.
#pragma once

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kiosk/lobby/Problems.h"
#include "plugin/wire/Json.h"

namespace souffleur::lobby {

/// Never repeats a value. One object; object() and objects() give those inside, which report to
/// the same list.
class Form {
public:
    /// Problems: malformed, too-large.
    static Outcome<Form> parse(std::string_view bytes);
    /// An empty body, or `{}`. Problems: also invalid.
    static Outcome<void> none(std::string_view bytes);

    void only(std::initializer_list<std::string_view> keys);
    void reject(std::string_view key, std::string code);
    /// 1 to maxChars characters.
    std::string text(std::string_view key, std::size_t maxChars);
    /// Absent and null are empty.
    std::string textOr(std::string_view key, std::size_t maxChars);
    std::optional<bool> flagOr(std::string_view key);
    std::int64_t whole(std::string_view key, std::int64_t min, std::int64_t max);
    std::vector<std::string> textsOr(std::string_view key, std::size_t maxItems,
                                     std::size_t maxChars);
    std::optional<Form> object(std::string_view key);
    /// Absent and null are none.
    std::optional<Form> objectOr(std::string_view key);
    std::vector<Form> objects(std::string_view key, std::size_t maxItems);
    /// Problem: invalid, with all that was rejected.
    [[nodiscard]] Outcome<void> done() const;

private:
    Form(wire::Json object, std::shared_ptr<std::vector<FieldError>> errors)
        : _object(std::move(object)), _errors(std::move(errors)) {}
    std::string checked(const wire::Json& value, std::string_view key, std::size_t minChars,
                        std::size_t maxChars);

    wire::Json _object;
    std::shared_ptr<std::vector<FieldError>> _errors;
};

} // namespace souffleur::lobby
