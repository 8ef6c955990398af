#include "plugin/wire/Json.h"

#include <cstring>
#include <simdjson.h>

namespace souffleur::wire {
namespace {

namespace dom = simdjson::dom;

/// The pointer of a member: '/' and the token, '~' and '/' in it escaped.
std::string below(const std::string& pointer, std::string_view token) {
    std::string out;
    out.reserve(pointer.size() + token.size() + 2);
    out.append(pointer) += '/';
    for (const char c : token) {
        if (c == '~')
            out += "~0";
        else if (c == '/')
            out += "~1";
        else
            out += c;
    }
    return out;
}

/// Checks what simdjson leaves open: a key twice, too many values, one level too deep.
class Strictness {
public:
    explicit Strictness(const JsonLimits& limits) : _limits(limits) {}

    std::optional<Error> check(dom::element value, std::size_t depth) {
        if (++_values > _limits.maxValues) {
            return Error{Code::tooLarge, "the JSON holds too many values", {}};
        }
        if (value.is_array()) return checkArray(value, depth + 1);
        if (value.is_object()) return checkObject(value, depth + 1);
        return std::nullopt;
    }

private:
    std::optional<Error> tooDeep() const {
        return Error{Code::invalid, "the JSON is nested too deeply", {}};
    }
    std::optional<Error> checkArray(dom::element value, std::size_t depth) {
        if (depth > _limits.maxDepth) return tooDeep();
        for (const dom::element below : dom::array(value)) {
            if (auto error = check(below, depth)) return error;
        }
        return std::nullopt;
    }
    std::optional<Error> checkObject(dom::element value, std::size_t depth) {
        if (depth > _limits.maxDepth) return tooDeep();
        const std::size_t first = _keys.size();
        for (const auto field : dom::object(value)) {
            if (_keys.size() - first < kFewKeys && isOpen(first, field.key)) return twice();
            _keys.push_back(field.key);
            if (auto error = check(field.value, depth)) return error;
        }
        if (_keys.size() - first > kFewKeys) {
            const auto begin = _keys.begin() + static_cast<std::ptrdiff_t>(first);
            std::sort(begin, _keys.end());
            if (std::adjacent_find(begin, _keys.end()) != _keys.end()) return twice();
        }
        _keys.resize(first);
        return std::nullopt;
    }
    bool isOpen(std::size_t first, std::string_view key) const {
        for (std::size_t i = first; i < _keys.size(); ++i) {
            if (_keys[i] == key) return true;
        }
        return false;
    }
    static Error twice() { return Error{Code::invalid, "a JSON object has a key twice", {}}; }

    /// So many keys are faster compared one with another than sorted.
    static constexpr std::size_t kFewKeys = 16;

    const JsonLimits& _limits;
    std::size_t _values = 0;
    std::vector<std::string_view> _keys; ///< of the objects that are open, outermost first
};

Error parseError(simdjson::error_code code) {
    switch (code) {
    case simdjson::CAPACITY:
    case simdjson::MEMALLOC:
        return {Code::tooLarge, "the JSON is too large", {}};
    case simdjson::DEPTH_ERROR:
        return {Code::invalid, "the JSON is nested too deeply", {}};
    case simdjson::UTF8_ERROR:
        return {Code::invalid, "the JSON is not valid UTF-8", {}};
    case simdjson::EMPTY:
        return {Code::invalid, "there is no JSON", {}};
    case simdjson::NUMBER_ERROR:
        return {Code::invalid, "the JSON holds a number out of range or badly written", {}};
    default:
        return {Code::invalid, "the text is not JSON", {}};
    }
}

} // namespace

struct Json::Document {
    dom::parser parser;
};

/// Turns the opaque bytes into simdjson's element and back.
struct Json::Access {
    static_assert(sizeof(dom::element) == sizeof(Json::_element));
    static_assert(std::is_trivially_copyable_v<dom::element>);

    static dom::element element(const Json& json) noexcept {
        dom::element out;
        std::memcpy(static_cast<void*>(&out), json._element, sizeof out);
        return out;
    }

    static_assert(sizeof(dom::object::iterator) == sizeof(Cursor::at));
    static_assert(std::is_trivially_copyable_v<dom::object::iterator>);

    /// The member of an object; moves the cursor behind it.
    static std::optional<dom::element> member(const Json& json, std::string_view key,
                                              Cursor& cursor) noexcept;
};

Json Json::child(const void* element, std::string_view token) const {
    Json out;
    out._document = _document;
    std::memcpy(out._element, element, sizeof out._element);
    out._pointer = below(_pointer, token);
    return out;
}

Result<Json> Json::parse(std::string_view bytes, const JsonLimits& limits) {
    if (bytes.size() > limits.maxBytes) {
        return fail(Code::tooLarge,
                    "the JSON is over " + std::to_string(limits.maxBytes) + " bytes");
    }
    auto document = std::make_shared<Document>();
    // One level of room, so that the check below says exactly where the limit is.
    if (const auto code = document->parser.allocate(std::max<std::size_t>(bytes.size(), 64),
                                                    limits.maxDepth + 2)) {
        return tl::make_unexpected(parseError(code));
    }
    dom::element root;
    if (const auto code = document->parser.parse(bytes.data(), bytes.size(), true).get(root)) {
        return tl::make_unexpected(parseError(code));
    }
    if (!limits.readBefore) {
        if (auto error = Strictness(limits).check(root, 0)) return tl::make_unexpected(*error);
    }
    Json out;
    out._document = std::move(document);
    std::memcpy(out._element, static_cast<const void*>(&root), sizeof out._element);
    return out;
}

Json::Type Json::type() const noexcept {
    switch (Access::element(*this).type()) {
    case dom::element_type::ARRAY:
        return Type::array;
    case dom::element_type::OBJECT:
        return Type::object;
    case dom::element_type::INT64:
    case dom::element_type::UINT64:
        return Type::integer;
    case dom::element_type::DOUBLE:
        return Type::number;
    case dom::element_type::STRING:
        return Type::string;
    case dom::element_type::BOOL:
        return Type::boolean;
    case dom::element_type::NULL_VALUE:
        break;
    }
    return Type::null;
}

Result<bool> Json::asBool() const {
    bool out = false;
    if (Access::element(*this).get(out)) return fail(Code::invalid, "not true or false", _pointer);
    return out;
}

Result<std::int64_t> Json::asInt(std::int64_t min, std::int64_t max) const {
    std::int64_t out = 0;
    const dom::element element = Access::element(*this);
    if (!element.is_int64() || element.get(out)) {
        return fail(Code::invalid, "not a whole number", _pointer);
    }
    if (out < min || out > max) return fail(Code::invalid, "number out of range", _pointer);
    return out;
}

Result<std::uint64_t> Json::asUint() const {
    const dom::element element = Access::element(*this);
    std::uint64_t out = 0;
    if (element.is_int64() || element.is_uint64()) {
        if (!element.get(out)) return out;
    }
    return fail(Code::invalid, "not a whole number from 0", _pointer);
}

Result<double> Json::asNumber() const {
    const Type is = type();
    double out = 0;
    if ((is == Type::integer || is == Type::number) && !Access::element(*this).get(out)) return out;
    return fail(Code::invalid, "not a number", _pointer);
}

Result<std::string_view> Json::asString(std::size_t maxBytes) const {
    std::string_view out;
    if (Access::element(*this).get(out)) return fail(Code::invalid, "not a text", _pointer);
    if (out.size() > maxBytes) {
        return fail(Code::tooLarge, "text over " + std::to_string(maxBytes) + " bytes", _pointer);
    }
    return out;
}

Result<std::vector<Json>> Json::items(std::size_t maxItems) const {
    dom::array array;
    if (Access::element(*this).get(array)) return fail(Code::invalid, "not a list", _pointer);
    std::vector<Json> out;
    for (const dom::element element : array) {
        if (out.size() == maxItems) {
            return fail(Code::tooLarge, "more than " + std::to_string(maxItems) + " elements",
                        _pointer);
        }
        out.push_back(child(&element, std::to_string(out.size())));
    }
    return out;
}

Result<std::vector<std::pair<std::string_view, Json>>> Json::members() const {
    dom::object object;
    if (Access::element(*this).get(object)) return fail(Code::invalid, "not an object", _pointer);
    std::vector<std::pair<std::string_view, Json>> out;
    for (const auto field : object) {
        out.emplace_back(field.key, child(&field.value, field.key));
    }
    return out;
}

std::optional<Json> Json::find(std::string_view key) const {
    dom::object object;
    if (Access::element(*this).get(object)) return std::nullopt;
    dom::element found;
    if (object.at_key(key).get(found)) return std::nullopt;
    return child(&found, key);
}

std::optional<dom::element> Json::Access::member(const Json& json, std::string_view key,
                                                 Json::Cursor& cursor) noexcept {
    dom::object object;
    if (element(json).get(object)) return std::nullopt;
    const dom::object::iterator end = object.end();
    dom::object::iterator at = object.begin();
    if (cursor.begun) std::memcpy(static_cast<void*>(&at), cursor.at, sizeof at);
    if (!(at != end) || !at.key_equals(key)) {
        for (at = object.begin(); at != end && !at.key_equals(key);) ++at;
    }
    if (!(at != end)) return std::nullopt;
    const dom::element found = at.value();
    ++at;
    std::memcpy(cursor.at, static_cast<const void*>(&at), sizeof at);
    cursor.begun = true;
    return found;
}

template <typename T>
Json::Peek Json::peek(std::string_view key, T& out, Cursor& cursor) const noexcept {
    const std::optional<dom::element> member = Access::member(*this, key, cursor);
    if (!member || member->is_null()) return Peek::absent;
    const dom::element& found = *member;
    if constexpr (std::is_same_v<T, std::int64_t>) {
        if (!found.is_int64())
            return Peek::otherwise; // a number over 2^63 - 1 would be read as well
    }
    T value{};
    if (found.get(value)) return Peek::otherwise;
    out = value;
    return Peek::read;
}

template Json::Peek Json::peek(std::string_view, std::string_view&, Cursor&) const noexcept;
template Json::Peek Json::peek(std::string_view, std::int64_t&, Cursor&) const noexcept;
template Json::Peek Json::peek(std::string_view, bool&, Cursor&) const noexcept;

Result<Json> Json::at(std::string_view key) const {
    if (!isObject()) return fail(Code::invalid, "not an object", _pointer);
    auto found = find(key);
    if (!found) return fail(Code::invalid, "missing", below(_pointer, key));
    return *std::move(found);
}

Result<void> Json::onlyKeys(std::initializer_list<std::string_view> keys) const {
    dom::object object;
    if (Access::element(*this).get(object)) return fail(Code::invalid, "not an object", _pointer);
    for (const auto field : object) {
        if (std::find(keys.begin(), keys.end(), field.key) == keys.end()) {
            // The key itself may be anything, personal data too: the pointer stops at the object.
            return fail(Code::invalid, "a member that is not known here", _pointer);
        }
    }
    return {};
}

std::string Json::text() const {
    return simdjson::minify(Access::element(*this));
}

} // namespace souffleur::wire
