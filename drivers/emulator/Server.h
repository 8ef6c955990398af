// The virtual printer on the loopback: TCP as port 9100 has it, and a page that shows the paper
// coming out.
#pragma once

#include <cstdint>
#include <memory>

#include "drivers/emulator/VirtualPrinter.h"

namespace souffleur::emulator {

/// Listens on 127.0.0.1; port 0 takes a free one. One host at a time, as real printers do; others
/// wait. Throws Poco::Exception when the port is taken. Own thread; destruction stops it.
class PrinterServer {
public:
    PrinterServer(VirtualPrinter& printer, std::uint16_t port);
    ~PrinterServer();
    PrinterServer(const PrinterServer&) = delete;
    PrinterServer& operator=(const PrinterServer&) = delete;
    [[nodiscard]] std::uint16_t port() const;

private:
    struct Loop;
    std::unique_ptr<Loop> _loop;
};

/// The page at `http://127.0.0.1:port/`: receipts newest first, refreshed by itself, and switches
/// for the faults.
/// `/receipts.json`, `/receipts/N.png`, `/receipts/N.txt`, `POST /faults` (JSON body, header
/// `X-Emulator: 1`).
class PaperServer {
public:
    PaperServer(VirtualPrinter& printer, std::uint16_t port);
    ~PaperServer();
    PaperServer(const PaperServer&) = delete;
    PaperServer& operator=(const PaperServer&) = delete;
    [[nodiscard]] std::uint16_t port() const;

private:
    struct Loop;
    std::unique_ptr<Loop> _loop;
};

} // namespace souffleur::emulator
