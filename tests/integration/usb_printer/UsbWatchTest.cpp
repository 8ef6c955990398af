#include "drivers/transport/UsbWatch.h"

#include <condition_variable>
#include <mutex>

#include "tests/integration/usb_printer/UsbBed.h"
#include "tests/support/Property.h"

using namespace souffleur;

namespace {

struct Log {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<transport::UsbChange> heard;

    bool holds(const std::vector<transport::UsbChange>& expected) {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, std::chrono::seconds(60), [&] { return heard == expected; });
    }
};

} // namespace

TEST_CASE("what is plugged in and pulled is heard, what was there before is not") {
    Log log;
    test::UsbBed bed;
    const auto before = std::make_shared<test::PlayedPrinter>();
    bed.plug(before, 1);
    auto watch = transport::UsbWatch::start([&](const transport::UsbChange& change) {
        const std::scoped_lock lock(log.mutex);
        log.heard.push_back(change);
        log.changed.notify_all();
    });
    REQUIRE(watch.has_value());
    const auto printer = std::make_shared<test::PlayedPrinter>();
    printer->product = 0x0e28;
    const transport::UsbId id{0x04b8, 0x0e28};
    bed.plug(printer, 2);
    CHECK(log.holds({{true, id}}));
    bed.unplug(printer);
    CHECK(log.holds({{true, id}, {false, id}}));
    bed.plug(printer, 4);
    CHECK(log.holds({{true, id}, {false, id}, {true, id}}));
    watch->reset();
    bed.unplug(printer);
    CHECK(log.heard.size() == 3); // its thread is joined
}
