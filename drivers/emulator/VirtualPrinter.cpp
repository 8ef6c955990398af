#include "drivers/emulator/VirtualPrinter.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <utility>

#include "drivers/emulator/Memory.h"
#include "drivers/escpos/Decoder.h"

namespace souffleur::emulator {
namespace {

constexpr std::size_t kBuffer = 64 * 1024;
constexpr std::size_t kMaxReply = 64 * 1024; ///< an undrained host gets no more

void writeFile(const std::string& path, const char* bytes, std::size_t count) {
    const std::string part = path + ".part";
    {
        std::ofstream out(part, std::ios::binary | std::ios::trunc);
        out.write(bytes, static_cast<std::streamsize>(count));
    }
    (void) std::rename(part.c_str(), path.c_str());
}

std::uint8_t flag(bool on, unsigned bit) {
    return static_cast<std::uint8_t>(on ? bit : 0);
}

} // namespace

struct VirtualPrinter::State {
    escpos::Profile profile;
    Options options;
    Paper paper;
    Memory memory;
    escpos::Decoder decoder;
    escpos::RealTimeScanner scanner;
    Faults faults;
    std::deque<std::uint8_t> waiting; ///< bytes taken while it could not print
    std::vector<std::uint8_t> replies;
    std::deque<Receipt> receipts;
    std::uint64_t printed = 0;
    std::uint64_t received = 0;
    bool automatic = false;
    std::size_t clearing = 0; ///< bytes of the command that clears its buffers
    bool recovering = false;  ///< `DLE ENQ` 2 came, in an error
    mutable std::mutex mutex;
    mutable std::condition_variable changed;

    State(escpos::Profile model, Options chosen)
        : profile(std::move(model)), options(std::move(chosen)), paper(profile, options.pictures),
          memory(options.nvPictureBytes),
          decoder([this](const escpos::Command& command) { take(command); }) {}

    [[nodiscard]] bool stopped() const {
        return faults.paperOut || faults.coverOpen || faults.cutterJam;
    }

    void answer(std::initializer_list<int> bytes) {
        if (replies.size() + bytes.size() > kMaxReply) return;
        for (const int byte : bytes) replies.push_back(static_cast<std::uint8_t>(byte));
    }

    void answerText(std::string_view words) {
        answer({0x5F});
        for (const char c : words) answer({c});
        answer({0});
    }

    void sendAutomatic() {
        if (!automatic) return;
        const bool nearEnd = faults.paperNearEnd || faults.paperOut;
        answer({0x10 | flag(faults.drawerOpen, 0x04) | flag(stopped(), 0x08) |
                    flag(faults.coverOpen, 0x20),
                flag(faults.cutterJam, 0x08), flag(nearEnd, 0x03) | flag(faults.paperOut, 0x0C),
                0x0F});
    }

    /// `DLE DC4` 8, on models that confirm jobs: what was taken and not printed is gone, the half
    /// command in hand too, and the printer says so. True at its last byte.
    bool clears(std::uint8_t byte) {
        static constexpr std::array<std::uint8_t, 10> kClear = {0x10, 0x14, 8, 1, 3,
                                                                0x14, 1,    6, 2, 8};
        clearing = byte == kClear[clearing] ? clearing + 1 : byte == kClear[0] ? 1 : 0;
        if (clearing < kClear.size()) return false;
        clearing = 0;
        return profile.status && profile.processId;
    }

    void forgetTaken() {
        waiting.clear();
        decoder = escpos::Decoder([this](const escpos::Command& command) { take(command); });
    }

    void realTime(std::uint8_t command, std::uint8_t n) {
        if (!profile.status) return;
        if (command == 0x05 && n == 2 && faults.cutterJam) recovering = true;
        if (command != 0x04) return;
        const bool nearEnd = faults.paperNearEnd || faults.paperOut;
        switch (n) {
        case 1:
            answer({0x12 | flag(faults.drawerOpen, 0x04) | flag(stopped(), 0x08)});
            break;
        case 2:
            answer({0x12 | flag(faults.coverOpen, 0x04) | flag(faults.paperOut, 0x20) |
                    flag(faults.cutterJam, 0x40)});
            break;
        case 3:
            answer({0x12 | flag(faults.cutterJam, 0x08)});
            break;
        case 4:
            answer({0x12 | flag(nearEnd, 0x0C) | flag(faults.paperOut, 0x60)});
            break;
        default:
            break;
        }
    }

    void identify(std::uint8_t n) {
        if (faults.mute) return;
        switch (n) {
        case 65:
            answerText("EMU 1.0");
            break;
        case 66:
            answerText(profile.vendor);
            break;
        case 67:
            answerText(profile.model);
            break;
        case 68:
            answerText(options.serial);
            break;
        default:
            break;
        }
    }

    /// Requests that stand in the stream are answered in their turn, after what is before them.
    void request(const escpos::Command& command) {
        const auto bytes = command.bytes;
        if (bytes.size() < 3 || bytes[0] != 0x1D || !profile.status) return;
        switch (bytes[1]) {
        case 'a':
            automatic = bytes[2] != 0;
            sendAutomatic();
            break;
        case 'r':
            if (bytes[2] % 48 == 1) answer({flag(faults.paperNearEnd, 0x03)});
            break;
        case 'I':
            identify(bytes[2]);
            break;
        case '(':
            if (bytes[2] == 'H' && bytes.size() == 11 && bytes[5] == 48 && bytes[6] == 48 &&
                profile.processId) {
                answer({0x37, 0x22, bytes[7], bytes[8], bytes[9], bytes[10], 0x00});
            }
            remember(command);
            break;
        case '8':
            remember(command);
            break;
        default:
            break;
        }
    }

    /// Pictures and settings that survive power-off.
    void remember(const escpos::Command& command) {
        const auto data = command.data();
        if (command.bytes[2] == 'E') {
            if (const auto said = memory.setting(data)) answer(*said);
        } else if (command.bytes[2] == 'L') {
            const auto done = memory.pictures(data);
            answer(done.answer);
            if (done.print) print(*done.print, done.scaleX, done.scaleY);
        }
    }

    void answer(const std::vector<std::uint8_t>& bytes) {
        if (replies.size() + bytes.size() > kMaxReply) return;
        replies.insert(replies.end(), bytes.begin(), bytes.end());
    }

    /// A stored picture, as the command that prints the same.
    void print(const escpos::Bitmap& picture, int scaleX, int scaleY) {
        const auto low = [](int value) { return static_cast<std::uint8_t>(value & 0xFF); };
        const auto high = [](int value) { return static_cast<std::uint8_t>(value >> 8 & 0xFF); };
        std::vector<std::uint8_t> bytes{0x1D,
                                        'v',
                                        '0',
                                        static_cast<std::uint8_t>((scaleX - 1) + 2 * (scaleY - 1)),
                                        low(picture.stride()),
                                        high(picture.stride()),
                                        low(picture.height),
                                        high(picture.height)};
        bytes.insert(bytes.end(), picture.bits.begin(), picture.bits.end());
        escpos::Decoder([this](const escpos::Command& command) {
            paper.apply(command);
        }).feed(bytes);
    }

    void take(const escpos::Command& command) {
        if (memory.awaitsResponse()) {
            if (command.kind == escpos::Command::Kind::control)
                answer(memory.respond(command.bytes[0]));
            return;
        }
        if (memory.settingMode() && !command.is(0x1D, '(') && !command.is(0x1D, 'I')) return;
        paper.apply(command);
        if (command.is(0x1B, 'p') && !faults.drawerOpen) {
            faults.drawerOpen = true;
            sendAutomatic();
        }
        if (command.kind == escpos::Command::Kind::command) request(command);
        keep(paper.takeCut());
    }

    void keep(std::vector<Receipt> cut) {
        for (Receipt& receipt : cut) {
            save(receipt);
            receipts.push_back(std::move(receipt));
            if (receipts.size() > options.keepReceipts) receipts.pop_front();
            ++printed;
            changed.notify_all();
        }
    }

    void save(const Receipt& receipt) const {
        if (options.folder.empty()) return;
        std::array<char, 32> name{};
        (void) std::snprintf(name.data(), name.size(), "/%04llu",
                             static_cast<unsigned long long>(receipt.number));
        const std::string base = options.folder + name.data();
        // The picture first: who sees the text finds the picture beside it.
        if (options.pictures == Pictures::drawn) {
            writeFile(base + ".png", reinterpret_cast<const char*>(receipt.png.data()),
                      receipt.png.size());
        }
        writeFile(base + ".txt", receipt.text.data(), receipt.text.size());
    }

    void run() {
        if (stopped() || faults.hang || waiting.empty()) return;
        const std::vector<std::uint8_t> bytes(waiting.begin(), waiting.end());
        waiting.clear();
        decoder.feed(bytes);
    }
};

VirtualPrinter::VirtualPrinter(escpos::Profile profile)
    : VirtualPrinter(std::move(profile), Options()) {}

VirtualPrinter::VirtualPrinter(escpos::Profile profile, Options options)
    : _state(std::make_unique<State>(std::move(profile), std::move(options))) {}

VirtualPrinter::~VirtualPrinter() = default;

std::size_t VirtualPrinter::room() const {
    const std::scoped_lock lock(_state->mutex);
    return _state->faults.hang ? 0 : kBuffer - _state->waiting.size();
}

void VirtualPrinter::feed(std::span<const std::uint8_t> bytes) {
    const std::scoped_lock lock(_state->mutex);
    bytes = bytes.first(std::min(bytes.size(), kBuffer - _state->waiting.size()));
    _state->received += bytes.size();
    _state->scanner.feed(
        bytes, [this](std::uint8_t command, std::uint8_t n) { _state->realTime(command, n); });
    for (const std::uint8_t byte : bytes) {
        _state->waiting.push_back(byte);
        if (!_state->clears(byte)) continue;
        _state->forgetTaken();
        _state->answer({0x37, 0x25, 0x00});
    }
    if (std::exchange(_state->recovering, false)) _state->forgetTaken();
    _state->run();
}

std::vector<std::uint8_t> VirtualPrinter::reply() {
    const std::scoped_lock lock(_state->mutex);
    if (_state->faults.hang) return {};
    return std::exchange(_state->replies, {});
}

void VirtualPrinter::lineReset() {
    const std::scoped_lock lock(_state->mutex);
    _state->automatic = false;
    _state->replies.clear();
}

void VirtualPrinter::setFaults(const Faults& faults) {
    const std::scoped_lock lock(_state->mutex);
    if (_state->faults == faults) return;
    _state->faults = faults;
    _state->sendAutomatic();
    _state->run();
}

Faults VirtualPrinter::faults() const {
    const std::scoped_lock lock(_state->mutex);
    return _state->faults;
}

std::vector<Receipt> VirtualPrinter::receipts(bool pictures) const {
    const std::scoped_lock lock(_state->mutex);
    std::vector<Receipt> copies;
    copies.reserve(_state->receipts.size());
    for (const Receipt& one : _state->receipts) {
        copies.push_back({one.number, one.text, {}, one.widthPx, one.heightPx});
        if (pictures) copies.back().png = one.png;
    }
    return copies;
}

std::optional<Receipt> VirtualPrinter::receipt(std::uint64_t number) const {
    const std::scoped_lock lock(_state->mutex);
    for (const Receipt& receipt : _state->receipts) {
        if (receipt.number == number) return receipt;
    }
    return std::nullopt;
}

std::uint64_t VirtualPrinter::received() const {
    const std::scoped_lock lock(_state->mutex);
    return _state->received;
}

std::uint64_t VirtualPrinter::printed() const {
    const std::scoped_lock lock(_state->mutex);
    return _state->printed;
}

bool VirtualPrinter::waitForReceipts(std::uint64_t count, int timeoutMs) const {
    std::unique_lock lock(_state->mutex);
    return _state->changed.wait_for(lock, std::chrono::milliseconds(timeoutMs),
                                    [&] { return _state->printed >= count; });
}

std::uint64_t VirtualPrinter::memoryWrites() const {
    const std::scoped_lock lock(_state->mutex);
    return _state->memory.writes();
}

std::string VirtualPrinter::memoryDump() const {
    const std::scoped_lock lock(_state->mutex);
    return _state->memory.dump();
}

void VirtualPrinter::powerCut() {
    const std::scoped_lock lock(_state->mutex);
    State& state = *_state;
    state.waiting.clear();
    state.replies.clear();
    state.automatic = false;
    state.scanner = {};
    state.memory.powerCut();
    state.decoder =
        escpos::Decoder([&state](const escpos::Command& command) { state.take(command); });
    state.paper.powerCut();
    state.keep(state.paper.takeCut());
}

void VirtualPrinter::tear() {
    const std::scoped_lock lock(_state->mutex);
    _state->paper.tear();
    _state->keep(_state->paper.takeCut());
}

const escpos::Profile& VirtualPrinter::profile() const {
    return _state->profile;
}

} // namespace souffleur::emulator
