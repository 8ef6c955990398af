#include "drivers/scanner/Wedge.h"

#include <set>

#include "tests/support/Keys.h"
#include "tests/support/Property.h"

using namespace souffleur;
using scanner::KeyEvent;
using scanner::Layout;
using scanner::Wedge;
using test::Keys;
using test::keysOf;
using test::pressesOf;
using List = std::vector<std::string>;

namespace {

/// Codes that begin with OURS are ours.
struct Desk final : scanner::WedgeOut {
    Keys typed;
    List found_;
    int passed_ = 0;
    int broken_ = 0;
    Wedge wedge;

    explicit Desk(const char* layout = "us")
        : wedge(
              Layout::load(layout).value(),
              [](std::string_view text) { return text.starts_with("OURS"); }, *this) {}

    void type(std::span<const KeyEvent> events) override {
        typed.insert(typed.end(), events.begin(), events.end());
    }
    void found(scanner::Found code) override { found_.push_back(code.text); }
    void passed() override { ++passed_; }
    void broken() override { ++broken_; }
    void scan(const Keys& keys) {
        for (const KeyEvent& event : keys) wedge.feed(event);
    }
    void scan(std::string_view text) { scan(keysOf(text)); }
    /// Keys that are down at the keyboard that types on.
    [[nodiscard]] std::set<int> down() const {
        std::set<int> keys;
        for (const KeyEvent& event : typed) {
            if (event.value == 1) keys.insert(event.code);
            if (event.value == 0) keys.erase(event.code);
        }
        return keys;
    }
};

} // namespace

TEST_CASE("a code of ours goes no further, not even its Enter") {
    Desk desk;
    desk.scan("OURS-4711\n");
    CHECK(desk.found_ == List{"OURS-4711"});
    CHECK(desk.typed.empty());
    CHECK_FALSE(desk.wedge.busy());
}

TEST_CASE("anything else is typed on, key by key as it came") {
    Desk desk;
    desk.scan("Ticket_0815/#?\n");
    CHECK(desk.found_.empty());
    CHECK(desk.typed == pressesOf(keysOf("Ticket_0815/#?\n")));
    CHECK(desk.passed_ == 1);
    desk.scan("OURS1\nnot OURS\nOURS2\n");
    CHECK(desk.found_ == List{"OURS1", "OURS2"});
    CHECK(desk.typed == pressesOf(keysOf("Ticket_0815/#?\nnot OURS\n")));
    desk.scan("\n"); // Enter alone
    CHECK(desk.typed == pressesOf(keysOf("Ticket_0815/#?\nnot OURS\n\n")));
    CHECK(desk.down().empty());
}

TEST_CASE("nothing is typed before it is known whose it is") {
    Desk desk;
    const Keys keys = keysOf("OURS9\n");
    for (const KeyEvent& event : keys) {
        desk.wedge.feed(event);
        CHECK(desk.typed.empty());
    }
}

TEST_CASE("a scanner that sends no Enter ends by silence") {
    Desk desk;
    desk.scan("OURS-1");
    CHECK(desk.wedge.busy());
    desk.wedge.silence();
    CHECK(desk.found_ == List{"OURS-1"});
    CHECK(desk.typed.empty());
    desk.scan("4711");
    CHECK(desk.typed.empty());
    desk.wedge.silence();
    CHECK(desk.typed == pressesOf(keysOf("4711")));
    CHECK_FALSE(desk.wedge.busy());
}

TEST_CASE("repeats, other events and unknown keys do no harm") {
    Desk desk;
    Keys keys = keysOf("OURS");
    keys.insert(keys.begin() + 3, {{4, 4, 30}, {1, 42, 2}, {1, 60'000, 1}, {17, 1, 1}});
    desk.scan(keys);
    desk.scan("7\n");
    CHECK(desk.found_ == List{"OURS7"});
    CHECK(desk.typed.empty());
}

TEST_CASE("keys that were down before are let up at everybody's") {
    Desk desk;
    desk.scan(Keys{{1, 30, 0}});
    CHECK(desk.typed == Keys{{1, 30, 0}});
}

TEST_CASE("a key that overlaps the Enter of a code is the next code's") {
    Desk desk;
    desk.scan("OURS1");
    desk.scan(Keys{{1, 28, 1}, {1, 5, 1}, {1, 28, 0}, {1, 5, 0}, {1, 28, 1}, {1, 28, 0}});
    CHECK(desk.found_ == List{"OURS1"});
    CHECK(desk.typed == Keys{{1, 5, 1}, {1, 5, 0}, {1, 28, 1}, {1, 28, 0}});
}

TEST_CASE("layouts, separators, Alt and digits") {
    Desk german("de");
    german.scan("OURSy"); // the key of y is z there
    german.scan("\n");
    CHECK(german.found_ == List{"OURSz"});

    Desk desk;
    desk.scan("OURS1");
    desk.scan(Keys{{1, 29, 1}, {1, 27, 1}, {1, 27, 0}, {1, 29, 0}}); // Ctrl and ]
    desk.scan("2");
    desk.scan(Keys{{1, 56, 1}, {1, 77, 1}, {1, 77, 0}, {1, 76, 1}, {1, 76, 0}, {1, 56, 0}});
    desk.scan("\n");
    CHECK(desk.found_ == List{"OURS1\x1D"
                              "2A"}); // 65
    CHECK(desk.typed.empty());
}

TEST_CASE("a piece that grows too long is typed on whole, and the next code is heard") {
    Desk desk;
    const std::string text = "OURS" + std::string(scanner::kHeldMax, 'x') + "\n";
    desk.scan(text);
    CHECK(desk.found_.empty());
    CHECK(desk.typed == pressesOf(keysOf(text)));
    CHECK(desk.broken_ == 1);
    desk.scan("OURS2\n");
    CHECK(desk.found_ == List{"OURS2"});
}

TEST_CASE("lost events make no code, and leave no key down") {
    Desk desk;
    desk.scan("ab");
    desk.scan(Keys{{1, 42, 1}, {1, 16, 1}, {0, 3, 0}, {1, 24, 1}, {0, 0, 0}});
    CHECK(desk.down().empty());
    desk.scan("OURS1\n"); // the rest of whatever it was
    CHECK(desk.found_.empty());
    desk.scan("OURS2\n");
    CHECK(desk.found_ == List{"OURS2"});
    CHECK(desk.down().empty());
}

TEST_CASE("unplugged in the middle: what came is typed on, and no key stays down") {
    Desk desk;
    desk.scan("47");
    desk.scan(Keys{{1, 42, 1}, {1, 30, 1}});
    desk.wedge.lost();
    CHECK(desk.down().empty());
    CHECK(desk.typed.size() == 8);
    CHECK_FALSE(desk.wedge.busy());
    desk.scan("OURS3\n");
    CHECK(desk.found_ == List{"OURS3"});
}

PROPERTY("whatever is pressed: bounded; what is typed on is what came, in order, less whole codes",
         [](const std::vector<std::pair<std::uint8_t, bool>>& presses) {
             Desk desk;
             Keys keys;
             for (const auto& [key, down] : presses) keys.push_back({1, key, down ? 1 : 0});
             desk.scan(keys);
             desk.wedge.silence();
             // Nothing here can spell OURS and end by chance more than rarely: all is typed on.
             if (desk.found_.empty()) RC_ASSERT(desk.typed == keys);
             desk.wedge.lost();
             RC_ASSERT(desk.down().empty());
         });
