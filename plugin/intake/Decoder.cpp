#include "plugin/intake/Decoder.h"

#include <unicode/ucnv.h>

#include <array>
#include <stdexcept>

#include "plugin/contact/Text.h"

namespace souffleur::intake {

void Decoder::Close::operator()(UConverter* converter) const noexcept {
    ucnv_close(converter);
}

Decoder::Decoder(Converter from, Converter to, bool wide)
    : _from(std::move(from)), _to(std::move(to)), _wide(wide) {}
Decoder::~Decoder() = default;
Decoder::Decoder(Decoder&&) noexcept = default;
Decoder& Decoder::operator=(Decoder&&) noexcept = default;

Result<Decoder> Decoder::make(const std::string& encoding) {
    UErrorCode status = U_ZERO_ERROR;
    Converter from(ucnv_open(encoding.c_str(), &status));
    if (U_FAILURE(status) || encoding.empty())
        return fail(Code::unsupported, "the encoding named for the file is not known");
    Converter to(ucnv_open("utf-8", &status));
    if (U_FAILURE(status)) throw std::runtime_error(std::string("ICU: ") + u_errorName(status));
    const std::string name = contact::asciiLower(encoding);
    const bool wide = name.starts_with("utf-16") || name.starts_with("utf16");
    Decoder out(std::move(from), std::move(to), wide);
    constexpr std::string_view kAscii = "\t\n\r \",;|0Aa";
    if (!wide && out.whole(kAscii) != kAscii)
        return fail(Code::unsupported,
                    "the encoding named for the file is not supported; save it as UTF-8");
    return out;
}

std::string Decoder::whole(std::string_view bytes) const {
    return convert(bytes, true, true);
}

std::string Decoder::part(std::string_view bytes, bool last) {
    return convert(bytes, false, last);
}

std::string Decoder::convert(std::string_view bytes, bool reset, bool last) const {
    std::string out;
    std::array<char16_t, 1024> pivot{};
    char16_t* pivotSource = pivot.data();
    char16_t* pivotTarget = pivot.data();
    std::array<char, 4096> buffer{};
    const char* source = bytes.data();
    const char* const end = source + bytes.size();
    bool first = reset;
    for (;;) {
        UErrorCode status = U_ZERO_ERROR;
        char* target = buffer.data();
        ucnv_convertEx(_to.get(), _from.get(), &target, buffer.data() + buffer.size(), &source, end,
                       pivot.data(), &pivotSource, &pivotTarget, pivot.data() + pivot.size(),
                       first ? 1 : 0, last ? 1 : 0, &status);
        first = false;
        out.append(buffer.data(), static_cast<std::size_t>(target - buffer.data()));
        if (status == U_BUFFER_OVERFLOW_ERROR) continue;
        if (U_FAILURE(status) && status != U_TRUNCATED_CHAR_FOUND)
            throw std::runtime_error(std::string("ICU: ") + u_errorName(status));
        return out;
    }
}

} // namespace souffleur::intake
