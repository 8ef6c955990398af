// Rule 8 and all that stands against a mailing, over a real store.
#include "tests/support/Property.h"
#include "tests/unit/sync/store/Hub.h"

using namespace souffleur;
using namespace souffleur::store;
using namespace souffleur::test;
using consent::Choice;
using consent::ContactStatus;

namespace {

struct Rig {
    test::TemporaryFolder folder;
    std::unique_ptr<Store> hub = open(folder);
    TestOrigin till{1};
    TestOrigin office = headOffice(*hub);
    SubjectId subject = till.newSubject();
    wire::PersonData person = anna();
    std::string address = contactKey(StoreKeys{}, person.contacts[0].canonical);
    std::size_t pushed = 0;
    std::size_t told = 0;

    Rig() { REQUIRE(hub->enrol(till.enrolment()).has_value()); }
    /// Anna said yes and her address works.
    void willing() {
        till.add(subject, consent::Contact{"email", address, ContactStatus::verified}, kNoon,
                 &person);
        till.add(subject, test::act(Choice::given), kNoon);
        push();
    }
    void push(TimeMs now = TestOrigin::kPushedAt) {
        REQUIRE(till.push(*hub, pushed + 1, till.events.size(), now).has_value());
        pushed = till.events.size();
        if (told == office.events.size()) return;
        REQUIRE(office.push(*hub, told + 1, office.events.size(), now).has_value());
        told = office.events.size();
    }
    std::string asked(const char* purpose = "newsletter", const char* channel = "email") const {
        const bool whole = hub->reachable(pack(), kNoon + 1).value() > 0;
        CHECK(whole == askedOf(purpose, channel).eligible);
        return askedOf(purpose, channel).reason;
    }
    consent::Eligibility askedOf(const char* purpose, const char* channel = "email") const {
        const auto rows = hub->eligibility({subject, purpose, channel, kNoon + 1}, pack());
        REQUIRE(rows.has_value());
        REQUIRE(rows->size() == 1);
        return rows->front().verdict;
    }
};

} // namespace

TEST_CASE("who said yes at a working address may be written to, for that and no more") {
    Rig rig;
    rig.willing();
    CHECK(rig.asked() == "given");
    CHECK(rig.hub->eligibility({rig.subject, "brochure", "email", kNoon}, pack())
              ->front()
              .verdict.reason == "never-asked");
    CHECK(rig.hub->eligibility({rig.subject, "newsletter", "sms", kNoon}, pack())
              ->front()
              .contact.key.empty());
    CHECK(rig.hub->eligibility({rig.till.newSubject(), "newsletter", "email", kNoon}, pack())
              .error()
              .code == Code::notFound);
}

namespace {

/// A stranger who types Anna's address at a kiosk.
struct Stranger {
    explicit Stranger(Rig& at) : rig(at) {
        kiosk.kind = "kiosk";
        REQUIRE(rig.hub->enrol(kiosk.enrolment()).has_value());
        typed.externalIds.clear();
    }
    EventId says(Choice choice, consent::Method method = consent::Method::kiosk,
                 const char* purpose = "newsletter", const char* channel = "email") {
        const auto said = test::act(choice, {}, method, purpose, channel);
        const auto id = kiosk.add(subject, said, kNoon + static_cast<TimeMs>(sent), &typed).id;
        push();
        return id;
    }
    void push() {
        REQUIRE(kiosk.push(*rig.hub, sent + 1, kiosk.events.size()).has_value());
        sent = kiosk.events.size();
    }

    Rig& rig;
    TestOrigin kiosk{5};
    std::size_t sent = 0;
    SubjectId subject = kiosk.newSubject();
    wire::PersonData typed = anna();
};

} // namespace

TEST_CASE("what a stranger typed at a kiosk binds nobody else who holds the address") {
    Rig rig;
    rig.willing();
    Stranger bob(rig);
    bob.says(Choice::refused);
    const consent::Key key{"house", "newsletter", "email"};
    CHECK(rig.asked() == "given");
    CHECK_FALSE(rig.hub->saidNoAt(rig.address, key, rig.subject).value());
    CHECK(rig.hub->proposed(bob.subject).value());
    CHECK_FALSE(rig.hub->proposed(rig.subject).value());
    CHECK(test::stateOf(*rig.hub, bob.subject) == "refused");
    SUBCASE("until somebody says that they are one") {
        const SubjectId third = rig.till.newSubject();
        rig.till.add(third, test::act(Choice::deferred), kNoon);
        rig.office.add(bob.subject, consent::Link{third, "operator"}, kNoon + 1);
        rig.push();
        CHECK(rig.asked() == "said-no-at-address");
        CHECK_FALSE(rig.hub->proposed(bob.subject).value());
    }
    SUBCASE("nor does the code of the slip that they got for it") {
        bob.says(Choice::withdrawn);
        CHECK(rig.asked() == "given");
        CHECK(rig.hub->proposed(bob.subject).value());
        CHECK(test::stateOf(*rig.hub, bob.subject) == "withdrawn");
    }
    SUBCASE("nor a no to everything by that code, on head office's page") {
        rig.office.add(bob.subject, test::act(Choice::objected, {}, consent::Method::web, "*", "*"),
                       kNoon + 1);
        rig.push();
        CHECK(rig.asked() == "given");
        CHECK(rig.hub->state(bob.subject, key)->state == consent::State::objected);
    }
    SUBCASE("but the code of a slip that a till gave proves who says it") {
        rig.till.add(bob.subject, test::act(Choice::given), kNoon + 1);
        rig.push();
        CHECK(rig.asked() == "given");
        bob.says(Choice::withdrawn);
        CHECK(rig.asked() == "said-no-at-address");
        CHECK_FALSE(rig.hub->proposed(bob.subject).value());
    }
    SUBCASE("a bounce that head office notes vouches for nobody") {
        rig.office.add(bob.subject, consent::Contact{"email", rig.address, ContactStatus::bounced},
                       kNoon + 1);
        rig.push();
        CHECK(rig.hub->proposed(bob.subject).value());
    }
    CHECK(rig.hub->verify().has_value());
}

TEST_CASE("who confirms a visitor's yes confirms that yes, and none of the noes beside it") {
    Rig rig;
    rig.willing();
    rig.till.add(rig.subject, test::act(Choice::given, {}, consent::Method::spoken, "brochure"),
                 kNoon);
    rig.push();
    Stranger bob(rig);
    auto said = test::act(Choice::given, {}, consent::Method::kiosk);
    said.choices.front().confirm = true;
    said.choices.push_back(said.choices.front());
    said.choices.back().purpose = "brochure";
    said.choices.back().choice = Choice::refused;
    said.choices.back().confirm = false;
    const EventId yes = bob.kiosk.add(bob.subject, said, kNoon, &bob.typed).id;
    bob.push();
    rig.office.add(bob.subject, consent::Confirmed{yes, "email", rig.address}, kNoon + 1);
    rig.push();
    CHECK(rig.asked("brochure") == "given");
    CHECK_FALSE(rig.hub->proposed(bob.subject).value());
    // The slip of what was confirmed is one of somebody at that address.
    bob.says(Choice::withdrawn);
    CHECK(rig.askedOf("newsletter").reason == "said-no-at-address");
    CHECK(rig.asked("brochure") == "given");
}

PROPERTY("whatever is said at a kiosk and by its slips, nobody else's mailing changes", [] {
    Rig rig;
    rig.willing();
    Stranger bob(rig);
    for (int i = *rc::gen::inRange(1, 6); i > 0; --i) {
        const auto choice = static_cast<Choice>(*rc::gen::inRange(0, 5));
        const bool code = choice == Choice::withdrawn || choice == Choice::objected;
        const bool all = code && *rc::gen::arbitrary<bool>();
        if (code && *rc::gen::arbitrary<bool>()) {
            rig.office.add(bob.subject,
                           test::act(choice, {}, consent::Method::web, all ? "*" : "newsletter",
                                     all ? "*" : "email"),
                           kNoon + i);
            rig.push();
        } else {
            bob.says(choice, consent::Method::kiosk, all ? "*" : "newsletter", all ? "*" : "email");
        }
        if (*rc::gen::arbitrary<bool>()) {
            const auto status =
                *rc::gen::arbitrary<bool>() ? ContactStatus::bounced : ContactStatus::verified;
            rig.office.add(bob.subject, consent::Contact{"email", rig.address, status}, kNoon + i);
            rig.push();
        }
        RC_ASSERT(rig.asked() == "given");
    }
})

TEST_CASE("a no of anybody who holds the address counts, whatever it names") {
    Rig rig;
    rig.willing();
    const SubjectId partner = rig.till.newSubject();
    wire::PersonData other = anna();
    other.displayName = "Bart Vermeer";
    rig.till.add(partner, consent::Contact{"email", rig.address, ContactStatus::unverified}, kNoon,
                 &other);
    SUBCASE("a plain no") {
        rig.till.add(partner, test::act(Choice::refused), kNoon);
        rig.push();
        CHECK(rig.asked() == "said-no-at-address");
    }
    SUBCASE("a no to everything, which no row of states names") {
        rig.till.add(partner, test::act(Choice::withdrawn, {}, consent::Method::spoken, "*", "*"),
                     kNoon);
        rig.push();
        CHECK(rig.asked() == "said-no-at-address");
    }
    SUBCASE("a no that cannot be read") {
        rig.till.add(partner, test::act(Choice::refused), kNoon);
        rig.till.events.back().header = "{";
        rig.till.heads.back() =
            crypto::chainNext(rig.till.heads[rig.till.heads.size() - 2], crypto::leafHash("{"));
        rig.push();
        CHECK(rig.asked() == "said-no-at-address");
    }
    SUBCASE("not a yes, nor another purpose's no") {
        rig.till.add(partner, test::act(Choice::refused, {}, consent::Method::spoken, "brochure"),
                     kNoon);
        rig.push();
        CHECK(rig.asked() == "given");
    }
    SUBCASE("also of one whose address a till took away: that releases no no") {
        rig.till.add(partner, test::act(Choice::refused), kNoon);
        rig.till.add(partner, consent::Contact{"email", rig.address, ContactStatus::removed},
                     kNoon + 1);
        rig.push();
        CHECK(rig.asked() == "said-no-at-address");
        CHECK(rig.hub->verify().has_value());
    }
    SUBCASE("not of one from whom head office took it: it was written down wrongly") {
        rig.till.add(partner, test::act(Choice::refused), kNoon);
        rig.push();
        rig.office.add(partner, consent::Contact{"email", rig.address, ContactStatus::removed},
                       TestOrigin::kPushedAt + kMinuteMs);
        rig.push(TestOrigin::kPushedAt + kMinuteMs);
        CHECK(rig.asked() == "given");
        SUBCASE("until somebody writes it down again") {
            rig.till.add(partner, consent::Contact{"email", rig.address, ContactStatus::unverified},
                         TestOrigin::kPushedAt + kHourMs);
            rig.push(TestOrigin::kPushedAt + kHourMs);
            CHECK(rig.asked() == "said-no-at-address");
        }
        SUBCASE("and a till takes it away after that") {
            rig.till.add(partner, consent::Contact{"email", rig.address, ContactStatus::unverified},
                         TestOrigin::kPushedAt + kHourMs);
            rig.till.add(partner, consent::Contact{"email", rig.address, ContactStatus::removed},
                         TestOrigin::kPushedAt + kHourMs);
            rig.push(TestOrigin::kPushedAt + kHourMs);
            CHECK(rig.asked() == "said-no-at-address");
        }
        CHECK(rig.hub->verify().has_value());
    }
    SUBCASE("nor of the same person under another name on file, who asked again") {
        const auto no = rig.till.add(partner, test::act(Choice::refused), kNoon);
        rig.office.add(partner, consent::Link{rig.subject, "operator"}, kNoon);
        rig.till.add(rig.subject, test::act(Choice::given, {no.id}), kNoon + 1);
        rig.push();
        CHECK(rig.asked() == "given");
    }
}

TEST_CASE("what stands against a person stands in the answer") {
    Rig rig;
    rig.willing();
    std::string reason;
    SUBCASE("restricted") {
        rig.till.add(rig.subject, consent::Fact{"restricted", "yes"}, kNoon + 1);
        reason = "restricted";
    }
    SUBCASE("a minor") {
        rig.till.add(rig.subject, consent::Fact{"minor", "yes"}, kNoon + 1);
        reason = "minor";
    }
    SUBCASE("a bounce") {
        rig.till.add(rig.subject, consent::Contact{"email", rig.address, ContactStatus::bounced},
                     kNoon + 1);
        reason = "bounced";
    }
    SUBCASE("an unread no") {
        rig.till.add(rig.subject, test::act(Choice::refused), kNoon + 1);
        rig.till.events.back().header = "{";
        rig.till.heads.back() =
            crypto::chainNext(rig.till.heads[rig.till.heads.size() - 2], crypto::leafHash("{"));
        reason = "quarantined";
    }
    SUBCASE("erased") {
        rig.office.add(rig.subject, consent::Erase{}, kNoon + 1);
        reason = "erased";
    }
    SUBCASE("an objection to something else stops what rests on no consent") {
        rig.till.add(rig.subject,
                     test::act(Choice::objected, {}, consent::Method::spoken, "newsletter", "*"),
                     kNoon + 1);
        reason = "objected";
    }
    rig.push();
    CHECK(rig.asked() == reason);
}

TEST_CASE("an address of somebody who was erased stays shut for whoever holds it now") {
    Rig rig;
    rig.willing();
    const SubjectId gone = rig.till.newSubject();
    rig.till.add(gone, consent::Contact{"email", rig.address, ContactStatus::verified}, kNoon,
                 &rig.person);
    rig.office.add(gone, consent::Erase{}, kNoon + 1);
    rig.push();
    CHECK(rig.asked() == "suppressed");
}

TEST_CASE("a typed address must be confirmed; one that came from the box office need not be") {
    Rig rig;
    rig.till.add(rig.subject, consent::Contact{"email", rig.address, ContactStatus::unverified},
                 kNoon, &rig.person);
    const auto yes = rig.till.add(rig.subject, test::act(Choice::given), kNoon);
    rig.push();
    CHECK(rig.asked() == "address-unconfirmed");
    SUBCASE("by its mail") {
        rig.office.add(rig.subject, consent::Confirmed{yes.id, "email", rig.address}, kNoon + 1);
        rig.push();
        CHECK(rig.asked() == "given");
    }
    SUBCASE("not by the mail to another") {
        rig.office.add(rig.subject, consent::Confirmed{yes.id, "email", std::string(64, 'b')},
                       kNoon + 1);
        rig.push();
        CHECK(rig.asked() == "address-unconfirmed");
    }
    SUBCASE("by an import") {
        rig.office.unc = kDayMs;
        rig.office.add(rig.subject,
                       consent::Contact{"email", rig.address, ContactStatus::unverified},
                       kNoon + 1);
        rig.push();
        CHECK(rig.asked() == "given");
    }
}
