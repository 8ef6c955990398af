// A printer on a real socket, a folder for what is kept of it, and a clock that the test sets.
#pragma once

#include <Paths.h>
#include <fstream>
#include <functional>
#include <stdlib.h>
#include <unistd.h>

#include "drivers/emulator/Server.h"
#include "drivers/escpos/Picture.h"
#include "drivers/printer/ProfileFile.h"
#include "firmware-config/provision/Provisioner.h"
#include "tests/support/Property.h"
#include "tests/support/TemporaryFolder.h"

namespace souffleur::test {

using provision::Fault;
using Bytes = std::vector<std::uint8_t>;

inline const std::vector<printer::Model>& allModels() {
    static const auto kModels =
        printer::loadModels(std::filesystem::path(kSourceDir) / "firmware-config" / "profiles")
            .value();
    return kModels;
}

inline const printer::Model& model(const std::string& id) {
    return *provision::modelById(allModels(), id);
}

/// A striped picture, different for each `seed`.
inline escpos::Bitmap stripes(int width, int height, std::uint8_t seed) {
    escpos::Bitmap out;
    out.width = width;
    out.height = height;
    const auto bytes =
        static_cast<std::size_t>(out.stride()) * static_cast<std::size_t>(out.height);
    for (std::size_t i = 0; i < bytes; ++i)
        out.bits.push_back(static_cast<std::uint8_t>(i % 7 == 0 ? seed : 0xF0));
    return out;
}

inline void writeBytes(const std::filesystem::path& file, const Bytes& bytes) {
    std::ofstream(file, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
}

/// What a test throws to end this process' part in the middle.
struct PowerGone {};

inline constexpr std::int64_t kHourMs = std::int64_t{60} * 60 * 1000;
inline constexpr std::int64_t kNoon = 1'795'348'800'000; ///< some day's, UTC

/// Thousands of small files are synced here, which a disk is slow at: on memory where there is
/// some.
inline const bool kOnMemory = [] {
    return ::access("/dev/shm", W_OK) == 0 && ::setenv("TMPDIR", "/dev/shm", 0) == 0;
}();

class Bench {
public:
    explicit Bench(const std::string& id = "epson-tm-t88v")
        : printer(model(id).profile), server(printer, 0) {
        settings = folder.path() / "settings.toml";
    }

    /// What another host sends, after whoever was connected before; done when it returns.
    void say(Bytes bytes) const {
        bytes.insert(bytes.end(), {0x1D, 'I', 67});
        const auto line =
            transport::fromAddress("tcp://127.0.0.1:" + std::to_string(server.port())).value();
        REQUIRE(line->open(transport::Milliseconds{10'000}));
        REQUIRE_FALSE(line->write(bytes, transport::Milliseconds{10'000}).error);
        Bytes answer(100);
        REQUIRE(*line->read(answer, transport::Milliseconds{10'000}) > 0);
    }
    void family(char letter, const Bytes& data) const {
        Bytes bytes{0x1D, '(', static_cast<std::uint8_t>(letter),
                    static_cast<std::uint8_t>(data.size() & 0xFF),
                    static_cast<std::uint8_t>(data.size() >> 8)};
        bytes.insert(bytes.end(), data.begin(), data.end());
        say(bytes);
    }
    /// Some memory before anything of ours.
    void usedBefore() const {
        family('E', {1, 'I', 'N'});
        family('E', {3, 2, '0', '1', '0', '1', '0', '0', '1', '0'});
        family('E', {5, 5, 2, 0});
        family('E', {11, 1, '3', '8', '4', '0', '0'});
        family('E', {2, 'O', 'U', 'T'});
        say(provision::writePicture("ZZ", stripes(64, 10, 0x11))); // somebody else's
    }
    void logo(const std::string& name, std::uint8_t seed, int height = 40) const {
        writeBytes(folder.path() / name, escpos::pngOf(stripes(128, height, seed)).value());
    }
    void declare(const std::string& text) const { std::ofstream(settings) << text; }
    /// Every kind of setting.
    void declareAll() const {
        logo("one.png", 0xAA);
        logo("two.png", 0x55, 60);
        declare("schema = 1\nmodel = \"epson-tm-t88v\"\n[memory-switches]\n\"1-1\" = true\n"
                "\"2-7\" = false\n\"8-8\" = true\n[values]\nprint-density = 5\nprint-speed = 3\n"
                "[serial]\nbaud = 19200\nflow = \"xon\"\n[[logo]]\nkey = \"L1\"\nfile = "
                "\"one.png\"\n[[logo]]\nkey = \"L2\"\nfile = \"two.png\"\nalign = \"centre\"\n");
    }

    [[nodiscard]] provision::Settings read() const {
        auto found = provision::readSettings(settings, allModels());
        if (!found) FAIL(found.error().message);
        return *std::move(found);
    }
    /// `port`: of another door than its own.
    [[nodiscard]] provision::Provisioner make(std::uint16_t port = 0) {
        if (port == 0) port = server.port();
        provision::Provisioner::Options options;
        options.folder = kept();
        options.timing = timing;
        options.replaceUnknown = replaceUnknown;
        options.onStep = onStep;
        return {allModels(), "tcp://127.0.0.1:" + std::to_string(port), connect,
                [this] { return now; }, options};
    }
    provision::Result<provision::Report> apply() { return make().apply(read()); }
    provision::Result<provision::Report> plan() { return make().plan(read()); }
    [[nodiscard]] std::filesystem::path kept() const { return folder.path() / "kept"; }
    [[nodiscard]] std::size_t journals() const { return provision::openJournals(kept()).size(); }

    TemporaryFolder folder;
    std::filesystem::path settings;
    emulator::VirtualPrinter printer;
    emulator::PrinterServer server;
    std::int64_t now = kNoon;
    provision::Timing timing{5000, 5000, 5000, 5000, 0, 10000};
    bool replaceUnknown = false;
    std::function<void(const std::string&, bool)> onStep;
    provision::Provisioner::Connect connect = transport::fromAddress;
};

} // namespace souffleur::test
