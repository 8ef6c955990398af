// Settings and pictures that survive power-off, asked and written as a host does.
#include "drivers/emulator/VirtualPrinter.h"
#include "tests/support/Property.h"

using namespace souffleur;
using Bytes = std::vector<std::uint8_t>;

namespace {

struct Host {
    emulator::VirtualPrinter printer{escpos::Profile{}};

    std::string say(Bytes bytes) {
        printer.feed(bytes);
        const auto back = printer.reply();
        return {back.begin(), back.end()};
    }
    std::string setting(const Bytes& data) { return family('E', data); }
    std::string pictures(const Bytes& data) { return family('L', data); }
    /// The list of key codes, acknowledged.
    std::string keys() {
        const auto list = pictures({48, 64, 'K', 'C'});
        CHECK(say({0x06}).empty());
        return list;
    }
    std::string family(std::uint8_t letter, const Bytes& data) {
        Bytes bytes{0x1D, '(', letter, static_cast<std::uint8_t>(data.size() & 0xFF),
                    static_cast<std::uint8_t>(data.size() >> 8)};
        bytes.insert(bytes.end(), data.begin(), data.end());
        return say(bytes);
    }
};

std::string reply(const std::string& text) {
    return text + '\0';
}

Bytes picture(std::uint8_t key) {
    Bytes data{48, 67, 48, 'L', key, 1, 16, 0, 8, 0, 49};
    data.insert(data.end(), 16, 0xFF);
    return data;
}

} // namespace

TEST_CASE("memory switches are read, written in the setting mode only, and stay over a power cut") {
    Host host;
    CHECK(host.setting({4, 2}) == reply("7!00000000"));
    CHECK(host.setting({3, 2, '1', '2', '2', '2', '2', '2', '2', '2'}).empty());
    CHECK(host.printer.memoryWrites() == 0); // not in the setting mode
    CHECK(host.setting({1, 'I', 'N'}) == reply("7 "));
    CHECK(host.setting({3, 2, '1', '2', '2', '2', '2', '2', '2', '1'}).empty());
    CHECK(host.setting({5, 5, 3, 1}).empty());
    CHECK(host.setting({11, 1, '1', '9', '2', '0', '0'}).empty());
    CHECK(host.printer.memoryWrites() == 3);
    host.printer.powerCut();
    CHECK(host.setting({4, 2}) == reply("7!10000001"));
    CHECK(host.setting({6, 5}) == reply("7'5\x1F"
                                        "259"));
    CHECK(host.setting({12, 1}) == reply("731\x1F"
                                         "19200"));
    CHECK(host.setting({12, 2}) == reply("732\x1F"
                                         "0"));
    CHECK(host.setting({3, 2, '0', '0', '0', '0', '0', '0', '0', '0'}).empty());
    CHECK(host.printer.memoryWrites() == 3); // the power cut ended the setting mode
}

TEST_CASE("in the setting mode nothing is printed until it is left") {
    Host host;
    (void) host.setting({1, 'I', 'N'});
    (void) host.say({'l', 'o', 's', 't', '\n', 0x1D, 'V', 0});
    (void) host.setting({2, 'O', 'U', 'T'});
    (void) host.say({'k', 'e', 'p', 't', '\n', 0x1D, 'V', 0});
    const auto receipts = host.printer.receipts(false);
    REQUIRE(receipts.size() == 1);
    CHECK(receipts[0].text.find("kept") != std::string::npos);
    CHECK(receipts[0].text.find("lost") == std::string::npos);
}

TEST_CASE("malformed settings change nothing") {
    Host host;
    (void) host.setting({1, 'I', 'N'});
    for (const Bytes& bad :
         {Bytes{}, Bytes{3}, Bytes{3, 9, '1', '1', '1', '1', '1', '1', '1', '1'},
          Bytes{3, 1, '1', '1', '1', '1', '1', '1', '1', '3'}, Bytes{3, 1, '1'}, Bytes{4},
          Bytes{4, 0}, Bytes{5, 1}, Bytes{11, 1}, Bytes{2, 'I', 'N'}, Bytes{99}}) {
        CHECK(host.setting(bad).empty());
    }
    CHECK(host.printer.memoryWrites() == 0);
}

TEST_CASE("pictures are defined, listed, printed, counted and deleted") {
    Host host;
    CHECK(host.pictures({48, 51}) == reply("71393216"));
    CHECK(host.pictures(picture('1')).empty());
    CHECK(host.pictures(picture('2')).empty());
    CHECK(host.keys() == reply("7r@L1L2"));
    CHECK(host.pictures({48, 51}) == reply("71393184"));
    host.printer.powerCut();
    (void) host.pictures({48, 69, 'L', '1', 1, 1});
    (void) host.say({0x1D, 'V', 0});
    CHECK(host.printer.printed() == 1);
    (void) host.pictures({48, 66, 'L', '1'});
    (void) host.pictures({48, 66, 'L', '1'});
    CHECK(host.keys() == reply("7r@L2"));
    (void) host.pictures({48, 65, 'C', 'L', 'R'});
    CHECK(host.keys() == reply("7r@"));
    CHECK(host.printer.memoryWrites() == 4);
}

TEST_CASE("key codes come in groups of forty, each of which waits for its response") {
    Host host;
    for (std::uint8_t key = 40; key < 85; ++key) (void) host.pictures(picture(key));
    const auto first = host.pictures({48, 64, 'K', 'C'});
    CHECK(first.size() == 2 + 1 + 80 + 1);
    CHECK(first[2] == 'A');
    CHECK(host.say({0x1D, 'I', 67}).empty()); // it waits and hears nothing else
    CHECK(host.say({0x15}) == first);
    const auto second = host.say({0x06});
    CHECK(second == reply("7r@LPLQLRLSLT"));
    CHECK(host.say({0x06}).empty());
    CHECK_FALSE(host.say({0x1D, 'I', 67}).empty());
    (void) host.pictures({48, 64, 'K', 'C'});
    CHECK(host.say({0x18}).empty());
    CHECK_FALSE(host.say({0x1D, 'I', 67}).empty());
}

TEST_CASE("a picture that does not fit its own size or the memory is refused") {
    Host host;
    auto cut = picture('1');
    cut.pop_back();
    CHECK(host.pictures(cut).empty());
    CHECK(host.keys() == reply("7r@"));
    CHECK(host.printer.memoryWrites() == 0);
}

TEST_CASE("a kick opens the drawer, and the status says so") {
    Host host;
    (void) host.say({0x1D, 'a', 0x0F});
    CHECK(host.say({0x1B, 'p', 0, 50, 200}) == std::string("\x14\0\0\x0F", 4));
    CHECK(host.printer.faults().drawerOpen);
    CHECK(host.say({0x10, 4, 1}) == "\x16");
}

PROPERTY("whatever settings and pictures come, nothing breaks and only true writes count", [] {
    Host host;
    const int count = *rc::gen::inRange(1, 20);
    for (int i = 0; i < count; ++i) {
        auto data = *rc::gen::arbitrary<Bytes>();
        if (*rc::gen::arbitrary<bool>()) data.insert(data.begin(), 48);
        (void) host.family(*rc::gen::element<std::uint8_t>('E', 'L'), data);
    }
    RC_ASSERT(host.printer.memoryWrites() <= static_cast<std::uint64_t>(count));
})
