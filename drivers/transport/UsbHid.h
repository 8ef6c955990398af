// A USB device of the HID class, read report by report through libusb: for scanners in HID-POS
// mode, which no driver of the kernel makes into anything useful.
#pragma once

#include <atomic>
#include <functional>
#include <vector>

#include "drivers/transport/UsbTransport.h"

namespace souffleur::transport {

inline constexpr std::size_t kMaxReportDescriptor = 4096; ///< HID 1.11 knows no bound of its own
inline constexpr std::size_t kMaxReport = 4096;           ///< bytes

/// One device, named by its numbers. Each read gives one report, with its id where the device
/// numbers them; what does not fit into the buffer is cut. Nothing is ever written.
///
/// The interface is taken from the kernel's usbhid and given back at close. A keyboard's interface
/// (boot subclass) is never touched. Reports are taken one at a time: a device that floods waits.
/// After a replug it is found again at any port; twins need `?serial=` or `?port=`.
///
/// Faults of open: as UsbTransport's, and invalid when the device has no interface that fits.
/// Threads: as Transport.
class UsbHid final : public Transport {
public:
    /// Judges a report descriptor: the size of the longest input report in bytes, its id included;
    /// 0 when this is not the interface. Called inside open.
    using Fits = std::function<std::size_t(std::span<const std::uint8_t> reportDescriptor)>;

    UsbHid(UsbAddress address, Fits fits);
    ~UsbHid() override;

    [[nodiscard]] Result<void> open(Milliseconds timeout) override;
    /// Fault invalid.
    [[nodiscard]] Written write(std::span<const std::uint8_t> bytes, Milliseconds timeout) override;
    [[nodiscard]] Result<std::size_t> read(std::span<std::uint8_t> into,
                                           Milliseconds timeout) override;
    void close() noexcept override;
    void cancel() noexcept override;
    [[nodiscard]] bool canRead() const noexcept override { return true; }
    [[nodiscard]] std::string describe() const override;

private:
    class Line;
    struct Search;
    [[nodiscard]] Error error(Fault fault, const std::string& words) const;
    [[nodiscard]] Error denied(const UsbPrinter& device) const;

    UsbAddress _address;
    Fits _fits;
    std::unique_ptr<UsbBus> _bus; ///< made by the first open, kept for hot-plug
    std::unique_ptr<Line> _line;  ///< null when closed
    std::atomic<bool> _cancelled{false};
};

} // namespace souffleur::transport
