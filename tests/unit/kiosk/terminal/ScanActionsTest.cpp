#include "kiosk/terminal/ScanActions.h"

#include <doctest/doctest.h>

#include "plugin/ledger/Operators.h"
#include "plugin/slip/Slip.h"
#include "tests/integration/counter/House.h"
#include "tests/support/Newsletter.h"

using namespace souffleur;
using terminal::ScanActions;

namespace {

/// Selections as the terminal's doors make them.
class Doors final : public host::HostEvents {
public:
    explicit Doors(counter::Counter& till) : _till(till) {}
    void selected(const host::Selection& selection) override {
        counter::HostCustomer customer;
        customer.system = selection.system;
        customer.id = selection.id;
        ids.push_back(selection.system + " " + selection.id);
        REQUIRE(_till.hostSelected(customer));
    }
    void cleared(const host::SelectionRef&) override {}
    void completed(const host::Completed&) override {}
    std::vector<std::string> ids;

private:
    counter::Counter& _till;
};

class Nothing final : public api::FeedPainter {
public:
    DeskPicture deskPicture(const std::string&) override { return {}; }
    std::string sessionPicture(const std::string&) override { return "{}"; }
    std::string printerPicture(const counter::PrinterView&) override { return "{}"; }
    std::string syncPicture() override { return "{}"; }
    std::string rushPicture(const counter::Rush&) override { return "{}"; }
    std::string jobPicture(const counter::PrintJob&) override { return "{}"; }
    bool mayListen(const http::Request&) override { return true; }
};

/// Takes what waits for a page, and goes.
class Glance final : public http::StreamWriter {
public:
    bool write(std::string_view bytes) override {
        text += bytes;
        return false;
    }
    [[nodiscard]] bool stopping() const override { return false; }
    std::string text;
};

struct Desk {
    test::House house;
    api::Feed feed;
    Doors doors{*house.till};
    std::vector<std::string> said;
    std::string url = house.pack().controller.withdrawUrl;
    ScanActions actions{*house.till,
                        *house.ledger,
                        feed,
                        doors,
                        host::ScanPatterns::load("generic").value(),
                        [this](const std::string& line) { said.push_back(line); }};

    /// What a page is told.
    std::string scan(const std::string& text) {
        Nothing painter;
        const auto page = feed.subscribe({}, "en", painter);
        scanner::Code code;
        code.text = text;
        actions.scanned(code);
        Glance glance;
        page.stream(glance);
        const std::string start = "event: scan\ndata: {\"code\":\"";
        const auto at = glance.text.find(start);
        if (at == std::string::npos) return {};
        const auto from = at + start.size();
        return glance.text.substr(from, glance.text.find('"', from) - from);
    }
    /// Somebody who bought something, by its number.
    void bought(const std::string& number) {
        ledger::Draft draft;
        draft.subject = SubjectId::random(house.random);
        draft.body = consent::Order{"boxoffice", {}, 0};
        draft.person.name.given = "Wim";
        draft.person.externalIds.push_back({"boxoffice", number});
        REQUIRE(house.ledger->append(draft));
    }
    /// Somebody who agreed on another day, with a slip.
    SubjectId given(const crypto::Handle& handle, bool takenBack = false) {
        ledger::Draft draft;
        draft.subject = SubjectId::random(house.random);
        consent::Act act = test::newsletter(consent::Choice::refused);
        act.controller = house.pack().controller.id;
        act.method = consent::Method::spoken;
        act.withdrawHandleHash = slip::handleHashHex(handle);
        draft.body = act;
        draft.person.name.given = "Wim";
        const auto done = house.ledger->append(draft);
        REQUIRE(done);
        ledger::Draft undo;
        undo.subject = draft.subject;
        undo.body = consent::Retract{done->id, act.by};
        if (takenBack) REQUIRE(house.ledger->append(undo));
        return draft.subject;
    }
};

} // namespace

TEST_CASE("a customer's card and an order select, as the tap does") {
    Desk desk;
    desk.bought("order:4711081");
    CHECK(desk.scan("customer:204711").empty());
    CHECK(desk.doors.ids == std::vector<std::string>{"boxoffice 204711"});
    CHECK(desk.house.desk().customer.has_value());
    CHECK(desk.scan("order:4711081").empty());
    CHECK(desk.doors.ids.back() == "boxoffice order:4711081");
    CHECK(desk.said.empty());
}

TEST_CASE("an order that is on file nowhere leaves who is on the desk there, and is told") {
    Desk desk;
    desk.bought("order:4711081");
    (void) desk.scan("order:4711081");
    const auto before = desk.house.desk();
    REQUIRE(before.customer.has_value());
    CHECK(desk.scan("order:4711082") == "order-unknown");
    CHECK(desk.doors.ids.size() == 1);
    const auto after = desk.house.desk();
    REQUIRE(after.customer.has_value());
    CHECK(after.customer->subject == before.customer->subject);
    CHECK(after.questionSet == before.questionSet);
    REQUIRE(desk.said.size() == 1);
    CHECK(desk.said[0].find("4711082") == std::string::npos);
    // Nor does it put a stranger on an empty desk.
    REQUIRE(desk.house.till->clear());
    CHECK(desk.scan("order:4711082") == "order-unknown");
    CHECK_FALSE(desk.house.desk().customer.has_value());
    // Without a lease no number leads to anybody.
    desk.house.till->setReadable(false);
    CHECK(desk.scan("order:4711081") == "lease-over");
    CHECK_FALSE(desk.house.desk().customer.has_value());
}

TEST_CASE("what is not ours does nothing, and is not asked for") {
    Desk desk;
    for (const char* const code : {"4006381333931", "https://example.org/shop#4711", "Ticket 0815",
                                   "0123456789ABCDEFGHJKMNPQRST", ""}) {
        CHECK_FALSE(desk.actions.ours(code));
        CHECK(desk.scan(code).empty());
    }
    CHECK(desk.said.empty());
    CHECK(desk.doors.ids.empty());
    CHECK_FALSE(desk.house.desk().customer.has_value());
}

TEST_CASE("a slip opens whom it was given to, by its QR code and by its short code") {
    Desk desk;
    const auto handle = crypto::randomHandle(desk.house.random);
    (void) desk.given(crypto::randomHandle(desk.house.random));
    const SubjectId who = desk.given(handle);
    (void) desk.given(crypto::randomHandle(desk.house.random));
    const std::string link = slip::withdrawLink(desk.url, handle);
    CHECK(desk.actions.ours(link));
    desk.scan(link);
    CHECK(desk.said.empty());
    REQUIRE(desk.house.desk().customer.has_value());
    CHECK(desk.house.desk().customer->subject == who);
    REQUIRE(desk.house.till->clear());
    CHECK(desk.actions.ours("https://former.example.org/away" + link.substr(link.find('#'))));
    CHECK(desk.actions.ours(crypto::slipCode(handle)));
    desk.scan(crypto::slipCode(handle));
    REQUIRE(desk.house.desk().customer.has_value());
    CHECK(desk.house.desk().customer->subject == who);
}

TEST_CASE("a slip that was taken back opens its holder's desk and is told not to count") {
    Desk desk;
    const auto handle = crypto::randomHandle(desk.house.random);
    const SubjectId who = desk.given(handle, true);
    CHECK(desk.scan(slip::withdrawLink(desk.url, handle)) == "slip-taken-back");
    REQUIRE(desk.house.desk().customer.has_value());
    CHECK(desk.house.desk().customer->subject == who);
    REQUIRE(desk.said.size() == 1);
    CHECK(desk.said[0].find("does not count") != std::string::npos);
    // Who is on the desk already is told again; who may not see whose it is learns nothing of it.
    CHECK(desk.scan(crypto::slipCode(handle)) == "slip-taken-back");
    desk.house.till->lock();
    CHECK(desk.scan(crypto::slipCode(handle)) == "slip-hidden");
}

TEST_CASE("a slip that is not on file is told, without its code") {
    Desk desk;
    const auto handle = crypto::randomHandle(desk.house.random);
    CHECK(desk.scan(slip::withdrawLink(desk.url, handle)) == "slip-unknown");
    REQUIRE(desk.said.size() == 1);
    CHECK(desk.said[0].find("not on file at this till") != std::string::npos);
    CHECK(desk.said[0].find(crypto::slipCode(handle).substr(0, 4)) == std::string::npos);
    CHECK_FALSE(desk.house.desk().customer.has_value());
    desk.house.till->lock();
    const auto other = crypto::randomHandle(desk.house.random);
    (void) desk.given(other);
    CHECK(desk.scan(slip::withdrawLink(desk.url, other)) == "slip-hidden");
    CHECK(desk.said.back() == "a slip was scanned; sign in to see whose it is");
}

TEST_CASE("a slip's code that does not fit its check symbol is told, and opens nobody's record") {
    Desk desk;
    const auto handle = crypto::randomHandle(desk.house.random);
    (void) desk.given(handle);
    std::string code = crypto::slipCode(handle);
    code[2] = code[2] == '7' ? 'K' : '7';
    CHECK_FALSE(desk.actions.ours(code)); // a keyboard scanner types it on
    CHECK(desk.scan(code) == "slip-mistyped");
    std::erase(code, '-');
    CHECK(desk.scan(desk.url + "#" + code) == "slip-mistyped");
    CHECK(desk.scan("https://example.org/a#" + code).empty()); // may be anybody's
    CHECK_FALSE(desk.house.desk().customer.has_value());
}

TEST_CASE("a slip opens nobody's record where nobody has signed in, as a search finds nobody") {
    Desk desk;
    const auto handle = crypto::randomHandle(desk.house.random);
    const SubjectId who = desk.given(handle);
    const std::string link = slip::withdrawLink(desk.url, handle);
    (void) desk.house.till->signOut();
    REQUIRE(desk.house.till->goUnidentified());
    desk.scan(link);
    REQUIRE(desk.said.size() == 1);
    CHECK(desk.said[0] == "a slip was scanned; sign in to see whose it is");
    CHECK_FALSE(desk.house.desk().customer.has_value());
    REQUIRE(desk.house.till->signIn(desk.house.noor, test::kPin));
    desk.scan(link);
    CHECK(desk.said.size() == 1);
    REQUIRE(desk.house.desk().customer.has_value());
    CHECK(desk.house.desk().customer->subject == who);
    REQUIRE(desk.house.till->clear());
    desk.house.till->setReadable(false);
    CHECK(desk.scan(link) == "lease-over");
    CHECK_FALSE(desk.house.desk().customer.has_value());
    CHECK(desk.said.back() ==
          "this till has no lease from head office now: what was scanned shows nobody on file");
}

TEST_CASE("a badge signs in whoever has it; another's is told") {
    Desk desk;
    const std::string badge = "badge:7F3K-2290-XB";
    auto row = desk.house.ledger->operators().get(desk.house.noor).value();
    row.badge = desk.house.pins.badge(badge).value();
    REQUIRE(desk.house.ledger->operators().put(row));
    desk.house.till->lock();
    desk.scan(badge);
    CHECK(desk.house.till->session().stage == counter::Stage::signedIn);
    desk.house.till->lock();
    CHECK(desk.scan("badge:0000-0000-00") == "badge-unknown");
    CHECK(desk.house.till->session().stage == counter::Stage::locked);
    REQUIRE(desk.said.size() == 1);
    CHECK(desk.said[0] == "the badge that was scanned signs nobody in at this till");
}

TEST_CASE("what is held under the scanner shuts no badge reader") {
    Desk desk;
    const std::string badge = "badge:7F3K-2290-XB";
    auto row = desk.house.ledger->operators().get(desk.house.noor).value();
    row.badge = desk.house.pins.badge(badge).value();
    REQUIRE(desk.house.ledger->operators().put(row));
    desk.house.till->lock();
    for (int i = 0; i < 3 * ledger::Operators::kFailuresMax; ++i) desk.scan("badge:0000-0000-00");
    CHECK(desk.scan(badge) == "badge-locked-out"); // the scanner itself is shut for a while
    CHECK(desk.house.till->session().stage == counter::Stage::locked);
    REQUIRE(desk.house.till->signInByBadge(badge));
    CHECK(desk.house.till->session().stage == counter::Stage::signedIn);
    desk.house.till->lock();
    desk.house.clock.pass(kHourMs);
    desk.scan(badge);
    CHECK(desk.house.till->session().stage == counter::Stage::signedIn);
}
