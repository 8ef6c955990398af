#include "plugin/host/TapCards.h"

#include "tests/support/Property.h"

using namespace souffleur;

namespace {

bool holds(const std::string& text) {
    return host::holdsCard({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

} // namespace

TEST_CASE("card numbers are seen in every dress") {
    for (const std::string text : {"4111111111111111",
                                   "Card 4111 1111 1111 1111 OK",
                                   "4111-1111-1111-1111",
                                   "5555  5555  5555  4444",
                                   "378282246310005",
                                   "2223 0031 2200 3222",
                                   "2200 7700 0000 0002",
                                   "000004111111111111111100",
                                   "4111 1111\n1111 1111",
                                   "%B4111111111111111^DOE/J^2512",
                                   ";123456789012=2512",
                                   "**** **** **** 1234",
                                   "XXXXXXXXXXXX1111",
                                   "4111 11** **** 1111",
                                   "411111xxxxxx1111",
                                   "****1234",
                                   "4111.1111.1111.1111",
                                   "4111/1111/1111/1111",
                                   "4111_1111_1111_1111",
                                   "4111    1111    1111    1111",
                                   "(4111) (1111) (1111) (1111)",
                                   "4111\xC2\xA0"
                                   "1111\xC2\xA0"
                                   "1111\xC2\xA0"
                                   "1111",
                                   "3782.822463.10005",
                                   "3782 822463    10005",
                                   "135410014004955",
                                   "1354 10014 004955",
                                   "8100 0000 0000 0002",
                                   "8200000000000001",
                                   "9792 0000 0000 0003",
                                   "00009792000000000003114",
                                   "7000.0000.0000.0005",
                                   "****.****.****.1234",
                                   "XXXX/1234"}) {
        CAPTURE(text);
        CHECK(holds(text));
    }
}

TEST_CASE("what else stands on a receipt is no card") {
    for (const std::string text :
         {"", "Order no. 4711081", "2026-11-22 19:41:07", "2 x 12,50   25,00", "*** ORDER 4711 ***",
          "Tel. +31 20 555 0100", "4111 1111 1111 1112", "----------------", "8711111111111 EAN",
          // Prices and dates beside each other, a fiscal number, an account.
          "45.00\n22/11/2026 14.08", "5.21 24.79 30.00\n1.24 13.77", "22/11/2026 4711085",
          "12-11-2026 4711086", "KKT 0001.2345.67", "NL91 ABNA 0417 1643 00",
          "20 22 11 2026 4711 083", "7000000000000004", "1111111111111111", "Row X 12",
          "A 100  200  300"}) {
        CAPTURE(text);
        CHECK_FALSE(holds(text));
    }
}

TEST_CASE("any number with the right check digit is seen wherever it stands in a line") {
    CHECK(rc::check([] {
        std::string digits = "4";
        for (int i = 0; i < 14; ++i) digits += static_cast<char>('0' + *rc::gen::inRange(0, 10));
        for (char last = '0'; last <= '9'; ++last) {
            unsigned sum = 0;
            const std::string all = digits + last;
            for (std::size_t k = 0; k < all.size(); ++k) {
                const auto value = static_cast<unsigned>(all[all.size() - 1 - k] - '0');
                sum += k % 2 == 0 ? value : (value > 4 ? 2 * value - 9 : 2 * value);
            }
            if (sum % 10 != 0) continue;
            std::string dressed;
            for (std::size_t k = 0; k < all.size(); ++k) {
                if (k > 0 && k % 4 == 0) dressed += *rc::gen::element(' ', '-');
                dressed += all[k];
            }
            RC_ASSERT(holds("Betaald met " + all + " dank u"));
            RC_ASSERT(holds("Betaald met " + dressed + " dank u"));
        }
    }));
}
