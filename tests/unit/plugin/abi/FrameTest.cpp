// The codec both ends share: what it writes it reads back, and what it would not write it refuses.
#include "plugin/abi/frame.h"

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/Property.h"

namespace {

souffleur_text_t textOf(std::string_view text) {
    return {text.data(), text.size()};
}
std::string copyOf(souffleur_text_t text) {
    return {text.bytes, text.size};
}

std::string cleaned(const std::string& text, std::size_t max = 1000) {
    std::string out(max, '?');
    out.resize(souffleur_text_clean(textOf(text), out.data(), max));
    return out;
}

std::vector<std::uint8_t> encoded(const souffleur_message_t& message) {
    std::vector<std::uint8_t> out(SOUFFLEUR_FRAME_MAX);
    out.resize(souffleur_frame_encode(&message, out.data(), out.size()));
    return out;
}

souffleur_message_t selected(std::string_view system, std::string_view id) {
    souffleur_message_t message{};
    message.type = SOUFFLEUR_FRAME_SELECTED;
    message.seq = 7;
    message.selection = 3;
    message.customer.system = textOf(system);
    message.customer.id = textOf(id);
    return message;
}

/// The frame must outlive `out`.
souffleur_decoded_t decode(const std::vector<std::uint8_t>& frame, souffleur_message_t& out) {
    return souffleur_frame_decode(frame.data(), frame.size(), &out);
}

/// A frame by hand: header and raw fields.
std::vector<std::uint8_t> frameOf(std::uint8_t type, const std::string& fields) {
    std::vector<std::uint8_t> out{'S', 'f', SOUFFLEUR_PROTOCOL, type, 1, 0, 0, 0};
    for (int i = 0; i < 4; ++i) out.push_back(static_cast<std::uint8_t>(fields.size() >> (8 * i)));
    out.insert(out.end(), fields.begin(), fields.end());
    return out;
}

std::string field(std::uint16_t tag, const std::string& bytes) {
    std::string out;
    out.push_back(static_cast<char>(tag & 0xff));
    out.push_back(static_cast<char>(tag >> 8));
    out.push_back(static_cast<char>(bytes.size() & 0xff));
    out.push_back(static_cast<char>(bytes.size() >> 8));
    return out + bytes;
}

const std::string kNumber3("\3\0\0\0", 4);
const std::string kSelected = field(3, kNumber3) + field(4, "pretix") + field(5, "c1");

rc::Gen<std::string> anyBytes(std::size_t max) {
    return rc::gen::resize(static_cast<int>(max), rc::gen::string<std::string>());
}

} // namespace

TEST_CASE("a label is cleaned: invalid UTF-8 becomes U+FFFD, control characters a space") {
    CHECK(cleaned("Zoë Смирнова 👩") == "Zoë Смирнова 👩");
    CHECK(cleaned("a\x1b[31mb\x07\x7f") == "a [31mb  ");
    CHECK(cleaned("a\xc2\x9bq") == "a q"); // C1: CSI in one character
    CHECK(cleaned("a\xff"
                  "b") == "a\xEF\xBF\xBD"
                          "b");
    CHECK(cleaned("\xc0\x80") == "\xEF\xBF\xBD\xEF\xBF\xBD");                 // overlong NUL
    CHECK(cleaned("\xed\xa0\x80") == "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"); // a surrogate
    CHECK(cleaned("x\xe2\x82") ==
          "x\xEF\xBF\xBD"); // cut short: one replacement for the maximal subpart
    CHECK(cleaned(std::string("a\0b", 3)) == "a b");
}

TEST_CASE("a label is cut at a character, not inside one") {
    CHECK(cleaned("éé", 3) == "é");
    CHECK(cleaned("👩", 3).empty());
}

TEST_CASE("what goes wrong with an identifier fails the frame, with a contact field drops it") {
    CHECK_FALSE(encoded(selected("pretix", "c1")).empty());
    CHECK(encoded(selected("pretix", "")).empty());
    CHECK(encoded(selected("", "c1")).empty());
    CHECK(encoded(selected("pretix", std::string(SOUFFLEUR_ID_MAX + 1, 'x'))).empty());
    CHECK(encoded(selected("pretix", "c\xff")).empty());
    CHECK(encoded(selected("pretix", "c\n")).empty());

    const std::string longMail(SOUFFLEUR_EMAIL_MAX + 1, 'x');
    const std::string badPhone = "+44 7700 \x1b 900123";
    auto message = selected("pretix", "c1");
    message.customer.email = textOf(longMail);
    message.customer.phone = textOf(badPhone);
    souffleur_message_t back;
    const auto frame = encoded(message);
    REQUIRE(decode(frame, back) == SOUFFLEUR_DECODED);
    CHECK(back.customer.email.size == 0);
    CHECK(back.customer.phone.size == 0);
}

TEST_CASE("a name of 10 MB is cut") {
    const std::string name(10 * 1024 * 1024, 'n');
    auto message = selected("pretix", "c1");
    message.customer.name = textOf(name);
    souffleur_message_t back;
    const auto frame = encoded(message);
    REQUIRE(decode(frame, back) == SOUFFLEUR_DECODED);
    CHECK(back.customer.name.size == SOUFFLEUR_NAME_MAX);
}

TEST_CASE("numbers and baskets out of range fail the frame") {
    auto message = selected("pretix", "c1");
    std::vector<souffleur_basket_item_t> items(SOUFFLEUR_BASKET_MAX + 1);
    for (auto& item : items) item.quantity = 1;
    message.customer.basket = items.data();
    message.customer.basket_count = SOUFFLEUR_BASKET_MAX;
    CHECK_FALSE(encoded(message).empty());
    message.customer.basket_count = SOUFFLEUR_BASKET_MAX + 1;
    CHECK(encoded(message).empty());
    message.customer.basket_count = 1;
    items[0].quantity = 0;
    CHECK(encoded(message).empty());
    items[0].quantity = SOUFFLEUR_QUANTITY_MAX + 1;
    CHECK(encoded(message).empty());
    items[0].quantity = 1;
    message.customer.situation = SOUFFLEUR_SCHOOL + 1;
    CHECK(encoded(message).empty());
    message.customer.situation = SOUFFLEUR_SCHOOL;
    CHECK_FALSE(encoded(message).empty());
    message.customer.basket = nullptr;
    CHECK(encoded(message).empty());
}

TEST_CASE("the largest message fits the largest frame") {
    const std::string system(SOUFFLEUR_SYSTEM_MAX, 's');
    const std::string id(SOUFFLEUR_ID_MAX, 'i');
    const std::string name(SOUFFLEUR_NAME_MAX, 'n');
    const std::string mail(SOUFFLEUR_EMAIL_MAX, 'm');
    const std::string word(SOUFFLEUR_GENRE_MAX, 'g');
    auto message = selected(system, id);
    message.customer.name = textOf(name);
    message.customer.email = textOf(mail);
    message.customer.phone = message.customer.card = textOf(word);
    std::vector<souffleur_basket_item_t> items(SOUFFLEUR_BASKET_MAX,
                                               {textOf(id), textOf(word), textOf(id), 9});
    message.customer.basket = items.data();
    message.customer.basket_count = items.size();
    CHECK(encoded(message).size() > 10000);
}

TEST_CASE("a frame that is too small for its message is not written") {
    auto message = selected("pretix", "c1");
    const auto whole = encoded(message);
    std::vector<std::uint8_t> out(whole.size());
    for (std::size_t capacity = 0; capacity < whole.size(); ++capacity) {
        CHECK(souffleur_frame_encode(&message, out.data(), capacity) == 0);
    }
}

TEST_CASE("malformed frames are told from unknown and newer ones") {
    souffleur_message_t out;
    CHECK(decode(frameOf(2, kSelected), out) == SOUFFLEUR_DECODED);
    CHECK(decode(frameOf(99, kSelected), out) == SOUFFLEUR_DECODED_UNKNOWN);
    auto newer = frameOf(2, kSelected);
    newer[2] = 2;
    CHECK(decode(newer, out) == SOUFFLEUR_DECODED_VERSION);
    auto notOurs = frameOf(2, kSelected);
    notOurs[0] = 'G';
    CHECK(decode(notOurs, out) == SOUFFLEUR_DECODED_MALFORMED);
    auto trailing = frameOf(2, kSelected);
    trailing.push_back(0);
    CHECK(decode(trailing, out) == SOUFFLEUR_DECODED_MALFORMED);

    const std::string missing = field(4, "pretix") + field(5, "c1");
    const std::string twice = kSelected + field(5, "c2");
    const std::string empty = kSelected + field(6, "");
    const std::string control = kSelected + field(6, "\x1b[2J");
    const std::string invalid = kSelected + field(6, "\xff");
    const std::string tooLong = kSelected + field(6, std::string(SOUFFLEUR_NAME_MAX + 1, 'n'));
    const std::string narrow = kSelected + field(11, std::string("\1\0", 2));
    const std::string situation = kSelected + field(11, std::string("\4\0\0\0", 4));
    const std::string emptyItem = kSelected + field(12, field(14, "opera"));
    const std::string cutItem = kSelected + field(12, "\x0d");
    for (const auto& fields : {missing, twice, empty, control, invalid, tooLong, narrow, situation,
                               emptyItem, cutItem}) {
        CHECK(decode(frameOf(2, fields), out) == SOUFFLEUR_DECODED_MALFORMED);
    }
    std::string manyItems = kSelected;
    for (int i = 0; i <= SOUFFLEUR_BASKET_MAX; ++i) manyItems += field(12, field(16, kNumber3));
    CHECK(decode(frameOf(2, manyItems), out) == SOUFFLEUR_DECODED_MALFORMED);
    CHECK(decode(frameOf(4, field(17, std::string("\1\0\0\0\0\0\0\0", 8)) + field(4, "p") +
                                field(18, "o") + field(20, "eur")),
                 out) == SOUFFLEUR_DECODED_MALFORMED);
}

TEST_CASE("unknown fields, and those of other types, are skipped") {
    souffleur_message_t out;
    const std::string more = kSelected + field(31, "later") + field(60000, "\xff") + field(25, "x");
    const auto frame = frameOf(2, more);
    REQUIRE(decode(frame, out) == SOUFFLEUR_DECODED);
    CHECK(copyOf(out.customer.id) == "c1");
    CHECK(out.script.size == 0);
}

TEST_CASE("every cut of a frame is malformed") {
    const auto whole = frameOf(2, kSelected);
    souffleur_message_t out;
    for (std::size_t size = 0; size < whole.size(); ++size) {
        CHECK(souffleur_frame_decode(whole.data(), size, &out) == SOUFFLEUR_DECODED_MALFORMED);
    }
}

TEST_CASE("flag names and numbers are one") {
    CHECK(souffleur_flag_kind_of(SOUFFLEUR_LITERAL("ask")) == SOUFFLEUR_FLAG_ASK);
    CHECK(souffleur_flag_kind_of(SOUFFLEUR_LITERAL("no-address")) == SOUFFLEUR_FLAG_NO_ADDRESS);
    CHECK(souffleur_flag_kind_of(SOUFFLEUR_LITERAL("restricted")) == SOUFFLEUR_FLAG_RESTRICTED);
    CHECK(souffleur_flag_kind_of(SOUFFLEUR_LITERAL("newest")) == SOUFFLEUR_FLAG_OTHER);
    CHECK(souffleur_flag_kind_of({nullptr, 0}) == SOUFFLEUR_FLAG_OTHER);
}

PROPERTY("cleaning ends, fits and cleans", [](std::uint8_t max) {
    const auto text = *anyBytes(300);
    const auto out = cleaned(text, max);
    RC_ASSERT(out.size() <= max);
    RC_ASSERT(souffleur_text_is_clean(textOf(out)) == 1);
    RC_ASSERT(cleaned(out) == out);
})

PROPERTY("a selection comes back as its cleaned self", [] {
    const auto name = *anyBytes(600);
    const auto genre = *anyBytes(90);
    auto message = selected("pretix", "c1");
    message.selection = *rc::gen::nonZero<std::uint32_t>();
    message.seq = *rc::gen::arbitrary<std::uint32_t>();
    message.customer.name = textOf(name);
    message.customer.situation = *rc::gen::inRange<std::uint32_t>(0, 4);
    const souffleur_basket_item_t item{
        {nullptr, 0}, textOf(genre), {nullptr, 0}, *rc::gen::inRange<std::uint32_t>(1, 100001)};
    message.customer.basket = &item;
    message.customer.basket_count = 1;
    const auto frame = encoded(message);
    souffleur_message_t back;
    RC_ASSERT(decode(frame, back) == SOUFFLEUR_DECODED);
    RC_ASSERT(back.selection == message.selection);
    RC_ASSERT(back.seq == message.seq);
    RC_ASSERT(copyOf(back.customer.name) == cleaned(name, SOUFFLEUR_NAME_MAX));
    RC_ASSERT(back.customer.situation == message.customer.situation);
    RC_ASSERT(back.customer.basket_count == 1U);
    RC_ASSERT(copyOf(back.customer.basket[0].genre) == cleaned(genre, SOUFFLEUR_GENRE_MAX));
    RC_ASSERT(back.customer.basket[0].quantity == item.quantity);
    RC_ASSERT(encoded(back) == frame);
})

PROPERTY("an order and a flag come back", [](std::int64_t total, std::int64_t asOf) {
    const auto words = *anyBytes(300);
    souffleur_message_t order{};
    order.type = SOUFFLEUR_FRAME_COMPLETED;
    order.serial = *rc::gen::nonZero<std::uint64_t>();
    order.customer.system = SOUFFLEUR_LITERAL("pretix");
    order.order_id = SOUFFLEUR_LITERAL("A1B2C");
    order.currency = SOUFFLEUR_LITERAL("EUR");
    order.total_minor = total;
    souffleur_message_t back;
    const auto orderFrame = encoded(order);
    RC_ASSERT(decode(orderFrame, back) == SOUFFLEUR_DECODED);
    RC_ASSERT(back.total_minor == total);
    RC_ASSERT(back.serial == order.serial);
    souffleur_message_t flag{};
    flag.type = SOUFFLEUR_FRAME_FLAG;
    flag.selection = 1;
    flag.kind = SOUFFLEUR_LITERAL("ask");
    flag.words = textOf(words);
    flag.as_of_ms = asOf;
    const auto flagFrame = encoded(flag);
    RC_ASSERT(decode(flagFrame, back) == SOUFFLEUR_DECODED);
    RC_ASSERT(back.as_of_ms == asOf);
    RC_ASSERT(copyOf(back.words) == cleaned(words, SOUFFLEUR_WORDS_CAPACITY - 1));
})

PROPERTY("one flipped byte never breaks the reader, and what it still reads it can write", [] {
    auto frame = frameOf(2, kSelected + field(6, "Zoë") + field(12, field(16, kNumber3)));
    const auto at = *rc::gen::inRange<std::size_t>(0, frame.size());
    frame[at] = *rc::gen::arbitrary<std::uint8_t>();
    souffleur_message_t out;
    if (decode(frame, out) == SOUFFLEUR_DECODED) RC_ASSERT(!encoded(out).empty());
})
