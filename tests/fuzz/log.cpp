// rooms: sync-protocol
// What head office says of its log, and a proof's place in it, from a stranger: nothing is believed
// that was not signed, and no proof leads to another head than the tree's.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "plugin/base/Random.h"
#include "sync/protocol/Log.h"
#include "sync/protocol/Proof.h"

using namespace souffleur;

namespace {

crypto::TreePath pathOf(std::string_view bytes) {
    crypto::TreePath path(std::min<std::size_t>(bytes.size() / 32, crypto::kTreePathMax + 2));
    for (crypto::Hash& hash : path) {
        std::copy_n(bytes.begin(), hash.size(), hash.begin());
        bytes.remove_prefix(hash.size());
    }
    return path;
}

/// No path from a stranger leads from the leaf to a head of our choosing.
void proofs(std::string_view bytes) {
    if (bytes.size() < 4) return;
    const auto number = [&](std::size_t at) {
        return std::uint64_t{1} << (static_cast<unsigned char>(bytes[at]) % 64U);
    };
    const std::uint64_t size = number(0) + static_cast<unsigned char>(bytes[1]);
    const std::uint64_t index = number(2) - 1 + static_cast<unsigned char>(bytes[3]);
    const crypto::TreePath path = pathOf(bytes.substr(4));
    const crypto::Hash leaf = crypto::sha256("leaf");
    const crypto::Hash head = crypto::sha256("a head that nobody can lead to");
    if (crypto::checkInclusion(leaf, index, size, path, head)) std::abort();
    if (crypto::headFromInclusion(leaf, index, size, path) && index >= size) std::abort();
    if (crypto::checkConsistency(index, leaf, size, head, path)) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static SeededRandom random(1);
    static const crypto::SigningKey kKey = crypto::SigningKey::generate(random);
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0] % 4) {
    case 0:
        if (const auto answer = protocol::decodeLogAnswer(bytes)) {
            if (protocol::decodeLogAnswer(protocol::encodeLogAnswer(*answer)).value() != *answer)
                std::abort();
            if (protocol::judgeLog(nullptr, *answer, kKey.publicKey()) !=
                protocol::LogFault::unsound)
                std::abort();
        }
        break;
    case 1:
        if (const auto sizes = protocol::parseSizes(bytes)) {
            if (protocol::parseSizes(protocol::sizesText(*sizes)).value() != *sizes) std::abort();
        }
        break;
    case 2:
        if (const auto report = protocol::checkProof(bytes, kKey.publicKey()); report) {
            if (report->sound()) std::abort(); // nobody signed it
        }
        break;
    default:
        proofs(bytes);
    }
    return 0;
}
