#include "plugin/wire/JsonWriter.h"

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace souffleur::wire {
namespace {

/// Plain text goes between quotes as it is: nothing to escape, nothing to check.
bool plain(std::string_view text) noexcept {
    bool out = true;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        out &= byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
    }
    return out;
}

template <typename T>
void appendNumber(std::string& out, T number) {
    std::array<char, 40> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    out.append(digits.data(), end.ptr);
}

} // namespace

void JsonWriter::before() {
    if (_levels.empty()) {
        if (!_text.empty()) throw std::logic_error("JsonWriter: a second root value");
        return;
    }
    Level& level = _levels.back();
    if (level.object) {
        if (!_keyed) throw std::logic_error("JsonWriter: a value without a key");
        _keyed = false;
        return;
    }
    if (!level.empty) _text += ',';
    level.empty = false;
}

JsonWriter& JsonWriter::beginObject() {
    before();
    _text += '{';
    _levels.push_back({true, true});
    return *this;
}

JsonWriter& JsonWriter::beginArray() {
    before();
    _text += '[';
    _levels.push_back({false, true});
    return *this;
}

JsonWriter& JsonWriter::endObject() {
    if (_levels.empty() || !_levels.back().object || _keyed) {
        throw std::logic_error("JsonWriter: no object to end");
    }
    _text += '}';
    _levels.pop_back();
    return *this;
}

JsonWriter& JsonWriter::endArray() {
    if (_levels.empty() || _levels.back().object) {
        throw std::logic_error("JsonWriter: no array to end");
    }
    _text += ']';
    _levels.pop_back();
    return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
    if (_levels.empty() || !_levels.back().object || _keyed) {
        throw std::logic_error("JsonWriter: a key outside an object");
    }
    Level& level = _levels.back();
    if (!level.empty) _text += ',';
    level.empty = false;
    quoted(name);
    _text += ':';
    _keyed = true;
    return *this;
}

void JsonWriter::quoted(std::string_view text) {
    if (plain(text)) {
        _text += '"';
        _text += text;
        _text += '"';
        return;
    }
    using nlohmann::json;
    const json value = text;
    const std::string dumped = value.dump(-1, ' ', false, json::error_handler_t::replace);
    if (text.find('\0') != std::string_view::npos) _clean = false;
    if (_clean && dumped.find("\xEF\xBF\xBD") != std::string::npos) {
        // Bad bytes, or a genuine U+FFFD: only the strict form tells them apart, by throwing.
        try {
            (void) value.dump();
        } catch (const json::exception&) {
            _clean = false;
        }
    }
    _text += dumped;
}

JsonWriter& JsonWriter::value(std::string_view text) {
    before();
    quoted(text);
    return *this;
}

JsonWriter& JsonWriter::value(bool truth) {
    before();
    _text += truth ? "true" : "false";
    return *this;
}

JsonWriter& JsonWriter::integer(std::int64_t number) {
    before();
    appendNumber(_text, number);
    return *this;
}

JsonWriter& JsonWriter::natural(std::uint64_t number) {
    before();
    appendNumber(_text, number);
    return *this;
}

JsonWriter& JsonWriter::value(double number) {
    if (!std::isfinite(number)) return null();
    before();
    appendNumber(_text, number);
    return *this;
}

JsonWriter& JsonWriter::value(const Uuid& id) {
    before();
    _text.append(1, '"').append(id.text()).append(1, '"');
    return *this;
}

JsonWriter& JsonWriter::null() {
    before();
    _text += "null";
    return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json) {
    before();
    _text += json;
    return *this;
}

JsonWriter& JsonWriter::fieldIf(std::string_view name, std::string_view text) {
    return text.empty() ? *this : field(name, text);
}

std::string JsonWriter::take() {
    if (!_levels.empty()) throw std::logic_error("JsonWriter: taken before its end");
    std::string out = std::move(_text);
    *this = JsonWriter();
    return out;
}

} // namespace souffleur::wire
