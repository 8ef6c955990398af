#include "plugin/intake/Pretix.h"

#include <doctest/doctest.h>

using namespace souffleur;
using namespace souffleur::intake;

namespace {

std::string order(const std::string& members) {
    return R"({"event":"gala","code":"AB1CD","datetime":"2026-11-20T19:30:00+01:00",)" + members +
           "}";
}

std::string page(const std::string& items, const std::string& next = "null") {
    return R"({"count":1,"next":)" + next + R"(,"previous":null,"results":[)" + items + "]}";
}

PretixOrder only(const std::string& members) {
    const auto parsed = parsePretixOrders(page(order(members)));
    REQUIRE(parsed);
    REQUIRE(parsed->items.size() == 1);
    return parsed->items.front();
}

const std::vector<PretixQuestion> kQuestions{{"newsletter-email", "newsletter", "email"}};

std::string ticket(const std::string& answer) {
    return R"({"positionid":1,"attendee_name":"Anna Vermeer","attendee_email":"anna@example.org",)"
           R"("answers":[{"question":7,"question_identifier":"newsletter-email","answer":")" +
           answer + R"(","options":[]}]})";
}

} // namespace

TEST_CASE("an order is read with its dates, person and answers") {
    const PretixOrder read = only(
        R"("status":"p","testmode":false,"email":"anna@example.org","phone":"+31600000012",)"
        R"("locale":"nl-informal","customer":"AB12","total":"37.50",)"
        R"("last_modified":"2026-11-20T18:31:00.5Z","invoice_address":{"name":"Anna Vermeer"},)"
        R"("positions":[)" +
        ticket("True") + "]");
    CHECK(read.id() == "gala-AB1CD");
    CHECK(read.status == PretixStatus::paid);
    CHECK(read.placed == parseTime("2026-11-20T18:30:00Z").value());
    CHECK(read.modified == parseTime("2026-11-20T18:31:00.500Z").value());
    CHECK(read.totalCents == 3750);
    REQUIRE(read.answers.size() == 1);
    CHECK(read.answers.front() == PretixAnswer{1, "newsletter-email", "True"});

    const Record record = recordOf(read, nullptr, kQuestions);
    CHECK(record.source == "pretix");
    CHECK(record.sourceId == "customer:AB12");
    CHECK(record.language == "nl");
    CHECK(record.name.display() == "Anna Vermeer");
    REQUIRE(record.emails.size() == 1);
    CHECK(record.emails.front().canonical == "anna@example.org");
    REQUIRE(record.phones.size() == 1);
    REQUIRE(record.permissions.size() == 1);
    CHECK(record.permissions.front().answer == Answer::given);
    CHECK(record.permissions.front().source == "pretix:question:newsletter-email");
    CHECK(record.permissions.front().at == read.placed);
    CHECK(record.warnings.empty());
}

TEST_CASE("a guest is named by the order, an account's own words come first") {
    PretixOrder guest = only(R"("status":"n","email":"anna@example.org")");
    CHECK(recordOf(guest, nullptr, {}).sourceId == "order:gala-AB1CD");
    guest.customer = "AB12";
    guest.name = "A. Vermeer";
    const PretixCustomer account{"AB12", "old@example.org", "", "Anna Vermeer", "nl", true};
    const Record record = recordOf(guest, &account, {});
    CHECK(record.name.display() == "Anna Vermeer");
    CHECK(record.emails.front().canonical == "anna@example.org"); // where the tickets went
}

TEST_CASE("tickets that answer differently make a refusal, an unclear answer makes none") {
    const auto said = [](const std::string& answers) {
        return recordOf(only(R"("status":"p","positions":[)" + answers + "]"), nullptr, kQuestions);
    };
    CHECK(said(ticket("True") + "," + ticket("False")).permissions.front().answer ==
          Answer::refused);
    CHECK(said(ticket("False") + "," + ticket("True")).permissions.front().answer ==
          Answer::refused);
    const Record unclear = said(ticket("perhaps"));
    CHECK(unclear.permissions.empty());
    CHECK(unclear.warnings.size() == 1);
    CHECK(unclear.warnings.front().find("perhaps") == std::string::npos);
}

TEST_CASE("a cancelled or expired order keeps its refusal and loses its yes") {
    for (const char* status : {"c", "e"}) {
        const std::string begin = R"("status":")" + std::string(status) + R"(","positions":[)";
        CHECK(
            recordOf(only(begin + ticket("True") + "]"), nullptr, kQuestions).permissions.empty());
        CHECK(
            recordOf(only(begin + ticket("False") + "]"), nullptr, kQuestions).permissions.size() ==
            1);
    }
}

TEST_CASE("one malformed order does not stop the others") {
    const std::string good = order(R"("status":"p")");
    for (const std::string& bad :
         {order(R"("status":"x")"), order(R"("status":7)"), std::string("7"), std::string("null"),
          std::string("[]"), std::string("{}"),
          std::string(R"({"event":"../x","code":"A","status":"p","datetime":"2026-01-01"})"),
          std::string(R"({"event":"gala","code":"A","status":"p","datetime":"soon"})"),
          order(R"("status":"p","customer":"a/b")")}) {
        CAPTURE(bad);
        const auto parsed = parsePretixOrders(page(bad + "," + good));
        REQUIRE(parsed);
        CHECK(parsed->items.size() == 1);
        CHECK(parsed->skipped == 1);
    }
}

TEST_CASE("hints of a wrong type are left out") {
    const PretixOrder read =
        only(R"("status":"p","email":7,"phone":[],"locale":{},"total":3,"invoice_address":"x",)"
             R"("positions":[7,{"answers":7},{"answers":[7,{"question_identifier":7}]}])");
    CHECK(read.email.empty());
    CHECK(read.phone.empty());
    CHECK(read.answers.empty());
    CHECK(read.name.empty());
}

TEST_CASE("what is no page is an error that says so") {
    for (const char* bad :
         {"", "<!doctype html><title>Sign in</title>", "[]", "7", "{}", R"({"results":{}})",
          R"({"results":[],"next":7})", R"({"results":[)", "\xff\xfe"}) {
        CAPTURE(bad);
        const auto parsed = parsePretixOrders(bad);
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().code == Code::corrupt);
        CHECK_FALSE(parsePretixCustomers(bad));
    }
    std::string many = order(R"("status":"p")");
    for (std::size_t i = 0; i < kPretixPageMax; ++i) many += ",1";
    CHECK(parsePretixOrders(page(many)).error().code == Code::tooLarge);
}

TEST_CASE("an anonymised customer is one that nothing names any more") {
    const auto parsed = parsePretixCustomers(
        page(R"({"identifier":"AB12","email":null,"phone":null,"name":"","is_active":false},)"
             R"({"identifier":"AB13","email":null,"name":"","is_active":true},)"
             R"({"identifier":"AB14","email":"a@example.org","name":"","is_active":false})"));
    REQUIRE(parsed);
    REQUIRE(parsed->items.size() == 3);
    CHECK(parsed->items[0].anonymised());
    CHECK_FALSE(parsed->items[1].anonymised());
    CHECK_FALSE(parsed->items[2].anonymised());
    CHECK(parsePretixCustomer(R"({"email":"a@example.org"})").error().code == Code::corrupt);
}

TEST_CASE("yes and no") {
    CHECK(pretixYes("True") == true);
    CHECK(pretixYes("false") == false);
    CHECK_FALSE(pretixYes(""));
    CHECK_FALSE(pretixYes("maybe"));
    CHECK_FALSE(pretixYes("Truest"));
}
