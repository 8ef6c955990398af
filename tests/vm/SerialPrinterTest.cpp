// A printer behind a real serial chip (USB), with the virtual printer at the other end of the
// cable. The paper is on the host: it is asked to look (run.py, Hands).
#include <filesystem>

#include "drivers/printer/Printer.h"
#include "tests/support/Property.h"
#include "tests/support/SampleSlip.h"
#include "tests/support/Told.h"
#include "tests/vm/Host.h"

using namespace souffleur;
using test::host;

namespace {

constexpr const char* kNode = "/dev/ttyUSB0";

escpos::Profile model() {
    escpos::Profile profile;
    profile.codePages = {{16, escpos::CodePage::cp1252}};
    profile.processId = true;
    return profile;
}

printer::Options patient() {
    printer::Options options;
    options.retryMs = 50;
    options.refreshMs = 200;           // somebody takes the paper out while nothing is printed
    options.confirmTimeoutMs = 60'000; // a slow machine is no fault
    options.writeTimeoutMs = 60'000;
    options.openTimeoutMs = 20'000;
    return options;
}

struct Counter {
    test::Told told;
    printer::Printer queue{
        model(), transport::fromAddress(std::string("serial://") + kNode + "?baud=115200").value(),
        [] { return std::int64_t{1000}; }, told, patient()};

    printer::JobReport print(const std::string& language) {
        const auto id = queue.submit(test::sampleSlip(language));
        REQUIRE(id);
        return end(*id);
    }
    printer::JobReport end(printer::JobId id) {
        const auto report = told.waitFor(id);
        REQUIRE(report);
        return *report;
    }
};

} // namespace

TEST_CASE("a slip goes over a serial line to paper and is confirmed") {
    REQUIRE(test::eventually([] { return std::filesystem::exists(kNode); }));
    Counter counter;
    const auto report = counter.print("nl");
    CAPTURE(report.message);
    CHECK(report.end == printer::JobEnd::printed);
    CHECK(report.evidence == printer::Evidence::processId);
    host("whole-slips 1");
}

TEST_CASE("the line is ours alone while we have it") {
    const auto one = transport::fromAddress(std::string("serial://") + kNode).value();
    const auto other = transport::fromAddress(std::string("serial://") + kNode).value();
    REQUIRE(one->open(transport::Milliseconds{20'000}).has_value());
    const auto opened = other->open(transport::Milliseconds{20'000});
    REQUIRE_FALSE(opened);
    CHECK(opened.error().fault == transport::Fault::busy);
    one->close();
    CHECK(other->open(transport::Milliseconds{20'000}).has_value());
}

TEST_CASE("without paper the slip waits, and comes out once") {
    host("faults paperOut=1");
    Counter counter;
    REQUIRE(counter.told.waitForState(
        [](printer::Reasons now) { return (now & printer::kPaperEnd) != 0; }));
    const auto id = counter.queue.submit(test::sampleSlip("nl"));
    REQUIRE(id);
    host("faults paperOut=0");
    CHECK(counter.end(*id).end == printer::JobEnd::printed);
    host("whole-slips 2");
}

TEST_CASE(
    "the serial chip is unplugged in mid-job and plugged in again: asked about, not doubled") {
    Counter counter;
    host("pull-after 6000"); // the Chinese slip is 20 KB of pictures
    const auto id = counter.queue.submit(test::sampleSlip("zh"));
    REQUIRE(id);
    const auto report = counter.end(*id);
    CAPTURE(report.message);
    CHECK(report.end == printer::JobEnd::indeterminate);
    CHECK(report.message.find("before reprinting") != std::string::npos);
    REQUIRE(test::eventually([] { return !std::filesystem::exists(kNode); }));
    host("plug");
    REQUIRE(test::eventually([] { return std::filesystem::exists(kNode); }));
    const auto later = counter.print("nl");
    CAPTURE(later.message);
    CHECK(later.end == printer::JobEnd::printed);
    CHECK(counter.queue.queued() == 0);
    host("whole-slips 3");
    const auto again = counter.queue.reprint(*id);
    REQUIRE(again);
    CHECK(counter.end(*again).end == printer::JobEnd::printed);
    host("whole-slips 4");
}
