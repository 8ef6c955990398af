// rooms: plugin-wire
// Headers, payloads, cards and bare JSON from strangers: the first byte chooses. What is read must
// be writable again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "plugin/wire/Card.h"
#include "plugin/wire/Header.h"
#include "plugin/wire/Json.h"
#include "plugin/wire/Payload.h"

using namespace souffleur;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0] % 4) {
    case 0:
        if (const auto header = wire::decodeHeader(text)) {
            if (!wire::encodeHeader(header->event, header->commitment)) std::abort();
        }
        break;
    case 1:
        if (const auto person = wire::parsePersonJson(text)) {
            if (wire::parsePersonJson(wire::personJson(*person)) != person) std::abort();
        }
        break;
    case 2:
        if (const auto card = wire::decodeCard(text)) {
            if (!wire::encodeCard(*card)) std::abort();
        }
        break;
    default:
        if (const auto json = wire::Json::parse(text)) {
            if (!wire::Json::parse(json->text())) std::abort();
        }
    }
    return 0;
}
