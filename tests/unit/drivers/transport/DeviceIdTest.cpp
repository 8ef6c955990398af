#include "drivers/transport/DeviceId.h"

#include "tests/support/Property.h"

using namespace souffleur;
using transport::DeviceId;

namespace {

std::vector<std::uint8_t> answer(const std::string& body, unsigned length) {
    std::vector<std::uint8_t> bytes = {static_cast<std::uint8_t>(length >> 8U),
                                       static_cast<std::uint8_t>(length & 0xFFU)};
    bytes.insert(bytes.end(), body.begin(), body.end());
    return bytes;
}

DeviceId parsed(const std::string& body) {
    return transport::parseDeviceId(answer(body, static_cast<unsigned>(body.size() + 2)));
}

} // namespace

TEST_CASE("a printer's device id is read, short and long keys alike") {
    const DeviceId epson = parsed("MFG:EPSON;CMD:ESC/POS;MDL:TM-T20III;CLS:PRINTER;SN:J6KF1;");
    CHECK(epson == DeviceId{"EPSON", "TM-T20III", "J6KF1", "ESC/POS", "PRINTER"});
    const DeviceId star =
        parsed("MANUFACTURER: Star ;model:TSP143;COMMAND SET:STAR;CLASS:PRINTER;SERN:9");
    CHECK(star == DeviceId{"Star", "TSP143", "9", "STAR", "PRINTER"});
}

TEST_CASE("a length that is wrong or little-endian costs nothing") {
    const std::string body = "MFG:EPSON;MDL:TM-T88V;";
    const auto right = static_cast<unsigned>(body.size() + 2);
    for (const unsigned length : {right, right << 8U, 0U, 1U, 2U, 9000U, 0xFFFFU}) {
        CAPTURE(length);
        const DeviceId id = transport::parseDeviceId(answer(body, length));
        CHECK(id.manufacturer == "EPSON");
        CHECK(id.model == "TM-T88V");
    }
}

TEST_CASE("what follows the id is not part of it") {
    auto bytes = answer("MFG:EPSON;", 12);
    const std::string more = "MDL:X;";
    bytes.insert(bytes.end(), more.begin(), more.end());
    CHECK(transport::parseDeviceId(bytes).model.empty());
}

TEST_CASE("nothing, half a pair, doubled keys and control bytes") {
    CHECK(transport::parseDeviceId({}) == DeviceId{});
    CHECK(parsed("") == DeviceId{});
    CHECK(parsed("MFG;:;;MDL") == DeviceId{});
    CHECK(parsed("MDL:A;MDL:B;").model == "A");
    CHECK(parsed("MDL:A\x1b[2J;").model == "A_[2J");
    CHECK(parsed("MDL:" + std::string(5000, 'x') + ";").model.size() ==
          transport::kMaxDeviceIdField);
}

PROPERTY("any bytes give short printable fields", [](const std::vector<std::uint8_t>& bytes) {
    const DeviceId id = transport::parseDeviceId(bytes);
    for (const auto* field :
         {&id.manufacturer, &id.model, &id.serial, &id.commandSet, &id.deviceClass}) {
        RC_ASSERT(field->size() <= transport::kMaxDeviceIdField);
        for (const char c : *field) RC_ASSERT(c >= 0x20 && c < 0x7F);
    }
})
