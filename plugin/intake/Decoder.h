// Private to plugin/intake: bytes of a named encoding to UTF-8, through ICU.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "plugin/base/Result.h"

struct UConverter;

namespace souffleur::intake {

/// One converter; not thread-safe. Bytes that mean nothing become U+FFFD.
class Decoder {
public:
    /// Errors: unsupported (a name ICU does not know, or one that is not a superset of ASCII nor
    /// UTF-16).
    static Result<Decoder> make(const std::string& encoding);
    ~Decoder();
    Decoder(Decoder&&) noexcept;
    Decoder& operator=(Decoder&&) noexcept;

    /// UTF-16: decode before parsing. Everything else is parsed first and decoded cell by cell.
    [[nodiscard]] bool wide() const noexcept { return _wide; }
    /// A complete piece of text.
    [[nodiscard]] std::string whole(std::string_view bytes) const;
    /// The next piece of a stream; keeps a half letter for the next call unless `last`.
    [[nodiscard]] std::string part(std::string_view bytes, bool last);

private:
    struct Close {
        void operator()(UConverter* converter) const noexcept;
    };
    using Converter = std::unique_ptr<UConverter, Close>;
    Decoder(Converter from, Converter to, bool wide);
    std::string convert(std::string_view bytes, bool reset, bool last) const;

    Converter _from;
    Converter _to;
    bool _wide = false;
};

} // namespace souffleur::intake
