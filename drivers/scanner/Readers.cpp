#include <array>
#include <chrono>
#include <deque>

#include "drivers/scanner/CodeText.h"
#include "drivers/scanner/HidReport.h"
#include "drivers/scanner/Keyboard.h"
#include "drivers/scanner/Reader.h"
#include "drivers/scanner/Wedge.h"
#include "drivers/transport/UsbHid.h"

namespace souffleur::scanner {
namespace {

using Clock = std::chrono::steady_clock;

constexpr Milliseconds kLineSilence{150}; ///< a USB serial chip keeps bytes for 16 ms
constexpr Milliseconds kReportSilence{1000};

/// What is left of a deadline.
class Deadline {
public:
    explicit Deadline(Milliseconds timeout) : _end(Clock::now() + timeout) {}
    [[nodiscard]] Milliseconds left() const {
        const auto left = std::chrono::ceil<Milliseconds>(_end - Clock::now());
        return std::max(left, Milliseconds{0});
    }

private:
    Clock::time_point _end;
};

class LineReader final : public Reader {
public:
    LineReader(std::unique_ptr<transport::Transport> line, Counters& counters)
        : _line(std::move(line)), _counters(counters) {}

    Result<void> open(Milliseconds timeout) override { return _line->open(timeout); }

    Result<std::optional<Found>> next(Milliseconds timeout) override {
        const Deadline deadline(timeout);
        do {
            Found found;
            switch (_assembler.feed(_rest, found)) {
            case Assembler::End::code:
                return found;
            case Assembler::End::broken:
                ++_counters.broken;
                continue;
            case Assembler::End::none:
                break;
            }
            const bool midCode = !_assembler.empty();
            const auto wait = midCode ? kLineSilence : deadline.left();
            const auto got = _line->read(_buffer, wait);
            if (!got) {
                if (got.error().fault != Fault::cancelled) close();
                return tl::make_unexpected(got.error());
            }
            _rest = std::span<const std::uint8_t>(_buffer).first(*got);
            if (*got > 0 || !midCode) continue;
            const auto end = _assembler.silence(found);
            if (end == Assembler::End::code) return found;
            if (end == Assembler::End::broken) ++_counters.broken;
        } while (!_rest.empty() || deadline.left() > Milliseconds{0});
        return std::nullopt;
    }

    void close() noexcept override {
        _line->close();
        _rest = {};
        _assembler = {};
    }
    void cancel() noexcept override { _line->cancel(); }
    [[nodiscard]] std::string describe() const override { return _line->describe(); }
    [[nodiscard]] Source source() const noexcept override { return Source::line; }

private:
    std::unique_ptr<transport::Transport> _line;
    Counters& _counters;
    Assembler _assembler;
    std::array<std::uint8_t, 512> _buffer{};
    std::span<const std::uint8_t> _rest; ///< of the buffer, not looked at yet
};

class HidReader final : public Reader {
public:
    HidReader(transport::UsbAddress address, Counters& counters)
        : _line(std::move(address),
                [this](std::span<const std::uint8_t> descriptor) { return fits(descriptor); }),
          _counters(counters) {}

    Result<void> open(Milliseconds timeout) override { return _line.open(timeout); }

    Result<std::optional<Found>> next(Milliseconds timeout) override {
        const Deadline deadline(timeout);
        do {
            const auto wait = _begun ? kReportSilence : deadline.left();
            const auto got = _line.read(_report, wait);
            if (!got) {
                if (got.error().fault != Fault::cancelled) close();
                return tl::make_unexpected(got.error());
            }
            if (*got == 0) {
                if (std::exchange(_begun, false)) ++_counters.broken; // its end never came
                forget();
                continue;
            }
            const auto piece = _layout.decode(std::span<const std::uint8_t>(_report).first(*got));
            if (!piece) continue;
            if (auto found = take(*piece)) return found;
        } while (deadline.left() > Milliseconds{0});
        return std::nullopt;
    }

    void close() noexcept override {
        _line.close();
        forget();
    }
    void cancel() noexcept override { _line.cancel(); }
    [[nodiscard]] std::string describe() const override { return _line.describe(); }
    [[nodiscard]] Source source() const noexcept override { return Source::hidPos; }

private:
    /// A device with no word on its codes, but with the scanner's page, sends what all send.
    std::size_t fits(std::span<const std::uint8_t> descriptor) {
        auto layout = HidLayout::parse(descriptor);
        if (!layout && !namesScannerPage(descriptor)) return 0;
        _layout = layout ? std::move(*layout) : HidLayout::standard();
        return _layout.maxBytes();
    }

    static bool namesScannerPage(std::span<const std::uint8_t> descriptor) {
        constexpr std::uint8_t kUsagePage = 0x05;
        constexpr std::uint8_t kScanner = 0x8C;
        return descriptor.size() > 2 && descriptor[0] == kUsagePage && descriptor[1] == kScanner;
    }

    std::optional<Found> take(const HidPiece& piece) {
        _begun = piece.continued;
        if (_text.size() <= kCodeMaxBytes) _text += piece.data;
        if (!piece.symbology.empty()) _symbology = piece.symbology;
        if (piece.continued) return std::nullopt;
        if (_text.empty()) { // the trigger was let go
            forget();
            return std::nullopt;
        }
        auto found = cleanCode(_text);
        if (!found) ++_counters.broken;
        if (found && !_symbology.empty()) found->symbology = _symbology;
        forget();
        return found;
    }

    void forget() {
        _begun = false;
        _text.clear();
        _symbology.clear();
    }

    transport::UsbHid _line;
    Counters& _counters;
    HidLayout _layout = HidLayout::standard();
    std::array<std::uint8_t, kReportMaxBytes> _report{};
    bool _begun = false; ///< a code goes on in the next report
    std::string _text;
    std::string _symbology;
};

class KeyReader final : public Reader, private WedgeOut {
public:
    KeyReader(std::unique_ptr<Keyboard> keyboard, const Layout& layout, Ours ours,
              Counters& counters)
        : _keyboard(std::move(keyboard)), _counters(counters),
          _wedge(layout, std::move(ours), *this) {}
    ~KeyReader() override { close(); }

    Result<void> open(Milliseconds timeout) override { return _keyboard->open(timeout); }

    Result<std::optional<Found>> next(Milliseconds timeout) override {
        const Deadline deadline(timeout);
        do {
            if (!_found.empty()) {
                Found found = std::move(_found.front());
                _found.pop_front();
                return found;
            }
            const bool busy = _wedge.busy();
            const auto got = _keyboard->read(_events, busy ? kSilence : deadline.left());
            if (!got) {
                if (got.error().fault != Fault::cancelled) close();
                return tl::make_unexpected(got.error());
            }
            for (const KeyEvent& event : std::span(_events).first(*got)) _wedge.feed(event);
            if (*got == 0 && busy) _wedge.silence();
        } while (!_found.empty() || deadline.left() > Milliseconds{0});
        return std::nullopt;
    }

    void close() noexcept override {
        _wedge.lost();
        _keyboard->close();
    }
    void cancel() noexcept override { _keyboard->cancel(); }
    [[nodiscard]] std::string describe() const override { return _keyboard->describe(); }
    [[nodiscard]] Source source() const noexcept override { return Source::keyboard; }

private:
    void type(std::span<const KeyEvent> events) override { _keyboard->emit(events); }
    void found(Found code) override {
        if (_found.size() < kQueueMax) _found.push_back(std::move(code)); // 64 events hold few
    }
    void passed() override { ++_counters.passed; }
    void broken() override { ++_counters.broken; }

    std::unique_ptr<Keyboard> _keyboard;
    Counters& _counters;
    Wedge _wedge;
    std::array<KeyEvent, 64> _events{};
    std::deque<Found> _found;
};

} // namespace

std::unique_ptr<Reader> lineReader(std::unique_ptr<transport::Transport> line, Counters& counters) {
    return std::make_unique<LineReader>(std::move(line), counters);
}

Result<std::unique_ptr<Reader>> hidReader(std::string_view address, Counters& counters) {
    auto usb = transport::parseUsbAddress(address);
    if (!usb || !usb->id) {
        return tl::make_unexpected(Error{
            Fault::invalid, "a HID-POS scanner's address is hid://0c2e:0b61 (vendor and product in "
                            "four hex digits each), with ?serial= or ?port= where two are alike"});
    }
    return std::make_unique<HidReader>(std::move(*usb), counters);
}

std::unique_ptr<Reader> keyReader(std::unique_ptr<Keyboard> keyboard, const Layout& layout,
                                  Ours ours, Counters& counters) {
    return std::make_unique<KeyReader>(std::move(keyboard), layout, std::move(ours), counters);
}

} // namespace souffleur::scanner
