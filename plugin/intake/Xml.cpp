#include "plugin/intake/Xml.h"

#include <charconv>

namespace souffleur::intake {
namespace {

/// Nothing in a workbook is nested deeper.
constexpr std::size_t kDepthMax = 64;
constexpr std::size_t kAttributesMax = 64;
constexpr std::string_view kSpace = " \t\r\n";
constexpr std::size_t kNone = std::string_view::npos;

bool isSpace(char c) noexcept {
    return kSpace.find(c) != kNone;
}

std::string_view withoutPrefix(std::string_view name) noexcept {
    const std::size_t colon = name.find(':');
    return colon == kNone ? name : name.substr(colon + 1);
}

void appendUtf8(std::string& out, std::uint32_t c) {
    if (c < 0x80) {
        out += static_cast<char>(c);
    } else if (c < 0x800) {
        out += static_cast<char>(0xC0U | (c >> 6U));
        out += static_cast<char>(0x80U | (c & 0x3FU));
    } else if (c < 0x10000) {
        out += static_cast<char>(0xE0U | (c >> 12U));
        out += static_cast<char>(0x80U | ((c >> 6U) & 0x3FU));
        out += static_cast<char>(0x80U | (c & 0x3FU));
    } else if (c < 0x110000) {
        out += static_cast<char>(0xF0U | (c >> 18U));
        out += static_cast<char>(0x80U | ((c >> 12U) & 0x3FU));
        out += static_cast<char>(0x80U | ((c >> 6U) & 0x3FU));
        out += static_cast<char>(0x80U | (c & 0x3FU));
    }
}

/// "amp", "#38" or "#x26"; what is not known stays as it was written.
void appendEntity(std::string& out, std::string_view name) {
    constexpr std::pair<std::string_view, char> kNamed[] = {
        {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
    for (const auto& [known, letter] : kNamed) {
        if (name == known) {
            out += letter;
            return;
        }
    }
    const bool hex = name.starts_with("#x");
    if (name.starts_with('#')) {
        const std::string_view digits = name.substr(hex ? 2 : 1);
        std::uint32_t code = 0;
        const auto read =
            std::from_chars(digits.data(), digits.data() + digits.size(), code, hex ? 16 : 10);
        if (read.ec == std::errc() && read.ptr == digits.data() + digits.size()) {
            appendUtf8(out, code);
            return;
        }
    }
    out.append("&").append(name).append(";");
}

void decode(std::string_view raw, std::string& out) {
    constexpr std::size_t kEntityMax = 10;
    out.clear();
    while (!raw.empty()) {
        const std::size_t amp = std::min(raw.find('&'), raw.size());
        out += raw.substr(0, amp);
        raw.remove_prefix(amp);
        if (raw.empty()) return;
        const std::size_t end = raw.substr(0, kEntityMax + 2).find(';');
        if (end == kNone) {
            out += '&';
            raw.remove_prefix(1);
        } else {
            appendEntity(out, raw.substr(1, end - 1));
            raw.remove_prefix(end + 1);
        }
    }
}

} // namespace

class XmlScanner {
public:
    XmlScanner(std::string_view xml, XmlHandler& handler) : _rest(xml), _handler(handler) {}

    /// False: damaged.
    bool scan() {
        while (!_rest.empty() && !_handler.done()) {
            if (_rest.front() != '<') {
                text();
            } else if (!markup()) {
                return false;
            }
            if (_ended) return true; // what follows the root is no business of ours
        }
        return _handler.done();
    }

private:
    void text() {
        const std::size_t end = std::min(_rest.find('<'), _rest.size());
        if (!_open.empty()) {
            decode(_rest.substr(0, end), _text);
            _handler.text(_text);
        }
        _rest.remove_prefix(end);
    }

    bool markup() {
        if (_rest.starts_with("<?")) return skip("?>");
        if (_rest.starts_with("<!--")) return skip("-->");
        if (_rest.starts_with("<![CDATA[")) return cdata();
        if (_rest.starts_with("<!")) return false;
        if (_rest.starts_with("</")) return close();
        return open();
    }

    bool skip(std::string_view until) {
        const std::size_t end = _rest.find(until, 2);
        if (end == kNone) return false;
        _rest.remove_prefix(end + until.size());
        return true;
    }

    bool cdata() {
        constexpr std::size_t kHead = 9;
        const std::size_t end = _rest.find("]]>", kHead);
        if (end == kNone || _open.empty()) return false;
        _handler.text(_rest.substr(kHead, end - kHead));
        _rest.remove_prefix(end + 3);
        return true;
    }

    bool close() {
        const std::size_t end = _rest.find('>');
        if (end == kNone || _open.empty()) return false;
        std::string_view name = _rest.substr(2, end - 2);
        while (!name.empty() && isSpace(name.back())) name.remove_suffix(1);
        if (name != _open.back()) return false;
        _rest.remove_prefix(end + 1);
        leave();
        return true;
    }

    void leave() {
        const std::string_view name = withoutPrefix(_open.back());
        _open.pop_back();
        _handler.end(name);
        _ended = _open.empty();
    }

    bool open() {
        const std::size_t nameEnd = _rest.find_first_of(" \t\r\n/>", 1);
        if (nameEnd == kNone || nameEnd == 1 || _open.size() == kDepthMax) return false;
        const std::string_view name = _rest.substr(1, nameEnd - 1);
        _rest.remove_prefix(nameEnd);
        _attributes._count = 0;
        for (;;) {
            space();
            if (_rest.starts_with('>') || _rest.starts_with("/>")) break;
            if (!attribute()) return false;
        }
        const bool empty = _rest.front() == '/';
        _rest.remove_prefix(empty ? 2 : 1);
        _open.push_back(name);
        _handler.start(withoutPrefix(name), _attributes);
        if (empty) leave();
        return true;
    }

    bool attribute() {
        const std::size_t equals = _rest.find('=');
        if (equals == kNone || equals == 0 || _attributes._count == kAttributesMax) return false;
        std::string_view name = _rest.substr(0, equals);
        while (!name.empty() && isSpace(name.back())) name.remove_suffix(1);
        if (name.empty() || name.find_first_of("<>\"'/ \t\r\n") != kNone) return false;
        _rest.remove_prefix(equals + 1);
        space();
        if (_rest.empty() || (_rest.front() != '"' && _rest.front() != '\'')) return false;
        const std::size_t end = _rest.find(_rest.front(), 1);
        if (end == kNone) return false;
        if (_attributes._count == _attributes._pairs.size()) _attributes._pairs.emplace_back();
        XmlAttributes::Pair& pair = _attributes._pairs[_attributes._count++];
        pair.name = withoutPrefix(name);
        decode(_rest.substr(1, end - 1), pair.value);
        _rest.remove_prefix(end + 1);
        return true;
    }

    void space() { _rest.remove_prefix(std::min(_rest.find_first_not_of(kSpace), _rest.size())); }

    std::string_view _rest;
    XmlHandler& _handler;
    XmlAttributes _attributes;
    std::vector<std::string_view> _open; ///< names of the elements that are open
    std::string _text;
    bool _ended = false;
};

std::string_view XmlAttributes::operator[](std::string_view name) const noexcept {
    for (std::size_t i = 0; i < _count; ++i) {
        if (_pairs[i].name == name) return _pairs[i].value;
    }
    return {};
}

Result<void> parseXml(std::string_view xml, XmlHandler& handler) {
    if (xml.starts_with("\xEF\xBB\xBF")) xml.remove_prefix(3);
    if (!XmlScanner(xml, handler).scan())
        return fail(Code::invalid, "the workbook is damaged; save it anew or export it as CSV");
    return {};
}

} // namespace souffleur::intake
