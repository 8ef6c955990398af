// rooms: plugin-api drivers-emulator
// A 200 KB picture on its way to a printer that takes 64 KB a second must not be felt by the page:
// p99 of GET /desk while it drains, beside the same with the printer idle, in turns on the same
// machine.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <vector>

#include "drivers/emulator/Server.h"
#include "drivers/printer/Printer.h"
#include "tests/bench/Asker.h"
#include "tests/support/Till.h"

namespace {

using namespace souffleur;

constexpr int kPictures = 5;
constexpr int kIdleRounds = 1500; ///< before each picture
constexpr double kBudgetUs = 1000.0;

class Ends final : public printer::Listener {
public:
    explicit Ends(counter::Counter& till) : _till(till) {}
    void jobEnded(const printer::JobReport& report) override {
        if (report.end == printer::JobEnd::printed) ++printed;
        _till.jobEnded(report);
        ++ended;
    }
    void stateChanged(printer::Reasons reasons) override { _till.stateChanged(reasons); }
    std::atomic<int> ended{0};
    std::atomic<int> printed{0};

private:
    counter::Counter& _till;
};

/// 72 bytes a row, grey so that nothing shortens it: 200 KB.
escpos::Document picture() {
    escpos::Document document;
    for (const int rows : {2400, 445}) {
        escpos::Bitmap bitmap{576, rows, {}};
        bitmap.bits.assign(static_cast<std::size_t>(72 * rows), 0x55);
        document.image(std::move(bitmap));
    }
    return document;
}

double p99(std::vector<double>& times) {
    const auto place =
        times.begin() + static_cast<std::ptrdiff_t>(static_cast<double>(times.size() - 1) * 0.99);
    std::nth_element(times.begin(), place, times.end());
    return *place;
}

} // namespace

int main() {
    test::Till till;
    api::PanelConfig config;
    config.api = test::Till::apiSettings();
    const auto server =
        api::PanelServer::start({*till.till, till.feed, till.clock, till.random, {}}, config)
            .value();
    if (!till.till->signIn(till.noor, test::Till::kPin)) return 1;
    if (!till.till->hostSelected(test::Till::stranger("C-1"))) return 1;

    escpos::Profile profile;
    profile.processId = true;
    emulator::VirtualPrinter device(profile);
    device.setFaults({.bytesPerSecond = 64 * 1024});
    emulator::PrinterServer socket(device, 0);
    Ends ends(*till.till);
    printer::Printer printer(
        profile, transport::fromAddress("tcp://127.0.0.1:" + std::to_string(socket.port())).value(),
        [&] { return till.clock.monotonicMs(); }, ends);
    till.till->attach(&printer, "Slip printer");

    bench::Asker page(server->port(), bench::pageRequest(*server));
    std::vector<double> idle;
    std::vector<double> busy;
    for (int i = 0; i < 200; ++i) (void) page.ask();
    for (int i = 0; i < kPictures; ++i) {
        for (int round = 0; round < kIdleRounds; ++round) idle.push_back(page.ask());
        if (!printer.submit(picture())) return 1;
        while (ends.ended.load() <= i) busy.push_back(page.ask());
    }
    till.till->attach(nullptr);
    if (ends.printed.load() != kPictures) {
        std::fprintf(stderr, "only %d pictures were printed\n", ends.printed.load());
        return 1;
    }
    std::fprintf(stderr, "%zu answers while the printer was busy, %llu bytes printed\n",
                 busy.size(), static_cast<unsigned long long>(device.received()));
    const double ours = p99(busy);
    const double reference = p99(idle);
    std::printf("{\"name\":\"flag over HTTP while 200 KB drain at 64 KB/s, p99\",\"ours\":%.1f,"
                "\"unit\":\"us\",\"reference\":%.1f,\"referenceName\":\"the same, printer idle\","
                "\"ratio\":%.3f,\"budget\":\"1000 us\",\"met\":%s}\n",
                ours, reference, ours / reference, ours <= kBudgetUs ? "true" : "false");
    return 0;
}
