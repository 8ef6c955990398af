// HID-POS scanners that a UsbBed plays, and ours at them. Header only.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "tests/integration/scanner/Ear.h"
#include "tests/integration/usb_printer/UsbBed.h"
#include "tests/support/ScannerReports.h"

namespace souffleur::test {

inline std::shared_ptr<PlayedPrinter> hidScanner(const std::string& serial = "S1") {
    auto device = std::make_shared<PlayedPrinter>();
    device->vendor = 0x0c2e;
    device->product = 0x0b61;
    device->serial = serial;
    device->reportDescriptor = kScannerDescriptor;
    return device;
}

/// A keyboard as any other: of the boot subclass, and usbhid's.
inline std::shared_ptr<PlayedPrinter> bootKeyboard() {
    auto device = std::make_shared<PlayedPrinter>();
    device->vendor = 0x05e0;
    device->product = 0x1200;
    device->interfaceClass = 3;
    device->reportDescriptor = kKeyboardDescriptor;
    return device;
}

inline std::unique_ptr<scanner::Scanner> started(const std::string& address, Ear& ear) {
    return std::move(scanner::Scanner::start(address, {}, ear).value());
}

} // namespace souffleur::test
