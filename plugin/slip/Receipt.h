// A consent receipt: the proof of an act as signed JSON (Kantara Consent Receipt 1.1 fields beside
// ISO/IEC TS 27560 names). Format and signature: plugin/doc/adr/0002-consent-receipt.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/base/Result.h"
#include "plugin/consent/Event.h"
#include "plugin/consent/Policy.h"
#include "plugin/crypto/SigningKey.h"
#include "plugin/wire/Payload.h"

namespace souffleur::slip {

inline constexpr std::size_t kReceiptMaxBytes = 256 * 1024;

/// What a receipt is made of. All borrowed for the call.
struct ReceiptInput {
    std::string_view header;    ///< the event's header bytes, verbatim
    std::uint64_t position = 0; ///< in the origin's chain, from 1; 0 = not placed
    std::string_view chainHead; ///< the origin's head after this event, hex; may be empty
    const consent::Policy* policy = nullptr; ///< the controller, and wordings of the pack in force
    /// Wordings that are no longer in `policy` (older versions), as the ledger froze them.
    std::vector<consent::Notice> olderWordings;
    std::string language = "en"; ///< of the receipt's own words
    TimeMs issuedAt = 0;         ///< when the receipt is made, UTC ms
    /// Personal data only when the person (or a legal duty) asks: the payload bytes, which are then
    /// embedded with the salt. Absent = the redacted variant.
    std::optional<std::string_view> payload;
};

/// Deterministic: the same input gives the same bytes. Errors: invalid (no act, header that does
/// not decode, payload that is not the one committed to, a wording that is not on hand), tooLarge.
Result<std::string> makeReceipt(const ReceiptInput& input, const crypto::SigningKey& key);

/// What verification found. `sound()` only when every check that could be made was passed.
struct ReceiptReport {
    bool signatureOk = false;
    bool keyMatches = false; ///< the receipt names the key it was checked with
    bool headerHashOk = false;
    bool fieldsMatchHeader = false; ///< choices, times and ids say what the header says
    bool wordingsOk = false;        ///< every wording's hash is that of its text in the receipt
    bool hasPayload = false;
    bool commitmentOk = false; ///< meaningful when hasPayload
    std::string receiptId;
    EventId event;
    SubjectId subject;
    consent::Act act; ///< as the header says it; empty where the header is damaged
    std::uint64_t position = 0;
    std::string chainHead;
    TimeMs at = 0;
    TimeMs unc = 0;                    ///< of `at`, as the device stated it, ms
    std::vector<std::string> problems; ///< one sentence each, no personal data

    [[nodiscard]] bool sound() const {
        return signatureOk && keyMatches && headerHashOk && fieldsMatchHeader && wordingsOk &&
               (!hasPayload || commitmentOk);
    }
};

/// `payload`: checked against the commitment when the receipt itself is redacted. Never throws on
/// any bytes. Errors: invalid (not a receipt at all), tooLarge, unsupported (a later version);
/// everything else is in the report.
Result<ReceiptReport> verifyReceipt(std::string_view json, const crypto::PublicKey& key,
                                    std::optional<std::string_view> payload = std::nullopt);

} // namespace souffleur::slip
