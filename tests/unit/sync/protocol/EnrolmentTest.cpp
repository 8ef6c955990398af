#include "sync/protocol/Enrolment.h"

#include "tests/support/Property.h"

using namespace souffleur;
using namespace souffleur::protocol;

TEST_CASE("an invitation survives being copied with its line end, and nothing else is one") {
    const Invitation invitation{"https://127.0.0.1:8443", std::string(16, '\x7f'),
                                crypto::sha256("key")};
    const std::string text = encodeInvitation(invitation);
    CHECK(decodeInvitation(text + "\r\n").value() == invitation);
    CHECK_FALSE(decodeInvitation(text.substr(0, text.size() - 4)).has_value());
    CHECK_FALSE(decodeInvitation("").has_value());
    CHECK_FALSE(decodeInvitation("https://example.org").has_value());
}

TEST_CASE("application, answer and welcome are read back") {
    EnrolRequest request{std::string(16, 'x'), {}, {}, "-----BEGIN CERTIFICATE REQUEST-----\n"};
    request.origin.uuid.bytes[3] = 4;
    CHECK(decodeEnrolRequest(encodeEnrolRequest(request)).value() == request);
    const EnrolAnswer answer{"CERT", "CA", "Till 2", "till-2"};
    CHECK(decodeEnrolAnswer(encodeEnrolAnswer(answer)).value() == answer);
    const Welcome welcome{crypto::sha256("house"), "nl", "", "name = \"Het Voorhuis\"\n"};
    CHECK(decodeWelcome(encodeWelcome(welcome)).value() == welcome);
    Welcome keyed = welcome;
    keyed.logKey.emplace().fill(7);
    CHECK(decodeWelcome(encodeWelcome(keyed)).value() == keyed);
    CHECK(welcomeTag(keyed) != welcomeTag(welcome));
    std::string cut = encodeWelcome(keyed);
    cut.replace(cut.find("0707"), 2, "zz");
    CHECK_FALSE(decodeWelcome(cut).has_value());
    CHECK_FALSE(decodeEnrolRequest("{}").has_value());
    CHECK_FALSE(decodeWelcome("{\"houseKey\":\"zz\"}").has_value());
}
