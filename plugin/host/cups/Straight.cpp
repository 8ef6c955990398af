#include <array>
#include <chrono>

#include "plugin/host/cups/Way.h"

namespace souffleur::cups {
namespace {

using transport::Milliseconds;
using Clock = std::chrono::steady_clock;

constexpr Milliseconds kOpen{3000};
constexpr Milliseconds kSlice{250};
constexpr Milliseconds kAnswers{500};
/// Of a printer that takes nothing more (paper out), once all is on its way.
constexpr Milliseconds kPatience{10 * 60 * 1000};
/// Of one that never stops talking, at once.
constexpr int kReadsMax = 8;

class Straight final : public Way {
public:
    Straight(std::unique_ptr<transport::Transport> line, Answers answers)
        : _line(std::move(line)), _answers(std::move(answers)) {}

    bool send(std::span<const std::uint8_t> bytes) override {
        while (!bytes.empty()) { // paper out lasts as long as it lasts; cupsd ends us on a cancel
            const auto written = _line->write(bytes, kSlice);
            _sent = _sent || written.count > 0;
            bytes = bytes.subspan(written.count);
            listen();
            if (written.error && written.error->fault != transport::Fault::timedOut) return false;
        }
        return true;
    }

    void listen() override {
        for (int i = 0; i < kReadsMax && hear(Milliseconds{0}); ++i) {
        }
    }

    int finish(bool whole) override {
        const auto patience = Clock::now() + kPatience;
        bool open = whole;
        while (open && !_line->drained() && Clock::now() < patience) open = hear(kSlice) || !_gone;
        if (!whole || !_line->drained()) return _sent ? kHold : kRetry;
        const auto until = Clock::now() + kAnswers;
        while (Clock::now() < until && !_gone) {
            if (!hear(kAnswers / 10) && !_line->canRead()) break;
        }
        _line->close();
        return kOk;
    }

private:
    /// Something came.
    bool hear(Milliseconds wait) {
        if (!_line->canRead()) return false;
        const auto got = _line->read(_buffer, wait);
        _gone = _gone || !got;
        if (!got || *got == 0) return false;
        _answers(std::span(_buffer).first(*got));
        return true;
    }

    std::unique_ptr<transport::Transport> _line;
    Answers _answers;
    std::array<std::uint8_t, 512> _buffer{};
    bool _sent = false;
    bool _gone = false;
};

} // namespace

std::unique_ptr<Way> straight(std::unique_ptr<transport::Transport> line, Answers answers) {
    if (!line->open(kOpen)) return nullptr;
    return std::make_unique<Straight>(std::move(line), std::move(answers));
}

} // namespace souffleur::cups
