#include "plugin/host/TapReader.h"

#include "tests/support/Property.h"

using namespace souffleur;

namespace {

const std::string kCut = "\x1DV\x42" + std::string(1, '\0');
const std::string kCard = "4111 1111 1111 1111";

std::vector<host::TapReceipt> read(const std::string& bytes, std::size_t piece = 1 << 20) {
    static const auto patterns = host::TapPatterns::load("generic").value();
    std::vector<host::TapReceipt> out;
    host::TapReader reader(patterns,
                           [&](const host::TapReceipt& receipt) { out.push_back(receipt); });
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        const std::string part = bytes.substr(at, piece);
        reader.feed({reinterpret_cast<const std::uint8_t*>(part.data()), part.size()});
    }
    reader.finish();
    return out;
}

} // namespace

TEST_CASE("the number of each receipt is found, whatever the pieces it comes in") {
    const std::string raster = std::string("\x1Dv0\0\x02\0\x03\0", 8) + "\x1DV\x41xyz";
    const std::string bytes = "\x1B@\x1B!\x08Theater\n\x1B!\x01Order \x1B"
                              "E\x01no.: 47\x1B"
                              "E" +
                              std::string(1, '\0') + "11081\n" + raster + "Total 25,00\n" + kCut +
                              "\x1B@Klant: 204711\nOrder no. 99887\n" + kCut + "\x10\x04\x01";
    for (const std::size_t piece : {1U, 2U, 3U, 7U, 4096U}) {
        CAPTURE(piece);
        const auto receipts = read(bytes, piece);
        REQUIRE(receipts.size() == 2);
        CHECK(receipts[0].number == "order:4711081");
        CHECK(receipts[0].cut);
        CHECK(receipts[1].number == "204711"); // the customer before the order
    }
}

TEST_CASE("numbers stand in codes as well") {
    const std::string qr = "order:4711081";
    const std::string store = "\x1D(k" + std::string(1, static_cast<char>(qr.size() + 3)) +
                              std::string(1, '\0') + "1P0" + qr;
    CHECK(read(store + kCut).front().number == "order:4711081");
    const std::string barcode = "\x1Dk\x49" + std::string(1, static_cast<char>(qr.size())) + qr;
    CHECK(read(barcode + kCut).front().number == "order:4711081");
    CHECK(read("\x1Dk\x04" + qr + std::string(1, '\0') + kCut).front().number == "order:4711081");
}

TEST_CASE("a receipt with card data gives nothing, and the next one is a new one") {
    for (const std::string& card :
         std::initializer_list<std::string>{kCard, std::string("4111 1111\r\n1111 1111"),
                                            "4111 11\x1B"
                                            "E\x01"
                                            "11 1111 1111",
                                            std::string("**** 1111")}) {
        CAPTURE(card);
        const auto receipts =
            read("Order no. 4711081\n" + card + "\n" + kCut + "Order no. 4711082\n" + kCut);
        REQUIRE(receipts.size() == 2);
        CHECK(receipts[0].blind);
        CHECK(receipts[0].number.empty());
        CHECK(receipts[1].number == "order:4711082");
    }
    const std::string barcode = "\x1Dk\x49\x10"
                                "4111111111111111";
    CHECK(read("Order no. 4711081\n" + barcode + kCut).front().blind);
    // Also where our line buffer ends in the middle of it.
    for (std::size_t before = 480; before < 530; ++before) {
        CHECK(read(std::string(before, 'a') + " " + kCard + "\n" + kCut).front().blind);
    }
}

TEST_CASE("unknown commands, silence and odd ends") {
    CHECK(read("\x1B~Order no. 4711081\n" + kCut).front().number == "order:4711081");
    const auto silent = read("Order no. 4711081");
    REQUIRE(silent.size() == 1);
    CHECK(silent.front().number == "order:4711081");
    CHECK_FALSE(silent.front().cut);
    CHECK(read("").empty());
    CHECK(read("\x1B@\x10\x04\x01" + kCut).empty());
    CHECK(read("TSE 0815\nOrder no. 4711081\n" + kCut).front().fiscal);
}

TEST_CASE("any bytes in any pieces give the same receipts") {
    CHECK(rc::check([] {
        const auto bytes = *rc::gen::container<std::string>(
            rc::gen::weightedOneOf<char>({{6, rc::gen::arbitrary<char>()},
                                          {2, rc::gen::element('\x1B', '\x1D', '\x10', '\n')}}));
        const auto piece = *rc::gen::inRange<std::size_t>(1, 9);
        const auto whole = read(bytes);
        const auto pieces = read(bytes, piece);
        RC_ASSERT(whole.size() == pieces.size());
        for (std::size_t i = 0; i < whole.size(); ++i) {
            RC_ASSERT(whole[i].number == pieces[i].number);
            RC_ASSERT(whole[i].blind == pieces[i].blind);
        }
    }));
}

TEST_CASE("a line of ours may stand only where nothing speaks against it") {
    static const auto generic = host::TapPatterns::load("generic").value();
    const auto ahead = [](const std::string& bytes, const host::TapPatterns& patterns) {
        host::TapReader reader(patterns, {});
        reader.feed({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
        return reader.alterable();
    };
    const std::string plain = "\x1B@Order no. 4711081\nTotal 25,00\n";
    CHECK(ahead(plain, generic) == "order:4711081");
    CHECK(ahead(plain + "\x1B"
                        "d\x03",
                generic) == "order:4711081");
    CHECK(ahead("Total 25,00\n", generic).empty()); // nobody's
    CHECK(ahead(plain + "half a line", generic).empty());
    CHECK(ahead(plain + "VISA **** 1234\n", generic).empty());
    CHECK(ahead(plain + "TSE 12345\n", generic).empty()); // fiscal
    CHECK(ahead(plain + "\x1BL", generic).empty());       // page mode
    CHECK(ahead(plain + "\x1BL\x1BS", generic) == "order:4711081");
    CHECK(ahead(plain + "\x1B{\x01", generic).empty()); // upside down
    CHECK(ahead("\x1B" + std::string("{\0", 2) + plain.substr(2), generic) == "order:4711081");
    CHECK(ahead(plain + "\x1B{\x01" + kCut + plain, generic) == "order:4711081"); // ESC @
    CHECK(ahead(plain + "\x1C\x01\n", generic).empty()); // not a command we know
    CHECK(ahead(plain + "\x1C\x01\n" + kCut + plain, generic) == "order:4711081");
    CHECK(ahead(plain + "\x1D", generic).empty()); // in a command
    CHECK(ahead(plain + kCut, generic).empty());   // over
    const auto fiscal =
        host::TapPatterns::parse("format = 1\nsystem = \"shop\"\nall-fiscal = true\n[[number]]\n"
                                 "pattern = 'Order no. ([0-9]+)'\nexample = \"Order no. 123\"\n"
                                 "gives = \"123\"\n",
                                 "shop.toml")
            .value();
    CHECK(ahead(plain, fiscal).empty());
    CHECK_FALSE(host::TapPatterns::parse("format = 1\nall-fiscal = 1\n", "shop.toml"));
}

TEST_CASE("a pause before the cut (the card terminal) leaves nothing to alter on that paper") {
    static const auto patterns = host::TapPatterns::load("generic").value();
    const std::string plain = "Order no. 4711081\nTotal 25,00\n";
    const auto feed = [](host::TapReader& reader, const std::string& text) {
        reader.feed({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    };
    for (const std::string& before : std::initializer_list<std::string>{
             "TSE 0815\nTotal 25,00\n", "VISA **** 1234\n", "\x1C\x01", plain, "half a line",
             std::string("\x1Dv0\0\x10\0\x10\0", 8)}) {
        CAPTURE(before);
        std::vector<host::TapReceipt> receipts;
        host::TapReader reader(patterns, [&](const auto& each) { receipts.push_back(each); });
        feed(reader, before);
        reader.pause();
        feed(reader, plain);
        CHECK(reader.alterable().empty());
        reader.pause(); // the customer looks for the PIN
        reader.pause();
        feed(reader, plain);
        CHECK(reader.alterable().empty());
        feed(reader, kCut);
        REQUIRE_FALSE(receipts.empty());
        CHECK(receipts.back().number == "order:4711081"); // it is read all the same
        CHECK(receipts.back().fiscal == before.starts_with("TSE"));
        feed(reader, plain);
        CHECK(reader.alterable() == "order:4711081"); // the paper is a new one
        feed(reader, kCut);
        CHECK_FALSE(receipts.back().fiscal);
        reader.pause(); // between two receipts
        feed(reader, plain);
        CHECK(reader.alterable() == "order:4711081");
        reader.pause();
        reader.finish(); // the till has gone; another one begins
        feed(reader, plain);
        CHECK(reader.alterable() == "order:4711081");
    }
}

TEST_CASE("after a command that is not known a cut counts again from ESC @ or silence on") {
    static const auto patterns = host::TapPatterns::load("generic").value();
    const std::string plain = "Order no. 4711081\nTotal 25,00\n";
    for (const std::string& strange : std::initializer_list<std::string>{
             // A picture in another maker's language; its data hold what looks like a cut.
             "\x1BX\x40" + std::string(21, 'q'), "\x1C\x01", "\x1B~"}) {
        CAPTURE(strange);
        for (const bool silence : {false, true}) {
            CAPTURE(silence);
            host::TapReader reader(patterns, {});
            const auto feed = [&](const std::string& text) {
                reader.feed({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
            };
            feed(plain + kCut);
            CHECK(reader.atCut());
            feed(strange + kCut);
            CHECK_FALSE(reader.atCut());
            feed(plain);
            CHECK(reader.alterable().empty());
            feed(kCut);
            CHECK_FALSE(reader.atCut());
            if (silence) {
                reader.pause();
            } else {
                feed("\x1B@");
            }
            CHECK(reader.atCut());
            feed(plain);
            CHECK(reader.alterable() == "order:4711081");
            feed(kCut);
            CHECK(reader.atCut());
        }
    }
    host::TapReader reader(patterns, {});
    reader.lose(); // perhaps in the middle of a picture
    reader.feed({reinterpret_cast<const std::uint8_t*>(kCut.data()), kCut.size()});
    CHECK_FALSE(reader.atCut());
}

TEST_CASE("requests and settings before a pause do not spoil the receipt after it") {
    static const auto patterns = host::TapPatterns::load("generic").value();
    host::TapReader reader(patterns, {});
    const auto feed = [&](const std::string& text) {
        reader.feed({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    };
    feed("\x1B@\x10\x04\x01");
    reader.pause();
    feed("Order no. 4711081\n");
    CHECK(reader.alterable() == "order:4711081");
}

TEST_CASE("what the printer will answer is counted, and nothing else is taken for a question") {
    static const auto patterns = host::TapPatterns::load("generic").value();
    const auto expected = [&](const std::string& bytes) {
        host::TapReader reader(patterns, {});
        for (const char byte : bytes) { // in any pieces
            const auto one = static_cast<std::uint8_t>(byte);
            reader.feed({&one, 1});
        }
        return reader.expected();
    };
    CHECK(expected("\x10\x04\x01\x10\x04\x02") == 2);
    CHECK(expected("\x1Dr\x01") == 1);
    CHECK(expected("\x1DI\x01") == 1);
    CHECK(expected("\x1DI\x43") == 3);
    CHECK(expected(std::string("\x1D(H\x06\0"
                               "00TILL",
                               11)) == 7);
    CHECK(expected("\x1D"
                   "a\x0F") == 4);
    CHECK(expected(std::string("\x1D"
                               "a\0",
                               3)) == 0);
    CHECK(expected("\x1B@\x1Bt\x11 r I u v\n" + kCut) == 0);
    // Within a picture it is a picture's.
    CHECK(expected(std::string("\x1Dv0\0\x03\0\x01\0\x1Dr\x01", 11)) == 0);
}

TEST_CASE("what a till has set is known: the last of each kind, since the latest reset") {
    static const auto patterns = host::TapPatterns::load("generic").value();
    const auto again = [&](const std::string& bytes) {
        host::TapReader reader(patterns, {});
        for (const char byte : bytes) { // in any pieces
            const auto one = static_cast<std::uint8_t>(byte);
            reader.feed({&one, 1});
        }
        const auto out = reader.modes().again();
        return std::string(out.begin(), out.end());
    };
    const std::string reset = "\x1B@";
    CHECK(again("text\n" + kCut) == reset);
    CHECK(again("\x1Bt\x11\x1B!\x30\x1Bt\x12 text\n" + kCut) == reset + "\x1B!\x30\x1Bt\x12");
    CHECK(again("\x1Bt\x11" + reset +
                "\x1B"
                "a\x01") == reset + "\x1B"
                                    "a\x01");
    CHECK(again("\x1B"
                "3\x20\x1B"
                "2\x1C&\x1C.") == reset + "\x1B"
                                          "2\x1C.");
    const std::string tabs = "\x1B"
                             "D\x08\x10" +
                             std::string(1, '\0');
    CHECK(again(tabs + "\x1D"
                       "a\x0F") == reset + tabs +
                                       "\x1D"
                                       "a\x0F");
    CHECK(again("\x1B"
                "D4111111111111111" +
                std::string(1, '\0')) == reset); // these are no tabs
    // Pictures hold anything, and after what is not known nothing is.
    CHECK(again(std::string("\x1Dv0\0\x03\0\x01\0\x1Bt\x11", 11)) == reset);
    CHECK(again("\x1Bt\x11\x1BX\x40\x1Bt\x12") == reset);
    CHECK(again("\x1BX\x40" + reset + "\x1Bt\x12") == reset + "\x1Bt\x12");
    std::string many;
    for (int i = 0; i < 256; ++i) many += "\x1B!" + std::string(1, static_cast<char>(i));
    CHECK(again(many) == reset + "\x1B!\xFF");
}
