// Writing JSON: compact, in the order of the calls, always valid.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/base/Id.h"

namespace souffleur::wire {

/// Builds one value, front to back:
///
///     JsonWriter out;
///     out.beginObject().field("id", id).field("orders", 3).key("tags").beginArray();
///     for (const auto& tag : tags) out.value(tag);
///     out.endArray().endObject();
///     send(out.take());
///
/// Text that is not UTF-8 is written with U+FFFD in place of the bad bytes; `clean()` tells. Calls
/// in an impossible order (a value without a key in an object, an end too many) are bugs and throw
/// std::logic_error. Not thread-safe.
class JsonWriter {
public:
    JsonWriter& beginObject();
    JsonWriter& endObject();
    JsonWriter& beginArray();
    JsonWriter& endArray();
    JsonWriter& key(std::string_view name);

    JsonWriter& value(std::string_view text);
    JsonWriter& value(const char* text) { return value(std::string_view(text)); }
    JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
    JsonWriter& value(bool truth);
    template <std::signed_integral T>
    JsonWriter& value(T number) {
        return integer(static_cast<std::int64_t>(number));
    }
    template <std::unsigned_integral T>
    requires(!std::same_as<T, bool>) JsonWriter& value(T number) {
        return natural(static_cast<std::uint64_t>(number));
    }
    /// NaN and infinities are written as null.
    JsonWriter& value(double number);
    JsonWriter& value(const Uuid& id);
    template <typename Tag>
    JsonWriter& value(const Id<Tag>& id) {
        return value(id.uuid);
    }
    JsonWriter& null();
    /// One complete JSON value, written as it is (Json::text, take() of another writer). Trusted.
    JsonWriter& raw(std::string_view json);

    template <typename T>
    JsonWriter& field(std::string_view name, const T& content) {
        return key(name).value(content);
    }
    /// The field only when the text is not empty, or the id not none.
    JsonWriter& fieldIf(std::string_view name, std::string_view text);
    template <typename Tag>
    JsonWriter& fieldIf(std::string_view name, const Id<Tag>& id) {
        return id.none() ? *this : field(name, id);
    }
    template <typename List>
    JsonWriter& list(std::string_view name, const List& values) {
        key(name).beginArray();
        for (const auto& v : values) value(v);
        return endArray();
    }

    /// False when some text was not UTF-8 or held U+0000.
    [[nodiscard]] bool clean() const noexcept { return _clean; }
    /// The text so far.
    [[nodiscard]] const std::string& text() const noexcept { return _text; }
    /// The finished value; the writer starts afresh.
    std::string take();

private:
    struct Level {
        bool object = false;
        bool empty = true;
    };
    JsonWriter& integer(std::int64_t number);
    JsonWriter& natural(std::uint64_t number);
    void before();
    void quoted(std::string_view text);

    std::string _text;
    std::vector<Level> _levels;
    bool _keyed = false;
    bool _clean = true;
};

} // namespace souffleur::wire
