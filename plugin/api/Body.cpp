#include "plugin/api/Body.h"

#include <algorithm>

#include "plugin/contact/Text.h"

namespace souffleur::api {

namespace {

using counter::Outcome;
using counter::refuse;
using wire::Json;

constexpr std::size_t kErrorsMax = 16;
constexpr std::size_t kPointerMaxChars = 200;
constexpr std::size_t kDepthMax = 8;

std::string escaped(std::string_view key) {
    std::string out;
    for (const char c : contact::firstChars(key, kPointerMaxChars / 4)) {
        if (c == '~') {
            out += "~0";
        } else if (c == '/') {
            out += "~1";
        } else {
            out += c;
        }
    }
    return out;
}

} // namespace

Outcome<Body> Body::parse(std::string_view bytes) {
    wire::JsonLimits limits;
    limits.maxDepth = kDepthMax;
    auto json = Json::parse(bytes, limits);
    if (!json) {
        const bool large = json.error().code == Code::tooLarge;
        return refuse(json.error().code, large ? "too-large" : "malformed", json.error().message);
    }
    if (!json->isObject()) {
        return refuse(Code::invalid, "malformed", "the body must be one JSON object");
    }
    return Body(std::move(*json), std::make_shared<std::vector<counter::FieldError>>());
}

Outcome<void> Body::none(std::string_view bytes) {
    if (bytes.empty()) return {};
    auto body = parse(bytes);
    if (!body) return tl::make_unexpected(std::move(body.error()));
    body->only({});
    return body->done();
}

void Body::reject(std::string_view key, std::string_view code) {
    if (_errors->size() >= kErrorsMax) return;
    std::string pointer = _object.pointer();
    if (!key.empty()) pointer += '/' + escaped(key);
    _errors->push_back({std::move(pointer), std::string(code), std::nullopt});
}

Outcome<void> Body::done() const {
    if (_errors->empty()) return {};
    return counter::refuseFields(*_errors);
}

void Body::only(std::initializer_list<std::string_view> keys) {
    const auto members = _object.members();
    if (!members) {
        reject({}, "wrong-type");
        return;
    }
    for (const auto& [key, value] : *members) {
        if (std::find(keys.begin(), keys.end(), key) == keys.end()) reject(key, "unknown-member");
    }
}

bool Body::has(std::string_view key) const {
    return _object.find(key).has_value();
}

std::optional<Json> Body::member(std::string_view key, bool needed) {
    auto found = _object.find(key);
    if (!found && needed) reject(key, "missing");
    return found;
}

std::string Body::checked(const Json& value, std::string_view key, std::size_t minChars,
                          std::size_t maxChars) {
    const auto text = value.asString();
    if (!text) {
        reject(key, "wrong-type");
        return {};
    }
    const std::size_t count = contact::charCount(*text);
    if (count >= minChars && count <= maxChars) return std::string(*text);
    reject(key, count < minChars ? "too-short" : "too-long");
    return {};
}

std::string Body::text(std::string_view key, std::size_t minChars, std::size_t maxChars) {
    const auto value = member(key, true);
    return value ? checked(*value, key, minChars, maxChars) : std::string();
}

std::string Body::textOr(std::string_view key, std::size_t maxChars) {
    const auto value = member(key, false);
    if (!value || value->isNull()) return {};
    return checked(*value, key, 0, maxChars);
}

Uuid Body::id(std::string_view key) {
    const auto value = member(key, true);
    if (!value) return {};
    const auto text = value->asString();
    if (!text) {
        reject(key, "wrong-type");
        return {};
    }
    const auto id = Uuid::parse(*text);
    if (id && !id->none()) return *id;
    reject(key, "out-of-range");
    return {};
}

Uuid Body::idOrNull(std::string_view key, bool mayBeAbsent) {
    const auto value = member(key, !mayBeAbsent);
    if (!value || value->isNull()) return {};
    return id(key);
}

bool Body::flag(std::string_view key) {
    const auto value = member(key, true);
    if (!value) return false;
    const auto truth = value->asBool();
    if (!truth) reject(key, "wrong-type");
    return truth.value_or(false);
}

bool Body::flagOr(std::string_view key, bool fallback) {
    return has(key) ? flag(key) : fallback;
}

std::int64_t Body::wholeOr(std::string_view key, std::int64_t fallback, std::int64_t min,
                           std::int64_t max) {
    const auto value = member(key, false);
    if (!value) return fallback;
    if (value->type() != Json::Type::integer) {
        reject(key, "wrong-type");
        return fallback;
    }
    const auto number = value->asInt(min, max);
    if (!number) reject(key, "out-of-range");
    return number.value_or(fallback);
}

std::string Body::among(std::string text, std::string_view key,
                        std::span<const std::string_view> words) {
    if (std::find(words.begin(), words.end(), text) != words.end()) return text;
    reject(key, "out-of-range");
    return {};
}

std::string Body::word(std::string_view key, std::span<const std::string_view> words) {
    const auto value = member(key, true);
    if (!value) return {};
    const auto text = value->asString();
    if (text) return among(std::string(*text), key, words);
    reject(key, "wrong-type");
    return {};
}

std::string Body::wordOrNull(std::string_view key, std::span<const std::string_view> words) {
    const auto value = member(key, true);
    if (!value || value->isNull()) return {};
    return word(key, words);
}

std::vector<std::string> Body::texts(std::string_view key, std::size_t maxItems,
                                     std::size_t maxChars) {
    std::vector<std::string> out;
    const auto value = member(key, true);
    if (!value) return out;
    if (!value->isArray()) {
        reject(key, "wrong-type");
        return out;
    }
    const auto items = value->items(maxItems);
    if (!items) {
        reject(key, "too-long");
        return out;
    }
    for (const Json& item : *items) {
        const auto text = item.asString();
        if (!text) {
            reject(key, "wrong-type");
            return out;
        }
        if (contact::charCount(*text) > maxChars) {
            reject(key, "too-long");
            return out;
        }
        out.emplace_back(*text);
    }
    return out;
}

std::optional<Body> Body::object(std::string_view key) {
    const auto value = member(key, true);
    if (!value) return std::nullopt;
    if (value->isObject()) return Body(*value, _errors);
    reject(key, "wrong-type");
    return std::nullopt;
}

std::vector<Body> Body::objects(std::string_view key, std::size_t maxItems, bool mayBeAbsent) {
    std::vector<Body> out;
    const auto value = member(key, !mayBeAbsent);
    if (!value) return out;
    if (!value->isArray()) {
        reject(key, "wrong-type");
        return out;
    }
    const auto items = value->items(maxItems);
    if (!items) {
        reject(key, "too-long");
        return out;
    }
    for (const Json& item : *items) {
        out.push_back(Body(item, _errors));
        if (!item.isObject()) {
            out.back().reject({}, "wrong-type");
            out.pop_back();
        }
    }
    return out;
}

} // namespace souffleur::api
