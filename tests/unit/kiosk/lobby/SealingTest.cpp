#include "kiosk/lobby/Sealing.h"

#include <doctest/doctest.h>

#include "plugin/crypto/Certificates.h"
#include "plugin/crypto/PrivateFile.h"
#include "plugin/crypto/Sealed.h"
#include "plugin/wire/Header.h"
#include "tests/support/TemporaryFolder.h"

using namespace souffleur;
using namespace souffleur::lobby;

namespace {

/// A battery that ran flat: the first of January 1970, and nobody said otherwise.
class FlatClock final : public Clock {
public:
    [[nodiscard]] Reading now() const override { return {5000, kUncInfinite, 0}; }
    [[nodiscard]] TimeMs monotonicMs() const override { return 1; }
};

struct Rig {
    test::TemporaryFolder folder;
    SeededRandom random{11};
    FlatClock clock;
    crypto::SigningKey signing = crypto::SigningKey::generate(random);
    OriginId origin = OriginId::random(random);
    std::unique_ptr<SealedStore> store = std::move(SealedStore::open(folder.path()).value());
    Sealing sealing{{origin, "foyer"}, *store, signing, clock, random};
    policy::InForce house = policy::inForce("nl", "", policy::sampleHouseToml()).value();
    crypto::Secret key = crypto::newTlsKey();
    std::string certificate;

    Rig() {
        const auto authority = crypto::Authority::make("house", 0, kMaxTime / 2).value();
        certificate =
            authority.issueRecipient(*crypto::makeRequest(key.view(), "x"), "x", 0, kMaxTime / 2)
                .value();
    }
    Visitor visitor(const char* purpose, const char* channel) const {
        Visitor out;
        out.language = "nl";
        consent::ChoiceItem item;
        item.purpose = purpose;
        item.channel = channel;
        item.choice = consent::Choice::given;
        item.notice = house.policy.notice(purpose, channel, "nl")->ref;
        out.choices.push_back(item);
        out.person.language = "nl";
        return out;
    }
};

} // namespace

TEST_CASE("without head office's key nothing is taken") {
    Rig rig;
    CHECK_FALSE(rig.sealing.ready());
    CHECK(
        rig.sealing.signUp(rig.visitor("newsletter", "email"), rig.house.policy, 0).error().code ==
        Code::unavailable);
    CHECK(rig.store->pending().value() == 0);
}

TEST_CASE("with a clock at 1970 a sign-up is taken, by the rules of today") {
    Rig rig;
    rig.sealing.use({3, rig.certificate, {}});
    const TimeMs told = rig.house.policy.validFrom + kDayMs;
    const auto taken =
        rig.sealing.signUp(rig.visitor("newsletter", "email"), rig.house.policy, told);
    REQUIRE(taken.has_value());
    const auto items = rig.store->waiting(0, 1 << 20).value();
    REQUIRE(items.size() == 1);
    CHECK(items.front().key == 3);
    CHECK(protocol::checkItem(items.front(), rig.origin, rig.signing.publicKey()).has_value());
    const auto plain =
        crypto::openSealed(rig.key.view(), rig.certificate, items.front().sealed).value();
    const auto content = protocol::decodeContent(plain.view()).value();
    const auto header =
        wire::decodeHeader(std::get<protocol::SignUp>(content).events.front().header).value();
    CHECK(header.event.at == 5000);
    CHECK(header.event.unc == kUncInfinite);
    const auto& act = std::get<consent::Act>(header.event.body);
    CHECK(act.method == consent::Method::kiosk);
    CHECK(act.place == "foyer");
    CHECK(act.choices.front().confirm);
    CHECK(act.choices.front().validUntil > told);
    CHECK_FALSE(act.withdrawHandleHash.empty());
}

TEST_CASE("a yes by post or telephone waits too, whatever the pack says of new addresses") {
    Rig rig;
    rig.sealing.use({1, rig.certificate, {}});
    for (auto& rule : rig.house.policy.rules) rule.confirmNewAddress = false;
    for (const auto& [purpose, channel] :
         {std::pair{"brochure", "post"}, std::pair{"personal-offers", "phone"}}) {
        const auto taken = rig.sealing.signUp(rig.visitor(purpose, channel), rig.house.policy,
                                              rig.house.policy.validFrom);
        REQUIRE(taken.has_value());
        CHECK(std::get<consent::Act>(taken->event.body).choices.front().confirm);
    }
}

TEST_CASE("what a kiosk asks comes from the pack, each need before what needs it") {
    for (const char* pack : {"nl", "ru", "es-ct", "de", "fr", "gb"}) {
        CAPTURE(pack);
        const auto house = policy::inForce(pack, "", policy::sampleHouseToml(pack));
        REQUIRE_MESSAGE(house.has_value(), (house ? "" : house.error().text()));
        const TimeMs at = house->policy.validFrom + 400 * kDayMs;
        const auto asked = questionsOf(house->policy, at);
        CHECK(!asked.empty());
        CHECK(ageOf(house->policy, asked, at) > 0);
        for (std::size_t i = 0; i < asked.size(); ++i) {
            CAPTURE(asked[i].purpose);
            CHECK(asked[i].purpose.find("partner:") == std::string::npos);
            CHECK(asked[i].confirm == !asked[i].contact.empty());
            if (asked[i].needs.empty()) continue;
            CHECK(std::any_of(asked.begin(), asked.begin() + static_cast<std::ptrdiff_t>(i),
                              [&](const Question& one) { return one.purpose == asked[i].needs; }));
        }
        const std::string json =
            houseJson({*house, asked, nullptr, nullptr, Theme{}, Idle{}, false, false, at});
        CHECK(json.find(R"("surveys":{"anonymous":null,"beside":null})") != std::string::npos);
        CHECK(json.find("\"questions\":[{") != std::string::npos);
    }
}

TEST_CASE("a ballot says on the disk the day and nothing else, and is no longer than another") {
    Rig rig;
    const protocol::Ballot yes{"foyer", 1, 20'780, {{"first-time", {"yes"}}}};
    CHECK(rig.sealing.ballot(yes).error().code == Code::unavailable);
    rig.sealing.use({3, rig.certificate, {}});
    protocol::Ballot more = yes;
    more.answers.push_back({"how-heard", {"friends", "press", "online"}});
    REQUIRE(rig.sealing.ballot(yes).has_value());
    REQUIRE(rig.sealing.ballot(more).has_value());
    CHECK(rig.store->pending().value() == 0);
    CHECK(rig.store->oldestKey().value() == 3);
    CHECK(rig.store->ballotsBefore(20'780, {})->empty());
    const auto ballots = rig.store->ballotsBefore(20'781, {}).value();
    REQUIRE(ballots.size() == 2);
    CHECK(ballots[0].id < ballots[1].id);
    CHECK(ballots[0].sealed.size() == ballots[1].sealed.size());
    std::size_t found = 0;
    for (const protocol::SealedBallot& one : ballots) {
        CHECK(protocol::checkBallot(one, rig.origin, rig.signing.publicKey()).has_value());
        const auto plain = crypto::openSealed(rig.key.view(), rig.certificate, one.sealed).value();
        const auto read = protocol::decodeBallot(plain.view()).value();
        found += read == yes || read == more ? 1 : 0;
    }
    CHECK(found == 2);
    REQUIRE(rig.store->dropBallots({ballots[0].id}, 0).has_value());
    CHECK(rig.store->ballotsBefore(20'781, {}).value() ==
          std::vector<protocol::SealedBallot>{ballots[1]});
    REQUIRE(rig.store->dropBallots({}, 20'781).has_value());
    CHECK(rig.store->ballotsBefore(20'781, {})->empty());
    CHECK(rig.store->oldestKey().value() == 0);
}

TEST_CASE("a kiosk asks for the purposes that a questionnaire beside a sign-up needs") {
    std::string house = policy::sampleHouseToml();
    house.replace(house.find("foyer"), 5, "taste");
    const auto policy = policy::inForce("nl", "", house)->policy;
    const auto all = policy::questionnairesOf("nl", house).value();
    const TimeMs at = policy.validFrom + 200 * kDayMs;
    policy::Questionnaire form = *policy::activeAt(all, false, at);
    const auto asks = [&](const policy::Questionnaire* beside) {
        const auto asked = questionsOf(policy, at, beside);
        return std::any_of(asked.begin(), asked.end(),
                           [](const Question& one) { return one.purpose == "profiling"; });
    };
    CHECK_FALSE(asks(&form));
    form.questions.front().purpose = "profiling";
    CHECK(asks(&form));
    CHECK_FALSE(asks(nullptr));
}

TEST_CASE("a house whose colours cannot be read is refused") {
    const test::TemporaryFolder folder;
    const auto write = [&](const char* json) {
        REQUIRE(crypto::writePrivateFile(folder.path() / "theme.json", json));
    };
    CHECK(readTheme(folder.path()).has_value());
    write(R"({"accent":"#003366","ink":"#000000"})");
    CHECK(readTheme(folder.path())->accent == "#003366");
    write(R"({"paper":"#ffffff","ink":"#cccccc"})");
    CHECK_FALSE(readTheme(folder.path()).has_value());
    write(R"({"accent":"red"})");
    CHECK_FALSE(readTheme(folder.path()).has_value());
    write(R"({"shadow":"#000000"})");
    CHECK_FALSE(readTheme(folder.path()).has_value());
}
