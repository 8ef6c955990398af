// The projections do not depend on the order in which batches arrive.
#include <algorithm>

#include "plugin/base/Limits.h"
#include "tests/support/Property.h"
#include "tests/unit/sync/store/Hub.h"

using namespace souffleur;
using namespace souffleur::store;
using namespace souffleur::test;
using consent::Choice;

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
        const int what = *rc::gen::inRange(0, 8);
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
            if (from <= to) RC_ASSERT(origin.push(*store, from, to).has_value());
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
