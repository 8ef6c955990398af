// Private to plugin/intake: a few lines over orcus's SAX parser, so that a damaged file is a
// Result.
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
    friend class XmlEvents;
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

/// Errors: invalid. `xml` must be followed by a NUL byte in memory, as a std::string is.
Result<void> parseXml(const std::string& xml, XmlHandler& handler);

} // namespace souffleur::intake
