// A Document as ESC/POS bytes for one model.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/escpos/Document.h"
#include "drivers/escpos/Error.h"
#include "drivers/escpos/Profile.h"

namespace souffleur::escpos {

using Bytes = std::vector<std::uint8_t>;

/// Four printable characters (0x20..0x7E) that the printer sends back once everything before them
/// is on paper (`GS ( H` fn 48).
using ProcessId = std::array<char, 4>;

/// The n-th id; ascending n give ascending ids, wrapping after 44^4 (3.7 million). Its characters
/// are such that no byte of the reply looks like a status (Status.h).
ProcessId processId(std::uint32_t n) noexcept;
/// `GS ( H` fn 48: asks for the id back once everything before it is on paper.
[[nodiscard]] Bytes processIdRequest(const ProcessId& id);

/// `ESC p`: opens the cash drawer at connector pin 2 or 5 (another pin is 2). Milliseconds 2..510,
/// clamped; all three parameters are always sent, or the next two bytes would be eaten.
[[nodiscard]] Bytes drawerKick(int pin = 2, int onMs = 100, int offMs = 400);

/// One line of text as a picture (`GS v 0`) and nothing else: no reset, no mode, no code page, so
/// that it can stand at the beginning of a line in a job of somebody else's and leaves that as it
/// was. Errors: invalid (empty, a line feed, a model that prints pictures in strips only), tooLarge
/// (wider than the paper). Blocks for font loading on first use.
[[nodiscard]] Result<Bytes> pictureLine(const Profile& profile, std::string_view text,
                                        const std::string& language);

inline constexpr std::size_t kMaxDocumentBlocks = 500;
inline constexpr std::size_t kMaxDocumentTextBytes = 64 * 1024;
inline constexpr std::size_t kMaxQrBytes = 1000;
inline constexpr int kMaxImageRows = 2400;

class PageMap;

/// Turns documents into bytes. Every job starts from a known state (`ESC @`, `FS .`, `ESC R 0`,
/// `ESC t`) and ends with feed and cut. Text goes out in the model's code pages with the fewest
/// switches over the whole job, and no word changes page in its middle where that can be had; a
/// paragraph that holds a character which no page of the model carries, or right-to-left text, is
/// drawn as a picture (Pango). Control characters in texts are never sent, and no picture can hold
/// a real-time command (`DLE EOT`, `DLE ENQ`, `DLE DC4` are obeyed even inside image data: Epson
/// ESC/POS reference). Immutable after construction: any thread may use it. Cost: well under 1 ms
/// without pictures.
class Encoder {
public:
    /// Takes a profile that `validate` accepts; a bad one makes every `encode` answer `invalid`.
    explicit Encoder(Profile profile);

    /// Errors: invalid (a QR text with controls, a malformed bitmap, a bad profile), tooLarge (a
    /// bound above). `id` is appended as process-id request after the cut when the profile has it,
    /// else ignored.
    [[nodiscard]] Result<Bytes> encode(const Document& document,
                                       std::optional<ProcessId> id = std::nullopt) const;

    [[nodiscard]] const Profile& profile() const { return _profile; }

private:
    Profile _profile;
    std::shared_ptr<const PageMap> _pages;
};

} // namespace souffleur::escpos
