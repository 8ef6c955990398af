// rooms: drivers-escpos drivers-printer
// One consent slip to ESC/POS bytes (median of many), beside the npm encoders on the same slip in
// one run; then the slowest of all printer profiles, and the scripts that are drawn: those have no
// peer, the npm encoders print question marks for them.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "Paths.h"
#include "drivers/escpos/Encoder.h"
#include "drivers/printer/ProfileFile.h"
#include "tests/support/SampleSlip.h"

namespace {

using namespace souffleur;

constexpr int kRounds = 300;
constexpr double kBudgetUs = 1000;
constexpr double kTimesPeer = 10;

double medianUs(const escpos::Encoder& encoder, const std::string& language) {
    std::vector<double> times;
    std::size_t bytes = 0;
    for (int i = -20; i < kRounds; ++i) { // the first ones load tables and fonts
        const auto start = std::chrono::steady_clock::now();
        const auto encoded = encoder.encode(test::sampleSlip(language), escpos::processId(7));
        const auto took = std::chrono::steady_clock::now() - start;
        bytes += encoded.value().size();
        if (i >= 0) times.push_back(std::chrono::duration<double, std::micro>(took).count());
    }
    if (bytes == 0) std::abort();
    std::nth_element(times.begin(), times.begin() + kRounds / 2, times.end());
    return times[kRounds / 2];
}

/// What node printed, or nothing when node or the packages are not there.
std::string peers() {
    const std::string command = "cd '" + std::string(kSourceDir) +
                                "/tests/bench/peers' && node slip.mjs " + std::to_string(kRounds) +
                                " 2>/dev/null";
    std::string out;
    if (FILE* pipe = ::popen(command.c_str(), "r"); pipe != nullptr) {
        char buffer[256];
        while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) out += buffer;
        ::pclose(pipe);
    }
    return out;
}

double figure(const std::string& json, const std::string& name) {
    const auto at = json.find("\"" + name + "\":");
    return at == std::string::npos ? 0 : std::strtod(json.c_str() + at + name.size() + 3, nullptr);
}

void row(double ours, double reference, const char* referenceName) {
    const double ratio = reference / ours;
    const bool met = ours <= kBudgetUs && (reference == 0 || ratio >= kTimesPeer);
    std::printf(
        "{\"name\":\"slip encode\",\"ours\":%.1f,\"unit\":\"us\",\"reference\":%.1f,"
        "\"referenceName\":\"%s\",\"ratio\":%.1f,\"budget\":\"1 ms; 10x npm\",\"met\":%s}\n",
        ours, reference, referenceName, ratio, met ? "true" : "false");
}

void slowest(const std::vector<printer::Model>& models, const std::string& language) {
    double most = 0;
    std::string which;
    for (const auto& model : models) {
        if (model.language != printer::Language::escPos) continue;
        const double us = medianUs(escpos::Encoder(model.profile), language);
        if (us <= most) continue;
        most = us;
        which = model.profile.id;
    }
    std::printf("{\"name\":\"slip encode, slowest model, %s\",\"ours\":%.1f,\"unit\":\"us\","
                "\"reference\":%.0f,\"referenceName\":\"1 ms (%s)\",\"ratio\":%.1f,"
                "\"budget\":\"1 ms\",\"met\":%s}\n",
                language.c_str(), most, kBudgetUs, which.c_str(), kBudgetUs / most,
                most <= kBudgetUs ? "true" : "false");
}

} // namespace

int main() {
    escpos::Profile profile;
    profile.codePages = {{16, escpos::CodePage::cp1252},
                         {17, escpos::CodePage::cp866},
                         {19, escpos::CodePage::cp858}};
    profile.processId = true;
    const escpos::Encoder encoder(profile);
    const double ours = medianUs(encoder, "ru");
    const std::string json = peers();
    if (json.empty()) {
        std::fprintf(stderr, "slip encode: no npm peers (run npm ci in tests/bench/peers)\n");
        row(ours, 0, "npm peers not installed");
    } else {
        row(ours, figure(json, "receipt-printer-encoder"),
            "npm @point-of-sale/receipt-printer-encoder 4.0.1");
        row(ours, figure(json, "receiptline"), "npm receiptline 4.0.4");
    }
    const auto models = printer::loadModels(std::string(kSourceDir) + "/firmware-config/profiles");
    if (!models) {
        std::fprintf(stderr, "slip encode: %s\n", models.error().text().c_str());
        return 1;
    }
    for (const char* language : {"nl", "ru", "zh", "he"}) slowest(*models, language);
    return 0;
}
