// rooms: sync-protocol
// What a kiosk and head office read of each other, from a stranger: nothing is read otherwise than
// it was written, nothing is believed that was not signed.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "plugin/base/Random.h"
#include "sync/protocol/Ballot.h"

using namespace souffleur;

namespace {

void must(bool holds) {
    if (!holds) std::abort();
}

void content(std::string_view bytes) {
    const auto read = protocol::decodeContent(bytes);
    if (!read) return;
    const auto again = protocol::encodeContent(*read);
    if (!again) return; // base64 anew may be longer than it may be
    must(protocol::decodeContent(again->view()).value() == *read);
}

void batch(std::string_view bytes, const crypto::PublicKey& key) {
    const auto read = protocol::decodeSealedBatch(bytes);
    if (!read) return;
    must(read->items.size() <= protocol::kSealedItemsMax);
    for (const protocol::SealedItem& item : read->items) {
        must(item.sealed.size() <= protocol::kSealedItemMaxBytes);
        must(!protocol::checkItem(item, OriginId{}, key));
    }
    must(protocol::decodeSealedBatch(protocol::encodeSealedBatch(*read)).value() == *read);
}

void small(std::string_view bytes, const crypto::PublicKey& key) {
    if (const auto answer = protocol::decodeSealedAnswer(bytes))
        must(protocol::decodeSealedAnswer(protocol::encodeSealedAnswer(*answer)).value() ==
             *answer);
    if (const auto intake = protocol::decodeIntake(bytes)) {
        must(!protocol::checkIntake(*intake, key));
        must(protocol::decodeIntake(protocol::encodeIntake(*intake)).value() == *intake);
    }
}

void ballots(std::string_view bytes, const crypto::PublicKey& key) {
    if (const auto read = protocol::decodeBallot(bytes)) {
        const auto again = protocol::encodeBallot(*read);
        must(again.has_value() && again->view().size() == protocol::kBallotPlainBytes);
        must(protocol::decodeBallot(again->view()).value() == *read);
    }
    if (const auto read = protocol::decodeBallots(bytes)) {
        for (const protocol::SealedBallot& one : *read)
            must(!protocol::checkBallot(one, OriginId{}, key));
        must(protocol::decodeBallots(protocol::encodeBallots(*read)).value() == *read);
    }
    if (const auto answer = protocol::decodeBallotsAnswer(bytes))
        must(protocol::decodeBallotsAnswer(protocol::encodeBallotsAnswer(*answer)).value() ==
             *answer);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static SeededRandom random(1);
    static const crypto::SigningKey kKey = crypto::SigningKey::generate(random);
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0] % 4) {
    case 0:
        content(bytes);
        break;
    case 1:
        batch(bytes, kKey.publicKey());
        break;
    case 2:
        ballots(bytes, kKey.publicKey());
        break;
    default:
        small(bytes, kKey.publicKey());
    }
    return 0;
}
