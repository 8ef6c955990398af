// rooms: drivers-emulator drivers-escpos
// Any bytes to the printer: the decoder accounts for every one; text, memory and how much is
// answered are the same in whatever pieces they come, and when they had to wait for paper; switched
// off and on it prints again. Nothing is drawn here: EscposDraw.cpp.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "drivers/emulator/VirtualPrinter.h"
#include "drivers/escpos/Decoder.h"
#include "drivers/escpos/Text.h"

namespace {

using namespace souffleur;
using Bytes = std::span<const std::uint8_t>;

const escpos::Profile& model() {
    static const escpos::Profile kModel = [] {
        escpos::Profile profile;
        profile.codePages = {{16, escpos::CodePage::cp1252}, {17, escpos::CodePage::cp866}};
        profile.processId = true;
        return profile;
    }();
    return kModel;
}

struct Outcome {
    std::vector<std::string> texts;
    std::string memory;
    std::uint64_t printed = 0;
    std::size_t answered = 0;
};

/// Bounded lines of UTF-8 without control characters.
void check(const std::string& text) {
    if (text.size() > 1024 * 1024) std::abort();
    for (const char c : text)
        if (static_cast<unsigned char>(c) < 0x20 && c != '\n') std::abort();
    // Invalid bytes come back as '?', and so do the signs for bytes that a code page lacks.
    const auto count = [](const std::string& all, std::string_view part) {
        std::size_t found = 0;
        for (auto at = all.find(part); at != std::string::npos; at = all.find(part, at + 1))
            ++found;
        return found;
    };
    const std::string clean = escpos::toUtf8(escpos::clean(text));
    if (count(clean, "?") != count(text, "?") + count(text, "\uFFFD")) std::abort();
}

Outcome print(Bytes bytes, std::size_t piece, const emulator::Faults& meanwhile) {
    emulator::VirtualPrinter printer(model(), {.pictures = emulator::Pictures::none});
    printer.setFaults(meanwhile);
    Outcome out;
    while (!bytes.empty()) {
        const std::size_t count = std::min(piece, bytes.size());
        printer.feed(bytes.first(count));
        out.answered += printer.reply().size();
        bytes = bytes.subspan(count);
    }
    printer.setFaults({});
    printer.tear();
    for (const emulator::Receipt& receipt : printer.receipts(false)) {
        check(receipt.text);
        out.texts.push_back(receipt.text);
    }
    out.memory = printer.memoryDump();
    out.printed = printer.printed();
    printer.powerCut();
    if (printer.memoryDump() != out.memory || printer.printed() != out.printed) std::abort();
    static constexpr std::uint8_t kNext[] = {'o', 'k', 0x0A, 0x1D, 'V', 0};
    printer.feed(kNext);
    if (printer.printed() != out.printed + 1) std::abort();
    if (printer.receipts(false).back().text != "ok\n") std::abort();
    return out;
}

void account(Bytes bytes) {
    std::uint64_t sum = 0;
    escpos::Decoder decoder([&](const escpos::Command& command) { sum += command.length; });
    decoder.feed(bytes);
    if (sum + decoder.pending() != bytes.size()) std::abort();
    decoder.finish();
    if (sum != bytes.size()) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes bytes(data, size);
    account(bytes);
    const Outcome whole = print(bytes, size, {});
    // The last byte says how else: the first ones would shift what stands in a file.
    const unsigned how = size > 0 ? data[size - 1] : 0;
    const bool waits = (how & 1U) != 0;
    const Outcome other = print(bytes, 1U + (how >> 1U) % 16U,
                                waits ? emulator::Faults{.paperOut = true} : emulator::Faults{});
    if (other.texts != whole.texts || other.memory != whole.memory ||
        other.printed != whole.printed)
        std::abort();
    // A printer without paper says so, and may say it once more.
    if (!waits && other.answered != whole.answered) std::abort();
    return 0;
}
