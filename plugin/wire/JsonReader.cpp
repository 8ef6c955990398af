#include "plugin/wire/Json.h"

namespace souffleur::wire {

JsonReader::JsonReader() = default;
JsonReader::~JsonReader() = default;
JsonReader::JsonReader(JsonReader&&) noexcept = default;
JsonReader& JsonReader::operator=(JsonReader&&) noexcept = default;

JsonReader::JsonReader(Json object) {
    if (object.isObject())
        _object = std::move(object);
    else
        note({Code::invalid, "not an object", object.pointer()});
}

JsonReader::JsonReader(Result<Json> object) {
    if (!object)
        note(object.error());
    else if (object->isObject())
        _object = *std::move(object);
    else
        note({Code::invalid, "not an object", object->pointer()});
}

void JsonReader::note(Error error) {
    if (!_error) _error = std::move(error);
}

bool JsonReader::present() const noexcept {
    return _object.has_value();
}

Result<void> JsonReader::done() const {
    if (_error) return tl::make_unexpected(*_error);
    return {};
}

void JsonReader::reject(std::string_view key, std::string message, Code code) {
    std::string where = _object ? _object->pointer() : std::string();
    where.append("/").append(key);
    note({code, std::move(message), std::move(where)});
}

void JsonReader::require(const Result<void>& below) {
    if (!below) note(below.error());
}

void JsonReader::onlyKeys(std::initializer_list<std::string_view> keys) {
    if (_object) require(_object->onlyKeys(keys));
}

std::optional<Json> JsonReader::find(std::string_view key) {
    if (!_object || _error) return std::nullopt;
    auto found = _object->find(key);
    if (found && found->isNull()) return std::nullopt;
    return found;
}

std::optional<Json> JsonReader::required(std::string_view key) {
    if (!_object || _error) return std::nullopt;
    auto found = _object->find(key);
    if (!found) reject(key, "missing");
    return found;
}

template <typename T>
Json::Peek JsonReader::peeked(std::string_view key, T& out) noexcept {
    return _object && !_error ? _object->peek(key, out, _cursor) : Json::Peek::absent;
}

namespace {

/// The value, or the default with the error handed to `note`.
template <typename T, typename Note>
T valueOr(Result<T> read, T fallback, const Note& note) {
    if (read) return *std::move(read);
    note(read.error());
    return fallback;
}

} // namespace

// A member of the right type within its bounds is read in place. All else goes the long way, which
// makes the error with its pointer.

std::string JsonReader::string(std::string_view key, std::size_t maxBytes) {
    std::string_view text;
    if (peeked(key, text) == Json::Peek::read && text.size() <= maxBytes) return std::string(text);
    const auto found = required(key);
    if (!found) return {};
    return std::string(valueOr<std::string_view>(found->asString(maxBytes), {},
                                                 [this](const Error& e) { note(e); }));
}

std::string JsonReader::stringOr(std::string_view key, std::string_view fallback,
                                 std::size_t maxBytes) {
    std::string_view text = fallback;
    const Json::Peek is = peeked(key, text);
    if (is == Json::Peek::absent || (is == Json::Peek::read && text.size() <= maxBytes)) {
        return std::string(text);
    }
    return string(key, maxBytes);
}

std::int64_t JsonReader::integer(std::string_view key, std::int64_t min, std::int64_t max) {
    std::int64_t number = 0;
    if (peeked(key, number) == Json::Peek::read && number >= min && number <= max) return number;
    const auto found = required(key);
    if (!found) return min;
    return valueOr(found->asInt(min, max), min, [this](const Error& e) { note(e); });
}

std::int64_t JsonReader::integerOr(std::string_view key, std::int64_t fallback, std::int64_t min,
                                   std::int64_t max) {
    std::int64_t number = 0;
    const Json::Peek is = peeked(key, number);
    if (is == Json::Peek::absent) return fallback;
    if (is == Json::Peek::read && number >= min && number <= max) return number;
    const auto found = required(key);
    if (!found) return fallback;
    return valueOr(found->asInt(min, max), fallback, [this](const Error& e) { note(e); });
}

bool JsonReader::boolean(std::string_view key) {
    bool truth = false;
    if (peeked(key, truth) == Json::Peek::read) return truth;
    const auto found = required(key);
    return found && valueOr(found->asBool(), false, [this](const Error& e) { note(e); });
}

bool JsonReader::booleanOr(std::string_view key, bool fallback) {
    bool truth = false;
    const Json::Peek is = peeked(key, truth);
    if (is == Json::Peek::absent) return fallback;
    return boolean(key);
}

TimeMs JsonReader::time(std::string_view key) {
    return integer(key, kMinTime, kMaxTime);
}

TimeMs JsonReader::timeOr(std::string_view key, TimeMs fallback) {
    return integerOr(key, fallback, kMinTime, kMaxTime);
}

Uuid JsonReader::uuid(std::string_view key) {
    std::string_view read;
    if (peeked(key, read) == Json::Peek::read) {
        if (auto id = Uuid::parse(read)) return *id;
    }
    const std::string text = string(key, 36);
    if (_error || !_object) return {};
    const auto id = Uuid::parse(text);
    if (!id) reject(key, "not a UUID");
    return id.value_or(Uuid{});
}

Uuid JsonReader::uuidOr(std::string_view key) {
    std::string_view text;
    return peeked(key, text) == Json::Peek::absent ? Uuid{} : uuid(key);
}

std::vector<Json> JsonReader::items(std::string_view key, std::size_t maxItems) {
    const auto found = required(key);
    if (!found) return {};
    return valueOr<std::vector<Json>>(found->items(maxItems), {},
                                      [this](const Error& e) { note(e); });
}

std::vector<Json> JsonReader::itemsOr(std::string_view key, std::size_t maxItems) {
    return find(key) ? items(key, maxItems) : std::vector<Json>{};
}

std::vector<std::string> JsonReader::strings(std::string_view key, std::size_t maxItems,
                                             std::size_t maxBytes) {
    std::vector<std::string> out;
    for (const Json& item : items(key, maxItems)) {
        const auto text = item.asString(maxBytes);
        if (!text) {
            note(text.error());
            return {};
        }
        out.emplace_back(*text);
    }
    return out;
}

std::vector<std::string> JsonReader::stringsOr(std::string_view key, std::size_t maxItems,
                                               std::size_t maxBytes) {
    return find(key) ? strings(key, maxItems, maxBytes) : std::vector<std::string>{};
}

JsonReader JsonReader::object(std::string_view key) {
    auto found = required(key);
    if (!found) return {};
    JsonReader below(*std::move(found));
    require(below.done());
    return below;
}

JsonReader JsonReader::objectOr(std::string_view key) {
    return find(key) ? object(key) : JsonReader();
}

} // namespace souffleur::wire
