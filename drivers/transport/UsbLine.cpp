#include <array>
#include <libusb.h>
#include <utility>

#include "drivers/transport/Patience.h"
#include "drivers/transport/UsbBus.h"

namespace souffleur::transport {
namespace {

constexpr std::size_t kOutPiece = 16 * 1024; ///< what usbfs moves as one piece, too
constexpr std::size_t kInPiece = 1024;
constexpr std::size_t kMaxInbox = 4 * 1024; ///< a device that floods is not read beyond this
constexpr int kMaxStrikes = 3;

std::size_t wholePackets(std::size_t packet) {
    const std::size_t size = std::max<std::size_t>(packet, 1);
    return ((kInPiece + size - 1) / size) * size; // less than a packet could overflow
}

} // namespace

UsbLine::UsbLine(UsbBus& bus, UsbHandle handle, UsbCandidate candidate)
    : _bus(bus), _handle(std::move(handle)), _candidate(std::move(candidate)),
      _out(std::make_unique<UsbTransfer>(kOutPiece)) {
    const UsbInterface& face = _candidate.interface;
    if (face.in != 0) _in = std::make_unique<UsbTransfer>(wholePackets(face.inPacket));
    _bus.watch(_candidate.device.get());
}

tl::expected<std::unique_ptr<UsbLine>, Fault> UsbLine::open(UsbBus& bus, UsbHandle handle,
                                                            UsbCandidate candidate) {
    const UsbInterface face = candidate.interface;
    // Not supported means that there is no such driver to be detached.
    (void) libusb_set_auto_detach_kernel_driver(handle.get(), 1);
    const int claimed = libusb_claim_interface(handle.get(), face.number);
    if (claimed == LIBUSB_ERROR_BUSY) return tl::make_unexpected(Fault::busy);
    if (claimed == LIBUSB_ERROR_ACCESS) return tl::make_unexpected(Fault::denied);
    if (claimed != 0) return tl::make_unexpected(Fault::gone);
    if (face.alternates &&
        libusb_set_interface_alt_setting(handle.get(), face.number, face.alternate) != 0) {
        (void) libusb_release_interface(handle.get(), face.number);
        return tl::make_unexpected(Fault::gone);
    }
    std::unique_ptr<UsbLine> line(new UsbLine(bus, std::move(handle), std::move(candidate)));
    line->listen();
    return line;
}

UsbLine::~UsbLine() {
    _bus.watch(nullptr);
    bool back = _bus.recall(*_out);
    if (_in) back = _bus.recall(*_in) && back;
    // The kernel ends what it did not give back when the handle closes; only then may the buffers
    // go.
    if (back) (void) libusb_release_interface(_handle.get(), _candidate.interface.number);
    _handle.reset();
}

bool UsbLine::clearHalt(std::uint8_t endpoint) {
    return libusb_clear_halt(_handle.get(), endpoint) == 0;
}

/// Keeps one IN transfer under way while there is room for what it brings.
void UsbLine::listen() {
    if (!_in || _listening || _deaf || _inbox.size() >= kMaxInbox) return;
    const auto begun = _in->bulk(_handle.get(), _candidate.interface.in, _in->buffer().size());
    _listening = begun.has_value();
    if (!begun) _deaf = begun.error();
}

/// Takes what the IN transfer brought and starts the next one.
void UsbLine::gather() {
    if (!_in || !_listening || _in->inFlight()) return;
    _listening = false;
    const auto brought = _in->buffer().first(std::min(_in->count(), _in->buffer().size()));
    _inbox.insert(_inbox.end(), brought.begin(), brought.end());
    switch (_in->end()) {
    case UsbTransfer::End::completed:
        _quiet = brought.empty();
        _strikes = 0;
        break;
    case UsbTransfer::End::stalled:
    case UsbTransfer::End::overflowed:
        // Reading again loses nothing; a device that only ever halts is told so in the end.
        if (++_strikes > kMaxStrikes) _deaf = Fault::stalled;
        if (!clearHalt(_candidate.interface.in)) _deaf = Fault::gone;
        break;
    case UsbTransfer::End::recalled:
        break;
    case UsbTransfer::End::gone:
        _deaf = Fault::gone;
        break;
    }
    if (!_quiet) listen();
}

UsbLine::Sent UsbLine::sendPiece(std::span<const std::uint8_t> piece, Patience& patience) {
    const std::uint8_t endpoint = _candidate.interface.out;
    std::copy(piece.begin(), piece.end(), _out->buffer().begin());
    if (const auto begun = _out->bulk(_handle.get(), endpoint, piece.size()); !begun)
        return {0, begun.error()};
    while (_out->inFlight() && !_bus.watchedLeft() && patience.next()) {
        _bus.turn(patience.slice(), _out.get());
        gather(); // some devices take nothing more until their answers were heard
    }
    const bool left = _bus.watchedLeft();
    // Not given back: how much of it went out cannot be known, so all of it may have.
    if (!_bus.recall(*_out)) return {piece.size(), Fault::gone};
    const std::size_t count = _out->count();
    switch (_out->end()) {
    case UsbTransfer::End::completed:
        return {count, std::nullopt};
    case UsbTransfer::End::stalled:
        if (!clearHalt(endpoint)) return {count, Fault::gone};
        return {count, Fault::stalled};
    case UsbTransfer::End::recalled:
        return {count, left ? Fault::gone : patience.ended()};
    case UsbTransfer::End::overflowed:
    case UsbTransfer::End::gone:
        break;
    }
    // A packet may have arrived whose acknowledgement was lost with the cable: never "nothing went
    // out".
    return {std::max<std::size_t>(count, 1), Fault::gone};
}

UsbLine::Sent UsbLine::send(std::span<const std::uint8_t> bytes, Patience& patience) {
    _bus.turn(Milliseconds{0});
    gather();
    if (_bus.watchedLeft()) return {0, Fault::gone};
    std::size_t count = 0;
    bool retried = false;
    while (count < bytes.size()) {
        const auto piece = bytes.subspan(count, std::min(kOutPiece, bytes.size() - count));
        const Sent sent = sendPiece(piece, patience);
        count += sent.count;
        // A halt before our first byte was left by somebody else.
        const bool inherited =
            sent.fault == Fault::stalled && !_begun && sent.count == 0 && !retried;
        _begun = _begun || sent.count > 0;
        if (inherited) {
            retried = true;
            continue;
        }
        if (sent.fault) return {count, sent.fault};
        if (sent.count == 0) return {count, Fault::stalled};
    }
    return {count, std::nullopt};
}

tl::expected<std::size_t, Fault> UsbLine::receive(std::span<std::uint8_t> into,
                                                  Patience& patience) {
    if (!_in || into.empty()) return 0;
    constexpr Milliseconds kAfterEmpty{10}; // some printers answer "nothing" without a pause
    if (_inbox.empty()) gather();
    while (_inbox.empty() && !_deaf && !_bus.watchedLeft() && patience.next()) {
        if (std::exchange(_quiet, false)) {
            _bus.turn(std::min(kAfterEmpty, patience.slice()));
            listen();
        } else {
            _bus.turn(patience.slice(), _in.get());
        }
        gather();
    }
    if (!_inbox.empty()) {
        const std::size_t count = std::min(into.size(), _inbox.size());
        const auto end = _inbox.begin() + static_cast<std::ptrdiff_t>(count);
        std::copy(_inbox.begin(), end, into.begin());
        _inbox.erase(_inbox.begin(), end);
        listen();
        return count;
    }
    if (_bus.watchedLeft()) return tl::make_unexpected(Fault::gone);
    if (_deaf) return tl::make_unexpected(*_deaf);
    if (patience.ended() == Fault::cancelled) return tl::make_unexpected(Fault::cancelled);
    return 0;
}

tl::expected<std::uint8_t, Fault> UsbLine::portStatus(Patience& patience) {
    constexpr std::uint8_t kGetPortStatus = 0x01;
    constexpr std::uint8_t kClassIn = 0xA1;
    const auto answer = _bus.ask(_handle.get(), kClassIn, kGetPortStatus, 0,
                                 _candidate.interface.number, 1, patience);
    if (!answer) return tl::make_unexpected(answer.error());
    if (answer->empty()) return tl::make_unexpected(Fault::stalled);
    return answer->front();
}

} // namespace souffleur::transport
