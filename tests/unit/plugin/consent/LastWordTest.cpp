// Facts and addresses under clocks that are not believed: of all that may be the last word, the
// strictest.
#include "plugin/consent/LastWord.h"

#include <algorithm>

#include "tests/support/Property.h"

using namespace souffleur;
using namespace souffleur::consent;

namespace {

constexpr TimeMs kNoon = 1795521600000;
constexpr TimeMs k2099 = 4070908800000;

template <typename IdType>
IdType idOf(std::uint64_t seed) {
    SeededRandom random(seed * 7919 + 1);
    return IdType::random(random);
}

const SubjectId kAnna = idOf<SubjectId>(1);

/// What a device said of Anna.
struct Device {
    explicit Device(std::uint64_t seed) : id(idOf<OriginId>(seed)), next(seed * 1000) {}
    Event says(const char* value, TimeMs at, TimeMs received = kMaxTime, TimeMs unc = 100) {
        Event event;
        event.id = idOf<EventId>(next++);
        event.origin = id;
        event.position = ++position;
        event.subject = kAnna;
        event.at = at;
        event.unc = unc;
        event.received = received;
        event.body = Fact{"restricted", value};
        return event;
    }
    OriginId id;
    std::uint64_t next;
    std::uint64_t position = 0;
};

bool restricted(const std::vector<Event>& events, const Clocks& clocks = {}) {
    return factHolds(events, kAnna, "restricted", clocks);
}

} // namespace

TEST_CASE("one device's own order decides while its clock does not run back") {
    Device till(2);
    const Event yes = till.says("yes", kNoon);
    const Event no = till.says("no", kNoon);
    CHECK(restricted({yes}));
    CHECK_FALSE(restricted({yes, no}));
    CHECK(restricted({yes, no, till.says("yes", kNoon + 1)}));
    CHECK_FALSE(restricted({}));
    CHECK(restricted({no, till.says("perhaps", kNoon + 2)}));
    Event other = yes;
    other.subject = idOf<SubjectId>(9);
    CHECK_FALSE(restricted({other}));
}

TEST_CASE("a device whose clock ran back may have meant either order") {
    Device till(2);
    const Event ahead = till.says("no", kNoon + kDayMs);
    const Event right = till.says("yes", kNoon);
    CHECK(restricted({ahead, right}));
    Device two(3);
    const Event yes = two.says("yes", kNoon + kDayMs);
    const Event back = two.says("no", kNoon);
    CHECK(restricted({yes, back}));
    CHECK_FALSE(restricted({yes, back, two.says("no", kNoon + kDayMs)}));
}

TEST_CASE("across devices the milder word must be later whatever the clocks were off") {
    Device one(2);
    Device two(3);
    const Event yes = one.says("yes", kNoon);
    CHECK(restricted({yes, two.says("no", kNoon + 1)}));
    CHECK(restricted({yes, two.says("no", kNoon + kClockMarginMs + 200)}));
    CHECK_FALSE(restricted({yes, two.says("no", kNoon + kClockMarginMs + 201)}));
    CHECK(restricted({yes, two.says("no", kNoon + kDayMs, kMaxTime, kUncInfinite)}));
    CHECK(restricted({one.says("yes", kNoon, kMaxTime, kUncInfinite), two.says("no", k2099)}));
}

TEST_CASE("nothing was said after it was received") {
    Device one(2);
    Device two(3);
    // Never synchronised, but it came at noon: an hour later it is old.
    const Event yes = one.says("yes", kNoon - kDayMs, kNoon, kUncInfinite);
    CHECK(restricted({yes, two.says("no", kNoon, kNoon + kHourMs)}));
    CHECK_FALSE(restricted({yes, two.says("no", kNoon + 101, kNoon + kHourMs)}));
    // "no" of 2099 came before the yes was said.
    const Event future = two.says("no", k2099, kNoon);
    CHECK(restricted({future, one.says("yes", kNoon + kMinuteMs, kNoon + kHourMs)}));
    // and after it, but its clock is not believed
    CHECK(restricted({one.says("yes", kNoon, kNoon + 1), two.says("no", k2099, kNoon + kDayMs)}));
}

TEST_CASE("a clock ahead of its receipt is not believed again because head office doubts it") {
    Device one(2);
    Device two(3);
    const std::vector<Event> events{
        one.says("yes", kNoon),
        two.says("no", kNoon + kHourMs + kClockMarginMs + 1, kNoon + kHourMs, 0)};
    CHECK(restricted(events));
    Clocks clocks;
    clocks.add({two.id, 1, 1, kMinuteMs, false});
    CHECK(restricted(events, clocks));
}

TEST_CASE("what came before something received was made before it, whatever it claims") {
    Device one(2);
    Device two(3);
    // The second position came at noon: the first was not made half an hour later.
    const std::vector<Event> events{two.says("no", kNoon + 37 * kMinuteMs, kMaxTime, 0),
                                    two.says("no", kNoon + 37 * kMinuteMs, kNoon, 0),
                                    one.says("yes", kNoon + kMinuteMs, kNoon + kHourMs, 0)};
    CHECK(restricted(events));
    std::vector<const Event*> said;
    for (const Event& event : events) said.push_back(&event);
    CHECK(lastWords(said, {}) == std::vector<const Event*>{&events[2]});
}

TEST_CASE("a judged clock loses its say over other devices") {
    Device one(2);
    Device two(3);
    const std::vector<Event> events{one.says("yes", kNoon), two.says("no", kNoon + kDayMs)};
    CHECK_FALSE(restricted(events));
    Clocks clocks;
    clocks.add({two.id, 1, 1, 2 * kDayMs, false});
    CHECK(restricted(events, clocks));
    Clocks suspicious;
    suspicious.add({two.id, 1, 1, 0, true});
    CHECK(restricted(events, suspicious));
}

TEST_CASE("of two statuses that may both be the last the stricter one stands") {
    CHECK(stricter(ContactStatus::verified, ContactStatus::unverified) ==
          ContactStatus::unverified);
    CHECK(stricter(ContactStatus::bounced, ContactStatus::unverified) == ContactStatus::bounced);
    CHECK(stricter(ContactStatus::bounced, ContactStatus::removed) == ContactStatus::removed);
    Device one(2);
    Device two(3);
    Event verified = one.says("", kNoon);
    verified.body = Contact{"email", "aa", ContactStatus::verified};
    Event bounced = two.says("", kNoon + 1);
    bounced.body = Contact{"email", "aa", ContactStatus::bounced};
    const std::vector<const Event*> said{&verified, &bounced};
    CHECK(statusOf(lastWords(said, {})) == ContactStatus::bounced);
    const std::vector<const Event*> alone{&verified};
    CHECK(statusOf(lastWords(alone, {})) == ContactStatus::verified);
}

TEST_CASE("head office's stricter word is taken back by head office alone") {
    Device office(2);
    Device till(3);
    Device other(4);
    const auto holds = [&](const std::vector<Event>& events) {
        return factHolds(events, kAnna, "restricted", {},
                         [&](const OriginId& origin) { return origin == office.id; });
    };
    const Event yes = office.says("yes", kNoon);
    const Event milder = till.says("no", kNoon + kDayMs);
    CHECK_FALSE(restricted({yes, milder}));
    CHECK(holds({yes, milder}));
    CHECK(holds({milder, yes}));
    const Event stricter = other.says("yes", kNoon + 2 * kDayMs);
    const Event again = till.says("no", kNoon + 3 * kDayMs);
    CHECK(holds({yes, milder, stricter, again})); // nor by way of another till's word
    const Event lifted = office.says("no", kNoon + 4 * kDayMs);
    CHECK_FALSE(holds({yes, milder, stricter, again, lifted}));
    const Event anew = till.says("yes", kNoon + 5 * kDayMs);
    CHECK(holds({yes, lifted, anew}));
    CHECK_FALSE(holds({yes, lifted, anew, other.says("no", kNoon + 6 * kDayMs)}));
}

TEST_CASE("an address that head office removed is had again by naming it, its bounce included") {
    Device office(2);
    Device till(3);
    const auto word = [](Device& device, ContactStatus status, TimeMs at) {
        Event event = device.says("", at);
        event.body = Contact{"email", "aa", status};
        return event;
    };
    const auto status = [&](const std::vector<Event>& events) {
        std::vector<const Event*> said;
        for (const Event& event : events) said.push_back(&event);
        return statusOf(
            decidingWords(said, {}, [&](const OriginId& origin) { return origin == office.id; }));
    };
    const Event bounced = word(office, ContactStatus::bounced, kNoon);
    const Event healed = word(till, ContactStatus::verified, kNoon + kDayMs);
    CHECK(status({bounced, healed}) == ContactStatus::bounced);
    const Event removed = word(office, ContactStatus::removed, kNoon + 2 * kDayMs);
    CHECK(status({bounced, removed}) == ContactStatus::removed);
    const Event named = word(till, ContactStatus::unverified, kNoon + 3 * kDayMs);
    CHECK(status({removed, named}) == ContactStatus::unverified);
    CHECK(status({bounced, removed, named}) == ContactStatus::bounced);
    const Event works = word(office, ContactStatus::verified, kNoon + 4 * kDayMs);
    CHECK(status({bounced, removed, named, works}) == ContactStatus::verified);
}

PROPERTY("the last words depend on no order, and the strictest is never outdone by a judgement",
         [] {
             std::vector<Device> devices{Device(2), Device(3), Device(4)};
             std::vector<Event> events;
             for (int i = *rc::gen::inRange(1, 12); i > 0; --i) {
                 Device& device = devices[static_cast<std::size_t>(*rc::gen::inRange(0, 3))];
                 const TimeMs received = kNoon + *rc::gen::inRange<TimeMs>(0, 90) * kMinuteMs;
                 events.push_back(
                     device.says(*rc::gen::arbitrary<bool>() ? "yes" : "no",
                                 kNoon + *rc::gen::inRange<TimeMs>(-90, 90) * kMinuteMs,
                                 *rc::gen::arbitrary<bool>() ? received : kMaxTime,
                                 *rc::gen::inRange<TimeMs>(0, 60) * kMinuteMs));
             }
             std::vector<const Event*> said;
             for (const Event& event : events) said.push_back(&event);
             const auto reference = lastWords(said, {});
             RC_ASSERT(!reference.empty());
             const bool held = restricted(events);
             std::vector<Event> shuffled = events;
             for (std::size_t i = shuffled.size(); i > 1; --i)
                 std::swap(shuffled[i - 1], shuffled[*rc::gen::inRange<std::size_t>(0, i)]);
             shuffled.push_back(shuffled.front());
             RC_ASSERT(restricted(shuffled) == held);
             Clocks clocks;
             for (const Device& device : devices)
                 clocks.add({device.id, 1, 3, *rc::gen::inRange<TimeMs>(0, 90) * kMinuteMs,
                             *rc::gen::arbitrary<bool>()});
             // A device less sure of its time rules nothing out that could be before.
             for (const Event* event : reference) {
                 const auto judged = lastWords(said, clocks);
                 RC_ASSERT(std::find(judged.begin(), judged.end(), event) != judged.end());
             }
         })
