// A slip over USB to the virtual printer's paper, and what becomes of it when the bus gets in the
// way: asked about, never doubled.
#include <Paths.h>
#include <algorithm>

#include "drivers/emulator/VirtualPrinter.h"
#include "drivers/printer/Printer.h"
#include "drivers/printer/ProfileFile.h"
#include "tests/integration/usb_printer/UsbTill.h"
#include "tests/support/Property.h"
#include "tests/support/SampleSlip.h"
#include "tests/support/Told.h"

using namespace souffleur;
using test::PlayedPrinter;

namespace {

constexpr std::size_t kMidJob = 8 * PlayedPrinter::kPacket; // the Chinese slip is 20 KB of pictures

escpos::Profile model() {
    escpos::Profile profile;
    profile.codePages = {{16, escpos::CodePage::cp1252}};
    profile.processId = true;
    return profile;
}

printer::Options patient() {
    printer::Options options;
    options.retryMs = 50;
    options.refreshMs = 0;
    options.confirmTimeoutMs = 60'000; // a slow machine is no fault
    options.writeTimeoutMs = 60'000;
    options.openTimeoutMs = 20'000;
    return options;
}

struct Counter {
    test::UsbBed bed;
    emulator::VirtualPrinter paper{model()};
    std::shared_ptr<PlayedPrinter> plug = std::make_shared<PlayedPrinter>();
    test::Told told;
    printer::Printer queue;

    explicit Counter(const printer::Options& options = patient())
        : queue(
              model(), transport::fromAddress("usb://04b8:0202").value(),
              [] { return std::int64_t{1000}; }, told, options) {
        plug->answer = [this](std::span<const std::uint8_t> piece) {
            paper.feed(piece);
            return paper.reply();
        };
    }
    ~Counter() {
        plug->with([](PlayedPrinter& self) { self.answer = nullptr; });
    }

    printer::JobId submit(const std::string& language) {
        const auto id = queue.submit(test::sampleSlip(language));
        REQUIRE(id);
        return *id;
    }
    printer::JobReport end(printer::JobId id) {
        const auto report = told.waitFor(id);
        REQUIRE(report);
        return *report;
    }
    /// Slips that came out whole: with the last line that each of them has. A torn one has not.
    std::size_t wholeSlips() { return slipsOf("7K3-M9Q"); }
    /// Pieces of paper with these words on them.
    std::size_t slipsOf(const std::string& words) {
        const auto receipts = paper.receipts(false);
        return static_cast<std::size_t>(
            std::count_if(receipts.begin(), receipts.end(), [&](const emulator::Receipt& receipt) {
                return receipt.text.find(words) != std::string::npos;
            }));
    }
    /// Everything that was held up went its way: a later slip is on paper, once, and nothing else
    /// came with it. Then the cashier says so, and only then the doubtful one comes.
    void comesOnlyWhenAsked(printer::JobId doubtful) {
        const auto later = end(submit("nl"));
        CAPTURE(later.message);
        CHECK(later.end == printer::JobEnd::printed);
        CHECK(queue.queued() == 0);
        CHECK(wholeSlips() == 1);
        CHECK(slipsOf("Anna van der Meer") == 1);
        const auto again = queue.reprint(doubtful);
        REQUIRE(again);
        const auto report = end(*again);
        CAPTURE(report.message);
        CHECK(report.end == printer::JobEnd::printed);
        CHECK(report.evidence == printer::Evidence::processId);
        CHECK(wholeSlips() == 2);
        CHECK(slipsOf("Anna van der Meer") == 1);
        CHECK(queue.reprint(doubtful).error() == printer::Refusal::unknownJob);
    }
};

} // namespace

TEST_CASE("a slip goes over USB to paper, is confirmed, and the kernel has its printer back") {
    Counter counter;
    counter.bed.plug(counter.plug, 2);
    const auto report = counter.end(counter.submit("nl"));
    CAPTURE(report.message);
    CHECK(report.end == printer::JobEnd::printed);
    CHECK(report.evidence == printer::Evidence::processId);
    CHECK(counter.paper.printed() == 1);
    CHECK(counter.slipsOf("Anna van der Meer") == 1);
    CHECK(test::eventually([&] { return counter.bed.driverOf(counter.plug) == "usblp"; }));
}

TEST_CASE("not plugged in, then without paper: the slip waits, and comes out once") {
    Counter counter;
    counter.paper.setFaults({.paperOut = true});
    const auto id = counter.submit("nl");
    CHECK(counter.told.waitForState(
        [](printer::Reasons now) { return now == printer::kUnreachable; }));
    counter.bed.plug(counter.plug, 1);
    CHECK(counter.told.waitForState(
        [](printer::Reasons now) { return (now & printer::kPaperEnd) != 0; }));
    CHECK(counter.paper.printed() == 0);
    counter.paper.setFaults({});
    CHECK(counter.end(id).end == printer::JobEnd::printed);
    CHECK(counter.paper.printed() == 1);
}

TEST_CASE("unplugged in mid-job and plugged in elsewhere: asked about, not doubled") {
    Counter counter;
    counter.plug->unplugAfter = kMidJob;
    const auto before = counter.bed.plug(counter.plug, 2);
    const auto id = counter.submit("zh");
    const auto report = counter.end(id);
    CAPTURE(report.message);
    CHECK(report.end == printer::JobEnd::indeterminate);
    CHECK(report.message.find("before reprinting") != std::string::npos);
    counter.bed.unplug(counter.plug);
    counter.paper.powerCut(); // it hung on that cable
    counter.plug->with([](PlayedPrinter& self) { self.unplugAfter = PlayedPrinter::kNever; });
    const auto after = counter.bed.plug(counter.plug, 3);
    CHECK(after.port != before.port);
    counter.comesOnlyWhenAsked(id);
}

TEST_CASE("a halt in mid-job: asked about, not doubled") {
    Counter counter;
    counter.plug->haltAfter = kMidJob;
    counter.bed.plug(counter.plug, 2);
    const auto id = counter.submit("zh");
    const auto report = counter.end(id);
    CAPTURE(report.message);
    CHECK(report.end == printer::JobEnd::indeterminate);
    counter.paper.powerCut(); // somebody switches it off and on
    counter.comesOnlyWhenAsked(id);
}

TEST_CASE("it stops draining in mid-job: asked about, not doubled") {
    auto options = patient();
    options.writeTimeoutMs = 1000;
    Counter counter(options);
    counter.plug->drainUpTo = kMidJob;
    counter.bed.plug(counter.plug, 2);
    const auto id = counter.submit("zh");
    const auto report = counter.end(id);
    CAPTURE(report.message);
    CHECK(report.end == printer::JobEnd::indeterminate);
    CHECK(report.message.find("takes no more bytes") != std::string::npos);
    counter.paper.powerCut();
    counter.plug->with([](PlayedPrinter& self) { self.drainUpTo = PlayedPrinter::kNever; });
    counter.comesOnlyWhenAsked(id);
}

TEST_CASE("over USB a printer is known by its device id, and by its own word once it answers") {
    const auto models =
        printer::loadModels(std::string(kSourceDir) + "/firmware-config/profiles").value();
    REQUIRE_FALSE(models.empty());
    const auto byId = [&](const std::string& id) {
        return *std::find_if(models.begin(), models.end(),
                             [&](const auto& one) { return one.profile.id == id; });
    };
    for (const bool speaks : {false, true}) {
        CAPTURE(speaks);
        // By its device id a TM-T20III; by its own word, which goes before, a TM-T88V.
        auto device = byId("epson-tm-t88v").profile;
        if (!speaks) device.model = "nobody";
        emulator::VirtualPrinter paper(device);
        test::UsbBed bed;
        auto plug = std::make_shared<PlayedPrinter>();
        plug->answer = [&paper](std::span<const std::uint8_t> piece) {
            paper.feed(piece);
            return paper.reply();
        };
        test::Told told;
        {
            printer::Printer queue(
                {.model = byId("generic-80mm"), .others = models},
                transport::fromAddress("usb://printer").value(), [] { return std::int64_t{1000}; },
                told, patient());
            bed.plug(plug, 2);
            const auto id = queue.submit(test::sampleSlip("nl"));
            REQUIRE(id);
            CHECK(told.waitFor(*id).value().end == printer::JobEnd::printed);
            CHECK(queue.profile().id == (speaks ? "epson-tm-t88v" : "epson-tm-t20iii"));
        }
        plug->with([](PlayedPrinter& self) { self.answer = nullptr; });
        CHECK(paper.printed() == 1);
    }
}
