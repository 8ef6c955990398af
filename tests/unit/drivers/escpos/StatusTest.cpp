#include "drivers/escpos/Status.h"

#include "tests/support/Property.h"

using namespace souffleur;
using Bytes = std::vector<std::uint8_t>;

namespace {

struct Heard {
    std::string log;
    escpos::StatusReader reader{[this](const escpos::StatusEvent& event) {
        if (const auto* automatic = std::get_if<escpos::AutomaticStatus>(&event)) {
            log += automatic->condition.paperEnd ? "auto(paper-end) " : "auto ";
        } else if (const auto* answer = std::get_if<escpos::RealTimeStatus>(&event)) {
            log += "rt" + std::to_string(answer->n) + ' ';
        } else if (std::holds_alternative<escpos::TransmittedStatus>(event)) {
            log += "r ";
        } else if (const auto* done = std::get_if<escpos::ProcessDone>(&event)) {
            log += "done:" + std::string(done->id.begin(), done->id.end()) + ' ';
        } else if (const auto* identity = std::get_if<escpos::Identity>(&event)) {
            log += "id:" + identity->text + ' ';
        } else if (const auto* setting = std::get_if<escpos::Setting>(&event)) {
            log += "set" + std::to_string(setting->kind) + ':' + setting->text + ' ';
        } else {
            log += ". ";
        }
    }};
    std::string hear(const Bytes& bytes) {
        log.clear();
        reader.feed(bytes);
        return log;
    }
};

} // namespace

TEST_CASE("each kind of reply is told apart") {
    Heard heard;
    CHECK(heard.hear({0x10, 0x00, 0x00, 0x0F}) == "auto ");
    CHECK(heard.hear({0x18, 0x00, 0x0F, 0x0F}) == "auto(paper-end) ");
    CHECK(heard.hear({0x37, 0x22, '0', '0', '0', '7', 0}) == "done:0007 ");
    heard.reader.expectRealTime(4);
    CHECK(heard.hear({0x12}) == "rt4 ");
    CHECK(heard.hear({0x16}) == "rt0 ");
    heard.reader.expectIdentity();
    CHECK(heard.hear({0x5F, 'T', 'M', 0}) == "id:TM ");
    heard.reader.expectTransmitted();
    CHECK(heard.hear({0x00, 0x00}) == "r . ");
    CHECK(heard.hear({0x11, 0x13}) == ". . ");
}

TEST_CASE("a reply cut short does not hide the one that follows") {
    Heard heard;
    CHECK(heard.hear({0x37, 0x22, 'A', 0x37, 0x22, '0', '0', '0', '7', 0}).ends_with("done:0007 "));
    CHECK(heard.hear({0x10, 0x00, 0x10, 0x00, 0x00, 0x0F}).ends_with("auto "));
    CHECK(heard.hear({0x5F, 'x', 0x37, 0x22, '0', '0', '0', '8', 0}).ends_with("done:0008 "));
    heard.reader.expectIdentity();
    CHECK(heard.hear({0x5F, 'x', 0x10, 0x00, 0x00, 0x0F}).ends_with("auto "));
    CHECK(heard.hear({0x10, 0x00, 0x12}).find("rt0") != std::string::npos);
}

TEST_CASE("a name without its NUL ends with the time for it, and swallows no status") {
    for (const bool ends : {true, false}) {
        CAPTURE(ends);
        Heard heard;
        heard.reader.expectIdentity();
        CHECK(heard.hear({0x5F, 'X', 'P'}).empty());
        CHECK(heard.hear({0x10, 0x00}).empty()); // a status has begun meanwhile
        if (ends) heard.reader.endIdentity();
        CHECK(heard.log == (ends ? ". . . " : ""));
        CHECK(heard.hear({0x00, 0x0F}) == "auto ");
        heard.reader.expectTransmitted();
        CHECK(heard.hear({0x00}) == (ends ? "r " : "id:XP "));
    }
    Heard heard;
    heard.reader.expectIdentity();
    heard.reader.endIdentity(); // late, but it may come
    CHECK(heard.hear({0x5F, 'X', 'P', 0}) == "id:XP ");
    CHECK(heard.hear({0x37, 0x22, '0'}).empty());
    heard.reader.endIdentity(); // of a name only
    CHECK(heard.hear({'0', '0', '7', 0}) == "done:0007 ");
}

TEST_CASE("an announced settings answer is read, an unannounced one is noise") {
    Heard heard;
    CHECK(heard.hear({0x37, 0x20, 0}) == ". . . ");
    heard.reader.expectSetting();
    CHECK(heard.hear({0x37, 0x20, 0}) == "set32: ");
    heard.reader.expectSetting();
    CHECK(heard.hear({0x37, 0x27, '5', 0x1F, '2', 0}) == "set39:5\x1F"
                                                         "2 ");
    heard.reader.expectSetting();
    CHECK(heard.hear({0x37, 0x22, 'A', 'B', 'C', 'D', 0}) == "done:ABCD "); // its turn comes later
    CHECK(heard.hear({0x37, 0x21, '0', '1', 0}) == "set33:01 ");
}

TEST_CASE("status between the bytes of a reply, and of another status, disturbs neither") {
    Heard heard;
    heard.reader.expectRealTime(1);
    CHECK(heard.hear({0x10, 0x00, 0x12, 0x0C, 0x0F}) == "rt1 auto(paper-end) ");
    CHECK(heard.hear({0x37, 0x22, 'A', 0x14, 0x00, 0x00, 0x0F, 'A', 'B', 0x1E, 'C', 0}) ==
          "auto rt0 done:AABC ");
    heard.reader.expectIdentity();
    CHECK(heard.hear({0x5F, 'T', 0x10, 0, 0, 0x0F, 'M', 0}) == "auto id:TM ");
    heard.reader.expectIdentity();
    CHECK(heard.hear({0x5F, 'T', 0x37, 0x22, 'A', 'A', 'A', 'B', 0}) == ". done:AAAB ");
}

TEST_CASE("the rest of a status cut short never passes for a transmitted one") {
    Heard heard;
    heard.reader.expectTransmitted();
    CHECK(heard.hear({0x10, 0x00, 0x00, 0x37, 0x22, 'A', 'A', 'A', 'A', 0}) == ". . . done:AAAA ");
    CHECK(heard.hear({0x00}) == "r ");
}

PROPERTY("a mixed stream of whole replies is heard whole and in order", [] {
    Heard heard;
    Bytes stream;
    std::string wanted;
    const int count = *rc::gen::inRange(1, 40);
    for (int i = 0; i < count; ++i) {
        const auto rest = static_cast<std::uint8_t>(*rc::gen::inRange(0, 16));
        switch (*rc::gen::inRange(0, 4)) {
        case 0:
            stream.insert(stream.end(), {0x30, rest, 0, 0x0F});
            wanted += "auto ";
            break;
        case 1:
            stream.push_back(static_cast<std::uint8_t>(0x12 | (rest & 0x0C)));
            wanted += "rt0 ";
            break;
        case 2: {
            const auto id =
                escpos::processId(static_cast<std::uint32_t>(*rc::gen::inRange(0, 9999)));
            stream.insert(stream.end(), {0x37, 0x22});
            for (const char c : id) {
                stream.push_back(static_cast<std::uint8_t>(c));
                if (*rc::gen::inRange(0, 4) == 0) {
                    stream.insert(stream.end(), {0x18, 0, 0, 0x0F});
                    wanted += "auto ";
                }
            }
            stream.push_back(0);
            wanted += "done:" + std::string(id.begin(), id.end()) + ' ';
            break;
        }
        default:
            heard.reader.expectIdentity();
            stream.insert(stream.end(), {0x5F, 'T', 'M', '-', 'm', '3', '0', 0});
            wanted += "id:TM-m30 ";
            break;
        }
        // Announcements are bounded: what was announced is also read soon.
        if (i % 8 == 7) {
            RC_ASSERT(heard.hear(stream) == wanted);
            stream.clear();
            wanted.clear();
        }
    }
    RC_ASSERT(heard.hear(stream) == wanted);
})

TEST_CASE("bits mean what the manual says") {
    escpos::Condition condition;
    escpos::apply({1, 0x12 | 0x08 | 0x04}, condition);
    CHECK(condition.offline);
    CHECK(condition.drawerPin);
    escpos::apply({2, 0x12 | 0x04 | 0x20}, condition);
    CHECK(condition.coverOpen);
    CHECK(condition.paperEnd);
    escpos::apply({3, 0x12 | 0x08 | 0x20}, condition);
    CHECK(condition.cutterError);
    CHECK(condition.fatalError);
    escpos::apply({4, 0x12 | 0x0C}, condition);
    CHECK(condition.paperNearEnd);
    CHECK_FALSE(condition.paperEnd);
}

PROPERTY("after any noise and a pause a true reply is heard", [] {
    Heard heard;
    (void) heard.hear(*rc::gen::arbitrary<Bytes>());
    // Longer than any reply, and no part of one: the state is idle whatever came before.
    (void) heard.hear(Bytes(8, 0xFF));
    RC_ASSERT(heard.hear({0x37, 0x22, '0', '0', '0', '7', 0}) == "done:0007 ");
})

PROPERTY("no noise without a full reply confirms a job", [] {
    Heard heard;
    auto noise = *rc::gen::arbitrary<Bytes>();
    for (auto& byte : noise) {
        if (byte == 0x22) byte = 0x23;
    }
    RC_ASSERT(heard.hear(noise).find("done") == std::string::npos);
})
