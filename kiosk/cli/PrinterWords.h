// What `souffleur printer …` says and prints. Pure. Inside the room only.
#pragma once

#include <string>
#include <vector>

#include "drivers/printer/Printer.h"
#include "drivers/transport/UsbTransport.h"

namespace souffleur::cli {

/// The numbers of the profiles: printers of USB's vendor class are known by these alone.
[[nodiscard]] std::vector<transport::UsbId> listedIds(const std::vector<printer::Model>& models);
/// One printer in a few lines: its address, names, profile, and whether this user may open it.
[[nodiscard]] std::string printerWords(const transport::UsbPrinter& printer,
                                       const std::vector<printer::Model>& models);
/// What is wrong with a list as a whole, in one line: printers that this user may not open. Else
/// empty.
[[nodiscard]] std::string listTrouble(const std::vector<transport::UsbPrinter>& found);
[[nodiscard]] const char* evidenceWords(printer::Evidence evidence) noexcept;
/// Letters of every till language, a rule and a code; nothing of anybody.
[[nodiscard]] escpos::Document testSlip(const std::string& device);

} // namespace souffleur::cli
