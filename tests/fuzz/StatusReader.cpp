// rooms: drivers-escpos
// Any bytes from the printer, and true replies mixed among them: the reader never loses its place
// for good, and what is whole after a pause is heard.
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "drivers/escpos/Status.h"

namespace {

using namespace souffleur;
using Bytes = std::vector<std::uint8_t>;

/// Each byte is a step: a whole reply, one cut short, or the byte as it is.
Bytes mixed(std::span<const std::uint8_t> steps, escpos::StatusReader& reader) {
    static const Bytes kReplies[] = {{0x14, 0x00, 0x0C, 0x0F},
                                     {0x30, 0x40, 0x03, 0x0F},
                                     {0x12},
                                     {0x7E},
                                     {0x37, 0x22, 'A', 'B', '1', '3', 0},
                                     {0x5F, 'T', 'M', '-', 'T', '8', '8', 0},
                                     {0x37, 0x21, '0', '0', '1', '1', '0', '0', '1', '1', 0},
                                     {0x37, 0x27, '5', 0x1F, '1', '2', 0}};
    Bytes stream;
    for (const std::uint8_t step : steps) {
        const Bytes& reply = kReplies[step & 7U];
        if (step >= 0xC0) {
            stream.push_back(step);
            continue;
        }
        if ((step & 8U) != 0) reader.expectIdentity();
        if ((step & 16U) != 0) reader.expectSetting();
        if ((step & 32U) != 0) reader.expectTransmitted();
        const std::size_t count = step >= 0x80 ? reply.size() - 1 : reply.size();
        stream.insert(stream.end(), reply.begin(),
                      reply.begin() + static_cast<std::ptrdiff_t>(count));
    }
    return stream;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    bool done = false;
    std::size_t heard = 0;
    escpos::StatusReader reader([&](const escpos::StatusEvent& event) {
        ++heard;
        done = std::holds_alternative<escpos::ProcessDone>(event);
        if (const auto* identity = std::get_if<escpos::Identity>(&event)) {
            if (identity->text.size() > 80) std::abort();
        }
        if (const auto* setting = std::get_if<escpos::Setting>(&event)) {
            if (setting->text.size() > 96) std::abort();
        }
    });
    Bytes stream(data, data + size);
    if (size > 0 && (data[0] & 1) != 0) reader.expectIdentity();
    if (size > 0 && (data[0] & 2) != 0) reader.expectTransmitted();
    if (size > 0 && (data[0] & 4) != 0) reader.expectSetting();
    if (size > 0 && (data[0] & 8) != 0) stream = mixed({data + 1, size - 1}, reader);
    reader.feed(stream);
    if (heard > stream.size()) std::abort(); // nothing is made up
    const std::uint8_t end[] = {0xFF, 0xFF, 0xFF, 0x37, 0x22, '0', '0', '0', '7', 0};
    reader.feed(end);
    if (!done) std::abort();
    return 0;
}
