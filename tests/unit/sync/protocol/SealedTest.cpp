#include "sync/protocol/Sealed.h"

#include "tests/support/Property.h"

using namespace souffleur;
using namespace souffleur::protocol;

namespace {

SealedItem item(const OriginId& origin, const crypto::SigningKey& key) {
    SealedItem one{7, 3, std::string("\x30\x82\x00sealed", 9), {}};
    sign(one, origin, key);
    return one;
}

} // namespace

TEST_CASE("what is inside survives the way, and nothing else is read") {
    const SignUp signUp{{{R"({"v":1})", "salt and payload"}, {"{}", ""}}};
    const auto plain = encodeContent(signUp);
    REQUIRE(plain.has_value());
    const auto back = decodeContent(plain->view());
    REQUIRE(back.has_value());
    CHECK(std::get<SignUp>(*back) == signUp);

    SeededRandom random(4);
    SlipWithdrawal slip{crypto::randomHandle(random), EventId::random(random), 0, kUncInfinite,
                        -60};
    const auto told = decodeContent(encodeContent(slip)->view());
    REQUIRE(told.has_value());
    CHECK(std::get<SlipWithdrawal>(*told) == slip);

    CHECK(decodeContent(R"({"v":2,"kind":"sign-up"})").error().code == Code::unsupported);
    CHECK(decodeContent(R"({"v":1,"kind":"survey"})").error().code == Code::unsupported);
    CHECK(decodeContent(R"({"v":1,"kind":"sign-up","events":[]})").error().code == Code::invalid);
    CHECK(decodeContent(R"({"v":1,"kind":"sign-up","events":[{"header":"%"}]})").error().code ==
          Code::invalid);
    CHECK(decodeContent(std::string(kSealedPlainMaxBytes + 1, ' ')).error().code == Code::tooLarge);
    CHECK_FALSE(encodeContent(SignUp{}).has_value());
}

TEST_CASE("a signature covers who, which number, which key and every byte") {
    SeededRandom random(5);
    const auto key = crypto::SigningKey::generate(random);
    const auto origin = OriginId::random(random);
    const SealedItem sound = item(origin, key);
    CHECK(checkItem(sound, origin, key.publicKey()).has_value());
    SealedItem other = sound;
    other.number = 8;
    CHECK_FALSE(checkItem(other, origin, key.publicKey()).has_value());
    other = sound;
    other.key = 4;
    CHECK_FALSE(checkItem(other, origin, key.publicKey()).has_value());
    other = sound;
    other.sealed.back() ^= 1;
    CHECK_FALSE(checkItem(other, origin, key.publicKey()).has_value());
    CHECK_FALSE(checkItem(sound, OriginId::random(random), key.publicKey()).has_value());
    const auto another = crypto::SigningKey::generate(random);
    CHECK_FALSE(checkItem(sound, origin, another.publicKey()).has_value());
}

TEST_CASE("a batch and its answer survive the way, within bounds") {
    SeededRandom random(6);
    const auto key = crypto::SigningKey::generate(random);
    const auto origin = OriginId::random(random);
    SealedBatch batch{{item(origin, key), item(origin, key)}, 3};
    const auto back = decodeSealedBatch(encodeSealedBatch(batch));
    REQUIRE(back.has_value());
    CHECK(*back == batch);
    CHECK(decodeSealedBatch(encodeSealedBatch({})).has_value());
    batch.items.resize(kSealedItemsMax + 1, batch.items.front());
    CHECK(decodeSealedBatch(encodeSealedBatch(batch)).error().code == Code::tooLarge);
    batch.items.resize(1);
    batch.items.front().number = 0;
    CHECK_FALSE(decodeSealedBatch(encodeSealedBatch(batch)).has_value());
    batch.items.front().number = kSealedNumberMax + 1;
    CHECK_FALSE(decodeSealedBatch(encodeSealedBatch(batch)).has_value());

    batch.items.front() = item(origin, key);
    batch.items.front().origin = OriginId::random(random);
    batch.told = {{{}, 1, 9, 8}, {OriginId::random(random), 3, 3, 1}};
    const auto more = decodeSealedBatch(encodeSealedBatch(batch));
    REQUIRE(more.has_value());
    CHECK(*more == batch);
    batch.told.resize(kSealedToldMax + 1, batch.told.front());
    CHECK_FALSE(decodeSealedBatch(encodeSealedBatch(batch)).has_value());
    for (const char* told : {R"([{"from":0,"to":1,"count":1}])", R"([{"from":1,"to":1}])",
                             R"([{"origin":"x","from":1,"to":1,"count":1}])", R"(7)"}) {
        CAPTURE(told);
        CHECK_FALSE(decodeSealedBatch(std::string(R"({"v":1,"items":[],"told":)") + told + "}")
                        .has_value());
    }

    const SealedAnswer answer{
        {{1, SealedFate::placed}, {2, SealedFate::refused}, {3, SealedFate::later}}, true};
    const auto told = decodeSealedAnswer(encodeSealedAnswer(answer));
    REQUIRE(told.has_value());
    CHECK(*told == answer);
    CHECK_FALSE(decodeSealedAnswer(R"({"v":1,"items":[{"number":1,"fate":"lost"}]})").has_value());
}

TEST_CASE("a key for sign-ups is believed on head office's word alone") {
    SeededRandom random(7);
    const auto key = crypto::SigningKey::generate(random);
    Intake intake{4, "-----BEGIN CERTIFICATE-----\n", {}};
    intake.signature = key.sign(intakeSigningInput(intake));
    const auto back = decodeIntake(encodeIntake(intake));
    REQUIRE(back.has_value());
    CHECK(*back == intake);
    CHECK(checkIntake(intake, key.publicKey()).has_value());
    intake.number = 5;
    CHECK_FALSE(checkIntake(intake, key.publicKey()).has_value());
}

PROPERTY("any content of any bytes is the same after the way",
         [](const std::vector<std::pair<std::string, std::string>>& rows) {
             SignUp signUp;
             for (const auto& [header, payload] : rows) {
                 if (header.empty() || signUp.events.size() == kSealedEventsMax) continue;
                 signUp.events.push_back({header.substr(0, 4096), payload.substr(0, 4096)});
             }
             RC_PRE(!signUp.events.empty());
             const auto back = decodeContent(encodeContent(signUp)->view());
             RC_ASSERT(back.has_value());
             RC_ASSERT(std::get<SignUp>(*back) == signUp);
         })
