// Which model a printer is taken for: by its own word, by what the line knows, or as it was.
#include <Paths.h>
#include <atomic>

#include "drivers/printer/Printer.h"
#include "drivers/printer/ProfileFile.h"
#include "tests/support/FakeTransport.h"
#include "tests/support/HealthyPrinter.h"
#include "tests/support/Property.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/Told.h"

using namespace souffleur;
using printer::JobEnd;

namespace {

using Bytes = std::vector<std::uint8_t>;

std::vector<printer::Model> models() {
    return printer::loadModels(std::string(kSourceDir) + "/firmware-config/profiles").value();
}

printer::Model model(const std::string& id) {
    return printer::findModel(std::string(kSourceDir) + "/firmware-config/profiles", id).value();
}

escpos::Document slip(const std::string& name) {
    escpos::Document document;
    document.text(name);
    return document;
}

/// Healthy, and says who it is.
struct Speaking {
    std::string name;
    std::string maker = "EPSON";
    int* asked = nullptr;
    Bytes before{};              ///< what it says between question and answer
    std::string* late = nullptr; ///< it answers with the next piece only
    test::HealthyPrinter healthy{};

    Bytes operator()(std::span<const std::uint8_t> piece) {
        Bytes back;
        const auto say = [&back](const std::string& text) {
            back.push_back(0x5F);
            back.insert(back.end(), text.begin(), text.end());
            back.push_back(0);
        };
        if (late != nullptr && !late->empty()) say(std::exchange(*late, {}));
        const auto rest = healthy(piece);
        back.insert(back.end(), rest.begin(), rest.end());
        for (std::size_t i = 0; i + 3 <= piece.size(); ++i) {
            if (piece[i] != 0x1D || piece[i + 1] != 'I') continue;
            if (asked != nullptr) ++*asked;
            back.insert(back.end(), before.begin(), before.end());
            if (late != nullptr) *late = piece[i + 2] == 67 ? name : maker;
            if (name.empty() || late != nullptr) continue;
            say(piece[i + 2] == 67 ? name : maker);
        }
        return back;
    }
};

class PlateTransport final : public transport::Transport {
public:
    PlateTransport(std::shared_ptr<test::FakeLine> line, const transport::Plate& plate)
        : _line(line), _fake(std::move(line)), _plate(plate) {}
    transport::Result<void> open(transport::Milliseconds timeout) override {
        return _fake.open(timeout);
    }
    transport::Written write(std::span<const std::uint8_t> bytes,
                             transport::Milliseconds timeout) override {
        return _fake.write(bytes, timeout);
    }
    transport::Result<std::size_t> read(std::span<std::uint8_t> into,
                                        transport::Milliseconds timeout) override {
        return _fake.read(into, timeout);
    }
    void close() noexcept override { _fake.close(); }
    void cancel() noexcept override { _fake.cancel(); }
    [[nodiscard]] bool canRead() const noexcept override { return _fake.canRead(); }
    [[nodiscard]] std::string describe() const override { return _fake.describe(); }
    [[nodiscard]] transport::Plate plate() const override {
        return _line->with([this](test::FakeLine&) { return _plate; });
    }

private:
    std::shared_ptr<test::FakeLine> _line;
    test::FakeTransport _fake;
    const transport::Plate& _plate; ///< the bench's; may change
};

struct Bench {
    std::shared_ptr<test::FakeLine> line = std::make_shared<test::FakeLine>();
    test::TemporaryFolder folder;
    std::atomic<std::int64_t> now{1'000'000};
    printer::Options options;
    transport::Plate plate; ///< change it with the line's lock
    bool kicks = true;      ///< the model that it starts as opens a drawer
    std::mutex mutex;
    std::vector<std::string> lines; ///< for the log
    std::unique_ptr<test::Told> told;
    std::unique_ptr<printer::Printer> printer;

    Bench() {
        options.retryMs = 2;
        options.refreshMs = 5;
        options.confirmTimeoutMs = 60'000;
    }
    void start(bool named = false, const std::string& id = "generic-80mm") {
        printer.reset();
        told = std::make_unique<test::Told>();
        printer::Choice choice;
        choice.model = model(id);
        choice.model.drawer.kick = kicks;
        if (!named) choice.others = models();
        choice.tell = [this](const printer::Model&, const std::string& text) {
            const std::scoped_lock lock(mutex);
            lines.push_back(text);
        };
        printer = std::make_unique<printer::Printer>(
            std::move(choice), std::make_unique<PlateTransport>(line, plate),
            [this] { return now.load(); }, *told, options,
            std::make_unique<printer::FolderJobStore>(folder.path() / "queue",
                                                      [this] { return now.load(); }));
    }
    bool becomes(const std::string& id) {
        return test::eventually([&] { return printer->profile().id == id; });
    }
    bool keeps() {
        return test::eventually(
            [&] { return !std::filesystem::is_empty(folder.path() / "queue"); });
    }
    std::string lastLine() {
        const std::scoped_lock lock(mutex);
        return lines.empty() ? std::string() : lines.back();
    }
    bool logs(const std::string& words) {
        return test::eventually([&] { return lastLine().find(words) != std::string::npos; });
    }
};

} // namespace

TEST_CASE("a printer is taken for what it says it is, and that is told once") {
    for (const auto& [name, maker, id] : {std::tuple{"TM-T88V", "EPSON", "epson-tm-t88v"},
                                          std::tuple{"TM-m30", "EPSON", "epson-tm-m30"},
                                          std::tuple{"CT-S310", "CITIZEN", "citizen-ct-s310"}}) {
        CAPTURE(name);
        int asked = 0;
        Bench bench;
        bench.line->answer = Speaking{.name = name, .maker = maker, .asked = &asked};
        bench.options.refreshMs = 0; // one look when it starts, one for the slip
        bench.start();
        CHECK(bench.becomes(id));
        CHECK(bench.logs(std::string("printing as ") + id + ", for the printer says it is " +
                         maker + " " + name));
        const auto job = bench.printer->submit(slip("Anna")).value();
        CHECK(bench.told->waitFor(job).value().end == JobEnd::printed);
        bench.printer.reset();
        CHECK(asked == 3); // its name and maker; for the slip, whether it is still the same
        CHECK(bench.lines.size() == 1);
    }
}

TEST_CASE("a profile that somebody named stays, and nothing is asked") {
    int asked = 0;
    Bench bench;
    bench.line->answer = Speaking{.name = "TM-T88V", .asked = &asked};
    bench.start(true, "epson-tm-t20ii");
    const auto job = bench.printer->submit(slip("Anna")).value();
    CHECK(bench.told->waitFor(job).value().end == JobEnd::printed);
    CHECK(bench.printer->profile().id == "epson-tm-t20ii");
    bench.printer.reset();
    CHECK(asked == 0);
    CHECK(bench.lines.empty());
}

TEST_CASE("one that says nothing stays what it was, prints, and is not asked for ever") {
    int asked = 0;
    Bench bench;
    bench.line->answer = Speaking{.name = "", .asked = &asked};
    bench.start();
    const auto job = bench.printer->submit(slip("Anna")).value();
    CHECK(bench.told->waitFor(job).value().end == JobEnd::printed);
    CHECK(bench.logs("printing as generic-80mm, for the printer does not say what it is"));
    REQUIRE(test::eventually(
        [&] { return bench.line->with([&](test::FakeLine&) { return asked == 3; }); }));
    const int looks = bench.line->opened();
    REQUIRE(test::eventually([&] { return bench.line->opened() > looks + 5; }));
    bench.printer.reset();
    CHECK(asked == 3);
}

TEST_CASE("a name that no profile has is told") {
    Bench bench;
    bench.line->answer = Speaking{.name = "XP-80", .maker = "Xprinter"};
    bench.start();
    CHECK(bench.logs("printing as generic-80mm, for the printer says it is Xprinter XP-80, which "
                     "no profile names"));
}

TEST_CASE("status that comes between question and answer is heard") {
    Bench bench;
    // Paper near its end, as automatic status.
    bench.line->answer = Speaking{.name = "TM-T88V", .before = {0x10, 0x00, 0x03, 0x0F}};
    bench.options.refreshMs = 0;
    bench.start();
    CHECK(bench.becomes("epson-tm-t88v"));
    CHECK(bench.told->waitForState(
        [](printer::Reasons now) { return (now & printer::kPaperNearEnd) != 0; }));
}

TEST_CASE("a name that comes late is no status, and counts") {
    std::string late; // outlives the printer's thread, which reads it
    Bench bench;
    // Its letters 'T', '8' and 'V', read as status, would say things that are not so.
    bench.line->answer = Speaking{.name = "TM-T88V", .late = &late};
    bench.start();
    const auto job = bench.printer->submit(slip("Anna")).value();
    CHECK(bench.told->waitFor(job).value().end == JobEnd::printed);
    CHECK(bench.becomes("epson-tm-t88v"));
    CHECK_FALSE(bench.told->sawState([](printer::Reasons now) {
        return (now & (printer::kBlocking | printer::kPaperNearEnd)) != 0;
    }));
}

TEST_CASE("what the line knows is enough where the printer says nothing") {
    Bench bench;
    bench.line->answer = test::HealthyPrinter{};
    bench.plate = {0x04b8, 0x0202, "MFG:EPSON;CMD:ESC/POS;MDL:TM-T20III;CLS:PRINTER;"};
    bench.start();
    CHECK(bench.becomes("epson-tm-t20iii"));
    CHECK(bench.logs("its device id is MFG:EPSON;"));
}

TEST_CASE("one that speaks no ESC/POS gets nothing, in words") {
    Bench bench;
    bench.line->answer = test::HealthyPrinter{};
    bench.plate = {0x0519, 0x0003, "MFG:Star;MDL:TSP143 (STR_T-001);"};
    bench.start();
    const auto job = bench.printer->submit(slip("Anna")).value();
    CHECK(bench.told->waitForState(
        [](printer::Reasons now) { return (now & printer::kFatalError) != 0; }));
    CHECK(bench.logs("raster language"));
    bench.now += 121'000;
    CHECK(bench.told->waitFor(job).value().end == JobEnd::expired);
    CHECK(test::slipsIn(bench.line->taken()) == 0);
}

TEST_CASE("a slip that waited goes out for the model that came") {
    Bench bench;
    bench.line->refuseOpen = true;
    bench.line->answer = Speaking{.name = "CT-S310", .maker = "CITIZEN"};
    bench.start();
    const auto job = bench.printer->submit(slip("Ünïcode é")).value();
    REQUIRE(bench.keeps());
    bench.line->with([](test::FakeLine& line) { line.refuseOpen = false; });
    CHECK(bench.told->waitFor(job).value().end == JobEnd::printed);
    const auto wanted =
        escpos::Encoder(model("citizen-ct-s310").profile).encode(slip("Ünïcode é")).value();
    const auto all = bench.line->taken();
    // Without `ESC @`, behind which automatic status is switched on.
    CHECK(std::search(all.begin(), all.end(), wanted.begin() + 2, wanted.end()) != all.end());
    CHECK(test::slipsIn(all) == 1);
}

TEST_CASE("over a restart a slip waits for the model that it was made for, and for no other") {
    for (const auto& [name, maker, end] : {std::tuple{"TM-T88V", "EPSON", JobEnd::printed},
                                           std::tuple{"CT-S310", "CITIZEN", JobEnd::failed}}) {
        CAPTURE(name);
        Bench bench;
        bench.line->answer = Speaking{.name = "TM-T88V"};
        bench.start();
        REQUIRE(bench.becomes("epson-tm-t88v"));
        bench.line->with([](test::FakeLine& line) { line.refuseOpen = true; });
        const auto job = bench.printer->submit(slip("waits")).value();
        REQUIRE(bench.keeps());
        bench.printer.reset();
        const Speaking next{.name = name, .maker = maker};
        bench.line->with([&](test::FakeLine& line) {
            line.refuseOpen = false;
            line.answer = next;
        });
        bench.start();
        CHECK(bench.told->waitFor(job).value().end == end);
        CHECK(test::slipsIn(bench.line->taken()) == (end == JobEnd::printed ? 1 : 0));
    }
}

TEST_CASE("a drawer opens with the model's pulse, and not where the model opens none") {
    Bench bench;
    bench.line->answer = Speaking{.name = "TM-T88V"};
    bench.start();
    REQUIRE(bench.becomes("epson-tm-t88v"));
    const auto id = bench.printer->kickDrawer().value();
    CHECK(bench.told->waitFor(id).value().end == JobEnd::printed);
    const auto wanted = escpos::drawerKick(2, 100, 400);
    const auto all = bench.line->taken();
    CHECK(std::search(all.begin(), all.end(), wanted.begin(), wanted.end()) != all.end());

    auto without = model("epson-tm-t88v");
    without.drawer.kick = false;
    test::Told told;
    printer::Printer none(
        {.model = without}, std::make_unique<test::FakeTransport>(bench.line),
        [] { return std::int64_t{1}; }, told, bench.options);
    CHECK(none.kickDrawer().error() == printer::Refusal::noDrawer);
}

TEST_CASE("another printer that came between two looks is printed on as what it is") {
    Bench bench;
    bench.line->answer = Speaking{.name = "TM-T88V"};
    bench.start();
    REQUIRE(bench.becomes("epson-tm-t88v"));
    // Behind the same address; no open failed.
    bench.line->with([](test::FakeLine& line) {
        line.answer = Speaking{.name = "CT-S310", .maker = "CITIZEN"};
    });
    CHECK(bench.becomes("citizen-ct-s310"));
    CHECK(bench.logs("the printer says it is CITIZEN CT-S310"));
}

TEST_CASE("a slip is for the printer that is there when it is printed") {
    Bench bench;
    bench.options.refreshMs = 0; // nobody looks meanwhile
    bench.line->answer = Speaking{.name = "TM-T88V"};
    bench.start();
    REQUIRE(bench.becomes("epson-tm-t88v"));
    bench.line->with([](test::FakeLine& line) {
        line.answer = Speaking{.name = "CT-S310", .maker = "CITIZEN"};
    });
    const auto job = bench.printer->submit(slip("Anna")).value();
    CHECK(bench.told->waitFor(job).value().end == JobEnd::printed);
    CHECK(bench.printer->profile().id == "citizen-ct-s310");
}

TEST_CASE("another device id is another printer, whatever the former one said") {
    Bench bench;
    bench.plate = {0x04b8, 0x0202, "MFG:EPSON;CMD:ESC/POS;MDL:TM-T88V;CLS:PRINTER;"};
    bench.line->answer = Speaking{.name = "TM-T88V"};
    bench.start();
    REQUIRE(bench.becomes("epson-tm-t88v"));
    bench.line->with([&](test::FakeLine& line) {
        bench.plate = {0x04b8, 0x0202, "MFG:EPSON;CMD:ESC/POS;MDL:TM-T20III;CLS:PRINTER;"};
        line.answer = test::HealthyPrinter{};
    });
    CHECK(bench.becomes("epson-tm-t20iii"));
}

TEST_CASE("one that has fallen silent is taken for what it would be at the start") {
    int asked = 0;
    Bench bench;
    bench.line->answer = Speaking{.name = "TM-T88V"};
    bench.start();
    REQUIRE(bench.becomes("epson-tm-t88v"));
    bench.line->with(
        [&](test::FakeLine& line) { line.answer = Speaking{.name = "", .asked = &asked}; });
    CHECK(bench.becomes("generic-80mm"));
    const int looks = bench.line->opened();
    REQUIRE(test::eventually([&] { return bench.line->opened() > looks + 5; }));
    bench.printer.reset();
    CHECK(asked == 3);
}

TEST_CASE("no slip is printed as for a known printer on a mute one that came in its place") {
    Bench bench;
    bench.options.refreshMs = 0; // nobody looks meanwhile
    bench.line->answer = Speaking{.name = "TM-T88V"};
    bench.start();
    REQUIRE(bench.becomes("epson-tm-t88v"));
    bench.line->with([](test::FakeLine& line) { line.answer = Speaking{.name = ""}; });
    const auto job = bench.printer->submit(slip("Anna")).value();
    CHECK(bench.told->waitFor(job).value().end == JobEnd::printed);
    CHECK(bench.printer->profile().id == "generic-80mm");
}

TEST_CASE("one whose connection broke is asked anew, however often it said nothing before") {
    int asked = 0;
    Bench bench;
    bench.line->answer = Speaking{.name = "", .asked = &asked};
    bench.start();
    const auto asks = [&] { return bench.line->with([&](test::FakeLine&) { return asked; }); };
    REQUIRE(test::eventually([&] { return asks() == 3; }));
    const int looks = bench.line->opened();
    REQUIRE(test::eventually([&] { return bench.line->opened() > looks + 2; }));
    REQUIRE(asks() == 3);
    // It goes in the middle of a question; whatever is there next has a name.
    bench.line->with([](test::FakeLine& line) {
        line.breakAfter = 3;
        line.answer = Speaking{.name = "CT-S310", .maker = "CITIZEN"};
    });
    REQUIRE(bench.told->waitForState(
        [](printer::Reasons now) { return (now & printer::kUnreachable) != 0; }));
    bench.line->with(
        [](test::FakeLine& line) { line.breakAfter = std::numeric_limits<std::size_t>::max(); });
    CHECK(bench.becomes("citizen-ct-s310"));
}

TEST_CASE("a stranger in the place of a known printer is not printed on as that one") {
    for (const bool kicks : {true, false}) {
        CAPTURE(kicks);
        Bench bench;
        bench.kicks = kicks;
        bench.line->answer = Speaking{.name = "TM-T88V"};
        bench.start();
        REQUIRE(bench.becomes("epson-tm-t88v"));
        CHECK(bench.printer->kickDrawer().has_value());
        bench.line->with([](test::FakeLine& line) { line.refuseOpen = true; });
        CHECK(bench.told->waitForState(
            [](printer::Reasons now) { return (now & printer::kUnreachable) != 0; }));
        bench.line->with([](test::FakeLine& line) {
            line.refuseOpen = false;
            line.answer = Speaking{.name = "XP-80", .maker = "Xprinter"};
        });
        CHECK(bench.logs("printing as generic-80mm, for the printer says it is Xprinter XP-80"));
        CHECK(bench.printer->profile().id == "generic-80mm");
        CHECK(bench.printer->kickDrawer().has_value() == kicks);
    }
}

TEST_CASE("a name without its NUL costs no job its confirmation") {
    Bench bench;
    bench.options.refreshMs = 0; // it is met when the slip is to be printed
    bench.options.confirmTimeoutMs = 1500;
    bench.line->answer = [healthy =
                              test::HealthyPrinter{}](std::span<const std::uint8_t> piece) mutable {
        Bytes back = healthy(piece);
        for (std::size_t i = 0; i + 3 <= piece.size(); ++i) {
            if (piece[i] != 0x1D || piece[i + 1] != 'I') continue;
            back.insert(back.end(), {0x5F, 'X', 'P', '-', '8', '0'});
        }
        return back;
    };
    bench.start();
    for (int i = 0; i < 4; ++i) {
        const auto job = bench.printer->submit(slip("Anna")).value();
        CHECK(bench.told->waitFor(job).value().end == JobEnd::printed);
    }
}
