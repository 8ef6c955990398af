#include "sync/protocol/Lease.h"

#include <doctest/doctest.h>

using namespace souffleur;
using namespace souffleur::protocol;

TEST_CASE("a lease is read as it was written, and nothing else is read as one") {
    Lease lease{1795521600000, kLeaseMs, {}};
    lease.key.fill(0xAB);
    const std::string text = encodeLease(lease);
    REQUIRE(decodeLease(text).has_value());
    CHECK(*decodeLease(text) == lease);
    const std::string key(64, 'a');
    const std::vector<std::string> wrong{"",
                                         "{}",
                                         text.substr(0, text.size() - 1),
                                         R"({"at":1,"ms":-1,"key":")" + key + "\"}",
                                         R"({"at":1,"ms":99999999999999,"key":")" + key + "\"}",
                                         R"({"at":-1,"ms":1,"key":")" + key + "\"}",
                                         R"({"at":1,"ms":1,"key":"short"})"};
    for (const std::string& bad : wrong) {
        CAPTURE(bad);
        CHECK_FALSE(decodeLease(bad).has_value());
    }
}
