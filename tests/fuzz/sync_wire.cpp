// rooms: sync-protocol
// What a device and head office read of each other, from a stranger: nothing is read otherwise than
// it was written, and nothing is believed that was not signed.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "plugin/base/Limits.h"
#include "plugin/base/Random.h"
#include "sync/protocol/Batch.h"
#include "sync/protocol/Enrolment.h"
#include "sync/protocol/Pull.h"

using namespace souffleur;

namespace {

void must(bool holds) {
    if (!holds) std::abort();
}

void batch(std::string_view bytes, const crypto::PublicKey& key) {
    const auto read = protocol::decodeBatch(bytes);
    if (!read) return;
    must(!read->events.empty() && read->events.size() <= limits::kBatchMaxEvents);
    must(!protocol::checkBatch(*read, key)); // nobody signed it
    const std::string again = protocol::encodeBatch(*read);
    if (again.size() <= limits::kBatchMaxBytes) must(protocol::decodeBatch(again).value() == *read);
}

void page(std::string_view bytes) {
    const auto read = protocol::decodePage(bytes);
    if (!read) return;
    const auto again = protocol::decodePage(protocol::encodePage(*read));
    must(again && again->events == read->events && again->cursor == read->cursor);
}

void small(std::string_view bytes) {
    (void) protocol::decodeAnswer(bytes);
    (void) protocol::acceptsZstd(bytes);
    if (const auto held = protocol::parseHeld(bytes))
        must(protocol::parseHeld(protocol::heldText(*held)).value() == *held);
    if (const auto request = protocol::decodeEnrolRequest(bytes))
        must(protocol::decodeEnrolRequest(protocol::encodeEnrolRequest(*request)).value() ==
             *request);
    if (const auto renewal = protocol::decodeRenewal(bytes))
        must(protocol::decodeRenewal(protocol::encodeRenewal(*renewal)).value() == *renewal);
    if (const auto invitation = protocol::decodeInvitation(bytes))
        must(protocol::decodeInvitation(protocol::encodeInvitation(*invitation)).value() ==
             *invitation);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static SeededRandom random(1);
    static const crypto::SigningKey kKey = crypto::SigningKey::generate(random);
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    constexpr std::size_t kUnpacked = 64 * 1024;
    switch (data[0] % 4) {
    case 0:
        batch(bytes, kKey.publicKey());
        break;
    case 1:
        page(bytes);
        break;
    case 2:
        if (const auto plain = protocol::decompress(bytes, kUnpacked)) {
            must(plain->size() <= kUnpacked);
            must(protocol::decompress(protocol::compress(*plain), kUnpacked).value() == *plain);
        }
        break;
    default:
        small(bytes);
    }
    return 0;
}
