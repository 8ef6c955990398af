// The customer's own screen: what it shows, and whose name an answer from it may ever stand in.
// Long because the life of a hand-over and its races share one till.
#include <algorithm>
#include <atomic>
#include <map>
#include <thread>

#include "tests/integration/counter/House.h"

using namespace souffleur;
using namespace souffleur::test;
using consent::Choice;
using consent::Method;
using consent::State;
using counter::ActOutcome;
using counter::ContactKind;
using counter::ScreenEnd;
using counter::ScreenState;

namespace {

struct Counted : House {
    explicit Counted(const std::string& pack = "nl") : House({}, pack) {
        till->screenPresent(true);
    }

    /// A customer of their own name and address for each `id`.
    counter::HostCustomer guest(const std::string& id) {
        counter::HostCustomer host = stranger(id);
        host.name = "Gast " + id;
        host.email = "gast." + id + "@example.org";
        return host;
    }
    /// Hands over what stands on the desk; the id that the screen is told.
    Uuid hand(std::vector<Uuid> marked = {}, bool contacts = false) {
        REQUIRE(till->handOver({desk().questionSet, std::move(marked), contacts}));
        const Uuid id = till->shown().handOver;
        REQUIRE_FALSE(id.none());
        return id;
    }
    counter::ScreenAnswer says(Uuid handOver, Choice choice = Choice::given,
                               const std::string& purpose = "newsletter",
                               const std::string& channel = "email") {
        clock.pass(kSecondMs);
        return {handOver, Uuid::random(random), {{purpose, channel, choice}}, {}};
    }
    /// What the screen is told of an answer that may not count any more, and that nothing came of
    /// it.
    void refuses(const counter::ScreenAnswer& answer) {
        const std::uint64_t before = events();
        const auto done = till->answerOnScreen(answer);
        REQUIRE_FALSE(done);
        CHECK(done.error().problem == "not-with-you");
        CHECK(events() == before);
    }
    ScreenEnd ended() { return desk().screen->ended; }
};

std::string keysOf(const counter::ScreenView& view) {
    std::string out;
    for (const auto& each : view.questions) {
        out += each.purpose + '/' + each.channel + ' ';
    }
    return out;
}

} // namespace

TEST_CASE("a till without such a screen has none, and hands nothing over") {
    House house;
    house.select();
    CHECK_FALSE(house.desk().screen);
    const auto done = house.till->handOver({house.desk().questionSet, {}, false});
    REQUIRE_FALSE(done);
    CHECK(done.error().problem == "screen-away");
    CHECK(house.till->shown().handOver.none());
    CHECK(house.till->shown().house == house.pack().controller.name);
}

TEST_CASE(
    "the customer sees the questions that are asked, in their language, and nothing of theirs") {
    Counted house;
    CHECK(house.till->shown().handOver.none());
    CHECK(house.desk().screen->state == ScreenState::ready);
    house.select();
    CHECK(house.till->shown().handOver.none());
    house.hand();
    CHECK(house.desk().screen->state == ScreenState::customer);
    const counter::ScreenView view = house.till->shown();
    CHECK(view.language == "nl");
    CHECK(keysOf(view).find("newsletter/email") != std::string::npos);
    CHECK(view.questions.size() == askedKeys(house.desk()).size());
    for (const counter::ScreenQuestion& each : view.questions) {
        CHECK(each.words.ref.language == "nl");
        CHECK_FALSE(each.words.text.empty());
        CHECK(each.words.text.find("Vermeer") == std::string::npos);
    }
    for (const counter::ScreenContact& each : view.contacts) {
        CHECK(each.masked.empty());
    }
    // The cashier made sure who stands there: under the same id.
    house.hand({}, true);
    CHECK(house.till->shown().handOver == view.handOver);
    const counter::ScreenView seen = house.till->shown();
    REQUIRE(seen.contacts.front().kind == ContactKind::email);
    CHECK_FALSE(seen.contacts.front().lacking);
    CHECK(seen.contacts.front().masked.find("example.org") != std::string::npos);
    CHECK(seen.contacts.front().masked.find("anna@") == std::string::npos);
    CHECK(house.desk().screen->showsContacts);
}

TEST_CASE(
    "what they confirm is recorded by method screen, shown to the cashier, and undone like any") {
    Counted house;
    const SubjectId anna = house.select().customer->subject;
    const Uuid id = house.hand();
    const auto done = house.till->answerOnScreen(house.says(id));
    REQUIRE(done);
    CHECK(done->act.method == Method::screen);
    CHECK(done->act.operatorName == "Noor");
    CHECK(house.state(anna, "newsletter", "email") == State::given);
    counter::Desk desk = house.desk();
    REQUIRE(desk.lastAct);
    CHECK(desk.lastAct->method == Method::screen);
    CHECK(desk.screen->state == ScreenState::ready);
    CHECK(desk.screen->ended == ScreenEnd::answered);
    CHECK(house.till->shown().handOver.none());
    REQUIRE(desk.undo.available);
    REQUIRE(house.till->undo(desk.undo.act));
    CHECK(house.state(anna, "newsletter", "email") == State::unknown);
}

TEST_CASE("their own hand lifts an old withdrawal, where a spoken yes waits") {
    Counted house;
    const SubjectId anna = house.select().customer->subject;
    REQUIRE(
        house.till->record(house.say(house.desk(), "newsletter", "email", Choice::given), "en"));
    REQUIRE(
        house.till->record(house.say(house.desk(), "newsletter", "email", Choice::refused), "en"));
    REQUIRE(house.state(anna, "newsletter", "email") == State::withdrawn);
    house.clock.pass(kDayMs);
    house.select(house.guest("C-2"));
    house.select();
    REQUIRE(
        house.till->record(house.say(house.desk(), "newsletter", "email", Choice::given), "en"));
    CHECK(house.state(anna, "newsletter", "email") == State::withdrawn);
    // Nothing is asked now: what holds no yes stands there, and the yes that waits for their hand.
    const Uuid id = house.hand();
    CHECK(keysOf(house.till->shown()).find("newsletter/email") != std::string::npos);
    REQUIRE(house.till->answerOnScreen(house.says(id)));
    CHECK(house.state(anna, "newsletter", "email") == State::given);
}

TEST_CASE("a row that holds a yes is shown only where the cashier marked it") {
    Counted house;
    REQUIRE(
        house.till->record(house.say(house.select(), "newsletter", "email", Choice::given), "en"));
    house.hand();
    CHECK(keysOf(house.till->shown()).find("newsletter/email") == std::string::npos);
    REQUIRE(house.till->takeBack());
    const counter::Desk desk = house.desk();
    const auto row = std::ranges::find_if(desk.questions, [](const auto& each) {
        return each.purpose == "newsletter" && each.channel == "email";
    });
    REQUIRE(row != desk.questions.end());
    const Uuid id = house.hand({row->id});
    CHECK(keysOf(house.till->shown()) == "newsletter/email ");
    // And what was not shown cannot be answered.
    const auto strange =
        house.till->answerOnScreen(house.says(id, Choice::given, "brochure", "post"));
    REQUIRE_FALSE(strange);
    CHECK(strange.error().problem == "invalid");
    REQUIRE(house.till->answerOnScreen(house.says(id, Choice::refused)));
    CHECK(house.state(desk.customer->subject, "newsletter", "email") == State::withdrawn);
}

TEST_CASE("an answer that comes too late stands in nobody's name") {
    Counted house;
    house.select();
    const auto late = [&](auto ends, ScreenEnd how) {
        const counter::ScreenAnswer answer = house.says(house.hand());
        ends();
        house.refuses(answer);
        if (house.till->session().stage != counter::Stage::signedIn) {
            REQUIRE(house.till->signIn(house.noor, kPin));
            house.refuses(answer);
        }
        CHECK(house.till->shown().handOver.none());
        if (house.desk().customer) CHECK(house.ended() == how);
        house.select();
    };
    SUBCASE("taken back") {
        late([&] { REQUIRE(house.till->takeBack()); }, ScreenEnd::takenBack);
    }
    SUBCASE("the next customer") {
        late([&] { house.select(house.guest("C-2")); }, ScreenEnd::none);
    }
    SUBCASE("the desk cleared") {
        late([&] { REQUIRE(house.till->clear()); }, ScreenEnd::none);
    }
    SUBCASE("the host's selection over") {
        late([&] { house.till->hostCleared(); }, ScreenEnd::none);
    }
    SUBCASE("signed out") {
        late([&] { house.till->signOut(); }, ScreenEnd::takenBack);
    }
    SUBCASE("locked") {
        late([&] { house.till->lock(); }, ScreenEnd::takenBack);
    }
    SUBCASE("locked by the clock") {
        late(
            [&] {
                house.clock.pass(10 * kMinuteMs);
                house.till->tick();
                REQUIRE(house.till->session().stage == counter::Stage::locked);
            },
            ScreenEnd::takenBack);
    }
    SUBCASE("nobody touched it") {
        late(
            [&] {
                house.clock.pass(counter::kScreenIdleMs);
                house.till->tick();
            },
            ScreenEnd::idle);
    }
    SUBCASE("nobody touched it, and nobody looked at the clock") {
        const counter::ScreenAnswer answer = house.says(house.hand());
        house.clock.pass(counter::kScreenIdleMs);
        house.refuses(answer);
        CHECK(house.till->shown().handOver.none());
    }
    SUBCASE("the screen's page gone") {
        late([&] { house.till->screenPresent(false); }, ScreenEnd::gone);
        CHECK(house.desk().screen->state == ScreenState::away);
    }
    SUBCASE("the cashier recorded an answer") {
        late(
            [&] {
                REQUIRE(house.till->record(house.answer(house.desk(), ActOutcome::refuse), "en"));
            },
            ScreenEnd::takenBack);
    }
    SUBCASE("a rush") {
        late(
            [&] {
                REQUIRE(house.till->setRush(true));
                REQUIRE(house.till->setRush(false));
            },
            ScreenEnd::changed);
    }
    SUBCASE("another language by the cashier") {
        late([&] { REQUIRE(house.till->setLanguage("de")); }, ScreenEnd::changed);
    }
    SUBCASE("given back by the customer") {
        const counter::ScreenAnswer answer = house.says(house.hand());
        REQUIRE(house.till->giveBack(answer.handOver));
        CHECK(house.ended() == ScreenEnd::givenBack);
        house.refuses(answer);
        CHECK_FALSE(house.till->giveBack(answer.handOver));
    }
    SUBCASE("handed over once more, to the same or to another") {
        const counter::ScreenAnswer answer = house.says(house.hand());
        REQUIRE(house.till->takeBack());
        CHECK(house.hand() != answer.handOver);
        house.refuses(answer);
        house.select(house.guest("C-2"));
        house.hand();
        house.refuses(answer);
        CHECK(house.desk().screen->state == ScreenState::customer); // theirs goes on
    }
}

TEST_CASE("a touch keeps it, but does not keep the till from locking") {
    Counted house;
    house.select();
    const Uuid id = house.hand();
    for (int i = 0; i < 4; ++i) {
        house.clock.pass(counter::kScreenIdleMs - kSecondMs);
        house.till->tick();
        if (house.till->session().stage != counter::Stage::signedIn) break;
        REQUIRE(house.till->touchScreen(id));
    }
    CHECK(house.till->session().stage == counter::Stage::locked);
    CHECK_FALSE(house.till->touchScreen(id));
}

TEST_CASE("another language begins anew under another id, and that wording is what is stored") {
    Counted house;
    house.select();
    const Uuid dutch = house.hand();
    REQUIRE(house.till->speakOnScreen(dutch, "de"));
    const counter::ScreenView view = house.till->shown();
    CHECK(view.language == "de");
    CHECK(view.handOver != dutch);
    CHECK(view.questions.front().words.ref.language == "de");
    CHECK(house.desk().customer->language == "de");
    house.refuses(house.says(dutch));
    CHECK_FALSE(house.till->speakOnScreen(view.handOver, "xx"));
    const auto done = house.till->answerOnScreen(house.says(view.handOver));
    REQUIRE(done);
    const auto event = house.ledger->event(done->act.id).value();
    CHECK(std::get<consent::Act>(event.event.body).choices.front().notice.language == "de");
}

TEST_CASE("an address typed there waits, and corrects only what was seen") {
    Counted house;
    const auto typed = [&](Uuid id, bool corrects) {
        counter::ScreenAnswer answer = house.says(id);
        answer.contacts.push_back({ContactKind::email, "nieuw@example.org", false, corrects});
        return answer;
    };
    const auto mails = [&] {
        std::size_t count = 0;
        const counter::Desk desk = house.desk();
        for (const auto& each : desk.customer->contacts) count += each.kind == ContactKind::email;
        return count;
    };
    house.select();
    SUBCASE("not seen: it is one more") {
        const auto done = house.till->answerOnScreen(typed(house.hand(), true));
        REQUIRE(done);
        CHECK(done->act.choices.front().state == "unconfirmed");
        CHECK(mails() == 2);
    }
    SUBCASE("seen, and corrected") {
        REQUIRE(house.till->record(house.answer(house.desk(), ActOutcome::notNow), "en"));
        REQUIRE(house.till->answerOnScreen(typed(house.hand({}, true), true)));
        CHECK(mails() == 1);
    }
    SUBCASE("mistyped: told, nothing stored, and still with the customer") {
        const Uuid id = house.hand();
        counter::ScreenAnswer answer = house.says(id);
        answer.contacts.push_back({ContactKind::email, "nieuw@gmial.com", false, false});
        const std::uint64_t before = house.events();
        const auto done = house.till->answerOnScreen(answer);
        REQUIRE_FALSE(done);
        CHECK(done.error().fields.front().code == "email-mistyped");
        CHECK(house.events() == before);
        answer.contacts.front().confirmed = true;
        CHECK(house.till->answerOnScreen(answer));
    }
}

TEST_CASE("the same answer sent again is one answer; the same key with another is refused") {
    Counted house;
    house.select();
    counter::ScreenAnswer answer = house.says(house.hand());
    const auto done = house.till->answerOnScreen(answer);
    REQUIRE(done);
    const std::uint64_t before = house.events();
    const auto again = house.till->answerOnScreen(answer);
    REQUIRE(again);
    CHECK(again->repeated);
    CHECK(again->act.id == done->act.id);
    CHECK(house.events() == before);
    answer.answers.front().choice = Choice::refused;
    const auto other = house.till->answerOnScreen(answer);
    REQUIRE_FALSE(other);
    CHECK(other.error().problem == "idempotency-conflict");
    answer.answers.front().choice = Choice::given;
    house.select(house.guest("C-2"));
    house.refuses(answer);
}

TEST_CASE("the cashier hands over what they see, and nothing where nothing is to be asked") {
    Counted house;
    house.select();
    const Uuid seen = house.desk().questionSet;
    house.select(house.guest("C-2"));
    const auto problem = [&](const counter::HandOver& request) {
        const auto done = house.till->handOver(request);
        return done ? std::string() : done.error().problem;
    };
    CHECK(problem({seen, {}, false}) == "stale-questions");
    CHECK(problem({Uuid{}, {}, false}) == "stale-questions");
    REQUIRE(house.till->setSituation(consent::Situation::phone, false));
    CHECK(problem({house.desk().questionSet, {}, false}) == "nothing-to-ask");
    REQUIRE(house.till->setSituation(consent::Situation::school, false));
    CHECK(problem({house.desk().questionSet, {}, false}) == "stale-questions");
    REQUIRE(house.till->setSituation(consent::Situation::counter, false));
    house.till->screenPresent(false);
    CHECK(problem({house.desk().questionSet, {}, false}) == "screen-away");
    house.till->screenPresent(true);
    house.till->lock();
    CHECK(problem({seen, {}, false}) == "locked");
    CHECK_FALSE(house.till->takeBack());
    CHECK(house.till->shown().handOver.none());
}

TEST_CASE("what another till said meanwhile takes it back") {
    Counted house;
    const SubjectId anna = house.select().customer->subject;
    REQUIRE(house.till->record(house.answer(house.desk(), ActOutcome::notNow), "en"));
    const counter::ScreenAnswer answer = house.says(house.hand());
    consent::Act no;
    no.controller = house.pack().controller.id;
    no.method = Method::spoken;
    no.place = "till-2";
    no.choices.push_back({});
    no.choices.front().purpose = "newsletter";
    no.choices.front().channel = "email";
    no.choices.front().choice = Choice::refused;
    REQUIRE(house.ledger->append({ledger::Draft{anna, no, {}, house.clock.now()}}, "elsewhere"));
    SUBCASE("and the till knows") {
        house.till->ledgerChanged();
        CHECK(house.ended() == ScreenEnd::changed);
        house.refuses(answer);
    }
    SUBCASE("before the till knows") {
        house.refuses(answer);
        CHECK(house.ended() == ScreenEnd::changed);
    }
}

PROPERTY("whatever happens at the till, an answer stands in the name of whom it was handed to",
         [](const std::vector<std::uint8_t>& steps) {
             Counted house;
             struct Issued {
                 Uuid id;
                 SubjectId subject;
             };
             std::vector<Issued> issued;
             std::size_t stored = 0;
             const auto open = [&] { return house.till->shown().handOver; };
             for (const std::uint8_t step : steps) {
                 house.clock.pass(kSecondMs);
                 const auto which = static_cast<std::size_t>(step >> 4U);
                 switch (step % 12U) {
                 case 0:
                 case 1:
                     static_cast<void>(
                         house.till->hostSelected(house.guest("C-" + std::to_string(which % 3))));
                     break;
                 case 2:
                 case 3:
                 case 4:
                     if (const auto desk = house.till->desk("en"); desk && desk->customer) {
                         if (house.till->handOver({desk->questionSet, {}, which % 2 == 0})) {
                             issued.push_back({open(), desk->customer->subject});
                         }
                     }
                     break;
                 case 5:
                     static_cast<void>(house.till->takeBack());
                     break;
                 case 6:
                     if (which % 2 == 0) {
                         house.till->lock();
                     } else {
                         house.till->signOut();
                     }
                     break;
                 case 7:
                     static_cast<void>(house.till->signIn(house.noor, kPin));
                     break;
                 case 8:
                     house.clock.pass(static_cast<TimeMs>(which) * 10 * kSecondMs);
                     house.till->tick();
                     break;
                 case 9:
                     if (!issued.empty() &&
                         house.till->speakOnScreen(issued[which % issued.size()].id,
                                                   which % 2 == 0 ? "de" : "fr")) {
                         issued.push_back({open(), issued[which % issued.size()].subject});
                     }
                     break;
                 default:
                     if (issued.empty()) break;
                     const Issued& used = issued[which % issued.size()];
                     const Uuid now = open();
                     const counter::ScreenView view = house.till->shown();
                     counter::ScreenAnswer answer{used.id, Uuid::random(house.random), {}, {}};
                     answer.answers.push_back({"newsletter", "email", Choice::given});
                     if (!view.questions.empty()) {
                         answer.answers.front().purpose = view.questions.front().purpose;
                         answer.answers.front().channel = view.questions.front().channel;
                     }
                     const auto done = house.till->answerOnScreen(answer);
                     RC_ASSERT(!done || now == used.id);
                     if (done) {
                         ++stored;
                         const auto event = house.ledger->event(done->act.id).value();
                         RC_ASSERT(event.event.subject == used.subject);
                         RC_ASSERT(std::get<consent::Act>(event.event.body).method ==
                                   Method::screen);
                     }
                 }
             }
             // And nothing by method screen is on file but what was acknowledged.
             std::size_t onFile = 0;
             std::vector<SubjectId> people;
             for (const Issued& each : issued) {
                 if (std::ranges::find(people, each.subject) != people.end()) continue;
                 people.push_back(each.subject);
                 const auto events = house.ledger->events(each.subject, 1000);
                 if (!events) continue;
                 for (const auto& event : *events) {
                     const auto* act = std::get_if<consent::Act>(&event.event.body);
                     onFile += act != nullptr && act->method == Method::screen ? 1 : 0;
                 }
             }
             RC_ASSERT(onFile == stored);
             RC_CLASSIFY(stored > 0, "something was stored");
         })

TEST_CASE(
    "a customer's answer and the next selection at once: it is stored for the one or for nobody") {
    Counted house;
    for (int round = 0; round < 20; ++round) {
        const std::string own = "C-" + std::to_string(2 * round);
        const std::string next = "C-" + std::to_string(2 * round + 1);
        const SubjectId anna = house.select(house.guest(own)).customer->subject;
        const counter::ScreenAnswer answer = house.says(house.hand());
        std::atomic<bool> go = false;
        bool acknowledged = false;
        std::thread customer([&] {
            while (!go) std::this_thread::yield();
            acknowledged = house.till->answerOnScreen(answer).has_value();
        });
        go = true;
        const bool selected = house.till->hostSelected(house.guest(next)).has_value();
        customer.join();
        CHECK(selected);
        const SubjectId other = house.desk().customer->subject;
        REQUIRE(other != anna);
        CHECK(house.state(other, "newsletter", "email") == State::unknown);
        CHECK((house.state(anna, "newsletter", "email") == State::given) == acknowledged);
        CHECK(house.till->shown().handOver.none());
    }
}
