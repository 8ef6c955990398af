// A damaged file is an outcome, not a bug: orcus's own asserts must not end the program.
#ifndef NDEBUG
#define NDEBUG
#endif
#include "plugin/intake/Xml.h"

#include <cassert>
#include <exception>
#include <orcus/sax_parser.hpp>

namespace souffleur::intake {
namespace {

/// Nothing in a workbook is nested deeper.
constexpr int kDepthMax = 64;

struct Stop {};

} // namespace

/// orcus names these functions.
class XmlEvents : public orcus::sax_handler {
public:
    explicit XmlEvents(XmlHandler& handler) : _handler(handler) {}

    // NOLINTBEGIN(readability-identifier-naming)
    void start_declaration(std::string_view /*name*/) { _attributes._count = 0; }
    void end_declaration(std::string_view /*name*/) { _attributes._count = 0; }
    void attribute(const orcus::sax::parser_attribute& attribute) {
        if (_attributes._count == _attributes._pairs.size()) _attributes._pairs.emplace_back();
        XmlAttributes::Pair& pair = _attributes._pairs[_attributes._count++];
        pair.name = attribute.name;
        pair.value = attribute.value;
    }
    void start_element(const orcus::sax::parser_element& element) {
        if (++_depth > kDepthMax) throw std::length_error("depth");
        _handler.start(element.name, _attributes);
        _attributes._count = 0;
    }
    void end_element(const orcus::sax::parser_element& element) {
        --_depth;
        _handler.end(element.name);
        if (_handler.done()) throw Stop();
    }
    void characters(std::string_view text, bool /*transient*/) { _handler.text(text); }
    // NOLINTEND(readability-identifier-naming)

private:
    XmlHandler& _handler;
    XmlAttributes _attributes;
    int _depth = 0;
};

std::string_view XmlAttributes::operator[](std::string_view name) const noexcept {
    for (std::size_t i = 0; i < _count; ++i) {
        if (_pairs[i].name == name) return _pairs[i].value;
    }
    return {};
}

Result<void> parseXml(const std::string& xml, XmlHandler& handler) {
    XmlEvents events(handler);
    try {
        orcus::sax_parser<XmlEvents> parser(xml.data(), xml.size(), events);
        parser.parse();
    } catch (const Stop&) { // as asked
    } catch (const std::exception&) {
        return fail(Code::invalid, "the workbook is damaged; save it anew or export it as CSV");
    }
    return {};
}

} // namespace souffleur::intake
