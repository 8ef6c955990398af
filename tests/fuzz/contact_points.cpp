// rooms: plugin-base plugin-contact
// Any bytes as an e-mail address, a telephone number and a postal code: what is accepted is
// canonical.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "plugin/contact/Email.h"
#include "plugin/contact/Mask.h"
#include "plugin/contact/Phone.h"
#include "plugin/contact/PostalAddress.h"

using namespace souffleur::contact;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto email = Email::parse(text)) {
        const auto again = Email::parse(email->canonical);
        if (!again || again->canonical != email->canonical || email->canonical.size() > 254)
            std::abort();
        if (mask(*email).empty()) std::abort();
        (void) email->suggestion();
    }
    if (const auto phone = Phone::parse(text, "NL")) {
        const auto again = Phone::parse(phone->e164, "NL");
        if (!again || again->e164 != phone->e164) std::abort();
    }
    for (const std::string_view country : {"NL", "GB", "DE", ""}) {
        const auto code = normalPostalCode(text, country);
        if (code && normalPostalCode(*code, country).value_or("?") != *code) std::abort();
    }
    return 0;
}
