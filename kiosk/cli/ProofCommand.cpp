// `souffleur proof verify`: what somebody without access to the house can check, in plain words.
#include <cstdio>
#include <fstream>

#include "kiosk/cli/ActWords.h"
#include "kiosk/cli/Commands.h"
#include "plugin/crypto/Encoding.h"
#include "sync/protocol/Proof.h"

namespace souffleur::cli {
namespace {

Result<std::string> readFile(const std::filesystem::path& path, std::size_t maxBytes) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return fail(Code::notFound, "the file cannot be read", path.string());
    std::string text(maxBytes + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() > maxBytes)
        return fail(Code::tooLarge, "the file is over its limit", path.string());
    return text;
}

void printWorth(const protocol::ProofReport& report) {
    (void) std::printf("\nproved: head office (the key given) holds these very bytes, from %s "
                       "(%s) since %s, at shard %llu, position %llu.\n",
                       report.proof.originName.c_str(), report.proof.origin.text().c_str(),
                       formatTime(report.proof.receivedAt).c_str(),
                       static_cast<unsigned long long>(report.proof.shard),
                       static_cast<unsigned long long>(report.proof.position));
    if (const auto& held = report.proof.inclusion) {
        (void) std::printf("proved: it is one of the %llu events of the log (%s) that head office "
                           "signed at %s; root %s.\n",
                           static_cast<unsigned long long>(held->head.size),
                           held->head.log.text().c_str(), formatTime(held->head.at).c_str(),
                           crypto::toHex(crypto::bytesOf(held->head.root)).c_str());
    } else {
        (void) std::printf("not checked: whether the log holds it (`souffleur-hub ledger prove` "
                           "writes that down too).\n");
    }
    if (report.hasPayload) {
        (void) std::printf("proved: the personal data given is what the event committed to.\n");
    } else if (!report.commitment.empty()) {
        (void) std::printf("not checked: whose personal data it commits to (--payload; commitment "
                           "%s).\n",
                           report.commitment.c_str());
    }
    printNotProved(report.act.unc);
    (void) std::printf("whether it all still adds up: `souffleur-hub ledger verify`.\n");
}

} // namespace

int proofVerify(const std::filesystem::path& proof, const std::filesystem::path& publicKey,
                const std::filesystem::path& payload) {
    const auto json = readFile(proof, protocol::kProofMaxBytes);
    if (!json) return failed(json.error());
    auto keyText = readFile(publicKey, 1024);
    if (!keyText) return failed(keyText.error());
    while (!keyText->empty() && (keyText->back() == '\n' || keyText->back() == '\r'))
        keyText->pop_back();
    const auto key = crypto::parsePublicKey(*keyText);
    if (!key) return failed(key.error());
    std::string bytes;
    if (!payload.empty()) {
        auto read = readFile(payload, limits::kEventMaxBytes);
        if (!read) return failed(read.error());
        bytes = std::move(*read);
        if (bytes.empty()) return failed({Code::invalid, "the file is empty", payload.string()});
    }
    const auto report = protocol::checkProof(*json, *key, bytes);
    if (!report) return failed(report.error());
    for (const std::string& problem : report->problems)
        (void) std::fprintf(stderr, "souffleur: %s\n", problem.c_str());
    if (!report->sound())
        return failed({Code::corrupt, "this proof does not hold", proof.string()});
    (void) std::printf("ok: %s %s of %s, subject %s\n", report->proof.kind.c_str(),
                       report->act.id.text().c_str(), formatTime(report->act.at).c_str(),
                       report->act.subject.text().c_str());
    if (const auto* act = std::get_if<consent::Act>(&report->act.body)) printAct(*act);
    printWorth(*report);
    return 0;
}

} // namespace souffleur::cli
