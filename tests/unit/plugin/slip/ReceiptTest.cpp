#include "plugin/slip/Receipt.h"

#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "Paths.h"
#include "plugin/crypto/Encoding.h"
#include "plugin/wire/Json.h"
#include "tests/support/Property.h"
#include "tests/unit/plugin/slip/Sample.h"

using namespace souffleur;
using namespace souffleur::slip;

namespace {

struct Made {
    consent::Policy policy = test::samplePolicy();
    crypto::SigningKey key;
    std::string payload;
    std::string header;
    ReceiptInput input;

    Made() : key(makeKey()) {
        wire::PersonData person;
        person.displayName = "Anna Vermeer-Puig";
        payload = *wire::encodePayload(wire::Salt{1, 2, 3}, person);
        const auto commitment =
            crypto::toHex(crypto::bytesOf(crypto::sha256(std::string_view(payload))));
        header = *wire::encodeHeader(test::sampleEvent(policy, "nl"), commitment);
        input.header = header;
        input.position = 12;
        static const std::string kHead(64, 'a');
        input.chainHead = kHead;
        input.policy = &policy;
        input.language = "nl";
        input.issuedAt = 1795376520000;
    }
    Made(const Made&) = delete;
    Made& operator=(const Made&) = delete;

    static crypto::SigningKey makeKey() {
        SeededRandom random(11);
        return crypto::SigningKey::generate(random);
    }
    [[nodiscard]] std::string receipt() const {
        const auto made = makeReceipt(input, key);
        if (!made) {
            FAIL(made.error().text());
        }
        return *made;
    }
    [[nodiscard]] ReceiptReport verify(std::string_view json) const {
        const auto report = verifyReceipt(json, key.publicKey());
        if (!report) {
            FAIL(report.error().text());
        }
        return *report;
    }
};

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

} // namespace

TEST_CASE("a receipt verifies, says what the event says and holds nothing personal") {
    const Made made;
    const std::string json = made.receipt();
    const auto report = made.verify(json);
    CAPTURE(json);
    CHECK(report.problems.empty());
    CHECK(report.sound());
    CHECK(report.position == 12);
    CHECK(report.at == 1795376460000);
    const consent::Event sample = test::sampleEvent(made.policy, "nl");
    CHECK(report.act == std::get<consent::Act>(sample.body));
    CHECK(report.subject == sample.subject);
    CHECK(!report.hasPayload);
    CHECK(json.find("Vermeer") == std::string::npos);
    CHECK(json.find(crypto::toBase64(made.payload)) == std::string::npos);
    CHECK(json == made.receipt());
    const auto root = wire::Json::parse(json, {.maxBytes = kReceiptMaxBytes});
    REQUIRE(root);
    const auto receipt = root->at("receipt");
    REQUIRE(receipt);
    for (const char* field : {"version",
                              "jurisdiction",
                              "consentTimestamp",
                              "collectionMethod",
                              "consentReceiptID",
                              "publicKey",
                              "language",
                              "piiPrincipalId",
                              "piiControllers",
                              "policyUrl",
                              "services",
                              "sensitive",
                              "spiCat",
                              "schema_version",
                              "record_id",
                              "pii_principal_id",
                              "receipt_id",
                              "pii_processing",
                              "party_identification",
                              "events"}) {
        CAPTURE(field);
        CHECK(receipt->find(field).has_value());
    }
    CHECK(json.find("dpv:ConsentRefused") != std::string::npos);
    CHECK(json.find("dpv:ConsentRequestDeferred") != std::string::npos);
    CHECK(json.find("\"thirdPartyName\":\"Museum Zuid\"") != std::string::npos);
}

TEST_CASE("the receipt is as frozen") {
    const auto path = std::filesystem::path(kSourceDir) / "tests/golden/consent-slips/receipt.json";
    const Made made;
    const std::string now = made.receipt() + "\n";
    if (const char* mode = std::getenv("SOUFFLEUR_GOLDEN");
        mode != nullptr && std::string_view(mode) == "write") {
        std::ofstream(path, std::ios::binary) << now;
    }
    std::ifstream in(path, std::ios::binary);
    CHECK(std::string((std::istreambuf_iterator<char>(in)), {}) == now);
}

TEST_CASE("white space does not matter, words do") {
    const Made made;
    const std::string json = made.receipt();
    CHECK(made.verify(replaced(json, "{\"receipt\":{", "{ \"receipt\" :\n  { ")).sound());
    CHECK(!made.verify(replaced(json, "\"till-2\"", "\"till-3\"")).signatureOk);
}

TEST_CASE("each kind of damage is named, even when the forger signs again") {
    const Made made;
    const std::string json = made.receipt();
    const auto resigned = [&](std::string_view from, std::string_view to) {
        const auto root = wire::Json::parse(json, {.maxBytes = kReceiptMaxBytes});
        const auto body = wire::Json::parse(replaced(root->at("receipt")->text(), from, to),
                                            {.maxBytes = kReceiptMaxBytes});
        REQUIRE(body);
        const auto signature =
            crypto::signatureText(made.key.sign("souffleur-receipt-1\n" + body->text()));
        return made.verify(
            "{\"receipt\":" + body->text() + ",\"signature\":{\"alg\":\"Ed25519\",\"key\":\"" +
            crypto::publicKeyText(made.key.publicKey()) + "\",\"value\":\"" + signature + "\"}}");
    };
    CHECK(resigned("\"till-2\"", "\"till-2\"").sound());
    const auto place = resigned("\"till-2\"", "\"till-3\"");
    CHECK(place.signatureOk);
    CHECK(!place.fieldsMatchHeader);
    CHECK(!resigned("\"refused\"", "\"given\"").fieldsMatchHeader);
    CHECK(!resigned("dpv:ConsentRefused", "dpv:ConsentGiven").fieldsMatchHeader);
    CHECK(!resigned("\"label\":\"Nieuwsbrief\"", "\"label\":\"Alles\"").wordingsOk);
    CHECK(!resigned("\"leaf\":\"", "\"leaf\":\"0").headerHashOk);
    CHECK(!resigned("\"header\":\"", "\"header\":\"AAAA").headerHashOk);
    CHECK(!resigned("\"publicKey\":\"", "\"publicKey\":\"0").keyMatches);

    SeededRandom random(99);
    const auto other = crypto::SigningKey::generate(random);
    const auto report = verifyReceipt(json, other.publicKey());
    REQUIRE(report);
    CHECK(!report->signatureOk);
    CHECK(!report->keyMatches);
    CHECK(!report->sound());
    CHECK(report->problems.size() == 2);
}

TEST_CASE("the personal part goes in on request only and is checked against the commitment") {
    Made made;
    const std::string redacted = made.receipt();
    const auto good = verifyReceipt(redacted, made.key.publicKey(), made.payload);
    REQUIRE(good);
    CHECK(good->hasPayload);
    CHECK(good->commitmentOk);
    CHECK(good->sound());
    const auto bad = verifyReceipt(redacted, made.key.publicKey(), "another");
    CHECK(!bad->commitmentOk);
    CHECK(!bad->sound());

    made.input.payload = made.payload;
    const auto full = made.verify(made.receipt());
    CHECK(full.hasPayload);
    CHECK(full.sound());
    made.input.payload = "another";
    CHECK(makeReceipt(made.input, made.key).error().code == Code::invalid);
}

TEST_CASE("an older wording comes from the frozen ones") {
    Made made;
    const consent::Policy before = made.policy;
    for (auto& purpose : made.policy.purposes) {
        purpose.notices.clear();
    }
    CHECK(makeReceipt(made.input, made.key).error().code == Code::invalid);
    for (const auto* wording : policy::wordingsOf(before)) {
        made.input.olderWordings.push_back(*wording);
    }
    CHECK(made.verify(made.receipt()).sound());
}

TEST_CASE("what is no receipt is refused") {
    const Made made;
    const auto key = made.key.publicKey();
    CHECK(verifyReceipt("", key).error().code == Code::invalid);
    CHECK(verifyReceipt("[]", key).error().code == Code::invalid);
    CHECK(verifyReceipt("{\"receipt\":{}}", key).error().code == Code::invalid);
    CHECK(verifyReceipt("{\"receipt\":{\"format\":\"souffleur-receipt-9\",\"proof\":{}}}", key)
              .error()
              .code == Code::unsupported);
    CHECK(verifyReceipt(std::string(kReceiptMaxBytes + 1, ' '), key).error().code ==
          Code::tooLarge);
}

PROPERTY("no damaged receipt is sound", [](std::uint16_t at, char byte) {
    static const Made made;
    static const std::string json = made.receipt();
    std::string text = json;
    const auto place = at % text.size();
    if (text[place] == byte || byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r') {
        return;
    }
    text[place] = byte;
    const auto report = verifyReceipt(text, made.key.publicKey());
    RC_ASSERT(!report || !report->sound());
});
