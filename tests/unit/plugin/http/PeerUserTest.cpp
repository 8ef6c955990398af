#include "plugin/http/PeerUser.h"

#include "tests/support/Property.h"

using namespace souffleur::http;

namespace {
constexpr const char* kTable =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
    "inode\n"
    "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000   110        0 1 "
    "1 0\n"
    "   1: 0100007F:9C40 0100007F:1F90 06 00000000:00000000 03:00000000 00000000     0        0 0 "
    "3 0\n"
    "   2: 0100007F:9C40 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1001        0 5 "
    "1 0\n"
    "   3: 0100007F:1F90 0100007F:9C40 01 00000000:00000000 00:00000000 00000000   110        0 6 "
    "1 0\n"
    "   4: 0000000000000000FFFF00000100007F:9C41 0000000000000000FFFF00000100007F:1F90 01 "
    "00000000:00000000 00:00000000 00000000  1002        0 7 1 0\n";
} // namespace

TEST_CASE("the owner of the peer's end is found, never of ours, and not of a socket in TIME_WAIT") {
    CHECK(findSocketOwner(kTable, {"127.0.0.1", 40000}, {"127.0.0.1", 8080}) == 1001U);
    CHECK(findSocketOwner(kTable, {"127.0.0.1", 8080}, {"127.0.0.1", 40000}) == 110U);
    CHECK_FALSE(findSocketOwner(kTable, {"127.0.0.1", 40002}, {"127.0.0.1", 8080}).has_value());
    CHECK_FALSE(findSocketOwner(kTable, {"127.0.0.2", 40000}, {"127.0.0.1", 8080}).has_value());
}

TEST_CASE("an IPv4 address mapped into IPv6 is the same peer") {
    CHECK(findSocketOwner(kTable, {"127.0.0.1", 40001}, {"127.0.0.1", 8080}) == 1002U);
    CHECK(findSocketOwner(kTable, {"::ffff:127.0.0.1", 40001}, {"127.0.0.1", 8080}) == 1002U);
}

PROPERTY("no table and no address confuses the reader",
         [](const std::string& table, const std::string& address) {
             RC_ASSERT(!findSocketOwner(table, {address, 1}, {"127.0.0.1", 2}).has_value());
         })
