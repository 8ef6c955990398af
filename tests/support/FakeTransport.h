// A line whose faults are scripted: what it takes, when it breaks, what it answers. Header only.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <functional>
#include <limits>
#include <mutex>
#include <optional>
#include <vector>

#include "drivers/transport/Transport.h"

namespace souffleur::test {

/// What the far end does; shared between the test and the transport that the printer owns.
/// Thread-safe.
class FakeLine {
public:
    using Bytes = std::vector<std::uint8_t>;

    // The script.
    bool refuseOpen = false;
    bool readable = true;
    bool shared = false;
    std::size_t breakAfter = std::numeric_limits<std::size_t>::max(); ///< bytes, then `fault`
    transport::Fault fault = transport::Fault::gone;
    /// Called with each written piece; what it returns comes back to the reader.
    std::function<Bytes(std::span<const std::uint8_t>)> answer;

    template <typename F>
    auto with(F change) {
        const std::scoped_lock lock(_mutex);
        return change(*this);
    }
    Bytes taken() {
        const std::scoped_lock lock(_mutex);
        return _taken;
    }
    int opened() {
        const std::scoped_lock lock(_mutex);
        return _opened;
    }

private:
    friend class FakeTransport;
    std::mutex _mutex;
    std::condition_variable _changed;
    Bytes _taken;
    std::deque<std::uint8_t> _back;
    int _opened = 0;
    bool _open = false;
    bool _cancelled = false;
};

class FakeTransport final : public transport::Transport {
public:
    explicit FakeTransport(std::shared_ptr<FakeLine> line) : _line(std::move(line)) {}

    transport::Result<void> open(transport::Milliseconds /*timeout*/) override {
        const std::scoped_lock lock(_line->_mutex);
        if (_line->refuseOpen) return tl::make_unexpected(error(transport::Fault::unreachable));
        if (!_line->_open) ++_line->_opened;
        _line->_open = true;
        return {};
    }

    transport::Written write(std::span<const std::uint8_t> bytes,
                             transport::Milliseconds /*timeout*/) override {
        const std::scoped_lock lock(_line->_mutex);
        const std::size_t count = std::min(bytes.size(), _line->breakAfter);
        if (_line->breakAfter != std::numeric_limits<std::size_t>::max())
            _line->breakAfter -= count;
        const auto piece = bytes.first(count);
        _line->_taken.insert(_line->_taken.end(), piece.begin(), piece.end());
        if (_line->answer) {
            for (const std::uint8_t byte : _line->answer(piece)) _line->_back.push_back(byte);
            _line->_changed.notify_all();
        }
        if (count < bytes.size()) return {count, error(_line->fault)};
        return {count, std::nullopt};
    }

    transport::Result<std::size_t> read(std::span<std::uint8_t> into,
                                        transport::Milliseconds timeout) override {
        std::unique_lock lock(_line->_mutex);
        _line->_changed.wait_for(lock, timeout,
                                 [&] { return _line->_cancelled || !_line->_back.empty(); });
        if (std::exchange(_line->_cancelled, false)) {
            return tl::make_unexpected(error(transport::Fault::cancelled));
        }
        const std::size_t count = std::min(into.size(), _line->_back.size());
        for (std::size_t i = 0; i < count; ++i) {
            into[i] = _line->_back.front();
            _line->_back.pop_front();
        }
        return count;
    }

    void close() noexcept override {
        const std::scoped_lock lock(_line->_mutex);
        _line->_open = false;
        _line->_back.clear();
    }

    void cancel() noexcept override {
        const std::scoped_lock lock(_line->_mutex);
        _line->_cancelled = true;
        _line->_changed.notify_all();
    }

    [[nodiscard]] bool canRead() const noexcept override { return _line->readable; }
    [[nodiscard]] bool shared() const noexcept override { return _line->shared; }
    [[nodiscard]] std::string describe() const override { return "a scripted line"; }

private:
    static transport::Error error(transport::Fault fault) { return {fault, "scripted"}; }
    std::shared_ptr<FakeLine> _line;
};

} // namespace souffleur::test
