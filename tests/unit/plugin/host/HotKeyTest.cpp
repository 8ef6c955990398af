#include "plugin/host/HotKey.h"

#include <doctest/doctest.h>

using namespace souffleur;
using namespace souffleur::host;

TEST_CASE("keys are written with their modifiers") {
    CHECK(keyNamed("ctrl+alt+s").value() == KeyName{true, true, false, false, "s"});
    CHECK(keyNamed("f12").value() == KeyName{false, false, false, false, "f12"});
    CHECK(keyNamed("shift+pause").value() == KeyName{false, false, true, false, "pause"});
    CHECK(keyNamed("super+7").value() == KeyName{false, false, false, true, "7"});
    for (const char* text : {"", "s", "shift+s", "ctrl+", "ctrl", "ctrl+ctrl+s", "hyper+s",
                             "ctrl+S", "f0", "f25", "f", "ctrl + s", "ctrl+\xc3\xa9", "ctrl+ss"}) {
        CAPTURE(text);
        CHECK(keyNamed(text).error().code == Code::invalid);
    }
}

TEST_CASE("only what may be a customer number is taken from what was copied") {
    CHECK(customerNumberIn(" C-2026/001_7.a\r\n") == "C-2026/001_7.a");
    CHECK(customerNumberIn(std::string(64, '7')) == std::string(64, '7'));
    for (const std::string& text :
         {std::string(), std::string(" \n"), std::string(65, '7'), std::string("Anna Bakker"),
          std::string("anna@example.org"), std::string("1\x1b[2J"), std::string("1\0002", 3)}) {
        CHECK(customerNumberIn(text).empty());
    }
}

TEST_CASE("no X server, a key that is none and one key for two things are told in one line each") {
    class Nothing final : public HotKeyEvents {
    public:
        void panelWanted() override {}
        void rushWanted() override {}
        void numberTaken(const std::string&) override {}
    } nothing;
    const auto code = [&](HotKeySettings settings) {
        return HotKeys::start(settings, nothing, "127.0.0.1:4099").error().code;
    };
    CHECK(code({"ctrl+alt+s", "", ""}) == Code::unavailable);
    CHECK(code({"s", "", ""}) == Code::invalid);
    CHECK(code({"f9", "", "f9"}) == Code::invalid);
    CHECK_FALSE(HotKeySettings{}.any());
}
