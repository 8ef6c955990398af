#include "plugin/slip/Receipt.h"

#include <algorithm>
#include <variant>

#include "plugin/crypto/Chain.h"
#include "plugin/crypto/Encoding.h"
#include "plugin/policy/Wordings.h"
#include "plugin/slip/ReceiptParts.h"
#include "plugin/wire/Header.h"
#include "plugin/wire/Json.h"
#include "plugin/wire/JsonWriter.h"

namespace souffleur::slip {
namespace {

using wire::Json;

constexpr std::string_view kDomain = "souffleur-receipt-1\n";
constexpr wire::JsonLimits kLimits{.maxBytes = kReceiptMaxBytes, .maxDepth = 16};

/// What is signed: the domain, then the receipt as compact JSON in the order of its text, so that
/// white space and escapes do not matter.
std::string signedBytes(const Json& receipt) {
    return std::string(kDomain) + receipt.text();
}

std::string commitmentOf(std::string_view payload) {
    return crypto::toHex(crypto::bytesOf(crypto::sha256(payload)));
}

Result<std::vector<const consent::Notice*>> wordingsFor(const consent::Act& act,
                                                        const ReceiptInput& input) {
    auto known = policy::wordingsOf(*input.policy);
    for (const consent::Notice& older : input.olderWordings) {
        known.push_back(&older);
    }
    std::vector<const consent::Notice*> found;
    for (const consent::ChoiceItem& item : act.choices) {
        if (item.notice.id.empty()) {
            continue;
        }
        const auto at = std::find_if(known.begin(), known.end(), [&](const consent::Notice* one) {
            return one->ref == item.notice && policy::wordingHash(*one) == item.notice.sha256;
        });
        if (at == known.end()) {
            return fail(Code::invalid,
                        "the wording that the answer names is not on hand; pass the frozen one",
                        policy::wordingKey(item.notice));
        }
        if (std::find(found.begin(), found.end(), *at) == found.end()) {
            found.push_back(*at);
        }
    }
    return found;
}

struct Check {
    ReceiptReport report;

    void expect(bool& flag, bool good, const char* problem) {
        flag = good;
        if (!good) {
            report.problems.emplace_back(problem);
        }
    }
};

/// Base64 at a member; empty when it is absent or malformed.
std::string bytesAt(const Json& proof, std::string_view key) {
    const auto member = proof.find(key);
    const auto text = member ? member->asString(kReceiptMaxBytes)
                             : Result<std::string_view>(fail(Code::invalid, ""));
    if (!text) {
        return {};
    }
    return crypto::fromBase64(*text).value_or(std::string{});
}

std::string textAt(const std::optional<Json>& object, std::string_view key) {
    const auto member = object ? object->find(key) : std::nullopt;
    const auto text = member ? member->asString(kReceiptMaxBytes)
                             : Result<std::string_view>(fail(Code::invalid, ""));
    return text ? std::string(*text) : std::string{};
}

bool signatureGood(const Json& root, const Json& receipt, const crypto::PublicKey& key) {
    const auto signature = crypto::parseSignature(textAt(root.find("signature"), "value"));
    return textAt(root.find("signature"), "alg") == "Ed25519" && signature &&
           crypto::verify(key, signedBytes(receipt), *signature);
}

bool sameText(const std::optional<Json>& found, const std::string& expected) {
    const auto parsed = Json::parse(expected, kLimits);
    return found && parsed && found->text() == parsed->text();
}

/// Every wording in the receipt hashes to what it claims, and every one the header names is there.
bool wordingsGood(const Json& receipt, const consent::Act& act) {
    const auto list = receipt.find("wordings");
    const auto items = list ? list->items(limits::kChoicesMax)
                            : Result<std::vector<Json>>(fail(Code::invalid, ""));
    if (!items) {
        return false;
    }
    std::vector<std::string> proven;
    for (const Json& item : *items) {
        consent::Notice notice;
        notice.label = textAt(item, "label");
        notice.detail = textAt(item, "detail");
        notice.line = textAt(item, "line");
        notice.text = textAt(item, "text");
        const std::string hash = policy::wordingHash(notice);
        if (hash != textAt(item, "sha256")) {
            return false;
        }
        proven.push_back(textAt(item, "notice") + "#" + hash);
    }
    return std::all_of(act.choices.begin(), act.choices.end(), [&](const auto& choice) {
        const std::string wanted = policy::wordingKey(choice.notice) + "#" + choice.notice.sha256;
        return choice.notice.id.empty() ||
               std::find(proven.begin(), proven.end(), wanted) != proven.end();
    });
}

} // namespace

Result<std::string> makeReceipt(const ReceiptInput& input, const crypto::SigningKey& key) {
    const auto header = wire::decodeHeader(input.header);
    if (!header) {
        return passOn(header);
    }
    const auto* act = std::get_if<consent::Act>(&header->event.body);
    if (act == nullptr || input.policy == nullptr) {
        return fail(Code::invalid,
                    "only an answer has a receipt; pass the header of an act and "
                    "the policy",
                    "receipt");
    }
    if (input.payload && commitmentOf(*input.payload) != header->commitment) {
        return fail(Code::invalid,
                    "the personal data are not what the event commits to; take them from the same "
                    "event",
                    "receipt");
    }
    auto wordings = wordingsFor(*act, input);
    if (!wordings) {
        return passOn(wordings);
    }
    wire::JsonWriter out;
    writeReceiptBody(out, input, *header, *wordings, key.publicKey());
    const auto body = Json::parse(out.text(), kLimits);
    if (!body) {
        return passOn(body);
    }
    const std::string signature = crypto::signatureText(key.sign(signedBytes(*body)));
    wire::JsonWriter whole;
    whole.beginObject().key("receipt").raw(body->text());
    whole.key("signature").beginObject().field("alg", "Ed25519");
    whole.field("key", crypto::publicKeyText(key.publicKey())).field("value", signature);
    whole.endObject().endObject();
    std::string text = whole.take();
    if (text.size() > kReceiptMaxBytes) {
        return fail(Code::tooLarge, "the receipt is larger than 256 KiB", "receipt");
    }
    return text;
}

Result<ReceiptReport> verifyReceipt(std::string_view json, const crypto::PublicKey& key,
                                    std::optional<std::string_view> payload) {
    const auto root = Json::parse(json, kLimits);
    if (!root) {
        return passOn(root);
    }
    const auto receipt = root->at("receipt");
    if (!receipt) {
        return passOn(receipt);
    }
    const auto proof = receipt->at("proof");
    if (!proof) {
        return passOn(proof);
    }
    if (textAt(*receipt, "format") != kReceiptFormat) {
        return fail(Code::unsupported,
                    "the receipt is of another format than souffleur-receipt-1; check it with a "
                    "newer version",
                    "/receipt/format");
    }
    Check check;
    ReceiptReport& report = check.report;
    check.expect(report.signatureOk, signatureGood(*root, *receipt, key),
                 "The signature is not by this key over these words.");
    const std::string keyText = crypto::publicKeyText(key);
    check.expect(report.keyMatches,
                 textAt(root->find("signature"), "key") == keyText &&
                     textAt(*receipt, "publicKey") == keyText,
                 "The receipt names another key than it was checked with.");
    const std::string headerBytes = bytesAt(*proof, "header");
    const auto header = wire::decodeHeader(headerBytes);
    const auto* act = header ? std::get_if<consent::Act>(&header->event.body) : nullptr;
    check.expect(report.headerHashOk,
                 act != nullptr && textAt(*proof, "leaf") == crypto::toHex(crypto::bytesOf(
                                                                 crypto::leafHash(headerBytes))),
                 "The event header is damaged or is not the one whose hash stands beside it.");
    report.receiptId = textAt(*receipt, "consentReceiptID");
    report.chainHead = textAt(*proof, "chainHead");
    if (const auto position = proof->find("position")) {
        report.position = position->asUint().value_or(0);
    }
    if (act == nullptr) {
        return std::move(report);
    }
    report.event = header->event.id;
    report.subject = header->event.subject;
    report.act = *act;
    report.at = header->event.at;
    report.unc = header->event.unc;
    check.expect(report.fieldsMatchHeader,
                 sameText(receipt->find("act"), actJson(*header)) &&
                     sameText(receipt->find("events"), eventsJson(*header)) &&
                     textAt(*receipt, "piiPrincipalId") == header->event.subject.text() &&
                     report.receiptId == receiptIdOf(headerBytes) &&
                     textAt(*proof, "commitment") == header->commitment,
                 "The receipt says something else than the event header.");
    check.expect(report.wordingsOk, wordingsGood(*receipt, *act),
                 "A wording is missing or its text is not the one that was used.");
    const std::string own = bytesAt(*proof, "payload");
    report.hasPayload = payload.has_value() || proof->find("payload").has_value();
    if (report.hasPayload) {
        const bool ownGood = !proof->find("payload") || commitmentOf(own) == header->commitment;
        const bool givenGood = !payload || commitmentOf(*payload) == header->commitment;
        check.expect(report.commitmentOk, ownGood && givenGood,
                     "The personal data are not what the event committed to.");
    }
    return std::move(report);
}

} // namespace souffleur::slip
