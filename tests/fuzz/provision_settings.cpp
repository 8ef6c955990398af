// rooms: firmware-config-provision
// Any text as settings of a printer, as one of our own files, and any bytes as a printer's answers
// to our questions: refused in words, or what can be worked with.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "drivers/transport/Transport.h"
#include "firmware-config/provision/Codec.h"
#include "firmware-config/provision/Conversation.h"
#include "firmware-config/provision/Settings.h"

namespace {

using namespace souffleur;

/// Gives the bytes, a piece for each read, and then nothing.
class Echo final : public transport::Transport {
public:
    explicit Echo(std::string bytes) : _bytes(std::move(bytes)) {}
    transport::Result<void> open(transport::Milliseconds) override { return {}; }
    transport::Written write(std::span<const std::uint8_t> bytes,
                             transport::Milliseconds) override {
        return {bytes.size(), std::nullopt};
    }
    transport::Result<std::size_t> read(std::span<std::uint8_t> into,
                                        transport::Milliseconds) override {
        if (_at >= _bytes.size())
            return tl::make_unexpected(transport::Error{transport::Fault::gone, "over"});
        const auto length = static_cast<std::size_t>(static_cast<unsigned char>(_bytes[_at])) % 40;
        const auto count = std::min({into.size(), length + 1, _bytes.size() - _at});
        for (std::size_t i = 0; i < count; ++i)
            into[i] = static_cast<std::uint8_t>(_bytes[_at + i]);
        _at += count;
        return count;
    }
    void close() noexcept override {}
    void cancel() noexcept override {}
    [[nodiscard]] bool canRead() const noexcept override { return true; }
    [[nodiscard]] std::string describe() const override { return "fuzz"; }

private:
    std::string _bytes;
    std::size_t _at = 0;
};

template <typename T>
void told(const provision::Result<T>& result) {
    if (!result && result.error().message.empty()) std::abort();
}

void converse(const std::string& bytes) {
    provision::Conversation talk(std::make_unique<Echo>(bytes), {10, 10, 10, 10, 0, 10});
    if (!talk.open()) std::abort();
    told(talk.identify());
    told(talk.ready());
    const auto bits = talk.memorySwitch(1, 10);
    told(bits);
    if (bits && *bits && (*bits)->size() != 8) std::abort();
    const auto value = talk.value(5, 10);
    told(value);
    if (value && *value && (**value < 0 || **value > 65535)) std::abort();
    told(talk.serial(1, 10));
    told(talk.freeBytes(10));
    const auto keys = talk.keys();
    told(keys);
    for (const auto& key : keys.value_or(std::set<provision::Key>{})) {
        if (key.size() != 2) std::abort();
    }
    told(talk.enter());
}

const std::vector<printer::Model>& models() {
    static const auto kModels = [] {
        printer::Model model;
        model.profile.id = "any";
        model.serial = printer::SerialLine{};
        model.nv.graphics = printer::NvGraphics::gsL;
        model.memorySwitches.supported = true;
        model.memorySwitches.values = {{"print-density", 5}, {"code-page", 8}};
        return std::vector<printer::Model>{model};
    }();
    return kModels;
}

} // namespace

// fontconfig keeps its tables until the process ends.
extern "C" __attribute__((visibility("default"), used)) const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
    return "leak:libfontconfig\n";
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string text(data + 1, data + size);
    switch (data[0] % 4) {
    case 0: {
        const auto found =
            provision::parseSettings("schema = 1\nmodel = \"any\"\n" + text, "fuzz.toml", models());
        if (!found && found.error().message.empty()) std::abort();
        break;
    }
    case 1:
        if (const auto record = provision::recordFrom(text))
            if (!provision::recordFrom(provision::toJson(*record))) std::abort();
        break;
    case 2:
        if (const auto backup = provision::backupFrom(text))
            if (!provision::backupFrom(provision::toJson(*backup))) std::abort();
        break;
    default:
        converse(text);
        break;
    }
    return 0;
}
