#include "kiosk/lobby/Form.h"

#include <algorithm>

#include "plugin/contact/Text.h"

namespace souffleur::lobby {
namespace {

constexpr std::size_t kErrorsMax = 16;
constexpr std::size_t kKeyMaxChars = 40;
constexpr wire::JsonLimits kLimits{.maxDepth = 6, .maxValues = 2000};

} // namespace

Outcome<Form> Form::parse(std::string_view bytes) {
    auto json = wire::Json::parse(bytes, kLimits);
    if (!json) return refuse(json.error().code == Code::tooLarge ? "too-large" : "malformed");
    if (!json->isObject()) return refuse("malformed");
    return Form(std::move(*json), std::make_shared<std::vector<FieldError>>());
}

Outcome<void> Form::none(std::string_view bytes) {
    if (bytes.empty()) return {};
    auto form = parse(bytes);
    if (!form) return tl::make_unexpected(std::move(form.error()));
    form->only({});
    return form->done();
}

void Form::reject(std::string_view key, std::string code) {
    if (_errors->size() >= kErrorsMax) return;
    std::string pointer = _object.pointer();
    // A member's name may hold what somebody typed into the wrong place.
    const bool plain = key.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                             "0123456789") == std::string_view::npos;
    if (!key.empty()) pointer.append("/").append(plain ? key.substr(0, kKeyMaxChars) : "?");
    _errors->push_back({std::move(pointer), std::move(code)});
}

void Form::only(std::initializer_list<std::string_view> keys) {
    const auto members = _object.members();
    if (!members) return reject({}, "wrong-type");
    for (const auto& [key, value] : *members) {
        if (std::find(keys.begin(), keys.end(), key) == keys.end()) reject({}, "unknown-member");
    }
}

std::string Form::checked(const wire::Json& value, std::string_view key, std::size_t minChars,
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

std::string Form::text(std::string_view key, std::size_t maxChars) {
    const auto value = _object.find(key);
    if (value) return checked(*value, key, 1, maxChars);
    reject(key, "missing");
    return {};
}

std::string Form::textOr(std::string_view key, std::size_t maxChars) {
    const auto value = _object.find(key);
    return !value || value->isNull() ? std::string() : checked(*value, key, 0, maxChars);
}

std::optional<bool> Form::flagOr(std::string_view key) {
    const auto value = _object.find(key);
    if (!value || value->isNull()) return std::nullopt;
    const auto truth = value->asBool();
    if (truth) return *truth;
    reject(key, "wrong-type");
    return std::nullopt;
}

std::int64_t Form::whole(std::string_view key, std::int64_t min, std::int64_t max) {
    const auto value = _object.find(key);
    if (!value) {
        reject(key, "missing");
        return min;
    }
    const auto number = value->asInt(min, max);
    if (!number) reject(key, "out-of-range");
    return number.value_or(min);
}

std::vector<std::string> Form::textsOr(std::string_view key, std::size_t maxItems,
                                       std::size_t maxChars) {
    std::vector<std::string> out;
    const auto value = _object.find(key);
    if (!value || value->isNull()) return out;
    const auto items = value->items(maxItems);
    if (!items) {
        reject(key, value->isArray() ? "too-long" : "wrong-type");
        return out;
    }
    for (const wire::Json& item : *items) out.push_back(checked(item, key, 0, maxChars));
    return out;
}

std::optional<Form> Form::object(std::string_view key) {
    const auto value = _object.find(key);
    if (value && value->isObject()) return Form(*value, _errors);
    reject(key, value ? "wrong-type" : "missing");
    return std::nullopt;
}

std::optional<Form> Form::objectOr(std::string_view key) {
    const auto value = _object.find(key);
    if (!value || value->isNull()) return std::nullopt;
    return object(key);
}

std::vector<Form> Form::objects(std::string_view key, std::size_t maxItems) {
    std::vector<Form> out;
    const auto value = _object.find(key);
    if (!value) {
        reject(key, "missing");
        return out;
    }
    const auto items = value->items(maxItems);
    if (!items) {
        reject(key, value->isArray() ? "too-long" : "wrong-type");
        return out;
    }
    for (const wire::Json& item : *items) {
        if (item.isObject()) {
            out.push_back(Form(item, _errors));
        } else {
            reject(key, "wrong-type");
        }
    }
    return out;
}

Outcome<void> Form::done() const {
    if (_errors->empty()) return {};
    return tl::make_unexpected(Problem{"invalid", *_errors, {}, {}});
}

} // namespace souffleur::lobby
