// rooms: firmware-config-provision drivers-emulator
// Plan, apply, verify, back up and restore against the virtual printer on a real TCP line.
#include <sys/stat.h>

#include "tests/integration/provision/Bench.h"

using namespace souffleur;
using namespace souffleur::test;

TEST_CASE("a plan names every difference and writes nothing, neither there nor here") {
    Bench bench;
    bench.usedBefore();
    bench.declareAll();
    const auto before = bench.printer.memoryDump();
    const auto writes = bench.printer.memoryWrites();
    const auto report = bench.plan();
    REQUIRE(report);
    using provision::Change;
    CHECK(report->changes == std::vector<Change>{{"logo L1", "none", "128 x 40 dots"},
                                                 {"logo L2", "none", "320 x 60 dots"},
                                                 {"memory switch 1-1", "off", "on"},
                                                 {"memory switch 2-7", "on", "off"},
                                                 {"memory switch 8-8", "off", "on"},
                                                 {"print-density (value 5)", "2", "5"},
                                                 {"print-speed (value 6)", "0", "3"},
                                                 {"serial baud", "38400", "19200"},
                                                 {"serial flow", "dtr", "xon"}});
    CHECK(report->writes == 6);
    CHECK(report->writesLeft == 10);
    CHECK(report->printer.serial == "EMU0000001");
    CHECK(report->printer.name == "TM-T88V");
    CHECK(bench.printer.memoryDump() == before);
    CHECK(bench.printer.memoryWrites() == writes);
    CHECK_FALSE(std::filesystem::exists(bench.kept()));
    const auto text = provision::reportText(*report, false);
    CHECK(text.find("  ~ memory switch 2-7: on -> off\n") != std::string::npos);
    CHECK(text.find("rewrites: 6, 10 left today") != std::string::npos);
    CHECK(provision::reportJson(*report, false).find("\"serial\": \"EMU0000001\"") !=
          std::string::npos);
}

TEST_CASE("apply brings it there, keeps a backup, and a second plan is empty") {
    Bench bench;
    bench.usedBefore();
    bench.declareAll();
    const auto writes = bench.printer.memoryWrites();
    const auto done = bench.apply();
    REQUIRE(done);
    CHECK(done->changes.size() == 9);
    CHECK(done->writesLeft == 4);
    CHECK(bench.printer.memoryWrites() == writes + 6);
    struct stat about {};
    REQUIRE(::stat(done->backup.c_str(), &about) == 0);
    CHECK((about.st_mode & 0777) == 0600);
    CHECK(done->backup.parent_path().filename() == "EMU0000001");
    CHECK(bench.journals() == 0);

    const auto dump = bench.printer.memoryDump();
    CHECK(dump.find("switch 1 00000001\n") != std::string::npos);
    CHECK(dump.find("switch 2 00010010\n") != std::string::npos); // 2-7 alone went off
    CHECK(dump.find("switch 8 10000000\n") != std::string::npos);
    CHECK(dump.find("serial 1 19200\n") != std::string::npos);
    const auto again = bench.plan();
    REQUIRE(again);
    CHECK(again->changes.empty());
    CHECK(bench.apply()->changes.empty());
    CHECK(bench.printer.memoryWrites() == writes + 6);
    CHECK(provision::reportText(*again, false).find("nothing to do") != std::string::npos);

    // It prints: the setting mode is over.
    bench.say({'o', 'p', 'e', 'n', '\n', 0x1D, 'V', 0});
    CHECK(bench.printer.printed() == 1);
}

TEST_CASE("restore brings the backup back byte for byte") {
    Bench bench;
    bench.usedBefore();
    bench.declareAll();
    const auto before = bench.printer.memoryDump();
    const auto done = bench.apply();
    REQUIRE(done);
    CHECK(bench.printer.memoryDump() != before);
    bench.now += 25 * kHourMs;
    const auto back = bench.make().restore(done->backup);
    if (!back) FAIL(back.error().message);
    CHECK(bench.printer.memoryDump() == before);
    // And the other way round: the restore's own backup holds our logos with their dots.
    bench.now += 25 * kHourMs;
    REQUIRE(bench.make().restore(back->backup));
    CHECK(bench.plan()->changes.empty());
}

TEST_CASE("a backup of all that the model knows, without any settings") {
    Bench bench;
    bench.usedBefore();
    const auto saved = bench.make().backup("");
    REQUIRE(saved);
    CHECK(saved->model == "epson-tm-t88v");
    CHECK(saved->notes.size() == 1); // somebody else's picture
    const auto before = bench.printer.memoryDump();
    bench.declareAll();
    REQUIRE(bench.apply());
    bench.now += 25 * kHourMs;
    REQUIRE(bench.make().restore(saved->backup));
    CHECK(bench.printer.memoryDump() == before);
}

TEST_CASE("a picture that nobody could bring back is not ended by accident") {
    Bench bench;
    bench.usedBefore();
    bench.logo("one.png", 0xAA);
    bench.declare("schema = 1\nmodel = \"epson-tm-t88v\"\n[[logo]]\nkey = \"ZZ\"\nfile = "
                  "\"one.png\"\n");
    const auto before = bench.printer.memoryDump();
    CHECK(bench.plan()->notes.size() == 1);
    CHECK(bench.apply().error().fault == Fault::unknown);
    CHECK(bench.printer.memoryDump() == before);
    bench.replaceUnknown = true;
    REQUIRE(bench.apply());
    CHECK(bench.plan()->changes.empty());
    // Another program replaced it meanwhile, by a picture of another size: seen by the room left.
    bench.say(provision::writePicture("ZZ", stripes(64, 11, 0x22)));
    CHECK(bench.plan()->changes.size() == 1);
    bench.declare("schema = 1\nmodel = \"epson-tm-t88v\"\n[[logo]]\nkey = \"ZZ\"\nremove = true\n");
    REQUIRE(bench.apply());
    CHECK(bench.printer.memoryDump().find("picture") == std::string::npos);
}

TEST_CASE("logos that do not fit its memory are refused before anything is written") {
    Bench bench;
    for (char n = 'A'; n <= 'C'; ++n)
        bench.say(provision::writePicture(std::string("X") + n, stripes(512, 1900, 0x33)));
    const auto writes = bench.printer.memoryWrites();
    REQUIRE(writes == 3);
    writeBytes(bench.folder.path() / "big.png", escpos::pngOf(stripes(512, 600, 1)).value());
    bench.declare("schema = 1\nmodel = \"epson-tm-t88v\"\n[[logo]]\nkey = \"L1\"\nfile = "
                  "\"big.png\"\n");
    CHECK(bench.apply().error().fault == Fault::noRoom);
    CHECK(bench.printer.memoryWrites() == writes);
}

TEST_CASE("another model, another printer's backup") {
    Bench bench("epson-tm-t20iii");
    bench.declareAll();
    const auto plan = bench.plan();
    CHECK(plan.error().fault == Fault::wrongModel);
    CHECK(plan.error().message.find("TM-T20III, which is not epson-tm-t88v") != std::string::npos);
    CHECK(bench.apply().error().fault == Fault::wrongModel);
    CHECK(bench.printer.memoryWrites() == 0);

    Bench first;
    const auto saved = first.make().backup("");
    REQUIRE(saved);
    provision::Backup other = provision::readBackup(saved->backup).value();
    other.identity.serial = "EMU0000002";
    const auto file = provision::Shelf::hold(first.kept(), "EMU0000002")->keep(other).value();
    CHECK(first.make().restore(file).error().fault == Fault::wrongModel);
    CHECK(first.make().restore(first.folder.path() / "none.json").error().fault == Fault::settings);
    first.declare("{}");
    CHECK(first.make().restore(first.settings).error().fault == Fault::settings);
}

TEST_CASE("nothing is written with the cover open, without paper, or into a file") {
    Bench bench;
    bench.declareAll();
    provision::Provisioner::Options options;
    options.folder = bench.kept();
    provision::Provisioner file(
        allModels(), "file:///dev/null", transport::fromAddress, [&] { return bench.now; },
        options);
    const auto refused = file.plan(bench.read());
    CHECK(refused.error().fault == Fault::settings);
    CHECK(refused.error().message.find("gives no answer") != std::string::npos);
    bench.timing.answerMs = 500;
    emulator::Faults cover;
    cover.coverOpen = true;
    emulator::Faults paper;
    paper.paperOut = true;
    for (const auto& faults : {cover, paper}) {
        bench.printer.setFaults(faults);
        const auto said = bench.apply();
        REQUIRE_FALSE(said);
        CHECK(said.error().fault == Fault::notReady);
        CHECK(said.error().message.find(faults.coverOpen ? "its cover is open"
                                                         : "it has no paper") != std::string::npos);
    }
    CHECK(bench.printer.memoryWrites() == 0);
}

TEST_CASE("a printer that says nothing, and one that another program has") {
    Bench bench;
    bench.declareAll();
    bench.timing.answerMs = 200;
    emulator::Faults faults;
    faults.hang = true;
    bench.printer.setFaults(faults);
    CHECK(bench.plan().error().fault == Fault::silent);
    bench.printer.setFaults({});
    auto other =
        transport::fromAddress("tcp://127.0.0.1:" + std::to_string(bench.server.port())).value();
    REQUIRE(other->open(transport::Milliseconds{5000}));
    REQUIRE_FALSE(other->write(Bytes{0x1D, 'I', 67}, transport::Milliseconds{5000}).error);
    Bytes answer(8);
    REQUIRE(*other->read(answer, transport::Milliseconds{5000}) > 0); // it is served
    const auto refused = bench.apply();
    CHECK(refused.error().fault == Fault::silent);
    CHECK(refused.error().message.find("another program") != std::string::npos);
    other.reset();
    bench.timing.answerMs = 5000;

    const auto held = provision::Shelf::hold(bench.kept(), "EMU0000001");
    REQUIRE(held);
    CHECK(bench.apply().error().fault == Fault::line);
    CHECK(bench.plan()); // reading harms nobody
    CHECK(bench.printer.memoryWrites() == 0);
}

TEST_CASE("ten rewrites a day, over restarts and over midnight") {
    Bench bench;
    bench.now = kNoon + 11 * kHourMs; // 23:00
    const auto set = [&](int density) {
        bench.declare("schema = 1\nmodel = \"epson-tm-t88v\"\n[values]\nprint-density = " +
                      std::to_string(density) + "\n");
        return bench.apply(); // a fresh Provisioner each time, as a fresh process has it
    };
    for (int i = 1; i <= 10; ++i) {
        REQUIRE(set(i));
        bench.now += 12 * 60 * 1000;
    }
    CHECK(bench.now == kNoon + 13 * kHourMs); // 01:00 of the next day
    auto refused = set(11);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().fault == Fault::budget);
    CHECK(refused.error().message.find("0 of 10 a day are left") != std::string::npos);
    CHECK(refused.error().message.find("23:00 UTC") != std::string::npos);
    CHECK(bench.printer.memoryWrites() == 10);
    CHECK(bench.journals() == 0);
    bench.now = kNoon; // the clock was set back: nothing is gained by it
    CHECK(set(11).error().fault == Fault::budget);
    bench.now = kNoon + 35 * kHourMs - 1;
    CHECK(set(11).error().fault == Fault::budget);
    bench.now += 1;
    REQUIRE(set(11));
    CHECK(set(12).error().fault == Fault::budget);
    CHECK(bench.printer.memoryWrites() == 11);
    CHECK(set(11)->changes.empty()); // nothing to do is always possible
}
