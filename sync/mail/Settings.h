// How a house sends mail: one TOML file (setup.md).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "plugin/base/Clock.h"
#include "plugin/base/Result.h"

namespace souffleur::mail {

enum class Security : std::uint8_t {
    startTls,
    tls,  ///< from the first byte
    none, ///< to this machine itself only, unless allowed
};

struct Settings {
    enum class Way : std::uint8_t { smtp, maildir };
    Way way = Way::smtp;
    std::string from;      ///< canonical address of the sender
    std::string publicUrl; ///< where customers reach the hub's public door, without "/" at its end
    std::string host;
    std::uint16_t port = 0; ///< 587, or 465 with tls
    Security security = Security::startTls;
    std::string user;                   ///< empty: no login
    std::filesystem::path passwordFile; ///< 0600
    std::filesystem::path caFile;       ///< whose certificates are trusted
    std::filesystem::path folder;       ///< of a maildir
    // How long a server may take (RFC 5321 4.5.3.2): one that is slow is no broken one.
    int timeoutMs = 300'000;         ///< for each answer before the message, all of them twice that
    int dataMs = 120'000;            ///< to say that the message may begin
    int blockMs = 180'000;           ///< to take a part of it
    int endMs = 600'000;             ///< to take all of it; and then to say that it has it
    TimeMs settleMs = 5 * kMinuteMs; ///< an answer may be taken back for so long
    int kioskPerHour = 30;
    int kioskPerDay = 200;
};

/// No conversation with the server takes longer.
TimeMs longestMs(const Settings& settings);

inline constexpr std::size_t kSettingsMaxBytes = 16 * 1024;

/// Paths in it are relative to `folder`. Errors: invalid; `where` is "mail.toml:3: port".
Result<Settings> parseSettings(std::string_view toml, std::string_view fileName,
                               const std::filesystem::path& folder = {});
/// A 0600 file. Errors: also notFound, refused, tooLarge.
Result<Settings> readSettings(const std::filesystem::path& file);

} // namespace souffleur::mail
