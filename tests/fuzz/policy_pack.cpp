// rooms: plugin-policy
// Any bytes as a pack, a house's file or a signature: an answer, never a crash.
#include <cstdint>
#include <string_view>

#include "plugin/policy/PackLoader.h"
#include "plugin/policy/Questionnaire.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace souffleur::policy;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    static const PackLoader loader{sampleHouse()};
    (void) loader.check(text, "fuzz.toml");
    (void) loader.bytes(text, "fuzz.toml", text);
    (void) parseHouse(text);
    static const std::string house = sampleHouseToml();
    (void) questionnairesIn(text, "fuzz.toml", house);
    (void) questionnairesOf("nl", text);
    return 0;
}
