#include "plugin/wire/Header.h"

#include "plugin/base/Limits.h"
#include "tests/support/Property.h"

using namespace souffleur;
using namespace souffleur::wire;
using namespace souffleur::consent;

namespace {

const std::string kHash(64, 'a');

template <typename IdType>
IdType someId(std::uint64_t seed) {
    SeededRandom random(seed);
    return IdType::random(random);
}

Event act() {
    Event event;
    event.id = someId<EventId>(1);
    event.origin = someId<OriginId>(2);
    event.subject = someId<SubjectId>(3);
    event.at = 1763800000000;
    event.unc = 250;
    event.offsetMin = 60;
    Act body;
    body.controller = "house";
    ChoiceItem yes;
    yes.purpose = "newsletter";
    yes.channel = "email";
    yes.choice = Choice::given;
    yes.confirm = true;
    yes.validUntil = 1826800000000;
    yes.notice = {"newsletter-email", 3, "nl", kHash};
    ChoiceItem no;
    no.purpose = "partner:museum";
    no.channel = std::string(kAny);
    no.choice = Choice::objected;
    body.choices = {yes, no};
    body.seen = {someId<EventId>(4)};
    body.method = Method::screen;
    body.by = someId<OperatorId>(5);
    body.place = "till-2";
    body.withdrawHandleHash = kHash;
    event.body = body;
    return event;
}

Event with(Body body) {
    Event event = act();
    event.body = std::move(body);
    if (std::holds_alternative<ClockJudgement>(event.body) ||
        std::holds_alternative<PolicyInForce>(event.body)) {
        event.subject = {};
    }
    return event;
}

std::string bytesOf(const Event& event) {
    return encodeHeader(event, kHash).value();
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

Error errorOf(const std::string& bytes) {
    const auto header = decodeHeader(bytes);
    REQUIRE_FALSE(header.has_value());
    return header.error();
}

} // namespace

TEST_CASE("every kind comes back as it went") {
    const EventId target = someId<EventId>(6);
    const SubjectId other = someId<SubjectId>(7);
    ClockJudgement clock{someId<OriginId>(8), 5, 900, 60000, true};
    ClockJudgement endless{someId<OriginId>(8), 1, ~std::uint64_t{0}, kUncInfinite, false};
    const std::vector<Body> bodies{act().body,
                                   Confirmed{target, "email", "00ff"},
                                   Retract{target, someId<OperatorId>(5)},
                                   Retract{target, {}},
                                   Link{other, "same-email-and-name"},
                                   Unlink{target, other, {someId<EventId>(9)}},
                                   Erase{},
                                   Contact{"email", kHash, ContactStatus::bounced},
                                   Order{"pretix", {"jazz", "opera"}, 12550},
                                   Fact{"language", "nl-BE"},
                                   clock,
                                   endless,
                                   PolicyInForce{"nl", 4, kHash}};
    for (const Body& body : bodies) {
        CAPTURE(kindName(body));
        const Event event = with(body);
        const std::string bytes = bytesOf(event);
        const auto header = decodeHeader(bytes);
        REQUIRE(header.has_value());
        CHECK(header->event == event);
        CHECK(header->commitment == kHash);
        CHECK(encodeHeader(header->event, header->commitment).value() == bytes);
    }
}

TEST_CASE("the bytes are compact, ordered and without position") {
    Event event = with(Fact{"minor", "yes"});
    event.unc = kUncInfinite;
    event.position = 77;
    const std::string expected = R"({"v":1,"id":")" + event.id.text() + R"(","origin":")" +
                                 event.origin.text() + R"(","kind":"fact","subject":")" +
                                 event.subject.text() +
                                 R"(","at":1763800000000,"off":60,"fact":"minor","value":"yes"})";
    CHECK(encodeHeader(event, "").value() == expected);
    CHECK(decodeHeader(expected)->event.unc == kUncInfinite);
}

TEST_CASE("a null uncertainty is the infinite one") {
    const auto header = decodeHeader(replaced(bytesOf(act()), R"("unc":250)", R"("unc":null)"));
    CHECK(header.value().event.unc == kUncInfinite);
}

TEST_CASE("unknown members are passed over") {
    const std::string bytes =
        replaced(bytesOf(act()), R"("off":60)", R"("off":60,"future":{"deep":[1,2]})");
    CHECK(decodeHeader(bytes).value().event == act());
}

TEST_CASE("unknown versions and kinds are unsupported, not invalid") {
    CHECK(errorOf(replaced(bytesOf(act()), "\"v\":1", "\"v\":2")).code == Code::unsupported);
    CHECK(errorOf(replaced(bytesOf(act()), "\"kind\":\"act\"", "\"kind\":\"vow\"")).code ==
          Code::unsupported);
}

TEST_CASE("malformed headers are refused with their place") {
    const std::string good = bytesOf(act());
    const std::vector<std::array<std::string, 3>> cases{
        {"\"v\":1", "\"v\":\"1\"", "/v"},
        {"\"at\":1763800000000", "\"at\":-1", "/at"},
        {"\"at\":1763800000000", "\"at\":253402300800000", "/at"},
        {"\"at\":1763800000000", "\"at\":1.5", "/at"},
        {"\"off\":60", "\"off\":1441", "/off"},
        {"\"unc\":250", "\"unc\":-1", "/unc"},
        {"\"is\":\"given\"", "\"is\":\"perhaps\"", "/choices/0/is"},
        {"\"p\":\"newsletter\"", "\"p\":\"*\"", "/choices"},
        {"\"p\":\"newsletter\"", "\"p\":\"News Letter\"", "/choices"},
        {"\"cf\":true", "\"cf\":1", "/choices/0/cf"},
        {"\"ctl\":\"house\"", "\"ctl\":\"\"", "/ctl"},
        {"\"m\":\"screen\"", "\"m\":\"dream\"", "/m"},
        {"@3:nl", "@03:nl", "/choices/0/n"},
        {"@3:nl", "@3nl", "/choices/0/n"},
        {"\"place\":\"till-2\"", "\"place\":\"a b\"", "/place"},
        {"\"commit\":\"aa", "\"commit\":\"AA", "/commit"},
    };
    for (const auto& [from, to, where] : cases) {
        CAPTURE(to);
        const Error error = errorOf(replaced(good, from, to));
        CHECK(error.code == Code::invalid);
        CHECK(error.where == where);
    }
    CHECK(errorOf(replaced(good, "\"off\":60", "\"off\":60,\"off\":60")).code == Code::invalid);
    CHECK(errorOf(good + " x").code == Code::invalid);
    CHECK(errorOf("[]").code == Code::invalid);
    CHECK(errorOf(std::string(limits::kEventMaxBytes + 1, ' ')).code == Code::tooLarge);
}

TEST_CASE("what may not be read may not be written") {
    Event event = act();
    auto& body = std::get<Act>(event.body);
    body.choices.resize(limits::kChoicesMax + 1, body.choices[0]);
    CHECK(encodeHeader(event, "").error().code == Code::tooLarge);
    body.choices.clear();
    CHECK(encodeHeader(event, "").error().code == Code::invalid);
    event = act();
    std::get<Act>(event.body).seen.resize(limits::kSeenMax + 1);
    CHECK(encodeHeader(event, "").error().code == Code::tooLarge);
    event = act();
    std::get<Act>(event.body).source = "line\nbreak";
    CHECK_FALSE(encodeHeader(event, "").has_value());
    event = act();
    event.subject = {};
    CHECK(encodeHeader(event, "").error().where == "/subject");
    CHECK_FALSE(encodeHeader(with(Fact{"language", "a sentence with blanks"}), "").has_value());
    CHECK_FALSE(encodeHeader(act(), "not hex").has_value());
}

TEST_CASE("the commitment alone is found where it stands") {
    CHECK(headerCommitment(bytesOf(act())) == kHash);
    CHECK(headerCommitment(encodeHeader(act(), "").value()).value().empty());
    const std::string moved =
        replaced(replaced(bytesOf(act()), ",\"commit\":\"" + kHash + "\"", ""), "\"v\":1",
                 "\"v\":1,\"commit\":\"" + kHash + "\"");
    CHECK(headerCommitment(moved) == kHash);
    CHECK_FALSE(headerCommitment("{").has_value());
}

TEST_CASE("an act with a no, and an erasure, are negatives") {
    CHECK(isNegative(act()));
    CHECK(isNegative(with(Erase{})));
    CHECK_FALSE(isNegative(with(Fact{"minor", "yes"})));
    Event event = act();
    std::get<Act>(event.body).choices.pop_back();
    CHECK_FALSE(isNegative(event));
}

PROPERTY("no bytes crash the decoder, and what it reads it can write",
         [](std::string noise, std::size_t at) {
             std::string bytes = encodeHeader(act(), kHash).value();
             if (!noise.empty())
                 bytes.replace(at % bytes.size(), std::min(noise.size(), bytes.size()), noise);
             if (const auto header = decodeHeader(bytes)) {
                 RC_ASSERT(encodeHeader(header->event, header->commitment).has_value());
             }
         });

namespace {

/// An act with anything in it that a header can say.
Event someAct(SeededRandom& random) {
    const auto maybe = [&random] { return random.below(2) == 0; };
    Event event = act();
    event.id = EventId::random(random);
    event.at = static_cast<TimeMs>(random.below(2'000'000'000'000));
    event.unc = maybe() ? kUncInfinite : static_cast<TimeMs>(random.below(100000));
    event.offsetMin = static_cast<int>(random.below(1600)) - 800;
    Act& body = std::get<Act>(event.body);
    body.choices.resize(1);
    for (auto left = random.below(4); left > 0; --left) {
        ChoiceItem item;
        item.purpose = "p" + std::to_string(random.below(100));
        item.channel = maybe() ? "post" : "email";
        item.choice = static_cast<Choice>(random.below(5));
        item.basis = static_cast<Basis>(random.below(3));
        item.confirm = maybe();
        if (maybe()) item.validUntil = static_cast<TimeMs>(random.below(2'000'000'000'000));
        if (maybe()) item.notice = {"n" + std::to_string(random.below(9)), 12, "ca", kHash};
        body.choices.push_back(item);
    }
    body.seen.resize(random.below(4));
    for (EventId& id : body.seen) id = EventId::random(random);
    body.method = static_cast<Method>(random.below(5));
    if (maybe()) body.by = {};
    if (maybe()) body.place.clear();
    if (maybe()) body.source = maybe() ? "a file, \"old\" \\ new" : "Übernahme 2019";
    if (maybe()) body.withdrawHandleHash.clear();
    return event;
}

bool readsAlike(const std::string& bytes) {
    const auto strict = decodeHeader(bytes);
    if (!strict) return true; // never stored
    const auto stored = decodeStoredHeader(bytes);
    return stored && stored->event == strict->event && stored->commitment == strict->commitment;
}

} // namespace

PROPERTY("what was stored is read as it was when it came", [](std::uint64_t seed) {
    SeededRandom random(seed);
    const Event event = someAct(random);
    const std::string bytes =
        encodeHeader(event, random.below(2) == 0 ? std::string() : kHash).value();
    RC_ASSERT(readsAlike(bytes));
    RC_ASSERT(decodeStoredHeader(bytes)->event == event);
    // Others may write the same otherwise: members added, taken away, moved, doubled, escaped.
    static constexpr std::array<const char*, 16> kPieces{R"("x":1,)",
                                                         R"(,"cf":false)",
                                                         R"(,"cf":true)",
                                                         R"(,"unc":null)",
                                                         ",",
                                                         "\"",
                                                         "\\u0061",
                                                         R"(,"vu":1)",
                                                         " ",
                                                         "0",
                                                         "-",
                                                         "}",
                                                         "]",
                                                         R"(,"seen":[])",
                                                         R"(,"b":"a")",
                                                         R"(,"commit":"")"};
    for (int i = 0; i < 50; ++i) {
        std::string other = bytes;
        for (auto changes = 1 + random.below(2); changes > 0; --changes) {
            const auto at = random.below(other.size());
            const auto away =
                random.below(3) == 0 ? random.below(other.size() - at) : random.below(2);
            other.replace(at, away,
                          random.below(4) == 0 ? "" : kPieces[random.below(kPieces.size())]);
        }
        RC_ASSERT(readsAlike(other));
    }
    // The same members in another place.
    const std::size_t off = bytes.find(R"("off":)");
    const std::string member = bytes.substr(off, bytes.find(',', off) - off);
    std::string moved = bytes;
    moved.replace(off, member.size() + 1, "");
    moved.insert(1, member + ",");
    RC_ASSERT(decodeHeader(moved).value().event == event);
    RC_ASSERT(readsAlike(moved));
});
