// rooms: drivers-printer drivers-emulator
// The whole way over a real socket: a slip through the queue, TCP and the virtual printer to paper.
#include <Paths.h>
#include <algorithm>
#include <array>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>

#include "drivers/emulator/Server.h"
#include "drivers/printer/Printer.h"
#include "drivers/printer/ProfileFile.h"
#include "tests/support/Property.h"
#include "tests/support/QrReader.h"
#include "tests/support/SampleSlip.h"
#include "tests/support/Told.h"

using namespace souffleur;

namespace {

escpos::Profile model(bool processId) {
    escpos::Profile profile;
    profile.codePages = {{16, escpos::CodePage::cp1252}, {17, escpos::CodePage::cp866}};
    profile.processId = processId;
    return profile;
}

printer::Options quick() {
    printer::Options options;
    options.retryMs = 10;
    options.refreshMs = 20;
    options.confirmTimeoutMs = 60'000; // a slow machine is no fault
    options.writeTimeoutMs = 60'000;
    return options;
}

/// The virtual printer serves one host at a time: it answers this one once the one before has
/// closed. A connection that never closed leads to the same printer still.
void waitUntilLetGo(std::uint16_t port) {
    using transport::Milliseconds;
    const auto line = transport::fromAddress("tcp://127.0.0.1:" + std::to_string(port)).value();
    REQUIRE(line->open(Milliseconds{60'000}));
    static constexpr std::array<std::uint8_t, 3> kStatus = {0x10, 4, 1};
    REQUIRE_FALSE(line->write(kStatus, Milliseconds{60'000}).error);
    std::array<std::uint8_t, 16> answer{};
    const auto got = line->read(answer, Milliseconds{60'000});
    REQUIRE(got);
    REQUIRE(*got > 0);
    line->close();
}

struct Counter {
    explicit Counter(const escpos::Profile& profile, printer::Options options = quick())
        : device(profile), server(device, 0),
          printer(
              profile,
              transport::fromAddress("tcp://127.0.0.1:" + std::to_string(server.port())).value(),
              [] { return std::int64_t{1000}; }, told, options) {}

    emulator::VirtualPrinter device;
    emulator::PrinterServer server;
    test::Told told;
    printer::Printer printer;
};

} // namespace

TEST_CASE("a slip goes over TCP to paper, is confirmed, and its code reads back") {
    for (const bool processId : {true, false}) {
        CAPTURE(processId);
        Counter counter(model(processId));
        const auto id = counter.printer.submit(test::sampleSlip("ru"));
        REQUIRE(id);
        const auto report = counter.told.waitFor(*id);
        REQUIRE(report);
        CAPTURE(report->message);
        CHECK(report->end == printer::JobEnd::printed);
        CHECK(report->evidence ==
              (processId ? printer::Evidence::processId : printer::Evidence::status));
        REQUIRE(counter.device.waitForReceipts(1, 5000));
        const auto receipt = counter.device.receipt(1);
        REQUIRE(receipt);
        CHECK(receipt->text.find("Мария Ивановна Лебедева") != std::string::npos);
        CHECK(test::readQr(receipt->png) ==
              std::vector<std::string>{"https://example.org/w/4f1c2a9be07d4c31a85e"});
    }
}

TEST_CASE("paper out holds the slip back, and it prints once when paper is in") {
    Counter counter(model(true));
    counter.device.setFaults({.paperOut = true});
    REQUIRE(counter.told.waitForState(
        [](printer::Reasons reasons) { return (reasons & printer::kPaperEnd) != 0; }));
    const auto id = counter.printer.submit(test::sampleSlip());
    REQUIRE(id);
    CHECK(counter.device.printed() == 0);
    counter.device.setFaults({});
    const auto report = counter.told.waitFor(*id);
    REQUIRE(report);
    CHECK(report->end == printer::JobEnd::printed);
    CHECK(counter.device.printed() == 1);
}

TEST_CASE(
    "a printer that hangs in mid-job leaves the job indeterminate and prints no second slip") {
    // Slow enough that the hang falls into the job; the slip is 20 KB of pictures.
    auto options = quick();
    options.confirmTimeoutMs = 3000;
    Counter counter(model(true), options);
    counter.device.setFaults({.bytesPerSecond = 20000});
    const auto id = counter.printer.submit(test::sampleSlip("zh"));
    REQUIRE(id);
    REQUIRE(test::eventually([&] { return counter.device.received() > 2000; }));
    counter.device.setFaults({.hang = true});
    const auto report = counter.told.waitFor(*id);
    REQUIRE(report);
    CHECK(report->end == printer::JobEnd::indeterminate);
    counter.device.setFaults({});
    const auto next = counter.printer.submit(test::sampleSlip("nl"));
    REQUIRE(next);
    const auto second = counter.told.waitFor(*next);
    REQUIRE(second);
    CAPTURE(second->message);
    CHECK(second->end == printer::JobEnd::printed);
    const auto receipts = counter.device.receipts();
    REQUIRE_FALSE(receipts.empty());
    CHECK(receipts.back().text.find("Anna van der Meer") != std::string::npos);
    CHECK(receipts.size() <= 2);
}

TEST_CASE("paper, cover or cutter in the middle of a job: it is told, mended, and the slip comes "
          "out once") {
    using Faults = emulator::Faults;
    for (const auto& [fault, reason] :
         {std::pair{Faults{.paperOut = true}, printer::kPaperEnd},
          std::pair{Faults{.coverOpen = true}, printer::kCoverOpen},
          std::pair{Faults{.cutterJam = true}, printer::kCutterError}}) {
        CAPTURE(printer::reasonsText(reason));
        Counter counter(model(true));
        counter.device.setFaults({.bytesPerSecond = 20000});
        const auto id = counter.printer.submit(test::sampleSlip("zh"));
        REQUIRE(id);
        REQUIRE(test::eventually([&] { return counter.device.received() > 2000; }));
        counter.device.setFaults(fault);
        REQUIRE(counter.told.waitForState(
            [reason = reason](printer::Reasons now) { return (now & reason) != 0; }));
        CHECK(counter.device.printed() == 0);
        counter.device.setFaults({});
        const auto report = counter.told.waitFor(*id);
        REQUIRE(report);
        CAPTURE(report->message);
        CHECK(report->end == printer::JobEnd::printed);
        CHECK(counter.device.printed() == 1);
    }
}

TEST_CASE("a slip that was given up for want of paper does not come out of the printer later") {
    emulator::VirtualPrinter device(model(true));
    emulator::PrinterServer server(device, 0);
    test::Told told;
    {
        printer::Printer printer(
            model(true),
            transport::fromAddress("tcp://127.0.0.1:" + std::to_string(server.port())).value(),
            [] { return std::int64_t{1000}; }, told, quick());
        device.setFaults({.bytesPerSecond = 20000});
        const auto id = printer.submit(test::sampleSlip("zh"));
        REQUIRE(id);
        REQUIRE(test::eventually([&] { return device.received() > 2000; }));
        device.setFaults({.paperOut = true});
        REQUIRE(told.waitForState(
            [](printer::Reasons now) { return (now & printer::kPaperEnd) != 0; }));
    } // the till is shut down, as it gives up after two minutes
    waitUntilLetGo(server.port());
    device.setFaults({});
    CHECK(device.printed() == 0);
    device.tear(); // what was on paper before
    const std::uint64_t before = device.printed();
    // The next one's slip begins anew, and has nothing of the former.
    test::Told later;
    printer::Printer printer(
        model(true),
        transport::fromAddress("tcp://127.0.0.1:" + std::to_string(server.port())).value(),
        [] { return std::int64_t{1000}; }, later, quick());
    const auto next = printer.submit(test::sampleSlip("nl"));
    REQUIRE(next);
    const auto report = later.waitFor(*next);
    REQUIRE(report);
    CHECK(report->end == printer::JobEnd::printed);
    CHECK(device.printed() == before + 1);
}

TEST_CASE("the power goes in the middle of a job: indeterminate, and nothing comes by itself") {
    auto options = quick();
    options.confirmTimeoutMs = 200;
    Counter counter(model(true), options);
    counter.device.setFaults({.bytesPerSecond = 20000});
    const auto id = counter.printer.submit(test::sampleSlip("zh"));
    REQUIRE(id);
    REQUIRE(test::eventually([&] { return counter.device.received() > 2000; }));
    counter.device.setFaults({.hang = true});
    counter.device.powerCut();
    const auto report = counter.told.waitFor(*id);
    REQUIRE(report);
    CHECK(report->end == printer::JobEnd::indeterminate);
    CHECK(counter.printer.queued() == 0);
}

TEST_CASE("a mute printer in the place of a known one gets no slip made for that one") {
    const std::string folder = std::string(kSourceDir) + "/firmware-config/profiles";
    const auto known = printer::findModel(folder, "epson-tm-t88v").value();
    emulator::VirtualPrinter device(known.profile);
    emulator::PrinterServer server(device, 0);
    test::Told told;
    printer::Options options = quick();
    options.refreshMs = 0; // nobody looks meanwhile
    printer::Choice choice;
    choice.model = printer::findModel(folder, "generic-80mm").value();
    choice.others = printer::loadModels(folder).value();
    printer::Printer printer(
        std::move(choice),
        transport::fromAddress("tcp://127.0.0.1:" + std::to_string(server.port())).value(),
        [] { return std::int64_t{1000}; }, told, options);
    REQUIRE(test::eventually([&] { return printer.profile().id == "epson-tm-t88v"; }));
    const auto first = printer.submit(test::sampleSlip("nl"));
    REQUIRE(told.waitFor(first.value()).value().end == printer::JobEnd::printed);
    // Between two slips, behind the same address.
    waitUntilLetGo(server.port());
    device.setFaults({.mute = true});
    const auto second = printer.submit(test::sampleSlip("nl"));
    CHECK(told.waitFor(second.value()).value().end == printer::JobEnd::printed);
    CHECK(printer.profile().id == "generic-80mm");
    device.setFaults({});
    const auto third = printer.submit(test::sampleSlip("nl"));
    CHECK(told.waitFor(third.value()).value().end == printer::JobEnd::printed);
}

TEST_CASE("a drawer opens, and the state says so") {
    Counter counter(model(true));
    const auto id = counter.printer.kickDrawer();
    REQUIRE(id);
    CHECK(counter.told.waitFor(*id).value().end == printer::JobEnd::printed);
    CHECK(counter.device.faults().drawerOpen);
    CHECK(counter.told.waitForState(
        [](printer::Reasons now) { return (now & printer::kDrawerSignal) != 0; }));
    CHECK(counter.device.printed() == 0);
}

TEST_CASE("nobody listens: the state says unreachable and the caller is never held up") {
    std::uint16_t freePort = 0;
    {
        emulator::VirtualPrinter device(model(true));
        const emulator::PrinterServer server(device, 0);
        freePort = server.port();
    }
    test::Told told;
    printer::Printer printer(
        model(true), transport::fromAddress("tcp://127.0.0.1:" + std::to_string(freePort)).value(),
        [] { return std::int64_t{0}; }, told, quick());
    CHECK(told.waitForState(
        [](printer::Reasons reasons) { return reasons == printer::kUnreachable; }));
    CHECK(printer.submit(test::sampleSlip()).has_value());
    CHECK(printer.queued() == 1);
}

TEST_CASE(
    "a virtual printer of any model is recognised by its own word and prints in its profile") {
    const auto models =
        printer::loadModels(std::string(kSourceDir) + "/firmware-config/profiles").value();
    const auto generic = std::find_if(models.begin(), models.end(), [](const auto& one) {
        return one.profile.id == "generic-80mm";
    });
    REQUIRE(generic != models.end());
    for (const auto& model : models) {
        if (model.language != printer::Language::escPos || model.identity.names.empty()) continue;
        CAPTURE(model.profile.id);
        auto device = model.profile;
        device.vendor = model.identity.maker; // as it says them itself
        device.model = model.identity.names.front();
        emulator::VirtualPrinter paper(device);
        emulator::PrinterServer server(paper, 0);
        test::Told told;
        std::vector<std::string> lines;
        printer::Choice choice{.model = *generic, .others = models};
        choice.tell = [&](const printer::Model&, const std::string& line) {
            lines.push_back(line);
        };
        auto queue = std::make_unique<printer::Printer>(
            std::move(choice),
            transport::fromAddress("tcp://127.0.0.1:" + std::to_string(server.port())).value(),
            [] { return std::int64_t{1000}; }, told, quick());
        const auto id = queue->submit(test::sampleSlip("nl"));
        REQUIRE(id);
        const auto report = told.waitFor(*id);
        REQUIRE(report);
        CHECK(report->end == printer::JobEnd::printed);
        CHECK(report->evidence ==
              (device.processId ? printer::Evidence::processId : printer::Evidence::status));
        CHECK(queue->profile().id == model.profile.id);
        queue.reset();
        REQUIRE(lines.size() == 1);
        CHECK(lines[0].find("printing as " + model.profile.id) != std::string::npos);
        CHECK(paper.printed() == 1);
        CHECK(paper.receipt(1)->text.find("Anna van der Meer") != std::string::npos);
    }
}
