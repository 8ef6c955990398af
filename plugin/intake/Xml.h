// Private to plugin/intake: the XML of a workbook's parts as events. orcus's own SAX parser
// asserts, and so ends the program, on some damaged input; a stranger's file must not do that.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plugin/base/Result.h"

namespace souffleur::intake {

/// Attributes of the element that is being opened; names without their namespace.
class XmlAttributes {
public:
    /// The value, or "" when it is not there.
    [[nodiscard]] std::string_view operator[](std::string_view name) const noexcept;

private:
    friend class XmlScanner;
    struct Pair {
        std::string name;
        std::string value;
    };
    std::vector<Pair> _pairs; ///< kept between elements, to save allocations
    std::size_t _count = 0;
};

class XmlHandler {
public:
    virtual ~XmlHandler() = default;
    virtual void start(std::string_view element, const XmlAttributes& attributes) = 0;
    virtual void end(std::string_view element) = 0;
    virtual void text(std::string_view text) = 0;
    /// Asked after every element; true ends the parsing.
    [[nodiscard]] virtual bool done() const { return false; }
};

/// Elements, text, CDATA and the entities of XML 1.0; a document type (and so any entity of its
/// own) is refused. Names lose their namespace prefix. UTF-8 only. Errors: invalid. Linear, never
/// reads beyond `xml`.
Result<void> parseXml(std::string_view xml, XmlHandler& handler);

} // namespace souffleur::intake
