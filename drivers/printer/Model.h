// A printer model as firmware-config/profiles/*.toml describes it: what the encoder needs
// (escpos::Profile) and what finding, wiring and provisioning a device need besides.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "drivers/escpos/Profile.h"

namespace souffleur::printer {

/// What a device speaks. Only `escPos` can be printed on; the others are known in order to be
/// refused in words.
enum class Language { escPos, starGraphic, starLine };

/// Without a product: any device of that vendor, which alone is never enough to name a model.
struct UsbId {
    std::uint16_t vendor = 0;
    std::optional<std::uint16_t> product;
    bool operator==(const UsbId&) const = default;
};

/// How a device of this model shows itself.
struct Identity {
    std::vector<UsbId> usb;
    /// It may stand in USB's vendor class (255) instead of the printer class (7).
    bool usbVendorClass = false;
    /// Patterns of the IEEE 1284 device id; `*` stands for anything, case does not count.
    std::vector<std::string> deviceIds;
    std::string maker;              ///< the answer to `GS I 66`; empty = not known
    std::vector<std::string> names; ///< answers to `GS I 67`
};

struct Font {
    int columns = 0; ///< 0 = the model has no such font
    int width = 0;   ///< of a cell, dots
    int height = 0;
};

enum class Parity { none, odd, even };
enum class Flow { none, dtr, xonXoff };

/// The factory setting of the serial interface.
struct SerialLine {
    int baud = 9600;
    int dataBits = 8;
    Parity parity = Parity::none;
    Flow flow = Flow::dtr;
    bool operator==(const SerialLine&) const = default;
};

enum class NvGraphics {
    none, ///< or not known
    gsL,  ///< `GS ( L` fn 64 to 69, by key code
    fsQ,  ///< `FS q` / `FS p`: one write replaces all pictures and resets
};

/// Memory that survives power-off and wears out: about 100,000 writes (Epson, `GS ( L` fn 67).
struct NvMemory {
    NvGraphics graphics = NvGraphics::none;
    int graphicsBytes = 0;    ///< 0 = not known: ask with `GS ( L` fn 51
    int writesPerDayMax = 10; ///< what the maker advises
};

/// Settings that `GS ( E` reads (fn 4, 6) and writes (fn 3, 5) in the function setting mode.
struct MemorySwitches {
    bool supported = false;
    std::map<std::string, int> values; ///< name ("density") to its number in fn 5 and 6
};

struct Drawer {
    bool kick = false; ///< `ESC p`
    int onMs = 100;    ///< 2..510
    int offMs = 400;   ///< 2..510
};

struct Model {
    escpos::Profile profile; ///< what the encoder and the emulator use
    Language language = Language::escPos;
    std::string refusal; ///< why it cannot be printed on, and what to do; empty with `escPos`
    std::vector<std::string> sources;
    Identity identity;
    Font fontB;
    /// Sets that `ESC R` knows, in the order of their numbers from 0; the encoder uses set 0.
    std::vector<std::string> international;
    std::optional<SerialLine> serial; ///< absent: the model has none, or it is not known
    NvMemory nv;
    MemorySwitches memorySwitches;
    Drawer drawer;
};

/// What is known of a device that was found; leave empty what was not asked.
struct Seen {
    std::uint16_t usbVendor = 0;
    std::uint16_t usbProduct = 0;
    std::string deviceId{}; ///< IEEE 1284, as USB printers give it
    std::string product{};  ///< the USB product string
    std::string maker{};    ///< `GS I 66`
    std::string name{};     ///< `GS I 67`
};

/// The model that fits best: its own word (`GS I`) before the IEEE 1284 id, that before vendor and
/// product. Nothing when none fits, or when only the vendor does. Pointers into `models`.
[[nodiscard]] const Model* bestModel(const std::vector<Model>& models, const Seen& seen);

} // namespace souffleur::printer
