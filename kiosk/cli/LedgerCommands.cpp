#include <cstdio>
#include <fstream>

#include "kiosk/cli/ActWords.h"
#include "kiosk/cli/Commands.h"
#include "plugin/crypto/Encoding.h"
#include "plugin/ledger/Ledger.h"
#include "plugin/ledger/Replay.h"
#include "plugin/slip/Receipt.h"
#include "plugin/wire/JsonWriter.h"
#include "sync/agent/LeaseWatch.h"
#include "sync/agent/LogRecord.h"

namespace souffleur::cli {

Result<std::unique_ptr<ledger::Ledger>> openLedger(const Context& context) {
    const auto device = protocol::Device::load(context.data);
    if (!device) return passOn(device);
    const auto welcome = device->welcome();
    if (!welcome) return passOn(welcome);
    auto policy = terminal::policyFrom(*welcome);
    if (!policy) return passOn(policy);
    return ledger::Ledger::open(
        terminal::ledgerOptions(*device, *welcome, **policy, context.clock.now().at), context.clock,
        context.random);
}

namespace {

Result<std::string> readFile(const std::filesystem::path& path, std::size_t maxBytes) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return fail(Code::notFound, "the file cannot be read", path.filename());
    std::string text(maxBytes + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() > maxBytes)
        return fail(Code::tooLarge, "the file is over its limit", path.filename());
    return text;
}

Result<crypto::PublicKey> readKey(const std::filesystem::path& file) {
    auto text = readFile(file, 1024);
    if (!text) return passOn(text);
    while (!text->empty() && (text->back() == '\n' || text->back() == '\r')) text->pop_back();
    return crypto::parsePublicKey(*text);
}

bool printLine(std::string_view line) {
    return std::fwrite(line.data(), 1, line.size(), stdout) == line.size() &&
           std::fputc('\n', stdout) != EOF;
}

} // namespace

int ledgerVerify(const Context& context) {
    auto ledger = openLedger(context);
    if (!ledger) return failed(ledger.error());
    const auto report = (*ledger)->verify();
    if (!report) return failed(report.error());
    (void) std::printf(
        "ok: %llu events, %llu commitments, %llu bytes hashed; head %s; projections %s\n",
        static_cast<unsigned long long>(report->events),
        static_cast<unsigned long long>(report->commitments),
        static_cast<unsigned long long>(report->bytes),
        crypto::toHex(crypto::bytesOf(report->head)).c_str(),
        crypto::toHex(crypto::bytesOf(report->projections)).c_str());
    return 0;
}

int ledgerStats(const Context& context) {
    auto ledger = openLedger(context);
    if (!ledger) return failed(ledger.error());
    const auto stats = (*ledger)->stats();
    if (!stats) return failed(stats.error());
    wire::JsonWriter out;
    out.beginObject().field("events", stats->events).field("ownEvents", stats->ownEvents);
    out.field("pending", stats->pending)
        .field("subjects", stats->subjects)
        .field("persons", stats->persons);
    out.field("quarantined", stats->quarantined).field("fileBytes", stats->fileBytes);
    out.field("oldestPendingAt", stats->oldestPendingAt).endObject();
    (void) printLine(out.take());
    return 0;
}

int ledgerLog(const Context& context, bool accept) {
    auto ledger = openLedger(context);
    if (!ledger) return failed(ledger.error());
    const auto record = agent::loadLogRecord(**ledger);
    if (!record) return failed(record.error());
    if (accept && !record->alarm)
        return failed({Code::conflict, "there is no alarm to accept: nothing was changed", ""});
    if (!printLine(agent::encodeLogRecord(*record)))
        return failed({Code::storage, "the evidence could not be written: nothing was changed",
                       "standard output"});
    if (!record->alarm) return 0;
    if (accept) {
        agent::LogRecord fresh;
        fresh.over = true;
        if (auto saved = agent::saveLogRecord(**ledger, fresh); !saved)
            return failed(saved.error());
        if (auto told =
                (*ledger)->audit("system", "log.accepted", protocol::name(record->alarm->fault));
            !told)
            return failed(told.error());
        (void) std::fputs("souffleur: accepted; keep what was printed, the till has it no more\n",
                          stderr);
        return 0;
    }
    return failed({Code::conflict,
                   "head office's log is not the one that this till saw, or was shown no more: a "
                   "backup was put back there, or answers were changed or taken out. Once it is "
                   "known why, `ledger log --accept` follows the log of now",
                   std::string(protocol::name(record->alarm->fault))});
}

int ledgerExport(const Context& context, bool personal) {
    auto ledger = openLedger(context);
    if (!ledger) return failed(ledger.error());
    if (personal && !agent::leaseStands(**ledger, context.clock)) {
        return failed({Code::refused,
                       "without a lease from head office the personal data that this till holds is "
                       "not given out; without --personal the proof is",
                       ""});
    }
    bool written = true;
    const auto done = (*ledger)->exportNdjson(personal, [&](std::string_view line) {
        written = printLine(line);
        return written;
    });
    if (!done) return failed(done.error());
    if (!written)
        return failed({Code::storage, "the export could not be written whole", "standard output"});
    return 0;
}

int ledgerReplay(const Context& context, const std::filesystem::path& file, bool lenient) {
    std::ifstream in(file, std::ios::binary);
    if (!in) return failed({Code::notFound, "the file cannot be read", file.filename()});
    const auto report = ledger::replay(in, {}, context.clock.now().at, lenient,
                                       [](const std::string& line) { (void) printLine(line); });
    if (!report) return failed(report.error());
    (void) std::fprintf(stderr, "souffleur: %zu lines, %zu events, %zu subjects, %zu unreadable\n",
                        report->lines, report->events, report->subjects, report->unreadable);
    return 0;
}

int receiptVerify(const std::filesystem::path& receipt, const std::filesystem::path& publicKey,
                  const std::filesystem::path& payload) {
    const auto json = readFile(receipt, slip::kReceiptMaxBytes);
    if (!json) return failed(json.error());
    // What `souffleur-hub ledger prove` and the console write is head office's.
    if (json->find("\"souffleur-proof-1\"") != std::string::npos)
        return proofVerify(receipt, publicKey, payload);
    const auto key = readKey(publicKey);
    if (!key) return failed(key.error());
    std::optional<std::string> payloadBytes;
    if (!payload.empty()) {
        auto read = readFile(payload, limits::kEventMaxBytes);
        if (!read) return failed(read.error());
        payloadBytes = std::move(*read);
    }
    const auto report = slip::verifyReceipt(
        *json, *key, payloadBytes ? std::optional<std::string_view>(*payloadBytes) : std::nullopt);
    if (!report) return failed(report.error());
    for (const std::string& problem : report->problems)
        (void) std::fprintf(stderr, "souffleur: %s\n", problem.c_str());
    if (!report->sound())
        return failed({Code::corrupt, "this receipt does not hold", receipt.filename()});
    (void) std::printf("ok: act %s of %s, subject %s\n", report->event.text().c_str(),
                       formatTime(report->at).c_str(), report->subject.text().c_str());
    printAct(report->act);
    (void) std::printf(
        "\nproved: whoever holds the key given, the till or head office, wrote this down, %s; the "
        "wordings in it are those that were used.\n",
        report->position == 0
            ? "before it had a place in the till's record"
            : ("as number " + std::to_string(report->position) + " of the till's record").c_str());
    (void) std::printf(report->hasPayload
                           ? "proved: the personal data given is what the act committed to.\n"
                           : "not checked: whose personal data it commits to (--payload).\n");
    printNotProved(report->unc);
    return 0;
}

int printKey(const Context& context) {
    const auto device = protocol::Device::load(context.data);
    if (!device) return failed(device.error());
    const auto key = device->signingKey();
    if (!key) return failed(key.error());
    (void) printLine(crypto::publicKeyText(key->publicKey()));
    return 0;
}

} // namespace souffleur::cli
