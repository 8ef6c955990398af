// The projections do not depend on the order in which batches arrive.
#include <algorithm>

#include "plugin/base/Limits.h"
#include "tests/support/Property.h"
#include "tests/unit/sync/store/Hub.h"

using namespace souffleur;
using namespace souffleur::store;
using namespace souffleur::test;
using consent::Choice;

namespace {

consent::Body word() {
    return consent::Fact{*rc::gen::arbitrary<bool>() ? "restricted" : "minor",
                         *rc::gen::arbitrary<bool>() ? "yes" : "no"};
}

consent::Body address() {
    return consent::Contact{"email", contactKey(StoreKeys{}, anna().contacts[0].canonical),
                            static_cast<consent::ContactStatus>(*rc::gen::inRange(0, 4))};
}

} // namespace

PROPERTY("whatever the order and cut of the batches, the projections are the same", [] {
    TestOrigin one(21);
    TestOrigin two(22);
    TestOrigin office(23); // it alone links, unlinks and erases
    office.kind = "hub";
    const std::vector<SubjectId> subjects{one.newSubject(), one.newSubject(), one.newSubject()};
    std::vector<EventId> negatives;
    std::vector<EventId> byOne; // what a till may name as seen without having pulled
    std::vector<EventId> byTwo;
    std::vector<std::pair<EventId, std::size_t>> links;
    const int count = *rc::gen::inRange(1, 14);
    for (int i = 0; i < count; ++i) {
        TestOrigin& origin = *rc::gen::arbitrary<bool>() ? one : two;
        const auto subject = static_cast<std::size_t>(*rc::gen::inRange(0, 3));
        const TimeMs at = kNoon + *rc::gen::inRange<TimeMs>(0, 60) * kMinuteMs;
        const int what = *rc::gen::inRange(0, 12);
        if (what == 5) {
            const auto link = office.add(
                subjects[subject], consent::Link{subjects[(subject + 1) % 3], "operator"}, at);
            links.emplace_back(link.id, subject);
        } else if (what == 6 && !links.empty()) {
            const auto& [target, side] = links.back();
            office.add(subjects[side], consent::Unlink{target, subjects[(side + 1) % 3], negatives},
                       at);
        } else if (what == 7) {
            office.add(subjects[subject], consent::Erase{}, at);
        } else if (what == 8) {
            origin.add(subjects[subject], word(), at);
        } else if (what == 9) {
            const wire::PersonData person = anna();
            origin.add(subjects[subject], address(), at, &person);
        } else if (what == 10) {
            office.add(SubjectId{},
                       consent::ClockJudgement{origin.id, 1,
                                               static_cast<std::uint64_t>(*rc::gen::inRange(1, 9)),
                                               at - kNoon, *rc::gen::arbitrary<bool>()},
                       at);
        } else if (what == 11) {
            office.add(subjects[subject], address(), at);
        } else {
            const auto choice = what < 2   ? Choice::given
                                : what < 4 ? Choice::refused
                                           : Choice::withdrawn;
            const wire::PersonData person = anna();
            std::vector<EventId>& own = &origin == &one ? byOne : byTwo;
            const auto event = origin.add(subjects[subject], test::act(choice, own), at, &person);
            if (consent::negative(choice)) {
                negatives.push_back(event.id);
                own.push_back(event.id);
            }
        }
    }
    const auto fill = [&](bool oneFirst, std::size_t cut) {
        test::TemporaryFolder folder;
        const auto store = open(folder);
        RC_ASSERT(store->enrol(one.enrolment()).has_value() &&
                  store->enrol(two.enrolment()).has_value() &&
                  store->enrol(office.enrolment()).has_value());
        const auto pushAll = [&](const TestOrigin& origin, std::size_t from, std::size_t to) {
            if (from > to) return;
            const auto placed = origin.push(*store, from, to);
            if (!placed) RC_FAIL(placed.error().text());
        };
        const std::size_t split = std::min(cut, one.events.size());
        const std::size_t early = oneFirst ? office.events.size() / 2 : 0;
        pushAll(office, 1, early);
        if (oneFirst) pushAll(one, 1, split);
        pushAll(two, 1, two.events.size());
        pushAll(one, oneFirst ? split + 1 : 1, one.events.size());
        pushAll(office, early + 1, office.events.size());
        const auto hash = store->verify();
        if (!hash) RC_FAIL(hash.error().text());
        return *hash;
    };
    const auto reference = fill(true, one.events.size());
    RC_ASSERT(fill(false, 0) == reference);
    RC_ASSERT(fill(true, one.events.size() / 2) == reference);
})

PROPERTY("whenever what came, a rebuild gives the projections that stand", [] {
    test::TemporaryFolder folder;
    const auto store = open(folder);
    TestOrigin one(21);
    TestOrigin two(22);
    TestOrigin office = headOffice(*store);
    RC_ASSERT(store->enrol(one.enrolment()).has_value() &&
              store->enrol(two.enrolment()).has_value());
    const std::vector<SubjectId> subjects{one.newSubject(), one.newSubject()};
    TimeMs now = kNoon;
    for (int i = *rc::gen::inRange(1, 20); i > 0; --i) {
        now += *rc::gen::inRange<TimeMs>(0, 40) * kMinuteMs;
        const SubjectId subject = subjects[static_cast<std::size_t>(*rc::gen::inRange(0, 2))];
        const int what = *rc::gen::inRange(0, 6);
        TestOrigin& till = *rc::gen::arbitrary<bool>() ? one : two;
        TestOrigin& origin = what > 3 ? office : till;
        // What a till says of the time may be anything.
        const TimeMs at = what > 3 ? now : kNoon + *rc::gen::inRange<TimeMs>(-9, 99) * kHourMs;
        const wire::PersonData person = anna();
        if (what == 0) {
            origin.add(subject, word(), at);
        } else if (what == 1) {
            origin.add(subject, address(), at, &person);
        } else if (what < 4) {
            origin.add(subject, test::act(what == 2 ? Choice::given : Choice::refused), at,
                       &person);
        } else if (what == 4) {
            origin.add(subject, consent::Erase{}, at);
        } else {
            origin.add(SubjectId{}, consent::ClockJudgement{till.id, 1, 5, kHourMs, false}, at);
        }
        const std::size_t last = origin.events.size();
        RC_ASSERT(origin.push(*store, last, last, now).has_value());
        if (*rc::gen::arbitrary<bool>()) {
            const auto from = store->servedFrom(till.id, Cursor{}).value();
            const auto page = store->pull(from, 500, till.id).value();
            RC_ASSERT(store->served(till.id, from, page.next, now).has_value());
            RC_ASSERT(store->served(till.id, page.next, page.next, now).has_value());
        }
    }
    const auto proof = store->verify();
    if (!proof) RC_FAIL(proof.error().text());
})
