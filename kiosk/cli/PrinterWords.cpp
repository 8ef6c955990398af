#include "kiosk/cli/PrinterWords.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace souffleur::cli {
namespace {

std::string nodeOf(const transport::UsbPrinter& printer) {
    std::array<char, 40> path{};
    (void) std::snprintf(path.data(), path.size(), "/dev/bus/usb/%03d/%03d", printer.bus,
                         printer.device);
    return path.data();
}

std::string profileWords(const transport::UsbPrinter& printer,
                         const std::vector<printer::Model>& models) {
    const auto* const best = printer::bestModel(
        models, {printer.id.vendor, printer.id.product, printer.deviceId.text(), {}, {}, {}});
    if (best == nullptr)
        return "not known by its USB data alone; the printer itself is asked when it is used";
    if (!best->refusal.empty()) return best->profile.id + ": " + best->refusal;
    return best->profile.id;
}

} // namespace

std::vector<transport::UsbId> listedIds(const std::vector<printer::Model>& models) {
    std::vector<transport::UsbId> ids;
    for (const auto& model : models) {
        for (const auto& id : model.identity.usb) {
            if (id.product) ids.push_back({id.vendor, *id.product});
        }
    }
    return ids;
}

std::string printerWords(const transport::UsbPrinter& printer,
                         const std::vector<printer::Model>& models) {
    const auto& says = printer.deviceId;
    std::string name = says.manufacturer;
    if (!says.model.empty()) name += (name.empty() ? "" : " ") + says.model;
    std::string out = printer.address().text() + "\n";
    out += "  maker and model:  " + (name.empty() ? std::string("not told") : name) + "\n";
    out += "  serial number:    " +
           (printer.serial.empty() ? std::string("not told") : printer.serial) + "\n";
    out += "  USB:              " + printer.id.text() + " at port " + printer.port +
           (printer.vendorClass ? ", vendor class" : ", printer class") +
           (printer.readable ? "" : ", answers nothing (one way)") + "\n";
    out += "  profile:          " + profileWords(printer, models) + "\n";
    out += "  this user:        ";
    if (printer.permitted) return out + "may open it\n";
    return out + "may not open " + nodeOf(printer) +
           ": copy firmware-config/udev/70-souffleur-printers.rules to /etc/udev/rules.d, run "
           "`udevadm control --reload`, add this user to the group lp, sign in anew and plug the "
           "printer in again\n";
}

std::string listTrouble(const std::vector<transport::UsbPrinter>& found) {
    const auto shut = std::count_if(found.begin(), found.end(),
                                    [](const auto& printer) { return !printer.permitted; });
    if (shut == 0) return {};
    return std::to_string(shut) + " of " + std::to_string(found.size()) +
           " printers cannot be opened by this user; what to install stands beside each";
}

const char* evidenceWords(printer::Evidence evidence) noexcept {
    switch (evidence) {
    case printer::Evidence::processId:
        return "the printer confirmed it";
    case printer::Evidence::status:
        return "the printer answered behind it";
    case printer::Evidence::written:
        return "every byte was taken (this line cannot say more)";
    case printer::Evidence::none:
        break;
    }
    return "without a sign from the printer";
}

escpos::Document testSlip(const std::string& device) {
    escpos::Document slip;
    slip.title("Souffleur").text(device).rule();
    slip.text("Een coördinaat, ’t café: € 5,00");
    slip.text("Català: què és això, l·l, Ç");
    slip.text("Español: ¿mañana? ¡sí!");
    slip.text("Русский: подъезд, ёлка");
    slip.text("Deutsch: Größe, Übermut");
    slip.text("Français: où, œuvre, garçon");
    slip.rule().qr("https://example.org/souffleur-test");
    return slip;
}

} // namespace souffleur::cli
