// Power cuts at every step, of the PC and of the printer: what is left can always be resumed, and
// ends where an uninterrupted run ends.
#include "tests/integration/provision/Bench.h"
#include "tests/support/FakeTransport.h"

using namespace souffleur;
using namespace souffleur::test;

namespace {

/// What an uninterrupted run leaves, and how many steps it tells of.
struct Whole {
    std::string before;
    std::string after;
    int steps = 0;
};

Whole whole() {
    Bench bench;
    bench.usedBefore();
    bench.declareAll();
    Whole out;
    out.before = bench.printer.memoryDump();
    bench.onStep = [&](const std::string&, bool) { ++out.steps; };
    REQUIRE(bench.apply());
    out.after = bench.printer.memoryDump();
    return out;
}

/// The next apply goes on; restore brings back what was before the first.
void resumes(Bench& bench, const Whole& wanted, bool andBack = true) {
    bench.onStep = nullptr;
    bench.timing = {5000, 5000, 5000, 5000, 0, 10000};
    bench.now += 25 * kHourMs;
    const auto done = bench.apply();
    if (!done) FAIL(done.error().message);
    CHECK(bench.printer.memoryDump() == wanted.after);
    CHECK(bench.journals() == 0);
    CHECK(bench.plan()->changes.empty());
    const auto printed = bench.printer.printed();
    bench.say({'o', 'p', 'e', 'n', '\n', 0x1D, 'V', 0});
    CHECK(bench.printer.printed() == printed + 1);
    if (!andBack) return; // every third is enough: the disk takes its time
    std::vector<std::filesystem::path> backups;
    for (const auto& file : std::filesystem::directory_iterator(bench.kept() / "EMU0000001")) {
        if (file.path().filename().string().starts_with("backup-")) backups.push_back(file.path());
    }
    REQUIRE_FALSE(backups.empty());
    bench.now += 25 * kHourMs;
    const auto first = *std::min_element(backups.begin(), backups.end());
    const auto back = bench.make().restore(first);
    if (!back) FAIL(back.error().message);
    CHECK(bench.printer.memoryDump() == wanted.before);
}

/// A line whose program ends after so many written bytes.
class CutLine final : public transport::Transport {
public:
    CutLine(std::unique_ptr<transport::Transport> line, std::size_t& left)
        : _line(std::move(line)), _left(left) {}
    transport::Result<void> open(transport::Milliseconds timeout) override {
        return _line->open(timeout);
    }
    transport::Written write(std::span<const std::uint8_t> bytes,
                             transport::Milliseconds timeout) override {
        if (bytes.size() <= _left) {
            _left -= bytes.size();
            return _line->write(bytes, timeout);
        }
        (void) _line->write(bytes.first(_left), timeout);
        throw PowerGone{};
    }
    transport::Result<std::size_t> read(std::span<std::uint8_t> into,
                                        transport::Milliseconds timeout) override {
        return _line->read(into, timeout);
    }
    void close() noexcept override { _line->close(); }
    void cancel() noexcept override { _line->cancel(); }
    [[nodiscard]] bool canRead() const noexcept override { return _line->canRead(); }
    [[nodiscard]] std::string describe() const override { return _line->describe(); }

private:
    std::unique_ptr<transport::Transport> _line;
    std::size_t& _left;
};

} // namespace

TEST_CASE("the PC's power goes at any step: the next apply goes on from there") {
    const auto wanted = whole();
    REQUIRE(wanted.steps > 20);
    for (int cut = 0; cut < wanted.steps; ++cut) {
        CAPTURE(cut);
        Bench bench;
        bench.usedBefore();
        bench.declareAll();
        int step = 0;
        bench.onStep = [&](const std::string&, bool) {
            if (step++ == cut) throw PowerGone{};
        };
        CHECK_THROWS_AS((void) bench.apply(), PowerGone);
        resumes(bench, wanted, cut % 3 == 0);
    }
}

TEST_CASE("the printer's power goes at any step: an error at most, and the next apply goes on") {
    const auto wanted = whole();
    for (int cut = 0; cut < wanted.steps; ++cut) {
        CAPTURE(cut);
        Bench bench;
        bench.usedBefore();
        bench.declareAll();
        bench.timing = {5000, 300, 300, 300, 0, 1000};
        int step = 0;
        bench.onStep = [&](const std::string&, bool) {
            if (step++ == cut) bench.printer.powerCut();
        };
        const auto done = bench.apply();
        if (done) CHECK(bench.printer.memoryDump() == wanted.after);
        resumes(bench, wanted, cut % 3 == 1);
    }
}

TEST_CASE("the PC's power goes at any step of a restore") {
    const auto wanted = whole();
    int steps = 1;
    for (int cut = 0; cut < steps; cut += 2) {
        CAPTURE(cut);
        Bench bench;
        bench.usedBefore();
        bench.declareAll();
        const auto done = bench.apply();
        REQUIRE(done);
        bench.now += 25 * kHourMs;
        int step = 0;
        bench.onStep = [&](const std::string&, bool) {
            if (step++ == cut) throw PowerGone{};
        };
        try {
            (void) bench.make().restore(done->backup);
            break; // it has no more steps
        } catch (const PowerGone&) {
            steps = cut + 3;
        }
        bench.onStep = nullptr;
        const auto back = bench.make().restore(done->backup);
        if (!back) FAIL(back.error().message);
        CHECK(bench.printer.memoryDump() == wanted.before);
        CHECK(bench.journals() == 0);
    }
    CHECK(steps > 20);
}

TEST_CASE("the PC's power goes in the middle of any command") {
    const auto wanted = whole();
    for (std::size_t bytes = 1; bytes < 4000; bytes += bytes < 60 || bytes > 3500 ? 13 : 500) {
        CAPTURE(bytes);
        Bench bench;
        bench.usedBefore();
        bench.declareAll();
        std::size_t left = bytes;
        const auto straight = bench.connect;
        bench.connect = [&](const std::string& address)
            -> transport::Result<std::unique_ptr<transport::Transport>> {
            return std::make_unique<CutLine>(std::move(*straight(address)), left);
        };
        bool cut = false;
        try {
            (void) bench.apply();
        } catch (const PowerGone&) {
            cut = true;
        }
        if (!cut) break; // more bytes than there are
        bench.connect = straight;
        resumes(bench, wanted);
    }
}

TEST_CASE("after an interruption other settings are refused until that one is finished") {
    Bench bench;
    bench.usedBefore();
    bench.declareAll();
    bench.onStep = [](const std::string& step, bool) {
        if (step == "writing customized values") throw PowerGone{};
    };
    CHECK_THROWS_AS((void) bench.apply(), PowerGone);
    bench.onStep = nullptr;
    const auto first = bench.read();
    CHECK(bench.plan()->interrupted);
    bench.declare("schema = 1\nmodel = \"epson-tm-t88v\"\n[values]\nprint-density = 1\n");
    const auto refused = bench.apply();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().fault == Fault::interrupted);
    CHECK(refused.error().message.find("backup-") != std::string::npos);
    const auto done = bench.make().apply(first);
    REQUIRE(done);
    CHECK(done->interrupted);
    CHECK(bench.journals() == 0);
}

TEST_CASE(
    "what one printer left half done is no concern of another, and is finished where it moved") {
    Bench bench;
    bench.usedBefore();
    bench.declareAll();
    bench.onStep = [](const std::string& step, bool) {
        if (step == "writing customized values") throw PowerGone{};
    };
    CHECK_THROWS_AS((void) bench.apply(), PowerGone); // it stands in the setting mode now
    std::vector<std::string> steps;
    bench.onStep = [&](const std::string& step, bool) { steps.push_back(step); };
    const auto recovered = [&] {
        return std::count(steps.begin(), steps.end(),
                          "ending what an interrupted run may have left half said");
    };

    emulator::VirtualPrinter other(model("epson-tm-t88v").profile, {.serial = "EMU0000002"});
    const emulator::PrinterServer otherDoor(other, 0);
    REQUIRE(bench.make(otherDoor.port()).apply(bench.read()));
    CHECK(recovered() == 0);
    CHECK(bench.journals() == 1); // the other one's, as it was

    const emulator::PrinterServer moved(bench.printer, 0);
    bench.timing.answerMs = 500; // it is silent at first
    const auto done = bench.make(moved.port()).apply(bench.read());
    if (!done) FAIL(done.error().message);
    CHECK(recovered() == 1);
    CHECK(done->interrupted);
    CHECK(bench.journals() == 0);
}

TEST_CASE("an apply that runs is not taken for one that was interrupted") {
    Bench bench;
    bench.usedBefore();
    bench.declareAll();
    bench.onStep = [](const std::string& step, bool) {
        if (step == "writing customized values") throw PowerGone{};
    };
    CHECK_THROWS_AS((void) bench.apply(), PowerGone);
    std::vector<std::string> steps;
    bench.onStep = [&](const std::string& step, bool) { steps.push_back(step); };
    const auto before = bench.printer.memoryDump();
    {
        const auto running = provision::Shelf::hold(bench.kept(), "EMU0000001"); // as it would
        REQUIRE(running);
        const auto refused = bench.apply();
        REQUIRE_FALSE(refused);
        CHECK(refused.error().fault == Fault::line);
        CHECK(refused.error().message.find("another program") != std::string::npos);
        CHECK(steps.empty()); // nothing was sent into the middle of it
        CHECK(bench.printer.memoryDump() == before);
        CHECK(bench.journals() == 1);
    }
    REQUIRE(bench.apply());
    CHECK(bench.journals() == 0);
}

TEST_CASE("a full disk or a read-only one stops before the printer is touched") {
    Bench bench;
    bench.declareAll();
    std::ofstream(bench.kept()) << "a file where the folder should be";
    CHECK(bench.apply().error().fault == Fault::storage);
    CHECK(bench.printer.memoryWrites() == 0);
}

TEST_CASE("damaged notes are told, not taken for none") {
    Bench bench;
    bench.declareAll();
    REQUIRE(bench.make().backup(""));
    std::ofstream(bench.kept() / "EMU0000001" / "record.json") << "{\"writes\": [1,";
    const auto refused = bench.apply();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().fault == Fault::storage);
    CHECK(refused.error().message.find("record.json is damaged") != std::string::npos);
}

PROPERTY("whatever the printer answers, it ends in an error or a plan, and nothing is kept", [] {
    TemporaryFolder folder;
    auto line = std::make_shared<FakeLine>();
    static const std::vector<Bytes> kAnswers = {
        {0x5F, 'T', 'M', '-', 'T', '8', '8', 'V', 0},
        {0x37, 0x21, '0', '1', 0},
        {0x37, 0x21, '0', '0', '0', '0', '0', '0', '0', '0', 0},
        {0x37, 0x27, '5', 0x1F, '9', '9', '9', '9', '9', 0},
        {0x37, 0x33, '2', 0x1F, '0', 0},
        {0x37, 0x31, '9', '9', 0},
        {0x37, 0x72, 'A', 'L', '1', 0},
        {0x37, 0x72, '@', 'L', 0}};
    const auto replies = *rc::gen::container<std::vector<Bytes>>(
        5, rc::gen::oneOf(rc::gen::arbitrary<Bytes>(), rc::gen::elementOf(kAnswers)));
    std::size_t at = 0;
    line->answer = [&](std::span<const std::uint8_t>) { return replies[at++ % replies.size()]; };
    provision::Provisioner::Options options;
    options.folder = folder.path() / "kept";
    options.timing = {10, 10, 10, 10, 0, 30};
    provision::Provisioner provisioner(
        allModels(), "tcp://192.0.2.1:9100",
        [&](const std::string&) -> transport::Result<std::unique_ptr<transport::Transport>> {
            return std::make_unique<FakeTransport>(line);
        },
        [] { return kNoon; }, options);
    const auto settings = provision::parseSettings(
        "schema = 1\nmodel = \"epson-tm-t88v\"\n[memory-switches]\n\"1-1\" = true\n[values]\n"
        "print-density = 5\n[serial]\nbaud = 9600\n[[logo]]\nkey = \"L1\"\nremove = true\n",
        "x.toml", allModels());
    const auto report = provisioner.plan(settings.value());
    if (!report) RC_ASSERT(!report.error().message.empty());
    RC_ASSERT(!std::filesystem::exists(options.folder));
})
