// rooms: plugin-crypto
// The parsers of plugin/crypto on a stranger's bytes: text encodings, codes, keys, certificates,
// PIN strings.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "plugin/crypto/Certificates.h"
#include "plugin/crypto/Encoding.h"
#include "plugin/crypto/Handle.h"
#include "plugin/crypto/Sealed.h"
#include "plugin/crypto/SigningKey.h"

using namespace souffleur::crypto;

namespace {

void encodings(std::string_view bytes) {
    if (const auto value = fromBase64(bytes); value && toBase64(*value) != bytes) std::abort();
    if (const auto value = fromBase64Url(bytes); value && toBase64Url(*value) != bytes)
        std::abort();
    if (const auto value = fromHex(bytes); value && value->size() * 2 != bytes.size()) std::abort();
    if (const auto value = fromBase32(bytes, 16); value && value->size() != 16) std::abort();
    if (const auto handle = parseSlipCode(bytes); handle) {
        if (parseSlipCode(slipCode(*handle)).value() != *handle) std::abort();
    }
    (void) parsePublicKey(bytes);
    (void) parseSignature(bytes);
}

struct Recipient {
    Secret key = newTlsKey();
    std::string cert;
    Recipient() {
        const auto ca = Authority::make("fuzz", 0, 1'000'000'000'000).value();
        const auto request = makeRequest(key.view(), "fuzz").value();
        cert = ca.issueRecipient(request, "fuzz", 0, 1'000'000'000'000).value();
    }
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Recipient kHub;
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0] % 4) {
    case 0:
        encodings(bytes);
        break;
    case 1:
        (void) readCertificateDer(bytes);
        break;
    case 2:
        (void) publicKeyFingerprint(bytes);
        break;
    default: // nobody but seal() with that key makes what opens
        if (openSealed(kHub.key.view(), kHub.cert, bytes)) std::abort();
    }
    return 0;
}
